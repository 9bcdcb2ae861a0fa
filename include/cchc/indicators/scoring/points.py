"""Points of one component from its numerator and denominator, under a named rule version."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Literal

from cchc.catalogue.scores import Component, Rule
from cchc.indicators.numbers import printed

Arithmetic = Literal["exact", "double"]
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Points:
    """A share in percent and its points, both to two decimals; None with the reason (Vietnamese) where not known."""

    ratio: Decimal | None
    score: Decimal | None
    reason: str | None = None
    remark: str | None = None  # Vietnamese: what is odd about the counts of points that are known


def to_fixed(value: float) -> Decimal:
    """Return a double to two decimals as JavaScript's `toFixed(2)` prints it: half up on its exact binary value."""
    return Decimal(value).quantize(_CENT, ROUND_HALF_UP)


def half_up(value: Fraction) -> Decimal:
    """Return an exact number to two decimals, half up."""
    with localcontext() as context:
        context.prec = 60
        hundredths = (abs(value) * 200 + 1) // 2  # floor(100 x + 1/2), in whole numbers
        return Decimal(hundredths if value >= 0 else -hundredths) * _CENT


def share_of(numerator: Decimal | None, denominator: Decimal | None) -> Fraction | None:
    """Return a share that another one is multiplied by, at most the whole; None where it is not known."""
    if numerator is None or not denominator:
        return None
    return min(Fraction(numerator) / Fraction(denominator), Fraction(1))


def points(
    component: Component,
    version: str,
    arithmetic: Arithmetic,
    numerator: Decimal | None,
    denominator: Decimal | None,
    factor: Fraction | None = None,
    *,
    published: bool = False,
) -> Points:
    """Return the share and the points of a component; Quyết định 766/QĐ-TTg as the version's rule reads it.

    A denominator of 0 and missing counts give what the rule says for them, which is nothing unless it is stated.
    A share is at most the whole: of our own counts a numerator above its denominator earns nothing known, and the
    reason names both. Counts that somebody published (`published`) earn what the rule makes of them all the same, up
    to the component's maximum, and the remark says what is odd.
    `factor` is the share that the rule's `times` names: without it such a rule gives nothing. Other rules ignore it.
    """
    rule = component.rules[version]
    if numerator is None and denominator is None:
        absent = rule.absent
        reason = None if absent.score is not None else "không có tử số và mẫu số"
        return Points(absent.ratio, absent.score, reason)
    if numerator is None or denominator is None:
        return Points(None, None, "thiếu tử số" if numerator is None else "thiếu mẫu số")
    odd = None
    if numerator > denominator:
        odd = f"tử số {printed(numerator)} lớn hơn mẫu số {printed(denominator)}"
        if not published:
            return Points(None, None, odd)
    if denominator == 0:
        zero = rule.zero
        if zero.score is None and component.max:
            return Points(zero.ratio, None, odd or "mẫu số bằng 0")
        return Points(zero.ratio, zero.score, None, odd)
    if rule.times is None:
        factor = Fraction(1)
    elif factor is None:
        return Points(None, None, f"chưa biết tỷ lệ {rule.times} để nhân")
    if arithmetic == "double":
        ratio, score = _doubles(rule, component.max, float(numerator) * float(factor), float(denominator))
    else:
        ratio, score = _exact(rule, component.max, Fraction(numerator) * factor, Fraction(denominator))
    return Points(ratio, score if component.max else None, None, odd)


def _doubles(rule: Rule, most: int, n: float, d: float) -> tuple[Decimal, Decimal]:
    """Return ratio and score with the operations in the order the portal's printed digits follow."""
    ratio = to_fixed(100 * n / d)
    if rule.percent_rounded_first:
        score = most * float(ratio) / 100
    elif rule.slope is not None:
        score = float(rule.slope) * (n / d)
    else:
        score = most * (n / d) if rule.quotient_first else most * n / d
        if rule.full_at is not None:
            score /= float(rule.full_at)
    return ratio, to_fixed(min(float(most), score))


def _exact(rule: Rule, most: int, n: Fraction, d: Fraction) -> tuple[Decimal, Decimal]:
    share = n / d
    ratio = half_up(100 * share)
    if rule.percent_rounded_first:
        share = Fraction(ratio) / 100
    slope = Fraction(rule.slope) if rule.slope is not None else most / Fraction(rule.full_at or 1)
    score = slope * share
    return ratio, half_up(min(Fraction(most), score))
