"""Every number about people's records of a release as a cell of one table: whose and when it is, and what it counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.periods import Period
from cchc.publishing.content import Content
from cchc.publishing.forms.rows import Form, FormRow
from cchc.publishing.suppression.columns import Columns, is_about_people
from cchc.publishing.suppression.problem import Cell, Problem, Row, Sum

Key = tuple[str, ...]  # of a row: what it is about and its days
Cells = dict[str, Cell]  # by column

# what a cell that is withheld takes from a reader, by what its row is about
_WEIGHTS = {
    "rest": 0.1,
    "level": 60.0,
    "unit": 20.0,
    "province": 200.0,
}


def days(period: Period) -> tuple[str, str]:
    """Return the days of a period as a part of a key."""
    return period.start.isoformat(), period.end.isoformat()


@dataclass
class _Numbers:
    weight: float
    values: dict[str, int] = field(default_factory=dict)


class Table:
    """The rows, and what adds up in them.

    A row holds the numbers that one part of the release gives of one thing (`origin`). Two parts that agree
    on it are one row to the solver. Where they do not (one has the frozen number), what they have in common is bound.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.columns = Columns(catalogue)
        self._province = catalogue.province.code
        self._rows: dict[tuple[str, Key, str], int] = {}  # kind, key, origin
        self._numbers: list[_Numbers] = []
        self._sums: dict[tuple[int, tuple[int, ...]], set[str]] = {}
        self._rests: dict[tuple[int, tuple[int, ...]], int] = {}  # rows of what a total has beside its parts
        self._merged: list[int] = []

    def value(self, cell: Cell) -> int:
        """Return the number of a cell."""
        return self._numbers[cell[0]].values[cell[1]]

    def number(self, kind: str, key: Key, column: str, value: int, origin: str = "") -> Cell:
        """Return the cell of a number."""
        at = self._rows.get((kind, key, origin))
        if at is None:
            at = self._rows[kind, key, origin] = self._new(kind)
        if self._numbers[at].values.setdefault(column, value) != value:
            return self.number(kind, key, column, value, f"{origin}'")
        return at, column

    def of_unit(self, unit: str, period: Period, column: str, value: int, origin: str = "") -> Cell:
        """Return the cell of a unit's number, or the province's."""
        kind = "province" if unit == self._province else "unit"
        return self.number(kind, (unit, *days(period)), column, value, origin)

    def _new(self, kind: str) -> int:
        self._numbers.append(_Numbers(_WEIGHTS[kind]))
        return len(self._numbers) - 1

    def _row(self, at: int) -> Cells:
        return {column: (at, column) for column in self._numbers[at].values}

    def add_up(self, total: Cells, parts: Sequence[Cells], *, over_days: bool = False) -> None:
        """Enter that a total is the sum of parts, with what is in the total alone as one part more.

        Nothing is entered of a column in which the parts are more than the total: they count something else.
        """
        rests: dict[tuple[int, tuple[int, ...]], dict[str, int]] = {}
        for column, cell in total.items():
            if over_days and not self.columns.add_up(column):
                continue
            found = tuple(part[column] for part in parts if column in part)
            rest = self.value(cell) - sum(map(self.value, found))
            if found and rest >= 0:
                rests.setdefault((cell[0], tuple(one[0] for one in found)), {})[column] = rest
        for (row, rows), by_column in rests.items():
            members = rows
            if any(by_column.values()):
                at = self._rests.get((row, rows))
                if at is None:
                    at = self._rests[row, rows] = self._new("rest")
                self._numbers[at].values.update(by_column)
                members = (*rows, at)
            self._sums.setdefault((row, members), set()).update(by_column)

    def spans(self) -> list[tuple[str, str]]:
        """Return the days there are numbers of units for."""
        keys = (key for kind, key, _ in self._rows if kind in ("unit", "province"))
        return list(dict.fromkeys((first, last) for _, first, last in keys))

    def add_up_units(self, members: Mapping[tuple[str, str], Sequence[str]]) -> None:
        """Enter that the province is the sum of its `members` of the same days, and a period that of those in it."""
        by_days: dict[tuple[str, str, str], dict[str, int]] = {}
        by_unit: dict[str, dict[tuple[str, str], list[int]]] = {}
        for (kind, key, origin), at in self._rows.items():
            if kind in ("unit", "province"):
                unit, first, last = key
                by_days.setdefault((first, last, origin), {})[unit] = at
                by_unit.setdefault(unit, {}).setdefault((first, last), []).append(at)
        for (first, last, origin), rows in by_days.items():
            if self._province in rows:
                plain = by_days.get((first, last, origin.rstrip("'")), {})
                units = [rows.get(code, plain.get(code)) for code in members[first, last]]
                self.add_up(
                    self._row(rows[self._province]), [self._row(at) for at in units if at is not None]
                )
        for spans in by_unit.values():
            for (first, last), rows_of in spans.items():
                inside = [spans[span] for span in _apart(s for s in spans if first <= s[0] and s[1] <= last)]
                parts = [
                    {c: cell for at in reversed(own) for c, cell in self._row(at).items()} for own in inside
                ]
                for at in rows_of if parts else ():
                    self.add_up(self._row(at), parts, over_days=True)

    def problem(self) -> Problem:
        """Return what the solver works on."""
        rows: list[dict[str, int]] = []
        weights: list[float] = []
        sums: dict[tuple[int, tuple[int, ...]], set[str]] = {}
        first: dict[tuple[str, Key], int] = {}
        self._merged = [-1] * len(self._numbers)
        named = {at: (kind, key) for (kind, key, _), at in self._rows.items()}
        for at, one in enumerate(self._numbers):
            name = named.get(at)
            there = first.get(name) if name else None
            if there is not None and all(rows[there].get(c, v) == v for c, v in one.values.items()):
                rows[there].update(one.values)
                self._merged[at] = there
                continue
            self._merged[at] = len(rows)
            if there is not None:
                sums[there, (len(rows),)] = {c for c, v in one.values.items() if rows[there].get(c) == v}
            elif name:
                first[name] = len(rows)
            rows.append(dict(one.values))
            weights.append(one.weight)
        for (total, parts), columns in self._sums.items():
            where = self._merged[total], tuple(self._merged[part] for part in parts)
            if where != (where[0], (where[0],)):
                sums.setdefault(where, set()).update(columns)
        made = [
            Row({**values, **self.columns.left(values)}, weight)
            for values, weight in zip(rows, weights, strict=True)
        ]
        bound = [Sum(total, parts, frozenset(columns)) for (total, parts), columns in sums.items()]
        return Problem(made, bound, self.columns.bound, self.columns.costs())

    def among(self, cell: Cell, cells: Collection[Cell]) -> bool:
        """Return whether the cell is one of the solver's (of the last `problem`)."""
        return (self._merged[cell[0]], cell[1]) in cells


