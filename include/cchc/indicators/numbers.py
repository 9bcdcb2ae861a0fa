"""Numbers as Vietnamese officers write them, and the declared rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from typing import Literal

_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}
_SWAP = str.maketrans(",.", ".,")


def rounded(value: Decimal, decimals: int, rounding: Literal["half_up", "half_even"] = "half_up") -> Decimal:
    """Return `value` with exactly `decimals` places."""
    with localcontext() as context:
        context.prec = 60
        return value.quantize(Decimal(1).scaleb(-decimals), rounding=_MODES[rounding])


def percent(numerator: Decimal, denominator: Decimal) -> Decimal:
    """Return 100 × numerator / denominator, unrounded; the denominator is not zero."""
    with localcontext() as context:
        context.prec = 60
        return 100 * numerator / denominator


def printed(value: Decimal, decimals: int | None = None) -> str:
    """Return `1.234,5`; with `decimals` None as many places as the number needs."""
    if decimals is None:
        return f"{value:,f}".translate(_SWAP) if value % 1 else f"{value:,.0f}".translate(_SWAP)
    return f"{value:,.{decimals}f}".translate(_SWAP)
