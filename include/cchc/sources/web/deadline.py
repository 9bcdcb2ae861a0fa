"""A socket watch: when a pull's time is over its sockets are shut, so no server can hold the night.

Timeouts of single reads are not enough: a server that sends a byte now and then keeps every one of them happy.
"""

from __future__ import annotations

import socket
import threading
import time
import weakref
from contextlib import suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


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
        """Shut `sock` when time is over."""
        with self._lock:
            self._sockets.add(sock)

    def cancel(self) -> None:
        """Stop watching."""
        self._timer.cancel()

    def _shut(self) -> None:
        with self._lock:
            for sock in list(self._sockets):
                with suppress(OSError):  # closed by the other side meanwhile
                    sock.shutdown(socket.SHUT_RDWR)


class WatchedAdapter(HTTPAdapter):
    """A requests adapter whose sockets a deadline can shut."""

    def __init__(self, deadline: Deadline, connections: int) -> None:
        self._deadline = deadline
        super().__init__(pool_connections=2, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool with connections that report their sockets."""
        super().init_poolmanager(*args, **kwargs)
        deadline = self._deadline

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                if self.sock is not None:
                    deadline.watch(self.sock)

        class Secure(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                if self.sock is not None:
                    deadline.watch(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
