"""The hash chain over releases, closed revisions and reopenings: none changes and none goes missing unseen.

Every release is sealed with the hash of its files, of its numbers and of the link before; every closed revision with
its period, rules and catalogue, its numbers and its dossiers; every reopening with who, when and why. The head of the
chain is also written, line by line, to a file outside the database (the anchor): a chain that was rewritten whole,
hashes and all, no longer agrees with it. Kept on another machine or on write-once storage the anchor is worth the
most; an authority's timestamps on it (`cchc.publishing.timestamps`) say when a link was there at the latest.
An anchor that lacks links, because it was lost and begun anew, is a failure until a person answers for them in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from cchc.errors import ConfigurationError
from cchc.publishing import anchor_file, timestamps
from cchc.publishing.anchor_file import ChainBroken, Line, Word
from cchc.publishing.sql import query
from cchc.settings import settings

LOCK = text(
    "select pg_advisory_xact_lock(hashtextextended('publish', 0))"
)  # one link at a time, whoever adds it
BEGINNING = "0" * 64  # what stands before the first link
ANSWER = "`cchc release anchor --by NAME --reason TEXT`"


def add(connection: Connection, **subject: Any) -> None:
    """Seal a release, a revision or a reopening whose rows were just entered, in their transaction, as the next link.

    `subject` is its key: `release_id`, or `calendar`, `period` and `revision`, and `is_reopening` for the reopening of
    that revision. The caller holds `LOCK`, taken before the transaction's snapshot.
    """
    head = connection.execute(query("chain_head")).one_or_none()
    nobody = dict.fromkeys(("release_id", "calendar", "period", "revision"))
    link = {**nobody, "is_reopening": False, **subject}
    link["chain_no"] = head.chain_no + 1 if head else 1
    link["previous_sha256"] = head.chain_sha256 if head else BEGINNING
    connection.execute(query("insert_link"), link)
    seal(connection, link["chain_no"])


def seal(connection: Connection, chain_no: int) -> None:
    """Write the hashes of a link as its rows stand now."""
    row = connection.execute(query("chain"), {"from_no": chain_no, "to_no": chain_no}).one()
    hashes = (row.values_sha256_now, row.records_sha256_now)
    connection.execute(
        query("seal"),
        {
            "chain_no": chain_no,
            "values_sha256": hashes[0],
            "records_sha256": hashes[1],
            "chain_sha256": link(row, *hashes),
        },
    )


def link(row: Row[Any], values_sha256: str | None, records_sha256: str | None, *, whole: bool = True) -> str:
    """Return the hash of a link; not `whole`: as links of before were sealed, a release without path, run and time."""
    own = [values_sha256] if row.release_id else [] if row.is_reopening else [values_sha256, records_sha256]
    more = row.sealed_more if whole else []
    sealed = [row.chain_no, *row.sealed_row, *more, *own, row.previous_sha256]
    return hashlib.sha256(json.dumps(sealed, ensure_ascii=False).encode()).hexdigest()


def content_sha256(files: Sequence[tuple[str, bytes]]) -> str:
    """Return the hash of a release's files, the manifest not among them."""
    lines = [f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def stamp(anchor: Path) -> None:
    """Have the links of the anchor timestamped that are not yet, where CCHC_TSA_URL names an authority.

    Nothing is raised for an authority that does not answer.
    """
    own = settings()
    if own.tsa_url:
        links = ((line.chain_no, line.chain_sha256) for line in anchor_file.read(anchor).lines)
        timestamps.stamp(anchor, own.tsa_url, own.tsa_cert, links)


def anchor_links(connection: Connection, anchor: Path) -> None:
    """Append the links that the anchor does not have yet; the caller holds `LOCK`.

    A new anchor begins at the newest link: nothing says that those before are right, until a person does (`answer`).
    Raises `ChainBroken`, and writes nothing, where the chain does not continue what was anchored.
    """
    head = connection.execute(query("chain_head")).one_or_none()
    if head is None:
        return
    there = anchor_file.read(anchor)
    lines, torn = there.lines, there.torn
    since = lines[-1].chain_no if lines else 1 if torn else head.chain_no
    rows = connection.execute(query("chain"), {"from_no": since, "to_no": None}).all()
    if lines and (not rows or (rows[0].chain_no, rows[0].chain_sha256) != (since, lines[-1].chain_sha256)):
        raise ChainBroken(
            f"{lines[-1].name} (no. {since}) is not in the database as {anchor} has it: "
            "nothing more is published until someone has looked; run `cchc release verify`"
        )
    fresh = [Line(r.chain_no, r.name, r.chain_sha256) for r in (rows[1:] if lines else rows)]
    if torn:
        began = [n for n, line in enumerate(fresh) if str(line).encode().startswith(torn)]
        if not began or (lines and began[0]):
            raise ChainBroken(
                f"the last line of {anchor} is torn, and no link begins as it does: {quoted(torn)}: "
                "nothing more is published until someone has looked; run `cchc release verify`"
            )
        fresh = fresh[began[0] :]
    if fresh:
        anchor_file.append(anchor, there.size, fresh)


def answer(engine: Engine, anchor: Path, by: str, reason: str) -> list[int]:
    """Write into the anchor that a person answers for the links it does not have; returns the lines it goes on at.

    Anchors first what is not anchored yet. Raises `ConfigurationError` without a name or a reason and where no link
    is missing that nobody answers for; `ChainBroken` where the chain does not continue what was anchored.
    """
    by, reason = (" ".join(said.split()) for said in (by, reason))
    if not by or not reason:
        raise ConfigurationError("a person answers for the anchor with a reason: give --by and --reason")
    with engine.begin() as guard:
        guard.execute(LOCK)
        anchor_links(guard, anchor)
        there = anchor_file.read(anchor)
        open_at = [after for _, after in there.gaps() if after not in there.words]
        if not open_at:
            raise ConfigurationError(
                f"{anchor} lacks no link that nobody answers for: nothing has to be said"
            )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        anchor_file.append(anchor, there.size, [Word(after, now, by, reason) for after in open_at])
    stamp(anchor)
    return open_at


def quoted(torn: bytes) -> str:
    """Return the beginning of a torn line as a message shows it."""
    return repr(torn.decode(errors="backslashreplace")[:120])
