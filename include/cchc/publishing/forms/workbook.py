"""A form as a printable workbook: real numbers, merged headings, landscape A4 (A3 for many columns)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import xlsxwriter

from cchc.indicators.numbers import percent, printed
from cchc.publishing.forms.rows import Form, FormRow

# A spreadsheet shows the separators of its own language: 1.234 in a Vietnamese one.
_NUMBER = "#,##0"
_WIDTHS = {0: 8, 1: 34}  # in letters: the order and the name of a row; all other columns are alike
_WIDTH = 11
_LINE = 15  # points
_A4, _A3 = 9, 8  # as spreadsheets number paper
_A4_HOLDS = 16  # columns of numbers that can still be read
_FONT = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}


@dataclass(frozen=True)
class Heading:
    """One cell of the headings; merged where it spans more than itself. Rows and columns count from 0."""

    row: int
    column: int
    last_row: int
    last_column: int
    text: str


def headings(paths: Sequence[Sequence[str]]) -> Iterator[Heading]:
    """Yield the heading cells of columns whose headings are given from the widest to the narrowest.

    Neighbours under the same headings share one cell; a column's own heading reaches down to the last row.
    """
    depth = max(map(len, paths))
    for row in range(depth):
        column = 0
        while column < len(paths):
            path, first = paths[column], column
            while column + 1 < len(paths) and paths[column + 1][: row + 1] == path[: row + 1]:
                if len(path) == row + 1:
                    break
                column += 1
            if row < len(path):
                last = depth - 1 if row == len(path) - 1 else row
                yield Heading(row, first, last, column, path[row])
            column += 1


def heights(cells: Sequence[Heading]) -> list[int]:
    """Return how many lines of text each heading row must hold, so that no heading runs over the next."""
    lines = [1] * (1 + max(cell.last_row for cell in cells))
    for cell in sorted(cells, key=lambda c: c.last_row - c.row):
        width = sum(_WIDTHS.get(column, _WIDTH) for column in range(cell.column, cell.last_column + 1))
        own = _lines(cell.text, width)
        missing = own - sum(lines[cell.row : cell.last_row + 1])
        if missing > 0:  # the last row it reaches is its own
            lines[cell.last_row] += missing
    return lines


def _lines(text: str, width: int) -> int:
    """Return how many lines a spreadsheet breaks a bold text into, between words, in a column of some letters."""
    lines, used = 1, 0
    for word in text.split():
        if used and used + 1 + len(word) > width:
            lines, used = lines + 1, len(word)
        else:
            used += (1 if used else 0) + len(word)
    return lines


def facts(form: Form, recipient: str = "") -> list[tuple[str, str]]:
    """Return the form's head as officers read it: label and text."""
    period = form.period
    covered = form.coverage
    share = "không có nguồn nào" if covered.share is None else _percent(form)
    fresh = f"; dữ liệu đến ngày {covered.fresh_to:%d/%m/%Y}" if covered.fresh_to else ""
    found = [
        ("Kỳ báo cáo", period.title().split(" (")[0]),
        ("Thời gian", f"Từ ngày {period.start:%d/%m/%Y} đến ngày {period.end:%d/%m/%Y}"),
        ("Đơn vị báo cáo", form.unit_name),
        ("Đơn vị nhận", recipient),
        ("Đơn vị tính", form.layout.counted),
        ("Độ phủ nguồn", f"{share} (ngày báo cáo {form.day:%d/%m/%Y}){fresh}"),
    ]
    if form.absent:
        found.append(("Chưa có số liệu", f"{len(form.absent)} đơn vị: {', '.join(form.absent)}"))
    return found


def _percent(form: Form) -> str:
    share = form.coverage.share
    return "" if share is None else f"{printed(percent(share, Decimal(1)).normalize())}%"


def notes(form: Form) -> list[str]:
    """Return what stands below the table: the layout's notes, and why cells are empty."""
    found = list(form.notes)
    total = next(row for row in form.rows if row.kind == "total")
    if total.reason:
        found.append(f"Ô trống là chưa có số liệu: {total.reason}.")
    for row in form.rows:
        if row.kind == "level" and row.reason and row.reason != total.reason:
            found.append(f"{row.title}: ô trống là chưa có số liệu: {row.reason}.")
    return found


def render(form: Form, recipient: str = "") -> bytes:
    """Return the form as an .xlsx file; the same form gives the same bytes."""
    held = io.BytesIO()
    # a code or name that begins with = is a text here, never a formula or a link
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(held, options) as book:
        made = datetime.combine(form.day, time(), UTC).replace(tzinfo=None)
        book.set_properties({"title": f"{form.layout.number}: {form.layout.title}", "created": made})
        _Sheet(book, form).write(recipient)
    return held.getvalue()


