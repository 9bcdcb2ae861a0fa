"""Copy what is published to the sites people read: the public build to one, the internal build to the other.

A site's `manifest.json` says which release it shows and the hash of each of its files; it is written when all of them
are there. What is going to be written or removed is told first, in a file beside it: a copy that was cut off is thereby
known to the next one, which writes those files anew. Pages that a release has no more go last. The data of every
edition that was published is brought once and stays for ever, since its address is for ever.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from cchc.errors import CchcError
from cchc.publishing.sites import NotCopied, Place, Site
from cchc.publishing.sql import query

log = logging.getLogger(__name__)

MANIFEST = "manifest.json"
UNDER_WAY = "manifest.under-way.json"
_CURRENT = "current"
_EDITION = re.compile(r"du-lieu/(\d{4}-\d\d-\d\d-[0-9a-f]{12})/")
_FOREVER, _SHORT, _NEVER = "max-age=31536000, immutable", "max-age=300", "no-store"

Hashes = Mapping[str, str]  # file → sha256 of its content


@dataclass(frozen=True)
class Copied:
    """What came of one site; `problem` is empty where it shows the release."""

    build: str
    place: str
    release_id: str
    written: int = 0
    removed: int = 0
    problem: str = ""


@dataclass(frozen=True)
class _Build:
    """One build of a release, as its manifest lists it."""

    folder: Path
    build: str
    about: Mapping[str, Any]  # what the release's manifest says besides its files
    files: Hashes

    @property
    def editions(self) -> set[str]:
        """The editions whose data lies in it."""
        return {found[1] for name in self.files if (found := _EDITION.match(name))}

    def manifest(self, editions: Collection[str]) -> bytes:
        """Return what the site's manifest says: nothing of the other build, and which editions are there."""
        names = ("release_id", "reporting_day", "province")
        document = {name: self.about[name] for name in names if name in self.about}
        document["build"] = self.build
        document |= {"files": dict(self.files), "editions": sorted({*editions, *self.editions})}
        return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    def read(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Yield files as they were published; raises `CchcError` for one that was changed since."""
        for name in names:
            path = self.folder / self.build / name
            body = path.read_bytes() if path.is_file() else b""
            if hashlib.sha256(body).hexdigest() != self.files[name]:
                raise CchcError(
                    f"{path} is not what was published: nothing of it is copied; `cchc release verify` says what "
                    "else was changed, `cchc publish` writes the release anew"
                )
            yield name, body


def copy(
    engine: Engine, releases: Path, sites: Collection[Site], *, everything: bool = False
) -> list[Copied]:
    """Make each site show the release that `current` leads to, and return what came of each; the lock is waited for.

    Only files that changed are written; with `everything` all of them, those of the editions of earlier releases too,
    which mends a site that lost files or was edited. One site's trouble is its `problem` and keeps no other back.
    Raises `CchcError` where nothing is published.
    """
    if not sites:
        return []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        try:
            guard.execute(query("lock_sites"))
            folder = _published(releases)
            return [_copied(site, folder, everything=everything) for site in sites]
        finally:
            guard.invalidate()  # the lock goes with its session


def behind(releases: Path, sites: Collection[Site]) -> list[Copied]:
    """Return the sites that do not show what is published, each with the reason; nothing is written."""
    folder = current(releases)
    if folder is None:
        return []
    return [state for site in sites if (state := look(site, folder.name)).problem]


def look(site: Site, release_id: str | None) -> Copied:
    """Return what a site shows; its problem where that is not `release_id` or cannot be known."""
    try:
        with site.opened() as place:
            shown = _about(place.read(MANIFEST)).get("release_id")
    except NotCopied as error:
        return Copied(site.build, site.shown, "", problem=str(error))
    if shown == release_id:
        return Copied(site.build, site.shown, str(shown or ""))
    problem = (
        f"{site.variable}: {site.shown} shows {shown or 'no release'}, published is {release_id or 'none'}; "
        "run `cchc release deliver`"
    )
    return Copied(site.build, site.shown, str(shown or ""), problem=problem)


def current(releases: Path) -> Path | None:
    """Return the folder of the release that is out, None where none is."""
    link = releases / _CURRENT
    return link.resolve() if (link / MANIFEST).is_file() else None


def _published(releases: Path) -> Path:
    found = current(releases)
    if found is None:
        raise CchcError(f"nothing is published in {releases}: `cchc publish` writes the newest release")
    return found


def _copied(site: Site, folder: Path, *, everything: bool) -> Copied:
    written = removed = 0
    try:
        build = _build(folder, site.build)
        with site.opened() as place:
            _same_build(site, place)
            place.begin()
            written, removed = _bring(place, build, everything=everything)
            written += _bring_editions(place, build, everything=everything)
    except CchcError as error:
        log.error("%s", error)
        return Copied(site.build, site.shown, folder.name, written, removed, str(error))
    return Copied(site.build, site.shown, folder.name, written, removed)


def _same_build(site: Site, place: Place) -> None:
    """Raise `NotCopied` where a place holds another build: data of its editions would stay, for they are for ever."""
    other = "internal" if site.build == "public" else "public"
    for name in (MANIFEST, UNDER_WAY):
        if _about(place.read(name)).get("build") == other:
            raise NotCopied(
                f"{site.variable}: {site.shown} holds the {other} build, whose data would stay in it: give each "
                "build a place of its own, or empty this one first; then run `cchc release deliver`"
            )


def _bring(place: Place, build: _Build, *, everything: bool) -> tuple[int, int]:
    """Make a place show a build; returns how many files were written and removed."""
    there = place.read(MANIFEST)
    known, doubtful = _hashes(there), set(_hashes(place.read(UNDER_WAY)))
    manifest = build.manifest(_editions(there))
    changed = [
        name
        for name in _in_order(build.files)
        if everything or name in doubtful or known.get(name) != build.files[name]
    ]
    gone = [name for name in sorted({*known, *doubtful} - set(build.files)) if not _EDITION.match(name)]
    if not (changed or gone or doubtful) and there == manifest:
        return 0, 0
    touched = dict.fromkeys(sorted({*changed, *gone, *doubtful}), "")
    under_way = {"build": build.build, "files": touched}
    _put(place, UNDER_WAY, (json.dumps(under_way, ensure_ascii=False, indent=1) + "\n").encode())
    place.write(build.read(changed), {name: cache_control(name) for name in changed})
    _put(place, MANIFEST, manifest)
    place.remove(gone)
    place.remove([UNDER_WAY])
    return len(changed), len(gone)


def _bring_editions(place: Place, newest: _Build, *, everything: bool) -> int:
    """Bring the data of earlier releases that are still here and never came to the place; returns how many files."""
    there = _editions(place.read(MANIFEST))
    missing = (
        _earlier(newest) if everything else {e: at for e, at in _earlier(newest).items() if e not in there}
    )
    written = 0
    for edition, folder in missing.items():
        build = _build(folder, newest.build)
        names = [name for name in build.files if name.startswith(f"du-lieu/{edition}/")]
        place.write(build.read(names), {name: cache_control(name) for name in names})
        written += len(names)
    if set(missing) - there:
        _put(place, MANIFEST, newest.manifest(there | set(missing)))
    return written


def _earlier(newest: _Build) -> dict[str, Path]:
    """Return the editions of other releases and the folder of the release that has each, oldest first."""
    found: dict[str, Path] = {}
    for folder in sorted(newest.folder.parent.glob(f"*/{newest.build}/du-lieu/*/")):
        release = folder.parents[2]
        whole = (
            not release.is_symlink() and not release.name.startswith(".") and (release / MANIFEST).is_file()
        )
        if whole and _EDITION.fullmatch(f"du-lieu/{folder.name}/") and folder.name not in newest.editions:
            found.setdefault(folder.name, release)
    return found


def _put(place: Place, name: str, body: bytes) -> None:
    place.write([(name, body)], {name: _NEVER if name == UNDER_WAY else "no-cache"})


def _in_order(files: Collection[str]) -> list[str]:
    """Return files in the order they are written: first what pages lead to, the first page last."""

    def turn(name: str) -> int:
        if name == "index.html":
            return 2
        return 1 if name.endswith(".html") else 0

    return sorted(files, key=lambda name: (turn(name), name))


def cache_control(name: str) -> str:
    """Return how long a browser may keep a file: what lies below an edition never changes."""
    return _FOREVER if _EDITION.match(name) else _SHORT


def _build(folder: Path, build: str) -> _Build:
    about = _about((folder / MANIFEST).read_bytes())
    below = f"{build}/"
    files = {
        name.removeprefix(below): listed["sha256"]
        for name, listed in sorted(about.get("files", {}).items())
        if name.startswith(below)
    }
    if not files:
        raise CchcError(f"{folder} has no {build} pages: `cchc publish` writes the newest release anew")
    return _Build(folder, build, about, files)


def _about(manifest: bytes | None) -> dict[str, Any]:
    """Return what a manifest says; nothing where there is none or it cannot be read: then everything is written."""
    try:
        found = json.loads(manifest or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _editions(manifest: bytes | None) -> set[str]:
    listed = _about(manifest).get("editions", [])
    return {str(name) for name in listed} if isinstance(listed, list) else set()


def _hashes(manifest: bytes | None) -> dict[str, str]:
    files = _about(manifest).get("files", {})
    if not isinstance(files, dict):
        return {}
    # what somebody wrote into a site's manifest does not lead out of the site
    return {
        str(name): str(sha) for name, sha in files.items() if ".." not in name.split("/") and name[:1] != "/"
    }
