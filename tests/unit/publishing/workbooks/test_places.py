"""Where a row to correct stands, in a list that must not change while nothing is corrected."""

from __future__ import annotations

import pytest

from cchc.publishing.workbooks import places


@pytest.mark.parametrize(
    ("page", "lasting"),
    [
        ("so-di.csv:12", "tệp so-di.csv, dòng 12"),
        ("so.xlsx sheet Hồ sơ row 7", "tệp so.xlsx, trang tính Hồ sơ, dòng 7"),
        ("in 2026-11 page 3 docId 77-AB", "docId 77-AB"),
        ("2", ""),  # the second page of an answer: tomorrow it is on the first
        ("open 2026-11-14 page 2", ""),
        ("v_ho_so page 1 row 12", ""),
    ],
)
def test_only_a_place_that_lasts_is_told(page: str, lasting: str) -> None:
    assert places.lasting(page) == lasting
