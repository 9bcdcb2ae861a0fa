"""Registers kept as sheets of a workbook (.xlsx, .xls, .ods): the rows of the declared sheets as heading → text."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, islice
from typing import Any, BinaryIO, NamedTuple

from cchc.catalogue.profiles import DatasetMap, FieldMap
from cchc.sources import unread
from cchc.sources.door.screen import shown
from cchc.sources.formats import names
from cchc.sources.formats.cells import as_text
from cchc.sources.formats.encodings import refuse_font
from cchc.sources.formats.forms import printed
from cchc.sources.formats.forms.period import Period, check_file, check_unit, period_of
from cchc.sources.formats.isolation import BadWorkbook, Book, Cell, Facts, Limits, SheetInfo, opened
from cchc.sources.formats.layout import Select
from cchc.sources.formats.stamps import refuse_name, refuse_stamp
from cchc.sources.formats.tables import headings
from cchc.sources.formats.tables.days import Days
from cchc.sources.formats.tables.headings import Headings, MissingHeading
from cchc.sources.formats.tables.lines_between import Lines, is_total
from cchc.sources.formats.tables.repeated import REPEATED, Repeated
from cchc.sources.formats.tables.totals import Control
from cchc.sources.texts import label

#: rows in which titles and headings stand
TOP = 60


class SheetRow(NamedTuple):
    """One record: the sheet, the place in it as a person would look for it, and its cells."""

    sheet: str
    place: str
    record: dict[str, Any]


def rows_of_workbook(
    file: BinaryIO,
    name: str,
    select: Select,
    dataset_map: DatasetMap,
    named: str = "",
    also_read: Sequence[str] | None = None,
) -> Iterator[SheetRow]:
    """Yield the records of the declared sheets; `name` is the file's, `named` the unit's as its files have it.

    With `also_read`, patterns of the sheets that other datasets read, the first and the last record carry as fields
    nobody knows what is to be noted: hidden rows, sheets that nothing reads. Raises `BadWorkbook` or `MissingHeading`,
    whose note is the name of the sheet.
    """
    with opened(file, Limits(select.memory_mb, select.seconds)) as book:
        reader = _Reader(book, name, select, dataset_map, named)
        wanted = _wanted(book, select)
        if also_read is None:
            yield from reader.rows(wanted)
            return
        others = (sheet.name for sheet in book.sheets if sheet not in wanted)
        unread_sheets = [name for name in others if not any(names.matches(name, p) for p in also_read)]
        reader.notes.update(names.notes("trang tính không đọc", unread_sheets))
        yield from reader.noted(reader.rows(wanted))


def _wanted(book: Book, select: Select) -> list[SheetInfo]:
    """Return the sheets to read, in order; raises `BadWorkbook` where there is none, or one is a copy of another."""
    if select.sheet is not None:
        alike = [sheet for sheet in book.sheets if names.key(sheet.name) == names.key(select.sheet)]
        found = [sheet for sheet in alike if label(sheet.name) == label(select.sheet)] or alike
        if len(found) != 1:
            raise BadWorkbook(f"the workbook has {len(found) or 'no'} sheet {select.sheet}")
        return found
    found = [sheet for sheet in book.sheets if names.matches(sheet.name, select.sheets or "*")]
    if not found:
        raise BadWorkbook(f"the workbook has no sheet called {select.sheets}")
    if not select.periods and (pair := names.copy_among(sheet.name for sheet in found)):
        copy, original = map(shown, pair)
        raise BadWorkbook(f"sheet {copy} looks like a copy of sheet {original}: which of the two counts?")
    return found


class _Reader:
    """Reads sheets of one workbook; `notes` wait for a row that carries them, as fields nobody knows."""

    def __init__(self, book: Book, name: str, select: Select, dataset_map: DatasetMap, named: str) -> None:
        self._book = book
        self._name = name
        self._select = select
        self._map = dataset_map
        self._named = named
        self._own = _own_headings(select, dataset_map)
        self._periods: dict[Period, str] = {}
        self.notes: dict[str, str] = {}

    def noted(self, rows: Iterable[SheetRow]) -> Iterator[SheetRow]:
        """Yield the rows; the first one and the last one carry what is to be noted by then."""
        before: SheetRow | None = None
        for row in rows:
            if before is not None:
                yield self._carried(before)
            before = row
        if before is not None:
            yield self._carried(before)

    def _carried(self, row: SheetRow) -> SheetRow:
        if not self.notes:
            return row
        row, self.notes = row._replace(record={**row.record, **self.notes}), {}
        return row

    def rows(self, wanted: Sequence[SheetInfo]) -> Iterator[SheetRow]:
        """Yield the records of the sheets; one without any cell is none, unless it is the only one.

        Nor is a cover, a note or a list beside them, where the profile names no sheet: it has not the headings.
        """
        left = len(wanted)
        aside: list[SheetInfo] = []
        for sheet in wanted:
            facts, rows = self._book.sheet(sheet.number)
            try:
                top = list(islice(rows, TOP))
                if (
                    left > 1
                    and not any(cell != "" for row in top for cell in row)
                    and next(rows, None) is None
                ):
                    left -= 1
                    self.notes.update(names.notes("trang tính trống", [sheet.name]))
                    continue
                if self._select.names_no_sheet and len(wanted) > 1 and self._stands_aside(top):
                    refuse_stamp(top, facts.beside)  # a cover speaks of the whole workbook
                    aside.append(sheet)
                    deque(rows, maxlen=0)  # to their end, before another sheet is asked for
                    continue
                self._note_hidden(sheet, facts, max(map(len, top), default=0))
                for place, record in self._sheet(sheet, facts, top, rows):
                    yield SheetRow(sheet.name, place, record)
            except (BadWorkbook, MissingHeading) as error:
                error.add_note(sheet.name)
                raise
        if len(aside) == left:  # none of them has the headings: the first one says which
            yield from self.rows(aside[:1])
            return
        self.notes.update(names.notes("trang tính không đọc", (sheet.name for sheet in aside)))
        check_file(self._select.periods, self._name, self._periods)

    def _stands_aside(self, top: Sequence[Sequence[Cell]]) -> bool:
        """Whether a sheet has at most half of the headings, so that it is another thing and not a damaged one."""
        at_once = [
            {label(cell) for row in top[at : at + printed.DEEPEST] for cell in row if isinstance(cell, str)}
            for at in range(len(top))
        ]
        most = max((sum(not own.isdisjoint(texts) for own in self._own) for texts in at_once), default=0)
        return bool(self._own) and most * 2 <= len(self._own)

    def _note_hidden(self, sheet: SheetInfo, facts: Facts, width: int) -> None:
        columns = sum(max(min(last, width - 1) - first + 1, 0) for first, last in facts.hidden_columns)
        for what, count in (("dòng ẩn", facts.hidden_rows), ("cột ẩn", columns)):
            if count:
                self.notes[f"{what} - {count}"] = ""
        if sheet.hidden:
            self.notes["trang tính ẩn"] = ""

    def _sheet(
        self, sheet: SheetInfo, facts: Facts, top: list[list[Cell]], rows: Iterator[list[Cell]]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        select = self._select
        refuse_name(f"{sheet.name}.")
        refuse_font((cell for row in top for cell in row if isinstance(cell, str)), BadWorkbook)
        if select.form is None:
            first, found = headings.find(top, facts.merged, self._map)
            refuse_stamp(top[: first - found.depth], facts.beside)
            self._period_of(sheet, top[:first])
            yield from self._list(chain(top[first:], rows), first, found, facts)
        else:
            above = printed.rows_above(top, select.form)
            refuse_stamp(top[:above], facts.beside)
            period = self._period_of(sheet, top[:above])
            yield from printed.records(chain(top, rows), facts.merged, select.form, period)

    def _period_of(self, sheet: SheetInfo, above: Sequence[Sequence[Cell]]) -> Period:
        """Return which days a sheet counts, of any where it need not say; raises `BadWorkbook`."""
        if self._select.unit and self._named:
            check_unit(self._select.unit, self._named, above)
        if not self._select.periods:
            return date.min, date.max
        period = period_of(self._select.periods, above, sheet.name, self._name)
        if other := self._periods.get(period):
            days = f"{period[0]:%d/%m/%Y} to {period[1]:%d/%m/%Y}"
            raise BadWorkbook(f"it is of the same period as sheet {other}, {days}: which of the two counts?")
        self._periods[period] = shown(sheet.name)
        return period

    def _list(
        self, rows: Iterable[list[Cell]], first: int, found: Headings, facts: Facts
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        fields = {f.path: f for f in self._map.fields.values() if f.path is not None}
        control, days = Control(found, fields), Days(found.names, self._map)
        again, lines = Repeated(found, self._map), Lines(found, self._map)
        width, beyond = len(found.names), 0
        below = first  # the row below headings, which may number the columns
        repeated: set[int] = set()
        for number, cells in enumerate(rows, first):
            if not any(cell != "" for cell in cells) or (number == below and headings.is_numbers(cells)):
                continue
            if again.stands_in(cells):
                if not again.is_in_place(cells):
                    raise BadWorkbook(f"row {number + 1}: {REPEATED}")
                lines.left_out += 1
                repeated.add(number)
                below = number + 1
            elif is_total(cells, self._select.total):
                control.compare(cells, number)
                lines.after_total = True
            elif lines.leave_out(cells):
                continue
            elif len(cells) > width and any(
                not isinstance(cell, str) or cell.strip() for cell in cells[width:]
            ):
                beyond += 1
                control.add_unknown()
                yield f" row {number + 1}", self._ragged(number)
            else:
                lines.after_total = False
                control.add(cells)
                days.see_cells(cells)
                record = found.record(cells)
                texts = {name: _texts(cell, fields.get(name)) for name, cell in record.items()}
                yield f" row {number + 1}", texts
        _refuse_merged(facts, first, found, fields, repeated)
        if beyond * 2 > control.count:
            raise BadWorkbook(
                f"{beyond} of {control.count} rows have values beyond the last heading: is a heading missing?"
            )
        if problem := days.problem():
            raise BadWorkbook(problem)
        self.notes |= names.note_of_lines(lines.left_out)

    def _ragged(self, number: int) -> dict[str, str]:
        found = unread.ragged(self._map)
        if found is None:
            text = "has a value beyond the last heading, so its secrecy level is not known"
            raise BadWorkbook(f"row {number + 1} {text}")
        return found


def _own_headings(select: Select, dataset_map: DatasetMap) -> set[frozenset[str]]:
    """Return how each heading that is needed may be written, without those above it."""
    needed: list[tuple[str, ...]] = [
        (f.path,) for f in dataset_map.fields.values() if f.path is not None and not f.optional
    ]
    if form := select.form:
        needed = [form.row_head, *(form.columns[name] for name in form.columns if name not in form.optional)]
    return {frozenset(label(text.rpartition(headings.JOINT)[2]) for text in writings) for writings in needed}


def _refuse_merged(
    facts: Facts, first: int, found: Headings, fields: Iterable[str], repeated: set[int]
) -> None:
    """Refuse cells that are merged over several rows, but for repeated headings: only the first has the value."""
    for top, left, bottom, right in facts.merged:
        if top < first or bottom == top or all(row in repeated for row in range(top, bottom + 1)):
            continue
        if any(name in fields for name in found.names[left : right + 1]):
            raise BadWorkbook(
                f"the cells of rows {top + 1} to {bottom + 1} are merged; every row needs its own"
            )


def _texts(cell: Any, field: FieldMap | None) -> Any:
    """Return the text of a cell, or those of the cells whose heading stands more than once."""
    return [as_text(one, field) for one in cell] if isinstance(cell, list) else as_text(cell, field)
