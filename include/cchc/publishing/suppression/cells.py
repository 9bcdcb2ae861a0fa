"""Every number about people's records of a release as a cell of one table: whose and when it is, and what it counts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.periods import Period
from cchc.publishing.content import Content
from cchc.publishing.forms.rows import Form, FormRow
from cchc.publishing.suppression.columns import is_about_people
from cchc.publishing.suppression.problem import Cell
from cchc.publishing.suppression.remembered import Key
from cchc.publishing.suppression.table import Cells, Table, days


def whole(value: Decimal | int | None) -> int | None:
    """Return a count as a whole number, None where it is none or not known."""
    return None if value is None or value != int(value) else int(value)


def of_value(table: Table, indicator: Indicator, value: IndicatorValue, origin: str) -> dict[str, Cell]:
    """Return the cells of an indicator's number by what they are: value, or numerator, denominator and rest."""
    numbers = (value.value, value.numerator, value.denominator)
    return of_share(table, indicator, value.unit_code, value.period, *numbers, origin)


def of_share(
    table: Table,
    indicator: Indicator,
    unit: str,
    period: Period,
    value: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    origin: str,
) -> dict[str, Cell]:
    """Return the cells of a count or a share."""
    columns = table.columns
    found: dict[str, Cell] = {}
    if indicator.value:
        if (number := whole(value)) is not None:
            found["value"] = table.of_unit(unit, period, columns.of(indicator.value), number, origin)
        return found
    above, below = whole(numerator), whole(denominator)
    if above is not None:
        found["numerator"] = table.of_unit(
            unit, period, columns.of(indicator.numerator, above=True), above, origin
        )
    if below is not None:
        found["denominator"] = table.of_unit(unit, period, columns.of(indicator.denominator), below, origin)
    if above is not None and below is not None and above <= below:
        found["rest"] = table.of_unit(unit, period, columns.complement(indicator), below - above, origin)
    return found


def protected(catalogue: Catalogue, indicators: Iterable[Indicator]) -> dict[str, Indicator]:
    """Return those indicators whose numbers count people's records, by code."""
    return {i.code: i for i in indicators if is_about_people(catalogue, i.terms())}


class Forms:
    """The cells of a release's forms: the totals of units, of levels of units, and of the province."""

    def __init__(self, table: Table, catalogue: Catalogue, content: Content) -> None:
        self._table = table
        self._province = catalogue.province.code
        self._codes = {
            code: table.columns.of_form(forms[0].layout) for code, forms in content.forms.items() if forms
        }
        for code, forms in content.forms.items():
            for form in forms:
                for row in form.rows:
                    self.of_row(code, form, row)

    def of_row(self, code: str, form: Form, row: FormRow) -> Cells:
        """Return the cells of a row by the form's column; a unit has one level, so it is the unit's total too.

        None of a field's: what of them is published follows from the totals (`details`).
        """
        if row.kind == "field":
            return {}
        span = days(form.period)
        kind = "unit" if form.unit_code != self._province else "level" if row.kind == "level" else "province"
        key: Key = (row.level if kind == "level" else form.unit_code, *span)
        columns = self._codes[code]
        return {
            column: self._table.number(kind, key, columns[column], value)
            for column, value in row.values.items()
            if value is not None
        }
