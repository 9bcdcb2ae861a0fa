"""Printed forms as officers send them: our own and those made by hand, read by their headings."""

from __future__ import annotations

import io
import random
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt

from cchc.errors import ContractBroken
from cchc.indicators import periods
from cchc.indicators.delivered import Coverage
from cchc.publishing.forms import layouts, workbook
from cchc.publishing.forms.rows import Form, FormRow
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources import unread
from unit.sources.kinds.registers import put
from unit.sources.profiles import profile, read

II06A, F07A = (layouts.load(SHIPPED_CATALOGUE, code) for code in ("ii06a", "07a"))
_ROW = "Lĩnh vực, công việc giải quyết theo cấp"
_IN, _DONE, _OPEN = "Số hồ sơ tiếp nhận", "Số hồ sơ đã giải quyết", "Số hồ sơ đang giải quyết"
_OWN = ["Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn", "Tổng số", "Trong hạn", "Quá hạn"]
HEAD = [
    ["TT", _ROW, _IN, "", "", "", _DONE, "", "", "", _OPEN, "", ""],
    ["", "", "Tổng số", "Trong kỳ", "", "Từ kỳ trước", *_OWN],
    ["", "", "", "Trực tuyến", "Trực tiếp, dịch vụ\nbưu chính", *[""] * 8],
]
MERGED = [
    *((0, c, 2, c) for c in (0, 1)),
    *((0, first, 0, last) for first, last in ((2, 5), (6, 9), (10, 12))),
    (1, 3, 1, 4),
    *((1, c, 2, c) for c in (2, *range(5, 13))),
]
NUMBERS = ["(1)", "(2)", "(3)=(4)+(5)+(6)", *(f"({n})" for n in range(4, 14))]
ONE = ["1", "Đất đai", "1.200", 1000, 100, 100, 1100, 100, 900, 100, 100, 60, 40]
TWO = ["2", "Hộ tịch", 34, 30, 0, 4, 30, 10, "20", 0, 4, 4, ""]
TOTAL = ["", "Tổng cộng", "1.234", 1030, 100, 104, 1130, 110, 920, 100, 104, 64, 40]
ALONE = [ONE, ["", "Tổng cộng", *ONE[2:]]]
VALUES = {
    "to_handle": "1234", "received_online": "1030", "received_direct": "100", "carried_over": "104",
    "finished": "1130", "finished_early": "110", "finished_on_time": "920", "finished_late": "100",
    "in_process": "104", "in_process_within_term": "64", "overdue_in_process": "40",
}  # fmt: skip


def sheet(*rows: list[Any], title: str = "Từ ngày 15/10/2026 đến ngày 14/11/2026") -> list[list[Any]]:
    return [["Biểu số II.06a/VPCP/KSTT"], ["TÌNH HÌNH, KẾT QUẢ TIẾP NHẬN, GIẢI QUYẾT"], [title], *HEAD, *rows]


