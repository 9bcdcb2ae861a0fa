"""Ranks with ties, and what has none."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cchc.indicators.ranking import places, possible_places


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


def test_a_rank_is_no_more_exact_than_what_is_published() -> None:
    exact = [(Decimal(n), Decimal(n)) for n in (90, 80, 70)]
    assert possible_places(exact, "higher") == [(1, 1), (2, 2), (3, 3)]
    assert possible_places(exact, "lower") == [(3, 3), (2, 2), (1, 1)]
    about = (Decimal(75), Decimal(95))
    assert possible_places([about, *exact], "higher") == [(1, 3), (1, 2), (2, 3), (4, 4)]
    assert possible_places([None, *exact], "higher") == [None, (1, 2), (2, 3), (3, 4)]
    assert possible_places([exact[0], exact[0]], "higher") == [(1, 1), (1, 1)]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=8))
def test_the_true_rank_is_always_possible(drawn: list[tuple[int, int, int]]) -> None:
    values = [Decimal(value) for value, _, _ in drawn]
    ranges = [(Decimal(value - less), Decimal(value + more)) for value, less, more in drawn]
    for better in ("higher", "lower"):
        for true, possible in zip(places(values, better), possible_places(ranges, better), strict=True):
            assert true is not None
            assert possible is not None
            assert possible[0] <= true <= possible[1]
