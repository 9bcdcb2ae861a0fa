"""Questions asked of drawn provinces: by chance hardly ever, of a true pattern always."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable

import pytest

from cchc.quality.integrity import model
from cchc.quality.integrity.judge import Count, judge

KNOWN = model.tests()
SHARES = [t for t in KNOWN.tests if t.statistic != "difference"]
JUST_BEFORE = next(t for t in KNOWN.tests if t.code == "finished_just_before_due")


def units(count: int, group: str) -> dict[str, str]:
    return {f"U{i:02}": group for i in range(count)}


# --- how often a province is asked for nothing -------------------------------------------------------------------
def marked(drawn: random.Random, d: int, p: float) -> int:
    """Return how many of `d` are marked, each with probability `p`, by the gaps between them, which are geometric."""
    n, at, none = 0, 0, math.log(1 - p)
    while (at := at + 1 + int(math.log(1 - drawn.random()) / none)) <= d:
        n += 1
    return n


def test_what_is_drawn_is_binomial() -> None:
    drawn, d, p, times = random.Random(5), 20, 0.06, 20_000
    found = Counter(marked(drawn, d, p) for _ in range(times))
    for n in range(5):
        share = math.comb(d, n) * p**n * (1 - p) ** (d - n)
        assert found[n] / times == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / times))


def clean(
    seed: int, share: Callable[[random.Random], float]
) -> tuple[dict[str, dict[str, Count]], dict[str, str]]:
    """Return the counts of a province whose units differ by chance, and as `share` draws their own one."""
    drawn = random.Random(seed)
    groups = units(20, "department") | {f"X{i:02}": "commune" for i in range(56)}
    counts: dict[str, dict[str, Count]] = {}
    for test in SHARES:
        counts[test.code] = {}
        for unit in groups:
            d, p = drawn.choice((20, 35, 60, 120, 300)), share(drawn)
            n = marked(drawn, d, p)
            counts[test.code][unit] = Count(n, d, test.statistic != "all" or n == d)
    return counts, groups


NO_FLOOR = KNOWN.model_copy(
    update={"tests": tuple(t.model_copy(update={"least_ratio": 1, "least_excess": 0}) for t in SHARES)}
)


def asked(known: model.Tests, seed: int, share: Callable[[random.Random], float]) -> int:
    counts, groups = clean(seed, share)
    return sum(j.verdict == "asked" for j in judge(known, counts, groups, is_over=True))


def test_of_provinces_that_differ_by_chance_no_more_are_asked_than_promised() -> None:
    """The level itself, without the floors on what is worth asking: at most 5 in 100 provinces, with room for luck."""
    provinces = 100
    wrong = sum(asked(NO_FLOOR, seed, lambda _: 0.06) > 0 for seed in range(provinces))
    level = KNOWN.judging.false_questions.value
    luck = 3 * math.sqrt(level * (1 - level) / provinces)
    assert wrong / provinces <= level + luck
    assert wrong > 0, "nothing is ever asked: the simulation proves nothing"


def test_units_that_differ_more_than_by_chance_are_hardly_ever_asked() -> None:
    """Shares of the units themselves spread by half of their mean, and there is no pattern: the level is kept."""
    provinces = 60
    of_each = [asked(KNOWN, seed, lambda drawn: drawn.betavariate(3.7, 58)) for seed in range(provinces)]
    level = KNOWN.judging.false_questions.value
    luck = 2 * math.sqrt(level * (1 - level) / provinces)
    assert sum(n > 0 for n in of_each) / provinces <= level + luck
    assert sum(of_each) / (provinces * len(SHARES) * 76) < 0.0002


def test_a_true_pattern_among_clean_ones_is_found() -> None:
    counts, groups = clean(7, lambda _: 0.06)
    counts[JUST_BEFORE.code]["X05"] = Count(45, 120)
    found = [j for j in judge(KNOWN, counts, groups, is_over=True) if j.verdict == "asked"]
    assert [(j.unit_code, j.test_code) for j in found] == [("X05", JUST_BEFORE.code)]
