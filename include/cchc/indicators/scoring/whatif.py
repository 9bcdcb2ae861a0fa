"""What would the points be if some counts were others, and what must change to reach a score."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from cchc.catalogue.scores import Component, Group, ScoreSet
from cchc.errors import ConfigurationError
from cchc.indicators.scoring.points import points
from cchc.indicators.scoring.table import (
    COUNT_DIGITS,
    METRIC,
    Cells,
    Part,
    Scored,
    factor_columns,
    score,
    shortened,
)

_CHANGE = re.compile(
    r"(?P<name>[A-Za-z_]\w*(?:\.(?:numerator|denominator))?)(?P<how>\+=|-=|=)"
    rf"(?P<amount>[0-9]{{1,{COUNT_DIGITS}}})"
)
Line = tuple[int, Cells]


@dataclass(frozen=True)
class Change:
    """One count set to, raised or lowered by a number."""

    column: str
    metric: str | None  # the metric whose row is meant
    how: str
    amount: Decimal

    def apply(self, before: Decimal) -> Decimal:
        """Return the count after the change."""
        if self.how == "=":
            return self.amount
        return before + self.amount if self.how == "+=" else before - self.amount


def parse(scores: ScoreSet, group: Group, text: str) -> Change:
    """Return the change that `paid_online+=500` or `DOSSIER_SYNC.numerator=10` states; raises `ConfigurationError`."""
    found = _CHANGE.fullmatch(text.strip())
    metrics = [c.code for c in group.components]
    if group.shape == "metrics":
        known = [f"{code}.{side}" for code in metrics for side in ("numerator", "denominator")]
    else:
        columns = {x for c in group.components for x in (*c.numerator, *c.denominator)} | factor_columns(
            group
        )
        known = sorted({*columns, *(name for name, column in scores.names.items() if column in columns)})
    if found is None or found["name"] not in known:
        raise ConfigurationError(
            f"--set {shortened(text)!r} is not understood: write NAME+=500, NAME-=500 or NAME=500 (a whole number of "
            f"at most {COUNT_DIGITS} digits), NAME one of {', '.join(known)}"
        )
    name, amount = found["name"], Decimal(found["amount"])
    if group.shape == "metrics":
        metric, side = name.split(".")
        return Change(side, metric, found["how"], amount)
    return Change(scores.names.get(name, name), None, found["how"], amount)


def of_unit(group: Group, rows: Sequence[Line], unit: str | None) -> list[Line]:
    """Return the rows of one unit: the named one, or the one that the others belong to (level parent).

    Raises `ConfigurationError` where that is not one row (of a metric).
    """
    if unit is None:
        found = [row for row in rows if row[1].get("level", "").strip() == "parent"]
        who = "of level parent"
    else:
        found = [row for row in rows if row[1].get("unit_code", "").strip() == unit]
        who = f"of unit {unit}"
    for name in ("scope", "capture"):  # one table may hold several answers: the first is the newest whole one
        kept = next((row[1][name] for row in found if name in row[1]), None)
        found = [row for row in found if name not in row[1] or row[1][name] == kept]
    keys = [row[1].get(METRIC, "").strip() for row in found]
    if not found or len(set(keys)) != len(keys):
        many = "no row" if not found else "more than one row"
        raise ConfigurationError(f"{many} {who} in the file: name the unit with --unit CODE (its unit_code)")
    return found


def changed(rows: Iterable[Line], changes: Sequence[Change]) -> list[Line]:
    """Return the rows with the changes made; raises `ConfigurationError` where a count is missing or falls below 0."""
    result = []
    rows = list(rows)
    there = {cells.get(METRIC, "").strip() for _, cells in rows}
    for change in changes:
        if change.metric is not None and change.metric not in there:
            raise ConfigurationError(f"the unit has no row of {change.metric}: there is nothing to change")
    for line, cells in rows:
        new = dict(cells)
        for change in changes:
            if change.metric is not None and cells.get(METRIC, "").strip() != change.metric:
                continue
            before = new.get(change.column, "").strip()
            if before == "" and change.how != "=":
                raise ConfigurationError(
                    f"line {line}: {change.column} is not known, so nothing can be added to it"
                )
            after = change.apply(Decimal(before or 0))
            if after < 0:
                raise ConfigurationError(f"line {line}: {change.column} would fall to {after}")
            if after >= 10**COUNT_DIGITS:
                raise ConfigurationError(
                    f"line {line}: {change.column} would have more than {COUNT_DIGITS} digits"
                )
            new[change.column] = str(after)
        result.append((line, cast("Cells", new)))
    return result


@dataclass(frozen=True)
class Gain:
    """One component before and after."""

    component: Component
    numerator: Decimal | None
    denominator: Decimal | None
    numerator_after: Decimal | None
    denominator_after: Decimal | None
    before: Decimal | None
    after: Decimal | None

    @property
    def gain(self) -> Decimal | None:
        """Points the group's total wins or loses: a part that is not known counts nothing; None: never known."""
        if self.before is None and self.after is None:
            return None
        return (self.after or Decimal(0)) - (self.before or Decimal(0))


