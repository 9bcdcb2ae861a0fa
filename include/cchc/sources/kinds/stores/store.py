"""One unit's folder, wherever it is kept: what stands in it, and its files, whole."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, NamedTuple, Self

from fsspec.asyn import sync

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError, SourceError, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.formats.names import last, matches
from cchc.sources.kinds.stores import failures
from cchc.sources.kinds.stores.opening import opener
from cchc.sources.kinds.stores.place import Place
from cchc.sources.texts import clean
from cchc.sources.web.meter import METER

_YOUNG = 2  # seconds since the last change: it may still be written
_LOOK_AGAIN = 0.2  # seconds
_CHUNK = 1024 * 1024
_LARGEST = 4 * 1024 * 1024 * 1024
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
_CHANGED = ("mtime", "LastModified", "modify", "modified", "last_modified")  # as stores call the time of it
_FTP_TIME = "%Y%m%d%H%M%S"


class _State(NamedTuple):
    """What shows whether a file changed."""

    size: int
    changed: float  # seconds since 1970; 0 where it is not known
    mark: str  # what else the store says of its content or its time


class Store:
    """One unit's folder in a store; every failure is a `SourceError` naming the file.

    The share of a dead server blocks whoever asks it, for as long as it likes: who comes back too late for the host's
    `total_seconds` has failed, so that nothing of a pull that was given up is kept.

    Making one asks nothing; it raises `ConfigurationError` where address, host and folder alone show that nothing can
    be read. Everything else needs it to be open.
    """

    _place: Place

    def __init__(self, source: str, host: Host, connection: Connection, folder: str) -> None:
        if ".." in PurePosixPath(folder).parts or folder.startswith("/"):
            raise ConfigurationError(
                f"source {source}: folder {folder!r} leads out of the connection's folder"
            )
        self._source, self._named = source, folder
        self._seconds = host.total_seconds
        self._wait = host.read_seconds  # for a file that is being written
        self._opener = opener(source, host, connection)

    def open(self) -> Self:
        """Connect, and return it open; its time runs from now. Raises `SourceError`."""
        self._until = time.monotonic() + self._seconds
        self._place = self._opener.open()
        self._fs, self._base = self._place.fs, self._place.base.rstrip("/")
        self._folder = f"{self._base}/{self._named}".rstrip("/")
        return self

    def close(self) -> None:
        """Let go of the connection."""
        self._place.close()

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
        with self._failing(""):
            present = self._is_folder(self._folder) or self._find_folder()
        if not present and self._place.is_local:
            text = "the unit's folder is not there; is the share mounted?"
            raise SourceUnavailable(self._source, text, where=PurePosixPath(self._folder).name)
        if not present:
            text = "the server has no such folder (share, or prefix of a bucket)"
            action = "Is it spelt as there, in the connection's address and in params.folder (sources.yaml)?"
            raise SourceUnavailable(self._source, text, where=self._folder.lstrip("/"), action=action)

    def _find_folder(self) -> bool:
        """Take the folder whose name is the same letters composed in another way, as a Mac writes them."""
        found = self._base
        for part in PurePosixPath(self._folder[len(self._base) :].lstrip("/")).parts:
            try:
                entries = self._ask("ls", found, detail=False)
            except Exception as error:
                if failures.is_gone(error):
                    return False
                raise
            same = [path for path in entries if clean(last(path)) == clean(part)]
            if not same:
                return False
            found = same[0]
        self._folder = found.rstrip("/")
        return self._is_folder(found)

    def _is_folder(self, path: str) -> bool:
        """Return whether a folder is there; elsewhere `isdir` takes whatever fails for a no."""
        if self._place.is_local or self._fs.async_impl:
            return bool(self._ask("isdir", path))
        try:
            return bool(self._ask("info", path)["type"] == "directory")
        except Exception as error:
            if failures.is_gone(error):
                return False
            raise

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
        entries = self._ask("ls", folder, detail=True)
        found = [(last(entry["name"]), entry["name"].rstrip("/"), entry["type"]) for entry in entries]
        return [
            (name, path, kind == "directory" or (kind != "file" and self._is_folder(path)))  # else a link
            for name, path, kind in found
            if path.strip("/") != folder.strip("/")  # the empty object that stands for a folder in a bucket
            and not name.startswith(_LOCKS)
            and not name.lower().endswith(_LEFT_BY_PROGRAMS)
        ]

    @contextmanager
    def opened(self, path: str, name: str, most: int = _LARGEST) -> Iterator[BinaryIO]:
        """Open a file that nobody is writing; one that is elsewhere is copied here first.

        A file that grows is waited for as long as a server may be silent. Raises `SourceUnavailable` where it is still
        growing then, or has changed by the time it was read.
        """
        with self._failing(name):
            before = self._settled(path, name)
        if before.size > most:
            raise TooLarge(most)
        with ExitStack() as stack:
            with self._failing(name):
                if self._place.is_local:
                    file = stack.enter_context(self._local(path))
                else:
                    file = stack.enter_context(self._copied(path, name, before))
            try:
                yield file
            except OSError as error:  # a share that goes while a file is read
                raise failures.told(self._source, error, name) from None
        with self._failing(name):
            if self._state(path) != before:
                raise self._still_written(name)

    def _settled(self, path: str, name: str) -> _State:
        """Return the state of a file, once it stands still."""
        until = min(time.monotonic() + self._wait, self._until)
        state = self._state(path)
        while not self._place.is_whole and time.time() - state.changed < _YOUNG:
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

    def _state(self, path: str) -> _State:
        self._fs.invalidate_cache()
        info = self._ask("info", path)
        changed = next((info[key] for key in _CHANGED if info.get(key)), 0)
        mark = f"{info.get('ETag') or ''} {changed}"
        return _State(int(info["size"]), _seconds(changed), mark)

    @contextmanager
    def _local(self, path: str) -> Iterator[BinaryIO]:
        with METER.request(self._source):
            file = open(path, "rb")  # noqa: PTH123, SIM115
        with file:
            yield file

    @contextmanager
    def _copied(self, path: str, name: str, state: _State) -> Iterator[BinaryIO]:
        """Copy a file here; raises `SourceUnavailable` where not as many bytes come as its server says it has."""
        with TemporaryFile() as copy:
            sink = _Sink(copy, self._source, state.size, self._until)
            try:
                self._fetch(path, sink)
            except _Enough:
                pass
            except Exception:
                self._refuse_changed(path, name, state)
                raise
            if copy.tell() != state.size:
                self._refuse_changed(path, name, state)
                text = (
                    f"{copy.tell():,} bytes came of a file that has {state.size:,}: the server broke it off"
                )
                raise SourceUnavailable(self._source, text, where=name)
            copy.seek(0)
            yield copy

    def _refuse_changed(self, path: str, name: str, state: _State) -> None:
        """Raise `SourceUnavailable` where a file is another by now: that is why it could not be read."""
        try:
            is_other = self._state(path) != state
        except Exception:
            return  # what failed first is told
        if is_other:
            raise self._still_written(name)

    def _fetch(self, path: str, sink: _Sink) -> None:
        if self._fs.async_impl:
            remote = self._ask("open_async", path, "rb")
            try:
                while chunk := self._in_time(remote.read, _CHUNK):
                    sink.write(chunk)
            finally:
                if body := getattr(remote, "r", None):  # of a bucket: else its connection stays open
                    self._fs.loop.call_soon_threadsafe(body.close)
        elif self._place.by_blocks:
            with METER.request(self._source), self._fs.open(path, "rb") as remote:
                while chunk := remote.read(_CHUNK):
                    sink.write(chunk)
        else:
            self._ask("get_file", path, sink)

    def _ask(self, what: str, *args: Any, **options: Any) -> Any:
        """Return what the store answers; one that can be given up is, when the host's time is over."""
        if self._fs.async_impl:
            own = what if what == "open_async" else f"_{what}"
            answer = self._in_time(getattr(self._fs, own), *args, **options)
        else:
            with METER.request(self._source):
                answer = getattr(self._fs, what)(*args, **options)
        METER.answered(self._source)
        return answer

    def _in_time(self, ask: Any, *args: Any, **options: Any) -> Any:
        left = max(0.001, self._until - time.monotonic())
        with METER.request(self._source):
            return sync(self._fs.loop, ask, *args, timeout=left, **options)

    @contextmanager
    def _failing(self, name: str) -> Iterator[None]:
        """Tell every failure of the store as ours: what its library says may hold anything."""
        failed: SourceError | None = None
        try:
            yield
        except (SourceError, ConfigurationError):
            raise
        except Exception as error:
            failed = failures.told(self._source, error, name)
        if time.monotonic() > self._until:
            text = "the files were not read within the time that their host allows (total_seconds)"
            raise SourceUnavailable(self._source, text, where=name)
        if failed is not None:
            raise failed


