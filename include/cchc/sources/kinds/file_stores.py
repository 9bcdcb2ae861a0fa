"""Where registers are kept: a folder, an SFTP server, or an object store."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

import fsspec
import paramiko

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.formats.names import last, matches
from cchc.sources.texts import clean
from cchc.sources.web.addresses import Forbidden, check, resolve
from cchc.sources.web.meter import METER

_YOUNG = 2  # seconds since the last change: it may still be written
_LOOK_AGAIN = 0.2  # seconds
_CHUNK = 1024 * 1024
_LARGEST = 4 * 1024 * 1024 * 1024
_SFTP = ("sftp", "ssh")
#: what an address may begin with; of each it is known what its folders and its failures look like
_SCHEMES = ("file", *_SFTP, "s3", "memory")
_LOCKS = ("~$", ".~lock.", "._")  # a workbook that somebody has open, what a Mac keeps beside a file
_LEFT_BY_PROGRAMS = (
    ".tmp",
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".bak",
    "~",
)  # not whole yet, or a copy


class Store:
    """One unit's folder in a store; every failure is a `SourceError` naming the file.

    The share of a dead server blocks whoever asks it, for as long as it likes: who comes back too late for the host's
    `total_seconds` has failed, so that nothing of a pull that was given up is kept.
    """

    def __init__(self, source: str, host: Host, connection: Connection, folder: str) -> None:
        if ".." in PurePosixPath(folder).parts or folder.startswith("/"):
            raise ConfigurationError(
                f"source {source}: folder {folder!r} leads out of the connection's folder"
            )
        self._source = source
        self._until = time.monotonic() + host.total_seconds
        self._wait = host.read_seconds  # for a file that is being written
        scheme = connection.url.partition(":")[0]
        if scheme not in _SCHEMES:
            raise ConfigurationError(
                f"source {source}: folders at {scheme}: are not read; give file:///folder, "
                "sftp://login:password@server/folder or s3://key:secret@bucket/folder"
            )
        self._is_local, self._is_sftp = scheme == "file", scheme in _SFTP
        if self._is_sftp:
            self._fs, base = _sftp(source, host, connection), unquote(urlsplit(connection.url).path)
        else:
            self._fs, base = _object_store(source, connection, scheme)
        self._base = base.rstrip("/")
        self._folder = f"{self._base}/{folder}".rstrip("/")

    def close(self) -> None:
        """Let go of the connection."""
        if self._is_sftp:
            self._fs.client.close()

    def find(self, pattern: str) -> list[str]:
        """Return the paths of the files of a pattern, in order of their names; capitals and accents do not matter.

        A part of a pattern between two `/` is of one folder, `**` of any number of them.
        """
        with self._failing(""):
            return sorted(set(self._walk(self._folder, pattern.split("/"))))

    def names(self) -> list[str]:
        """Return the names of the files that stand in the folder itself."""
        with self._failing(""):
            return [name for name, _, is_folder in self._ls(self._folder) if not is_folder]

    def check(self) -> None:
        """Raise `SourceUnavailable` where the folder is not there."""
        self._fs.invalidate_cache()
        with self._failing(""), METER.request(self._source):
            present = self._fs.isdir(self._folder) or self._find_folder()
        if not present:
            text = "the unit's folder is not there; is the share mounted?"
            raise SourceUnavailable(self._source, text, where=PurePosixPath(self._folder).name)

    def _find_folder(self) -> bool:
        """Take the folder whose name is the same letters composed in another way, as a Mac writes them."""
        found = self._base
        for part in PurePosixPath(self._folder[len(self._base) :].lstrip("/")).parts:
            entries = self._fs.ls(found, detail=False) if self._fs.isdir(found) else []
            same = [path for path in entries if clean(last(path)) == clean(part)]
            if not same:
                return False
            found = same[0]
        self._folder = found.rstrip("/")
        return bool(self._fs.isdir(found))

    def _walk(self, folder: str, parts: Sequence[str]) -> Iterator[str]:
        part, rest = parts[0], parts[1:]
        if part == "**" and rest:
            yield from self._walk(folder, rest)
        for name, path, is_folder in self._ls(folder):
            if is_folder and rest and (part == "**" or matches(name, part)):
                yield from self._walk(path, parts if part == "**" else rest)
            elif not is_folder and not rest and matches(name, part):
                yield path

    def _ls(self, folder: str) -> list[tuple[str, str, bool]]:
        """Return name, path and whether it is a folder of what stands in a folder, but for what programs put there."""
        with METER.request(self._source):
            entries = self._fs.ls(folder, detail=True)
        found = [(last(entry["name"]), entry["name"].rstrip("/"), entry["type"]) for entry in entries]
        return [
            (name, path, kind == "directory" or (kind != "file" and self._fs.isdir(path)))  # else a link
            for name, path, kind in found
            if not name.startswith(_LOCKS) and not name.lower().endswith(_LEFT_BY_PROGRAMS)
        ]

    @contextmanager
    def opened(self, path: str, name: str, most: int = _LARGEST) -> Iterator[BinaryIO]:
        """Open a file that nobody is writing; one that is elsewhere is copied here first.

        A file that grows is waited for as long as a server may be silent. Raises `SourceUnavailable` where it is still
        growing then, or has changed by the time it was read.
        """
        with self._failing(name):
            before = self._settled(path, name)
        if before[0] > most:
            raise TooLarge(most)
        with ExitStack() as stack:
            with self._failing(name):
                if self._is_local:
                    file = stack.enter_context(self._local(path))
                else:
                    file = stack.enter_context(self._copied(path, name, before))
            try:
                yield file
            except OSError as error:  # a share that goes while a file is read
                raise self._unreadable(error, name) from None
        with self._failing(name):
            if self._state(path) != before:
                raise self._still_written(name)

    def _settled(self, path: str, name: str) -> tuple[int, float]:
        """Return size and time of change of a file, once both stand still."""
        until = min(time.monotonic() + self._wait, self._until)
        state = self._state(path)
        while time.time() - state[1] < _YOUNG:
            time.sleep(_LOOK_AGAIN)
            now = self._state(path)
            if now == state:
                break
            if time.monotonic() > until:
                raise self._still_written(name)
            state = now
        return state

    def _still_written(self, name: str) -> SourceUnavailable:
        text = "the file changed while it was read; someone is writing it"
        action = "The unit should write it under another name and rename it when it is whole."
        return SourceUnavailable(self._source, text, where=name, action=action)

    def _state(self, path: str) -> tuple[int, float]:
        self._fs.invalidate_cache()
        with METER.request(self._source):
            info = self._fs.info(path)
        changed = info.get("mtime", 0) or 0  # an object store shows only whole objects
        return int(info["size"]), changed.timestamp() if hasattr(changed, "timestamp") else float(changed)

    @contextmanager
    def _local(self, path: str) -> Iterator[BinaryIO]:
        with METER.request(self._source):
            file = open(path, "rb")  # noqa: PTH123, SIM115
        with file:
            yield file

    @contextmanager
    def _copied(self, path: str, name: str, state: tuple[int, float]) -> Iterator[BinaryIO]:
        """Copy a file here; raises `SourceUnavailable` where not as many bytes come as its server says it has."""
        size = state[0]
        with TemporaryFile() as copy:
            with METER.request(self._source), self._fs.open(path, "rb") as remote:
                while copy.tell() <= size and (chunk := remote.read(_CHUNK)):
                    METER.add(self._source, len(chunk))
                    copy.write(chunk)
                    if time.monotonic() > self._until:
                        text = "the file was not whole by the time its host allows (total_seconds)"
                        raise SourceUnavailable(self._source, text, where=name)
            if copy.tell() != size:
                if self._state(path) != state:
                    raise self._still_written(name)
                text = f"{copy.tell():,} bytes came of a file that has {size:,}: the server broke it off"
                raise SourceUnavailable(self._source, text, where=name)
            copy.seek(0)
            yield copy

    @contextmanager
    def _failing(self, name: str) -> Iterator[None]:
        """Tell every failure of the store as ours: what its library says may hold anything."""
        try:
            yield
        except (SourceError, ConfigurationError):
            raise
        except Exception as error:
            raise self._unreadable(error, name) from None
        if time.monotonic() > self._until:
            text = "the files were not read within the time that their host allows (total_seconds)"
            raise SourceUnavailable(self._source, text, where=name)

    def _unreadable(self, error: Exception, name: str) -> SourceUnavailable:
        if isinstance(error, paramiko.SSHException):
            text = f"the connection broke: {type(error).__name__}"
        else:
            said = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else ""
            text = f"the file or folder cannot be read: {said or type(error).__name__}"
        return SourceUnavailable(self._source, text, where=name)


class TooLarge(ValueError):
    """A file is larger than may be read; its size in bytes is given."""

    def __init__(self, most: int) -> None:
        super().__init__(f"the file is over {most // 1024 // 1024} MB")


class _WrongKey(paramiko.SSHException):
    """The server is not the one whose key the catalogue has."""


class _OnlyKnown(paramiko.MissingHostKeyPolicy):
    """Trusts the keys of the catalogue and no other; nothing is ever learned from a server."""

    def __init__(self, keys: frozenset[bytes]) -> None:
        self._keys = keys

    def missing_host_key(self, _client: Any, _hostname: str, key: paramiko.PKey) -> None:
        if key.asbytes() not in self._keys:
            raise _WrongKey


def _object_store(source: str, connection: Connection, scheme: str) -> tuple[Any, str]:
    """Return the file system of a folder or object store, and the path in it; raises `ConfigurationError`."""
    options = {"key": connection.login, "secret": connection.password} if scheme == "s3" else {}
    try:
        found: tuple[Any, str] = fsspec.core.url_to_fs(
            connection.url, **(options if connection.login else {})
        )
    except ImportError:
        text = f"source {source}: folders at {scheme}: need the package s3fs, which is not installed"
        raise ConfigurationError(text) from None
    except Exception as error:
        text = f"source {source}: the folder at {scheme}: cannot be opened: {type(error).__name__}"
        raise ConfigurationError(text) from None
    return found


def _sftp(source: str, host: Host, connection: Connection) -> Any:
    """Return the file system of an SFTP server; raises `SourceError`, `ConfigurationError` for a host without keys."""
    parts = urlsplit(connection.url)
    keys = _keys(host)
    where = f"{parts.hostname}"
    try:
        addresses = resolve(where, parts.port or 22, host.connect_seconds)
        check(addresses, private=host.private)
        found = fsspec.filesystem(
            "sftp",
            skip_instance_cache=True,
            host=str(addresses[0]),
            port=parts.port or 22,
            username=connection.login,
            password=connection.password or None,
            key_filename=connection.client_cert or None,
            allow_agent=False,
            look_for_keys=False,
            host_key_policy=_OnlyKnown(frozenset(key for _, key in keys)),
            disabled_algorithms={"keys": [name for name in _KEY_KINDS if name not in _signed_by(keys)]},
            timeout=host.connect_seconds,
            banner_timeout=host.connect_seconds,
            auth_timeout=host.connect_seconds,
        )
    except Forbidden as forbidden:
        text = f"its address is {forbidden}, where nothing is read from unless the host says private: true"
        raise SourceRefused(source, text, where=where) from None
    except _WrongKey:
        text = "the server's key is not one of host_keys (hosts.yaml)"
        action = "Ask its administrator for the fingerprint before changing them: it may be another server."
        raise SourceRefused(source, text, where=where, action=action) from None
    except paramiko.AuthenticationException:
        raise SourceRefused(source, "login or password is wrong", where=where) from None
    except (paramiko.SSHException, OSError) as error:
        said = "its keys are of another kind than host_keys" if "no acceptable host key" in str(error) else ""
        text = f"the server cannot be reached: {said or getattr(error, 'strerror', None) or type(error).__name__}"
        raise SourceUnavailable(source, text, where=where) from None
    with suppress(AttributeError):
        found.ftp.get_channel().settimeout(host.read_seconds)
    return found


_KEY_KINDS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-rsa",
)


def _signed_by(keys: list[tuple[str, bytes]]) -> set[str]:
    """Return the algorithms of the known keys; an RSA key signs by SHA-2, never by SHA-1."""
    kinds = {kind for kind, _ in keys}
    return (kinds - {"ssh-rsa"}) | ({"rsa-sha2-512", "rsa-sha2-256"} if "ssh-rsa" in kinds else set())


def _keys(host: Host) -> list[tuple[str, bytes]]:
    """Return kind and content of the host's known keys; raises `ConfigurationError`."""
    if not host.host_keys:
        raise ConfigurationError(
            f"host {host.code}: an SFTP server is only read when its key is known: give host_keys (hosts.yaml), "
            "each as `ssh-keyscan` prints it without the name: ssh-ed25519 AAAA…"
        )
    found = []
    for line in host.host_keys:
        kind, _, rest = line.partition(" ")
        try:
            found.append((kind, base64.b64decode(rest.split()[0], validate=True)))
        except (ValueError, IndexError):
            raise ConfigurationError(
                f"host {host.code}: host_keys: a key is written: ssh-ed25519 AAAA…"
            ) from None
    return found
