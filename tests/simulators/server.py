"""The HTTP server under every simulated system: HTTP/1.1, kept alive, a thread per connection, faults on the wire."""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import socket
import struct
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from simulators.faults import Fault, FaultKind, Faults
from simulators.spoil import LOGIN_PAGE

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    form: Mapping[str, str]
    body: bytes = b""

    def basic(self) -> tuple[str, str] | None:
        """Return login and password of HTTP Basic, or None."""
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        with contextlib.suppress(ValueError):
            login, _, password = base64.b64decode(encoded).decode().partition(":")
            return login, password
        return None


@dataclass(frozen=True)
class Response:
    """What is answered."""

    body: bytes
    status: int = 200
    content_type: str = "application/json;charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(value: Any, status: int = 200, **headers: str) -> Response:
    """Return a JSON answer; header names are written with _ for -."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(body, status, headers={name.replace("_", "-"): text for name, text in headers.items()})


class Application(Protocol):
    """A system behind the server."""

    login: str
    password: str

    def source_of(self, request: Request) -> str | None:
        """Return which source's data are asked for, or None."""

    def page_of(self, request: Request) -> int:
        """Return which page is asked for, from 1."""

    def respond(self, request: Request, fault: Fault | None) -> Response:
        """Answer, under faults of the content."""


class Control(Protocol):
    """What `/_control` may do to the whole province."""

    def misbehave(self, source: str, kind: FaultKind, value: object = "") -> None:
        """Let a source misbehave."""

    def behave(self, source: str | None = None) -> None:
        """Let a source, or every source, behave again."""

    def move_to(self, day: date) -> None:
        """Let the systems' today be another day."""


class Server(ThreadingHTTPServer):
    """One system on a port of the loopback; use as a context manager."""

    request_queue_size = 128
    daemon_threads = False  # joined when it closes: no socket is left open

    def __init__(self, application: Application, faults: Faults, port: int = 0) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.application = application
        self.faults = faults
        self.control: Control | None = None
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name=type(application).__name__
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """The address without credentials."""
        return f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        with self._guard:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    server: Server

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, *_: Any) -> None:
        """Say nothing: a night makes thousands of requests."""

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        form = parse_qs(body.decode("latin-1")) if body else {}
        return Request(
            method=self.command,
            path=parts.path,
            query={name: values[-1] for name, values in parse_qs(parts.query).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            form={name: values[-1] for name, values in form.items()},
            body=body,
        )

    def _handle(self) -> None:
        request = self._request()
        if request.path == "/_control":
            self._send(_control(request, self.server))
            return
        application = self.server.application
        source = application.source_of(request)
        fault = self.server.faults.of(source)
        early = self._refused(fault, source, application.page_of(request)) if fault and source else None
        if early is not None:
            self._send(early)
        elif fault is None or not self._left_alone(fault):
            self._send_under(fault, application.respond(request, fault))

    def _refused(self, fault: Fault, source: str, page: int) -> Response | None:
        """Return what is answered in place of data, or None."""
        if fault.kind == "html_200":
            return Response(LOGIN_PAGE.encode(), content_type="text/html;charset=utf-8")
        if fault.kind == "http_500" and fault.number(0) in (0, page):
            return Response(b"<h1>500 Internal Server Error</h1>", 500, "text/html")
        if fault.kind == "http_429" and self.server.faults.use(source) < fault.number(2):
            return answer({"message": "Too Many Requests"}, 429, Retry_After="1")
        return None

    def _left_alone(self, fault: Fault) -> bool:
        """Close or keep the connection without an answer; return whether that was the fault."""
        if fault.kind == "hang":
            self.server.closing.wait(fault.number(3600))
        elif fault.kind != "refuse":
            return False
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)  # reset: the client learns at once that nobody is there
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return True

    def _send_under(self, fault: Fault | None, response: Response) -> None:
        kind = fault.kind if fault else ""
        if fault is not None and kind == "slow":
            self.server.closing.wait(fault.number(0.3))
        if kind == "cut_body":
            self._head(response)
            self.wfile.write(response.body[: len(response.body) // 2])
            self.close_connection = True
        elif fault is not None and kind == "drip":
            self._head(response)
            for position in range(len(response.body)):
                self.wfile.write(response.body[position : position + 1])
                self.wfile.flush()
                if self.server.closing.wait(fault.number(0.5)):
                    break
            self.close_connection = True
        else:
            self._send(response)

    def _head(self, response: Response) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, response: Response) -> None:
        self._head(response)
        self.wfile.write(response.body)


def _control(request: Request, server: Server) -> Response:
    """Switch faults and the systems' day while they run; asks for the credentials of the system, by HTTP Basic.

    POST {"source", "fault", "value"} or {"day"}; DELETE ?source= (none: all) ends faults; GET tells what is on.
    """
    application, control = server.application, server.control
    given = request.basic()
    if given is None or not same(given, (application.login, application.password)):
        return answer({"message": "Unauthorized"}, 401, WWW_Authenticate='Basic realm="control"')
    if control is None:
        return answer({"message": "nothing to control"}, 404)
    try:
        asked = json.loads(request.body or b"{}")
        if request.method == "DELETE":
            control.behave(request.query.get("source"))
        elif "day" in asked:
            control.move_to(date.fromisoformat(asked["day"]))
        elif request.method == "POST":
            control.misbehave(asked["source"], asked["fault"], asked.get("value", ""))
    except (ValueError, KeyError, TypeError) as error:
        return answer({"message": str(error)}, 400)
    return answer({source: {"fault": f.kind, "value": f.value} for source, f in server.faults.all().items()})


def same(given: tuple[str, str], known: tuple[str, str]) -> bool:
    """Return whether two pairs of login and password are equal, in constant time."""
    return hmac.compare_digest("\0".join(given).encode(), "\0".join(known).encode())
