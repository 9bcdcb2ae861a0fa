"""Registers in workbooks of every format: what is in the cells, and what is refused or marked."""

from __future__ import annotations

import io
import tempfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from cchc.catalogue.models import DatasetMap, FieldMap
from cchc.errors import ConfigurationError
from cchc.sources.door.allow_list import Admitted, admit
from cchc.sources.formats import unread
from cchc.sources.formats.headings import MissingHeading
from cchc.sources.formats.isolated.books import opened
from cchc.sources.formats.isolated.child import Refusal
from cchc.sources.formats.isolation import BadWorkbook
from cchc.sources.formats.layout import select
from cchc.sources.formats.workbook import SheetRow, rows_of_workbook
from unit.sources.formats import books

MAP = DatasetMap(
    fields={
        "procedure_code": FieldMap(path="Mã", type="code"),
        "term_value": FieldMap(path="Số", type="number", formats=("vi",)),
        "valid_from": FieldMap(path="Ngày", type="date", formats=("%d/%m/%Y",)),
    }
)
HEAD = ["Mã", "Số", "Ngày"]
DAY = datetime(2022, 1, 5)  # noqa: DTZ001  cells have no zone
SHEET = {"files": "*", "format": "workbook", "sheet": "Sổ"}
ERROR = unread.mark("error")


def rows(content: bytes, of: DatasetMap = MAP, **chosen: Any) -> list[SheetRow]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        return list(rows_of_workbook(file, "so.xlsx", select("p", "d", {**SHEET, **chosen}), of))


def cells(content: bytes, of: DatasetMap = MAP, **chosen: Any) -> list[list[str]]:
    return [list(row.record.values()) for row in rows(content, of, **chosen)]


@pytest.mark.parametrize("make", [books.xlsx, books.xls, books.ods])
def test_the_same_rows_from_every_format(make: Any) -> None:
    body = [["001", 1.5, DAY], ["", "", ""], [" =a\t\n\"'", 1234, "31/02/2022"], ["x", "1.234,5", 44562]]
    found = rows(make([["SỔ"], HEAD, *body]))
    assert [row.place for row in found] == [" row 3", " row 5", " row 6"]
    texts = [list(row.record.values()) for row in found]
    assert texts[0] == ["001", "1,5", "05/01/2022"]
    assert texts[1][1:] == ["1234", "31/02/2022"]
    assert texts[2] == ["x", "1.234,5", "44562"]  # a day that is no date here: staging cannot read it


def test_texts_are_kept_exactly() -> None:
    texts = ["=1+1", "+84", "-5", "@x", "a\tb", "c\nd", 'e"f', "\\.", "'"]
    assert [row[0] for row in cells(books.xlsx([HEAD, *([text] for text in texts)]))] == texts


@pytest.mark.parametrize("make", [books.xls, books.ods])
def test_an_error_is_marked_wherever_it_stands(make: Any) -> None:
    assert cells(make([HEAD, ["a", "#REF!", DAY], ["b", 1, "#REF!"], ["#REF!", "", ""]])) == [
        ["a", ERROR, "05/01/2022"],
        ["b", "1", ERROR],
        [ERROR, "", ""],
    ]


def test_errors_and_formulas_that_were_never_worked_out() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page = book.add_worksheet("Sổ")
        page.write_row(0, 0, HEAD)
        page.write_formula(1, 0, '="a"&"b"', None, "ab")
        page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        page.write_formula(2, 1, "=1+1", None, 2)
        page.write_formula(2, 2, "=NA()", None, "#N/A")
        page.write_formula(2, 0, '=""', None, "")
    # a formula without a type whose result is empty was never worked out
    formula = unread.mark("formula")
    assert cells(target.getvalue()) == [["ab", ERROR, ""], [formula, "2", ERROR]]
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "Sổ"
    sheet.append(HEAD)
    sheet.append(["a", "=1+1", "=SUM(B1:B2)"])
    target = io.BytesIO()
    made.save(target)
    assert cells(target.getvalue()) == [["a", formula, formula]]


def test_a_code_in_a_number_cell_may_have_lost_zeros() -> None:
    mark, digits = unread.mark("number"), unread.mark("digits")
    body = [[123, 1], [1.01276, 12345678901234567], [1234567890123456, 1]]
    assert cells(books.xlsx([HEAD, *body])) == [[mark, "1", ""], [mark, digits, ""], [digits, "1", ""]]
    shaped = MAP.model_copy(
        update={
            "fields": {
                **MAP.fields,
                "procedure_code": FieldMap(path="Mã", type="code", formats=("0.000000",)),
            }
        }
    )
    assert [row[0] for row in cells(books.xlsx([HEAD, *body[:2]]), shaped)] == ["123.000000", "1.012760"]


