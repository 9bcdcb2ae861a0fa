"""Marks of secrecy that a whole workbook bears, wherever a person would see them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment

from cchc.sources.formats.isolation import BadWorkbook
from cchc.sources.formats.stamps import refuse_name
from unit.sources.formats import books
from unit.sources.formats.sheets import DAY, HEAD, cells, months, saved

ROW = ["a", 1, DAY]
READ = [["a", "1", "05/01/2022"]]
BESIDE = "a comment, text box, page header or footer is a mark of secrecy: nothing of it was taken"


@pytest.mark.parametrize(
    ("line", "is_marked"),
    [
        *((line, True) for line in (["", "MẬT"], ["Độ mật: Tối mật"], ["Mức độ mật:", "Mật"], ["UBND\nTUYỆT MẬT"])),
        *((line, False) for line in (["SỔ VĂN BẢN ĐẾN (trừ văn bản mật)"], ["Độ mật: không"], ["Bảo mật"], ["Mã", 1])),
    ],
)  # fmt: skip
def test_a_line_above_the_headings(line: list[Any], is_marked: bool) -> None:
    if not is_marked:
        assert cells(books.xlsx([line, HEAD, ROW])) == READ
        return
    with pytest.raises(BadWorkbook, match="a line above the headings is a mark of secrecy"):
        cells(books.xlsx([line, HEAD, ROW]))


def test_a_heading_is_no_stamp() -> None:
    assert cells(books.xlsx([["SỔ"], [*HEAD, "Mật"], [*ROW, "không"]])) == [[*READ[0], "không"]]


@pytest.mark.parametrize(
    ("name", "is_marked"),
    [
        *((name, True) for name in ("Sổ văn bản mật.csv", "BC 06a (Mật).xlsx", "toi_mat.ndjson", "TUYET MAT T11.xlsx")),
        *((name, False) for name in ("so_van_ban_1.csv", "giai_phong_mat_bang.csv", "Bảo mật.csv", "xã Mật Sơn.xls")),
    ],
)  # fmt: skip
def test_a_name_that_says_secret(name: str, is_marked: bool) -> None:
    if not is_marked:
        refuse_name(name)
        return
    with pytest.raises(BadWorkbook, match="its name bears a mark of secrecy"):
        refuse_name(name)


def test_a_sheet_that_is_called_secret() -> None:
    with pytest.raises(BadWorkbook, match="its name bears a mark of secrecy"):
        cells(books.xlsx([HEAD, ROW], name="Tối mật"), sheet="Tối mật")


def test_a_cover_that_bears_a_stamp() -> None:
    levels = [["Thường"], ["Mật"], ["Tối mật"]]
    chosen = {"sheet": None, "sheets": "*"}
    body = [HEAD, ["a", 1, "05/01/2022"]]
    assert cells(months(("Danh mục", levels), ("Sổ", body)), **chosen)[0][:3] == READ[0]
    with pytest.raises(BadWorkbook, match="a line above the headings is a mark of secrecy"):
        cells(months(("Bìa", [["BÁO CÁO"], ["MẬT"]]), ("Sổ", body)), **chosen)


def made(write: Callable[[Any], object]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"default_date_format": "dd/mm/yyyy"}) as book:
        page = book.add_worksheet("Sổ")
        page.write_row(0, 0, HEAD)
        page.write_row(1, 0, ROW)
        write(page)
    return target.getvalue()


@pytest.mark.parametrize(
    "write",
    [
        lambda page: page.write_comment(1, 0, "Nguyễn Văn A:\nMẬT"),
        lambda page: page.insert_textbox(5, 5, "TUYỆT MẬT"),
        lambda page: page.set_header('&L&"Arial,Bold"&14MẬT&C&P/&N'),
        lambda page: page.set_footer("&CĐộ mật: Mật"),
    ],
)
def test_a_mark_beside_the_cells_of_an_xlsx_workbook(write: Callable[[Any], object]) -> None:
    with pytest.raises(BadWorkbook, match=BESIDE):
        cells(made(write))


def test_what_is_no_mark_beside_the_cells() -> None:
    def write(page: Any) -> None:
        page.write_comment(1, 0, "Hồ sơ bị mất, mật khẩu đã đổi")
        page.insert_textbox(5, 5, "Bảo mật")
        page.write_comment(1, 1, "Chọn một mức:\nThường\nMật\nTối mật")
        page.insert_textbox(9, 5, "Mật\nTuyệt mật")
        page.set_header("&LTrang &P&C&A")

    assert cells(made(write)) == READ


def test_a_comment_as_another_program_writes_it() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sổ"
    sheet.append(HEAD)
    sheet["A1"].comment = Comment("Tối mật", "A")
    target = io.BytesIO()
    book.save(target)
    with pytest.raises(BadWorkbook, match=BESIDE):
        cells(target.getvalue())


def test_a_mark_beside_the_cells_of_an_ods_workbook() -> None:
    def with_comment(text: str) -> bytes:
        note = (
            '<office:annotation><dc:creator xmlns:dc="d">Nguyễn Văn A</dc:creator><dc:date xmlns:dc="d">2026</dc:date>'
            f"<text:p>{text}</text:p></office:annotation>"
        )
        return books.changed(
            books.ods([HEAD, ROW]), "content.xml", "<text:p>a</text:p>", f"{note}<text:p>a</text:p>"
        )

    with pytest.raises(BadWorkbook, match=BESIDE):
        cells(with_comment("M<text:span>ẬT</text:span>"))
    assert cells(with_comment("Hồ sơ bị mất")) == READ


def test_a_page_header_of_an_xls_workbook() -> None:
    def headed(text: str) -> bytes:
        book = books.xlwt.Workbook()
        page = book.add_sheet("Sổ")
        page._Worksheet__header_str = text  # its setter takes no text
        for column, heading in enumerate(HEAD):
            page.write(0, column, heading)
        page.write(1, 0, "a")
        return saved(book)

    assert cells(headed("Bảo mật")) == [["a", "", ""]]
    with pytest.raises(BadWorkbook, match=BESIDE):
        cells(headed("&CMẬT"))
