"""Copy what is published to the sites people read: the public build to one, the internal build to the other.

Each copy makes a site equal to the release: what it holds is listed, and what is missing or is not as it was published
(somebody edited it, an object store forgot it) is written. `manifest.json` at a site says which release it shows and
the hash of each of its files; it is written when all of them are there. What is going to be written or removed is told
first, in a file beside it, so that a copy that was cut off leaves nothing that the next one does not know of. Pages
that a release has no more go last. The data of every edition that was published is brought once and stays for ever,
since its address is for ever.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine

from cchc.errors import CchcError
from cchc.publishing.sites import build as site_build
from cchc.publishing.sites import claim
from cchc.publishing.sites.build import Build, edition_of, editions_in
from cchc.publishing.sites.claim import MANIFEST, MARKER, UNDER_WAY, document
from cchc.publishing.sites.folder import Found
from cchc.publishing.sites.place import NotCopied, Place, Site
from cchc.publishing.sql import query

log = logging.getLogger(__name__)

_CURRENT = "current"
_FOREVER, _SHORT, _NEVER = "max-age=31536000, immutable", "max-age=300", "no-store"

There = Mapping[str, Found]  # what a site holds


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
class _Work:
    """What makes a site equal to a release."""

    changed: list[str]  # in the order they are written
    gone: list[str]
    begun: frozenset[str] | None  # what a copy that was cut off was at; None: none was
    manifest: bytes
    is_new: bool  # the manifest is not what the site has
    edited: list[str]  # of `changed`: what was delivered and is no more what it was


def copy(
    engine: Engine, releases: Path, sites: Collection[Site], *, everything: bool = False
) -> list[Copied]:
    """Make each site show the release that `current` leads to, and return what came of each; the lock is waited for.

    What is not as it was published is written: of the editions of earlier releases, files that are missing or have
    another size. With `everything` every file is, whatever the site says of it. One site's trouble is its `problem` and
    keeps no other back; where one lies within another, nothing is written. Raises `CchcError` where nothing is
    published.
    """
    if not sites:
        return []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        try:
            guard.execute(query("lock_sites"))
            folder = _published(releases)
            known = {row.release_id for row in guard.execute(query("releases"), {"release_id": None})}
            return [_copied(site, sites, folder, known, everything=everything) for site in sites]
        finally:
            guard.invalidate()  # the lock goes with its session


def behind(releases: Path, sites: Collection[Site]) -> list[Copied]:
    """Return the sites that are not as published, each with the reason; nothing is written."""
    folder = current(releases)
    if folder is None:
        return []
    if within := claim.overlap(sites, releases):
        return [Copied(site.build, site.shown, "", problem=within) for site in sites]
    return [state for site in sites if (state := _state(site, folder)).problem]


def look(site: Site, release_id: str | None) -> Copied:
    """Return what a site shows; its problem where that is not `release_id` or cannot be known."""
    try:
        with site.opened() as place:
            claim.is_marked(site, place, "")
            shown = document(place.read(MANIFEST)).get("release_id")
    except NotCopied as error:
        return Copied(site.build, site.shown, "", problem=str(error))
    if shown == release_id:
        return Copied(site.build, site.shown, str(shown or ""))
    problem = (
        f"{site.variable}: {site.shown} shows {shown or 'no release'}, published is {release_id or 'none'}; "
        "run `cchc release deliver`"
    )
    return Copied(site.build, site.shown, str(shown or ""), problem=problem)


def _state(site: Site, folder: Path) -> Copied:
    """Return what a site shows; its problem where a file of it is not as published."""
    state = look(site, folder.name)
    if state.problem:
        return state
    try:
        with site.opened() as place:
            work = _work(place, site_build.read(folder, site.build), place.found(), everything=False)
    except CchcError as error:
        return replace(state, problem=str(error))
    if not (work.changed or work.gone or work.begun is not None):
        return state
    wrong = len(work.changed) + len(work.gone)
    what = f"{wrong} of its files are not as published" if wrong else "a copy to it was cut off"
    problem = f"{site.variable}: {site.shown} shows {folder.name}, but {what}; run `cchc release deliver`"
    return replace(state, problem=problem)


def current(releases: Path) -> Path | None:
    """Return the folder of the release that is out, None where none is."""
    link = releases / _CURRENT
    return link.resolve() if (link / MANIFEST).is_file() else None


def _published(releases: Path) -> Path:
    found = current(releases)
    if found is None:
        raise CchcError(f"nothing is published in {releases}: `cchc publish` writes the newest release")
    return found


def _copied(
    site: Site, sites: Collection[Site], folder: Path, known: Collection[str], *, everything: bool
) -> Copied:
    written = removed = 0
    try:
        if within := claim.overlap(sites, folder.parent):
            raise NotCopied(within)
        build = site_build.read(folder, site.build)
        with site.opened() as place:
            is_marked = claim.is_marked(site, place, build.province)
            place.begin()
            if not is_marked:
                _put(place, MARKER, claim.marker(build.build, build.province))
            there = place.found()
            work = _work(place, build, there, everything=everything)
            if work.edited:
                log.warning("%s is not as it was delivered: %s; written anew", site.shown, _some(work.edited))
            _bring(place, build, work)
            written, removed = len(work.changed), len(work.gone)
            written += _bring_editions(
                place, build, site_build.earlier(build, known), there, everything=everything
            )
    except CchcError as error:
        log.error("%s", error)
        return Copied(site.build, site.shown, folder.name, written, removed, str(error))
    return Copied(site.build, site.shown, folder.name, written, removed)


def _work(place: Place, build: Build, there: There, *, everything: bool) -> _Work:
    """Return what there is to do at a place, that holds `there`, to make it equal to a build."""
    manifest, cut_off = place.read(MANIFEST), place.read(UNDER_WAY)
    known, begun = _hashes(manifest), None if cut_off is None else frozenset(_hashes(cut_off))
    same = set() if everything else _same(place, build, there)
    changed = [name for name in _in_order(build.files, there) if name not in same]
    no_more = sorted({*known, *(begun or ())} - set(build.files))
    wanted = build.manifest(editions_in(there))
    return _Work(
        changed,
        [n for n in no_more if not edition_of(n) and n in there and there[n].kind != "folder"],
        begun,
        wanted,
        wanted != manifest,
        [n for n in changed if not everything and known.get(n) == build.files[n] and n not in (begun or ())],
    )


def _same(place: Place, build: Build, there: There) -> set[str]:
    """Return the files of a build that a place has as they are; what its list does not say is read from it."""
    has_size = set(build.files) - set(_other_sizes(build.sizes, there))
    same = {name for name in has_size if there[name].md5 and _md5(build.body(name)) == there[name].md5}
    read = place.hashes(sorted(has_size - same))
    return same | {name for name, sha256 in read.items() if sha256 == build.files[name]}


def _bring(place: Place, build: Build, work: _Work) -> None:
    if not (work.changed or work.gone or work.is_new or work.begun is not None):
        return
    touched = dict.fromkeys(sorted({*work.changed, *work.gone, *(work.begun or ())}), "")
    under_way = {"build": build.build, "files": touched}
    _put(place, UNDER_WAY, (json.dumps(under_way, ensure_ascii=False, indent=1) + "\n").encode())
    place.write(build.read(work.changed), {name: cache_control(name) for name in work.changed})
    _put(place, MANIFEST, work.manifest)
    place.remove(work.gone)
    place.remove([UNDER_WAY])


def _bring_editions(
    place: Place, newest: Build, earlier: Mapping[str, Path], there: There, *, everything: bool
) -> int:
    """Bring what is not at the place of the data of earlier releases that are still here; returns how many files."""
    written = 0
    for edition, folder in earlier.items():
        below = f"du-lieu/{edition}"
        sizes = {
            f"{below}/{path.name}": path.stat().st_size for path in (folder / newest.build / below).iterdir()
        }
        if not (everything or _other_sizes(sizes, there)):
            continue  # its manifest need not be read
        build = site_build.read(folder, newest.build)
        own = {name: size for name, size in build.sizes.items() if edition_of(name) == edition}
        names = sorted(own) if everything else _other_sizes(own, there)
        place.write(build.read(names), {name: cache_control(name) for name in names})
        written += len(names)
    if set(earlier) - editions_in(there):
        _put(place, MANIFEST, newest.manifest(editions_in(there) | set(earlier)))
    return written


def _other_sizes(sizes: Mapping[str, int], there: There) -> list[str]:
    """Return the files that are not at a place, or have another size there."""
    return sorted(name for name, size in sizes.items() if name not in there or there[name].size != size)


def _some(names: list[str]) -> str:
    return f"{len(names)} of its files, {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _put(place: Place, name: str, body: bytes) -> None:
    place.write([(name, body)], {name: _NEVER if name == UNDER_WAY else "no-cache"})


def _in_order(files: Collection[str], there: There) -> list[str]:
    """Return files in the order they are written: first what pages lead to, then new pages, the first page last."""

    def turn(name: str) -> int:
        if name == "index.html":
            return 3
        return 1 + (name in there) if name.endswith(".html") else 0

    return sorted(files, key=lambda name: (turn(name), name))


def cache_control(name: str) -> str:
    """Return how long a browser may keep a file: what lies below an edition never changes."""
    return _FOREVER if edition_of(name) else _SHORT


def _hashes(manifest: bytes | None) -> dict[str, str]:
    files = document(manifest).get("files", {})
    if not isinstance(files, dict):
        return {}
    # what somebody wrote into a site's manifest does not lead out of the site
    return {
        str(name): str(sha) for name, sha in files.items() if ".." not in name.split("/") and name[:1] != "/"
    }
