"""Servers whose protocol fsspec speaks and whose address says where they are: FTP, Windows shares and others."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import fsspec

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.failures import told
from cchc.sources.kinds.stores.place import Opener, Place, addresses_of
from cchc.sources.web.addresses import bundle_of
from cchc.sources.web.deadline import Deadline


def _certified(host: Host) -> Mapping[str, Any]:
    return {"context": ssl.create_default_context(cafile=bundle_of(host))}


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


def opener(source: str, host: Host, connection: Connection) -> Opener:
    """Return what opens the folder on a server.

    Raises `ConfigurationError` for one that is spoken to in plain, a share without a name, certificates that are not
    there.
    """
    parts = urlsplit(connection.url)
    scheme = parts.scheme
    kind = _KINDS.get(scheme, _Kind())
    if scheme == "smb" and not parts.path.strip("/"):
        raise ConfigurationError(
            f"connection {host.connection}: its address names a server and no share of it: give "
            "smb://login:password@server/share/folder"
        )
    if kind.encrypted is None and not host.plain_http:
        raise ConfigurationError(
            f"host {host.code}: {scheme}: is spoken without encryption, as far as is known here: anybody on the way "
            "reads files and password. Take ftps:, sftp: or smb:, or declare plain_http: true (hosts.yaml)"
        )
    bundle_of(host)
    server = parts.hostname or "", parts.port or kind.port
    return Opener(partial(_opened, source, host, connection, kind, server), server)


def _opened(source: str, host: Host, connection: Connection, kind: _Kind, server: tuple[str, int]) -> Place:
    """Return the folder on a server; raises `SourceError`."""
    parts = urlsplit(connection.url)
    scheme, (name, port) = parts.scheme, server
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
