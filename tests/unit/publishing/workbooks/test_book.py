"""What every workbook of ours has: texts that stay texts, empty cells for what is not known, the same bytes again."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from io import BytesIO

import pytest

from cchc.publishing.workbooks.book import GRID, SUM, Book, Place, cells_of
from unit.publishing.workbooks.made import DAY, opened


def _book(text: str = "x") -> bytes:
    with Book("Thử", DAY) as book:
        sheet = book.sheet("Một")
        sheet.widths([10, 10])
        sheet.text(0, 0, text)
        sheet.number(1, 0, Decimal("12.5"))
        sheet.number(2, 0, None, look=SUM)
        sheet.page(2)
    return book.content


@pytest.mark.parametrize("text", ["=1+1", "+84 912", "-5", "@SUM(A1)", "\t=1", "http://x.vn", "0123", "{=1}"])
def test_a_code_is_a_text_whatever_it_begins_with(text: str) -> None:
    cell = opened(_book(text))["Một"]["A1"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    assert cell.quotePrefix == (text[0] in "=+-@\t")


def test_letters_that_no_file_can_hold_are_left_out() -> None:
    assert opened(_book("H\x07-1\ud800\uffff"))["Một"]["A1"].value == "H -1  "
    assert len(opened(_book("x" * 40_000))["Một"]["A1"].value) == 32_767, "it is cut, not lost"


def test_numbers_are_numbers_and_what_is_not_known_is_empty_and_without_colour() -> None:
    sheet = opened(_book())["Một"]
    assert (sheet["A2"].value, sheet["A2"].number_format) == (12.5, "#,##0")
    assert sheet["A3"].value is None
    assert sheet["A3"].fill.fill_type is None
    assert {cell.font.name for row in sheet.iter_rows(max_col=1) for cell in row} == {"Times New Roman"}


def test_the_same_content_is_the_same_bytes_and_tells_no_time() -> None:
    assert _book() == _book()
    with zipfile.ZipFile(BytesIO(_book())) as file:
        assert {entry.date_time[0] for entry in file.infolist()} == {1980}
        assert b"2026-11-14T00:00:00Z" in file.read("docProps/core.xml")


@pytest.mark.parametrize(
    ("values", "total", "every", "formula"),
    [
        ((1, 2), 3, True, '=IF(COUNT(A2:A3)=2,ROUND(SUM(A2:A3),4),"")'),
        ((1, None), None, True, '=IF(COUNT(A2:A3)=2,ROUND(SUM(A2:A3),4),"")'),
        ((1, None), 1, False, '=IF(COUNT(A2:A3)>0,ROUND(SUM(A2:A3),4),"")'),
        ((None, None), None, False, '=IF(COUNT(A2:A3)>0,ROUND(SUM(A2:A3),4),"")'),
        ((1, None), 6, False, 6),  # one part is withheld: the total stays what it is
        ((1, 2), None, True, None),  # the total is withheld: it cannot be worked out by opening the file
        ((), None, True, None),
    ],
)
def test_a_sum_is_a_formula_only_where_it_gives_the_total(
    values: tuple[int | None, ...], total: int | None, every: bool, formula: str | int | None
) -> None:
    with Book("Thử", DAY) as book:
        sheet = book.sheet("Một")
        parts: list[tuple[Place, int | None]] = [
            ((row, 0), value) for row, value in enumerate(values, start=1)
        ]
        sheet.sum(0, 0, parts, total, every=every, look=GRID)
    assert opened(book.content)["Một"]["A1"].value == formula
    if isinstance(formula, str):
        assert opened(book.content, values=True)["Một"]["A1"].value == total


def test_cells_next_to_each_other_are_one_range() -> None:
    assert cells_of([(4, 9), (6, 9), (5, 9), (8, 9), (8, 2)]) == "C9,J5:J7,J9"
    assert cells_of([(4, 9)], "Tổng quan") == "'Tổng quan'!J5"
