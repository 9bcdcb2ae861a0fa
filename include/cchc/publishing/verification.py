"""Whether what was published and closed is still as it was: the chain, the files, the anchor and its timestamps."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Engine, Row

from cchc.publishing import anchor_file, chain, timestamps
from cchc.publishing.anchor_file import Anchor, ChainBroken, Line, Word
from cchc.publishing.release import paths_in
from cchc.publishing.sql import query

_RELEASE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{12}")  # the folder of one
COLUMNS = (
    ("chain_no", "Số"),
    ("name", "Bản phát hành, kỳ đã chốt hoặc lần mở lại"),
    ("level", "Mức"),
    ("message", "Kết quả"),
)


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was published or closed."""

    chain_no: int | None
    name: (
        str | None
    )  # 2026-11-14-0123456789ab: a release; report/2026-11/0: a revision; …/0/reopened: a reopening
    level: Literal["fail", "warn"]
    message: str


def verify(
    engine: Engine, releases: Path, anchor: Path, tsa_cert: Path | None = None
) -> tuple[int, list[Finding]]:
    """Return how many links were examined and everything about them that is not as it was published or closed.

    `tsa_cert`: certificates of the authority whose timestamps lie beside the anchor; raises `ConfigurationError` for
    a file that has none.
    """
    # before the snapshot: what is published while the links are hashed is in the database first, then in these
    link = releases / "current"
    target = str(link.readlink()) if link.is_symlink() else None
    tokens = timestamps.tokens(anchor)
    anchored = _readable(anchor)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        rows = connection.execute(query("chain"), {"from_no": 1, "to_no": None}).all()
        unchained = connection.scalars(query("unchained")).all()
    known = {*unchained, *(row.release_id for row in rows)}
    return len(rows), [
        *_examine(rows, releases),
        *(Finding(None, name, "fail", "it is not in the chain") for name in unchained),
        *_strangers(engine, releases, known),
        *_compare(rows, anchored, anchor),
        *_current(rows, link, target),
        *_stamped(rows, tokens, tsa_cert),
    ]


def _examine(rows: Sequence[Row[Any]], releases: Path) -> Iterator[Finding]:
    expected_no, previous = 1, chain.BEGINNING
    for row in rows:
        if row.chain_no != expected_no:
            missing = _numbers(expected_no, row.chain_no)
            yield Finding(expected_no, None, "fail", f"no. {missing} was removed")
        elif row.previous_sha256 != previous:
            yield Finding(row.chain_no, row.name, "fail", "it does not continue the link before it")
        for message in _wrong(row, releases):
            yield Finding(row.chain_no, row.name, "fail", message)
        expected_no, previous = row.chain_no + 1, row.chain_sha256


def _numbers(first: int, after: int) -> str:
    return f"{first}" if after == first + 1 else f"{first}–{after - 1}"


def _wrong(row: Row[Any], releases: Path) -> Iterator[str]:
    if row.release_id:
        table, numbers = "publish.release", "publish.indicator_value"
    elif row.is_reopening:
        table, numbers = "publish.reopening", ""
    else:
        table, numbers = "publish.closed_period", "publish.closed_value"
    if row.values_sha256_now != row.values_sha256:
        yield f"a number of it was changed, added or removed in {numbers}"
    if row.records_sha256_now != row.records_sha256:
        yield "a dossier of it was changed, added or removed in publish.closed_record"
    if row.sealed_row is None:
        yield f"its row in {table} was removed"
    elif row.chain_sha256 not in {
        chain.link(row, row.values_sha256, row.records_sha256, whole=whole) for whole in (True, False)
    }:
        yield f"its row in {table} was changed"
    if row.release_id:
        if row.path is not None and Path(row.path).name != row.release_id:
            yield f"its path in publish.release is that of another: {row.path}"
        yield from _files(releases / row.release_id, row)


def _files(folder: Path, row: Row[Any]) -> Iterator[str]:
    if folder.is_symlink() or not folder.is_dir():
        yield f"its files are gone from {folder}"
        return
    files: dict[str, bytes] = {}
    try:
        for name in paths_in(folder):
            path = folder / name
            if path.is_symlink() or not path.is_file():
                yield f"{name} was added in {folder}: it is no file"
            else:
                files[name] = path.read_bytes()
    except OSError as error:
        yield f"its files cannot be read: {error.filename}: {error.strerror}"
        return
    manifest = files.pop("manifest.json", None)
    if chain.content_sha256(list(files.items())) != row.content_sha256:
        yield f"a file of it was changed, added or removed in {folder}"
    elif manifest is None:
        yield f"manifest.json was removed in {folder}"
    elif not _states(manifest, row, files):
        yield f"manifest.json was changed in {folder}"


def _states(manifest: bytes, row: Row[Any], files: dict[str, bytes]) -> bool:
    """Whether a manifest states the release that its row and its files are."""
    if row.reporting_day is None:
        return True  # its row is gone, which is said already
    wanted = {
        "release_id": row.release_id,
        "reporting_day": row.reporting_day.isoformat(),
        "content_sha256": row.content_sha256,
        "sources_expected": row.sources_expected,
        "sources_fresh": row.sources_fresh,
        "files": {
            name: {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}
            for name, body in files.items()
        },
    }
    try:
        stated = json.loads(manifest)
    except ValueError:
        return False
    return isinstance(stated, dict) and {name: stated.get(name) for name in wanted} == wanted


