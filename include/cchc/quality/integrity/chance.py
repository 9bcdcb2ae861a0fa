"""How likely a count is by chance, and how many unlikely ones to believe at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp, lgamma, sqrt
from statistics import NormalDist

_NEGLIGIBLE = 1e-17


def _log_choose(of: int, some: int) -> float:
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)


def at_least(n: int, d: int, peers_n: int, peers_d: int) -> float:
    """Return how likely `n` or more of a unit's `d` records are marked where the unit is like its peers.

    Given that `n + peers_n` of all `d + peers_d` are: the one-sided exact test of Fisher (1922), a tail of the
    hypergeometric distribution. Unlike a binomial tail at the peers' share it knows that this share is itself counted:
    where no peer shows the pattern, one record of the unit is not infinitely surprising.

    >>> round(at_least(3, 4, 1, 4), 6)  # the lady tasting tea
    0.242857
    """
    if not (0 <= n <= d and 0 <= peers_n <= peers_d):
        raise ValueError(f"{n} of {d} and {peers_n} of {peers_d} are no counts")
    marked, unmarked = n + peers_n, d + peers_d - n - peers_n

    def probability(x: int) -> float:
        every = _log_choose(marked + unmarked, d)
        return exp(_log_choose(marked, x) + _log_choose(unmarked, d - x) - every)

    if n * (d + peers_d) > marked * d:  # above what is expected: the terms fall from here on
        x, term, total = n, probability(n), 0.0
        while x <= min(d, marked) and term > _NEGLIGIBLE * total:
            total += term
            term *= (marked - x) * (d - x) / ((x + 1) * (unmarked - d + x + 1))
            x += 1
        return min(1.0, total)
    x = n - 1  # the lower tail is the shorter one
    if x < max(0, d - unmarked):
        return 1.0
    term, total = probability(x), 0.0
    while x >= max(0, d - unmarked) and term > _NEGLIGIBLE * total:
        total += term
        term *= x * (unmarked - d + x) / ((marked - x + 1) * (d - x + 1))
        x -= 1
    return max(0.0, 1.0 - total)


def spread(peers: Sequence[tuple[int, int]], clamped: float) -> float:
    """Return how far peers differ beyond chance: the correlation of records within a unit, from 0 to below 1.

    `peers` are n of d. Estimated by moments (Kleinman 1973, JASA 68, 46) of standardised residuals, of which the share
    `clamped` at either end is drawn in to the next one, so that a peer with the same pattern does not hide it
    (Spiegelhalter 2005, Statistics in Medicine 24, 1185); what that takes from a normal distribution is given back.
    """
    records = sum(d for _, d in peers)
    share = sum(n for n, _ in peers) / records if records else 0.0
    by_chance = len(peers) - 1
    most = records - sum(d * d for _, d in peers) / records - by_chance if records else 0.0
    if most <= 0 or not 0 < share < 1:
        return 0.0
    variance = share * (1 - share)
    residuals = sorted((n / d - share) * sqrt(d / variance) for n, d in peers)
    drawn_in = min(ceil(clamped * len(peers)), (len(peers) - 1) // 4)
    kept = residuals[drawn_in : len(peers) - drawn_in]
    squares = sum(r * r for r in kept) + drawn_in * (kept[0] ** 2 + kept[-1] ** 2)
    found = squares / _left_by(drawn_in / len(peers))
    return min(max((found - by_chance) / most, 0.0), 0.99)


def _left_by(clamped: float) -> float:
    """Return the variance of a standard normal variable of which that share at either end is drawn in."""
    if clamped == 0:
        return 1.0
    normal = NormalDist()
    z = normal.inv_cdf(1 - clamped)
    return 1 - 2 * clamped - 2 * z * normal.pdf(z) + 2 * clamped * z * z


def at_least_among(n: int, d: int, share: float, differ: float) -> float:
    """Return how likely `n` or more of a unit's `d` records are marked where units differ around `share`.

    The tail of a beta-binomial distribution; `differ` is the correlation within a unit, above 0.
    """
    a, b = share * (1 - differ) / differ, (1 - share) * (1 - differ) / differ

    def log_beta(x: float, y: float) -> float:
        return lgamma(x) + lgamma(y) - lgamma(x + y)

    term, total = exp(_log_choose(d, n) + log_beta(n + a, d - n + b) - log_beta(a, b)), 0.0
    for x in range(n, d + 1):
        total += term
        term *= (d - x) * (a + x) / ((x + 1) * (b + d - x - 1)) if x < d else 0.0
    return min(1.0, total)


def believed(tails: Sequence[float], level: float) -> float:
    """Return the largest tail that is still believed, 0 where none is: Benjamini and Hochberg (1995), JRSS B 57, 289.

    Of what is believed, at most the share `level` is there by chance; where all is chance, anything at all is believed
    with at most that probability.
    """
    ordered = sorted(tails)
    believable = (t for i, t in enumerate(ordered, start=1) if t <= level * i / len(ordered))
    return max(believable, default=0.0)
