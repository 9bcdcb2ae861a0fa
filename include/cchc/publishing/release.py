"""Publish a release: complete or invisible, and the same content never twice.

A release is a directory `<day>-<first 12 of its content's hash>` below the releases directory, a row of
`publish.release` and its numbers; `current` is a symbolic link to the newest. It holds the same portal twice:
`internal/` for the office with all numbers, `public/` with small ones withheld. The directory appears by one rename,
the rows by one commit, the link by one more rename. A crash in between is mended by the next publication.

A page that says what it said in the release before is the same file (a hard link): it is not written again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine

from cchc.catalogue.models import Catalogue
from cchc.errors import ReconciliationError
from cchc.publishing import anchor_file, builds, chain, public_counts
from cchc.publishing.builds import Material
from cchc.publishing.content import Content
from cchc.publishing.sql import query
from cchc.warehouse import marts

_UNFINISHED = ".unfinished-"
_CURRENT = "current"
_READ_ONLY = 0o444
_TRIES = 10  # to find all that is loaded counted, while loads go on


@dataclass(frozen=True)
class Release:
    """One complete publication."""

    release_id: str
    reporting_day: date
    run_id: UUID | None
    content_sha256: str
    path: str
    sources_expected: int
    sources_fresh: int
    published_at: datetime


def _material(engine: Engine, catalogue: Catalogue, day: date) -> Material:
    """Return what is published, of one snapshot: a load that commits meanwhile is in all of it or in nothing."""
    tries = 0
    while True:
        tries += 1
        marts.refresh(engine)
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as snapshot:
            try:
                return builds.gather(snapshot, catalogue, day)
            except ReconciliationError:
                if tries == _TRIES:
                    raise


def publish(
    engine: Engine,
    catalogue: Catalogue,
    day: date,
    run_id: UUID | None,
    releases: Path,
    anchor: Path | None = None,
) -> Release:
    """Publish the release of `day` into `releases` and return it; unchanged content is the release there is.

    `anchor`: the file outside the database that the chain is anchored in (default beside `releases`).
    What is loaded and not counted yet (a night was cut off, another one loads) is counted first. Raises `ChainBroken`,
    and lets nothing new out, where releases are no longer what was anchored; `ReconciliationError` where loads that
    go on leave no moment at which everything is counted.
    """
    releases.mkdir(parents=True, exist_ok=True)
    with engine.begin() as guard:
        guard.execute(chain.LOCK)  # one publication at a time, wherever it is started
        material = _material(engine, catalogue, day)
        content, files = material.content, builds.for_office(material, catalogue)
        internal = chain.content_sha256(list(files.items()))
        said = public_counts.read(guard, day, internal)
        of_public, shown = builds.for_public(material, catalogue, said)
        files |= of_public
        sha256 = chain.content_sha256(list(files.items()))
        release_id = f"{day.isoformat()}-{sha256[:12]}"
        files["manifest.json"] = _manifest(release_id, sha256, content, files)
        _sweep(releases)
        _place(releases / release_id, files)
        if guard.execute(query("releases"), {"release_id": release_id}).first() is None:
            _enter(guard, release_id, sha256, content, run_id, releases)
            public_counts.enter(guard, release_id, internal, shown)
    anchor = anchor or anchor_file.beside(releases)
    with engine.begin() as guard:
        guard.execute(chain.LOCK)
        chain.anchor_links(guard, anchor)
        _point(guard, release_id, releases)
        done = Release(*guard.execute(query("releases"), {"release_id": release_id}).one())
    chain.stamp(anchor)
    return done


def list_releases(engine: Engine) -> list[Release]:
    """Return all releases, newest first."""
    with engine.connect() as connection:
        return [Release(*row) for row in connection.execute(query("releases"), {"release_id": None})]


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _manifest(release_id: str, sha256: str, content: Content, files: Mapping[str, bytes]) -> bytes:
    document = {
        "release_id": release_id,
        "reporting_day": content.day.isoformat(),
        "province": content.province_code,
        "content_sha256": sha256,
        "sources_expected": len(content.sources),
        "sources_fresh": content.fresh,
        "files": {name: {"sha256": _hash(body), "bytes": len(body)} for name, body in sorted(files.items())},
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _sweep(releases: Path) -> None:
    """Remove what a killed publication left; nobody else publishes while the lock is held."""
    for left in releases.glob(f"{_UNFINISHED}*"):
        if left.is_symlink() or left.is_file():
            left.unlink()
        else:
            shutil.rmtree(left)


def _place(target: Path, files: Mapping[str, bytes]) -> None:
    """Make `target` hold exactly these files, by one rename; what is there already and whole is left alone."""
    if _holds(target, files):
        return
    fresh = target.parent / f"{_UNFINISHED}{uuid4().hex}"
    before = target.parent / _CURRENT
    for folder in sorted({fresh / name for name in files}, key=str):
        folder.parent.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        if not _linked(before / name, fresh / name, body):
            (fresh / name).write_bytes(body)
            (fresh / name).chmod(_READ_ONLY)  # a file may stand in several releases
    os.sync()  # once for thousands of files
    if target.exists():  # someone changed a file of a release: what was published stands
        target.rename(target.parent / f"{_UNFINISHED}{uuid4().hex}")
    fresh.rename(target)
    _sync(target.parent)
    _sweep(target.parent)


def _linked(there: Path, wanted: Path, body: bytes) -> bool:
    """Make a file the same as one of the release before, where that says the same; returns whether it does."""
    try:
        if there.is_symlink() or there.stat().st_size != len(body) or there.read_bytes() != body:
            return False
        wanted.hardlink_to(there.resolve())
    except OSError:  # there is none, or the file system has no hard links
        return False
    return True


def _holds(target: Path, files: Mapping[str, bytes]) -> bool:
    if not target.is_dir() or set(paths_in(target)) != set(files):
        return False
    return all((target / name).read_bytes() == body for name, body in files.items())


def paths_in(folder: Path) -> Iterator[str]:
    """Yield the paths of everything in a folder, from it on, but of folders only those that hold nothing."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_dir() or not any(path.iterdir()):
            yield path.relative_to(folder).as_posix()


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _enter(
    connection: Connection,
    release_id: str,
    sha256: str,
    content: Content,
    run_id: UUID | None,
    releases: Path,
) -> None:
    connection.execute(
        query("insert_release"),
        {
            "release_id": release_id,
            "reporting_day": content.day,
            "run_id": run_id,
            "content_sha256": sha256,
            "path": str(releases / release_id),
            "sources_expected": len(content.sources),
            "sources_fresh": content.fresh,
        },
    )
    values: dict[tuple[Any, ...], dict[str, Any]] = {}
    for own in content.tables:
        for row in own.rows:
            for value in row.values:
                stated = asdict(value)
                period = value.period
                stated |= {"release_id": release_id, "period_from": period.start, "period_to": period.end}
                # two publications may show the same number
                values[value.unit_code, value.set_code, value.indicator_code, period.start, period.end] = {
                    key: stated[key] for key in stated if key not in ("period", "lacking")
                }
    if values:
        connection.execute(query("insert_values"), list(values.values()))
    chain.add(connection, release_id=release_id)


def _point(connection: Connection, release_id: str, releases: Path) -> None:
    """Let `current` point to this release, unless one of a later day is out."""
    newest = connection.execute(query("releases"), {"release_id": None}).first()
    own = connection.execute(query("releases"), {"release_id": release_id}).one()
    target = release_id
    if newest is not None and newest.reporting_day > own.reporting_day:
        target = newest.release_id
    link = releases / _CURRENT
    if link.is_symlink() and str(link.readlink()) == target:
        return
    fresh = releases / f"{_UNFINISHED}{uuid4().hex}"
    fresh.symlink_to(target)
    fresh.replace(link)
    _sync(releases)
