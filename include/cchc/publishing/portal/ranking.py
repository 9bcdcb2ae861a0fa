"""The rankings: the units of a group with every number and its rank, departments and communes apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Unit
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.ranking import places, possible_places, why_unranked
from cchc.publishing import points
from cchc.publishing.points import Cell, Points
from cchc.publishing.portal.view import GROUP_PAGES, GROUPS, View
from cchc.publishing.suppression.public import reason as withheld


@dataclass(frozen=True)
class Ranked:
    """A number with its rank; None where it has none."""

    value: IndicatorValue
    rank: str | None


@dataclass(frozen=True)
class Total:
    """The points of a unit under one index, by its first rule version, with its rank."""

    cell: Cell
    rank: str | None


@dataclass(frozen=True)
class Line:
    """One unit of a ranking."""

    unit: Unit
    values: tuple[Ranked, ...]
    totals: tuple[Total, ...]


def pages(view: View) -> Iterator[tuple[str, bytes]]:
    """Yield the page that leads to the rankings, and one for each group of units."""
    yield view.page("xep-hang/index.html", "rankings.html.j2", "Xếp hạng")
    for group in view.groups:
        yield _page(view, group)


def _page(view: View, group: str) -> tuple[str, bytes]:
    main = main_indicator(view)
    # what the table is sorted by stands first: on a phone the others are out of sight
    indicators = sorted(view.indicators.values(), key=lambda indicator: indicator != main)
    lines = [_in_order(line, indicators) for line in ranked(view, view.groups[group])]
    return view.page(
        GROUP_PAGES[group],
        "ranking.html.j2",
        f"Xếp hạng {GROUPS[group][0].lower()}{GROUPS[group][1:]}",
        lines=lines,
        indicators=indicators,
        main=main,
        notes=view.notes("gc", is_closed=view.revision is not None),
        indexes=[own.index for own in view.content.points],
    )


def _in_order(line: Line, indicators: Sequence[Indicator]) -> Line:
    by_code = {own.value.indicator_code: own for own in line.values}
    return replace(line, values=tuple(by_code[indicator.code] for indicator in indicators))


def main_indicator(view: View) -> Indicator | None:
    """Return the indicator that rankings are sorted by."""
    wanted = view.catalogue.province.portal.rank_by
    able = [i for i in view.indicators.values() if i.better]
    return next((i for i in able if i.code == wanted), able[0] if able else None)


def ranked(view: View, units: Sequence[Unit]) -> list[Line]:
    """Return units with their numbers and ranks, the best by the main indicator first, those without a rank last."""
    ranks = {code: _ranks(view, indicator, units) for code, indicator in view.indicators.items()}
    totals = [_totals(view, own, units) for own in view.content.points]
    lines = [
        Line(
            unit,
            tuple(Ranked(view.value(unit.code, code), ranks[code][unit.code]) for code in view.indicators),
            tuple(of_index[unit.code] for of_index in totals),
        )
        for unit in units
    ]
    main = main_indicator(view)
    if main is None:
        return lines
    order = ranks[main.code]
    return sorted(lines, key=lambda line: _first(order[line.unit.code]))


def _first(rank: str | None) -> float:
    """Return the best place a rank allows: 2 of `2–3`."""
    return float("inf") if rank is None else int(rank.split("–")[0])


def _ranks(view: View, indicator: Indicator, units: Sequence[Unit]) -> dict[str, str | None]:
    """Return the rank of each unit by code; in the public build the places that published numbers allow."""
    values = [view.value(unit.code, indicator.code) for unit in units]
    if indicator.better is None:
        return {unit.code: None for unit in units}
    least = view.catalogue.indicator_set(values[0].set_code).rank_from_coverage if values else Decimal(1)
    able = {
        unit.code: value
        for unit, value in zip(units, values, strict=True)
        if why_unranked(value, least) is None or _is_withheld(view, value)
    }
    if view.is_internal:
        exact = places([value.value for value in able.values()], indicator.better)
        ranks = {code: None if rank is None else str(rank) for code, rank in zip(able, exact, strict=True)}
    else:
        possible = possible_places([_range(value, indicator) for value in able.values()], indicator.better)
        ranks = {
            code: _printed(rank) if value.printed is not None else None
            for (code, value), rank in zip(able.items(), possible, strict=True)
        }
    return {unit.code: ranks.get(unit.code) for unit in units}


def _is_withheld(view: View, value: IndicatorValue) -> bool:
    """Whether a number is known and not public: then any place may be its unit's."""
    return value.reason == withheld(view.catalogue.province.portal.smallest)


def _range(value: IndicatorValue, indicator: Indicator) -> tuple[Decimal, Decimal]:
    """Return between which a number is, as it is published. A count that is withheld is not 0: zeros are published."""
    if value.value is not None:
        return value.value, value.value
    if indicator.unit == "%":
        return value.bounds or (Decimal(0), Decimal(100))
    return Decimal(1), Decimal("Infinity")


def _printed(rank: tuple[int, int] | None) -> str | None:
    return None if rank is None else "–".join(dict.fromkeys(map(str, rank)))


def _totals(view: View, own: Points, units: Sequence[Unit]) -> dict[str, Total]:
    """Return the points of each unit by code; where some are withheld, the places that the published ones allow."""
    cells = {unit.code: points.total(own, unit.code) for unit in units}
    able = {
        code: None if cell.score is None else (cell.score, cell.score)
        for code, cell in cells.items()
        if cell.score is not None
        or points.lacks_only(
            next(iter(own.by_unit[code].values())), withheld(view.catalogue.province.portal.smallest)
        )
    }
    possible = possible_places(list(able.values()), "higher")
    ranks = {code: _printed(rank) for code, rank in zip(able, possible, strict=True)}
    return {code: Total(cell, ranks.get(code)) for code, cell in cells.items()}
