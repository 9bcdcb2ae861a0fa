"""A place that people read pages from: a folder, or an object store by its fsspec URL.

A folder changes by renames when all is written (`folder`); elsewhere each file appears whole, an object store's by
its own promise. What a store says is never passed on, for it may repeat an address with a login; the kind of a failure
is told in own words.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import fsspec
from fsspec.implementations.local import LocalFileSystem

from cchc.errors import CchcError
from cchc.publishing.sites.folder import Folder, Found, InTheWay
from cchc.settings import Settings

Build = Literal["public", "internal"]

_PART = ".cchc-part"  # what a file is called until it is whole
_AT_ONCE = 16  # files on their way to an object store
_STORE = {
    # a store that does not answer costs minutes, not the night; the environment has its address and its keys
    "config_kwargs": {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 1}},
    "skip_instance_cache": True,
}
_TRIES = 2  # of a request that a store did not take
_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "ttl": "text/turtle; charset=utf-8",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/vnd.microsoft.icon",
    "woff2": "font/woff2",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_REASONS = {
    "no answer": (
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "ReadTimeoutError",
        "ConnectionError",
        "Timeout",
    ),
    "it refuses the credentials of the environment": (
        "PermissionError",
        "NoCredentialsError",
        "CredentialError",
    ),
    "it is not there": ("FileNotFoundError", "NoSuchBucket", "NotADirectoryError"),
}


class NotCopied(CchcError):
    """A site cannot be written or read; the message says which, where and what to do, and holds no secret."""


@dataclass(frozen=True)
class Site:
    """One place: which build of a release it shows, and where it is."""

    build: Build
    url: str = field(repr=False)  # may carry a login

    @property
    def variable(self) -> str:
        """The variable of the environment that names it."""
        return f"CCHC_{self.build.upper()}_SITE"

    @property
    def shown(self) -> str:
        """Where it is, for people: without login and options; of an object store on a server of one's own with it."""
        if "://" not in self.url:
            return self.url
        parts = urlsplit(self.url)
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        return f"{place} at {urlsplit(own).hostname}" if own and parts.scheme in ("s3", "s3a") else place

    @contextmanager
    def opened(self) -> Iterator[Place]:
        """Give the place to read and write; raises `NotCopied` for whatever goes wrong with it meanwhile."""
        local = False
        try:
            store = self.url.startswith(("s3://", "s3a://"))
            fs, root = fsspec.core.url_to_fs(self.url, **(_STORE if store else {}))
            if store:
                fs.retries = _TRIES
            local = isinstance(fs, LocalFileSystem)
            yield Folder(Path(root)) if local else Remote(fs, root.rstrip("/"), is_store=store)
        except CchcError:
            raise
        except Exception as error:  # each kind of store has exceptions of its own
            reason = _of_folder(error) if local else _of_store(error)
            raise NotCopied(
                f"{self.variable}: {self.shown} cannot be used: {reason}. What was published stands; mend the "
                "place or its credentials, then run `cchc release deliver` (the next night tries again)"
            ) from None


def of(settings: Settings) -> list[Site]:
    """Return the sites that releases are copied to."""
    given: list[tuple[Build, str]] = [("public", settings.public_site), ("internal", settings.internal_site)]
    return [Site(build, url) for build, url in given if url]


def _of_folder(error: Exception) -> str:
    kind = type(error).__name__
    if isinstance(error, InTheWay):
        return (
            f"{error} in it is a link or something else that is not ours, and nothing is written through a link: "
            "move it away"
        )
    if isinstance(error, FileNotFoundError):
        return f"it is not there ({kind})"
    said = error.strerror if isinstance(error, OSError) and error.errno is not None else ""
    return f"{said} ({kind})" if said else kind


def _of_store(error: Exception) -> str:
    kinds = [found.__name__ for found in type(error).__mro__]
    for words, names in _REASONS.items():
        if any(name in kind for kind in kinds for name in names):
            return f"{words} ({kinds[0]})"
    if isinstance(error, OSError) and error.errno is not None:  # its text is the store's
        return f"it answers with a failure of its own ({os.strerror(error.errno)})"
    return kinds[0]


