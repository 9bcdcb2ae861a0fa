"""A real S3 server over TLS, for tests: signatures and policies count, and a test may stand in its door."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from moto import settings
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

from unit.sources.web.authority import Authority

BUCKET = "so-tinh"
Answer = Iterable[bytes] | None
#: WSGI environment, start_response, the server itself → the answer; None: the server's own
Fault = Callable[[dict[str, Any], Any, Any], Answer]


class Login(NamedTuple):
    """A key and its secret."""

    key: str
    secret: str


class Server:
    """Where it listens, who may enter, what it holds; `fault` stands in its door."""

    def __init__(self, authority: Authority) -> None:
        self.bundle = str(authority.bundle)
        self.fault: Fault | None = None
        self.asked: list[str] = []  # method and path of each request
        self.url = ""
        self._own: Any = DomainDispatcherApplication(create_backend_app)
        self._store: Any = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        self._store.create_bucket(BUCKET, "us-east-1")
        self.reader = self._user("reader", "s3:GetObject", "s3:ListBucket")
        self.getter = self._user("getter", "s3:GetObject")
        self.lister = self._user("lister", "s3:ListBucket")

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer a request."""
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        answer = self.fault(environ, start, self._own) if self.fault else None
        return self._own(environ, start) if answer is None else answer  # type: ignore[no-any-return]

    def put(self, key: str, content: bytes) -> None:
        """Keep an object."""
        self._store.put_object(BUCKET, key, content)

    def delete(self, *keys: str) -> None:
        """Forget objects; all of them where none is named."""
        for key in keys or [*self._store.get_bucket(BUCKET).keys]:
            self._store.delete_object(BUCKET, key)

    def _user(self, name: str, *actions: str) -> Login:
        backend: Any = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
        backend.create_user("us-east-1", name)
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        backend.put_user_policy(name, "may", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        made = backend.create_access_key(name)
        return Login(made.access_key_id, made.secret_access_key)


def answering(status: str, code: str = "", more: str = "", of: str = "") -> Fault:
    """Answer requests for `of` with an error of S3, whose message holds what may not be told."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>hunter2</Message>{more}</Error>"

    def answer(environ: dict[str, Any], start: Any, _own: Any) -> list[bytes] | None:
        if of not in environ["PATH_INFO"]:
            return None
        start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body.encode()]

    return answer


def sending(body: bytes, says: int | None = None) -> Fault:
    """Answer everything with one body, which may say that it is longer than it is."""

    def answer(_environ: Any, start: Any, _own: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "application/xml"), ("Content-Length", str(says or len(body)))])
        return [body]

    return answer


def when_fetched(act: Callable[[Any, Any], list[bytes] | None]) -> Fault:
    """Do something when the content of an object is asked for."""

    def answer(environ: dict[str, Any], start: Any, own: Any) -> list[bytes] | None:
        is_content = environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].endswith(".csv")
        return act(start, lambda: list(own(environ, start))) if is_content else None

    return answer


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve a bucket until the end."""
    authority = Authority(folder)
    context = authority.server(authority.certificate("localhost", "127.0.0.1"))
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = Server(authority)
    listening = make_server("127.0.0.1", 0, server, threaded=True, ssl_context=context)
    server.url = f"https://localhost:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    open_to_all, settings.INITIAL_NO_AUTH_ACTION_COUNT = settings.INITIAL_NO_AUTH_ACTION_COUNT, 0
    try:
        yield server
    finally:
        settings.INITIAL_NO_AUTH_ACTION_COUNT = open_to_all
        listening.shutdown()
        listening.server_close()
        thread.join(timeout=5)
        for backends in (
            s3_backends,
            iam_backends,
        ):  # what it holds is the process's: another begins with nothing
            backends.reset()
