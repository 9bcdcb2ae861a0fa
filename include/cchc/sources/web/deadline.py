"""A socket watch: when a pull's time is over its sockets are shut, so no server can hold the night.

Timeouts of single reads are not enough: a server that sends a byte now and then keeps every one of them happy.
"""

from __future__ import annotations

import socket
import threading
import time
import weakref
from contextlib import suppress


class Deadline:
    """The end of one pull's time, which runs from the first call of `start`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end: float | None = None
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def start(self) -> None:
        """Let the time run; further calls change nothing."""
        with self._lock:
            if self._end is None:
                self._end = time.monotonic() + self._seconds
                self._timer.start()

    @property
    def left(self) -> float:
        """Seconds left, never below 0."""
        return self._seconds if self._end is None else max(0.0, self._end - time.monotonic())

    def watch(self, sock: socket.socket) -> None:
        """Shut `sock` when time is over; at once, where it is."""
        with self._lock:
            self._sockets.add(sock)
        if not self.left:
            self._shut()

    def cancel(self) -> None:
        """Stop watching."""
        self._timer.cancel()

    def _shut(self) -> None:
        with self._lock:
            for sock in list(self._sockets):
                with suppress(OSError):  # closed by the other side meanwhile
                    # the socket's own, also of a TLS one: that would go on in plain text
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