def _apart(spans: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield periods within a longer one that do not overlap, the first and longest of them."""
    ordered = sorted(spans, key=lambda s: (s[0], -date.fromisoformat(s[1]).toordinal()))
    whole = (min(s[0] for s in ordered), max(s[1] for s in ordered))
    until = ""
    for first, last in ordered:
        if (first, last) != whole and first > until:
            yield first, last
            until = last


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
        self._groups = {unit.code: unit.group for unit in catalogue.units}
        self._codes = {
            code: table.columns.of_form(forms[0].layout) for code, forms in content.forms.items() if forms
        }
        for code, forms in content.forms.items():
            self._add_up(code, forms)

    def of_row(self, code: str, form: Form, row: FormRow) -> Cells:
        """Return the cells of a row by the form's column; a unit has one level, so it is the unit's total too.

        None of a field's: what of them is published follows from the totals (`details`).
        """
        if row.kind == "field":
            return {}
        span = days(form.period)
        kind = "unit" if form.unit_code != self._province else "level" if row.kind == "level" else "province"
        key: Key = (form.unit_code, row.level, *span) if kind == "level" else (form.unit_code, *span)
        columns = self._codes[code]
        return {
            column: self._table.number(kind, key, columns[column], value)
            for column, value in row.values.items()
            if value is not None
        }

    def _add_up(self, code: str, forms: Sequence[Form]) -> None:
        """Enter that units add up to their level, and levels to the province."""
        by_level: dict[str, list[Cells]] = {}
        for form in forms:
            total = _by_column(self.of_row(code, form, form.rows[-1]))
            if form.unit_code != self._province:
                by_level.setdefault(self._groups[form.unit_code], []).append(total)
        for form in forms:
            if form.unit_code == self._province:
                levels = [row for row in form.rows if row.kind == "level"]
                made = [_by_column(self.of_row(code, form, row)) for row in levels]
                self._table.add_up(_by_column(self.of_row(code, form, form.rows[-1])), made)
                for row, cells in zip(levels, made, strict=True):
                    self._table.add_up(cells, by_level.get(row.level, []))


def _by_column(cells: Cells) -> Cells:
    return {cell[1]: cell for cell in cells.values()}
