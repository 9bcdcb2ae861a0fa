"""Units in the order of an indicator, group by group, with ties as officials print them: 1, 2, 2, 4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol

from sqlalchemy import Engine

from cchc.catalogue.indicators import Indicator, IndicatorSet
from cchc.catalogue.models import Catalogue, Unit
from cchc.errors import ConfigurationError
from cchc.indicators.compute import IndicatorValue, compute
from cchc.indicators.numbers import printed
from cchc.indicators.periods import Period

Group = Literal["department", "commune", "district"]
COLUMNS = (
    ("rank", "Hạng"),
    ("unit_code", "Đơn vị"),
    ("name", "Tên đơn vị"),
    ("printed", "Giá trị"),
    ("numerator", "Tử số"),
    ("denominator", "Mẫu số"),
    ("reason", "Lý do không xếp hạng"),
    ("coverage", "Độ phủ"),
    ("fresh_to", "Số liệu đến"),
)


@dataclass(frozen=True)
class Place:
    """One unit's place; None where its number is not known, or known of too few of its sources."""

    rank: int | None
    unit_code: str
    name: str
    value: IndicatorValue
    reason: str | None  # why it has no rank (Vietnamese)

    def row(self) -> dict[str, object]:
        """Return the place with its number, numerator, denominator, reason, coverage and freshness."""
        own = self.value
        return {
            "rank": self.rank,
            "unit_code": self.unit_code,
            "name": self.name,
            "value": own.value,
            "printed": own.printed,
            "numerator": own.numerator,
            "denominator": own.denominator,
            "reason": self.reason,
            "coverage": own.coverage,
            "fresh_to": own.fresh_to,
        }


def places(values: Sequence[Decimal | None], better: Literal["higher", "lower"]) -> list[int | None]:
    """Return the competition rank of each value: as many as are better, and one. None has no rank.

    Values are compared as they are printed, so two units with the same printed number share a rank.
    """
    known = [v for v in values if v is not None]
    if better == "higher":
        return [None if v is None else 1 + sum(other > v for other in known) for v in values]
    return [None if v is None else 1 + sum(other < v for other in known) for v in values]


def possible_places(
    ranges: Sequence[tuple[Decimal, Decimal] | None], better: Literal["higher", "lower"]
) -> list[tuple[int, int] | None]:
    """Return the first and last rank that each value can have, where of some only the range they are in is known.

    A value that is known is a range of one number; None: nothing is known, so it has no rank. How the values of None
    and those within ranges really stand is not used: the ranks tell no more than the ranges do. All units count, also
    those of which nothing is known: each of them may be before the others.
    """
    unknown = sum(one is None for one in ranges)
    known = [one for one in ranges if one is not None]
    found: list[tuple[int, int] | None] = []
    for one in ranges:
        if one is None:
            found.append(None)
            continue
        low, high = one
        if better == "higher":
            surely = sum(other[0] > high for other in known)
            perhaps = sum(other[1] > low for other in known)
        else:
            surely = sum(other[1] < low for other in known)
            perhaps = sum(other[0] < high for other in known)
        itself = int(low < high)  # it is not before itself
        found.append((1 + surely, 1 + perhaps - itself + unknown))
    return found


def rank(
    engine: Engine, catalogue: Catalogue, indicator_set: IndicatorSet, code: str, group: Group, period: Period
) -> list[Place]:
    """Return the units of a group that are in office at the period's end, best first, then those without a rank.

    A number over fewer of its sources than the set's `rank_from_coverage` is shown and not ranked: a unit must not rise
    because a system of its own is down. Units of one rank stand in the order of the catalogue.

    Raises `ConfigurationError` for an indicator that is not in the set, or of which the catalogue does not say whether
    more is better.
    """
    indicator = _indicator(indicator_set, code)
    if indicator.better is None:
        able = ", ".join(i.code for i in indicator_set.indicators if i.better)
        raise ConfigurationError(
            f"indicator {code} does not say whether more is better, so it cannot be ranked; these can: {able or 'none'}"
        )
    units = {u.code: u.name for u in _members(catalogue, group, period.end)}
    only = indicator_set.model_copy(update={"indicators": (indicator,)})
    values = compute(engine, catalogue, only, list(units), period)
    reasons = [why_unranked(v, indicator_set.rank_from_coverage) for v in values]
    ranked = [v.value if reason is None else None for v, reason in zip(values, reasons, strict=True)]
    ranks = places(ranked, indicator.better)
    found = [
        Place(r, v.unit_code, units[v.unit_code], v, reason)
        for r, v, reason in zip(ranks, values, reasons, strict=True)
    ]
    return sorted(found, key=lambda place: (place.rank is None, place.rank or 0))


def why_unranked(value: IndicatorValue, least: Decimal) -> str | None:
    """Return why a number is shown without a rank (Vietnamese): not known, or of too few of its sources; else None."""
    if value.value is None:
        return value.reason
    if value.coverage is None or is_ranked(value, least):
        return None
    lacking = f" (thiếu {', '.join(value.lacking)})" if value.lacking else ""
    return (
        f"mới có số liệu của {printed(100 * value.coverage)}% số nguồn{lacking};"
        f" xếp hạng từ {printed(100 * least)}%"
    )


class Covered(Protocol):
    """A number and the share of the sources that are in it."""

    @property
    def value(self) -> Decimal | None:
        """The number; None where it is not known."""

    @property
    def coverage(self) -> Decimal | None:
        """The share of its sources; None where none is expected."""


def is_ranked(own: Covered, least: Decimal) -> bool:
    """Return whether a number has a rank: it is known, and of at least so much of its sources."""
    return own.value is not None and (own.coverage is None or own.coverage >= least)


def _indicator(indicator_set: IndicatorSet, code: str) -> Indicator:
    for indicator in indicator_set.indicators:
        if indicator.code == code:
            return indicator
    there = ", ".join(i.code for i in indicator_set.indicators)
    raise ConfigurationError(f"there is no indicator {code} in {indicator_set.code}; there are: {there}")


def _members(catalogue: Catalogue, group: Group, day: date) -> Iterator[Unit]:
    for unit in catalogue.units_on(day):
        if unit.group == group:
            yield unit
