"""What a unit states about itself: which rows answer for a period.

A share and a stock (how many staff use a system) are read from the newest row whose period lies within the asked one. A
count is only believed where rows equal the period or tile it exactly: months that leave a gap or overlap do not add up
to a year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from cchc.catalogue.indicators import Term
from cchc.catalogue.models import Catalogue
from cchc.indicators.numbers import percent
from cchc.indicators.periods import Period
from cchc.indicators.sql import query

ReportedRow = Row[Any]  # of sql/reported.sql
_SIDES = ("numerator", "denominator")


@dataclass(frozen=True)
class Answer:
    """The rows that answer and their value, or the reason there is none (Vietnamese)."""

    value: Decimal | None
    rows: tuple[ReportedRow, ...]
    reason: str | None = None


def rows(
    connection: Connection, units: Iterable[str], wanted: Iterable[tuple[str, Period]]
) -> Sequence[ReportedRow]:
    """Return what units state under each of these codes of periods within the one beside it, newest word last."""
    asked = sorted({(code, period.start, period.end) for code, period in wanted})
    if not asked:
        return ()
    codes, first_days, last_days = (list(column) for column in zip(*asked, strict=True))
    days = {"first_days": first_days, "last_days": last_days}
    return connection.execute(query("reported"), {"units": sorted(units), "codes": codes, **days}).all()


def read(row: ReportedRow, part: str) -> Decimal | None:
    """Return one part of a row; a ratio that is not stated is made of its numerator and denominator."""
    if part == "ratio" and row.ratio is None and row.numerator is not None and row.denominator:
        return percent(row.numerator, row.denominator)
    stated: Decimal | None = getattr(row, part)
    return stated


def _states(row: ReportedRow, part: str) -> bool:
    """Whether a row states a part; of a share both sides or none: those of two rows make no share."""
    sides = _SIDES if part in _SIDES else (part,)
    return all(read(row, side) is not None for side in sides)


def answer(rows: Sequence[ReportedRow], term: Term, period: Period, *, owes: bool = True) -> Answer:
    """Return what `rows` of one unit (newest word last) say about a term in a period.

    `owes`: whether a source of the unit could bring it, so that it is the unit that is silent.
    """
    stated = [
        row
        for row in rows
        if row.measure_code == term.reported
        and row.period_from >= period.start
        and row.period_to <= period.end
        and _states(row, term.part)
    ]
    if not stated:
        late = f"đơn vị chưa báo cáo số liệu này cho kỳ {period.title()}"
        return Answer(None, (), late if owes else "đơn vị chưa có nguồn báo cáo số liệu này")
    if term.part == "ratio" or term.kind == "stock":
        newest = max(enumerate(stated), key=lambda pair: (pair[1].period_to, pair[0]))[1]
        return Answer(read(newest, term.part), (newest,))
    by_source: dict[str, list[ReportedRow]] = {}
    for row in stated:
        by_source[row.source_code] = [*by_source.pop(row.source_code, []), row]
    for own in reversed(by_source.values()):  # the source that spoke last first
        tiles = _tile(own, period)
        if tiles is not None:
            return Answer(sum((read(row, term.part) or Decimal(0) for row in tiles), Decimal(0)), tiles)
    return Answer(None, (), f"các kỳ đơn vị báo cáo số liệu này không ghép đúng kỳ {period.title()}")


def _tile(rows: Sequence[ReportedRow], period: Period) -> tuple[ReportedRow, ...] | None:
    """Return rows that follow each other day by day from the period's start to its end, longest first."""
    if period.start > period.end:
        return ()
    for row in sorted(rows, key=lambda r: r.period_to, reverse=True):
        if row.period_from == period.start and row.period_to <= period.end:
            rest = Period(period.label, row.period_to + timedelta(days=1), period.end, period.calendar)
            if (tail := _tile(rows, rest)) is not None:
                return (row, *tail)
    return None


def without_source(catalogue: Catalogue, members: Collection[str], owing: Collection[str], day: date) -> int:
    """Return how many of the units in office on a day do not owe a report: nothing of theirs could bring it."""
    return len({unit.code for unit in catalogue.units_on(day)} & {*members} - {*owing})


class Reports:
    """What units state, read once for all terms of a computation."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], list[ReportedRow]] = {}

    def fetch(
        self, connection: Connection, units: Iterable[str], wanted: Iterable[tuple[str, Period]]
    ) -> None:
        """Read what `answer` will be asked."""
        self._rows = {}
        for row in rows(connection, units, wanted):
            self._rows.setdefault((row.unit_code, row.measure_code), []).append(row)

    def answer(self, unit: str, term: Term, period: Period, *, owes: bool) -> Answer:
        """Return what a unit states of a term in a period; `owes` as above."""
        return answer(self._rows.get((unit, term.reported or ""), ()), term, period, owes=owes)
