"""A real SMTP server on loopback for tests: keeps what it takes and can be told to misbehave."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope


class Mailbox:
    """The server's memory and its moods."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refused: set[str] = set()  # recipients answered with 550
        self.before_taking: Callable[[], None] | None = None
        self.after_taking: Callable[[], None] | None = None

    def to(self, address: str) -> list[EmailMessage]:
        return [m for m in self.messages if m["To"] == address]

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _o: Any
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        if self.before_taking:
            self.before_taking()
        mail = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
        self.messages.append(cast("EmailMessage", mail))
        if self.after_taking:
            self.after_taking()
        return "250 taken"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(
    mailbox: Mailbox,
    port: int,
    *,
    context: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
) -> Controller:
    """Start the server; with a context it offers STARTTLS and with a login it demands it after that."""

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == login, handled=False)  # the server answers

    options: dict[str, Any] = {}
    if context is not None:
        options |= {"tls_context": context, "require_starttls": True}
    if login is not None:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": True}
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    return controller