def _strangers(engine: Engine, releases: Path, known: Collection[str]) -> Iterator[Finding]:
    """Yield the folders of releases that the database does not know; `known`: names that need no second look."""
    try:
        unknown = _folders(releases) - set(known)
        if unknown:
            with engine.begin() as guard:
                guard.execute(chain.LOCK)  # a publication under way places its folder before its row is there
                rows = guard.execute(query("releases"), {"release_id": None})
                unknown &= _folders(releases) - {row.release_id for row in rows}
    except OSError as error:
        yield Finding(None, None, "fail", f"{releases} cannot be read: {error.strerror}")
        return
    for name in sorted(unknown):
        message = (
            f"{releases / name} is no release that the database knows: its row was removed, or a publication was "
            "killed before it was entered: publishing that day again enters it where the numbers are still the same; "
            "otherwise find out which of the two it was, and move the folder away"
        )
        yield Finding(None, name, "fail", message)


def _folders(releases: Path) -> set[str]:
    """Return the names of releases below `releases`, without `current` and what is unfinished."""
    if not releases.exists():
        return set()
    return {path.name for path in releases.iterdir() if _RELEASE.fullmatch(path.name)}


def _current(rows: Sequence[Row[Any]], link: Path, target: str | None) -> Iterator[Finding]:
    """Yield where `current`, which people read, is not a release of the newest day."""
    published = [row for row in rows if row.release_id and row.reporting_day is not None]
    if not published:
        return
    newest = max(row.reporting_day for row in published)
    if target not in {row.release_id for row in published if row.reporting_day == newest}:
        where = target or ("nothing" if not link.exists() else "no link")
        message = f"{link} is no release of {newest}, the newest day, but {where}: publishing that day again mends it"
        yield Finding(None, "current", "fail", message)


def _readable(anchor: Path) -> Anchor | ChainBroken:
    try:
        return anchor_file.read(anchor)
    except ChainBroken as broken:
        return broken


def _compare(rows: Sequence[Row[Any]], there: Anchor | ChainBroken, anchor: Path) -> Iterator[Finding]:
    if isinstance(there, ChainBroken):
        yield Finding(None, None, "fail", str(there))
        return
    lines = there.lines
    if not lines and not there.torn:
        if rows:
            message = (
                f"there is no anchor at {anchor}: a chain that was rewritten whole cannot be told. After a restore "
                "put the anchor back from where it is kept, or name it in CCHC_ANCHOR; where none is left, compare "
                f"no. {rows[-1].chain_no}, {rows[-1].chain_sha256}, with what was noted elsewhere (timestamps, a "
                f"mail) and answer for it: {chain.ANSWER}"
            )
            yield Finding(None, None, "fail", message)
        return
    known = {row.chain_no: row for row in rows}
    for line in lines:
        row = known.get(line.chain_no)
        if row is None:
            yield Finding(line.chain_no, line.name, "fail", f"it was removed; {anchor} has it")
        elif row.chain_sha256 != line.chain_sha256:
            message = f"the chain was rewritten: {anchor} has another hash for no. {line.chain_no}"
            yield Finding(row.chain_no, row.name, "fail", message)
    for before, line in pairwise(lines):
        if line.chain_no <= before.chain_no:
            message = f"{anchor} has no. {line.chain_no} after no. {before.chain_no}: someone has changed it"
            yield Finding(line.chain_no, line.name, "fail", message)
    for first, after in there.gaps():
        yield _lacking(anchor, first, after, there.words.get(after))
    if there.torn:
        yield from _torn(rows, there, anchor)
    if lines and rows and rows[-1].chain_no > lines[-1].chain_no:
        message = "not anchored yet: a publication was interrupted; the next one mends it"
        yield Finding(rows[-1].chain_no, rows[-1].name, "warn", message)


def _lacking(anchor: Path, first: int, after: int, word: Word | None) -> Finding:
    """Return what a gap in the anchor is: its lines up to no. `after` are missing from no. `first` on."""
    missing = f"no. {_numbers(first, after)} is not in {anchor}, which goes on at no. {after}"
    if word is not None:
        return Finding(
            None, None, "warn", f"{missing}; {word.by} answers for it since {word.at}: {word.reason}"
        )
    return Finding(
        None,
        None,
        "fail",
        f"{missing}: a chain that was rewritten there cannot be told. Put the missing lines back in their place "
        "from where the anchor is kept; where none is left, compare the chain with what was noted elsewhere "
        f"(timestamps, a mail) and answer for it: {chain.ANSWER}",
    )


def _torn(rows: Sequence[Row[Any]], there: Anchor, anchor: Path) -> Iterator[Finding]:
    """Yield what a last line without its end is: one that a kill cut short begins as its link's line does."""
    lines, torn = there.lines, there.torn
    for row in rows:
        follows = not lines or row.chain_no == lines[-1].chain_no + 1
        if follows and str(Line(row.chain_no, row.name, row.chain_sha256)).encode().startswith(torn):
            message = f"the last line of {anchor} is torn: the next publication writes it again"
            yield Finding(row.chain_no, row.name, "warn", message)
            if not lines and row.chain_no > 1:
                yield _lacking(anchor, 1, row.chain_no, there.words.get(row.chain_no))
            return
    message = f"the last line of {anchor} is torn, and no link begins as it does: {chain.quoted(torn)}"
    no = torn.split(b" ")[0]
    yield Finding(int(no) if re.fullmatch(rb"[0-9]{1,9}", no) else None, None, "fail", message)


def _stamped(
    rows: Sequence[Row[Any]], tokens: Mapping[int, Path], tsa_cert: Path | None
) -> Iterator[Finding]:
    names = {row.chain_no: row.name for row in rows}
    hashes = {row.chain_no: row.chain_sha256 for row in rows}
    for no, message in timestamps.wrong(tokens, tsa_cert, hashes):
        yield Finding(no, names.get(no), "fail", message)