def parts_of(scores: ScoreSet, group: Group, version: str, rows: Iterable[Line]) -> list[Part]:
    """Return all components of one unit's rows."""
    scored: list[Scored] = [score(scores, group, version, line, cells) for line, cells in rows]
    return [part for row in scored for part in row.parts]


def compare(
    scores: ScoreSet, group: Group, version: str, rows: Sequence[Line], changes: Sequence[Change]
) -> list[Gain]:
    """Return each component before and after the changes, largest gain first.

    Raises `ConfigurationError` where a changed numerator would exceed its denominator: a share is at most the whole.
    """
    before = parts_of(scores, group, version, rows)
    after = parts_of(scores, group, version, changed(rows, changes))
    gains = []
    for old, new in zip(before, after, strict=True):
        if (
            (old.numerator, old.denominator) != (new.numerator, new.denominator)
            and new.numerator is not None
            and new.denominator is not None
            and new.numerator > new.denominator
        ):
            raise ConfigurationError(
                f"{new.component.code}: {new.numerator} of {new.denominator} is more than the whole"
            )
        gains.append(
            Gain(
                old.component,
                old.numerator,
                old.denominator,
                new.numerator,
                new.denominator,
                old.points.score,
                new.points.score,
            )
        )
    return sorted(gains, key=lambda g: -(g.gain or Decimal(0)))


def unknown(parts: Iterable[Part]) -> list[str]:
    """Return the components that can earn points and whose points are not known, each with its reason in brackets."""
    return [
        f"{p.component.code} ({p.points.reason})" for p in parts if p.component.max and p.points.score is None
    ]


def total(parts: Iterable[Part | Gain]) -> Decimal:
    """Return the group's points: a part that is not known counts nothing, and the maximum is not lowered for it."""
    known = ((p.points.score if isinstance(p, Part) else p.after) for p in parts)
    return sum((value for value in known if value is not None), Decimal(0))


def _beyond(group: Group, target: Decimal, possible: Decimal, parts: Sequence[Part]) -> ConfigurationError:
    lacking = ", ".join(unknown(parts))
    if all(p.points.score is None and None in (p.numerator, p.denominator) for p in parts):
        said = f"the unit's counts are missing: {lacking}"
    elif lacking:
        said = f"not known: {lacking}; with every share that is known at its best it is {possible}"
    else:
        said = f"with every share at its best it is {possible}"
    return ConfigurationError(f"group {group.code}: {target} points cannot be reached; {said}")


def reach(scores: ScoreSet, group: Group, version: str, rows: Sequence[Line], target: Decimal) -> list[Gain]:
    """Return what must change to reach `target` points: components by the points still to win, largest first.

    Each numerator is raised no further than the target needs, and at most to its denominator; denominators stay.
    Components that need not change are left out. Raises `ConfigurationError` where the target cannot be reached.
    """
    parts = parts_of(scores, group, version, rows)
    now = total(parts)
    if now >= target:
        return []
    arithmetic = scores.versions[version].arithmetic

    def with_numerator(part: Part, numerator: Decimal) -> Part:
        new = points(
            part.component, version, arithmetic, numerator, part.denominator, part.factor, published=True
        )
        return replace(part, numerator=numerator, points=new)

    open_parts = []
    for part in parts:
        if part.points.score is None or not part.denominator or part.numerator is None:
            continue
        best = with_numerator(part, max(part.denominator, part.numerator))
        left = (best.points.score or Decimal(0)) - part.points.score
        if left > 0:
            open_parts.append((left, part))
    open_parts.sort(key=lambda item: (-item[0], item[1].component.code))
    possible = now + sum((left for left, _ in open_parts), Decimal(0))
    if possible < target:
        raise _beyond(group, target, possible, parts)
    steps = []
    for left, part in open_parts:
        if now >= target:
            break
        wanted = (part.points.score or Decimal(0)) + min(left, target - now)
        low, high = int(part.numerator or 0), int(part.denominator or 0)
        while low < high:  # points never fall as the numerator rises
            middle = (low + high) // 2
            if (with_numerator(part, Decimal(middle)).points.score or Decimal(0)) >= wanted:
                high = middle
            else:
                low = middle + 1
        new = with_numerator(part, Decimal(high))
        now += (new.points.score or Decimal(0)) - (part.points.score or Decimal(0))
        steps.append(
            Gain(
                part.component,
                part.numerator,
                part.denominator,
                new.numerator,
                new.denominator,
                part.points.score,
                new.points.score,
            )
        )
    return steps
