"""How headings of several levels are merged, and how high texts are."""

from __future__ import annotations

import pytest

from cchc.publishing.workbooks.headings import Heading, headings, heights, lines

WIDTHS = (8, 34, 11, 11)


def test_headings_are_merged_across_equals_and_down_to_the_last_row() -> None:
    found = list(headings([("TT",), ("A", "B", "x"), ("A", "B", "y"), ("A", "z"), ("C", "z")]))
    assert found == [
        Heading(0, 0, 2, 0, "TT"),
        Heading(0, 1, 0, 3, "A"),
        Heading(0, 4, 0, 4, "C"),
        Heading(1, 1, 1, 2, "B"),
        Heading(1, 3, 2, 3, "z"),
        Heading(1, 4, 2, 4, "z"),
        Heading(2, 1, 2, 1, "x"),
        Heading(2, 2, 2, 2, "y"),
    ]


def test_heading_rows_are_as_high_as_their_texts_need() -> None:
    paths = [("TT",), ("Lĩnh vực",), ("Tiếp nhận", "Tổng số"), ("Tiếp nhận", "Trực tiếp, dịch vụ bưu chính")]
    assert heights(list(headings(paths)), WIDTHS) == [1, 3]  # Trực tiếp, | dịch vụ bưu | chính
    reaching_down = [("TT",), ("Lĩnh vực",), ("Hồ sơ đã có thư xin lỗi",), ("Hồ sơ", "Tổng số")]
    assert heights(list(headings(reaching_down)), WIDTHS) == [1, 1]  # two lines over both rows


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("mười chữ nh", 2),
        ("0123456789", 1),
        ("01234567890", 2),
        ("ab 0123456789 cd", 3),
        ("một\nhai", 2),
        ("x" * 25, 3),
    ],
)
def test_a_text_is_broken_between_words_and_where_a_word_is_too_long(text: str, count: int) -> None:
    assert lines(text, 10) == count
