"""Messages as mail: SMTP with TLS and a login, and errors in words that hold no password."""

from __future__ import annotations

import base64
import ipaddress
import smtplib
import socket
import ssl
from contextlib import suppress
from email import charset as charsets
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from typing import cast

from cchc.alerting.transport import Letter, NotTaken, Unreachable
from cchc.alerting.words import short
from cchc.errors import ConfigurationError
from cchc.settings import Smtp

_SECONDS = 30  # for each answer of the mail server
_REFUSALS = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
)
_CONNECTION = (OSError, smtplib.SMTPException)


def check(smtp: Smtp) -> None:
    """Raise `ConfigurationError` where a login cannot travel, or its password would travel unencrypted."""
    if not f"{smtp.user}{smtp.password}".isascii():
        raise ConfigurationError("CCHC_SMTP_USER and CCHC_SMTP_PASSWORD: a mail login carries ASCII only")
    if smtp.host and smtp.user and smtp.tls == "off" and not _is_local(smtp.host):
        raise ConfigurationError(
            "CCHC_SMTP_USER is set and CCHC_SMTP_TLS is off: the password would travel unencrypted. "
            "Set CCHC_SMTP_TLS=starttls (port 587) or tls (port 465)"
        )


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


class Mail:
    """The mail server of the settings; one connection for all messages of a round."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._server: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect, encrypted, checked and logged in as the settings say; raises `Unreachable`."""
        if self._server is not None:
            return
        if not self._smtp.host:
            raise Unreachable("CCHC_SMTP_HOST is not set")
        try:
            self._server = _connect(self._smtp)
        except _CONNECTION as error:
            where = f"{self._smtp.host}:{self._smtp.port}"
            raise Unreachable(f"mail server {where}: {_in_words(error, self._smtp)}") from None

    def hand_over(self, letter: Letter) -> None:
        """Send one mail; raises `NotTaken`, which does not keep back the mails behind it."""
        assert self._server is not None  # noqa: S101  opened before
        try:
            self._server.send_message(written(letter, self._smtp.sender))
        except (*_REFUSALS, ValueError) as error:
            raise NotTaken(_in_words(error, self._smtp)) from None
        except _CONNECTION as error:
            # some servers hang up on a message they dislike, others take it and are cut off before they say so
            self._server.close()
            self._server = None
            raise NotTaken(_in_words(error, self._smtp), perhaps=True) from None

    def close(self) -> None:
        """Hang up."""
        if self._server is not None:
            with suppress(*_CONNECTION):
                self._server.quit()
            self._server.close()
            self._server = None


def _connect(smtp: Smtp) -> smtplib.SMTP:
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


def written(letter: Letter, sender: str) -> MIMEMultipart:
    """Return a message as a mail: the same letter is always the same mail, byte for byte."""
    # Header encodes every space with its words; the newer EmailMessage loses some between two encoded words.
    boundary = letter.key.rpartition(".")[2]
    kind = "alternative" if letter.attachment is None else "mixed"
    mail = MIMEMultipart(kind, boundary=f"=_{boundary}")
    mail["From"] = formataddr(("CCHC", sender))
    mail["To"] = letter.recipient
    mail["Subject"] = cast("str", Header(short(letter.subject, 200), _utf8()))
    mail["Date"] = format_datetime(letter.created_at)
    mail["Message-ID"] = message_id(letter.key, sender)
    mail["Auto-Submitted"] = "auto-generated"  # no holiday notices in answer
    utf8 = cast("str", _utf8())  # a Charset is taken too, as the library itself does
    bodies = [MIMEText(letter.text, "plain", utf8)]
    if letter.html:
        bodies.append(MIMEText(letter.html, "html", utf8))
    if letter.attachment is None:
        for part in bodies:
            mail.attach(part)
        return mail
    mail.attach(MIMEMultipart("alternative", boundary=f"=_2{boundary}", _subparts=bodies))
    attached = MIMEApplication(letter.attachment)
    attached.add_header("Content-Disposition", "attachment", filename=letter.attachment_name or "cchc")
    mail.attach(attached)
    return mail


def _utf8() -> charsets.Charset:
    """Return UTF-8 as Python has it by itself: Apprise, once loaded, changes the table of the whole process."""
    utf8 = charsets.Charset("utf-8")
    utf8.header_encoding, utf8.body_encoding = charsets.SHORTEST, charsets.BASE64
    return utf8


def message_id(key: str, sender: str) -> str:
    """Return the Message-ID of the message of that key."""
    return f"<{key}@{sender.rpartition('@')[2] or 'localhost'}>"


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
