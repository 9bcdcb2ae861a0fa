"""The hash chain over releases: no published number changes and no release goes missing unseen.

Every release is sealed with the hash of its files, of its numbers and of the release before. The head of the chain is
also written, line by line, to a file outside the database (the anchor): a chain that was rewritten whole, hashes and
all, no longer agrees with it. Kept on another machine or on write-once storage the anchor is worth the most.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row

from cchc.errors import CchcError
from cchc.publishing.sql import query

_BEGINNING = "0" * 64  # what stands before the first release
COLUMNS = (("chain_no", "Số"), ("release_id", "Bản phát hành"), ("level", "Mức"), ("message", "Kết quả"))


class ChainBroken(CchcError):
    """What is in the database is not what was anchored."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was published."""

    chain_no: int | None
    release_id: str | None
    level: Literal["fail", "warn"]
    message: str


@dataclass(frozen=True)
class Line:
    """One line of the anchor."""

    chain_no: int
    release_id: str
    chain_sha256: str

    def __str__(self) -> str:
        return f"{self.chain_no} {self.release_id} {self.chain_sha256}\n"


def next_link(connection: Connection) -> dict[str, Any]:
    """Return the number of the next release and the hash it continues; the caller holds the publication lock."""
    head = connection.execute(query("chain_head")).one_or_none()
    if head is None:
        return {"chain_no": 1, "previous_sha256": _BEGINNING}
    return {"chain_no": head.chain_no + 1, "previous_sha256": head.chain_sha256}


def seal(connection: Connection, chain_no: int) -> None:
    """Write the hashes of a release whose row and numbers were just entered, in their transaction."""
    row = connection.execute(query("chain"), {"from_no": chain_no, "to_no": chain_no}).one()
    connection.execute(
        query("seal"),
        {
            "release_id": row.release_id,
            "values_sha256": row.values_sha256_now,
            "chain_sha256": _link(row, row.values_sha256_now),
        },
    )


def _link(row: Row[Any], values_sha256: str | None) -> str:
    sealed = [
        row.chain_no,
        row.release_id,
        row.reporting_day.isoformat(),
        row.content_sha256,
        row.sources_expected,
        row.sources_fresh,
        values_sha256,
        row.previous_sha256,
    ]
    return hashlib.sha256(json.dumps(sealed).encode()).hexdigest()


