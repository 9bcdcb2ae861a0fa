"""Judge every unit by every test against its peers: asked about, quiet, or not to be judged and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cchc.quality.integrity.chance import at_least, at_least_among, believed, spread
from cchc.quality.integrity.model import Figures, Judgement, Judging, Test, Tests
from cchc.quality.integrity.words import number


@dataclass(frozen=True)
class Count:
    """What a test's statement counted of one unit; `shows`: the pattern is there at all."""

    n: int
    d: int
    shows: bool = True
    recomputed: int | None = None


#: By test, then by unit; a unit without records has none.
Counts = Mapping[str, Mapping[str, Count]]


@dataclass(frozen=True)
class _Judged:
    """Figures of a unit, or why there are none; `chance`: how likely a pattern worth asking about is by chance."""

    figures: Figures | None = None
    reason: str | None = None
    chance: float = 1.0


def judge(known: Tests, counts: Counts, groups: Mapping[str, str], *, is_over: bool) -> list[Judgement]:
    """Return one judgement a test and unit of `groups` (unit → its group), in that order.

    `is_over`: whether the span is, without which a test of whole spans says nothing.
    """
    judged: list[tuple[Test, str, _Judged]] = []
    for test in known.tests:
        of_test = counts.get(test.code, {})
        of_group: dict[str, list[tuple[str, Count]]] = {group: [] for group in groups.values()}
        for unit, group in groups.items():
            if unit in of_test:
                of_group[group].append((unit, of_test[unit]))
        for unit, group in groups.items():
            peers = [count for other, count in of_group[group] if other != unit]
            judged.append((test, unit, _one(test, known.judging, of_test.get(unit), peers, is_over=is_over)))
    asked_at_once = [j.chance for test, _, j in judged if j.figures and test.statistic != "difference"]
    limit = believed(asked_at_once, known.judging.false_questions.value)
    return [_settled(test, unit, j, limit) for test, unit, j in judged]


def _one(
    test: Test, judging: Judging, own: Count | None, peers: Sequence[Count], *, is_over: bool
) -> _Judged:
    if test.whole_span and not is_over:
        return _Judged(reason="kỳ báo cáo chưa kết thúc")
    return _difference(own, peers) if test.statistic == "difference" else _share(test, judging, own, peers)


def _difference(own: Count | None, peers: Sequence[Count]) -> _Judged:
    if own is None:
        return _Judged(reason="đơn vị chưa báo cáo cả hai số của hai kỳ liền nhau")
    figures = Figures(
        n=own.n,
        d=own.d,
        peers=len(peers),
        peers_n=sum(peer.shows for peer in peers),
        peers_d=len(peers),
        recomputed=own.recomputed,
    )
    return _Judged(figures, chance=0.0 if own.shows else 1.0)


def _share(test: Test, judging: Judging, own: Count | None, peers: Sequence[Count]) -> _Judged:
    if own is None or own.d < max(test.least, 1):
        there = number(own.d) if own else "không có"
        return _Judged(reason=f"{there} bản ghi để xét, cần ít nhất {number(test.least)}")
    if len(peers) < judging.least_peers.value:
        there = number(len(peers)) if peers else "không có"
        return _Judged(
            reason=f"{there} đơn vị cùng nhóm có dữ liệu, cần ít nhất {number(int(judging.least_peers.value))}"
        )
    together = sum(peer.d for peer in peers)
    if together < judging.least_of_peers.value:
        least = number(int(judging.least_of_peers.value))
        return _Judged(
            reason=f"các đơn vị cùng nhóm chỉ có {number(together)} bản ghi để so, cần ít nhất {least}"
        )
    marked = sum(peer.n for peer in peers)
    tail = _tail(judging, own, Count(marked, together), peers)
    figures = Figures(n=own.n, d=own.d, peers=len(peers), peers_n=marked, peers_d=together, tail=tail)
    worth_asking = (
        own.shows
        and own.n >= judging.least_marked.value
        and figures.share >= test.least_ratio * figures.peers_share
        and figures.share - figures.peers_share >= test.least_excess
    )
    # what is too small to ask about is taken as certain, so that it makes nothing else believed
    return _Judged(figures, chance=tail if worth_asking else 1.0)


def _tail(judging: Judging, own: Count, together: Count, peers: Sequence[Count]) -> float:
    """Return how likely the unit's count is among peers that differ from each other, by chance or more."""
    alike = at_least(own.n, own.d, together.n, together.d)
    if own.n * together.d <= together.n * own.d:  # no more than its peers' share
        return alike
    differ = min(
        judging.allowance.value
        * spread([(peer.n, peer.d) for peer in peers if peer.d], judging.clamped.value),
        0.99,
    )
    if differ == 0:
        return alike
    return max(alike, at_least_among(own.n, own.d, together.n / together.d, differ))


def _settled(test: Test, unit: str, judged: _Judged, limit: float) -> Judgement:
    if judged.figures is None:
        return Judgement(unit, test.code, "not_judged", judged.reason, None)
    asked = judged.chance == 0.0 if test.statistic == "difference" else judged.chance <= limit
    return Judgement(unit, test.code, "asked" if asked else "quiet", None, judged.figures)
