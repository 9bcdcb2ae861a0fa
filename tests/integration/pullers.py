"""A process that pulls and kills itself on the way: `python -m integration.pullers`, orders as in `loaders`."""

from __future__ import annotations

import json
import os
import signal
import sys
from uuid import UUID

from sqlalchemy import Connection

from cchc import night
from cchc.warehouse.attempts import Attempt

#: where it may die, in their order: the lock is held and what was written not yet committed, up to the last
STEPS = ("manifest", "staging", "outcome", "ended")


def pull(run_id: str, source_code: str, step: str) -> None:
    """Pull as a task does and die at `step`."""
    really_hold, holds = Attempt.hold, iter(STEPS)

    def hold(attempt: Attempt, connection: Connection) -> None:
        really_hold(attempt, connection)
        if next(holds) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(Attempt, "hold", hold)  # noqa: B010  a method is replaced
    night.pull_source(UUID(run_id), source_code)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Fork a process per order until stdin ends."""
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            pull(**order)
        print(f"pid {pid}", flush=True)
        _, status = os.waitpid(pid, 0)
        print(f"exit {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
