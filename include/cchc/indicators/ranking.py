"""Units in the order of an indicator, group by group, with ties as officials print them: 1, 2, 2, 4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from sqlalchemy import Engine

from cchc.catalogue.indicators import Indicator, IndicatorSet
from cchc.catalogue.models import Catalogue, Unit
from cchc.errors import ConfigurationError
from cchc.indicators.compute import IndicatorValue, compute
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
    """One unit's place; None where its number is not known: what is not known is not ranked."""

    rank: int | None
    unit_code: str
    name: str
    value: IndicatorValue

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
            "reason": own.reason,
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


def rank(
    engine: Engine, catalogue: Catalogue, indicator_set: IndicatorSet, code: str, group: Group, period: Period
) -> list[Place]:
    """Return the units of a group that are in office at the period's end, best first, then those without a number.

    Units of one rank stand in the order of the catalogue. Raises `ConfigurationError` for an indicator that is not
    in the set, or of which the catalogue does not say whether more is better.
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
    ranks = places([v.value for v in values], indicator.better)
    found = [Place(r, v.unit_code, units[v.unit_code], v) for r, v in zip(ranks, values, strict=True)]
    return sorted(found, key=lambda place: (place.rank is None, place.rank or 0))


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
