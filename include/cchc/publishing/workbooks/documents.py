"""Statistics of the registers of documents as a workbook: by unit, by month, by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from cchc.publishing.workbooks.book import (
    A3,
    CENTER,
    GRID,
    NOTE,
    SHARE,
    SUM,
    TITLE,
    WRAP,
    Book,
    Look,
    Place,
    Sheet,
)
from cchc.publishing.workbooks.register_statistics import (
    COLUMNS,
    Column,
    DocumentStatistics,
    Kind,
    Line,
    share,
)

_FIRST = 2  # column of the first number
_AT = {column.code: place for place, column in enumerate(COLUMNS, start=_FIRST)}
_LAST = _FIRST + len(COLUMNS)
_REASON = 44  # letters
_WRAPPED: Look = {**WRAP, "border": 1}
_ONE_DECIMAL = "#,##0.0"
_DIRECTIONS = {"in": "Văn bản đến", "out": "Văn bản đi"}
_NO_KIND = "Không ghi loại văn bản"
_NOTES = (
    "Ô trống là chưa có số liệu, không phải số 0; tổng là của các đơn vị đã có số liệu.",
    "Văn bản có hạn xử lý được tính vào ngày xử lý xong; cột “Chưa xong, đã quá hạn” là số ở cuối kỳ.",
    "Văn bản bị thu hồi hoặc thay thế không được tính; văn bản mật không có trong số liệu này.",
)
_KIND_NOTES = (
    "Loại văn bản ghi theo sổ của đơn vị; số liệu đơn vị chỉ báo cáo tổng số thì không phân theo loại.",
)


def render(statistics: DocumentStatistics) -> bytes:
    """Return the statistics as an .xlsx file; the same statistics give the same bytes."""
    with Book(f"Thống kê văn bản đến, văn bản đi, {statistics.period.title()}", statistics.day) as book:
        _Workbook(statistics).write(book)
    return book.content


class _Workbook:
    """The sheets in the making."""

    def __init__(self, statistics: DocumentStatistics) -> None:
        self._statistics = statistics
        self._footer = f"{statistics.period.title()}, ngày báo cáo {statistics.day:%d/%m/%Y}"

    def write(self, book: Book) -> None:
        """Write the sheets."""
        units = book.sheet("Theo đơn vị")
        top = self._table(units, "theo đơn vị", "Đơn vị")
        row = self._units(units, top)
        self._end(units, row, top)
        months = book.sheet("Theo tháng")
        top = self._table(months, "theo tháng", "Tháng")
        row = self._months(months, top)
        self._end(months, row, top)
        self._kinds(book.sheet("Theo loại"))

    # --- units and months ----------------------------------------------------------------------------------------

    def _head(self, sheet: Sheet, by: str) -> int:
        """Write what a sheet is about; returns the row of its headings."""
        own = self._statistics
        sheet.across(0, f"Thống kê văn bản đến, văn bản đi {by}", TITLE)
        told = f"{own.name[0].upper()}{own.name[1:]}, {own.period.title()}, ngày báo cáo {own.day:%d/%m/%Y}"
        sheet.across(1, told, {**WRAP, **CENTER})
        return 3

    def _table(self, sheet: Sheet, by: str, row_head: str) -> int:
        """Write the headings of the sheet's table; returns the first row below."""
        sheet.widths([6, 34, *(10 for _ in COLUMNS), 9, _REASON])
        heads = [("TT",), (row_head,), *(c.heads for c in COLUMNS), ("Độ phủ nguồn",), ("Lý do ô trống",)]
        return sheet.headings(self._head(sheet, by), heads)

    def _units(self, sheet: Sheet, row: int) -> int:
        """Write the lines of units and their sums; returns the first row below."""
        lines = self._statistics.lines
        at = {line.code: place for place, line in enumerate(lines, start=row)}
        members: dict[str, list[Line]] = defaultdict(list)
        group = ""
        for line in lines:
            if line.kind == "group":
                group = line.code
                members["total"].append(line)
            elif line.kind == "unit":
                members[group].append(line)
        number = 0
        for line in lines:
            number = number + 1 if line.kind == "unit" else 0 if line.kind == "group" else number
            order = str(number) if line.kind == "unit" else ""
            whose = members["total" if line.kind == "total" else line.code] if line.kind != "unit" else []
            self._line(sheet, at[line.code], order, line, [(at[m.code], m) for m in whose])
        return row + len(lines)

    def _months(self, sheet: Sheet, row: int) -> int:
        """Write the months and, below them, the whole period; returns the first row below."""
        months = self._statistics.months
        for number, line in enumerate(months):
            self._line(sheet, row + number, str(number + 1), line, [])
        whole = replace(self._statistics.lines[-1], kind="total", title="Cả kỳ")
        parts = [(row + number, line) for number, line in enumerate(months)]
        self._line(sheet, row + len(months), "", whole, parts)
        return row + len(months) + 1

    def _line(
        self, sheet: Sheet, row: int, order: str, line: Line, parts: Sequence[tuple[int, Line]]
    ) -> None:
        """Write a line; `parts`: the rows that it is the sum of."""
        look = SUM if line.kind in ("group", "total") else GRID
        sheet.text(row, 0, order, {**look, **CENTER})
        sheet.text(row, 1, line.title, {**look, **WRAP})
        for column in COLUMNS:
            self._cell(sheet, (row, _AT[column.code]), column, line, parts, look)
        sheet.number(row, _LAST, line.coverage, SHARE, look)
        reason = _reason(line)
        sheet.text(row, _LAST + 1, reason, {**look, **WRAP, "bold": False})
        sheet.height(row, [(1, line.title), (_LAST + 1, reason)])

    def _cell(
        self,
        sheet: Sheet,
        at: Place,
        column: Column,
        line: Line,
        parts: Sequence[tuple[int, Line]],
        look: Look,
    ) -> None:
        value = line.values[column.code]
        added = [((row, at[1]), part) for row, part in parts if column.adds_up or part.kind != "month"]
        if column.share is not None:
            above, below = column.share
            if value == share(line.values[above], line.values[below]):
                sheet.share(*at, (at[0], _AT[above]), (at[0], _AT[below]), value, 1, look)
            else:  # one of the two that are shown is not what the share is of
                sheet.number(*at, value, _ONE_DECIMAL, look)
        else:
            known = [(place, part.values[column.code]) for place, part in added]
            sheet.sum(*at, known, value, every=False, look=look)

    # --- kinds ---------------------------------------------------------------------------------------------------

    def _kinds(self, sheet: Sheet) -> None:
        """Write how many documents of each kind came and went, each direction with its sum."""
        sheet.widths([6, 60, 14, 14])
        first = self._head(sheet, "theo loại")
        row = top = sheet.headings(first, [("TT",), ("Loại văn bản",), ("Số văn bản",), ("Tỷ trọng (%)",)])
        for direction, title in _DIRECTIONS.items():
            kinds = [kind for kind in self._statistics.kinds if kind.direction == direction]
            if kinds:
                row = self._direction(sheet, row, title, kinds)
        for text in _KIND_NOTES:
            row += 1
            sheet.across(row, text, NOTE)
        sheet.freeze(top, _FIRST)
        sheet.page(row, repeat=(first, top - 1), landscape=False, footer=self._footer)

    def _direction(self, sheet: Sheet, row: int, title: str, kinds: Sequence[Kind]) -> int:
        """Write one direction; returns the first row below."""
        total = sum(kind.documents for kind in kinds)
        parts = [((row + n, 2), kind.documents) for n, kind in enumerate(kinds, start=1)]
        sheet.text(row, 0, "", SUM)
        sheet.text(row, 1, title, SUM)
        sheet.sum(row, 2, parts, total, every=True, look=SUM)
        sheet.share(row, 3, (row, 2), (row, 2), share(Decimal(total), Decimal(total)), 1, SUM)
        for n, kind in enumerate(kinds, start=1):
            name = kind.title or _NO_KIND
            sheet.text(row + n, 0, str(n), {**GRID, **CENTER})
            sheet.text(row + n, 1, name, _WRAPPED)
            sheet.height(row + n, [(1, name)])
            sheet.number(row + n, 2, kind.documents)
            value = share(Decimal(kind.documents), Decimal(total))
            sheet.share(row + n, 3, (row + n, 2), (row, 2), value, 1)
        return row + len(kinds) + 1

    def _end(self, sheet: Sheet, row: int, top: int) -> None:
        """Write the notes and lay out the page of a table that begins above `top`."""
        for text in _NOTES:
            row += 1
            sheet.across(row, text, NOTE)
        sheet.freeze(top, _FIRST)
        sheet.page(row, repeat=(3, top - 1), paper=A3, footer=self._footer)


def _reason(line: Line) -> str:
    """Return why numbers of a line are missing: one sentence where all are, else by column.

    That nothing is divided by nothing is seen from the two numbers.
    """
    why = {c.code: line.reasons[c.code] for c in COLUMNS if c.code in line.reasons and not _is_empty(line, c)}
    if len(why) == len(COLUMNS) and len(set(why.values())) == 1:
        return next(iter(why.values()))
    columns: dict[str, list[str]] = defaultdict(list)
    for column in COLUMNS:
        if column.code in why:
            columns[why[column.code]].append(column.heads[-1])
    return "; ".join(f"{', '.join(titles)}: {reason}" for reason, titles in columns.items())


def _is_empty(line: Line, column: Column) -> bool:
    """Whether a column is a share of nothing in nothing."""
    return column.share is not None and line.values[column.share[1]] == 0