class _Sheet:
    """The one sheet of the workbook."""

    def __init__(self, book: Any, form: Form) -> None:
        self._form = form
        self._sheet = book.add_worksheet(form.layout.code.upper())
        self._columns = form.layout.columns
        self._last = 1 + len(self._columns)
        grid: dict[str, Any] = {**_FONT, "border": 1}
        wide: dict[str, Any] = {**_FONT, "text_wrap": True}
        self._formats = {
            "plain": book.add_format(_FONT),
            "bold": book.add_format({**_FONT, "bold": True}),
            "title": book.add_format({**wide, "bold": True, "font_size": 14, "align": "center"}),
            "note": book.add_format({**wide, "italic": True}),
            "wrap": book.add_format(wide),
            "head": book.add_format({**grid, "bold": True, "align": "center", "text_wrap": True}),
            "order": book.add_format({**grid, "italic": True, "align": "center", "text_wrap": True}),
        }
        for kind, bold in (("field", False), ("level", True), ("total", True)):
            look = {**grid, "bold": bold, **({"bg_color": "#E7E6E6"} if bold else {})}
            self._formats[f"{kind}-number"] = book.add_format(
                {**look, "align": "right", "num_format": _NUMBER}
            )
            self._formats[f"{kind}-text"] = book.add_format({**look, "text_wrap": True})
            self._formats[f"{kind}-order"] = book.add_format({**look, "align": "center"})

    def write(self, recipient: str) -> None:
        """Write everything, from the form's number to the notes."""
        first = self._head(recipient)
        top = self._headings(first)
        row = top
        for line in self._form.rows:
            self._row(row, line)
            row += 1
        for text in notes(self._form):
            row += 1
            self._across(row, text, "note")
        self._page(first, top, row)

    def _across(self, row: int, text: str, look: str, first: int = 0) -> None:
        if self._last > first:
            self._sheet.merge_range(row, first, row, self._last, "", self._formats[look])
        self._sheet.write_string(row, first, text, self._formats[look])
        letters = 95 if len(self._columns) < 14 else 190
        if len(text) > letters:
            self._sheet.set_row(row, 15 * (len(text) // letters + 1))

    def _head(self, recipient: str) -> int:
        """Write the form's number, title and facts; returns the first row of the headings."""
        layout = self._form.layout
        number = f"{layout.number} ({layout.basis})" if layout.basis else layout.number
        self._across(0, number, "bold")
        self._across(1, layout.title, "title")
        self._sheet.set_row(1, 24)
        row = 2
        for label, text in facts(self._form, recipient):
            self._sheet.write_string(row, 0, f"{label}:", self._formats["bold"])
            self._across(row, text, "wrap", first=2)
            row += 1
        return row + 1

    def _headings(self, first: int) -> int:
        """Write the merged headings and the row of column numbers; returns the first row below."""
        paths = [("TT",), (self._form.layout.row_head,), *(c.heads for c in self._columns)]
        cells = list(headings(paths))
        for row, lines in enumerate(heights(cells), start=first):
            self._sheet.set_row(row, _LINE * lines)
        for cell in cells:
            place = (first + cell.row, cell.column)
            if (cell.row, cell.column) != (cell.last_row, cell.last_column):
                last = (first + cell.last_row, cell.last_column)
                self._sheet.merge_range(*place, *last, "", self._formats["head"])
            self._sheet.write_string(*place, cell.text, self._formats["head"])
        row = first + max(map(len, paths))
        for column, text in enumerate(["(1)", "(2)", *(c.number for c in self._columns)]):
            self._sheet.write_string(row, column, text, self._formats["order"])
        self._sheet.set_row(row, 30)
        return row + 1

    def _row(self, row: int, line: FormRow) -> None:
        look = line.kind
        self._sheet.write_string(row, 0, line.number, self._formats[f"{look}-order"])
        self._sheet.write_string(row, 1, line.title, self._formats[f"{look}-text"])
        for place, column in enumerate(self._columns, start=2):
            value = line.values[column.code]
            if value is None:
                self._sheet.write_blank(row, place, None, self._formats[f"{look}-number"])
            else:
                self._sheet.write_number(row, place, value, self._formats[f"{look}-number"])

    def _page(self, first: int, top: int, last: int) -> None:
        sheet = self._sheet
        for column in range(self._last + 1):
            sheet.set_column(column, column, _WIDTHS.get(column, _WIDTH))
        sheet.freeze_panes(top, 2)
        sheet.set_landscape()
        sheet.set_paper(_A3 if len(self._columns) > _A4_HOLDS else _A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(first, top - 1)
        sheet.print_area(0, 0, last, self._last)
        sheet.set_footer("&RTrang &P/&N")