def content_sha256(files: Sequence[tuple[str, bytes]]) -> str:
    """Return the hash of a release's files, the manifest not among them."""
    lines = [f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def anchor_of(releases: Path) -> Path:
    """Return where the anchor stands unless CCHC_ANCHOR says otherwise: beside the directory of releases."""
    return releases.with_name(f"{releases.name}.chain")


def read_anchor(anchor: Path) -> list[Line]:
    """Return the lines of the anchor; raises `ChainBroken` for one that is none (a torn last line is left out)."""
    lines: list[Line] = []
    if not anchor.exists():
        return lines
    for number, text in enumerate(anchor.read_text(encoding="utf-8").splitlines(keepends=True), start=1):
        parts = text.split()
        if not text.endswith("\n"):
            break  # a kill in the middle of a line: the next publication writes it again
        if len(parts) != 3 or not parts[0].isdigit():
            raise ChainBroken(f"{anchor}, line {number}: this is no line of an anchor: {text.strip()[:80]!r}")
        lines.append(Line(int(parts[0]), parts[1], parts[2]))
    return lines


def anchor_releases(connection: Connection, anchor: Path) -> None:
    """Append the releases that the anchor does not have yet; the caller holds the publication lock.

    A new anchor begins at the newest release. Raises `ChainBroken`, and writes nothing, where the chain does not
    continue what was anchored.
    """
    head = connection.execute(query("chain_head")).one_or_none()
    if head is None:
        return
    lines = read_anchor(anchor)
    since = lines[-1].chain_no if lines else head.chain_no
    rows = connection.execute(query("chain"), {"from_no": since, "to_no": None}).all()
    if lines and (not rows or (rows[0].chain_no, rows[0].chain_sha256) != (since, lines[-1].chain_sha256)):
        raise ChainBroken(
            f"release {lines[-1].release_id} (no. {since}) is not in the database as {anchor} has it: "
            "nothing more is published until someone has looked; run `cchc release verify`"
        )
    fresh = [Line(r.chain_no, r.release_id, r.chain_sha256) for r in (rows[1:] if lines else rows)]
    if not fresh:
        return
    anchor.parent.mkdir(parents=True, exist_ok=True)
    whole = "".join(map(str, lines)).encode()
    with anchor.open("r+b" if anchor.exists() else "w+b") as out:
        out.truncate(len(whole))  # what a killed publication tore off
        out.seek(len(whole))
        out.write("".join(map(str, fresh)).encode())
        out.flush()
        os.fsync(out.fileno())


def verify(engine: Engine, releases: Path, anchor: Path) -> tuple[int, list[Finding]]:
    """Return how many releases were examined and everything about them that is not as it was published."""
    with engine.connect() as connection:
        rows = connection.execute(query("chain"), {"from_no": 1, "to_no": None}).all()
    return len(rows), [*_examine(rows, releases), *_compare(rows, anchor)]


def _examine(rows: Sequence[Row[Any]], releases: Path) -> Iterator[Finding]:
    expected_no, previous = 1, _BEGINNING
    for row in rows:

        def wrong(message: str, row: Row[Any] = row) -> Finding:
            return Finding(row.chain_no, row.release_id, "fail", message)

        if row.chain_no != expected_no:
            missing = (
                f"{expected_no}" if row.chain_no == expected_no + 1 else f"{expected_no}–{row.chain_no - 1}"
            )
            yield Finding(expected_no, None, "fail", f"release no. {missing} was removed")
        elif row.previous_sha256 != previous:
            yield wrong("it does not continue the release before it")
        if row.values_sha256_now != row.values_sha256:
            yield wrong("a number of it was changed, added or removed in publish.indicator_value")
        if _link(row, row.values_sha256) != row.chain_sha256:
            yield wrong("its row in publish.release was changed")
        yield from map(wrong, _files(releases / row.release_id, row.content_sha256))
        expected_no, previous = row.chain_no + 1, row.chain_sha256


def _files(folder: Path, expected: str) -> Iterator[str]:
    if not folder.is_dir():
        yield f"its files are gone from {folder}"
        return
    files = [(path.name, path.read_bytes()) for path in folder.iterdir() if path.name != "manifest.json"]
    if content_sha256(files) != expected:
        yield f"a file of it was changed, added or removed in {folder}"


def _compare(rows: Sequence[Row[Any]], anchor: Path) -> Iterator[Finding]:
    if not anchor.exists():
        if rows:
            message = f"there is no anchor at {anchor}: a chain that was rewritten whole cannot be told"
            yield Finding(None, None, "warn", message)
        return
    try:
        lines = read_anchor(anchor)
    except ChainBroken as broken:
        yield Finding(None, None, "fail", str(broken))
        return
    known = {row.chain_no: row for row in rows}
    for line in lines:
        row = known.get(line.chain_no)
        if row is None:
            yield Finding(line.chain_no, line.release_id, "fail", f"it was removed; {anchor} has it")
        elif row.chain_sha256 != line.chain_sha256:
            message = f"the chain was rewritten: {anchor} has another hash for no. {line.chain_no}"
            yield Finding(row.chain_no, row.release_id, "fail", message)
    if lines and rows and rows[-1].chain_no > lines[-1].chain_no:
        message = "not anchored yet: a publication was interrupted; the next one mends it"
        yield Finding(rows[-1].chain_no, rows[-1].release_id, "warn", message)
    if lines and lines[0].chain_no > 1:
        yield Finding(
            None, None, "warn", f"{anchor} begins at no. {lines[0].chain_no}: earlier releases are not in it"
        )
