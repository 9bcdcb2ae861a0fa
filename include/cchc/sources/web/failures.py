"""What went wrong on the way to a server, in words. An error's own text is never repeated: it holds addresses."""

from __future__ import annotations

import codecs
import re
import ssl
from collections.abc import Iterator
from email.message import Message
from http.client import HTTPException, LineTooLong
from typing import Protocol

import requests
import urllib3
from requests.exceptions import (
    ConnectTimeout,
    InvalidHeader,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
    ReadTimeout,
    SSLError,
)

from cchc.errors import ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.web.addresses import Forbidden
from cchc.sources.web.transport import Undeclared, Unresolved

OF_TRANSPORT = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, Forbidden, Unresolved)

_CERTIFICATE = {  # OpenSSL's X509_V_ERR_…
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "comes from an authority that is not known here",
    20: "comes from an authority that is not known here",
    62: "belongs to another name",
    64: "belongs to another address",
}
_AUTHORITY = "Mend the server's certificate, or give the authority's as ca_bundle of its host (hosts.yaml)."
_OURS = re.compile(
    "ALERT_.*(CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)"
)  # what a server says of ours, or of its lack
_JSON = ("application/json", "text/json", "application/javascript", "text/javascript", "text/plain")


class Patience(Protocol):
    """The limits that messages state, in seconds."""

    @property
    def connect(self) -> float:
        """Until a connection stands."""

    @property
    def read(self) -> float:
        """Until something comes."""


def in_words(error: Exception, source: str, where: str, limits: Patience) -> tuple[SourceError, bool]:
    """Return the error to raise for one of the transport, and whether another try may end otherwise."""

    def refused(text: str, action: str) -> tuple[SourceError, bool]:
        return SourceRefused(source, text, where=where, action=action), False

    causes = list(_causes(error))
    if any(isinstance(cause, Undeclared) for cause in causes):
        text = "the request would go to a server that its host does not declare; nothing was sent."
        return refused(text, "If it is the vendor's, enter it under `also` of the host (hosts.yaml).")
    for cause in causes:
        if isinstance(cause, Forbidden):
            text = f"the server's name stands for an address that is {cause}; nothing was sent."
            return refused(text, cause.action)
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = _CERTIFICATE.get(cause.verify_code, "is not trusted")
            return refused(f"the server's certificate {why}.", _AUTHORITY)
        if isinstance(cause, ssl.SSLError) and _OURS.search(str(cause.reason)):
            text = "the server asks for a certificate of ours, or does not know the one it got."
            return refused(text, "Give the connection client_cert=<PEM file with certificate and key>.")
        if isinstance(cause, ssl.SSLError) and cause.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
            return refused("the server does not speak https.", "Check the address of the connection.")
    if any(isinstance(cause, urllib3.exceptions.InvalidHeader) for cause in causes):
        text = "the head of the answer contradicts itself (Content-Length), so nobody knows where it ends"
        return ContractBroken(source, text, where=where), False
    if isinstance(error, InvalidHeader):
        text = "what a header is to carry begins with a blank or has a line break, so nothing was sent."
        return refused(text, "Check login and password of the connection, and headers of the profile.")
    if isinstance(error, InvalidURL | MissingSchema | InvalidSchema):
        action = "Check the address of the connection, and options.path of the profile."
        text = "the address to ask is not an http(s) URL"
        return ContractBroken(source, text, where=where, action=action), False
    return SourceUnavailable(source, _passing(error, causes, limits), where=where), True


def _passing(error: Exception, causes: list[BaseException], limits: Patience) -> str:
    """Return words for what may pass by itself."""
    for cause in causes:
        if isinstance(cause, Unresolved):
            return f"the address of the server's name {cause} (DNS)"
        if isinstance(cause, LineTooLong) or (isinstance(cause, HTTPException) and "headers" in str(cause)):
            return "the head of the answer does not end"
    if isinstance(error, ConnectTimeout):
        return f"no connection within {limits.connect:g} s"
    if isinstance(error, ReadTimeout | urllib3.exceptions.ReadTimeoutError | TimeoutError):
        return f"no answer within {limits.read:g} s"
    if isinstance(error, SSLError):
        return "the encrypted connection could not be made"
    if isinstance(error, urllib3.exceptions.HTTPError):
        return "the answer was cut short"
    return "cannot be reached: the connection was refused or closed without an answer"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it was made of, whichever way its library keeps that."""
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        kept = (*found.args, getattr(found, "reason", None), found.__cause__, found.__context__)
        waiting += [inner for inner in kept if isinstance(inner, BaseException)]


def of_content_type(header: str) -> str:
    """Return what speaks against a `Content-Type` where JSON in UTF-8 is expected; empty where nothing does."""
    if not header.strip():
        return ""
    message = Message()
    message["Content-Type"] = header
    try:
        kind, charset = message.get_content_type(), message.get_content_charset()
    except (TypeError, ValueError):  # parameters in parts that do not fit together
        return "the answer is declared in a way that cannot be read (Content-Type)"
    if kind not in _JSON and not kind.endswith("+json"):
        return "the answer is declared to be no JSON (Content-Type)"
    try:
        name = codecs.lookup(charset).name if charset else "utf-8"
    except (LookupError, ValueError):  # ValueError: a NUL in it
        name = "an unknown one"
    if name not in ("utf-8", "utf-8-sig", "ascii"):
        return f"the answer is declared to be in another character set than UTF-8: {name} (Content-Type)"
    return ""
