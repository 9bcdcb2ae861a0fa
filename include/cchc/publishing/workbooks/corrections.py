"""Rows to correct as a workbook: what a unit sorts, filters, prints and works through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date

from cchc.publishing.workbooks.book import COUNT, TOP, WRAP, Book, Look
from cchc.publishing.workbooks.places import count

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
#: Who mends what a rule finds → in words.
OWNERS: dict[str, str] = {
    "unit": "Đơn vị",
    "engineer": "Quản trị hệ thống tổng hợp",
    "office": "Cơ quan đầu mối của tỉnh",
}
#: What it means that a row waits, and how rows are counted: the table of a night's run counts every single one.
NOT_COUNTED = (
    "Các dòng này chưa được ghi nhận; nếu trước đó đã có dòng đúng thì dòng đó vẫn được tính cho đến khi sửa. "
    "Nhiều dòng cùng một mã chỉ đếm là một."
)
_CELL: Look = {**TOP, **WRAP, "border": 1}
_NUMBER: Look = {**TOP, "border": 1}


@dataclass(frozen=True)
class Correction:
    """One broken rule of one record, in the words and the order of the file's columns."""

    unit: str
    source: str
    dataset: str
    record: str
    message: str  # what is wrong and what it should be
    owner: str
    place: str
    rule: str
    first_seen: date
    nights: int | None  # None, of all rows: the file does not say how long they wait, only since when


@dataclass(frozen=True)
class Workload:
    """What of some units waits to be corrected: the rows that a file lists, and how many there are in all."""

    rows: tuple[Correction, ...]
    in_all: int

    @property
    def is_cut(self) -> bool:
        """Whether there is more than the file lists."""
        return self.in_all > len(self.rows)


def render(load: Workload, day: date, remark: str = "") -> bytes:
    """Return the rows as an .xlsx file: a table to filter and print, and a sheet that says what it is.

    `remark`: what becomes of such rows meanwhile (Vietnamese).
    """
    said = not load.rows or any(row.nights is not None for row in load.rows)
    columns = _COLUMNS if said else _COLUMNS[:-1]
    with Book("Các dòng dữ liệu cần sửa", day) as book:
        sheet = book.sheet("Cần sửa")
        sheet.widths([width for _, width in columns])
        sheet.headings(0, [(heading,) for heading, _ in columns])
        for row, correction in enumerate(load.rows, start=1):
            values = astuple(correction)[: len(columns)]
            sheet.height(row, [(n, value) for n, value in enumerate(values) if isinstance(value, str)])
            for column, value in enumerate(values):
                if isinstance(value, str):
                    sheet.text(row, column, value, _CELL)
                elif isinstance(value, date):
                    sheet.day(row, column, value, _NUMBER)
                else:
                    sheet.number(row, column, value, COUNT, _NUMBER)
        sheet.freeze(1, 0)
        sheet.filter(0, len(load.rows))
        sheet.page(len(load.rows), repeat=(0, 0), footer=f"Ngày báo cáo {day:%d/%m/%Y}")
        about = book.sheet("Ghi chú")
        about.widths([110])
        for row, line in enumerate(_about(load, day, remark)):
            about.across(row, line, WRAP)
        about.page(row, footer=f"Ngày báo cáo {day:%d/%m/%Y}")
    return book.content


def _about(load: Workload, day: date, remark: str) -> Iterable[str]:
    yield f"Các dòng dữ liệu đang chờ sửa, tính đến ngày báo cáo {day:%d/%m/%Y}, kể cả của các đêm trước."
    yield f"Mỗi dòng là một lỗi của một bản ghi. {remark}".strip()
    yield "Sửa tại hệ thống nguồn; lần đồng bộ sau sẽ tự tính lại. Không cần gửi lại tệp này."
    if load.is_cut:
        yield (
            f"Tệp liệt kê {count(len(load.rows))} lỗi đầu trong {count(load.in_all)} lỗi: "
            "phần còn lại có trong tệp của những lần sau, khi các lỗi này đã được sửa."
        )
    else:
        yield f"Tệp liệt kê đủ {count(load.in_all)} lỗi."
