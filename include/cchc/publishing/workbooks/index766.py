"""The points of an index (Bộ chỉ số 766) as a workbook: the province, every unit's components, and the ranking.

What is counted stands in one sheet; every sum, share, class and rank of the others is a formula over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from cchc.catalogue.scores import Bands, Group
from cchc.indicators import words
from cchc.indicators.scoring import own
from cchc.indicators.scoring.own import OwnPart
from cchc.publishing import points as published
from cchc.publishing.points import Line, Points
from cchc.publishing.workbooks.book import (
    A3,
    BOLD,
    CENTER,
    COUNT,
    GRID,
    NOTE,
    POINTS,
    SHARE,
    SUM,
    TOP,
    WRAP,
    Book,
    Look,
    Sheet,
)
from cchc.publishing.workbooks.scored import COMPONENTS, Scored, most
from cchc.publishing.workbooks.standings import Standing, standings

OVERVIEW, RANKING = "Tổng quan", "Xếp hạng"
#: The groups of units that are ranked, each among themselves, with their names (Vietnamese).
GROUPS = {group: words.GROUPS[group] for group in ("department", "commune")}

_COLUMNS = (
    ("Đơn vị", 28),
    ("Mã đơn vị", 10),
    ("Khối", 13),
    ("Quy tắc tính", 20),
    ("Nhóm chỉ số", 21),
    ("Chỉ số thành phần", 36),
    ("Tử số", 10),
    ("Mẫu số", 10),
    ("Tỷ lệ (%)", 10),
    ("Điểm", 9),  # column scored.SCORE
    ("Điểm tối đa", 9),  # column scored.MOST
    ("Độ phủ nguồn", 9),
    ("Lý do ô trống", 44),
)
_WRAPPED: Look = {**WRAP, "border": 1}
_CELL: Look = {**TOP, **_WRAPPED}
_TOP: Look = {**TOP, "border": 1}
_MIDDLE: Look = {**GRID, **CENTER}
_SUM_TEXT: Look = {**SUM, **WRAP}


def render(points: Points, groups: Mapping[str, str], day: date, withheld: str = "") -> bytes:
    """Return an index of a province and its units as an .xlsx file; the same points give the same bytes.

    `groups`: unit code → department, commune …; `day`: the reporting day; `withheld`: the reason of points that are
    known and not public.
    """
    with Book(f"{points.index.title}, {points.period.title()}", day) as book:
        overview, components, ranking = map(book.sheet, (OVERVIEW, COMPONENTS, RANKING))
        scored = Scored(points, groups, day, withheld)
        _write_components(scored, components)  # the others refer to them
        _write_overview(scored, overview)
        _write_ranking(scored, ranking)
    return book.content


# --- components ------------------------------------------------------------------------------------------


def _write_components(scored: Scored, sheet: Sheet) -> None:
    """Write a row for each component of each unit under each rule version."""
    sheet.widths([width for _, width in _COLUMNS])
    first = scored.head(sheet, COMPONENTS)
    row = top = sheet.headings(first, [(heading,) for heading, _ in _COLUMNS])
    for version, parts in scored.points.parts.items():
        for part in parts:
            scored.lines[version, part.unit_code, part.component.code] = row
            _write_component(scored, sheet, row, version, part)
            row += 1
    sheet.freeze(top, 1)
    sheet.filter(top - 1, row - 1)
    sheet.page(row - 1, repeat=(first, top - 1), paper=A3, footer=scored.footer)


def _write_component(scored: Scored, sheet: Sheet, row: int, version: str, part: OwnPart) -> None:
    unit = part.unit_code
    group = "Toàn tỉnh" if unit == scored.province else GROUPS.get(scored.groups.get(unit, ""), "")
    texts = (
        *(scored.points.names[unit], unit, group, scored.index.versions[version].title),
        *(part.group.title, part.component.title),
    )
    for column, text in enumerate(texts):
        sheet.text(row, column, text, _CELL)
    numbers = (part.numerator, part.denominator, part.ratio, part.score, part.component.max, part.coverage)
    formats = (COUNT, COUNT, POINTS, POINTS, COUNT, SHARE)
    for column, (value, shown) in enumerate(zip(numbers, formats, strict=True), start=len(texts)):
        sheet.number(row, column, value, shown, _TOP)
    reason = part.reason if None in numbers[:4] else None
    last = len(_COLUMNS) - 1
    sheet.text(row, last, reason, _CELL)
    sheet.height(row, [*enumerate(texts), (last, reason)])


# --- overview ------------------------------------------------------------------------------------------


def _write_overview(scored: Scored, sheet: Sheet) -> None:
    sheet.widths([6, 44, 11, *(12 for _ in scored.versions for _ in "ab"), 12])
    first = scored.head(sheet, OVERVIEW)
    titles = [scored.index.versions[v].title for v in scored.versions]
    heads = [(f"Quy tắc {title}", name) for title in titles for name in ("Điểm", "Tỷ lệ (%)")]
    top = sheet.headings(first, [("TT",), ("Nhóm chỉ số",), ("Điểm tối đa",), *heads, ("Độ phủ nguồn",)])
    groups, said = scored.groups_of(scored.province), published.of_province(scored.points)
    last = 3 + len(heads)
    for row, (group, line) in enumerate(zip(groups, said, strict=False), start=top):
        sheet.text(row, 0, str(row - top + 1), _MIDDLE)
        sheet.text(row, 1, group.title, _WRAPPED)
        sheet.height(row, [(1, group.title)])
        for column, version in enumerate(scored.versions):
            at = (row, 3 + 2 * column)
            parts = scored.parts(version, scored.province, group)
            if column == 0:
                scored.most(sheet, (row, 2), version, parts)
            scored.score(sheet, at, version, parts)
            scored.share(sheet, (row, at[1] + 1), at, (row, 2), parts)
        sheet.number(row, last, line.coverage, SHARE)
    row = top + len(groups)
    _write_whole(scored, sheet, top, groups)
    sheet.number(row, last, said[-1].coverage if said else None, SHARE, SUM)
    if bands := scored.index.bands:
        row = _write_classes(scored, sheet, row + 1, groups, bands)
    for text in _notes(scored, groups, said):
        row += 1
        sheet.across(row, text, NOTE)
    sheet.freeze(top, 2)
    sheet.page(row, repeat=(first, top - 1), footer=scored.footer)


def _write_whole(scored: Scored, sheet: Sheet, top: int, groups: Sequence[Group]) -> None:
    """Write the sums of the groups that stand from `top` on, below them."""
    row = top + len(groups)
    sheet.text(row, 0, "", SUM)
    sheet.text(row, 1, "Cả bộ chỉ số", _SUM_TEXT)
    for number, version in enumerate(scored.versions):
        column = 3 + 2 * number
        sums = [scored.parts(version, scored.province, group) for group in groups]
        every = [part for parts in sums for part in parts]
        earning = [(at, parts) for at, parts in enumerate(sums, start=top) if most(parts)]
        if number == 0:
            maxima = [((at, 2), most(parts)) for at, parts in earning]
            sheet.sum(row, 2, maxima, most(every), every=True, look=SUM)
        known = [((at, column), own.total(parts)) for at, parts in earning]
        sheet.sum(row, column, known, own.total(every), every=True, number_format=POINTS, look=SUM)
        scored.share(sheet, (row, column + 1), (row, column), (row, 2), every, SUM)


def _write_classes(scored: Scored, sheet: Sheet, row: int, groups: Sequence[Group], bands: Bands) -> int:
    """Write the province's class under each version and the bounds of the classes; returns the last row of it.

    A lookup needs the bounds from the lowest to the best.
    """
    ordered, first = bands.classes[::-1], row + 3
    bounds, titles = (xl_range_abs(first, c, first + len(ordered) - 1, c) for c in (2, 1))
    scored.classes = f"'{OVERVIEW}'!{bounds},'{OVERVIEW}'!{titles}"
    for column in range(4 + 2 * len(scored.versions)):
        sheet.text(row, column, "Xếp loại" if column == 1 else "", GRID)
    for number, version in enumerate(scored.versions):
        every = [part for group in groups for part in scored.parts(version, scored.province, group)]
        column = 4 + 2 * number
        scored.group_class(sheet, (row, column), (row - 1, column), every)
    sheet.text(
        first - 1, 1, "Mức xếp loại" if bands.confirmed else "Mức xếp loại (chưa xác nhận)", {**BOLD, **GRID}
    )
    sheet.text(first - 1, 2, "từ (%)", {**BOLD, **_MIDDLE})
    for at, band in enumerate(ordered, start=first):
        sheet.text(at, 1, band.title)
        sheet.number(at, 2, band.least)
    return first + len(ordered)


def _notes(scored: Scored, groups: Sequence[Group], said: Sequence[Line]) -> Iterator[str]:
    yield "Ô trống là chưa có số liệu, không phải số 0. Tổng có một thành phần chưa biết thì cũng chưa biết."
    for group, line in zip(groups, said, strict=False):
        whys: dict[str, list[str]] = {}
        for version, cell in zip(scored.versions, line.cells, strict=True):
            if cell.reason:
                whys.setdefault(cell.reason, []).append(scored.index.versions[version].title)
        for reason, titles in whys.items():
            yield f"{group.title}, quy tắc {' và '.join(titles)}: {reason}."
    if unread := [c.title for g in groups for c in g.components if not c.confirmed]:
        yield f"Điểm tối đa hoặc công thức chưa đọc được trong văn bản chính thức: {'; '.join(unread)}."
    if bands := scored.index.bands:
        unread_too = "" if bands.confirmed else "; tên loại và các mức chưa đọc được trong văn bản chính thức"
        yield f"Xếp loại theo tỷ lệ điểm đạt trên điểm tối đa của đơn vị{unread_too}."


# --- ranking ------------------------------------------------------------------------------------------


def _write_ranking(scored: Scored, sheet: Sheet) -> None:
    classes = ("Xếp loại",) if scored.index.bands else ()
    sheet.widths([7, 36, *(12 for _ in scored.index.groups), 10, 8, 9, *(12 for _ in classes), 9, 46])
    first = scored.head(sheet, RANKING)
    heads = ["Hạng", "Đơn vị", *(g.title for g in scored.index.groups), "Tổng điểm", "Tối đa", "Tỷ lệ (%)"]
    heads += [*classes, "Độ phủ thấp nhất", "Lý do chưa xếp hạng"]
    row = top = sheet.headings(first, [(text,) for text in heads])
    for version in scored.versions:
        for group, title in GROUPS.items():
            units = [code for code in scored.points.names if scored.groups.get(code) == group]
            if units:
                sheet.across(row, f"{title} – quy tắc {scored.index.versions[version].title}", _SUM_TEXT)
                found = standings(scored.points, version, units, scored.withheld)
                ranked = range(row + 1, row + 1 + sum(s.rank is not None for s in found))
                for at, standing in enumerate(found, start=row + 1):
                    _write_standing(scored, sheet, at, version, standing, ranked)
                row += 1 + len(found)
    sheet.freeze(top, 2)
    sheet.page(row - 1, repeat=(first, top - 1), paper=A3, footer=scored.footer)


def _write_standing(
    scored: Scored, sheet: Sheet, row: int, version: str, standing: Standing, ranked: range
) -> None:
    name = scored.points.names[standing.unit_code]
    sheet.text(row, 1, name, _WRAPPED)
    sums = []
    for column, group in enumerate(scored.index.groups, start=2):
        parts = scored.parts(version, standing.unit_code, group)
        scored.score(sheet, (row, column), version, parts)
        if most(parts):
            sums.append(((row, column), own.total(parts)))
    total = 2 + len(scored.index.groups)
    sheet.sum(row, total, sums, standing.total, every=True, number_format=POINTS, look=SUM)
    scored.most(sheet, (row, total + 1), version, standing.parts)
    scored.share(sheet, (row, total + 2), (row, total), (row, total + 1), standing.parts)
    if standing.rank is None:
        sheet.text(row, 0, "", _MIDDLE)
    else:
        among = xl_range_abs(ranked[0], total, ranked[-1], total)
        sheet.formula(
            row, 0, f"=RANK({xl_rowcol_to_cell(row, total)},{among})", standing.rank, COUNT, _MIDDLE
        )
    last = total + 3
    if scored.index.bands:
        scored.group_class(sheet, (row, last), (row, total + 2), standing.parts)
        last += 1
    sheet.number(row, last, standing.coverage, SHARE)
    sheet.text(row, last + 1, standing.reason, _WRAPPED)
    sheet.height(row, [(1, name), (last + 1, standing.reason)])
