"""What is told of a failure of a store: never what its library or its server says, which may hold anything."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from cchc.errors import SourceError, SourceRefused, SourceUnavailable

_NO_SUCH_FILE = 0xC000000F  # of a share; the library has no number of an error for it
_CREDENTIALS = "login or password is wrong"
_PLAIN = "the server does not encrypt its shares (SMB 3)"
_FORBIDDEN = "the login may not list or read it"
#: What a person must mend, by the server's code or the kind of the library's error.
_REFUSED = {
    **dict.fromkeys(
        ("530", "LogonFailure", "SMBAuthenticationError", "AuthenticationException"), _CREDENTIALS
    ),
    **dict.fromkeys(
        ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"), _CREDENTIALS
    ),
    **dict.fromkeys(("PermissionError", "AccessDenied", "AllAccessDisabled", "C0000022"), _FORBIDDEN),
    "NotEncrypted": _PLAIN,
    "NoSuchBucket": "the server has no bucket of this name",
    "BadNetworkName": "the server has no share of this name",
    "AuthorizationHeaderMalformed": "the server is of another region than it was asked for, and does not say which",
}
_MENDED_BY = {
    _PLAIN: "Its administrator should have it do so; else declare plain_http: true (hosts.yaml).",
    _CREDENTIALS: "Ask the server's administrator, and give the connection the right ones.",
    _FORBIDDEN: "The server's administrator must let it list the folder and read its files.",
}
_ADDRESS = "Look at the address of the connection: is it written as the server has it?"
#: What passes by itself, or lies between, in words; of anything else its kind is told.
_WORDS = {
    **dict.fromkeys(("EndpointConnectionError", "ConnectionRefusedError"), "nothing answers at its address"),
    **dict.fromkeys(
        (
            "ConnectTimeoutError",
            "ReadTimeoutError",
            "TimeoutError",
            "SocketTimeoutError",
            "AioReadTimeoutError",
        ),
        "the server does not answer in time",
    ),
    **dict.fromkeys(
        (
            "ConnectionClosedError",
            "ClientPayloadError",
            "IncompleteRead",
            "ResponseStreamingError",
            "EOFError",
        ),
        "the server broke it off",
    ),
    **dict.fromkeys(
        ("SSLError", "SSLCertVerificationError", "ClientConnectorCertificateError"),
        "its certificate is of no authority that is known here (ca_bundle), or of another name",
    ),
    **dict.fromkeys(
        ("InternalError", "ServiceUnavailable", "HTTP 500", "HTTP 502", "HTTP 503", "HTTP 504"),
        "the server fails (HTTP 5xx): its administrator should look at its logs if that stays so",
    ),
    "FileNotFoundError": "it is not there any more",
    "550": "the server has no such file or folder, or does not let this login see it",
    "C0000043": "another program has it open",
    "SlowDown": "the server asks for fewer requests",
    "RequestTimeTooSkewed": "the clocks of the server and of this machine are too far apart",
    **dict.fromkeys(("SMBConnectionClosed", "SSHException"), "the connection broke"),
    "SMBException": "no answer came in time, or none that is understood",
    "DeclaresEntities": "its answer declares a DTD or an entity",
    "OverflowError": "its lists are longer than is sensible",
}


def told(source: str, error: Exception, name: str) -> SourceError:
    """Return the failure of a file or folder as ours."""
    code = next((code for code in _codes(error) if code in _REFUSED or code in _WORDS), "")
    if text := _REFUSED.get(code):
        return SourceRefused(source, text, where=name, action=_MENDED_BY.get(text, _ADDRESS))
    said = _WORDS.get(code, "")
    said = said or next((os.strerror(number) for number in _numbers(error)), "")
    text = f"the file or folder cannot be read: {said or type(error).__name__}"
    return SourceUnavailable(source, text, where=name)


def is_gone(error: Exception) -> bool:
    """Whether a folder is just not there, in a store that is."""
    is_missing = isinstance(error, OSError) and (
        isinstance(error, FileNotFoundError)
        or error.errno in (errno.ENOENT, errno.ENOTDIR)
        or getattr(error, "ntstatus", 0) == _NO_SUCH_FILE
    )
    return is_missing and not any(code in _REFUSED for code in _codes(error))


def _numbers(error: BaseException | None) -> Iterator[int]:
    """Yield the numbers by which the system of this machine knows an error and its causes."""
    while error is not None:
        if isinstance(error, OSError) and isinstance(error.errno, int) and error.errno > 0:
            yield error.errno
        error = error.__cause__ or error.__context__


def _codes(error: BaseException | None) -> list[str]:
    """Return what a server calls an error, then what it and its causes are to their libraries."""
    codes, kinds = [], []
    while error is not None:
        response = getattr(error, "response", None)
        if isinstance(response, dict):
            code = str(response.get("Error", {}).get("Code", ""))
            codes.append(f"HTTP {code}" if code.isdigit() else code)
        elif status := getattr(error, "ntstatus", 0):
            codes.append(f"{status:08X}")
        elif type(error).__module__ == "ftplib":
            codes.append(str(error)[:3])
        # what the system of this machine says of a file passes: another program has it open
        elif not (isinstance(error, PermissionError) and error.errno):
            kinds.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    return codes + kinds
