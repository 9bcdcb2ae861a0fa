"""Index 766 as a workbook: what stands in which cell, who is where, and what is not known."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from cchc.publishing.points import Points
from cchc.publishing.workbooks import index766
from unit.publishing.workbooks.made import DAY, EVIL, GROUPS, opened, points, row_of, texts


@cache
def _content() -> bytes:
    return index766.render(points(), GROUPS, DAY)


def _sheet(name: str, *, values: bool = True) -> Any:
    return opened(_content(), values=values)[name]


def test_the_overview_has_groups_versions_sums_and_classes() -> None:
    sheet = _sheet("Tổng quan")
    assert sheet.title == opened(_content()).sheetnames[0]
    one, two, whole, klass = (
        [cell.value for cell in row_of(sheet, text)]
        for text in ("Nhóm một", "Nhóm hai", "Cả bộ chỉ số", "Xếp loại")
    )
    assert one == ["1", "Nhóm một", 15, 8.3, 55.33, None, None, 1]
    assert two == ["2", "Nhóm hai", 5, 4.75, 95, 4.75, 95, 1]
    assert whole == [None, "Cả bộ chỉ số", 20, 13.05, 65.25, None, None, 1]
    assert klass == [None, "Xếp loại", None, None, "Tốt", None, None, None]
    bounds = [[cell.value for cell in row_of(sheet, title)][1:3] for title in ("Yếu", "Tốt")]
    assert bounds == [["Yếu", 0], ["Tốt", 60]]
    notes = [str(row[0]) for row in texts(sheet) if row[0]]
    assert "Nhóm một, quy tắc thứ hai: chưa có 1 chỉ số; các chỉ số còn lại được 6,1/10 điểm" in " ".join(
        notes
    )
    assert any("chưa đọc được trong văn bản chính thức: Chỉ số three" in note for note in notes)
    assert any("tên loại và các mức chưa đọc được" in note for note in notes)
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("C7", "$5:$6")


def test_sums_are_formulas_over_the_components_that_earn_points() -> None:
    sheet = _sheet("Tổng quan", values=False)
    whole = row_of(sheet, "Cả bộ chỉ số")
    assert whole[3].value == '=IF(COUNT(D7:D8)=2,ROUND(SUM(D7:D8),4),"")'
    assert whole[2].value == '=IF(COUNT(C7:C8)=2,ROUND(SUM(C7:C8),4),"")'
    among = "'Chỉ tiêu thành phần'!J6,'Chỉ tiêu thành phần'!J8"  # J7 is for information
    assert row_of(sheet, "Nhóm một")[3].value == f'=IF(COUNT({among})=2,ROUND(SUM({among}),4),"")'


def test_every_component_is_a_row_to_filter() -> None:
    sheet = _sheet("Chỉ tiêu thành phần")
    rows = [row for row in texts(sheet)[5:] if row[0]]
    assert len(rows) == 7 * 4 * 2
    assert sheet.auto_filter.ref == f"A5:M{5 + len(rows)}"
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("B6", "$5:$5")
    texts_of, numbers = (
        ("Sở A", "A", "Sở, ban, ngành", "thứ nhất", "Nhóm một", "Chỉ số one"),
        (1234, 5678, 21.73),
    )
    assert rows[4] == [*texts_of, *numbers, 6.1, 10, 0.5, None]
    unknown = next(row for row in rows if row[1] == "D" and row[5] == "Chỉ số two")
    assert unknown[6:] == [None, None, None, None, 5, 1, "chưa có dữ liệu hồ sơ từ =nguồn"]
    evil = [cell for row in sheet.iter_rows() for cell in row if cell.value in (EVIL, "@E")]
    assert {cell.data_type for cell in evil} == {"s"}
    assert all(cell.quotePrefix for cell in evil)


def test_units_are_ranked_among_their_like_and_ties_share_a_rank() -> None:
    rows = texts(_sheet("Xếp hạng"))
    at = [str(row[0]) for row in rows]
    first, communes, second = (
        at.index(f"{group} – quy tắc {version}")
        for group, version in (
            ("Sở, ban, ngành", "thứ nhất"),
            ("Xã, phường", "thứ nhất"),
            ("Sở, ban, ngành", "thứ hai"),
        )
    )
    ranked = [(row[0], row[1], row[4]) for row in rows[first + 1 : communes]]
    # 6.1 + 2.2 + 1 and 8.3 + 0 + 1 are one sum
    assert ranked == [(1, "Sở C", 15), (2, "Sở A", 9.3), (2, EVIL, 9.3), (4, "Sở E", 0), (None, "Sở D", None)]
    assert rows[communes + 1] == [1, "Xã X", 2, 1, 3, 20, 15, "Yếu", 1, None]
    assert rows[communes - 1][5:] == [
        20,
        None,
        None,
        1,
        "chưa có 1 chỉ số; các chỉ số còn lại được 14/15 điểm",
    ]
    assert all(row[0] is None for row in rows[second + 1 : second + 6]), (
        "nobody is ranked by what is not known"
    )


def test_a_rank_is_a_formula_over_those_that_have_one() -> None:
    sheet = _sheet("Xếp hạng", values=False)
    assert row_of(sheet, "Sở A")[0].value == "=RANK(E8,$E$7:$E$10)"
    assert row_of(sheet, "Sở D")[0].value is None


def test_the_sheets_print_on_one_page_across() -> None:
    for sheet in opened(_content()):
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert "ngày báo cáo 14/11/2026" in sheet.oddFooter.left.text
        assert "Trang &P/&N" in sheet.oddFooter.right.text


def test_the_same_points_are_the_same_bytes() -> None:
    assert index766.render(points(), GROUPS, DAY) == _content()


def test_an_index_without_classes_has_none() -> None:
    own = points()
    bare = Points(own.index.model_copy(update={"bands": None}), own.period, own.names, own.parts)
    book = opened(index766.render(bare, GROUPS, DAY))
    assert "Xếp loại" not in str([texts(sheet) for sheet in book])


def test_points_that_are_withheld_are_empty_and_cannot_be_worked_out() -> None:
    own = points()
    hidden = {
        version: tuple(
            replace(p, numerator=None, score=None, ratio=None, reason="số nhỏ, không công bố")
            if (p.unit_code, p.component.code) == ("A", "one")
            else p
            for p in parts
        )
        for version, parts in own.parts.items()
    }
    body = index766.render(replace(own, parts=hidden), GROUPS, DAY, withheld="số nhỏ, không công bố")
    book = opened(body, values=True)
    row = [cell.value for cell in row_of(book["Xếp hạng"], "Sở A")]
    assert (row[0], row[2], row[4]) == (None, None, None)
    assert any(row[-1] == "số nhỏ, không công bố" for row in texts(book["Chỉ tiêu thành phần"]))
    beside = [cell.value for cell in row_of(book["Xếp hạng"], "Sở C")]
    assert (beside[0], beside[4]) == (None, 15), "Sở A may be before it or behind it"
    assert beside[-1] == "điểm của đơn vị khác cùng khối không công bố riêng nên không xếp hạng"
    assert row_of(book["Xếp hạng"], "Xã X")[0].value == 1, "communes are ranked among themselves"
