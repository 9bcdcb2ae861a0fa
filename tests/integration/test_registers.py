"""Registers in sheets: which sheets and rows are read, what is noted, and what cannot be believed."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter
import xlwt

from cchc.alerting import reasons
from cchc.catalogue.profiles import DatasetMap, FieldMap, Secrecy
from cchc.sources import unread
from cchc.sources.door.allow_list import Admitted, Door
from cchc.sources.door.columns import by_column
from cchc.sources.formats.isolation import BadWorkbook
from cchc.sources.formats.names import is_note
from cchc.sources.formats.tables.headings import MissingHeading
from unit.sources.formats import books
from unit.sources.formats.sheets import DAY, HEAD, MAP, cells, months, rows, saved
from unit.sources.profiles import admit


def test_headings_of_several_rows() -> None:
    two = DatasetMap(
        fields={n: FieldMap(path=p) for n, p in (("a", "Mã"), ("b", "Hạn / Số ngày"), ("c", "Hạn / Đơn vị"))}
    )
    head = [
        ["SỔ THEO DÕI", "", ""],
        ["Mã", "Hạn", ""],
        ["", "Số\nngày", "Đơn vị"],
        ["(1)", "(2)", "(3)=(1)+(2)"],
    ]
    body = [["x", "5", "ngày"]]
    for merged in ([(1, 0, 2, 0), (1, 1, 1, 2)], []):
        assert cells(books.xlsx([*head, *body], merged=merged), two) == body


def test_hidden_rows_and_sheets_are_read_and_noted() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet("Khác")
        page = book.add_worksheet("Sổ")
        page.hide()
        for number, row in enumerate([HEAD, ["a"], ["b"]]):
            page.write_row(number, 0, row)
        page.set_row(2, None, None, {"hidden": True})
        page.set_column(1, 1, None, None, {"hidden": True})
        page.set_column(7, 9, None, None, {"hidden": True})  # where nothing stands
    first, second = rows(target.getvalue())
    admitted = admit(MAP, first.record)
    assert isinstance(admitted, Admitted)
    assert admitted.unknown == {"dòng ẩn - 1", "cột ẩn - 1", "trang tính ẩn", "trang tính không đọc - Khác"}
    assert all(map(is_note, admitted.unknown))
    assert set(second.record) == set(HEAD)
    hidden = '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-row'
    ods = books.changed(
        books.ods([HEAD, ["a"], ["b"]], hidden=[2]), "content.xml", "<table:table-row", hidden
    )
    assert {"dòng ẩn - 1", "cột ẩn - 1"} < set(rows(ods)[0].record)
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sổ")
    for number, row in enumerate([HEAD, ["a"]]):
        for column, text in enumerate(row):
            sheet.write(number, column, text)
    sheet.col(2).hidden = True
    assert "cột ẩn - 1" in rows(saved(book))[0].record


def test_a_total_is_left_out_and_must_agree() -> None:
    body = [["a", 1000, ""], ["b", "234", ""]]
    kept = cells(books.xlsx([HEAD, *body, ["Tổng cộng: ", "1.234", ""]]), total=["Tổng cộng"])
    assert [row[0] for row in kept] == ["a", "b"]
    with pytest.raises(
        BadWorkbook, match="column Số: the rows add up to 1234, the total in row 4 states 1235"
    ):
        rows(books.xlsx([HEAD, *body, ["TỔNG CỘNG", 1235, ""]]), total=["Tổng cộng"])


def test_a_record_that_only_begins_as_a_total_does() -> None:
    body = [["Cộng đồng số 1", 2, ""], ["Tổng đài", 3, ""], ["Cộng:", 5, ""]]
    assert [row[0] for row in cells(books.xlsx([HEAD, *body]), total=["Cộng", "Tổng"])] == [
        row[0] for row in body[:2]
    ]


def test_a_number_as_long_as_a_personal_one_is_not_told() -> None:
    """A number cell drops the zeros that such a number begins with."""
    for typed in (1_000_999_999, "912345678", 12_345_678, "1,001000999"):
        with pytest.raises(BadWorkbook) as refused:
            rows(books.xlsx([HEAD, ["a", typed, ""], ["Tổng cộng", 3, ""]]), total=["Tổng cộng"])
        assert str(typed) not in str(refused.value)
        digits = sum(map(str.isdigit, str(typed)))
        assert f"the rows add up to a number of {digits} digits, the total in row 3 states 3" in str(
            refused.value
        )
        said = reasons.reason("files", str(refused.value))
        assert said == f"cột Số: cộng các dòng được một số có {digits} chữ số, dòng tổng 3 ghi 3; sửa số sai"
    with pytest.raises(BadWorkbook, match="1 rows stand above it, the total in row 3 states a number of 9"):
        rows(books.xlsx([HEAD, ["a", 3, ""], ["Tổng cộng: 0901234567 hồ sơ"]]), total=["Tổng cộng"])


def test_a_total_of_a_group() -> None:
    def table(second: object, last: object) -> bytes:
        groups = [["a", 2, ""], ["b", 3, ""], ["Cộng", 5, ""], ["c", 4, ""], ["Cộng", second, ""]]
        return books.xlsx([HEAD, *groups, ["Tổng cộng", last, ""]])

    total = ["Cộng", "Tổng cộng"]
    for second in (4, 9):  # of the group, or of all so far
        assert len(rows(table(second, 9), total=total)) == 3
    said = "column Số: the rows add up to 9, since the total before it to 4, the total in row 6 states 5"
    with pytest.raises(BadWorkbook, match=said):
        rows(table(5, 9), total=total)
    for last in (4, 0):  # below a total there is no group
        with pytest.raises(BadWorkbook, match=f"the rows add up to 9, the total in row 7 states {last}"):
            rows(table(4, last), total=total)


@pytest.mark.parametrize(
    "said",
    [
        *("Tổng cộng: 5.000.000", "Tổng cộng: 2 đơn vị", "Tổng cộng tháng 11 hồ sơ", "Tổng cộng: 5"),
        *(
            "Tổng số tiền: 150.000",
            "Tổng cộng năm 2026 hồ sơ các loại",
            "Tổng cộng: 1 hồ sơ",
            "Tổng cộng: 1 đơn.",
        ),
    ],
)
def test_a_number_in_a_total_that_counts_no_rows(said: str) -> None:
    total = ["Tổng cộng", "Tổng số tiền"]
    assert len(rows(books.xlsx([HEAD, ["a", 1, DAY], [said]]), total=total)) == 1
    for other in ("Tổng cộng: 2 hồ sơ", "Tổng cộng 2 đơn", "Tổng cộng trong tháng: 1.002 văn bản"):
        with pytest.raises(BadWorkbook, match="1 rows stand above it, the total in row 3 states"):
            rows(books.xlsx([HEAD, ["a", 1, DAY], [other]]), total=total)


@pytest.mark.parametrize("head", [["Mã", "Số", "Ngày tháng"], ["", "Mã", "Ngày"], []])
def test_a_heading_that_is_missing(head: list[str]) -> None:
    with pytest.raises(MissingHeading, match=r"heading .* is missing"):
        rows(books.xlsx([head, ["a", 1, DAY]]))


def test_two_sheets_of_one_month() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name in ("Tháng 1.2022", "tháng 01-2022"):
            book.add_worksheet(name).write_row(0, 0, HEAD)
    period = [{"place": "sheet", "pattern": r"tháng (?P<month>\d+)\D(?P<year>\d{4})"}]
    with pytest.raises(BadWorkbook, match=r"of the same period as sheet Tháng 1\.2022"):
        rows(target.getvalue(), sheet=None, sheets="tháng *", period=period)


def test_days_swapped_by_a_program_that_reads_month_day() -> None:
    def typed(days: list[tuple[int, int]]) -> bytes:
        """As a person types day/month into it: a day up to 12 becomes a date, another stays a text."""
        cells = [datetime(2026, d, m) if d <= 12 else f"{d:02}/{m:02}/2026" for d, m in days]  # noqa: DTZ001
        return books.xlsx([HEAD, *([f"H{n}", n, cell] for n, cell in enumerate(cells))])

    for days in (
        [(3, 11), (13, 11), (5, 11), (20, 11)],
        [(d, m) for m in range(1, 12) for d in (2, 9, 14, 28)],
    ):
        with pytest.raises(BadWorkbook, match="column Ngày: all its dates have a day up to 12"):
            rows(typed(days))
    right = [datetime(2026, 11, day) for day in range(1, 13)]  # noqa: DTZ001
    old = [f"{day}/10/2026" for day in range(20, 32)]
    found = rows(books.xlsx([HEAD, *([f"H{n}", n, cell] for n, cell in enumerate([*right, *old]))]))
    assert len(found) == 24  # of a week each, one typed by hand: nothing is swapped


def test_a_row_with_more_cells_than_headings() -> None:
    body: list[list[Any]] = [["H1", 1, DAY], ["H2", 2, DAY, "thêm"], ["H3", 3, DAY, " "]]
    found = cells(books.xlsx([HEAD, *body]))
    assert [row[0] for row in found] == ["H1", unread.mark("ragged"), "H3"]
    with pytest.raises(BadWorkbook, match="2 of 3 rows have values beyond the last heading"):
        rows(books.xlsx([HEAD, *body[:2], ["H3", 3, DAY, 4]]))
    secret = MAP.model_copy(update={"secrecy": Secrecy(paths=("Mã",), required=True)})
    with pytest.raises(BadWorkbook, match=r"row 3 .* its secrecy level is not known"):
        rows(books.xlsx([HEAD, *body]), secret)


def test_a_mark_is_looked_for_under_every_writing_of_its_heading_and_every_time_it_stands() -> None:
    watched = MAP.model_copy(update={"secrecy": Secrecy(paths=("Trích yếu",)), "personal": ("Người nộp",)})
    head = [*HEAD, "TRÍCH  YẾU", "Trích yếu", "NGƯỜI NỘP"]
    body: list[list[Any]] = [
        ["H1", 1, DAY, "Về việc MẬT", "x", "A"],
        ["H2", 2, DAY, "x", "Về việc MẬT", "B"],
        ["H3", 3, DAY, "x", "y", "C"],
    ]
    found = [row.record for row in rows(books.xlsx([head, *body]), watched)]
    page = Door(watched).admit_page(found, by_column(found))
    assert list(page.numbers) == [2]
    assert page.unknown == frozenset()


@pytest.mark.parametrize("again", [["Ngày", "MÃ ", "Số"], ["\ufeffMã", "Ngày", "Số"], ["Mã", "", "Ngày"]])
def test_headings_that_stand_twice(again: list[str]) -> None:
    with pytest.raises(BadWorkbook, match="row 4: the headings stand here again, and not each in its own"):
        rows(books.xlsx([HEAD, ["H1", 1, DAY], [], again, [DAY, "H2", 2]]))


def test_headings_of_every_page() -> None:
    body: list[list[Any]] = [["H1", 1, DAY], [], ["MÃ ", "Số", "Ngày"], ["(1)", "(2)", "(3)"], ["H2", 2, DAY]]
    found = rows(books.xlsx([HEAD, *body]))
    assert [row.record["Mã"] for row in found] == ["H1", "H2"]
    assert [name for name in found[-1].record if is_note(name)] == ["dòng không phải hồ sơ - 1"]
    paths = (("a", "Mã"), ("b", "Hạn / Số ngày"), ("c", "Hạn / Đơn vị"))
    two = DatasetMap(fields={n: FieldMap(path=p) for n, p in paths})
    head = [["Mã", "Hạn", ""], ["", "Số\nngày", "Đơn vị"]]
    table = [*head, ["x", "5", "ngày"], *head, ["y", "6", "tháng"], ["z", "7", "giờ"]]
    merged = [(0, 0, 1, 0), (0, 1, 0, 2), (3, 0, 4, 0), (3, 1, 3, 2)]
    for cells_merged in (merged, []):
        found = rows(books.xlsx(table, merged=cells_merged), two)
        assert [row.record["Hạn / Số ngày"] for row in found] == ["5", "6", "7"]
    with pytest.raises(BadWorkbook, match="the cells of rows 5 to 6 are merged"):
        rows(books.xlsx(table, merged=[(4, 0, 5, 0)]), two)
    table[4] = ["", "Đơn vị", "Số ngày"]
    with pytest.raises(BadWorkbook, match="row 5: the headings stand here again"):
        rows(books.xlsx(table), two)


def test_lines_that_are_no_records_are_left_out_and_noted() -> None:
    needs = DatasetMap(
        fields={
            n: FieldMap(path=p, type=t, required=n != "c", formats=f)
            for n, p, t, f in (
                ("a", "Số hồ sơ", "code", ()),
                ("b", "Tình trạng", "text", ()),
                ("c", "Ngày", "date", ("%d/%m/%Y",)),
            )
        }
    )
    head = ["STT", "Số hồ sơ", "Tình trạng", "Ngày"]
    body: list[list[Any]] = [
        ["I. LĨNH VỰC ĐẤT ĐAI"],
        [1, "H1", "xong", DAY],
        ["II", "Lĩnh vực hộ tịch"],
        [2, "H2", "xong", DAY],
        [
            "",
            "",
            "chờ",
            DAY,
        ],  # a record without its number: it waits in quarantine, as does one that is cut short
        ["", "finished"],
        ["", "Cộng: 4 hồ sơ"],
        ["", "H4"],  # also below a total
        [4],
        ["", "Tổng cộng: 5 hồ sơ"],
        ["", "", "Cao Bằng, ngày 20 tháng 11 năm 2026"],
        ["NGƯỜI LẬP", "", "TRƯỞNG PHÒNG", "GIÁM ĐỐC"],
    ]
    found = rows(books.xlsx([head, *body]), needs, total=["Tổng cộng", "Cộng"])
    assert [row.record["Số hồ sơ"] for row in found] == ["H1", "H2", "", "finished", "H4"]
    assert [name for name in found[-1].record if is_note(name)] == ["dòng không phải hồ sơ - 5"]
    body[9] = ["", "Tổng cộng: 6 hồ sơ"]
    with pytest.raises(
        BadWorkbook, match="5 rows stand above it, 1 since the total before it, the total in row 11 states 6"
    ):
        rows(books.xlsx([head, *body]), needs, total=["Tổng cộng", "Cộng"])
    body[9] = ["", "Tổng cộng tháng 11"]
    assert len(rows(books.xlsx([head, *body]), needs, total=["Tổng cộng", "Cộng"])) == 5


def test_which_sheets_are_read() -> None:
    one, two = [HEAD, ["H1", 1]], [HEAD, ["H2", 2]]
    found = rows(
        months(("Tháng 11", one), ("thang 12", two), ("Tháng 1", []), ("T2", two)),
        sheet=None,
        sheets="Tháng *",
    )
    assert [row.sheet for row in found] == ["Tháng 11", "thang 12"]
    assert {"trang tính không đọc - T2", "trang tính trống - Tháng 1"} < set(found[0].record) | set(
        found[1].record
    )
    with pytest.raises(MissingHeading):
        rows(months(("Tháng 11", [])), sheet=None, sheets="Tháng *")
    for copy in (
        "Tháng 11 (cũ)",
        "Tháng 11 (2)",
        "Bản sao của Tháng 11",
        "Tháng 11 - Sao chép",
        "thang 11 - Copy",
        "THÁNG  11",
    ):
        with pytest.raises(BadWorkbook, match="looks like a copy of sheet Tháng 11: which of the two counts"):
            rows(months(("Tháng 11", one), (copy, two)), sheet=None, sheets="*")
    assert len(rows(months(("Tháng 1", one), ("Tháng 11", two)), sheet=None, sheets="*")) == 2


def test_a_sheet_named_after_a_person_is_not_told() -> None:
    period = [{"place": "title", "pattern": r"từ (?P<from>\S+) đến (?P<to>\S+)"}]
    body = [["Từ 15/10/2026 đến 14/11/2026"], HEAD, ["H1", 1]]
    with pytest.raises(BadWorkbook, match=r"same period as sheet .tên đã che.") as caught:
        rows(months(("Nguyễn Văn An", body), ("Trần Thị Bình", body)), sheet=None, sheets="*", period=period)
    assert "Nguyễn" not in str(caught.value)
    noted = rows(months(("Nguyễn Văn An", []), ("Sổ", [HEAD, ["H1", 1]])))[0].record
    assert "trang tính không đọc - tên đã che" in noted
