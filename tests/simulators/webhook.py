"""A webhook that keeps what it is sent: a real HTTP server that can also refuse, fail or stay silent."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulators.server import LOOPBACK


@dataclass(frozen=True)
class Request:
    """One request as it came: its path with the query, its headers and its JSON."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def key(self) -> str:
        """The Idempotency-Key, or an empty text."""
        return self.headers.get("idempotency-key", "")


class Webhook:
    """An HTTP server on the loopback; use as a context manager.

    While `answer` is not 200 requests are answered with it and not kept, unless `keeps_failed`: then the message
    arrived although the answer says otherwise. `location` goes with it. `taking` is called once a request is kept,
    before it is answered; the answer comes after `silence` seconds. `paths` are those of all requests.
    """

    def __init__(self, port: int = 0) -> None:
        self.answer = 200
        self.keeps_failed = False
        self.location = ""
        self.silence = 0.0
        self.paths: list[str] = []
        self.requests: list[Request] = []
        self.taking: Callable[[], None] | None = None
        self._server = _Server((LOOPBACK, port), self)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="webhook")

    def url(self, path: str = "hook") -> str:
        """Return the Apprise address of a path of this server."""
        return f"json://{LOOPBACK}:{self.port}/{path}"

    def __enter__(self) -> Webhook:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], webhook: Webhook) -> None:
        self.webhook = webhook
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that is gone: tests kill them."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        content = self.rfile.read(length)
        if len(content) < length:
            return  # the sender died in the middle: nothing arrived
        webhook = self.server.webhook
        webhook.paths.append(self.path)
        if webhook.answer == 200 or webhook.keeps_failed:
            headers = {name.lower(): value for name, value in self.headers.items()}
            webhook.requests.append(Request(self.path, headers, json.loads(content)))
            if webhook.taking:
                webhook.taking()
        time.sleep(webhook.silence)
        self.send_response(webhook.answer)
        if webhook.location:
            self.send_header("Location", webhook.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """Answer as to who follows a redirect: nothing is kept."""
        self.server.webhook.paths.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base
        """Keep the terminal quiet."""
