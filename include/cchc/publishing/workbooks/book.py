"""A workbook in the making: what all of ours share.

Every text is a text, whatever it begins with; a number that is not known is an empty cell; the same content gives the
same bytes; every sheet has the fonts, the frozen headings and the print layout of an office.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import xlsxwriter
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from cchc.publishing.workbooks.headings import headings, heights, lines

Look = dict[str, Any]  # of a cell, as XlsxWriter names it
Place = tuple[int, int]  # row and column

# A spreadsheet shows the separators of its own language: 1.234,5 in a Vietnamese one.
COUNT = "#,##0"
POINTS = "#,##0.00"
SHARE = "0%"
DAY = "dd/mm/yyyy"
LINE = 15  # points that a line of text is high
A4, A3 = 9, 8  # as spreadsheets number paper

BOLD: Look = {"bold": True}
WRAP: Look = {"text_wrap": True}
NOTE: Look = {"text_wrap": True, "italic": True}
TITLE: Look = {"bold": True, "font_size": 14, "align": "center", "text_wrap": True}
CENTER: Look = {"align": "center"}
GRID: Look = {"border": 1}
HEAD: Look = {"border": 1, "bold": True, "align": "center", "text_wrap": True}
SUM: Look = {"border": 1, "bold": True, "bg_color": "#E7E6E6"}
TOP: Look = {"valign": "top"}

_FONT: Look = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
# a code or name that begins with = is a text here, never a formula or a link
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NOT_IN_A_FILE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 32_767  # letters in a cell, as Excel has it
_LETTERS = (
    1.35  # of a running text in the width of a digit, which columns are measured in: 1.4 to 1.6 were seen
)
_SMALL = '&"Times New Roman,Regular"&10'


class Book:
    """A workbook of a reporting day; `content` is there after the `with` block."""

    def __init__(self, title: str, day: date) -> None:
        self._held = io.BytesIO()
        self._book: Any = xlsxwriter.Workbook(self._held, _OPTIONS)
        made = datetime.combine(day, time(), UTC).replace(tzinfo=None)  # no clock: the day it is about
        self._book.set_properties({"title": title, "created": made})
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.content = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if kind is None:
            self._book.close()
            self.content = self._held.getvalue()

    def sheet(self, name: str) -> Sheet:
        """Return a new sheet, after those there are."""
        return Sheet(self, self._book.add_worksheet(name), name)

    def format(self, look: Look) -> Any:
        """Return the format of a look in the house's font; the same look gives the same format."""
        key = tuple(look.items())
        if key not in self._formats:
            self._formats[key] = self._book.add_format({**_FONT, **look})
        return self._formats[key]


