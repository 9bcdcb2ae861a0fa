"""How the points of one unit came about: its own counts in the rule of each version, and where points are lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from cchc.catalogue.scores import Component, Group, Rule, ScoreSet
from cchc.indicators.numbers import printed
from cchc.indicators.scoring.own import OwnPart
from cchc.publishing.points import Line, Points
from cchc.publishing.portal.scored import plain

_MOST_LOST = 5  # components that lose most, of a sum
_MOST_NAMED = 3  # sources; the page names all of a unit's own anyway


@dataclass(frozen=True)
class Step:
    """What one rule version makes of the counts, in words (Vietnamese)."""

    versions: str  # titles of the versions that say this: theo văn bản
    text: str


@dataclass(frozen=True)
class Earned:
    """One component of a unit."""

    component: Component
    steps: tuple[Step, ...]
    coverage: Decimal | None  # the lower one, where versions count from different sources
    lacking: tuple[str, ...]  # titles of sources that have not delivered all of the period, the first few
    more_lacking: int


@dataclass(frozen=True)
class GroupEarned:
    """A group of a unit: what its components add up to, and each of them; the last one is the whole index."""

    code: str  # of the group; empty: the whole index
    title: str
    steps: tuple[Step, ...]
    components: tuple[Earned, ...]


def of_unit(own: Points, unit: str, lines: Sequence[Line], names: Mapping[str, str]) -> list[GroupEarned]:
    """Return a unit's groups and the whole index as `points.of_unit` has them (`lines`), with how each came about.

    `names`: source code → title. Of points that are not public nothing but that is said: their counts are not there.
    """
    by_version = own.by_unit[unit]
    groups = {group.code: group for group in own.index.groups}
    return [
        GroupEarned(
            line.code,
            line.title,
            _agreed(
                own.index, {v: _sum(line, at, parts) for at, (v, parts) in enumerate(by_version.items())}
            ),
            tuple(_components(own.index, groups[line.code], by_version, names)) if line.code else (),
        )
        for line in lines
    ]


def _components(
    index: ScoreSet, group: Group, by_version: Mapping[str, Sequence[OwnPart]], names: Mapping[str, str]
) -> Iterator[Earned]:
    every = {v: {p.component.code: p for p in parts} for v, parts in by_version.items()}
    for component in group.components:
        parts = {v: of[component.code] for v, of in every.items() if component.code in of}
        if not parts:  # only the province has it
            continue
        said = {v: explained(index, v, part, every[v]) for v, part in parts.items()}
        lacking = sorted({names.get(code, code) for part in parts.values() for code in part.lacking})
        known = [part.coverage for part in parts.values() if part.coverage is not None]
        yield Earned(
            component,
            _agreed(index, said),
            min(known, default=None),
            tuple(lacking[:_MOST_NAMED]),
            max(0, len(lacking) - _MOST_NAMED),
        )


def _agreed(index: ScoreSet, said: Mapping[str, str]) -> tuple[Step, ...]:
    """Return what versions say, those that say the same together."""
    versions: dict[str, list[str]] = {}
    for version, text in said.items():
        versions.setdefault(text, []).append(index.versions[version].title)
    return tuple(Step(" và ".join(titles), text) for text, titles in versions.items())


def explained(index: ScoreSet, version: str, part: OwnPart, others: Mapping[str, OwnPart]) -> str:
    """Return how a component got its points, or why they are not known (Vietnamese).

    `others`: the components of the same unit and version, by code.
    """
    component = part.component
    rule = component.rules[version]
    counts = _counts(rule, part)
    if not component.max:
        known = f"; {counts} = {_plain(part.ratio)}%" if counts and part.ratio is not None else ""
        why = f"; chưa biết tỷ lệ: {part.reason}" if part.reason else ""
        return f"để theo dõi, không tính điểm{known}{why}"
    if part.score is None:
        return f"{f'{counts}; ' if counts else ''}chưa biết điểm: {part.reason}"
    lost = _lost(component, part.score)
    if part.numerator is None or part.denominator is None:
        return f"không có tử số và mẫu số: theo quy tắc được {_plain(part.score)} điểm; {lost}"
    if part.denominator == 0:
        return f"mẫu số bằng 0: theo quy tắc được {_plain(part.score)} điểm; {lost}"
    if part.ratio is None:  # it was frozen, and the rule has changed since
        return f"{counts}: được {_plain(part.score)} điểm như lúc chốt; {lost}"
    times = f" × {_factor(index, rule, others)}" if rule.times else ""
    quotient = f"{printed(part.numerator)}{times} / {printed(part.denominator)}"
    scale = _scale(component, rule, part, part.score, quotient)
    return f"tỷ lệ {quotient} = {_plain(part.ratio)}%; {scale}; {lost}{_needed(component, rule, part)}"


def _counts(rule: Rule, part: OwnPart) -> str:
    if part.numerator is None or part.denominator is None:
        return ""
    return f"{printed(part.numerator)} / {printed(part.denominator)}"


def _factor(index: ScoreSet, rule: Rule, others: Mapping[str, OwnPart]) -> str:
    """Return the share that the numerator is multiplied by; by its name where it is not public."""
    code = rule.times or ""
    title = index.named(code)[1].title
    part = others.get(code)
    if part is None or part.numerator is None or not part.denominator:
        return f"tỷ lệ “{title}”"
    if part.numerator > part.denominator:
        return f"100% (“{title}”)"
    return f"{_counts(rule, part)} (“{title}”)"


def _scale(component: Component, rule: Rule, part: OwnPart, score: Decimal, quotient: str) -> str:
    """Return the step of the scale that applies, with what it gives."""
    full, most = _full_at(component, rule), component.max
    share = f"{_plain(part.ratio)}%" if rule.percent_rounded_first else quotient
    if full < 1 and part.ratio is not None and part.ratio >= 100 * full:
        return f"từ {_percent(full)} trở lên: đủ {most} điểm"
    if rule.slope is not None:
        return f"điểm {share} × {printed(rule.slope)} = {_plain(score)}"
    if full < 1:
        return f"chưa đến {_percent(full)}: điểm {share} ÷ {_percent(full)} × {most} = {_plain(score)}"
    return f"điểm {share} × {most} = {_plain(score)}"


def _full_at(component: Component, rule: Rule) -> Decimal:
    """Return the share that earns all points."""
    if rule.slope:
        return min(Decimal(1), component.max / rule.slope)
    return rule.full_at or Decimal(1)


def _percent(share: Decimal) -> str:
    return f"{_plain(100 * share)}%"


def _plain(value: Decimal | None) -> str:
    return "–" if value is None else printed(plain(value))


def _lost(component: Component, score: Decimal) -> str:
    lost = component.max - score
    return f"mất {_plain(lost)} điểm" if lost else "không mất điểm"


def _needed(component: Component, rule: Rule, part: OwnPart) -> str:
    """Return how much the numerator lacks for all points, where that alone would do."""
    if part.score is None or part.score >= component.max or rule.times:
        return ""
    if part.numerator is None or part.denominator is None:
        return ""
    wanted = (_full_at(component, rule) * part.denominator).to_integral_value(ROUND_CEILING)
    return f": tử số phải thêm {printed(wanted - part.numerator)} mới đủ {component.max} điểm"


def _sum(line: Line, at: int, parts: Sequence[OwnPart]) -> str:
    """Return what the components of a group, or the groups of an index, add up to under one version."""
    cell = line.cells[at]
    counted = [p for p in parts if p.component.max and line.code in ("", p.group.code)]
    lost = [(p.component.max - p.score, p.component.title) for p in counted if p.score is not None]
    lost = sorted((one for one in lost if one[0]), key=lambda one: -one[0])
    named = [f"{title} mất {_plain(points)}" for points, title in lost[:_MOST_LOST]]
    if rest := [points for points, _ in lost[_MOST_LOST:]]:
        named.append(f"{len(rest)} chỉ số khác mất {_plain(sum(rest, Decimal(0)))}")
    where = "; ".join(named)
    if not line.max:
        return "để theo dõi, không tính điểm"
    if cell.printed is None:
        return f"chưa biết: {cell.reason}{f'. Đã mất: {where}' if where else ''}"
    total = f"{cell.printed} trên {line.max} điểm"
    return f"{total}; {where}" if where else f"{total}; không mất điểm"
