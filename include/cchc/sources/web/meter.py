"""What each source of this process waits for and has got, so that a pull that is stuck is told from one at work."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_HEAD = 65_536  # what the beginning of an answer counts: a system that answers is not stuck


class Meter:
    """Bytes and open requests by source; safe to use from every thread."""

    def __init__(self) -> None:
        self._bytes: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def request(self, source: str) -> Iterator[None]:
        """Count a request for as long as it is open."""
        with self._lock:
            self._open[source] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[source] -= 1

    def add(self, source: str, size: int) -> None:
        """Count bytes that a source sent."""
        with self._lock:
            self._bytes[source] += size

    def answered(self, source: str) -> None:
        """Count an answer that began."""
        self.add(source, _HEAD)

    def of(self, source: str) -> tuple[bool, int]:
        """Return whether a source is being asked just now, and what it has sent since it was last forgotten."""
        with self._lock:
            return self._open[source] > 0, self._bytes[source]

    def forget(self, source: str) -> None:
        """Begin again at nothing."""
        with self._lock:
            self._bytes.pop(source, None)
            self._open.pop(source, None)


METER = Meter()
