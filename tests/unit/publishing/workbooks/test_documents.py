"""Document registers as a workbook: units and their sums, months, kinds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from cchc.publishing.workbooks import documents
from unit.publishing.workbooks.made import EVIL, opened, row_of, statistics, texts


@cache
def _content() -> bytes:
    return documents.render(statistics())


def _sheet(name: str, *, values: bool = True) -> Any:
    return opened(_content(), values=values)[name]


def test_units_stand_below_the_sums_of_their_group() -> None:
    sheet = _sheet("Theo đơn vị")
    rows = [row[:4] for row in texts(sheet)[6:13]]
    assert rows == [
        [None, "Sở, ban, ngành", 30, 20],
        ["1", "A", 10, 5],
        ["2", EVIL, 20, 15],
        [None, "Xã, phường", 9, 9],
        ["1", "X", 9, 9],
        ["2", "Y", None, None],
        [None, "Cả tỉnh", 39, 29],
    ]
    unknown = [cell.value for cell in row_of(sheet, "Y")]
    assert unknown[2:] == [*[None] * 13, 0.75, "chưa có dữ liệu văn bản"], "one sentence, no number"
    assert row_of(sheet, EVIL)[1].data_type == "s"
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("C7", "$4:$6")


def test_sums_and_shares_are_formulas() -> None:
    sheet = _sheet("Theo đơn vị", values=False)
    assert row_of(sheet, "Sở, ban, ngành")[2].value == '=IF(COUNT(C8:C9)>0,ROUND(SUM(C8:C9),4),"")'
    assert row_of(sheet, "Cả tỉnh")[2].value == '=IF(COUNT(C7,C10)>0,ROUND(SUM(C7,C10),4),"")'
    signed = row_of(sheet, "A")[14]
    assert signed.value == '=IF(AND(ISNUMBER(N8),N(J8)>0),ROUND(100*N8/J8,1),"")'
    values = _sheet("Theo đơn vị")
    assert [row_of(values, name)[14].value for name in ("A", "Cả tỉnh", "X")] == [75, 63.6, None]


def test_the_months_add_up_to_the_period_except_for_what_is_left_at_its_end() -> None:
    rows = [row[:3] for row in texts(_sheet("Theo tháng"))[6:9]]
    assert rows == [["1", "Tháng 10/2026", 30], ["2", "Tháng 11/2026", 9], [None, "Cả kỳ", 39]]
    whole = row_of(_sheet("Theo tháng", values=False), "Cả kỳ")
    assert whole[2].value == '=IF(COUNT(C7:C8)>0,ROUND(SUM(C7:C8),4),"")'
    assert whole[8].value == 3, "a stock is no sum of months"


def test_kinds_are_shares_of_their_direction() -> None:
    assert texts(_sheet("Theo loại"))[4:10] == [
        [None, "Văn bản đến", 39, 100],
        ["1", "Công văn", 30, 76.9],
        ["2", "-Tờ trình", 6, 15.4],
        ["3", "Không ghi loại văn bản", 3, 7.7],
        [None, "Văn bản đi", 11, 100],
        ["1", "Quyết định", 11, 100],
    ]


def test_one_unit_alone_has_no_sums() -> None:
    own = statistics()
    alone = replace(own, code="A", name="Sở A", lines=(own.lines[1],), months=(), kinds=())
    sheet = opened(documents.render(alone), values=True)["Theo đơn vị"]
    assert [row[:3] for row in texts(sheet)[6:8]] == [["1", "A", 10], [None, None, None]]


def test_the_same_statistics_are_the_same_bytes() -> None:
    assert documents.render(statistics()) == _content()
