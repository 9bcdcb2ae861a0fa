"""The first page: how whole the data is, the province's numbers, its points, and where to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.scores import ScoreSet
from cchc.indicators import periods
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.numbers import percent
from cchc.indicators.periods import Period
from cchc.publishing import points
from cchc.publishing.notes import Notes
from cchc.publishing.points import Line, Points
from cchc.publishing.portal import charts, publications, trends
from cchc.publishing.portal.view import View

_FEW = 7  # days of a month, from which on its numbers say something


@dataclass(frozen=True)
class Tile:
    """One number of the province, with that of the month before where the two can be compared."""

    indicator: Indicator
    value: IndicatorValue
    before: (
        str | None
    )  # as printed; only of shares: a count of half a month says nothing beside one of a whole


@dataclass(frozen=True)
class Block:
    """The points of the province under one index."""

    code: str  # of the section on the page
    index: ScoreSet
    period: Period
    lines: tuple[Line, ...]
    lacking: int  # sources that have not delivered all of the period
    revision: int | None  # of the closing that froze them
    notes: Notes
    version: str  # whose points are drawn
    svg: str


@dataclass(frozen=True)
class Begun:
    """A report month that has only just begun, and where the numbers of the month before stand."""

    name: str
    days: int
    since: date
    before: str  # the month before; empty: there is none
    href: str  # the page of its closing; empty: it is not closed, and its numbers stand beside those of this month


def page(view: View) -> tuple[str, bytes]:
    """Return the first page."""
    content = view.content
    own = [t for t in content.tables if len(t.rows) == 1 and not publications.is_shown(view, t)]
    return view.page(
        "index.html",
        "index.html.j2",
        "Tổng quan",
        notes=view.notes("gc", is_closed=view.revision is not None),
        begun=_begun(view),
        tiles=list(_tiles(view)),
        drawings=trends.of_unit(view, content.province_code),
        blocks=[_block(view, one) for one in content.points],
        own_tables=own,
        publications={publications.publication_page(t): t for t in publications.of_many(view)},
    )


def _tiles(view: View) -> list[Tile]:
    if not view.months:
        return []
    province = view.content.province_code
    found = []
    for code, indicator in view.indicators.items():
        before = view.months[-2].values[province, code].printed if len(view.months) > 1 else None
        found.append(Tile(indicator, view.value(province, code), before if indicator.unit == "%" else None))
    return found


def _begun(view: View) -> Begun | None:
    """Return the current month where it has fewer days than say much, and is not over."""
    period = view.months[-1].period if view.months else None
    if period is None or period.days >= _FEW or period.end == periods.month_of(period.end).end:
        return None
    before = view.months[-2].period if len(view.months) > 1 else None
    closed = (own for own in view.content.archive if before and _days(own.period) == _days(before))
    return Begun(
        trends.month_name(period),
        period.days,
        period.start,
        trends.month_name(before) if before else "",
        next((f"ky/{own.slug}.html" for own in closed), ""),
    )


def _days(period: Period) -> tuple[date, date]:
    return period.start, period.end


def _block(view: View, own: Points) -> Block:
    lines = tuple(points.of_province(own))
    lacking = {code for line in lines for cell in line.cells for code in cell.lacking}
    version = next(iter(own.index.versions.values()))
    return Block(
        code=f"diem-{own.index.code}",
        index=own.index,
        period=own.period,
        lines=lines,
        lacking=len(lacking),
        revision=own.revision,
        notes=view.notes(f"diem-{own.index.code}", is_closed=own.revision is not None),
        version=version.title,
        svg=_drawn(lines, own, version.title),
    )


def _drawn(lines: Sequence[Line], own: Points, version: str) -> str:
    items = [
        charts.Bar(line.title, _of_max(line), "chưa biết" if line.cells[0].printed is None
                   else f"{line.cells[0].printed}/{line.max}")
        for line in lines[:-1]
    ]  # fmt: skip
    said = "; ".join(f"{item.title} {item.label}" for item in items)
    return charts.bars(items, text=f"Điểm từng nhóm của {own.index.title}, {version}: {said}")


def _of_max(line: Line) -> Decimal | None:
    score = line.cells[0].score
    return None if score is None else percent(score, Decimal(line.max))