@pytest.mark.parametrize("make", [books.xlsx, books.xls])
def test_days_are_the_same_since_1904(make: Any) -> None:
    option: dict[str, Any] = {"date_1904": True} if make is books.xlsx else {"since_1904": True}
    assert cells(make([HEAD, ["a", 1, DAY]], **option)) == [["a", "1", "05/01/2022"]]


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
    first, second = rows(target.getvalue())
    admitted = admit(MAP, first.record)
    assert isinstance(admitted, Admitted)
    assert admitted.unknown == {"dòng ẩn - 1", "trang tính ẩn"}
    assert set(second.record) == set(HEAD)
    assert "dòng ẩn - 1" in rows(books.ods([HEAD, ["a"], ["b"]], hidden=[2]))[0].record


def test_a_total_is_left_out_and_must_agree() -> None:
    body = [["a", 1000, ""], ["b", "234", ""]]
    kept = cells(books.xlsx([HEAD, *body, ["Tổng cộng: ", "1.234", ""]]), total=["Tổng cộng"])
    assert [row[0] for row in kept] == ["a", "b"]
    with pytest.raises(
        BadWorkbook, match="column Số: the rows add up to 1234, the total in row 4 states 1235"
    ):
        rows(books.xlsx([HEAD, *body, ["TỔNG CỘNG", 1235, ""]]), total=["Tổng cộng"])


def xlsx_at(row: int) -> bytes:
    return books.changed(
        books.xlsx([HEAD, ["a", 1]]),
        "xl/worksheets/sheet1.xml",
        '<row r="2" spans="1:3"><c r="A2" t="s"><v>3</v></c><c r="B2">',
        f'<row r="{row}" spans="1:3"><c r="A{row}" t="s"><v>3</v></c><c r="B{row}">',
    )


def xls_at(row: int) -> bytes:
    body: list[list[Any]] = [HEAD, ["a"]]
    return books.xls([*body, *([[]] * (row - 3)), ["z"]])


DTD = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (xlsx_at(1_048_576), "exactly 1,048,576 rows.* suspected cut off"),
        (xls_at(65_536), "exactly 65,536 rows.* suspected cut off"),
        (books.encrypted(), "has a password"),
        (books.changed(books.xlsx([HEAD]), "xl/worksheets/sheet1.xml", "<worksheet", DTD), "declares a DTD"),
        (books.ods([HEAD]).replace(b"PK\x03\x04", b"PK\x03\x05", 1), "empty, or it was cut off"),
        (books.zipped({"xl/workbook.xml": b" " * 60_000_000}), "unpacks to more than is sensible"),
        (books.zipped({"a.txt": "x"}), "a ZIP archive, not a workbook"),
        (b"<html><table>", "a page .HTML or XML., not a workbook"),
        ("Mã;Số\n".encode(), "a text .CSV., not a workbook"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "of 2003"),
        (b"\x00\x01\x02", "not a workbook"),
        (b"", "the file is empty"),
        (books.xlsx([HEAD])[:-100], "cut off"),
        (books.xls([HEAD])[:2000], "cut off"),
    ],
)  # fmt: skip
def test_what_the_reading_process_refuses(content: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        opened(io.BytesIO(content)).sheet(0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (books.encrypted(), "has a password"),
        (books.xlsx([HEAD, ["a"], [""]], merged=[(1, 0, 2, 0)]), "the cells of rows 2 to 3 are merged"),
        (
            books.xlsx([["Danh môc thñ tôc"], ["M·", "Sè", "Ngµy"], ["x", "®Êt ®ai"]]),
            "written for a TCVN3 font",
        ),
        (books.xlsx([HEAD], name="Khác"), "has no sheet Sổ"),
    ],
)
def test_a_workbook_that_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(BadWorkbook, match=words):
        rows(content)


def test_a_sheet_one_row_short_of_the_most_is_read() -> None:
    assert [row.place for row in rows(xls_at(65_535))] == [" row 2", " row 65535"]


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


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"sheet": None}, "dataset d: select: a workbook has either a sheet or sheets"),
        ({"format": "pdf"}, "select.format: "),
        ({"shet": "x"}, "select.shet: "),
        ({"format": "csv"}, "are for workbooks, not for csv"),
        ({"period": [{"place": "title", "pattern": "("}]}, "this is no pattern"),
        ({"form": {"row_head": "x", "columns": {"a": "b"}}}, "a form needs the period"),
    ],
)
def test_a_mistake_in_the_profile_is_named(chosen: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        select("p", "d", {**SHEET, **chosen})
