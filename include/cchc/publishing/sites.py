"""A place that people read pages from: a folder, or an object store by its fsspec URL.

A place is written file by file: a folder's files appear whole by a rename, an object store's by its own promise. What a
store says is never passed on, for it may repeat an address with a login; the kind of a failure is told in own words.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import fsspec

from cchc.errors import CchcError
from cchc.settings import Settings

Build = Literal["public", "internal"]

_PART = ".cchc-part"  # what a folder's file is called until it is whole
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
        try:
            store = self.url.startswith(("s3://", "s3a://"))
            fs, root = fsspec.core.url_to_fs(self.url, **(_STORE if store else {}))
            if store:
                fs.retries = _TRIES
            yield Place(fs, root.rstrip("/"), is_store=store, is_folder="://" not in self.url)
        except CchcError:
            raise
        except Exception as error:  # each kind of store has exceptions of its own
            raise NotCopied(
                f"{self.variable}: {self.shown} cannot be used: {_reason(error)}. What was published stands; mend the "
                "place or its credentials, then run `cchc release deliver` (the next night tries again)"
            ) from None


def of(settings: Settings) -> list[Site]:
    """Return the sites that releases are copied to."""
    given: list[tuple[Build, str]] = [("public", settings.public_site), ("internal", settings.internal_site)]
    return [Site(build, url) for build, url in given if url]


def _reason(error: Exception) -> str:
    kinds = [found.__name__ for found in type(error).__mro__]
    for words, names in _REASONS.items():
        if any(name in kind for kind in kinds for name in names):
            return f"{words} ({kinds[0]})"
    said = error.strerror if isinstance(error, OSError) and error.errno is not None else ""
    return f"{said} ({kinds[0]})" if said else kinds[0]


class Place:
    """An opened site; names are paths below its root, with slashes."""

    def __init__(self, fs: Any, root: str, *, is_store: bool, is_folder: bool) -> None:
        self._fs, self._root, self._is_store, self._is_folder = fs, root, is_store, is_folder

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where it is not there."""
        try:
            return bytes(self._fs.cat_file(self._at(name)))
        except FileNotFoundError:
            return None

    def begin(self) -> None:
        """Make a folder that is not there yet, and take away what a killed writer left.

        Raises `FileNotFoundError` where what the folder would lie in is not there.
        """
        if self._is_folder and not self._fs.isdir(self._root):
            self._fs.mkdir(self._root, create_parents=False)
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

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, and the folders that are empty then; one that is gone already is no error."""
        for name in names:
            with suppress(FileNotFoundError):
                self._fs.rm_file(self._at(name))
            if self._is_folder:
                with suppress(OSError):  # it holds more
                    for folder in list(Path(name).parents)[:-1]:
                        Path(self._root, folder).rmdir()

    def _write_whole(self, name: str, body: bytes) -> None:
        final, part = self._at(name), self._at(_PART)
        self._fs.makedirs(final.rpartition("/")[0], exist_ok=True)
        with self._fs.open(part, "wb") as out:
            out.write(body)
            if self._is_folder:
                out.flush()
                os.fsync(out.fileno())
        self._fs.mv(part, final)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"


def content_type(name: str) -> str:
    """Return the media type of a file by the end of its name."""
    return _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
