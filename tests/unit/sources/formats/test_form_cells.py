"""Cells and headings of printed forms: numbers of columns, numbers that are texts, which column is which measure."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cchc.sources import unread
from cchc.sources.formats.forms.printed import records
from cchc.sources.formats.isolation import BadWorkbook
from cchc.sources.formats.layout import FormLayout, select
from cchc.sources.formats.tables.headings import MissingHeading, is_numbers
from unit.sources.formats.forms import FORMULAS, LETTERED, SIGNED, form, read, row
from unit.sources.profiles import profile

ERROR = unread.mark("error")
DAYS = (date(2026, 10, 15), date(2026, 11, 14))
A, B, ALL = row(1, "Đất đai", 1), row(2, "Hộ tịch", 2), row("", "Tổng cộng", 3)


@pytest.mark.parametrize(
    ("cells", "are_numbers"),
    [
        (["(1)", "(2)", "(3=4+5+6)"], True), (["1.", "2)", "3 = 4 + 5"], True), (["Cột 1", "Cột 2"], True),
        (["(A)", "(B)", "(1)", "(2)"], True), (["(1)", "(2)", 3, 4], True), ([-1.0, -2.0, "(3)"], True),
        ([-1.5, -2], False), ([-5, -3], False), (["5.", "6."], False), (["(1)", "Đất đai", "(3)"], False),
        (SIGNED, True), (LETTERED, True), (FORMULAS, True), ([1.0, 2.0], True), (["(1)", "", "(2) = (3) + (4)"], True),
        ([1, "Đất đai", 3], False), ([2, 3, 4], False), (["A", 1], False), (["B", 1, 2], False),
        (["A", "B", 1, 3], False), ([10, 20], False), (["A", "B"], False), ([1], False),
    ],
)  # fmt: skip
def test_numbers_of_columns(cells: list[Any], are_numbers: bool) -> None:
    assert is_numbers(cells) is are_numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.000", "1000"),
        ("1 000", "1000"),
        ("1\u00a0000", "1000"),
        ("12,0", "12"),
        ("1,000", unread.mark("amount")),  # thousands or thousandths
        ("1,5,0", unread.mark("amount")),
        ("(5)", unread.mark("amount")),
        ("#REF!", ERROR),
    ],
)
def test_a_number_that_is_written_as_a_text(text: str, value: str) -> None:
    assert read(form([1, "Đất đai", *[text] * 11], ["", "Tổng cộng", *[text] * 11])).to_handle == value


@pytest.mark.parametrize("before", ["Kỳ trước chuyển qua", "Từ kỳ trước chuyển qua", "Từ kỳ trước"])
def test_how_units_head_what_was_carried_over(before: str) -> None:
    how = select(
        "report-07a", "reported_measure", profile("report-07a").datasets["reported_measure"].select
    ).form
    assert how is not None
    needed = [texts[0] for measure, texts in how.columns.items() if measure not in how.optional]
    heads = [f"Tiếp nhận / {before}" if text.endswith("chuyển qua") else text for text in needed]
    paths = [[*text.split(" / "), "", ""][:3] for text in ["STT", how.row_head[0], *heads]]
    numbers = list(range(1, len(heads) + 1))
    rows = [*map(list, zip(*paths, strict=True)), [1, "Đất đai", *numbers], ["", "Tổng cộng", *numbers]]
    found = {record["measure"]: record["value"] for _, record in records(iter(rows), [], how, DAYS)}
    assert found["carried_over"] == str(numbers[heads.index(f"Tiếp nhận / {before}")])


def test_the_title_stands_again_on_another_page() -> None:
    title = ["Biểu số II.06a", "", "TÌNH HÌNH GIẢI QUYẾT", *[""] * 6, "Đơn vị báo cáo: Sở Nội vụ"]
    assert read([title, *form(A, title, *form()[2:], B, ALL)]).to_handle == "30"


SHORT = FormLayout(
    row_head=("Lĩnh vực",), columns={"in": ("Tiếp nhận / Tổng số",), "late": ("Giải quyết / Quá hạn",)}
)


def found(heads: list[list[str]], merged: list[tuple[int, int, int, int]]) -> dict[str, str]:
    """Return what is read where the third column from the left has 3 in it, the fourth 4 and so on."""
    numbers = list(range(3, len(heads[0]) + 1))
    rows = [*heads, [1, "Đất đai", *numbers], ["", "Tổng cộng", *numbers]]
    return {r["measure"]: r["value"] for _, r in records(iter(rows), merged, SHORT, DAYS)}


def test_a_total_is_that_of_the_heading_right_above_it() -> None:
    top = ["TT", "Lĩnh vực", "Tiếp nhận", "", "", "Giải quyết", ""]
    within = ["", "", "Trong kỳ", "", "Tổng số", "Đúng hạn", "Quá hạn"]
    own = ["", "", "Tổng số", "Trực tuyến", "", "", ""]
    merged = [(0, 0, 2, 0), (0, 1, 2, 1), (0, 2, 0, 4), (1, 2, 1, 3), (0, 5, 0, 6)]
    merged += [(1, column, 2, column) for column in (4, 5, 6)]
    assert found([top, within, own], merged) == {"in": "5", "late": "7"}
    with pytest.raises(MissingHeading, match="heading Tiếp nhận / Tổng số is missing"):
        found([top, [*within[:4], "Chuyển kỳ", *within[5:]], own], merged)


def test_the_number_of_a_column_in_its_heading() -> None:
    top = ["TT (1)", "Lĩnh vực\n(2)", "Tiếp nhận", "Giải quyết"]
    assert found([top, ["", "", "Tổng số\n(3) = (4) + (5)", "Quá hạn* [4]"]], []) == {"in": "3", "late": "4"}


@pytest.mark.parametrize("waiting", ["Chờ tiếp nhận", "Hồ sơ không được tiếp nhận", "Chưa tiếp nhận"])
def test_what_is_not_received_is_not_received(waiting: str) -> None:
    own = ["", "", "Tổng số", "Tổng số", "Quá hạn"]
    assert found([["TT", "Lĩnh vực", waiting, "Số hồ sơ đã tiếp nhận", "Giải quyết"], own], []) == {
        "in": "4",
        "late": "5",
    }
    with pytest.raises(MissingHeading, match="heading Tiếp nhận / Tổng số is missing"):
        found([["TT", "Lĩnh vực", waiting, "Trả lại", "Giải quyết"], own], [])


def test_a_person_named_in_a_heading_is_not_told() -> None:
    heads = ["TT", "Lĩnh vực", "Tiếp nhận (nhập: Nguyễn Văn An, 0912345678)", "Giải quyết"]
    rows = [heads, ["", "", "Tổng số", "Quá hạn"], [1, "Đất đai", 3, 4], ["", "Tổng cộng", 5, 4]]
    with pytest.raises(BadWorkbook, match="the rows add up to 3, row 4") as refused:
        list(records(iter(rows), [], SHORT, DAYS))
    assert not any(word in str(refused.value) for word in ("Nguyễn", "0912"))


def test_the_heading_of_names_is_merged_to_its_side_alone() -> None:
    top, own = ["Lĩnh vực", "", "Tiếp nhận", "Giải quyết"], ["", "", "Tổng số", "Quá hạn"]
    heads = [top, own]
    numbers = ["Đất đai", "", 3, 4]
    rows = [*heads, numbers, ["Tổng cộng", *numbers[1:]]]
    read_as = {r["measure"]: r["value"] for _, r in records(iter(rows), [(0, 0, 0, 1)], SHORT, DAYS)}
    assert read_as == {"in": "3", "late": "4"}
