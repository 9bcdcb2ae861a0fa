"""Registers kept as sheets of a workbook (.xlsx, .xls, .ods): the rows of the declared sheets as heading → text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import chain, islice
from typing import Any, BinaryIO, NamedTuple

from cchc.catalogue.models import DatasetMap, FieldMap
from cchc.sources.formats import headings, printed_form
from cchc.sources.formats.cells import amount, as_text, written
from cchc.sources.formats.encodings import refuse_font
from cchc.sources.formats.headings import Headings, MissingHeading
from cchc.sources.formats.isolation import BadWorkbook, Book, Broken, Cell, Facts, Limits, SheetInfo, opened
from cchc.sources.formats.layout import Select
from cchc.sources.formats.period import check_unit, period_of
from cchc.sources.texts import label

Period = tuple[date, date]  # first and last day

_TOP = 60  # rows in which titles and headings stand


class SheetRow(NamedTuple):
    """One record: the sheet, the place in it as a person would look for it, and its cells."""

    sheet: str
    place: str
    record: dict[str, Any]


def rows_of_workbook(
    file: BinaryIO, name: str, select: Select, dataset_map: DatasetMap, named: str = ""
) -> Iterator[SheetRow]:
    """Yield the records of the declared sheets; `name` is the file's, `named` the unit's as its files have it.

    Raises `BadWorkbook` or `MissingHeading`, whose `where` is the sheet.
    """
    with opened(file, Limits(select.memory_mb, select.seconds)) as book:
        periods: dict[Period, str] = {}
        period = (date.min, date.max)  # a form always has its own
        for sheet in _wanted(book, select):
            facts, rows = book.sheet(sheet.number)
            try:
                top = list(islice(rows, _TOP))
                refuse_font((cell for row in top for cell in row if isinstance(cell, str)), BadWorkbook)
                if select.unit and named:
                    check_unit(select.unit, named, top)
                if select.period:
                    period = period_of(select.period, top, sheet.name, name)
                    _refuse_second(periods, period, sheet)
                if select.form is not None:
                    found = printed_form.records(chain(top, rows), facts.merged, select.form, period)
                else:
                    found = _list(top, rows, facts, select, dataset_map)
                yield from _noted(found, sheet, facts)
            except (BadWorkbook, MissingHeading) as error:
                error.add_note(sheet.name)
                raise


def _wanted(book: Book, select: Select) -> list[SheetInfo]:
    if select.sheet is not None:
        found = [sheet for sheet in book.sheets if label(sheet.name) == label(select.sheet)]
        if len(found) != 1:
            raise BadWorkbook(f"the workbook has no sheet {select.sheet}")
        return found
    pattern = label(select.sheets or "*")
    found = [sheet for sheet in book.sheets if fnmatchcase(label(sheet.name), pattern)]
    if not found:
        raise BadWorkbook(f"the workbook has no sheet called {select.sheets}")
    return found


def _noted(rows: Iterator[tuple[str, dict[str, Any]]], sheet: SheetInfo, facts: Facts) -> Iterator[SheetRow]:
    """Yield the rows; the first carries what is hidden in the sheet, as fields nobody knows: the delivery notes it."""
    notes = {}
    if facts.hidden_rows:
        notes[f"dòng ẩn - {facts.hidden_rows}"] = ""
    if sheet.hidden:
        notes["trang tính ẩn"] = ""
    for place, record in rows:
        yield SheetRow(sheet.name, place, {**record, **notes})
        notes = {}


def _refuse_second(periods: dict[Period, str], period: Period, sheet: SheetInfo) -> None:
    if period in periods:
        days = f"{period[0]:%d/%m/%Y} to {period[1]:%d/%m/%Y}"
        raise BadWorkbook(
            f"it is of the same period as sheet {periods[period]}, {days}: which of the two counts?"
        )
    periods[period] = sheet.name


def _list(
    top: list[list[Cell]], rows: Iterator[list[Cell]], facts: Facts, select: Select, dataset_map: DatasetMap
) -> Iterator[tuple[str, dict[str, Any]]]:
    first, found = headings.find(top, facts.merged, dataset_map)
    fields = {f.path: f for f in dataset_map.fields.values() if f.path is not None}
    _refuse_merged(facts, first, found, fields)
    control = _Control(found, fields)
    for number, cells in enumerate(chain(top[first:], rows), first):
        if not any(cell != "" for cell in cells) or (number == first and headings.is_numbers(cells)):
            continue
        if _is_total(cells, select.total):
            control.compare(cells, number)
            continue
        control.add(cells)
        yield (
            f" row {number + 1}",
            {name: as_text(cell, fields.get(name)) for name, cell in found.record(cells).items()},
        )


def _is_total(cells: Sequence[Cell], totals: Sequence[str]) -> bool:
    first = next((label(cell) for cell in cells if isinstance(cell, str) and cell.strip()), "")
    return any(first.startswith(label(text)) for text in totals)


def _refuse_merged(facts: Facts, first: int, found: Headings, fields: dict[str, FieldMap]) -> None:
    """Refuse cells that are merged over several rows: only the first of them would have the value."""
    for top, left, bottom, right in facts.merged:
        names = [found.names[n] for n in range(left, min(right + 1, len(found.names)))]
        if top >= first and bottom > top and any(name in fields for name in names):
            raise BadWorkbook(
                f"the cells of rows {top + 1} to {bottom + 1} are merged; every row needs its own"
            )


class _Control:
    """Adds up the columns of numbers and holds them against the row of the total."""

    def __init__(self, found: Headings, fields: dict[str, FieldMap]) -> None:
        numeric = ("integer", "number")
        self._columns = {
            at: name for at, name in enumerate(found.names) if name in fields and fields[name].type in numeric
        }
        self._sums: dict[int, Decimal | Broken] = {at: Decimal(0) for at in self._columns}

    def add(self, cells: Sequence[Cell]) -> None:
        for at, held in self._sums.items():
            value = amount(cells[at]) if at < len(cells) else None
            if isinstance(value, Broken):
                self._sums[at] = value  # the row goes to quarantine, so the sum says nothing
            elif value is not None and not isinstance(held, Broken):
                self._sums[at] = held + value

    def compare(self, cells: Sequence[Cell], number: int) -> None:
        for at, held in self._sums.items():
            stated = amount(cells[at]) if at < len(cells) else None
            if isinstance(stated, Decimal) and isinstance(held, Decimal) and stated != held:
                raise BadWorkbook(
                    f"column {self._columns[at]}: the rows add up to {written(held)}, "
                    f"the total in row {number + 1} states {written(stated)}"
                )
