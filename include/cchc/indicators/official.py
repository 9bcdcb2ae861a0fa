"""Official scores of Bộ chỉ số 766 beside our own: where they differ, and the likely cause.

What the portal publishes is authoritative and never overwritten; ours explains it. The rules for a cause stand in
`CAUSES`, the first that applies is told.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from cchc.catalogue.models import Catalogue
from cchc.catalogue.scores import Component, Group, ScoreSet
from cchc.errors import ConfigurationError
from cchc.indicators.numbers import percent, printed
from cchc.indicators.periods import Period
from cchc.indicators.scoring.own import OwnPart
from cchc.indicators.sql import query

NEAR = Decimal(5)  # percent: denominators closer than this are of the same dossiers, counted at another hour
_DOSSIERS = "hồ sơ"
_NAMED = 3  # so many lacking sources are named, the others counted
COLUMNS = (
    ("unit_code", "Đơn vị"),
    ("group", "Nhóm"),
    ("component", "Mã"),
    ("title", "Chỉ số"),
    ("official_numerator", "Tử số của Cổng"),
    ("official_denominator", "Mẫu số của Cổng"),
    ("official_score", "Điểm của Cổng"),
    ("own_numerator", "Tử số của tỉnh"),
    ("own_denominator", "Mẫu số của tỉnh"),
    ("own_score", "Điểm của tỉnh"),
    ("difference", "Chênh lệch"),
    ("cause", "Nguyên nhân có thể"),
)


@dataclass(frozen=True)
class Official:
    """What the portal published; None: not published."""

    numerator: Decimal | None = None
    denominator: Decimal | None = None
    score: Decimal | None = None
    quality: str | None = None  # the portal's own note on its data


@dataclass(frozen=True)
class Pair:
    """One component of one unit, or a whole group (no component), as the portal has it and as we do."""

    unit_code: str
    group: Group
    component: Component | None
    official: Official
    own: tuple[OwnPart, ...]  # one, or of a whole group all its parts
    counted: str = _DOSSIERS  # what the denominator is a number of (Vietnamese)

    @property
    def own_score(self) -> Decimal | None:
        """Our points; of a group the sum of its parts' where all are known that can earn any."""
        scores = [p.score for p in self.own if p.component.max or self.component is not None]
        known = [s for s in scores if s is not None]
        return sum(known, Decimal(0)) if scores and len(known) == len(scores) else None

    @property
    def own_counts(self) -> tuple[Decimal | None, Decimal | None]:
        """Our numerator and denominator; a whole group has none."""
        if self.component is None or not self.own:
            return None, None
        return self.own[0].numerator, self.own[0].denominator

    @property
    def difference(self) -> Decimal | None:
        """Our points minus the official ones; None where either is not known."""
        if self.own_score is None or self.official.score is None:
            return None
        return self.own_score - self.official.score

    @property
    def is_apart(self) -> bool:
        """Return whether points, or counts, that both sides have are not the same."""
        theirs, ours = (self.official.numerator, self.official.denominator), self.own_counts
        return bool(self.difference) or (None not in (*theirs, *ours) and theirs != ours)

    def row(self) -> dict[str, Any]:
        """Return what `COLUMNS` names."""
        numerator, denominator = self.own_counts
        return {
            "unit_code": self.unit_code,
            "group": self.group.code,
            "component": self.component.code if self.component else "",
            "title": (self.component or self.group).title,
            "official_numerator": self.official.numerator,
            "official_denominator": self.official.denominator,
            "official_score": self.official.score,
            "own_numerator": numerator,
            "own_denominator": denominator,
            "own_score": self.own_score,
            "difference": self.difference,
            "cause": cause(self),
        }


def _not_published(pair: Pair) -> str | None:
    said = (pair.official.numerator, pair.official.denominator, pair.official.score)
    return "Cổng chưa công bố" if all(value is None for value in said) else None


def _not_ours(pair: Pair) -> str | None:
    if pair.own_score is not None or None not in pair.own_counts:
        return None
    reasons = dict.fromkeys(p.reason for p in pair.own if p.score is None and p.reason)
    return f"tỉnh chưa có số liệu: {'; '.join(reasons) or 'không có nguồn'}"


def _quality(pair: Pair) -> str | None:
    if pair.official.quality is None:
        return None
    numerator, denominator = pair.official.numerator, pair.official.denominator
    temporary = numerator is not None and numerator == denominator
    placed = "Cổng đang dùng số tạm (tử số bằng mẫu số), " if temporary else ""
    return f"{placed}Cổng ghi chú số liệu: {pair.official.quality}"


def _points_only(pair: Pair) -> str | None:
    if pair.official.denominator is not None or pair.component is None:
        return None
    return "Cổng chỉ công bố điểm, không công bố số đếm" if pair.difference else None


def _same_counts(pair: Pair) -> str | None:
    same = (pair.official.numerator, pair.official.denominator) == pair.own_counts
    if not same or pair.official.denominator is None or not pair.difference:
        return None
    return "cùng số đếm nhưng khác điểm: khác phiên bản quy tắc tính điểm"


