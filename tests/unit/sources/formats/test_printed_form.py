"""Forms as offices fill them in: each is read right, or refused with the row, the column or the days, and why."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from cchc.sources import unread
from cchc.sources.formats.forms.period import check_file, period_of
from cchc.sources.formats.isolation import BadWorkbook, Broken
from unit.sources.formats.forms import FORMULAS, LETTERED, NOVEMBER, SIGNED, chosen, form, read, row

ERROR = unread.mark("error")
A, B = row(1, "Đất đai", 1), row(2, "Hộ tịch", 2)
PLAIN_A, PLAIN_B = row("", "Đất đai", 1), row("", "Hộ tịch", 2)
ALL = row("", "Tổng cộng", 3)
GROUP = [row("I", "Cấp tỉnh", None), A, row("", "Cộng", 1), row("II", "Cấp xã", None), B, row("", "Cộng", 2)]
BROKEN = ["", "Hộ tịch", *[Broken("error")] * 11]
TEXTS = ["", "Hộ tịch", *["20 hs"] * 11]
SIGNATURE = ["", "NGƯỜI LẬP BIỂU", *[""] * 6, "Cao Bằng, ngày 16 tháng 11 năm 2026", *[""] * 4]
LEVELS = [
    *(row("A", "Cấp tỉnh", 1), A),
    *(row("B", "Cấp huyện", 1), row(1, "Hộ tịch", 1)),
    *(row("C", "Cấp xã", 1), row(1, "Hộ tịch", 1)),
]
NEGATIVE = [-1, -2, "(3)=(4)+(5)+(6)", *range(-4, -14, -1)]  # what a spreadsheet makes of a typed (1)
SHARE = ["", "Tỷ lệ (%)", "", 0.4, 0.5, 0.1, *[""] * 7]
ALONE = ["", "", *[""] * 5, 2, *[""] * 5]  # the page's number, a telephone
MORE = row("", "Trong đó: lần đầu", 4)
OLD = [
    row("", name, 30) for name in ("So với kỳ trước", "Cùng kỳ năm 2025", "Tháng trước", "Tăng (+), giảm (-)")
]
ZEROS = row("", "", 0)
COLUMN = "column Tiếp nhận / Tổng số: the rows add up to"


@pytest.mark.parametrize(
    "rows",
    [
        (A, B, ALL, SIGNATURE),
        (ALL, A, B, SIGNATURE),
        (ALL, A, B, row("", "Cộng", 3)),  # stated above and below
        (*GROUP, ALL),
        (row("A", "TTHC", 3), *GROUP, ALL),
        (row("I", "Cấp tỉnh", 1), A, row("II", "Cấp xã", 2), B, ALL),
        (row("", "I. Cấp tỉnh", 3), PLAIN_A, PLAIN_B, ALL),
        (row("", "I. Cấp tỉnh", 3), row("", "1. Đất đai", 1), row("", "2. Hộ tịch", 2), ALL),
        (row("I)", "Cấp tỉnh", 3), row("1)", "Đất đai", 1), row("(2)", "Hộ tịch", 2), ALL),
        (row(1, "Cấp tỉnh", 3), row("a", "Đất đai", 1), row("b)", "Hộ tịch", 2), ALL),
        (row(1, "Cấp tỉnh", 3), row("-", "Đất đai", 1), row("-", "Hộ tịch", 2), ALL),
        (row(1, "Cấp tỉnh", 3), row("", "- Đất đai", 1), row("", "- Hộ tịch", 2), ALL),
        (A, *form()[2:], B, ALL),  # the headings again, on the next page
        (row("", "TTHC CẤP TỈNH", None), PLAIN_A, row("", "TTHC CẤP XÃ", None), PLAIN_B, ALL),
        (A, B, row("Tổng cộng", "", 3)),
        (row("", "TỔNG HỢP THEO LĨNH VỰC", None), A, row(2, "Tổng hợp", 2), ALL),  # a line of text, a field
        (row("I", "Tổng số của tỉnh", 1), A, row("II", "Tổng số của xã", 2), B, ALL),
        (A, B, row("III", "Tổng cộng:", 3)),
        (*LEVELS, ALL),
        (row("A", "Cấp tỉnh", 1), row("I", "Sở", 1), A, row("B", "Cấp xã", 2), row("I", "Xã", 2), B, ALL),
        (row("", "A. Cấp tỉnh", 1), PLAIN_A, row("", "B. Cấp xã", 2), PLAIN_B, row("", "C. Khác", 0),
         row("", "Thuế", 0), ALL),
        ((*(row(letter, "Nhóm", n) for n, letter in enumerate("ABCDĐEFGHIKL", -9) if n > 0), ALL)),
        (*(part for letter in "ABCDEFGH" for part in (row(letter, "Nhóm", 0), row("I", "Sở", 0), row(1, "Đất", 0))),
         row("H", "Nhóm", 3), row("I", "Sở", 1), A, row("II", "Xã", 2), B, ALL),
        # part of the row above
        (row(1, "Đất đai", 3), row("", "Trong đó: lần đầu", 1), ALL),
        (row(1, "Đất đai", 3), row("-", "Trong đó: lần đầu", 1), ALL, row("", "Trong đó: trực tuyến", 2)),
        (A, row("", "- Trong đó: lần đầu", 1), B, ALL),
        (A, row("", "Trong đó:", None), row("-", "lần đầu", 1), row("+", "xã", 1), B, row("-", "Trong đó", None), ALL),
        (row("", "Đất đai", 3), row("", "(Trong đó):", None), row("-", "lần đầu", 1), row("-", "cấp lại", 1), ALL),
        (row("I", "Cấp tỉnh", 3), row("", "Trong đó: trực tuyến", 2), A, B, ALL),
        (row(1, "Cấp tỉnh", None), row("", "Trong đó:", None), row("-", "Đất", 1), row("-", "Hộ tịch", 2), ALL),
        (row("", "Tổng số", 3), row("", "Trong đó: Đất đai", 1), PLAIN_B),  # all there is
        (row("I", "Cấp tỉnh", None), row("", "Trong đó: Đất đai", 1), row("", "Trong đó: Hộ tịch", 2), ALL),
        (A, row(2, "Trong đó: Hộ tịch", 2), ALL),  # a row of its own
        (A, row("", "Trong đó: lần đầu", 1), row("", "CẤP XÃ", 2), B, ALL),
        # groups without a number
        (row("", "CẤP TỈNH", 1), A, row("", "CẤP XÃ", 2), row(1, "Hộ tịch", 2), ALL),
        (row("", "CẤP TỈNH", 1), PLAIN_A, row("", "Cộng", 1), row("", "CẤP XÃ", 2), PLAIN_B, row("", "Cộng", 2), ALL),
        (row("I", "Sở", 3), row("", "CẤP TỈNH", 1), A, row("", "CẤP XÃ", 2), B, row("II", "Khác", 0), ALL),
        (row("", "CẤP TỈNH", 3), row("I", "Sở", 1), A, row("II", "Xã", 2), B, row("", "CẤP HUYỆN", 0), ALL),
        (row("", "ĐẤT ĐAI", 1), row("", "HỘ TỊCH", 2), ALL),
        (row("", "Cấp tỉnh", 1), A, row("", "Cấp xã", 2), row(1, "Hộ tịch", 2), ALL),
        (row("", "Cấp tỉnh", 1), A, row("", "Trong đó: lần đầu", 0), row("", "Cấp xã", 2), row(1, "Hộ tịch", 2), ALL),
        (row("I", "Sở", 3), PLAIN_A, PLAIN_B, row("II", "Huyện", 0), row("", "Thuế", 0), row("III", "Xã", 0), ALL),
        (row("I", "Sở", 2), row("", "Đất đai", 1), PLAIN_A, row("II", "Xã", 1), row("", "Thuế", 1), ALL),
        # totals of groups above their rows
        (row("", "Tổng số cấp tỉnh", 1), A, row("", "Tổng số cấp xã", 2), row(1, "Hộ tịch", 2), ALL),
        (ALL, row("", "Cộng cấp tỉnh", 1), A, row("", "Cộng cấp xã", 2), row(1, "Hộ tịch", 2)),
        (ALL, A, row("", "Cộng", 1), B, row("", "Cộng", 2)),
        # below the total
        (A, B, ALL, SHARE, row("", "Lũy kế từ đầu năm", 30), ["", "Người lập biểu"], ALONE),
        (ALL, A, B, ["Tỉ lệ", *SHARE[1:]], row("", "Luỹ kế", 30)),
        (A, B, ALL, *OLD),
        (A, ["", "Tỷ lệ (%)", "95,5%", "40%", *[""] * 9], B, ALL),
        (A, ZEROS, B, ALL, ZEROS, ZEROS),  # formulas drawn further down
        (A, B, ALL, row("", "Trong đó: cấp tỉnh", 1), row("", "Cấp xã", 2), SHARE),
        # headings and titles on another page, with the numbers of the columns
        (A, *form(numbers=["", "", *range(1, 12)])[2:], B, ALL),
        # nothing, as people write it; thousands apart
        (A, [3, "Thuế", "--", "...", "…", "/", "_", *[""] * 6], B, ALL),
        # no totals
        (PLAIN_A, row("", "Cộng đồng dân cư", 2), ALL),
        (PLAIN_A, row("", "Tổng đài hỗ trợ", 2), ALL),
        (row("", "Cấp tỉnh:", None), PLAIN_A, row("", "Cộng cấp tỉnh", 1), B, row("", "Cộng II", 2), ALL),
        *(
            (first, second, row("", total, 3))
            for first, second in ((A, B), (PLAIN_A, PLAIN_B))
            for total in (
                *("Tổng cộng toàn sở", "TỔNG CỘNG CHUNG", "Tổng cộng I+II", "Tông cộng", "Tổng cộng = 1+2"),
                *("Cộng chung", "Tổng số hồ sơ", "Tổng toàn tỉnh", "Tổng cộng: 3 lĩnh vực"),
                *("T.Cộng", "Tổng cộng (1+2)"),
            )
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("numbers", [SIGNED, LETTERED, FORMULAS, NEGATIVE, ()])
def test_a_form_is_read_right(rows: tuple[list[Any], ...], numbers: list[Any]) -> None:
    assert read(form(*rows, numbers=numbers)) == (NOVEMBER, "30")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((A, B), "it has no row Tổng cộng"),
        ((PLAIN_A, PLAIN_B, row("", "Toàn tỉnh", 3)), "it has no row Tổng cộng"),
        ((row("", "I. Cấp tỉnh", 3), PLAIN_A, PLAIN_B), "it has no row Tổng cộng"),
        ((PLAIN_A, BROKEN), "it has no row Tổng cộng"),
        ((PLAIN_A, TEXTS), "it has no row Tổng cộng"),
        (GROUP, f"{COLUMN} 30, row 11 (their total) states 20"),
        ((PLAIN_A, PLAIN_B, row("", "Toàn tỉnh", 3), ALL), f"{COLUMN} 60, row 9 (their total) states 30"),
        ((A, B, row("", "Tổng cộng", 4)), f"{COLUMN} 30, row 8 (their total) states 40"),
        ((A, B, row("", "Tổng cộng", None)), "it has no row Tổng cộng"),
        ((A, B, [*ALL[:2], "", *ALL[3:]]), f"{COLUMN} 30, row 8 (their total) states nothing"),
        ((*GROUP[:2], row("", "Cộng", 2), *GROUP[3:], ALL), f"{COLUMN} 10, row 8 (the total of a group) states 20"),
        ((*GROUP[:2], [*ALL[:2], "", *ALL[3:]], *GROUP[3:], ALL),
         f"{COLUMN} 10, row 8 (the total of a group) states nothing"),
        ((row("I", "Cấp tỉnh", None), row("", "Cộng", 1), ALL),
         f"{COLUMN} nothing, row 7 (the total of a group) states 10"),
        ((A, ALL, row(2, "Hộ tịch, thêm sau", 2)), "row 8 has numbers and stands below the total in row 7"),
        ((A, row("", "Cộng", 1), ["", "Ghi chú"], row(2, "Thêm", 2), SIGNATURE), "row 9 has numbers and stands below"),
        ((A, ALL, [2, *TEXTS[1:]]), "row 8 has numbers and stands below the total in row 7"),
        ((A, row("", "Cộng", 1), *form(B, row("", "Cộng", 2))[2:]), f"{COLUMN} 30, row 12 (their total) states 20"),
        ((row("", "Tổng cộng", 1), A, row("", "Cộng", 2), B), f"{COLUMN} 10, row 8 (the total of a group) states 20"),
        ((row(1, "Đất đai", 3), MORE, ALL), f"{COLUMN} 40, row 6 (which they are part of) states 30"),
        ((A, B, ALL, MORE), f"{COLUMN} 40, row 8 (which they are part of) states 30"),
        ((row(1, "Đất đai", 3), row("", "Trong đó: lần đầu", 2), row("", "cấp lại", 2), ALL),
         f"{COLUMN} 40, row 6 (which they are part of) states 30"),
        ((row(1, "Đất đai", 3), row("", "Trong đó: lần đầu", 1), row("1.1", "Cấp", 2), ALL), f"{COLUMN} 20, row 6"),
        ((A, row("", "Trong đó: lần đầu", 1), PLAIN_B, ALL), f"{COLUMN} 30, row 6 (which they are part of) states 10"),
        ((row("", "CẤP TỈNH", 2), A, row("", "CẤP XÃ", 2), B, ALL), f"{COLUMN} 50, row 10 (their total) states 30"),
        ((row("", "Cấp tỉnh", 2), A, row("", "Cấp xã", 2), row(1, "Hộ tịch", 2), ALL), f"{COLUMN} 50, row 10"),
        ((A, B, ALL, row("", "Trong đó: cấp tỉnh", 1), row("", "Cấp xã", 3)),
         f"{COLUMN} 40, row 8 (which they are part of) states 30"),
        ((A, row("", "Cộng", 1), row("", "Trong đó: lần đầu", 1), PLAIN_B, ALL, row(3, "Thêm", 1)),
         "row 11 has numbers and stands below the total in row 10"),
        ((row("", "Tổng số cấp tỉnh", 1), A, row("", "Tổng số cấp xã", 1), B, ALL),
         f"{COLUMN} 30, row 6 (their total) states 10"),
        ((A, SHARE, B, ALL), "column"),
        ((A, ALONE, B, ALL), "row 7 has numbers and no name"),
        ((A, ALL, SHARE, row(2, "Thêm", 2)), "row 9 has numbers and stands below the total in row 7"),
        ((A, ALL, ALONE, ["", "", *ALL[2:]]), "row 8 has numbers and no name"),
        ((A, row("", "", 2), ALL), "row 7 has numbers and no name"),
        ((row("I", "Cấp tỉnh", 2), A, B, ALL), f"{COLUMN} 30, row 6 (their total) states 20"),
        ((), "no row with numbers"),
        ((row("I", "Cấp tỉnh", None), SIGNATURE), "no row with numbers"),
    ],
)  # fmt: skip
def test_a_form_is_refused_with_row_and_reason(rows: tuple[list[Any], ...], words: str) -> None:
    with pytest.raises(BadWorkbook, match=re.escape(words)):
        read(form(*rows))


@pytest.mark.parametrize(
    ("rows", "mark"),
    [
        ((PLAIN_A, BROKEN, ALL), "error"),
        ((PLAIN_A, TEXTS, ALL), "amount"),
        ((*GROUP[:4], BROKEN, *GROUP[5:], ALL), "error"),
    ],
)
def test_a_row_of_broken_cells_is_not_lost(rows: tuple[list[Any], ...], mark: unread.Why) -> None:
    assert read(form(*rows)).to_handle == unread.mark(mark)


def test_a_formula_that_was_never_worked_out_is_told_as_one() -> None:
    rows = form(PLAIN_A, ["", "Hộ tịch", *[Broken("formula")] * 11], ALL)
    assert read(rows).to_handle == unread.mark("formula")


Q4, YEAR = ("15/09/2026", "14/12/2026"), ("15/12/2025", "14/12/2026")


@pytest.mark.parametrize(
    ("title", "sheet", "file", "days"),
    [
        *(
            (title, "Sheet1", "bc_06a_2026.xlsx", NOVEMBER)
            for title in (
                "Từ ngày 15/10 đến ngày 14/11/2026",
                "Từ ngày 15-10-2026 đến ngày 14-11-2026",
                "Từ ngày 15.10.2026 đến 14.11.2026",
                "Từ 15/10/2026 đến hết ngày 14/11/2026",
                "(15/10/2026 - 14/11/2026)",
                "ngày 15 tháng 10 đến ngày 14 tháng 11 năm 2026",
                "Từ ngày 15 tháng 10 năm 2026 đến ngày 14 tháng 11 năm 2026",
                "Từ ngày 15/10 đến ngày 14/11",
                "TỪ 15 THÁNG 10 ĐẾN 14 THÁNG 11 NĂM 2026",
                "Tháng 11, năm 2026",
                "Tháng 11 - năm 2026",
                "THÁNG 11 NĂM 2026",
                "Kỳ báo cáo: T11/2026",
                "Báo cáo tháng 11",
                "Năm báo cáo: 2026\nKỳ báo cáo: Tháng 11",
                "Tháng 11 năm 2026 (từ ngày 15/10/2026 đến ngày 14/11/2026)",
                "Thông tư số 01/2020/TT-VPCP ngày 21 tháng 10 năm 2020\nTháng 11/2026\nngày 20 tháng 12 năm 2026",
                "Cao Bằng, ngày      tháng 12 năm 2026\nTháng 11/2026",
                "Từ 0h00 ngày 15/10/2026 đến 17h00 ngày 14/11/2026",
                "Từ ngày 15 tháng 10 đến hết 17 giờ ngày 14 tháng 11 năm 2026",
                "Tháng 11 - 06/BC-SNV, năm 2026",
                *("Tháng: 11 Năm: 2026", "Kỳ báo cáo tháng: 11 năm: 2026", "Tháng báo cáo: 11/2026", "Kỳ: 11.2026"),
                "Báo cáo 6 tháng: 18/6/2026; báo cáo năm: 10/12/2026\nKỳ báo cáo: Tháng 11/2026",
            )
        ),
        ("Quý IV, năm 2026", "Sheet1", "06a.xlsx", Q4),
        ("Quý: IV Năm: 2026", "Sheet1", "06a.xlsx", Q4),
        ("Kỳ báo cáo: Quý IV/Năm 2026\nBáo cáo quý I: gửi trước ngày 18 tháng 3", "Q4-2026", "06a_Q1.xlsx", Q4),
        ("Quý 4/2026", "T12", "06a.xlsx", Q4),  # called by its last month
        ("6 tháng đầu năm 2026", "T6", "06a.xlsx", ("15/12/2025", "14/06/2026")),
        ("6 tháng cuối năm 2026", "Sheet1", "06a.xlsx", ("15/06/2026", "14/12/2026")),
        ("9 tháng năm 2026", "Sheet1", "06a.xlsx", ("15/12/2025", "14/09/2026")),
        ("Kỳ báo cáo: năm 2026", "Sheet1", "06a.xlsx", YEAR),
        ("Số liệu cả năm 2026", "Sheet1", "06a.xlsx", YEAR),
        ("Quý I, II năm 2026", "Sheet1", "06a.xlsx", ("15/12/2025", "14/06/2026")),
        ("Quý III và quý IV năm 2026", "Sheet1", "06a.xlsx", ("15/06/2026", "14/12/2026")),
        ("Quý I, 3 tháng đầu năm 2026", "Sheet1", "06a.xlsx", ("15/12/2025", "14/03/2026")),
        ("Tháng 10, 11 và 12 năm 2026", "Sheet1", "06a.xlsx", Q4),
        ("Tháng 10-11/2026", "Sheet1", "06a.xlsx", ("15/09/2026", "14/11/2026")),
        ("", "Sheet1", "06a_T10-11_2026.xlsx", ("15/09/2026", "14/11/2026")),
        ("", "T10,11/năm 2026", "06a.xlsx", ("15/09/2026", "14/11/2026")),
        *(
            ("Năm 2026", sheet, file, ("15/03/2026", "14/04/2026"))
            for sheet, file in (
                *(("Sheet1", "Thang 4 - 06a.xlsx"), ("Sheet1", "T4, 06a.xlsx"), ("Sheet1", "T4 - 06A.xlsx")),
                *(("T4-06a", "06a.xlsx"), ("T4 - 06/BC", "06a.xlsx"), ("T4-7a", "bc.xlsx")),
            )
        ),
        ("Năm 2026", "Sheet1", "Thang 1 - 06a.xlsx", ("15/12/2025", "14/01/2026")),
        ("Tháng 11 năm 2026", "Sheet1", "Thang 11 - 06a.xlsx", NOVEMBER),
        ("Tháng 11 năm 2026", "T11-06a", "06a.xlsx", NOVEMBER),
        ("Từ ngày 15/12 đến ngày 14/01/2027", "T1", "06a.xlsx", ("15/12/2026", "14/01/2027")),
        ("Tháng 10/2026 (từ 01/10/2026 đến 31/10/2026)", "T10", "06a_T10.xlsx", ("01/10/2026", "31/10/2026")),
        ("Từ tháng 10 đến tháng 11 năm 2026", "Sheet1", "06a.xlsx", ("15/09/2026", "14/11/2026")),
        ("", "T11-26", "06a.xlsx", NOVEMBER),
        ("", "T11 (2)", "06a-2026.xlsx", NOVEMBER),
        ("", "BC thang 11.2026", "06a.xlsx", NOVEMBER),
        ("", "Năm 2026", "06a.xlsx", YEAR),
        ("", "Sheet1", "2051_BC-SNV_06a_T11_2026.xlsx", NOVEMBER),
        ("", "Sheet1", "06a quy 4 nam 2026.xlsx", Q4),
        ("Tháng 11 năm 2026", "Sheet1", "06a quy 4 nam 2026.xlsx", NOVEMBER),
    ],
)  # fmt: skip
def test_the_days_of_a_form(title: str, sheet: str, file: str, days: tuple[str, str]) -> None:
    note = ["", "So với kỳ từ ngày 15/9/2026 đến ngày 14/10/2026; ghi chú: tháng 9 năm 2026"]
    assert read(form(A, B, ALL, note, title=title), sheet, file).period == days


TOLD = "title 15/09/2026 to 14/10/2026, sheet 15/10/2026 to 14/11/2026, file 15/10/2026 to 14/11/2026"


@pytest.mark.parametrize(
    ("title", "sheet", "file", "words"),
    [
        ("", "Sheet1", "bc_06a_2026.xlsx", "does not say which days"),
        ("", "T11", "bc_06a.xlsx", "does not say which days"),
        ("", "T11", "2019_BC-SNV_06a.xlsx", "does not say which days"),
        ("", "T11", "06a gửi 05.01.2027.xlsx", "does not say which days"),
        ("BÁO CÁO NĂM 2026", "Sheet1", "06a.xlsx", "of 2026 says no days, Kỳ báo cáo: năm 2026 does"),
        ("Tháng 13 năm 2026", "Sheet1", "06a.xlsx", "a period that does not exist"),
        ("Từ ngày 15/11/2026 đến ngày 14/10/2026", "Sheet1", "06a.xlsx", "ends before it begins"),
        ("Từ ngày 15/9/2026 đến ngày 14/10/2026", "T11", "06a_T11_2026.xlsx", TOLD),
        ("Tháng: 10 Năm: 2026", "T11", "06a.xlsx", "sheet 15/10/2026 to 14/11/2026; which of them"),
        ("Tháng 01/11/2026", "Sheet1", "06a_2026.xlsx", "does not say which days"),  # a day that shows its month alone
        ("Tháng 10 năm 2026", "T11", "06a.xlsx", "sheet 15/10/2026 to 14/11/2026; which of them"),
        ("Từ ngày 15/9 đến ngày 14/10", "T11", "06a-2026.xlsx", "it names different days"),
        ("Tháng 10 năm 2026", "Sheet1", "06a_T11_2026.xlsx", "the file's name says 15/10/2026 to 14/11/2026"),
        ("", "T10", "06a_T11_2026.xlsx", "and it counts 15/09/2026 to 14/10/2026 in sheet T10"),
        ("", "Sheet1", "06a_T10_T11_2026.xlsx", "it names different days"),
        (f"Thay thế báo cáo từ ngày 15/9/2026 đến ngày 14/10/2026\n{TOLD}\nTháng 11/2026", "Sheet1", "06a.xlsx",
         "it names different days: title 15/09/2026 to 14/10/2026, title 15/10/2026 to 14/11/2026"),
        ("Tháng 10/2026 và tháng 11/2026", "T11", "06a.xlsx", "it names different days"),
        ("THÁNG 11 VÀ LŨY KẾ 11 THÁNG NĂM 2026", "T11", "06a.xlsx", "it names different days"),
        ("Tháng 11 (lũy kế 11 tháng), năm 2026", "T11", "06a.xlsx", "it names different days"),
        ("Tháng 11 và 11 tháng năm 2026", "T11", "06a.xlsx", "it names different days"),
        ("Tháng 1 và 6 tháng đầu năm 2026", "Sheet1", "06a.xlsx", "it names different days"),
        ("Tháng 11, quý IV năm 2026", "Sheet1", "06a.xlsx", "it names different days"),
        ("Quý II và 6 tháng đầu năm 2026", "T6", "06a.xlsx", "it names different days"),
    ],
)  # fmt: skip
def test_days_that_nobody_can_tell(title: str, sheet: str, file: str, words: str) -> None:
    with pytest.raises(BadWorkbook, match=re.escape(words)):
        read(form(A, B, ALL, title=title), sheet, file)


@pytest.mark.parametrize(
    "line",
    [
        ["Từ ngày", date(2026, 9, 15), "đến ngày", date(2026, 10, 14)],
        ["Kỳ báo cáo: Tháng", 10.0, "Năm", 2026],
    ],
)
def test_a_title_in_cells_of_days_and_numbers(line: list[Any]) -> None:
    rows = [line, *form(A, B, ALL, title="")]
    assert read(rows).period == ("15/09/2026", "14/10/2026")
    with pytest.raises(BadWorkbook, match="it names different days: title 15/09/2026 to 14/10/2026, sheet"):
        read(rows, sheet="T11.2026")


def test_another_number_in_the_title_is_no_day() -> None:
    for line in (["Số:", 15.0, "Tháng 11 năm 2026"], ["Số: 15", "", "Tháng 11 năm 2026"]):
        assert read([line, *form(A, B, ALL, title="")]).period == NOVEMBER


def test_a_file_is_called_by_one_of_its_sheets() -> None:
    periods = chosen().periods
    found = {period_of(periods, [], name, "06a_T11_2026.xlsx"): name for name in ("T9", "T10", "T11")}
    check_file(periods, "06a_T11_2026.xlsx", found)
    with pytest.raises(BadWorkbook, match=r"in sheet T9, .* in sheet T11: which of them is it"):
        check_file(periods, "06a_T12_2026.xlsx", found)
