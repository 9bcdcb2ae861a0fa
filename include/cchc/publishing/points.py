"""The points of an index (Bộ chỉ số 766, QĐ 766/QĐ-TTg) as a release states them: what we count ourselves.

They are files of the release alone: the hash of the files is in the chain, and a closing freezes points as numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row

from cchc.catalogue.models import Catalogue
from cchc.catalogue.scores import ScoreSet
from cchc.indicators import periods
from cchc.indicators.compute import subject_of
from cchc.indicators.numbers import printed
from cchc.indicators.periods import Period
from cchc.indicators.scoring import own
from cchc.indicators.scoring.own import OwnPart
from cchc.indicators.scoring.points import points as earned
from cchc.indicators.scoring.points import share_of
from cchc.publishing import history, revisions
from cchc.publishing.silence import Silence

COLUMNS = (
    "index",
    "version",
    "unit_code",
    "unit_name",
    "group",
    "component",  # none: the sum of the group; no group either: that of the whole index
    "title",
    "period_from",
    "period_to",
    "numerator",
    "denominator",
    "ratio",
    "score",
    "max",
    "reason",
    "coverage",
)


@dataclass(frozen=True)
class Points:
    """An index of the province and of each of its units, under every rule version."""

    index: ScoreSet
    period: Period
    names: Mapping[str, str]  # unit code → name; the province first
    parts: Mapping[str, tuple[OwnPart, ...]]  # rule version → every component of each unit
    revision: int | None = None  # of the period's closing: then they are the frozen ones; None: not closed

    @cached_property
    def by_unit(self) -> dict[str, dict[str, list[OwnPart]]]:
        """The components by unit and rule version."""
        found: dict[str, dict[str, list[OwnPart]]] = {
            code: {version: [] for version in self.parts} for code in self.names
        }
        for version, parts in self.parts.items():
            for part in parts:
                found[part.unit_code][version].append(part)
        return found


@dataclass(frozen=True)
class Cell:
    """The points of a group or of the index; None with the reason (Vietnamese) where one of its parts is not known."""

    score: Decimal | None
    printed: str | None
    reason: str | None
    lacking: tuple[str, ...]  # source codes that have not delivered all of the period
    coverage: Decimal | None = None  # the lowest of what it is made of


@dataclass(frozen=True)
class Line:
    """One group of the province on the page, or the whole index."""

    code: str  # of the group; empty: the whole index
    title: str
    max: int
    cells: tuple[Cell, ...]  # one per rule version
    #: The lowest of its components whose points are known, where none is of all that earn any; None: no source is
    #: expected of any.
    coverage: Decimal | None


def gather(
    connection: Connection, catalogue: Catalogue, day: date, period: Period | None = None
) -> tuple[Points, ...]:
    """Return the points of every index of the catalogue, by default for the report month of `day` up to it.

    Where that month is closed they are the frozen ones. A `period` that is asked for is counted as the records are now.
    """
    asked, period = period, period or periods.of_publication("report_month", day)
    closed = [] if asked else revisions.of_days_on(connection, period)[:1]
    frozen = revisions.values_of(connection, closed[0]) if closed else None
    province = catalogue.province
    members = subject_of(catalogue, province.code, period).members
    names = {province.code: province.name, **{code: catalogue.unit(code).name for code in members}}
    silence = Silence.read(connection, catalogue)
    found = []
    for index in catalogue.scores.values():
        by_version = own.score_versions(
            connection, catalogue, index, tuple(index.versions), tuple(names), period, day=day
        )
        parts = {
            version: tuple(
                silence.heed_part(part, index, version, period)
                if frozen is None
                else _frozen(part, index, version, frozen)
                for part in of_version
            )
            for version, of_version in by_version.items()
        }
        found.append(Points(index, period, names, parts, closed[0].revision if closed else None))
    return tuple(found)


def _frozen(part: OwnPart, index: ScoreSet, version: str, rows: Mapping[revisions.Cell, Row[Any]]) -> OwnPart:
    """Return a component as it was frozen; what was not is unknown, and so is a share that does not give the points."""
    component, of_set = part.component, f"{index.code}-{version}"
    row = rows.get((part.unit_code, of_set, component.code))
    if row is None:
        return OwnPart(
            unit_code=part.unit_code,
            group=part.group,
            component=component,
            numerator=None,
            denominator=None,
            ratio=None,
            score=None,
            reason=history.NOT_FROZEN,
            coverage=None,
            lacking=(),
        )
    times = rows.get((part.unit_code, of_set, component.rules[version].times or ""))
    factor = share_of(times.numerator, times.denominator) if times else None
    arithmetic = index.versions[version].arithmetic
    made = earned(component, version, arithmetic, row.numerator, row.denominator, factor)
    return replace(
        part,
        numerator=row.numerator,
        denominator=row.denominator,
        ratio=made.ratio if made.score == row.value else None,
        score=row.value,
        reason=row.reason,
        coverage=row.coverage,
        lacking=(),  # which sources they were is not frozen
    )


def rows(points: Points) -> Iterator[dict[str, Any]]:
    """Yield each component, each group's sum and each unit's sum under each version; keys as in `COLUMNS`."""
    for version in points.parts:
        for unit, parts in points.by_unit.items():
            stated = {"index": points.index.code, "version": version, "unit_name": points.names[unit]}
            span = {"period_from": points.period.start, "period_to": points.period.end}
            for row in own.rows(points.index, parts[version]):
                yield {**dict.fromkeys(COLUMNS), **row, **stated, **span}


def _earning(parts: Iterable[OwnPart], group: str) -> list[OwnPart]:
    """Return the components of a group, or of all (empty), that can earn points."""
    return [part for part in parts if part.component.max and group in ("", part.group.code)]


def of_province(points: Points) -> list[Line]:
    """Return the province's groups in the order of the index, and the whole of it as the last line."""
    return of_unit(points, next(iter(points.names)), told=True)


