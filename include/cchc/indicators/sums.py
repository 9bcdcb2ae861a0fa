"""The sums over the marts that indicators are made of, read in one query for all units and the province at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from cchc.catalogue.indicators import Term
from cchc.catalogue.models import Catalogue
from cchc.indicators import periods
from cchc.indicators.periods import Period
from cchc.indicators.sql import query

_BEGINNING = date(1900, 1, 1)  # a stock is everything that came and went so far


def term_period(term: Term, period: Period) -> Period:
    """Return the period a term is about: the asked one, or its own."""
    return periods.parse(term.period, "calendar") if term.period else period


def _days(catalogue: Catalogue, term: Term, period: Period) -> tuple[date, date]:
    """Return the first and last day whose marts make up a measure's term."""
    if catalogue.measures[term.measure or ""].kind != "stock":
        return period.start, period.end
    return _BEGINNING, period.end if term.at == "end" else period.start - timedelta(days=1)


def asked(catalogue: Catalogue, term: Term, period: Period) -> dict[str, Any]:
    """Return what a term asks of the marts or of the records: measure, days, dimensions (None: any)."""
    first, last = _days(catalogue, term, term_period(term, period))
    return {
        "measure": term.counted_as,
        "first_day": first,
        "last_day": last,
        "needs_result": term.needs_result,
        "among": term.among,
        "intake": term.where.get("intake"),
        "channel": term.where.get("channel"),
        "online_level": term.where.get("online_level"),
    }


def _asks(term: Term) -> str:
    """Return what a term asks of the marts; two terms that ask the same are read once."""
    return term.model_dump_json(exclude={"minus"})


class Sums:
    """The sums of terms by unit, and of the units of the province together, under the province's code."""

    def __init__(self, connection: Connection, catalogue: Catalogue) -> None:
        self._connection, self._catalogue = connection, catalogue
        self._found: dict[tuple[str, str], Row[Any]] = {}
        self._unstated: set[tuple[str, str]] = set()

    def fetch(
        self,
        terms: Iterable[Term],
        period: Period,
        single: Sequence[str],
        whole: str = "",
        members: Sequence[str] = (),
    ) -> None:
        """Read the sums of every unit of `single`, and of all `members` together under the code `whole`."""
        distinct = list({_asks(term): term for term in terms}.values())
        if not distinct:
            return
        wanted = [asked(self._catalogue, term, period) for term in distinct]
        found = self._connection.execute(
            query("sums"),
            {
                "nos": list(range(len(distinct))),
                "measures": [one["measure"] for one in wanted],
                "starts": [one["first_day"] for one in wanted],
                "ends": [one["last_day"] for one in wanted],
                "intakes": [one["intake"] for one in wanted],
                "channels": [one["channel"] for one in wanted],
                "levels": [one["online_level"] for one in wanted],
                "needs_results": [one["needs_result"] for one in wanted],
                "amongs": [one["among"] for one in wanted],
                "by_procedures": [
                    term.aggregate == "procedures" or term.among or term.needs_result is not None
                    for term in distinct
                ],
                "units": sorted({*single, *members}),
                "single": list(single),
                "whole": list(members),
            },
        )
        for row in found:
            self._found[row.unit_code or whole, _asks(distinct[row.term_no])] = row

    def fetch_unstated(self, units: Collection[str], period: Period) -> None:
        """Find out of units where nothing was counted whether their dossiers say no or say nothing."""
        if not units:
            return
        span = {"first_day": period.start, "last_day": period.end}
        for row in self._connection.execute(query("stated_fields"), {"units": sorted(units), **span}):
            counts = row._asdict()
            unit = counts.pop("unit_code")
            self._unstated |= {(unit, name) for name, count in counts.items() if count == 0}

    def of(self, code: str, term: Term) -> Row[Any] | None:
        """Return the sum of a unit, or of the province; None where nothing was counted."""
        return self._found.get((code, _asks(term)))

    def is_unstated(self, unit: str, field: str) -> bool:
        """Whether none of a unit's dossiers states a field, as far as `fetch_unstated` asked."""
        return (unit, field) in self._unstated
