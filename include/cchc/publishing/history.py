"""The report months of a trend: every unit's indicators month by month, frozen where a month is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, Row

from cchc.catalogue.indicators import Indicator, IndicatorSet
from cchc.catalogue.models import Catalogue
from cchc.indicators import periods
from cchc.indicators.compute import IndicatorValue, compute_on
from cchc.indicators.periods import Period
from cchc.publishing import revisions
from cchc.publishing.silence import Silence

Key = tuple[str, str]  # unit code, indicator code
NOT_FROZEN = "không có trong số liệu đã chốt của kỳ"


@dataclass(frozen=True)
class Month:
    """One report month; the current one up to the reporting day."""

    period: Period
    revision: int | None  # of its closing: then the numbers are the frozen ones; None: not closed
    values: Mapping[Key, IndicatorValue]


@dataclass(frozen=True)
class History:
    """The same indicators of the same units over the months, oldest first; the last is the current one."""

    set_code: str
    set_title: str
    indicators: tuple[Indicator, ...]
    units: tuple[str, ...]  # the province first
    months: tuple[Month, ...]

    @property
    def current(self) -> Month:
        """The month of the reporting day."""
        return self.months[-1]


def gather(
    connection: Connection,
    catalogue: Catalogue,
    chosen: IndicatorSet,
    units: Sequence[str],
    day: date,
) -> History:
    """Return the months of the trend up to that of `day`, of these units.

    A month before the earliest history of any source is left out: nobody could have delivered it.
    """
    first: dict[str, date] = {}  # by unit: the day from which anybody speaks of it
    for source in catalogue.sources.values():
        for unit in (source.unit, catalogue.province.code):
            first[unit] = min(source.history_from, first.get(unit, date.max))
    begins = first.get(catalogue.province.code, day)
    silence = Silence.read(connection, catalogue)
    months: list[Month] = []
    for whole in _months(day, catalogue.province.portal.months):
        if whole.end < begins:
            break
        period = periods.until(whole, day)
        closed = revisions.of_days_on(connection, period)
        if closed:
            values = _frozen(connection, closed[0], chosen, units, period)
        else:
            speaking = [unit for unit in units if first.get(unit, date.max) <= whole.end]
            computed = compute_on(connection, catalogue, chosen, speaking, period, day=day)
            values = silence.heed_all(computed, chosen.indicators)
            values += [
                _unknown(unit, chosen, indicator, period)
                for unit in sorted({*units} - {*speaking})
                for indicator in chosen.indicators
            ]
        by_key = {(value.unit_code, value.indicator_code): value for value in values}
        months.append(Month(period, closed[0].revision if closed else None, by_key))
    return History(chosen.code, chosen.title, chosen.indicators, tuple(units), tuple(reversed(months)))


def _months(day: date, count: int) -> list[Period]:
    """Return the report month of a day and those before it, newest first."""
    found = [periods.month_of(day)]
    while len(found) < count:
        found.append(periods.month_of(found[-1].start - timedelta(days=1)))
    return found


def _unknown(unit: str, chosen: IndicatorSet, indicator: Indicator, period: Period) -> IndicatorValue:
    """Return a number of a month that no source of the unit reaches back to."""
    return IndicatorValue(
        unit_code=unit,
        set_code=chosen.code,
        indicator_code=indicator.code,
        period=period,
        value=None,
        numerator=None,
        denominator=None,
        printed=None,
        reason="không có nguồn nào cung cấp số liệu cho kỳ này",
        coverage=None,
        fresh_to=None,
        lacking=(),
    )


def _frozen(
    connection: Connection,
    closed: Row[tuple[object, ...]],
    chosen: IndicatorSet,
    units: Sequence[str],
    period: Period,
) -> list[IndicatorValue]:
    """Return the numbers of a closed month as they were frozen; what was not frozen then is unknown."""
    rows = revisions.values_of(connection, closed)
    found = []
    for unit in units:
        for indicator in chosen.indicators:
            row = rows.get((unit, chosen.code, indicator.code))
            found.append(
                IndicatorValue(
                    unit_code=unit,
                    set_code=chosen.code,
                    indicator_code=indicator.code,
                    period=period,
                    value=row.value if row else None,
                    numerator=row.numerator if row else None,
                    denominator=row.denominator if row else None,
                    printed=row.printed if row else None,
                    reason=row.reason if row else NOT_FROZEN,
                    coverage=row.coverage if row else None,
                    fresh_to=row.fresh_to if row else None,
                    lacking=(),
                )
            )
    return found
