"""Servers whose protocol fsspec speaks and whose address says where they are: FTP, Windows shares and others."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import fsspec

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError
from cchc.settings import settings
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.failures import told
from cchc.sources.kinds.stores.place import Place, addresses_of
from cchc.sources.web.deadline import Deadline


def _certified(host: Host) -> Mapping[str, Any]:
    bundle = str(settings().catalogue / host.ca_bundle) if host.ca_bundle else None
    return {"context": ssl.create_default_context(cafile=bundle)}


class _Kind(NamedTuple):
    """How servers of a scheme are spoken to."""

    port: int = 0
    module: str = ""  # of this room, with its FileSystem; else fsspec's own
    encrypted: Callable[[Host], Mapping[str, Any]] | None = (
        None  # options by which it is; None: not, or who knows
    )


_KINDS = {
    "ftp": _Kind(21, "ftp"),
    "ftps": _Kind(21, "ftp", _certified),
    "smb": _Kind(
        445, "smb", lambda host: {"encrypt": not host.plain_http, "connect_seconds": host.connect_seconds}
    ),
}


def opened(source: str, host: Host, connection: Connection) -> Place:
    """Return the folder on a server; raises `SourceError`, `ConfigurationError` for one that is spoken to in plain."""
    parts = urlsplit(connection.url)
    scheme, name = parts.scheme, parts.hostname or ""
    kind = _KINDS.get(scheme, _Kind())
    if kind.encrypted is None and not host.plain_http:
        raise ConfigurationError(
            f"host {host.code}: {scheme}: is spoken without encryption, as far as is known here: anybody on the way "
            "reads files and password. Take ftps:, sftp: or smb:, or declare plain_http: true (hosts.yaml)"
        )
    port = parts.port or kind.port
    options: dict[str, Any] = {
        "host": addresses_of(source, host, name, port)[0],
        "username": connection.login,
        "password": connection.password,
        "timeout": host.read_seconds,
        "skip_instance_cache": True,
    }
    if port:
        options["port"] = port
    folder = unquote(parts.path)
    deadline = Deadline(host.total_seconds)
    try:
        if not kind.module:
            return Place(fsspec.filesystem(scheme, **options), folder)
        own = import_module(f"{__package__}.{kind.module}").FileSystem
        options |= {"name": name, "deadline": deadline, **(kind.encrypted(host) if kind.encrypted else {})}
        deadline.start()
        fs = own(**options)
    except Exception as error:
        deadline.cancel()
        raise told(source, error, name) from None

    def close() -> None:
        deadline.cancel()
        fs.close()

    return Place(fs, folder, close=close)
