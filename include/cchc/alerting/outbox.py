"""Send what waits in the outbox, each message once.

A message is claimed, sent and marked in one transaction, so two senders never send the same one. A sender that
is killed after the server took a message and before the mark is committed sends it again: its Message-ID is
the same, by which mail servers and readers know it for the same message.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import logging
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from typing import Any, cast

from sqlalchemy import Engine, text

from cchc.alerting.words import short
from cchc.errors import ConfigurationError
from cchc.settings import Smtp
from cchc.warehouse.sql import query

log = logging.getLogger(__name__)

_SECONDS = 30  # for each answer of the mail server
_PATIENCE = 3  # connections lost in a row before a round ends
_WAITING = text("select count(*) from ops.outbox where sent_at is null")
_REFUSALS = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
)
_CONNECTION = (OSError, smtplib.SMTPException)


@dataclass(frozen=True)
class SendReport:
    """What one round did; `waiting` messages stay in the outbox for the next round."""

    sent: int
    failed: tuple[str, ...]  # "recipient: why"
    waiting: int
    note: str = ""  # why nothing could be sent at all


def send(engine: Engine, smtp: Smtp) -> SendReport:
    """Send the waiting messages, oldest first, and return what came of it.

    A message that the server refuses does not keep the others back; a server that cannot be reached ends the
    round and everything stays. Raises `ConfigurationError` where the password would travel unencrypted.
    """
    if not smtp.host:
        waiting = _waiting(engine)
        note = f"CCHC_SMTP_HOST is not set: {waiting} messages wait in the outbox" if waiting else ""
        return SendReport(0, (), waiting, note)
    if not f"{smtp.user}{smtp.password}".isascii():
        raise ConfigurationError("CCHC_SMTP_USER and CCHC_SMTP_PASSWORD: a mail login carries ASCII only")
    if smtp.user and smtp.tls == "off" and not _is_local(smtp.host):
        raise ConfigurationError(
            "CCHC_SMTP_USER is set and CCHC_SMTP_TLS is off: the password would travel unencrypted. "
            "Set CCHC_SMTP_TLS=starttls (port 587) or tls (port 465)"
        )
    if _waiting(engine) == 0:
        return SendReport(0, (), 0)
    report = _Round(engine, smtp).run()
    if report.note or report.failed:
        log.error(
            "mail: %d sent, %d wait. %s",
            report.sent,
            report.waiting,
            "; ".join((*report.failed, report.note)),
        )
    return report


def _waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(_WAITING).scalar_one())


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _connect(smtp: Smtp) -> smtplib.SMTP:
    """Return a connection that is encrypted, checked and logged in as the settings say."""
    context = ssl.create_default_context()  # a province's own authority: SSL_CERT_FILE
    name = socket.gethostname() or "localhost"
    server = (
        smtplib.SMTP_SSL(smtp.host, smtp.port, local_hostname=name, timeout=_SECONDS, context=context)
        if smtp.tls == "tls"
        else smtplib.SMTP(smtp.host, smtp.port, local_hostname=name, timeout=_SECONDS)
    )
    try:
        if smtp.tls == "starttls":
            server.starttls(context=context)
        if smtp.user:
            server.login(smtp.user, smtp.password)
    except BaseException:
        server.close()
        raise
    return server


class _Round:
    """One try for each waiting message."""

    def __init__(self, engine: Engine, smtp: Smtp) -> None:
        self.engine = engine
        self.smtp = smtp
        self.server: smtplib.SMTP | None = None
        self.sent = 0
        self.failed: list[str] = []
        self.lost = 0  # messages in a row during which the connection broke
        self.after: dict[str, Any] = {"after": None, "recipient": "", "kind": ""}

    def run(self) -> SendReport:
        note = ""
        try:
            while self.lost < _PATIENCE and self._next():
                pass
        except _CONNECTION as error:
            note = f"mail server {self.smtp.host}:{self.smtp.port}: {_in_words(error, self.smtp)}"
            with self.engine.begin() as connection:
                connection.execute(query("alerting/mark_waiting"), {"error": note})
        finally:
            self._hang_up()
        return SendReport(self.sent, tuple(self.failed), _waiting(self.engine), note)

    def _next(self) -> bool:
        """Send the next message; returns whether there was one."""
        with self.engine.begin() as connection:
            row = connection.execute(query("alerting/next_message"), self.after).one_or_none()
            if row is None:
                return False
            self.after = {"after": row.created_at, "recipient": row.recipient, "kind": row.kind}
            key = {"recipient": row.recipient, "reporting_day": row.reporting_day, "kind": row.kind}
            if self.server is None:
                self.server = _connect(self.smtp)
            problem = self._hand_over(self.server, row)
            if problem:
                self.failed.append(f"{row.recipient}: {problem}")
                connection.execute(query("alerting/mark_failed"), {**key, "error": problem})
            else:
                connection.execute(query("alerting/mark_sent"), key)
        self.sent += not problem
        return True

    def _hand_over(self, server: smtplib.SMTP, row: Any) -> str:
        """Give the server one message; returns what was wrong, or an empty text."""
        try:
            server.send_message(_mail(row, self.smtp))
        except (*_REFUSALS, ValueError) as error:
            self.lost = 0
            return _in_words(error, self.smtp)
        except _CONNECTION as error:
            # some servers hang up on a message they dislike: it must not keep back those behind it
            server.close()
            self.server = None
            self.lost += 1
            return _in_words(error, self.smtp)
        self.lost = 0
        return ""

    def _hang_up(self) -> None:
        if self.server is not None:
            with suppress(*_CONNECTION):
                self.server.quit()
            self.server.close()
            self.server = None


def _mail(row: Any, smtp: Smtp) -> MIMEMultipart:
    # Header encodes every space with its words; the newer EmailMessage loses some between two encoded words.
    mail = MIMEMultipart("mixed" if row.attachment is not None else "alternative")
    mail["From"] = formataddr(("CCHC", smtp.sender))
    mail["To"] = row.recipient
    mail["Subject"] = cast("str", Header(short(row.subject, 200), "utf-8"))
    mail["Date"] = format_datetime(row.created_at)
    mail["Message-ID"] = message_id(row.recipient, row.reporting_day.isoformat(), row.kind, smtp.sender)
    mail["Auto-Submitted"] = "auto-generated"  # no holiday notices in answer
    bodies = (MIMEText(row.body_text, "plain", "utf-8"), MIMEText(row.body_html, "html", "utf-8"))
    if row.attachment is None:
        for part in bodies:
            mail.attach(part)
        return mail
    alternatives = MIMEMultipart("alternative", _subparts=bodies)
    mail.attach(alternatives)
    attached = MIMEApplication(bytes(row.attachment))
    attached.add_header("Content-Disposition", "attachment", filename=row.attachment_name or "cchc")
    mail.attach(attached)
    return mail


def message_id(recipient: str, day: str, kind: str, sender: str) -> str:
    """Return the Message-ID of a message: always the same for a recipient, a night and a kind."""
    digest = hashlib.sha256(f"{recipient}|{day}|{kind}".encode()).hexdigest()[:32]
    return f"<{kind}.{day}.{digest}@{sender.rpartition('@')[2] or 'localhost'}>"


def _in_words(error: BaseException, smtp: Smtp) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = "; ".join(f"{code} {_plain(said)}" for code, said in error.recipients.values())
        words = f"the server refuses the recipient: {answers}"
    elif isinstance(error, smtplib.SMTPAuthenticationError):
        words = f"the server refuses the login: {error.smtp_code}; see CCHC_SMTP_USER and CCHC_SMTP_PASSWORD"
    elif isinstance(error, smtplib.SMTPResponseException):
        words = f"the server answers {error.smtp_code} {_plain(error.smtp_error)}"
    elif isinstance(error, ssl.SSLCertVerificationError):
        words = f"its certificate is not trusted: {error.verify_message}; see CCHC_SMTP_HOST or SSL_CERT_FILE"
    else:
        words = f"{type(error).__name__}: {error}"
    return short(_without_secrets(words, smtp))


def _plain(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _without_secrets(words: str, smtp: Smtp) -> str:
    """Take the password out of a text, also in the forms it travels in."""
    if not smtp.password:
        return words
    forms = [
        smtp.password,
        base64.b64encode(smtp.password.encode()).decode(),
        base64.b64encode(f"\0{smtp.user}\0{smtp.password}".encode()).decode(),
    ]
    for form in forms:
        words = words.replace(form, "***")
    return words