def book(sheets: dict[str, list[list[Any]]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as made:
        for name, rows in sheets.items():
            page = made.add_worksheet(name)
            top = next(n for n, row in enumerate(rows) if row[:1] == ["TT"])
            for first, left, last, right in MERGED:
                page.merge_range(top + first, left, top + last, right, "")
            for number, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if cell != "":
                        page.write(number, column, cell)
    return target.getvalue()


def stated(folder: Path, content: bytes, name: str = "bieu_06a.xlsx") -> list[dict[str, Any]]:
    put(folder, name, content)
    code = "report-07a" if "07a" in name else "report-ii06a"
    return [dict(record.payload) for record in read(profile(code), folder.as_uri())[0]]


def by_measure(records: list[dict[str, Any]]) -> dict[str, str]:
    return {record["measure"]: record["value"] for record in records}


@pytest.mark.parametrize("layout", [II06A, F07A], ids=["ii06a", "07a"])
def test_a_workbook_of_ours_is_read_back_with_the_same_numbers(
    tmp_path: Path, layout: layouts.Layout
) -> None:
    rng = random.Random(7)
    codes = [column.code for column in layout.columns if not column.missing]
    none = dict.fromkeys((column.code for column in layout.columns), None)

    def row(kind: Any, number: str, title: str, values: dict[str, int]) -> FormRow:
        return FormRow(kind, "department", None, number, title, {**none, **values}, {})

    rows, total = [], dict.fromkeys(codes, 0)
    for level, number in (("Sở, ban, ngành", "I"), ("Xã", "II")):
        fields = [{code: rng.randrange(5_000) for code in codes} for _ in range(3)]
        added = {code: sum(field[code] for field in fields) for code in codes}
        rows.append(row("level", number, level, added))
        rows += [row("field", str(n), f"Lĩnh vực {n}", field) for n, field in enumerate(fields, 1)]
        total = {code: total[code] + added[code] for code in codes}
    rows.append(row("total", "", layout.total, total))
    made = Form(
        layout, "SNV", "Sở Nội vụ", periods.parse("2026-11"), tuple(rows), Coverage(None, None, ()),
        date(2026, 11, 20), (), layout.notes,
    )  # fmt: skip
    records = stated(tmp_path, workbook.render(made), f"form-{layout.code}-SNV.xlsx")
    select = profile(f"report-{layout.code}").datasets["reported_measure"].select
    order = list(select["form"]["columns"])  # as the layout has its columns
    assert len(order) == len(layout.columns)
    wanted = {m: str(total[c.code]) for m, c in zip(order, layout.columns, strict=True) if c.code in total}
    assert by_measure(records) == wanted
    assert {(r["from"], r["to"]) for r in records} == {("15/10/2026", "14/11/2026")}
    if layout is II06A:
        assert order == [column.reported for column in layout.columns]


def test_texts_as_numbers_number_row_groups_and_total(tmp_path: Path) -> None:
    group = ["I", "CẤP TỈNH", *[""] * 11]
    signed = ["", "", "", "", "", "", "", "", "Cao Bằng, ngày 16 tháng 11 năm 2026", "", "", "", ""]
    records = stated(tmp_path, book({"T11": sheet(NUMBERS, group, ONE, TWO, TOTAL, signed)}))
    assert by_measure(records) == VALUES


def test_columns_may_stand_in_another_order_and_the_total_above(tmp_path: Path) -> None:
    rows = [list(cells) for cells in sheet(TOTAL, ONE, TWO, ["", "Ghi chú: số liệu đã chốt"])]
    for row in rows[3:]:  # the block of what is in process before the others
        row += [""] * (13 - len(row))
        row[2:] = [*row[10:13], *row[2:10]]
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as made:
        page = made.add_worksheet("Tháng 11")
        for number, cells in enumerate(rows):
            page.write_row(number, 1, cells)  # and one column further right, with nothing merged
    assert by_measure(stated(tmp_path, target.getvalue())) == VALUES


def test_a_form_of_old_excel(tmp_path: Path) -> None:
    made = xlwt.Workbook(encoding="utf-8")
    page = made.add_sheet("Tháng 11")
    rows = sheet(NUMBERS, ONE, TWO, TOTAL)
    top = rows.index(HEAD[0])
    inside = set()
    for first, left, last, right in MERGED:
        page.write_merge(top + first, top + last, left, right, rows[top + first][left])
        inside |= {(top + r, c) for r in range(first, last + 1) for c in range(left, right + 1)}
    for number, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell != "" and (number, column) not in inside:
                page.write(number, column, cell)
    target = io.BytesIO()
    made.save(target)
    assert by_measure(stated(tmp_path, target.getvalue(), "BC 06A thang 11.xls")) == VALUES


def test_what_nobody_states_is_missing_and_not_zero(tmp_path: Path) -> None:
    rows = [[*row[:12], "-"] for row in (ONE, TWO, TOTAL)]
    found = by_measure(stated(tmp_path, book({"1": sheet(*rows)})))
    assert found == {m: v for m, v in VALUES.items() if m != "overdue_in_process"}


def test_a_broken_cell_spoils_its_own_measure_alone(tmp_path: Path) -> None:
    broken = [*ONE[:9], "#REF!", *ONE[10:]]
    found = by_measure(stated(tmp_path, book({"1": sheet(broken, TWO, TOTAL)})))
    assert found == {**VALUES, "finished_late": unread.mark("error")}


@pytest.mark.parametrize(
    ("sheet_name", "file", "period"),
    [
        ("Sheet1", "bieu_06a_T11_2026.xlsx", ("15/10/2026", "14/11/2026")),
        ("Tháng 01.2026", "06a.xlsx", ("15/12/2025", "14/01/2026")),
        ("T3", "06a-2026.xlsx", ("15/02/2026", "14/03/2026")),
    ],
)
def test_the_period_is_in_the_names_where_no_title_says_it(
    tmp_path: Path, sheet_name: str, file: str, period: tuple[str, str]
) -> None:
    (first, *_) = stated(tmp_path, book({sheet_name: sheet(*ALONE, title="")}), file)
    assert (first["from"], first["to"]) == period


def test_a_file_whose_title_was_not_changed(tmp_path: Path) -> None:
    made = book({"T11": sheet(*ALONE, title="Từ ngày 15/9/2026 đến ngày 14/10/2026")})
    with pytest.raises(ContractBroken, match=r"sheet T11\]: it names different days: title 15/09/2026 to"):
        stated(tmp_path, made, "bc_06a_T11_2026.xlsx")


def test_a_sheet_for_each_month(tmp_path: Path) -> None:
    months = {f"Tháng {n}-2026": sheet(*ALONE, title="") for n in (9, 10)}
    records = stated(tmp_path, book(months))
    assert {record["to"] for record in records} == {"14/09/2026", "14/10/2026"}
    assert len(records) == 22


WRONG = [*TOTAL[:9], 101, *TOTAL[10:]]


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        (
            {"T11": sheet(ONE, TWO, WRONG)},
            "T11]: column Số hồ sơ đã giải quyết / Quá hạn: the rows add up to 100, row 9 .* states 101",
        ),
        (
            {"1": sheet(["I", "Cấp tỉnh", *WRONG[2:]], ONE, TWO, TOTAL)},
            r"column Số hồ sơ đã giải quyết / Quá hạn: .* row 7 \(their total\)",
        ),
        ({"1": sheet(TOTAL, ONE, TWO, ["", "Cộng", *WRONG[2:]])}, r"row 10 \(the total of a group\) states 101"),
        ({"1": sheet(*ALONE, title="")}, "does not say which days"),
        ({"1": sheet(*ALONE, title="Tháng 13 năm 2026")}, "a period that does not exist"),
        ({"T11.2026": sheet(*ALONE), "Tháng 11": sheet(*ALONE)}, "sheet Tháng 11]: it is of the same period"),
        ({"1": sheet()}, "no row with numbers"),
        ({"1": sheet(["", "", *ONE[2:]])}, "row 7 has numbers and no name"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_believed(tmp_path: Path, sheets: dict[str, Any], words: str) -> None:
    with pytest.raises(ContractBroken, match=words):
        stated(tmp_path, book(sheets))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Đơn vị báo cáo: SỞ  NỘI VỤ          Đơn vị nhận: Bộ Nội vụ", ""),
        ("Đơn vị báo cáo: Sở Nội vụ, tỉnh Cao Bằng", ""),
        ("Đơn vị báo cáo:|Sở Nội vụ|Biểu số II.06a", ""),
        ("Đơn vị báo cáo: Sở Nội vụ và Lao động", "sheet 1]: it is of another unit than Sở Nội vụ"),
        ("Đơn vị báo cáo: Sở Nội vụ, Lao động", "sheet 1]: it is of another unit than Sở Nội vụ"),
        ("Đơn vị báo cáo: Sở Tài chính", "sheet 1]: it is of another unit than Sở Nội vụ"),
        ("Đơn vị nhận báo cáo: Sở Nội vụ", "it does not say which unit it is of"),
    ],
)
def test_a_form_of_another_unit(tmp_path: Path, line: str, words: str) -> None:
    put(tmp_path, "06a.xlsx", book({"1": [line.split("|"), *sheet(*ALONE)]}))
    speaks = profile("report-ii06a")
    assert len(read(speaks, tmp_path.as_uri())[0]) == 11  # nobody asked whose it is
    with pytest.raises(ContractBroken, match=words) if words else nullcontext():
        assert len(read(speaks, tmp_path.as_uri(), named="Sở Nội vụ")[0]) == 11


@pytest.mark.parametrize(
    ("row", "column", "text", "words"),
    [
        (4, 9, "Trễ hạn", "heading Đã giải quyết / Quá hạn is missing"),
        (3, 1, "Nội dung", "heading Lĩnh vực, công việc giải quyết theo cấp is missing"),
        (4, 8, "Trước hạn", "heading Đã giải quyết / Trước hạn stands twice"),
    ],
)
def test_a_heading_that_was_renamed(tmp_path: Path, row: int, column: int, text: str, words: str) -> None:
    rows = [list(cells) for cells in sheet(*ALONE)]
    rows[row][column] = text
    with pytest.raises(ContractBroken, match=words):
        stated(tmp_path, book({"1": rows}))