def _denominators(pair: Pair) -> str | None:
    theirs, ours = pair.official.denominator, pair.own_counts[1]
    if theirs is None or ours is None or theirs == ours:
        return None
    if theirs == 0:
        return f"Cổng chưa đếm {pair.counted} nào trong tháng, tỉnh có {printed(ours)}"
    apart = percent(ours - theirs, theirs)
    if abs(apart) <= NEAR:
        return "mẫu số lệch ít: số liệu được lấy vào lúc khác nhau"
    by = f"mẫu số của tỉnh {'nhiều hơn' if apart > 0 else 'ít hơn'} {printed(abs(apart), 1)}%"
    if apart > 0 and pair.counted == _DOSSIERS:
        return f"{by}: có hồ sơ chưa đồng bộ lên Cổng"
    if apart > 0:
        return f"{by}: có {pair.counted} chưa có trên Cổng, hoặc hai bên đếm khác nhau"
    lacking = list(dict.fromkeys(code for p in pair.own for code in p.lacking))
    if not lacking:
        return f"{by}: có {pair.counted} không có trong nguồn của tỉnh, hoặc hai bên đếm khác nhau"
    others = f" và {len(lacking) - _NAMED} nguồn khác" if len(lacking) > _NAMED else ""
    named = ", ".join(lacking[:_NAMED])
    return f"{by}: nguồn của tỉnh chưa phủ hết {pair.counted}, thiếu {named}{others}"


def _numerators(pair: Pair) -> str | None:
    theirs, ours = pair.official.numerator, pair.own_counts[0]
    if theirs is None or ours is None or theirs == ours:
        return None
    return "cùng mẫu số, khác tử số: khác quy tắc đúng hạn hoặc khác định nghĩa"


def _group_points(pair: Pair) -> str | None:
    return "xem các chỉ số thành phần" if pair.component is None and pair.difference else None


#: In this order; each returns the cause in Vietnamese, or None where it does not apply.
CAUSES: tuple[Callable[[Pair], str | None], ...] = (
    _not_published,
    _not_ours,
    _quality,
    _same_counts,
    _denominators,
    _numerators,
    _points_only,
    _group_points,
)


def cause(pair: Pair) -> str:
    """Return the likely cause of a difference in Vietnamese; empty where the two agree."""
    return next((text for rule in CAUSES if (text := rule(pair))), "")


def summary(found: Sequence[Pair]) -> str:
    """Return in Vietnamese how many of the pairs are the same, how many are not, and what the others lack."""
    rest = [pair for pair in found if not pair.is_apart]
    unpublished = sum(pair.official.score is None for pair in rest)
    same = sum(pair.difference is not None for pair in rest)
    return (
        f"{len(found)} dòng: {len(found) - len(rest)} khác nhau, {same} giống nhau, "
        f"{unpublished} Cổng chưa công bố điểm, {len(rest) - same - unpublished} tỉnh chưa có điểm"
    )


def month(period: Period) -> Period:
    """Return the period, or raise `ConfigurationError` where it is no calendar month: only those are published."""
    last = monthrange(period.start.year, period.start.month)[1]
    if period.start.day != 1 or period.end != period.start.replace(day=last):
        raise ConfigurationError(
            f"the portal's scores are of calendar months, {period.label} is {period.start} to {period.end}: "
            "write --period 2026-10 --calendar calendar"
        )
    return period


def published(
    connection: Connection, units: Collection[str], period: Period
) -> Mapping[tuple[str, str, str], Official]:
    """Return the portal's scores of a calendar month by unit, group and component ('': the whole group)."""
    asked = {"units": list(units), "first_day": period.start, "last_day": period.end}
    rows = connection.execute(query("official"), asked)
    return {
        (row.unit_code, row.group_code, row.component_code): Official(
            row.numerator, row.denominator, row.score, row.quality
        )
        for row in rows
    }


def _counted(catalogue: Catalogue, scores: ScoreSet, version: str, group: Group, component: Component) -> str:
    share = scores.own(group, component, version)
    term = share.denominator[0] if share else None
    if term is None or term.measure is None:
        return _DOSSIERS
    return "thủ tục" if term.aggregate == "procedures" else catalogue.measures[term.measure].unit


def pairs(
    catalogue: Catalogue,
    scores: ScoreSet,
    version: str,
    units: Sequence[str],
    official: Mapping[tuple[str, str, str], Official],
    own: Sequence[OwnPart],
) -> Iterator[Pair]:
    """Yield each component of each unit that the portal or we have, then its group, in the order of the index.

    A group of one component is published as a whole: its points are that component's, and it has no row of its own.
    """
    parts: dict[tuple[str, str], list[OwnPart]] = {}
    for part in own:
        parts.setdefault((part.unit_code, part.group.code), []).append(part)
    counted = {
        component.code: _counted(catalogue, scores, version, group, component)
        for group in scores.groups
        for component in group.components
    }
    for unit in units:
        for group in scores.groups:
            ours = parts.get((unit, group.code), [])
            whole = official.get((unit, group.code, ""))
            for component in group.components:
                found = official.get((unit, group.code, component.code))
                mine = tuple(p for p in ours if p.component.code == component.code)
                if found is None and not mine:
                    continue
                found = found or Official()
                if len(group.components) == 1 and whole is not None and found.score is None:
                    found = Official(found.numerator, found.denominator, whole.score, found.quality)
                yield Pair(unit, group, component, found, mine, counted[component.code])
            if whole is not None and len(group.components) > 1:
                yield Pair(unit, group, None, whole, tuple(ours))
