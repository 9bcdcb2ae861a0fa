"""The trend of a unit's numbers over the report months, as drawings with their figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cchc.catalogue.indicators import Indicator
from cchc.indicators.periods import Period, month_of
from cchc.publishing.history import Month
from cchc.publishing.portal import charts
from cchc.publishing.portal.view import View

_LINES = 4  # more of them in one picture cannot be told apart


@dataclass(frozen=True)
class Line:
    """What is drawn as one line, as numbers and as they are printed; None: not known in that month."""

    code: str
    title: str
    values: tuple[Decimal | None, ...]
    printed: tuple[str | None, ...]


@dataclass(frozen=True)
class Drawing:
    """One picture with what it shows."""

    svg: str  # empty: nothing of it is known
    caption: str
    months: tuple[str, ...]
    series: tuple[Line, ...]


def of_unit(view: View, unit: str) -> list[Drawing]:
    """Return the pictures of a unit's trend: its shares together, then its first count.

    They begin with the first month of which anything is known; without two such months there are none.
    """
    shown = _since_known(view, unit)
    if len(shown) < 2:
        return []
    months = tuple(month_name(m.period) for m in shown)
    shares = [i for i in view.indicators.values() if i.unit == "%"][:_LINES]
    counts = [i for i in view.indicators.values() if i.unit != "%"][:1]
    name = view.names[unit]
    span = f"{months[0]} đến {months[-1]}"
    drawn = []
    if shares:
        lines = tuple(_lines(shown, unit, shares))
        svg = charts.trend(
            months, [charts.Series(one.title, one.values) for one in lines], "%",
            text=f"Diễn biến {', '.join(one.title.lower() for one in lines)} của {name}, {span}",
        )  # fmt: skip
        drawn.append(Drawing(svg, f"Các tỷ lệ theo tháng báo cáo, {span}", months, lines))
    for indicator in counts:
        for line in _lines(shown, unit, [indicator]):
            text = f"{indicator.title} của {name}, {span}"
            svg = charts.columns(months, line.values, indicator.unit, text=text)
            drawn.append(Drawing(svg, f"{indicator.title} theo tháng báo cáo, {span}", months, (line,)))
    return [one for one in drawn if one.svg]


def month_name(period: Period) -> str:
    """Return what a report month is called, also before its last day: 15 November 2026 is in 12/2026."""
    year, month = month_of(period.end).label.split("-")
    return f"{int(month)}/{year}"


def _since_known(view: View, unit: str) -> tuple[Month, ...]:
    """Return the months from the first one on that has a number of the unit other than 0."""
    for place, month in enumerate(view.months):
        if any(month.values[unit, code].value for code in view.indicators):
            return view.months[place:]
    return ()


def _lines(months: Sequence[Month], unit: str, indicators: Iterable[Indicator]) -> Iterator[Line]:
    """Yield a line for each indicator of which anything is known."""
    for indicator in indicators:
        own = [month.values[unit, indicator.code] for month in months]
        if all(value.value is None for value in own):
            continue
        yield Line(
            indicator.code, indicator.title, tuple(v.value for v in own), tuple(v.printed for v in own)
        )
