"""The rows to correct as a workbook: what a unit sorts, filters, prints and works through."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from sqlalchemy import Connection

from cchc.alerting import review, words
from cchc.alerting.findings import unit_name
from cchc.catalogue.models import Catalogue
from cchc.warehouse.sql import query

ROWS_ATTACHED = 10_000  # a workbook of this many rows has about half a megabyte
_COLUMNS = (
    ("Đơn vị", 26),
    ("Nguồn", 16),
    ("Dữ liệu", 12),
    ("Bản ghi", 28),
    ("Lý do", 48),
    ("Ai sửa", 26),
    ("Vị trí", 26),
    ("Quy tắc", 34),
    ("Thấy lần đầu", 13),
    ("Số đêm", 9),
)
_LINE = 15  # points
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Workload:
    """What of some units waits to be corrected: the rows that a file lists, and how many there are in all."""

    rows: tuple[tuple[Any, ...], ...]
    in_all: int

    @property
    def is_cut(self) -> bool:
        """Whether there is more than the file lists."""
        return self.in_all > len(self.rows)


def read(
    connection: Connection,
    catalogue: Catalogue,
    units: Collection[str] | None,
    most: int = ROWS_ATTACHED,
) -> Workload:
    """Return the open rows of these units (None: of all), those of the nights before too; one line per broken rule."""
    values = {
        "everything": units is None,
        "units": sorted(units or ()),
        "zone": catalogue.province.zone,
        "most": most,
    }
    found = connection.execute(query("alerting/rows_attached"), values).all()
    rows = tuple(
        (
            unit_name(catalogue, row.unit_code),
            row.source_code,
            words.dataset(row.dataset),
            words.record(row.dataset, row.record_key),
            row.message,
            words.OWNERS[review.owner(row.rule_code)],
            words.place(row.page, row.row_no),
            row.rule_code,
            row.first_seen,
            row.nights,
        )
        for row in found
    )
    return Workload(rows, found[0].in_all if found else 0)


def workbook(load: Workload, day: date) -> bytes:
    """Return the rows as an .xlsx file: a table to filter and print, and a sheet that says what it is."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Cần sửa")
    last = get_column_letter(len(_COLUMNS))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{last}{len(load.rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = f"Ngày báo cáo {day:%d/%m/%Y} · trang &P/&N"
    for number, (_heading, width) in enumerate(_COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_heading_cell(sheet, heading) for heading, _width in _COLUMNS])
    for number, row in enumerate(load.rows, start=2):
        sheet.row_dimensions[number].height = _LINE * _lines(row)  # not every program fits it to wrapped text
        sheet.append([_cell(sheet, value) for value in row])
    about: Any = book.create_sheet("Ghi chú")
    about.column_dimensions["A"].width = 110
    for line in _about(load, day):
        about.append([_cell(about, line)])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _lines(row: tuple[Any, ...]) -> int:
    """Return how many lines of text the row's fullest cell wraps to."""
    return max(-(-len(str(value)) // width) for value, (_heading, width) in zip(row, _COLUMNS, strict=True))


def _about(load: Workload, day: date) -> Iterable[str]:
    yield f"Các dòng dữ liệu đang chờ sửa, tính đến ngày báo cáo {day:%d/%m/%Y}, kể cả của các đêm trước."
    yield f"Mỗi dòng là một lỗi của một bản ghi. {words.NOT_COUNTED}"
    yield "Sửa tại hệ thống nguồn; lần đồng bộ sau sẽ tự tính lại. Không cần gửi lại tệp này."
    if load.is_cut:
        yield (
            f"Tệp liệt kê {words.count(len(load.rows))} lỗi đầu trong {words.count(load.in_all)} lỗi: "
            f"mỗi tệp có nhiều nhất {words.count(ROWS_ATTACHED)} lỗi."
        )
    else:
        yield f"Tệp liệt kê đủ {words.count(load.in_all)} lỗi."


def _heading_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="F0F3F6")
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _cell(sheet: Any, value: str | int | date) -> Any:
    """Return a cell: numbers and days as such, and every text as a text, whatever it begins with."""
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub(" ", value))
        cell.data_type = "s"
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        if value.startswith(_FORMULA):
            cell.quotePrefix = True  # stays a text also when somebody edits the cell
        return cell
    cell = WriteOnlyCell(sheet, value=cast("Any", value))
    cell.alignment = Alignment(vertical="top")
    cell.number_format = "dd/mm/yyyy" if isinstance(value, date) else "#,##0"
    return cell
