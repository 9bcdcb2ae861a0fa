"""Where refused records stand, in words, from what stands beside them."""

from __future__ import annotations

import pytest

from cchc.alerting.refused import Gap, in_words

CSV, SHEET = "so_{}.csv:{}", "so.xlsx sheet Thủ tục row {}"


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        (
            [
                Gap(3, 3, CSV.format(1, 3), CSV.format(1, 5)),
                Gap(9, 11, CSV.format(1, 9), CSV.format(1, 13)),
                Gap(40, 40, CSV.format(2, 7), CSV.format(2, 9)),
            ],
            ["tệp so_1.csv, dòng 4, 10–12", "tệp so_2.csv, dòng 8"],
        ),
        (
            [Gap(3, 4, SHEET.format(7), SHEET.format(10)), Gap(9, 9, SHEET.format(14), SHEET.format(16))],
            ["tệp so.xlsx, trang tính Thủ tục, dòng 8–9, 15"],
        ),
        # a record of several lines, or an empty line: which of the lines is not known
        (
            [Gap(3, 3, CSV.format(1, 3), CSV.format(1, 8))],
            ["tệp so_1.csv, dòng 3 – tệp so_1.csv, dòng 8, bản ghi thứ 3"],
        ),
        (
            [Gap(3, 4, CSV.format(1, 3), CSV.format(2, 2))],
            ["tệp so_1.csv, dòng 3 – tệp so_2.csv, dòng 2, bản ghi thứ 3–4"],
        ),
        (
            [Gap(1, 1, None, CSV.format(1, 3))],
            ["đầu đợt dữ liệu – tệp so_1.csv, dòng 3, bản ghi thứ 1"],
        ),
        ([Gap(8, 9, CSV.format(1, 8), None)], ["tệp so_1.csv, dòng 8 – hết, bản ghi thứ 8–9"]),
        (
            [Gap(12, 12, "1", "1")],
            ["trang 1, bản ghi thứ 12"],
        ),
        (
            [Gap(5, 5, "fromReceiveDate 1", "fromReceiveDate 1"), Gap(7, 7, *["fromReceiveDate 1"] * 2)],
            ["hồ sơ tiếp nhận, trang 1, bản ghi thứ 5", "hồ sơ tiếp nhận, trang 1, bản ghi thứ 7"],
        ),
        ([Gap(1200, 1201, "6", "7")], ["trang 6 – trang 7, bản ghi thứ 1.200–1.201"]),
        ([Gap(5, 5, "in 1 docId 7", None)], ["văn bản đến, trang 1, docId 7 – hết, bản ghi thứ 5"]),
        (
            [
                Gap(5, 6, "v_ho_so page 1 row 4", "v_ho_so page 1 row 7"),
                Gap(1001, 1001, "v_ho_so page 1 row 1000", "v_ho_so page 2 row 1002"),
            ],
            ["bảng v_ho_so, bản ghi thứ 5–6, 1001"],
        ),
        ([Gap(1, 1300, None, None)], ["toàn bộ đợt dữ liệu, bản ghi thứ 1–1.300"]),
    ],
)
def test_the_place_is_what_is_free_between_the_neighbours(gaps: list[Gap], said: list[str]) -> None:
    assert in_words(gaps) == said
