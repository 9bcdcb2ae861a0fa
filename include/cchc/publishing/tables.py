"""The publications that the catalogue names: the same indicators of one or many units over a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue, Publication
from cchc.indicators import periods
from cchc.indicators.compute import IndicatorValue, compute_on
from cchc.indicators.periods import Period
from cchc.publishing.silence import Silence


@dataclass(frozen=True)
class Row:
    """One unit's numbers, in the order of the table's indicators."""

    unit_code: str
    unit_name: str
    values: tuple[IndicatorValue, ...]


@dataclass(frozen=True)
class Table:
    """One publication: the same indicators of one or many units."""

    code: str
    title: str
    set_code: str
    set_title: str
    period: Period
    indicators: tuple[Indicator, ...]
    rows: tuple[Row, ...]


def gather(connection: Connection, catalogue: Catalogue, day: date) -> tuple[Table, ...]:
    """Return every publication of the province on a day, in the snapshot of `connection`."""
    return tuple(_table(connection, catalogue, p, day) for p in catalogue.province.publications)


def _units(catalogue: Catalogue, publication: Publication, day: date) -> tuple[str, ...]:
    """Return the codes a publication is about; the province's own code stands for all of them together."""
    if publication.units == "province":
        return (catalogue.province.code,)
    if isinstance(publication.units, tuple):
        return publication.units
    group = publication.units.removesuffix("s")
    return tuple(unit.code for unit in catalogue.units_on(day) if unit.group == group)


def _table(connection: Connection, catalogue: Catalogue, publication: Publication, day: date) -> Table:
    chosen = catalogue.indicator_sets[publication.indicator_set]
    period = periods.of_publication(publication.period, day)
    units = _units(catalogue, publication, day)
    silence = Silence.read(connection, catalogue)
    computed = compute_on(connection, catalogue, chosen, units, period, day=day)
    values = silence.heed_all(computed, chosen.indicators)
    width = len(chosen.indicators)
    return Table(
        code=publication.code,
        title=publication.title,
        set_code=chosen.code,
        set_title=chosen.title,
        period=period,
        indicators=chosen.indicators,
        rows=tuple(
            Row(code, _name(catalogue, code), tuple(values[n * width : (n + 1) * width]))
            for n, code in enumerate(units)
        ),
    )


def _name(catalogue: Catalogue, code: str) -> str:
    return catalogue.province.name if code == catalogue.province.code else catalogue.unit(code).name