class Place(Protocol):
    """An opened site; names are paths below its root, with slashes."""

    def top(self) -> list[str]:
        """Return what lies at its root, sorted; nothing where it is not there."""

    def found(self) -> dict[str, Found]:
        """Return all its files by name; of a folder, folders and whatever else lies there too."""

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where it is not there."""

    def hashes(self, names: Collection[str]) -> dict[str, str]:
        """Return the sha256 of the content of files, as far as they are there."""

    def begin(self) -> None:
        """Make a folder that is not there yet, and take away what a killed writer left."""

    def write(self, files: Iterable[tuple[str, bytes]], cache: Mapping[str, str]) -> None:
        """Write files; `cache` is each one's Cache-Control, which an object store says to browsers."""

    def remove(self, names: Collection[str]) -> None:
        """Remove files; one that is gone already is no error."""


class Remote:
    """A place that fsspec writes to: an object store, or files behind a protocol."""

    def __init__(self, fs: Any, root: str, *, is_store: bool) -> None:
        self._fs, self._root, self._is_store = fs, root, is_store

    def top(self) -> list[str]:
        """Return what lies at its root, sorted; nothing where it is not there."""
        try:
            names = {self._below(path) for path in self._fs.ls(self._root, detail=False)}
        except FileNotFoundError:
            return []
        return sorted(names - {"", _PART})

    def found(self) -> dict[str, Found]:
        """Return its files by name; an object store says the MD5 of each as a rule."""
        listed = self._fs.find(self._root, detail=True)
        return {
            self._below(path): Found("file" if info["type"] == "file" else "other", info["size"], _md5(info))
            for path, info in listed.items()
        }

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where it is not there."""
        try:
            return bytes(self._fs.cat_file(self._at(name)))
        except FileNotFoundError:
            return None

    def hashes(self, names: Collection[str]) -> dict[str, str]:
        """Return the sha256 of the content of files, as far as they are there."""
        found: dict[str, str] = {}
        left = iter(names)
        while batch := list(islice(left, _AT_ONCE)):
            bodies = self._fs.cat([self._at(name) for name in batch], on_error="return")
            for path, body in bodies.items():
                if isinstance(body, bytes):
                    found[self._below(path)] = hashlib.sha256(body).hexdigest()
                elif not isinstance(body, FileNotFoundError):
                    raise body
        return found

    def begin(self) -> None:
        """Take away what a killed writer left; an object store leaves nothing."""
        if not self._is_store:
            self.remove([_PART])

    def write(self, files: Iterable[tuple[str, bytes]], cache: Mapping[str, str]) -> None:
        """Write files; `cache` is each one's Cache-Control, which an object store says to browsers."""
        if not self._is_store:
            for name, body in files:
                self._write_whole(name, body)
            return
        left = iter(files)
        while batch := list(islice(left, _AT_ONCE)):
            headers = sorted(((cache[name], content_type(name)), name, body) for name, body in batch)
            for (control, kind), part in groupby(headers, key=lambda one: one[0]):
                bodies = {self._at(name): body for _, name, body in part}
                self._fs.pipe(bodies, CacheControl=control, ContentType=kind)

    def remove(self, names: Collection[str]) -> None:
        """Remove files; one that is gone already is no error."""
        for name in names:
            with suppress(FileNotFoundError):
                self._fs.rm_file(self._at(name))

    def _write_whole(self, name: str, body: bytes) -> None:
        final, part = self._at(name), self._at(_PART)
        self._fs.makedirs(final.rpartition("/")[0], exist_ok=True)
        with self._fs.open(part, "wb") as out:
            out.write(body)
        self._fs.mv(part, final)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _below(self, path: str) -> str:
        return path.removeprefix(self._root).strip("/")


def _md5(info: Mapping[str, Any]) -> str:
    """Return what a store says of a file's content; an upload in parts or a key of the store's has another tag."""
    tag = str(info.get("ETag", "")).strip('"')
    return tag if re.fullmatch("[0-9a-f]{32}", tag) else ""


def content_type(name: str) -> str:
    """Return the media type of a file by the end of its name."""
    return _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
