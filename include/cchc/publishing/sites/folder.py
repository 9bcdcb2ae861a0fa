"""A folder that people read pages from, written so that a reader finds the old site or the new one.

What changes is written beside the pages first, and when all of it is there it takes their places by renames: a full
disk, a file that cannot be read or a kill meanwhile leaves the pages as they are. No symbolic link below the folder is
followed, whoever put it there and when: each part of a path is opened in the one before.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

_PART = ".cchc-part"  # what a file is called beside its place until all are whole
_FEW = 16  # files that are each brought to the disk for themselves
_INTO = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe put there meanwhile keeps nobody waiting
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


@dataclass(frozen=True)
class Found:
    """What lies at a name of a place."""

    kind: Literal["file", "folder", "other"]  # other: a link, a pipe …
    size: int = -1  # of a file, bytes
    md5: str = ""  # of its content, where the place says so without being read


class InTheWay(Exception):
    """Something else lies where a file or a folder of ours belongs; its argument is the name."""


class Folder:
    """An opened site on the file system; names are paths below it, with slashes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def top(self) -> list[str]:
        """Return what lies in it, sorted; nothing where it is not there."""
        try:
            return sorted(path.name for path in self._root.iterdir() if not _is_part(path.name))
        except FileNotFoundError:
            return []

    def found(self) -> dict[str, Found]:
        """Return everything in it by name."""
        return {name: found for name, found in self._below("") if not _is_part(name)}

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where there is none: a link is none."""
        path = PurePosixPath(name)
        try:
            with self._opened(path.parent) as at:
                if not stat.S_ISREG(os.stat(path.name, dir_fd=at, follow_symlinks=False).st_mode):
                    return None
                with os.fdopen(os.open(path.name, _READ, dir_fd=at), "rb") as file:
                    return file.read()
        except (FileNotFoundError, InTheWay):
            return None

    def hashes(self, names: Iterable[str]) -> dict[str, str]:
        """Return the sha256 of the content of files, as far as they are there."""
        bodies = ((name, self.read(name)) for name in names)
        return {name: hashlib.sha256(body).hexdigest() for name, body in bodies if body is not None}

    def begin(self) -> None:
        """Make the folder where it is not there yet, and take away what a killed writer left.

        Raises `FileNotFoundError` where what it would lie in is not there.
        """
        if not self._root.is_dir():
            self._root.mkdir()
        self.remove([name for name, found in self._below("") if found.kind != "folder" and _is_part(name)])

    def write(self, files: Iterable[tuple[str, bytes]], cache: Mapping[str, str]) -> None:
        """Write the files that `cache` names, in its order: none is changed where one cannot be written.

        Raises `InTheWay` where a link, or a folder in place of a file, keeps one out.
        """
        for name in cache:
            path = PurePosixPath(name)
            with self._opened(path.parent, make=True) as at, suppress(FileNotFoundError):
                if stat.S_ISDIR(os.stat(path.name, dir_fd=at, follow_symlinks=False).st_mode):
                    raise InTheWay(name)
        few, parts = len(cache) <= _FEW, dict[PurePosixPath, str]()
        try:
            for number, (name, body) in enumerate(files):
                path = PurePosixPath(name)
                with self._opened(path.parent) as at:
                    parts[path] = f"{_PART}-{number}"
                    with os.fdopen(os.open(parts[path], _NEW, 0o666, dir_fd=at), "wb") as out:
                        out.write(body)
                        if few:
                            out.flush()
                            os.fsync(out.fileno())
            if not few:
                os.sync()  # once, in place of each of a thousand files
            for path, part in parts.items():
                with self._opened(path.parent) as at:
                    os.replace(part, path.name, src_dir_fd=at, dst_dir_fd=at)
        except BaseException:
            with suppress(OSError, InTheWay):
                self.remove([str(path.with_name(part)) for path, part in parts.items()])
            raise

    def remove(self, names: Collection[str]) -> None:
        """Remove files, and the folders that are empty then; one that is gone already is no error."""
        for name in names:
            path = PurePosixPath(name)
            with suppress(FileNotFoundError), self._opened(path.parent) as at:
                os.unlink(path.name, dir_fd=at)
            for folder in list(path.parents)[:-1]:
                with suppress(OSError), self._opened(folder.parent) as at:  # it holds more
                    os.rmdir(folder.name, dir_fd=at)

    def _below(self, folder: str) -> Iterator[tuple[str, Found]]:
        try:
            with os.scandir(self._root / folder) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except (FileNotFoundError, PermissionError):  # not made yet; lost+found and the like
            return
        for entry in inside:
            name = f"{folder}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield name, Found("folder")
                yield from self._below(f"{name}/")
            elif entry.is_file(follow_symlinks=False):
                yield name, Found("file", entry.stat(follow_symlinks=False).st_size)
            else:
                yield name, Found("other")

    @contextmanager
    def _opened(self, folder: PurePosixPath, *, make: bool = False) -> Iterator[int]:
        """Give a folder below the root, open; raises `InTheWay` where something else has the name of a part of it."""
        at = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in folder.parts:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(part, dir_fd=at)
                try:
                    inner = os.open(part, _INTO, dir_fd=at)
                except OSError as error:
                    if error.errno in (errno.ENOTDIR, errno.ELOOP):  # a link is no folder
                        raise InTheWay(str(folder)) from None
                    raise
                os.close(at)
                at = inner
            yield at
        finally:
            os.close(at)


def _is_part(name: str) -> bool:
    return name.rpartition("/")[2].startswith(_PART)
