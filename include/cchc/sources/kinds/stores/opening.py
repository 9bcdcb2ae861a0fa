"""Which store an address means, and which addresses mean none that may be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from urllib.parse import urlsplit

import fsspec

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError
from cchc.sources.connections import FOLDERS
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.place import Opener, Place

_ROOM = __package__
#: Scheme → module of this room that opens it, and the package that it needs.
_OPENED_BY: Mapping[str, tuple[str, str]] = {
    "sftp": ("sftp", "paramiko"),
    "ssh": ("sftp", "paramiko"),
    "s3": ("s3", "s3fs"),
    "ftp": ("servers", ""),
    "ftps": ("servers", ""),
    "smb": ("servers", "smbprotocol"),
}
_OWN = "it reads what the program's own machine or memory holds"
_CHAIN = "it reads one store through another"
_WEB = "its library goes where it is led, by addresses that nothing here checks (a list over HTTP: kind rest)"
_ELSEWHERE = "its address does not name the server that it goes to"
_RUNS = "it runs programs of this machine"
#: Schemes that fsspec knows and nothing is read from, and why.
_REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("local", "memory", "data", "asynclocal", "libarchive", "pyscript"), _OWN),
    **dict.fromkeys(
        ("dir", "zip", "tar", "reference", "simplecache", "filecache", "blockcache", "cached", "generic"),
        _CHAIN,
    ),
    **dict.fromkeys(("async_wrapper", "asyncwrapper"), _CHAIN),
    **dict.fromkeys(("http", "https", "webhdfs", "webdav", "jupyter", "jlab", "dbfs"), _WEB),
    **dict.fromkeys(("git", "dvc", "dask", "hdfs", "arrow_hdfs"), _RUNS),
    **dict.fromkeys(
        ("gs", "gcs", "abfs", "az", "adl", "s3a", "oss", "oci", "ocilake", "tos", "tosfs"), _ELSEWHERE
    ),
    **dict.fromkeys(("github", "gist", "hf", "gdrive", "dropbox", "box", "wandb", "lakefs"), _ELSEWHERE),
}


def opener(source: str, host: Host, connection: Connection) -> Opener:
    """Return what opens the folder of a connection; nothing is asked yet.

    Raises `ConfigurationError` for an address that is none, of a kind that is not read or whose package is missing, and
    for whatever else shows by address and host alone that nothing can be read there.
    """
    scheme = re.match(r"[a-z0-9_+.-]*(?=:)|", connection.url).group()  # type: ignore[union-attr]
    if scheme == "file":
        local = fsspec.filesystem("file")
        return Opener(partial(Place, local, local._strip_protocol(connection.url), is_local=True))
    module, package = _OPENED_BY.get(scheme, ("servers", ""))
    try:
        if reason := _refusal(scheme, connection.url):
            text = f"source {source}: folders at {scheme}: are not read: {reason}; give {FOLDERS}"
            raise ConfigurationError(text)
        if scheme != "ftps":  # fsspec's FTP, which has no scheme for it
            fsspec.get_filesystem_class(scheme)
        of_kind = import_module(f"{_ROOM}.{module}").opener
    except ImportError as error:
        name = error.name or getattr(error.__cause__, "name", "") or "of its own"
        needed = package or name.partition(".")[0]
        text = f"source {source}: folders at {scheme}: need the package {needed}, which is not installed"
        raise ConfigurationError(text) from None
    found: Opener = of_kind(source, host, connection)
    return found


def _refusal(scheme: str, url: str) -> str:
    """Return why nothing is read from an address; empty where it may be. Raises `ImportError` for a missing package."""
    if not scheme:
        return "that is no address"
    if "::" in url:
        return _CHAIN
    if scheme in _REFUSED:
        return _REFUSED[scheme]
    if scheme in _OPENED_BY:
        return "" if urlsplit(url).netloc else "it names no server or bucket"
    try:
        named = fsspec.get_filesystem_class(scheme)._get_kwargs_from_urls(url)
    except ValueError:
        return "no such kind of address is known"
    return "" if named.get("host") else _ELSEWHERE
