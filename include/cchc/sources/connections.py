"""Connections from the environment, in the two forms Airflow knows: a URI or JSON."""

from __future__ import annotations

import base64
import json
import os
import re
from urllib.parse import parse_qs, quote, quote_plus, unquote, urlsplit, urlunsplit

from cchc.errors import ConfigurationError
from cchc.sources.connector import Connection

_SCHEMES = ("http", "https")
#: How the addresses of folders are written.
FOLDERS = (
    "file:///folder, sftp://login:password@server/folder, smb://login:password@server/share/folder, "
    "ftps://login:password@server/folder or s3://key:secret@bucket/folder"
)


def variable(code: str) -> str:
    """Return the name of the environment variable that holds connection `code`."""
    return "AIRFLOW_CONN_" + re.sub(r"[^0-9A-Z]", "_", code.upper())


def from_environment(code: str) -> Connection:
    """Return the connection `code` of the environment.

    A URI (``http://login:password@host:port/path``, ``file:///folder``, ``s3://key:secret@bucket/folder``;
    login and password percent-encoded, ``?client_cert=/path.pem`` for servers that ask for a certificate of ours) or
    Airflow's JSON, which has ``client_cert`` in ``extra``. Raises `ConfigurationError` naming the variable; its
    value, which may hold a password, is never repeated.
    """
    name = variable(code)
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(
            f"connection {code} is not set: give {name} as https://login:password@host/path, "
            f"postgresql://login:password@host/database, {FOLDERS}"
        )
    try:
        found = _from_json(value) if value.startswith("{") else _from_uri(value)
        parts = urlsplit(found.url)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise ConfigurationError(
            f"{name} is neither a URI (https://login:password@host:port/path, {FOLDERS}) nor Airflow's JSON"
        ) from None
    if not parts.scheme or (parts.scheme in _SCHEMES and not parts.hostname):
        raise ConfigurationError(
            f"{name} names no server or folder: give https://login:password@host:port/path, {FOLDERS}"
        )
    return found


def secret_forms(connection: Connection) -> list[str]:
    """Return the password as it stands in addresses, forms and headers; nothing of this may be in a log.

    Also its letters as a server has them that takes UTF-8 for Latin-1, which is what headers are to most.
    """
    password = connection.password
    if not password:
        return []
    basic, key = (
        base64.b64encode(text.encode()).decode() for text in (f"{connection.login}:{password}", password)
    )
    latin = password.encode().decode("latin-1")
    return list(dict.fromkeys((password, quote(password, safe=""), quote_plus(password), basic, key, latin)))


def _from_uri(value: str) -> Connection:
    parts = urlsplit(value)
    user, _, host = parts.netloc.rpartition("@")
    login, _, password = user.partition(":")
    int(parts.port or 0)  # raises ValueError for a port that is no number
    url = urlunsplit((parts.scheme, host, parts.path, "", ""))
    if parts.scheme == "file":
        url = f"file://{unquote(parts.path)}"
    [cert] = parse_qs(parts.query).get("client_cert", [""])
    return Connection(url.rstrip("/"), unquote(login), unquote(password), cert)


def _from_json(value: str) -> Connection:
    fields = json.loads(value)
    kind, host = str(fields.get("conn_type") or "http"), str(fields.get("host") or "")
    path = str(fields.get("schema") or "")
    if "://" in host:
        kind, _, host = host.partition("://")
    elif kind == "http" and path in _SCHEMES:
        kind, path = path, ""
    host, _, inner = host.partition("/")
    path = "/".join(part.strip("/") for part in (inner, path) if part.strip("/"))
    port = f":{int(fields['port'])}" if fields.get("port") else ""
    url = f"{kind}://{host}{port}/{path}".rstrip("/")
    extra = fields.get("extra") or {}
    extra = json.loads(extra) if isinstance(extra, str) else extra
    return Connection(
        url,
        str(fields.get("login") or ""),
        str(fields.get("password") or ""),
        str(extra.get("client_cert") or ""),
    )
