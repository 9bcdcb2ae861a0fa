"""Count and read the marks of units: shares. Where there was nothing to judge there is none, never 0 or 100."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import Connection, Engine, text

from cchc.catalogue.base import DATASETS
from cchc.catalogue.models import Catalogue
from cchc.errors import SourceError
from cchc.quality.rules import rules_of
from cchc.quality.scorecard.definitions import Band, Dimension, Scorecard, definitions
from cchc.quality.scorecard.sql import query
from cchc.warehouse.datasets import COLUMNS, TYPES

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('cchc scorecard', 0))")
_COUNTS = ("nights", "records", "dossiers", "reports", "corrections")
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Mark:
    """One dimension of one unit over the span."""

    dimension: Dimension
    numerator: int
    denominator: int
    change: Decimal | None  # percentage points against the span before; None: one of the two has no mark
    oldest_nights: int | None = None  # of corrections: how long the oldest open row has waited

    @property
    def share(self) -> Decimal | None:
        """The share in percent, rounded down so that 100 is all; None where there was nothing to judge."""
        found = _percent(self.numerator, self.denominator)
        return None if found is None else found.quantize(_TENTH, ROUND_FLOOR)

    @property
    def band(self) -> Band | None:
        """The band of the share as it is before rounding."""
        return self.dimension.band(self.numerator, self.denominator)


@dataclass(frozen=True)
class UnitCard:
    """The marks of one unit, in the order of the definitions. There is no mark over all: one would hide the others."""

    unit_code: str
    reporting_day: date
    nights: int
    marks: tuple[Mark, ...]


def write(engine: Engine, catalogue: Catalogue, day: date) -> int:
    """Count the marks of all units in office on a reporting day and keep them; returns how many units there are.

    Writing a day again replaces it. What is counted is what the warehouse holds of the nights up to that day; twins and
    reports are those it holds now.
    """
    known = definitions()
    values = _values(known, catalogue, day)
    units = dict.fromkeys(unit.code for unit in catalogue.units_on(day))
    with engine.begin() as connection:
        connection.execute(_LOCK)
        found: dict[tuple[str, str], Any] = {}
        for name in _COUNTS:
            statement = query(name)
            wanted = {bind: values[bind] for bind in statement.compile().params}
            for row in connection.execute(statement, wanted).mappings():
                found[row["unit_code"], row["dimension"]] = row
        connection.execute(query("clear"), {"last_day": day})
        nothing = {"numerator": 0, "denominator": 0, "oldest_nights": None}
        rows = [
            {**nothing, **found.get((unit, d.code), {}), "unit_code": unit, "dimension": d.code}
            | {"last_day": day, "nights": known.nights}
            for unit in units
            for d in known.dimensions
        ]
        if rows:
            connection.execute(query("put"), rows)
    return len(units)


def read(engine: Engine, day: date, units: Collection[str] | None = None) -> list[UnitCard]:
    """Return the cards that the night of `day` kept, of all units or of some; none where it kept none."""
    with engine.connect() as connection:
        return read_on(connection, day, units)


def read_on(connection: Connection, day: date, units: Collection[str] | None = None) -> list[UnitCard]:
    """Return what `read` returns, in the snapshot of `connection`."""
    known = {dimension.code: dimension for dimension in definitions().dimensions}
    order = {code: place for place, code in enumerate(known)}
    values = {"day": day, "units": None if units is None else list(units)}
    rows = connection.execute(query("read"), values).all()
    marks: dict[str, list[Any]] = {}
    for row in rows:
        if row.dimension in known:
            marks.setdefault(row.unit_code, []).append(row)
    return [
        UnitCard(
            unit_code=unit,
            reporting_day=day,
            nights=found[0].nights,
            marks=tuple(_mark(row, known[row.dimension]) for row in _ordered(found, order)),
        )
        for unit, found in marks.items()
    ]


def newest_day(engine: Engine) -> date | None:
    """Return the newest reporting day that kept scorecards, or None."""
    with engine.connect() as connection:
        return newest_day_on(connection, date.max)


def newest_day_on(connection: Connection, until: date) -> date | None:
    """Return the newest reporting day up to one that kept scorecards, in the snapshot of `connection`; or None."""
    newest: date | None = connection.execute(query("newest_day"), {"until": until}).scalar_one()
    return newest


def _values(known: Scorecard, catalogue: Catalogue, day: date) -> dict[str, Any]:
    rules = [rule for dataset in DATASETS for rule in rules_of(dataset)]
    keeping_out = [rule for rule in rules if rule.severity != "info"]
    paired = [m for m in catalogue.measures.values() if m.reported is not None]
    return {
        "first_day": day - timedelta(days=known.nights - 1),
        "last_day": day,
        "in_time_hours": known.in_time_hours,
        "correct_within": known.correct_within,
        "of_sources": [SourceError.__name__, *(error.__name__ for error in SourceError.__subclasses__())],
        "keeping_out": [rule.code for rule in keeping_out],
        "of_units": [rule.code for rule in keeping_out if rule.owner == "unit"],
        "fields": [name for name in COLUMNS["dossier"] if name not in ("dossier_code", "intake")],
        "moments": [name for name, kind in TYPES["dossier"].items() if kind == "timestamptz"],
        "measures": [m.code for m in paired],
        "reported": [m.reported for m in paired],
        "datasets": [m.dataset for m in paired],
    }


def _ordered(rows: Iterable[Any], order: dict[str, int]) -> list[Any]:
    return sorted(rows, key=lambda row: order[row.dimension])


def _mark(row: Any, dimension: Dimension) -> Mark:
    now = _percent(row.numerator, row.denominator)
    before = _percent(row.numerator_before, row.denominator_before)
    change = None if now is None or before is None else (now - before).quantize(_TENTH)
    return Mark(dimension, row.numerator, row.denominator, change, row.oldest_nights)


def _percent(numerator: int, denominator: int | None) -> Decimal | None:
    return Decimal(100 * numerator) / denominator if denominator else None
