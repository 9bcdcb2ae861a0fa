"""A real HTTP server on a socket that can be told exactly which bytes to send, and when."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from cchc.sources.web.addresses import Reach, server_of
from cchc.sources.web.session import Limits, Terms

Send = Callable[[bytes], None]


def on_loopback(url: str, limits: Limits) -> Terms:
    """Return the terms on which a server of this machine is read."""
    server = server_of(url)
    return Terms(limits, Reach(frozenset({server} if server else ()), private=True))


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    number: int  # from 1, in order of arrival


@dataclass
class Tiny:
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)


def reply(body: object, status: str = "200 OK", *headers: str) -> bytes:
    """Return a whole HTTP answer; a body that is no bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", "Connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def _read(connection: socket.socket, number: int) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    method, target, _ = first.split(" ")
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query)), headers, body, number)


def _encrypted(plain: socket.socket, tls: ssl.SSLContext) -> socket.socket:
    """Return the socket after its handshake; a client that is refused hears why before the connection closes."""
    connection = tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
    try:
        connection.do_handshake()
    except ssl.SSLError:
        with connection:
            while socket.socket.recv(connection, 65536):
                pass
        raise
    return connection


@contextmanager
def serving(
    respond: Callable[[Request, Send, threading.Event], None], tls: ssl.SSLContext | None = None
) -> Iterator[Tiny]:
    """Serve each connection by `respond(request, send, stopping)`, over TLS where a context is given.

    The connection closes when it returns.
    """
    tiny = Tiny()
    lock = threading.Lock()
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tiny.url = f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"

        def one(plain: socket.socket) -> None:
            with suppress(OSError), plain:
                plain.settimeout(5)
                with _encrypted(plain, tls) if tls else plain as connection:
                    talk(connection)

        def talk(connection: socket.socket) -> None:
            with suppress(OSError):
                with lock:
                    number = len(tiny.requests) + 1
                    request = _read(connection, number)
                    if request is not None:
                        tiny.requests.append(request)
                if request is not None:
                    respond(request, connection.sendall, tiny.stopping)

        def accept() -> None:
            with suppress(OSError):  # shut below
                while True:
                    connection, _ = listener.accept()
                    threads.append(threading.Thread(target=one, args=(connection,)))
                    threads[-1].start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield tiny
        finally:
            tiny.stopping.set()
            listener.shutdown(socket.SHUT_RDWR)
            for thread in [acceptor, *threads]:
                thread.join(5)


@contextmanager
def answering(answer: Callable[[Request], bytes], tls: ssl.SSLContext | None = None) -> Iterator[Tiny]:
    """Serve each request with the bytes of `answer`."""
    with serving(lambda request, send, _stop: send(answer(request)), tls) as tiny:
        yield tiny
