"""Units by their points of an index (Bộ chỉ số 766): who is where among its like, and who has no place and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cchc.indicators.ranking import places
from cchc.indicators.scoring import own
from cchc.indicators.scoring.own import OwnPart
from cchc.publishing import points as published
from cchc.publishing.points import Points

_NOT_PUBLIC = "điểm của đơn vị khác cùng khối không công bố riêng nên không xếp hạng"


@dataclass(frozen=True)
class Standing:
    """A unit's points under a rule version, and its place among its like."""

    unit_code: str
    parts: tuple[OwnPart, ...]
    total: Decimal | None
    coverage: Decimal | None  # the lowest of the components whose points are known
    rank: int | None
    reason: str | None  # why it has no rank (Vietnamese)


def standings(points: Points, version: str, units: Sequence[str], withheld: str = "") -> list[Standing]:
    """Return units in the order of their points under a rule version, ties as 1, 2, 2, 4.

    A unit whose points are not all known has no rank; those stand last. Units of one rank, or of none, stand in the
    order of `units`. `withheld`: the reason of what is known and not public; a unit that lacks nothing else could be in
    any place, so nobody has one beside it.
    """
    parts: dict[str, list[OwnPart]] = {unit: [] for unit in units}
    for part in points.parts[version]:
        if part.unit_code in parts:
            parts[part.unit_code].append(part)
    totals = {unit: own.total(of_unit) for unit, of_unit in parts.items()}
    is_open = not any(published.lacks_only(of_unit, withheld) for of_unit in parts.values())
    ranks = dict(
        zip(units, places([totals[unit] if is_open else None for unit in units], "higher"), strict=True)
    )
    found = [
        Standing(
            unit_code=unit,
            parts=tuple(of_unit),
            total=totals[unit],
            coverage=min(
                (
                    p.coverage
                    for p in of_unit
                    if p.component.max and p.score is not None and p.coverage is not None
                ),
                default=None,
            ),
            rank=ranks[unit],
            reason=_why_not(points, of_unit) if totals[unit] is None else None if is_open else _NOT_PUBLIC,
        )
        for unit, of_unit in parts.items()
    ]
    return sorted(found, key=lambda s: (s.rank is None, s.rank or 0))


def _why_not(points: Points, parts: Sequence[OwnPart]) -> str:
    sums = [row["reason"] for row in own.rows(points.index, parts) if row.get("component") is None]
    return str(sums[-1]) if sums and sums[-1] else "không có chỉ số nào được tính điểm"
