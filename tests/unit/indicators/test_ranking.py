"""Ranks with ties, and what has none."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cchc.indicators.ranking import places


def _values(*texts: str | None) -> list[Decimal | None]:
    return [None if t is None else Decimal(t) for t in texts]


def test_equal_numbers_share_a_rank_and_the_next_is_skipped() -> None:
    assert places(_values("99.1", "97.0", "99.1", "50", "97.0"), "higher") == [1, 3, 1, 5, 3]
    assert places(_values("0", "3", "0", "7"), "lower") == [1, 3, 1, 4]


def test_a_number_that_is_not_known_has_no_rank_and_takes_none() -> None:
    assert places(_values(None, "1", None, "2"), "higher") == [None, 2, None, 1]
    assert places(_values(None, None), "lower") == [None, None]


@given(st.lists(st.one_of(st.none(), st.integers(0, 5).map(Decimal)), max_size=12))
def test_a_rank_is_one_more_than_the_number_of_better_ones(values: list[Decimal | None]) -> None:
    for value, rank in zip(values, places(values, "higher"), strict=True):
        if value is None:
            assert rank is None
        else:
            assert rank == 1 + len([v for v in values if v is not None and v > value])
