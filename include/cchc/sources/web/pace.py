"""How often a server is asked: one queue for all sources of a host, whichever thread or process reads them.

The queue is one number in a file under a lock: when the next request may leave. Every task of Airflow is a process of
its own, so a limit in memory would be one per source. On several machines each has its own queue.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from cchc.catalogue.models import Host
from cchc.settings import settings


@dataclass(frozen=True)
class Pace:
    """A host's rate and the file that its requests queue in; without a rate nobody waits."""

    per_second: float | None = None
    file: Path | None = None
    longest: float = 600  # seconds that a pull may last: what is due later was written by another clock

    def turn(self, longest: float) -> float | None:
        """Take the next place in the queue and return the seconds until it is due.

        None, and no place is taken, where that would be later than in `longest` seconds.
        """
        if self.per_second is None or self.file is None:
            return 0.0
        step = 1 / self.per_second
        self.file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            now = time.time()
            held = os.pread(descriptor, 8, 0)
            due = struct.unpack("d", held)[0] if len(held) == 8 else 0.0
            if not now < due <= now + self.longest + step:
                due = now
            if due - now >= longest:
                return None
            os.pwrite(descriptor, struct.pack("d", due + step), 0)
            return float(due - now)
        finally:
            os.close(descriptor)


def pace_of(host: Host) -> Pace:
    """Return the pace of a host, kept below `CCHC_HOME`."""
    return Pace(host.per_second, settings().home / "pace" / host.code, host.total_seconds)
