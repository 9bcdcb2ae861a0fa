"""One build of a release that is published, as its manifest lists it: what a site is to hold."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cchc.errors import CchcError
from cchc.publishing.sites.claim import MANIFEST, document

Hashes = Mapping[str, str]  # file → sha256 of its content

_EDITION = re.compile(r"du-lieu/(\d{4}-\d\d-\d\d-[0-9a-f]{12})/")


@dataclass(frozen=True)
class Build:
    """The files of one build."""

    folder: Path
    build: str
    about: Mapping[str, Any]  # what the release's manifest says besides its files
    files: Hashes
    sizes: Mapping[str, int]  # bytes

    @property
    def province(self) -> str:
        """Whose it is."""
        return str(self.about.get("province", ""))

    @property
    def editions(self) -> set[str]:
        """The editions whose data lies in it."""
        return editions_in(self.files)

    def manifest(self, editions: Collection[str]) -> bytes:
        """Return what the site's manifest says: nothing of the other build, and which editions are there."""
        names = ("release_id", "reporting_day", "province")
        says = {name: self.about[name] for name in names if name in self.about}
        says["build"] = self.build
        says |= {"files": dict(self.files), "editions": sorted({*editions, *self.editions})}
        return (json.dumps(says, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    def read(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Yield files as they were published; raises `CchcError` for one that was changed since."""
        for name in names:
            path = self.folder / self.build / name
            body = self.body(name)
            if hashlib.sha256(body).hexdigest() != self.files[name]:
                raise CchcError(
                    f"{path} is not what was published: nothing of it is copied; `cchc release verify` says what "
                    "else was changed, `cchc publish` writes the release anew"
                )
            yield name, body

    def body(self, name: str) -> bytes:
        """Return the content of a file as it is now, nothing where it is gone."""
        path = self.folder / self.build / name
        try:
            return path.read_bytes() if path.is_file() else b""
        except OSError as error:
            raise CchcError(f"{path} cannot be read: {error.strerror}") from None


def edition_of(name: str) -> str | None:
    """Return the edition of open data that a file belongs to."""
    found = _EDITION.match(name)
    return found[1] if found else None


def editions_in(names: Iterable[str]) -> set[str]:
    """Return the editions that have files among these."""
    return {edition for name in names if (edition := edition_of(name))}


def read(folder: Path, build: str) -> Build:
    """Return a build of the release in `folder`; raises `CchcError` where it has none."""
    about = document((folder / MANIFEST).read_bytes())
    below = f"{build}/"
    listed = {
        name.removeprefix(below): said
        for name, said in sorted(about.get("files", {}).items())
        if name.startswith(below)
    }
    if not listed:
        raise CchcError(f"{folder} has no {build} pages: `cchc publish` writes the newest release anew")
    hashes = {name: said["sha256"] for name, said in listed.items()}
    return Build(folder, build, about, hashes, {name: said["bytes"] for name, said in listed.items()})


def earlier(newest: Build, known: Collection[str]) -> dict[str, Path]:
    """Return the editions of other releases and the folder of the release that has each, oldest first.

    `known`: the releases that were published. A folder that no such release stands for was cut off before it was one:
    what it says was never weighed against what others say, and it goes to nobody.
    """
    found: dict[str, Path] = {}
    for folder in sorted(newest.folder.parent.glob(f"*/{newest.build}/du-lieu/*/")):
        release = folder.parents[2]
        whole = release.name in known and not release.is_symlink() and (release / MANIFEST).is_file()
        if whole and _EDITION.fullmatch(f"du-lieu/{folder.name}/") and folder.name not in newest.editions:
            found.setdefault(folder.name, release)
    return found
