"""A mail server that keeps what it is sent: one .eml a message, in a folder."""

from __future__ import annotations

import asyncio
import ssl
import threading
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from simulators.server import LOOPBACK


class Sink:
    """An SMTP server on the loopback; use as a context manager.

    With `tls` it wants STARTTLS first; with `login` too (which needs `tls`) it takes mail only from that login and
    password. An address in `refusing` is answered with 550.
    """

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        login: str = "",
        password: str = "",
        refusing: tuple[str, ...] = (),
    ) -> None:
        if login and tls is None:
            raise ValueError("a login would go over the wire in clear: give tls too")
        self.folder = folder
        self.port = port
        self.refusing = set(refusing)
        self._tls, self._login, self._password = tls, login, password
        self._count = 0
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail")

    def __enter__(self) -> Sink:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._count = len(list(self.folder.glob("*.eml")))
        self._thread.start()
        try:
            self._server = asyncio.run_coroutine_threadsafe(
                self._loop.create_server(self._protocol, LOOPBACK, self.port), self._loop
            ).result()
        except OSError:
            self._stop()
            raise
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._stop()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:  # connections that are still open
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _protocol(self) -> SMTP:
        return SMTP(
            self,
            hostname="localhost",
            enable_SMTPUTF8=True,
            tls_context=self._tls,
            require_starttls=self._tls is not None,
            auth_required=bool(self._login),
            auth_require_tls=True,
            authenticator=self._authenticate if self._login else None,
            loop=self._loop,
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        known = (self._login.encode(), self._password.encode())
        good = isinstance(data, LoginPassword) and (data.login, data.password) == known
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, unless told to refuse it."""
        if address in self.refusing:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep a message."""
        content = (
            envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        )
        self._count += 1
        part = self.folder / f"{self._count:04d}.part"
        part.write_bytes(content)
        part.rename(part.with_suffix(".eml"))
        return "250 kept"

    def messages(self) -> list[EmailMessage]:
        """Return what was kept, oldest first."""
        return read(self.folder)


def read(folder: Path) -> list[EmailMessage]:
    """Return the messages kept in a folder, oldest first."""
    parser = BytesParser(EmailMessage, policy=policy.default)
    return [parser.parsebytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]
