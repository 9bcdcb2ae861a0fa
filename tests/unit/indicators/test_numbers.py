"""Numbers as officers write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.indicators.numbers import percent, printed, rounded


@pytest.mark.parametrize(
    ("value", "decimals", "rounding", "expected"),
    [
        ("41.6", 0, "half_up", "42"),
        ("95.3150", 1, "half_up", "95,3"),
        ("97.7331", 1, "half_up", "97,7"),
        ("0.5", 0, "half_up", "1"),
        ("0.5", 0, "half_even", "0"),
        ("2.25", 1, "half_up", "2,3"),
        ("2.25", 1, "half_even", "2,2"),
        ("1234567.891", 2, "half_up", "1.234.567,89"),
        ("0", 1, "half_up", "0,0"),
    ],
)
def test_declared_rounding(
    value: str, decimals: int, rounding: Literal["half_up", "half_even"], expected: str
) -> None:
    assert printed(rounded(Decimal(value), decimals, rounding), decimals) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("11999", "11.999"), ("1", "1"), ("0.5", "0,5"), ("1E+3", "1.000"), ("2.50", "2,50")],
)
def test_as_many_places_as_needed(value: str, expected: str) -> None:
    assert printed(Decimal(value)) == expected


@given(st.integers(0, 10**15), st.integers(1, 10**15))
def test_a_share_of_a_whole_is_exact_enough_to_round(numerator: int, denominator: int) -> None:
    share = percent(Decimal(numerator), Decimal(denominator))
    assert abs(share * denominator - 100 * numerator) < Decimal("1e-20") * (1 + 100 * numerator)
