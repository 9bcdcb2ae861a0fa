"""What stands beside records: sheets that are another thing, and lines with the names of groups."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
import xlsxwriter

from cchc.catalogue.profiles import DatasetMap, FieldMap
from cchc.sources.formats.isolation import BadWorkbook
from cchc.sources.formats.names import is_note
from cchc.sources.formats.tables.headings import MissingHeading
from unit.sources.formats import books, forms
from unit.sources.formats.sheets import HEAD, months, rows
from unit.sources.profiles import profile

ANY: dict[str, Any] = {"sheet": None, "sheets": "*"}
LIST: list[list[Any]] = [HEAD, ["H1", 1]]
OTHERS: tuple[tuple[str, list[list[Any]]], ...] = (
    ("Bìa", [["BÁO CÁO THÁNG 11"], ["Người lập: Nguyễn Văn An"]]),
    ("Hướng dẫn", [[f"Dòng {n}"] for n in range(70)]),
    ("Danh mục", [["Mã"], ["1.001228"]]),
)


@pytest.mark.parametrize("first", [True, False])
def test_a_sheet_without_the_headings_beside_one_that_has_them(first: bool) -> None:
    of: tuple[tuple[str, list[list[Any]]], ...] = (
        (("Sổ", LIST), *OTHERS) if first else (*OTHERS, ("Sổ", LIST))
    )
    (found,) = rows(months(*of), **ANY)
    assert found.record["Mã"] == "H1"
    assert {name for name in found.record if is_note(name)} == {
        f"trang tính không đọc - {name}" for name, _ in OTHERS
    }


def test_a_hidden_sheet_beside_a_form() -> None:
    target = io.BytesIO()
    table: list[list[Any]] = [
        *forms.HEAD,
        ["1", "Đất đai", *[2] * 11],
        ["", "Tổng cộng", *[2] * 11],
    ]
    with xlsxwriter.Workbook(target) as book:
        hidden = book.add_worksheet("DM")
        hidden.write_column(0, 0, ["Lĩnh vực giải quyết", "Đất đai", "Hộ tịch"])
        hidden.hide()
        page = book.add_worksheet("T11.2026")
        page.activate()
        for number, row in enumerate(table):
            page.write_row(number, 0, row)
        for top, left, bottom, right in forms.MERGED:
            page.merge_range(top, left, bottom, right, table[top][left])
    of_form = profile("report-ii06a").datasets["reported_measure"]
    found = rows(target.getvalue(), of_form, **{**of_form.select, "sheet": None})
    assert {row.sheet for row in found} == {"T11.2026"}
    assert "trang tính không đọc - DM" in found[-1].record


@pytest.mark.parametrize(
    ("of", "sheets"),
    [
        ([OTHERS[0], OTHERS[2]], "*"),  # none has them
        ([OTHERS[0], ("Trống", [])], "*"),
        ([("Sổ", LIST), ("Sổ 2", [["Mã", "Số", "Ngày tháng"], ["H2", 2]])], "*"),  # most of them
        ([("Tháng 1", LIST), ("Tháng 2", [["H2", 2]])], "Tháng *"),  # the profile names it
    ],
)
def test_a_sheet_that_should_have_the_headings(
    of: Sequence[tuple[str, Sequence[Sequence[Any]]]], sheets: str
) -> None:
    with pytest.raises(MissingHeading, match="is missing"):
        rows(months(*of), sheet=None, sheets=sheets)


GROUPED = DatasetMap(
    fields={
        n: FieldMap(path=p, type="text", required=n == "a", present=n == "b")
        for n, p in (("a", "Số hồ sơ"), ("b", "Tình trạng"))
    }
)


@pytest.mark.parametrize(
    "group",
    [
        ["II. Lĩnh vực: Hộ tịch (3 hồ sơ)"],
        ["", "1. Hộ tịch theo Nghị định 123/2015"],
        ["", "1.2) Khai sinh 2026"],
        ["- Nhóm 2"],
        ["II", "Hộ tịch (3 hồ sơ)"],
    ],
)
def test_a_group_whose_name_has_a_digit(group: list[str]) -> None:
    table: list[list[Any]] = [
        ["STT", "Số hồ sơ", "Tình trạng"],
        group,
        [1, "H1", "xong"],
        ["", "Tổng cộng: 1 hồ sơ"],
    ]
    (found,) = rows(books.xlsx(table), GROUPED, total=["Tổng cộng"])
    assert found.record["Số hồ sơ"] == "H1"
    assert "dòng không phải hồ sơ - 1" in found.record


def test_a_code_that_begins_as_a_group_does_is_still_a_record() -> None:
    codes = ("1.001228", "A. H14", "- 12", "1. 001", "I", "H 12")
    table: list[list[Any]] = [["STT", "Số hồ sơ", "Tình trạng"], [1, "H1", "xong"], *(["", c] for c in codes)]
    assert [row.record["Số hồ sơ"] for row in rows(books.xlsx(table), GROUPED)] == ["H1", *codes]
    with pytest.raises(BadWorkbook, match="7 rows stand above it"):
        rows(books.xlsx([*table, ["", "Tổng cộng: 1 hồ sơ"]]), GROUPED, total=["Tổng cộng"])