def of_unit(points: Points, unit: str, *, told: bool = False) -> list[Line]:
    """Return a unit's groups in the order of the index, and the whole of it as the last line.

    `told`: the reason of a sum that is not known names what is missing, each with its own reason.
    """
    lines: dict[str, Line] = {}
    for parts in points.by_unit[unit].values():
        of_version = list(parts)
        for row in own.rows(points.index, of_version):
            if row.get("component") is not None:
                continue
            group = str(row["group"])
            counted = _earning(of_version, group)
            before = lines.get(group)
            cell = _cell(row, counted if group and told else [], counted)
            shares = [cell.coverage, before.coverage if before else None]
            known = [share for share in shares if share is not None]
            lines[group] = Line(
                code=group,
                title=str(row["title"]) if group else "Cả bộ chỉ số",
                max=int(str(row["max"])),
                cells=(*(before.cells if before else ()), cell),
                coverage=min(known, default=None),
            )
    return list(lines.values())


def total(points: Points, unit: str) -> Cell:
    """Return the points of a unit over the whole index, under its first rule version."""
    return of_unit(points, unit)[-1].cells[0]


def lacks_only(parts: Iterable[OwnPart], reason: str) -> bool:
    """Return whether points together are not known, and all that they lack is missing for one reason."""
    missing = [part for part in parts if part.component.max and part.score is None]
    return bool(missing) and all(part.reason == reason for part in missing)


def _cell(row: Mapping[str, object], named: list[OwnPart], counted: list[OwnPart]) -> Cell:
    """Return the points of a sum; the reason names the missing ones among `named`, and why each is missing."""
    score = row["score"]
    reason = str(row["reason"]) if row["reason"] is not None else None
    missing = [f"{p.component.title} ({p.reason})" for p in named if p.score is None]
    if reason is not None and missing:
        reason = f"{reason}: {'; '.join(missing)}"
    lacking = sorted({code for p in counted for code in p.lacking})
    known = score if isinstance(score, Decimal) else None
    # what earns no points, or has none yet, says nothing of how whole the points that stand there are
    earned_by = [p for p in counted if p.score is not None] or counted
    coverage = min((p.coverage for p in earned_by if p.coverage is not None), default=None)
    return Cell(known, None if known is None else printed(known), reason, tuple(lacking), coverage)
