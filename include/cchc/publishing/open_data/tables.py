"""The tables of the open data: their columns with what they mean, and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cchc.catalogue.models import Catalogue
from cchc.indicators import words
from cchc.indicators.compute import IndicatorValue
from cchc.publishing import points
from cchc.publishing.content import Content
from cchc.publishing.open_data.columns import (
    DEFINITIONS,
    INDICATORS,
    MONTHLY,
    OF_FORM,
    POINTS,
    PROCEDURES,
    SOURCES,
    UNITS,
    Column,
)

Value = str | int | float | date | bool | None


@dataclass(frozen=True)
class DataTable:
    """One table of an edition."""

    name: str
    title: str  # Vietnamese
    english: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Value], ...]


def plain(value: Decimal | int | None) -> int | float | None:
    """Return a number as programs read it."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def tables(content: Content, catalogue: Catalogue) -> tuple[DataTable, ...]:
    """Return the tables of a release; those it has nothing of are left out."""
    versions = sorted(
        catalogue.units, key=lambda unit: unit.valid_from
    )  # a renamed unit goes by its last name
    names = {**{unit.code: unit.name for unit in versions}, content.province_code: content.province_name}
    of_procedures = (*PROCEDURES, *_form_columns(content))
    made = (
        DataTable(
            "indicators",
            "Chỉ số của các đơn vị",
            "Indicators of the units",
            INDICATORS,
            tuple(_indicators(content, names)),
        ),
        DataTable(
            "points",
            "Điểm bộ chỉ số của các đơn vị",
            "Points of the units under an index",
            POINTS,
            tuple(_points(content)),
        ),
        DataTable(
            "procedures",
            "Hồ sơ theo thủ tục, tháng báo cáo",
            "Dossiers by procedure, report month",
            of_procedures,
            tuple(_procedures(content, names)),
        ),
        DataTable("units", "Các đơn vị", "Units", UNITS, tuple(_units(catalogue))),
        DataTable(
            "sources", "Nguồn số liệu và độ phủ", "Sources and coverage", SOURCES, tuple(_sources(content))
        ),
        DataTable(
            "definitions",
            "Định nghĩa các chỉ số",
            "Definitions of the indicators",
            DEFINITIONS,
            tuple(_definitions(content, catalogue)),
        ),
    )
    return tuple(table for table in made if table.rows)


def _indicators(content: Content, names: Mapping[str, str]) -> Iterator[Mapping[str, Value]]:
    for table in content.tables:
        by_code = {i.code: i for i in table.indicators}
        for row in table.rows:
            for value in row.values:
                of = by_code[value.indicator_code]
                yield _value(table.code, row.unit_name, of.title, of.unit, value, None)
    if content.history is not None:
        by_code = {i.code: i for i in content.history.indicators}
        for month in content.history.months:
            for (unit, code), value in month.values.items():
                of = by_code[code]
                yield _value(MONTHLY, names[unit], of.title, of.unit, value, month.revision)


def _value(
    publication: str, name: str, title: str, unit: str, value: IndicatorValue, revision: int | None
) -> Mapping[str, Value]:
    lower, upper = value.bounds or (None, None)
    return {
        "publication": publication,
        "unit_code": value.unit_code,
        "unit_name": name,
        "indicator_set": value.set_code,
        "indicator_code": value.indicator_code,
        "title": title,
        "measured_in": unit,
        "period_from": value.period.start,
        "period_to": value.period.end,
        "value": plain(value.value),
        "numerator": plain(value.numerator),
        "denominator": plain(value.denominator),
        "printed": value.printed,
        "reason": value.reason,
        "coverage": plain(value.coverage),
        "fresh_to": value.fresh_to,
        "lower": plain(lower),
        "upper": plain(upper),
        "revision": revision,
    }


def _points(content: Content) -> Iterator[Mapping[str, Value]]:
    for own in content.points:
        for row in points.rows(own):
            yield {k: plain(v) if isinstance(v, Decimal) else v for k, v in row.items()}


def _form_columns(content: Content) -> Iterable[Column]:
    """Yield the columns of the form that procedures are counted by."""
    forms = next(iter(content.forms.values()), ())
    for column in forms[0].layout.columns if forms else ():
        title = f"{' – '.join(column.heads)} {column.number}"
        english = OF_FORM.get(column.code, column.code) if forms[0].layout.code == "ii06a" else column.code
        yield Column(column.code, "integer", title, f"{english} {column.number}")


def _procedures(content: Content, names: Mapping[str, str]) -> Iterator[Mapping[str, Value]]:
    for row in content.procedure_rows:
        period = next(iter(content.forms.values()))[0].period
        known = content.procedures.get(row.procedure_code)
        yield {
            "unit_code": row.unit_code,
            "unit_name": names[row.unit_code],
            "procedure_code": row.procedure_code,
            "procedure_title": known.title if known else None,
            "field_code": row.field_code,
            "field_title": known.field_title if known else None,
            "period_from": period.start,
            "period_to": period.end,
            **row.values,
        }


def _units(catalogue: Catalogue) -> Iterator[Mapping[str, Value]]:
    for unit in catalogue.units:
        yield {
            "unit_code": unit.code,
            "unit_name": unit.name,
            "group": unit.group,
            "parent": unit.parent,
            "valid_from": unit.valid_from,
            "valid_to": unit.valid_to,
        }


def _sources(content: Content) -> Iterator[Mapping[str, Value]]:
    for source in content.sources:
        yield {
            "source_code": source.code,
            "title": source.title,
            "unit_code": source.unit_code,
            "unit_name": source.unit_name,
            "is_fresh": source.is_fresh,
            "fresh_to": source.fresh_to,
            "problem": source.problem,
            "notice": source.notice,
        }


def _definitions(content: Content, catalogue: Catalogue) -> Iterator[Mapping[str, Value]]:
    sets = {table.set_code: table.indicators for table in content.tables}
    if content.history is not None:
        sets.setdefault(content.history.set_code, content.history.indicators)
    for code, indicators in sets.items():
        for indicator in indicators:
            yield {
                "indicator_set": code,
                "indicator_code": indicator.code,
                "title": indicator.title,
                "measured_in": indicator.unit,
                "formula": words.formula(catalogue, indicator),
                "rounding": words.rounding(indicator),
                "basis": indicator.basis,
            }
