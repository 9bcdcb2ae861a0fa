"""What a unit states about itself: which rows answer for a period.

A share is read from the newest row whose period lies within the asked one. A count is only believed where rows
equal the period or tile it exactly: months that leave a gap or overlap do not add up to a year.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from cchc.catalogue.indicators import Term
from cchc.indicators.numbers import percent
from cchc.indicators.periods import Period

ReportedRow = Row[Any]  # of sql/reported.sql


@dataclass(frozen=True)
class Answer:
    """The rows that answer and their value, or the reason there is none (Vietnamese)."""

    value: Decimal | None
    rows: tuple[ReportedRow, ...]
    reason: str | None = None


def read(row: ReportedRow, part: str) -> Decimal | None:
    """Return one part of a row; a ratio that is not stated is made of its numerator and denominator."""
    if part == "ratio" and row.ratio is None and row.numerator is not None and row.denominator:
        return percent(row.numerator, row.denominator)
    stated: Decimal | None = getattr(row, part)
    return stated


def answer(rows: Sequence[ReportedRow], term: Term, period: Period) -> Answer:
    """Return what `rows` of one unit (newest word last) say about a term in a period."""
    stated = [
        row
        for row in rows
        if row.measure_code == term.reported
        and row.period_from >= period.start
        and row.period_to <= period.end
        and read(row, term.part) is not None
    ]
    if not stated:
        return Answer(None, (), f"đơn vị chưa báo cáo số liệu này cho kỳ {period.title()}")
    if term.part == "ratio":
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