def _seconds(changed: Any) -> float:
    """Return a time as stores tell it in seconds since 1970, 0 for one that cannot be read."""
    if isinstance(changed, datetime):
        return changed.timestamp()
    if isinstance(changed, str):  # of an FTP server
        try:
            return datetime.strptime(changed[:14], _FTP_TIME).replace(tzinfo=UTC).timestamp()
        except ValueError:
            return 0
    return float(changed)


class TooLarge(ValueError):
    """A file is larger than may be read; its size in bytes is given."""

    def __init__(self, most: int) -> None:
        super().__init__(f"the file is over {most // 1024 // 1024} MB")


class _Enough(Exception):
    """More comes of a file than it should have, or its time is over."""


class _Sink:
    """Takes what comes of a file, as an open file to those that fill one."""

    def __init__(self, copy: IO[bytes], source: str, size: int, until: float) -> None:
        self._copy, self._source, self._size, self._until = copy, source, size, until
        self.tell, self.read, self.close = copy.tell, copy.read, copy.close

    def write(self, chunk: bytes) -> int:
        """Keep a part; raises `_Enough` where no more is wanted."""
        METER.add(self._source, len(chunk))
        written = self._copy.write(chunk)
        if self._copy.tell() > self._size or time.monotonic() > self._until:
            raise _Enough
        return written