class Sheet:
    """One sheet; rows and columns count from 0."""

    def __init__(self, book: Book, sheet: Any, name: str) -> None:
        self._book, self._sheet, self._name = book, sheet, name
        self._widths: Sequence[float] = ()

    # --- cells ---------------------------------------------------------------------------------------------------

    def text(self, row: int, column: int, text: str | None, look: Look = GRID) -> None:
        """Write a text: as such, also when somebody edits the cell."""
        if not text:
            self._sheet.write_blank(row, column, None, self._book.format(look))
            return
        clean = _NOT_IN_A_FILE.sub(" ", text)[:_LONGEST]
        if clean.startswith(_LIKE_A_FORMULA):
            look = {**look, "quote_prefix": True}
        self._sheet.write_string(row, column, clean, self._book.format(look))

    def number(
        self,
        row: int,
        column: int,
        value: Decimal | int | None,
        number_format: str = COUNT,
        look: Look = GRID,
    ) -> None:
        """Write a number; an empty cell where it is not known."""
        made = self._number_format(number_format, look, value)
        if value is None:
            self._sheet.write_blank(row, column, None, made)
        else:
            self._sheet.write_number(row, column, float(value), made)

    def formula(
        self,
        row: int,
        column: int,
        formula: str,
        value: Decimal | int | str | None,
        number_format: str = COUNT,
        look: Look = GRID,
    ) -> None:
        """Write a formula and what it gives, so that programs that do not calculate show the same."""
        shown = "" if value is None else value if isinstance(value, str) else float(value)
        self._sheet.write_formula(
            row, column, formula, self._number_format(number_format, look, value), shown
        )

    def sum(
        self,
        row: int,
        column: int,
        parts: Sequence[tuple[Place, Decimal | int | None]],
        total: Decimal | int | None,
        *,
        every: bool,
        number_format: str = COUNT,
        look: Look = GRID,
        sheet: str | None = None,
    ) -> None:
        """Write the sum of cells: a formula where it gives `total`, else `total` as it is.

        `parts`: where each stands, and its value. `every`: a sum with an unknown part is unknown; else it is of
        the known ones, and unknown where none is known. `sheet`: that of the parts (default: this one).
        A total that is not the sum of what is shown (a part is withheld, say) must not become it when the sheet is
        calculated anew.
        """
        known = [value for _, value in parts if value is not None]
        enough = len(known) == len(parts) if every else bool(known)
        if not parts or total != (sum(known) if enough else None):
            self.number(row, column, total, number_format, look)
            return
        cells = cells_of([place for place, _ in parts], sheet)
        asked = f"COUNT({cells})={len(parts)}" if every else f"COUNT({cells})>0"
        # to four places: what doubles add below them would part equal sums
        self.formula(row, column, f'=IF({asked},ROUND(SUM({cells}),4),"")', total, number_format, look)

    def share(
        self,
        row: int,
        column: int,
        above: Place,
        below: Place,
        value: Decimal | None,
        places: int,
        look: Look = GRID,
    ) -> None:
        """Write a share of two cells in percent, rounded half up to some places; unknown where one of them is."""
        n, d = xl_rowcol_to_cell(*above), xl_rowcol_to_cell(*below)
        formula = f'=IF(AND(ISNUMBER({n}),N({d})>0),ROUND(100*{n}/{d},{places}),"")'
        self.formula(row, column, formula, value, f"#,##0.{'0' * places}", look)

    def day(self, row: int, column: int, day: date, look: Look = GRID) -> None:
        """Write a day."""
        self._sheet.write_datetime(
            row, column, datetime.combine(day, time()), self._number_format(DAY, look, day)
        )

    def _number_format(self, number_format: str, look: Look, value: object) -> Any:
        if value is None and "bg_color" in look:  # what is not known has no colour
            look = {name: how for name, how in look.items() if name != "bg_color"}
        return self._book.format({"align": "right", **look, "num_format": number_format})

    # --- rows of texts and headings ------------------------------------------------------------------------------

    def widths(self, widths: Sequence[float]) -> None:
        """Set how many letters each column holds; before anything whose height depends on it."""
        self._widths = widths
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)

    def height(self, row: int, texts: Iterable[tuple[int, str | None]]) -> None:
        """Make a row as high as its wrapped texts need, given with their columns: not every program does."""
        found = (lines(text, _LETTERS * self._widths[column]) for column, text in texts if text)
        most = max(found, default=1)
        self.lines_high(row, most)

    def lines_high(self, row: int, count: int) -> None:
        """Make a row some lines high."""
        if count > 1:
            self._sheet.set_row(row, LINE * count)

    def across(self, row: int, text: str, look: Look, first: int = 0, last: int | None = None) -> None:
        """Write a text over the columns from `first` to `last` (default: the sheet's), as high as it needs."""
        last = len(self._widths) - 1 if last is None else last
        if last > first:
            self._sheet.merge_range(row, first, row, last, "", self._book.format(look))
        self.text(row, first, text, look)
        needed = lines(text, _LETTERS * sum(self._widths[first : last + 1]))
        size = look.get("font_size", _FONT["font_size"]) / _FONT["font_size"]
        if needed > 1 or size > 1:
            self._sheet.set_row(row, round(LINE * size * needed * (1.2 if size > 1 else 1)))

    def headings(self, first: int, paths: Sequence[Sequence[str]]) -> int:
        """Write merged headings from a row on; returns the first row below."""
        cells = list(headings(paths))
        for row, count in enumerate(heights(cells, self._widths), start=first):
            self._sheet.set_row(row, LINE * count)
        for cell in cells:
            place = (first + cell.row, cell.column)
            if (cell.row, cell.column) != (cell.last_row, cell.last_column):
                last = (first + cell.last_row, cell.last_column)
                self._sheet.merge_range(*place, *last, "", self._book.format(HEAD))
            self.text(*place, cell.text, HEAD)
        return first + max(map(len, paths))

    # --- the page ------------------------------------------------------------------------------------------------

    def freeze(self, row: int, column: int) -> None:
        """Keep what is above the row and left of the column in sight."""
        self._sheet.freeze_panes(row, column)

    def filter(self, first_row: int, last_row: int) -> None:
        """Let every column be filtered; the first row has the headings."""
        self._sheet.autofilter(first_row, 0, max(first_row, last_row), len(self._widths) - 1)

    def page(
        self,
        last_row: int,
        *,
        repeat: tuple[int, int] | None = None,
        paper: int = A4,
        landscape: bool = True,
        footer: str = "",
    ) -> None:
        """Lay out for print: as wide as the paper, rows to repeat on each page, the page's number below."""
        sheet = self._sheet
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(paper)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        if repeat:
            sheet.repeat_rows(*repeat)
        sheet.print_area(0, 0, last_row, len(self._widths) - 1)
        left = f"&L{_SMALL} {footer.replace('&', '&&')}" if footer else ""
        sheet.set_footer(f"{left}&R{_SMALL} Trang &P/&N")  # the space: digits would be taken into the size


def cells_of(places: Iterable[Place], sheet: str | None = None) -> str:
    """Return cells as a formula lists them: `J5:J7,J9`; neighbours in a column are one range."""
    where = f"'{sheet}'!" if sheet else ""
    runs: list[tuple[int, int, int]] = []  # column, first row, last row
    for row, column in sorted(places, key=lambda place: (place[1], place[0])):
        if runs and runs[-1][0] == column and runs[-1][2] == row - 1:
            runs[-1] = (column, runs[-1][1], row)
        else:
            runs.append((column, row, row))
    return ",".join(f"{where}{xl_range(first, column, last, column)}" for column, first, last in runs)
