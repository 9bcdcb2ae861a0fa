"""A form as a printable workbook: real numbers, merged headings, landscape A4 (A3 for many columns)."""

from __future__ import annotations

from decimal import Decimal

from cchc.indicators.numbers import percent, printed
from cchc.publishing.forms.rows import Form, FormRow
from cchc.publishing.workbooks.book import A3, A4, BOLD, GRID, NOTE, SUM, TITLE, WRAP, Book, Look

_WIDTHS = (8, 34)  # in letters: the order and the name of a row; all other columns are alike
_WIDTH = 11
_A4_HOLDS = 16  # columns of numbers that can still be read
_ORDER: Look = {**WRAP, "border": 1, "italic": True, "align": "center"}
_LOOKS: dict[str, Look] = {"field": GRID, "level": SUM, "total": SUM}


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
    layout = form.layout
    with Book(f"{layout.number}: {layout.title}", form.day) as book:
        _Sheet(book, form).write(recipient)
    return book.content


class _Sheet:
    """The one sheet of the workbook."""

    def __init__(self, book: Book, form: Form) -> None:
        self._form = form
        self._columns = form.layout.columns
        self._sheet = book.sheet(form.layout.code.upper())
        self._sheet.widths((*_WIDTHS, *(_WIDTH for _ in self._columns)))

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
            self._sheet.across(row, text, NOTE)
        self._sheet.freeze(top, len(_WIDTHS))
        paper = A3 if len(self._columns) > _A4_HOLDS else A4
        self._sheet.page(row, repeat=(first, top - 1), paper=paper)

    def _head(self, recipient: str) -> int:
        """Write the form's number, title and facts; returns the first row of the headings."""
        layout = self._form.layout
        number = f"{layout.number} ({layout.basis})" if layout.basis else layout.number
        self._sheet.across(0, number, BOLD)
        self._sheet.across(1, layout.title, TITLE)
        row = 2
        for label, text in facts(self._form, recipient):
            self._sheet.text(row, 0, f"{label}:", BOLD)
            self._sheet.across(row, text, WRAP, first=2)
            row += 1
        return row + 1

    def _headings(self, first: int) -> int:
        """Write the merged headings and the row of column numbers; returns the first row below."""
        layout = self._form.layout
        row = self._sheet.headings(first, [("TT",), (layout.row_head,), *(c.heads for c in self._columns)])
        for column, text in enumerate(["(1)", "(2)", *(c.number for c in self._columns)]):
            self._sheet.text(row, column, text, _ORDER)
        self._sheet.lines_high(row, 2)
        return row + 1

    def _row(self, row: int, line: FormRow) -> None:
        look = _LOOKS[line.kind]
        wrapped = {**look, **WRAP}
        self._sheet.text(row, 0, line.number, {**look, "align": "center"})
        self._sheet.text(row, 1, line.title, wrapped)
        self._sheet.height(row, [(1, line.title)])
        for place, column in enumerate(self._columns, start=len(_WIDTHS)):
            self._sheet.number(row, place, line.values[column.code], look=look)
