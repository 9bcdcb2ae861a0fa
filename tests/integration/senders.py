"""Three senders that run as processes to be killed: the product's, and two customary designs as controls.

`python -m integration.senders` imports once and forks a process per order (a JSON line on stdin). It answers with the
lines ``pid N`` and ``exit CODE``; the process itself says ``started`` before its first statement.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from sqlalchemy import make_url, text

from cchc.alerting import chat, outbox, transport
from cchc.settings import Smtp
from cchc.warehouse.engine import connect


def _dying(step: str, times: int) -> Callable[[str], None]:
    """Return a listener that ends this process without any farewell the `times`-th time it hears a step."""
    left = times

    def on_step(name: str) -> None:
        nonlocal left
        left -= name == step
        if step and left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return on_step


def product(dsn: str, port: int, hook: str, step: str, times: int) -> None:
    """Send by `outbox.send`."""
    outbox.send(connect(make_url(dsn)), _smtp(port), {"HOOK": hook}, _dying(step, times))


def mark_then_send(dsn: str, port: int, hook: str, step: str, times: int) -> None:
    """Control: write down that a message is sent, then send it (at most once)."""
    on_step = _dying(step, times)
    engine = connect(make_url(dsn))
    while True:
        with engine.begin() as connection:
            row = connection.execute(
                text(
                    "update ops.outbox set state = 'sent', sent_at = now() where message_no = (select message_no from"
                    " ops.outbox where state <> 'sent' order by message_no limit 1) returning *"
                )
            ).one_or_none()
        if row is None:
            return
        on_step("claimed")
        way = outbox.way(row.channel, _smtp(port), {"HOOK": hook})
        way.open()
        way.hand_over(outbox._letter(row))
        way.close()
        on_step("handed over")


def new_ids(dsn: str, port: int, hook: str, step: str, times: int) -> None:
    """Control: the product, but every try is a message of its own."""
    transport.key = lambda *_: uuid4().hex
    product(dsn, port, hook, step, times)


def _smtp(port: int) -> Smtp:
    return Smtp(host="127.0.0.1", port=port, sender="cchc@tinh.test")


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # in one piece: parent and child share the pipe


def main() -> None:
    """Fork a sender per order until stdin ends."""
    chat._plugin("json://localhost")  # Apprise is imported once, for all of them
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _say("started")
            globals()[order.pop("sender")](**order)
            os._exit(0)
        _say(f"pid {pid}")
        _, status = os.waitpid(pid, 0)
        _say(f"exit {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
