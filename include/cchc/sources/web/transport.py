"""The way to a server: a declared one, by an address that was checked, on a socket that a deadline can shut."""

from __future__ import annotations

import socket
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from cchc.sources.web.addresses import Address, Forbidden, Reach, check, resolve
from cchc.sources.web.deadline import Deadline


class Undeclared(Forbidden):
    """The server is none that the connection may be used for."""


class Unresolved(Exception):
    """The server's name has no address, or none was told in time; the text says which."""


class Road:
    """Connects one pull; each name is resolved once and stays the address that was checked."""

    def __init__(self, reach: Reach, deadline: Deadline) -> None:
        self._reach = reach
        self._deadline = deadline
        self._addresses: dict[str, list[Address]] = {}

    def connect(self, scheme: str, name: str, port: int, seconds: float) -> socket.socket:
        """Return a watched socket to a server.

        Raises `Forbidden`, `Unresolved`, `TimeoutError` after `seconds` or at the pull's end, or another `OSError`.
        """
        if (scheme, name.lower().rstrip("."), port) not in self._reach.servers:
            raise Undeclared
        end = time.monotonic() + min(seconds, self._deadline.left)
        failed: OSError = TimeoutError()
        for address in self._checked(name, port, end - time.monotonic()):
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            family = socket.AF_INET if address.version == 4 else socket.AF_INET6
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._deadline.watch(sock)
                sock.settimeout(left)
                sock.connect((str(address), port))
                sock.settimeout(
                    max(0.001, end - time.monotonic())
                )  # what is left, for the whole TLS handshake
            except OSError as error:
                sock.close()
                failed = error
            else:
                return sock
        raise failed

    def watch(self, sock: socket.socket) -> None:
        """Watch a socket that TLS was put around."""
        self._deadline.watch(sock)

    def _checked(self, name: str, port: int, seconds: float) -> list[Address]:
        if name not in self._addresses:
            try:
                found = resolve(name, port, seconds)
            except OSError as error:
                late = isinstance(error, TimeoutError)
                raise Unresolved("was not told in time" if late else "is not known") from None
            check(found, private=self._reach.private)
            self._addresses[name] = found
        return self._addresses[name]


class RoadAdapter(HTTPAdapter):
    """A requests adapter whose connections take a road."""

    def __init__(self, road: Road, connections: int) -> None:
        self._road = road
        super().__init__(pool_connections=2, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool with connections that take the road."""
        super().init_poolmanager(*args, **kwargs)
        road = self._road

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _taken(road, "http", self)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _taken(road, "https", self)

            def connect(self) -> None:
                try:
                    super().connect()
                except TimeoutError as error:
                    raise ConnectTimeoutError(self, "the handshake") from error
                if isinstance(self.sock, socket.socket):
                    road.watch(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


def _taken(road: Road, scheme: str, connection: HTTPConnection) -> socket.socket:
    """Return the road's socket for a connection, its errors as urllib3 names them."""
    seconds = connection.timeout if isinstance(connection.timeout, int | float) else 60.0
    try:
        return road.connect(scheme, connection._dns_host, connection.port or 0, seconds)
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, "the connection") from error
    except OSError as error:
        raise NewConnectionError(connection, "the connection") from error
