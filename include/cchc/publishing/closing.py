"""Close a period (chốt số liệu, Điều 12 Nghị định 09/2019/NĐ-CP): freeze its numbers as revision 0, 1, 2 and so on.

A revision holds every indicator of every unit and of the province, the rules and the catalogue it was worked out
under, and the dossiers it was made of. Late data never changes it: it shows as a difference, and becomes the next
revision when a person reopens the period, with a name and a reason, and closes it again. The tables refuse changes,
and a revision is a link of the chain that releases are in (`cchc.publishing.chain`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row

from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.indicators import delivered, words
from cchc.indicators.compute import IndicatorValue, compute_on, reporting_day, subject_of
from cchc.indicators.periods import Period
from cchc.indicators.scoring import own
from cchc.publishing import chain
from cchc.publishing.sql import query

LIST_COLUMNS = (
    ("period", "Kỳ"),
    ("calendar", "Lịch"),
    ("revision", "Bản"),
    ("period_from", "Từ ngày"),
    ("period_to", "Đến ngày"),
    ("closed_at", "Chốt lúc"),
    ("closed_by", "Người chốt"),
    ("sources_complete", "Nguồn đủ"),
    ("sources_expected", "Nguồn phải có"),
    ("reopened_by", "Người mở lại"),
    ("reason", "Lý do mở lại"),
)
DIFF_COLUMNS = (
    ("kind", "Loại"),
    ("unit_code", "Đơn vị"),
    ("cell", "Chỉ số hoặc hồ sơ"),
    ("before", "Trước"),
    ("after", "Sau"),
    ("numerator_before", "Tử số trước"),
    ("numerator_after", "Tử số sau"),
    ("denominator_before", "Mẫu số trước"),
    ("denominator_after", "Mẫu số sau"),
)
_CHANGES = {"came": ("–", "có thêm"), "went": ("có", "không còn"), "changed": ("có", "đã thay đổi")}


@dataclass(frozen=True)
class Closed:
    """What was frozen."""

    period: Period
    revision: int
    cells: int
    records: int
    sources_expected: int
    sources_complete: int
    lacking: tuple[str, ...]  # source codes that had not delivered all of the period


def revisions(engine: Engine, period: Period | None = None) -> list[Row[Any]]:
    """Return the revisions of one period, or of all, newest first."""
    with engine.connect() as connection:
        return _revisions(connection, period)


def _revisions(connection: Connection, period: Period | None) -> list[Row[Any]]:
    where = {"period": period.label if period else None, "calendar": period.calendar if period else None}
    return list(connection.execute(query("closed_periods"), where))


def close(
    engine: Engine,
    catalogue: Catalogue,
    period: Period,
    by: str,
    note: str | None = None,
    anchor: Path | None = None,
) -> Closed:
    """Freeze the next revision of a period and return what was frozen; all of it or nothing.

    `anchor`: the file outside the database that the chain is anchored in (default: this installation's). Raises
    `ConfigurationError` for a period that is not over for the newest night, one that is closed and was not reopened,
    and a closing without a name; `ChainBroken` where the chain is no longer what was anchored.
    """
    if not by.strip():
        raise ConfigurationError("a period is closed by a person: give the name with --by")
    with engine.begin() as guard:
        guard.execute(chain.LOCK)  # before the snapshot: it has every revision and every link there is
        # one snapshot for numbers and records
        snapshot = engine.connect().execution_options(isolation_level="REPEATABLE READ")
        with snapshot as connection, connection.begin():
            closed = _freeze(connection, catalogue, period, by.strip(), note)
    anchor = anchor or chain.own_anchor()
    with engine.begin() as guard:
        guard.execute(chain.LOCK)
        chain.anchor_links(guard, anchor)
    chain.stamp(anchor)
    return closed


def _freeze(
    connection: Connection, catalogue: Catalogue, period: Period, by: str, note: str | None
) -> Closed:
    revision = _next_revision(connection, period)
    day = _over(connection, period)
    values = _compute(connection, catalogue, period, day)
    lacking = tuple(sorted({code for value in values for code in value.lacking}))
    expected = [s for s in catalogue.sources.values() if s.expected and s.history_from <= period.end]
    complete = len([s for s in expected if s.code not in lacking])
    key = {"calendar": period.calendar, "period": period.label, "revision": revision}
    span = {"period_from": period.start, "period_to": period.end}
    connection.execute(
        query("close_period"),
        {
            **key,
            **span,
            "reporting_day": day,
            "closed_by": by,
            "note": note,
            "catalogue_sha256": hashlib.sha256(catalogue.model_dump_json().encode()).hexdigest(),
            "on_time_rules": json.dumps(
                {s.code: catalogue.profile_of(s).on_time_rule for s in catalogue.sources.values()}
            ),
            "sources_expected": len(expected),
            "sources_complete": complete,
        },
    )
    rows = [
        {**key, **{k: v for k, v in asdict(value).items() if k not in ("period", "lacking")}}
        for value in values
    ]
    if rows:
        connection.execute(query("close_values"), rows)
    records = connection.execute(query("close_records"), {**key, **span}).rowcount
    chain.add(connection, **key)
    return Closed(period, revision, len(rows), records, len(expected), complete, lacking)


def preview(engine: Engine, catalogue: Catalogue, period: Period) -> str:
    """Return what closing the period now would freeze, and what is missing, for the person who answers for it.

    Vietnamese, as Markdown. Raises `ConfigurationError` where the period cannot be closed.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        revision = _next_revision(connection, period)
        day = _over(connection, period)
        values = _compute(connection, catalogue, period, day)
        before = _frozen(connection, period, revision - 1) if revision else {}
        marks = delivered.watermarks(connection, catalogue)
    lacking = sorted({code for value in values for code in value.lacking})
    empty = sum(value.value is None for value in values)
    lines = [
        f"**{period.title()}**, bản {revision}, số liệu đến đêm {day:%d/%m/%Y}",
        f"- {len(values)} số liệu, trong đó {empty} chưa có giá trị",
        f"- nguồn chưa đủ số liệu của kỳ: {', '.join(lacking) or 'không có'}",
    ]
    for source in catalogue.sources.values():
        if came := delivered.unclaimed(marks, source, period.end):
            kept = words.not_kept(came)
            lines.append(
                f"- {source.code}: danh mục nguồn ghi {kept}, nhưng nguồn có gửi; số liệu có tính đến"
            )
    if revision:
        after = {_cell(value): _figure(value) for value in values}
        lines.append(f"- {len(list(_cells(before, after)))} số liệu khác bản {revision - 1}")
    return "\n".join(lines)


def _over(connection: Connection, period: Period) -> date:
    """Return the newest night's day; raises `ConfigurationError` where the period is not over by then."""
    day = reporting_day(connection, period)
    if day < period.end:
        raise ConfigurationError(
            f"period {period.label} ends on {period.end}, the newest night is of {day}: it is not over yet"
        )
    return day


def _next_revision(connection: Connection, period: Period) -> int:
    there = _revisions(connection, period)
    if not there:
        return 0
    newest = there[0]
    if newest.reopened_at is None:
        raise ConfigurationError(
            f"period {period.label} was closed as revision {newest.revision} by {newest.closed_by}: "
            "`cchc period diff` shows what came since, `cchc period reopen` lets a new revision follow"
        )
    return int(newest.revision) + 1


def _compute(connection: Connection, catalogue: Catalogue, period: Period, day: date) -> list[IndicatorValue]:
    """Return every indicator of every unit and the province, and the points of every index under each of its rules."""
    members = subject_of(catalogue, catalogue.province.code, period).members
    units = [*members, catalogue.province.code]
    found = [
        value
        for indicator_set in catalogue.indicator_sets.values()
        for value in compute_on(connection, catalogue, indicator_set, units, period, day=day)
    ]
    for scores in catalogue.scores.values():
        by_version = own.score_versions(
            connection, catalogue, scores, tuple(scores.versions), units, period, day=day
        )
        for version, parts in by_version.items():
            found += own.values(scores, version, parts, period)
    return found


def reopen(engine: Engine, period: Period, by: str, reason: str) -> int:
    """Let a new revision follow the newest one, and log who wanted it and why; returns the revision reopened.

    Raises `ConfigurationError` where nothing is closed, where it is open already, and without a name or a reason.
    """
    if not by.strip() or not reason.strip():
        raise ConfigurationError("a period is reopened by a person with a reason: give --by and --reason")
    with engine.begin() as connection:
        connection.execute(chain.LOCK)
        there = _revisions(connection, period)
        if not there:
            raise ConfigurationError(f"period {period.label} ({period.calendar} calendar) was never closed")
        newest = there[0]
        if newest.reopened_at is not None:
            raise ConfigurationError(f"period {period.label} was reopened already, by {newest.reopened_by}")
        connection.execute(
            query("reopen_period"),
            {
                "calendar": period.calendar,
                "period": period.label,
                "revision": newest.revision,
                "reopened_by": by.strip(),
                "reason": reason.strip(),
            },
        )
        return int(newest.revision)


Cell = tuple[str, str, str]
Figure = tuple[str | None, Decimal | None, Decimal | None]  # printed or reason, numerator, denominator


def diff(
    engine: Engine, catalogue: Catalogue, period: Period, earlier: int | None = None, later: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the cells that differ between two revisions, then the dossiers; `later` None: what the warehouse gives now.

    `earlier` None is the newest closed revision. Raises `ConfigurationError` for a revision that does not exist.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        there = {row.revision for row in _revisions(connection, period)}
        if not there:
            raise ConfigurationError(f"period {period.label} ({period.calendar} calendar) was never closed")
        first = max(there) if earlier is None else earlier
        for revision in (first, later):
            if revision is not None and revision not in there:
                have = ", ".join(map(str, sorted(there)))
                raise ConfigurationError(
                    f"period {period.label} has no revision {revision}; there are: {have}"
                )
        before = _frozen(connection, period, first)
        if later is None:
            day = reporting_day(connection, period)
            after = {_cell(v): _figure(v) for v in _compute(connection, catalogue, period, day)}
        else:
            after = _frozen(connection, period, later)
        yield from _cells(before, after)
        where = {
            "calendar": period.calendar,
            "period": period.label,
            "earlier": first,
            "later": later,
            "period_from": period.start,
            "period_to": period.end,
        }
        for row in connection.execute(query("record_changes"), where):
            old, new = _CHANGES[row.change]
            cell = f"{row.source_code} {row.dossier_code}"
            yield {"kind": "hồ sơ", "unit_code": row.unit_code, "cell": cell, "before": old, "after": new}


def _cell(value: IndicatorValue) -> Cell:
    return value.unit_code, value.set_code, value.indicator_code


def _figure(value: IndicatorValue) -> Figure:
    return value.printed or value.reason, value.numerator, value.denominator


def _frozen(connection: Connection, period: Period, revision: int) -> dict[Cell, Figure]:
    where = {"calendar": period.calendar, "period": period.label, "revision": revision}
    return {
        (r.unit_code, r.set_code, r.indicator_code): (r.printed or r.reason, r.numerator, r.denominator)
        for r in connection.execute(query("closed_values"), where)
    }


def _cells(before: dict[Cell, Figure], after: dict[Cell, Figure]) -> Iterator[dict[str, Any]]:
    nothing: Figure = (None, None, None)
    for cell in sorted({*before, *after}):
        old, new = before.get(cell, nothing), after.get(cell, nothing)
        if old != new:
            unit, set_code, indicator = cell
            yield {
                "kind": "chỉ số",
                "unit_code": unit,
                "cell": f"{set_code} {indicator}",
                "before": old[0],
                "after": new[0],
                "numerator_before": old[1],
                "numerator_after": new[1],
                "denominator_before": old[2],
                "denominator_after": new[2],
            }
