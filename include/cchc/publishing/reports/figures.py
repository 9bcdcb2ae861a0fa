"""The figures a report may say, and where each of them stands: a release, a closed revision, or content being released.

Nothing is computed here but what follows from figures themselves: a group's points from its components, by the rules
of the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from cchc.catalogue.scores import ScoreSet
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.numbers import percent, printed, rounded
from cchc.indicators.periods import Period
from cchc.indicators.scoring import own
from cchc.indicators.scoring.own import OwnPart

Key = tuple[str, str, str]  # unit, set, indicator
_NOBODY = "không có nguồn dữ liệu nào phải có số liệu của kỳ này"
WHOLE = "index"  # the code of an index's sum; that of a group's is `group:<code>`
_DECIMALS = 2  # of points


@dataclass(frozen=True)
class Figure:
    """One number as it was published; where it is not known, `value` and `printed` are None and `reason` says why."""

    unit_code: str
    set_code: str
    code: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    printed: str | None
    reason: str | None  # Vietnamese
    coverage: Decimal | None  # share of the expected sources; None: none is expected, or none was stated
    most: Decimal | None = None  # of points: what can be earned

    @property
    def is_whole(self) -> bool:
        """Whether every expected source is in it: only then is a zero nothing but zero."""
        return self.coverage is None or self.coverage >= 1

    @property
    def covered(self) -> str:
        """Its coverage as officers write it: `98,1%`; where no source is expected, or none was stated, a dash."""
        share = self.coverage
        return "–" if share is None else f"{printed(rounded(percent(share, Decimal(1)), 1).normalize())}%"

    @property
    def key(self) -> Key:
        """What it is looked up by."""
        return self.unit_code, self.set_code, self.code


@dataclass(frozen=True)
class Silent:
    """A source whose data does not reach the reporting day."""

    title: str
    unit_name: str
    problem: str  # Vietnamese

    @classmethod
    def of(cls, title: str, unit_name: str, problem: str | None) -> Silent:
        """Return a source by what a release states of it."""
        return cls(title, unit_name, problem or "chưa có số liệu đến ngày báo cáo")


@dataclass(frozen=True)
class Edition:
    """All figures of one period that were published together."""

    name: str  # Vietnamese: which release, revision or data edition
    sha256: str  # of its content; empty where the content is not sealed yet
    day: date  # the reporting day
    period: Period
    figures: Mapping[Key, Figure] = field(repr=False)
    expected: int | None = None  # sources
    complete: int | None = None
    silent: tuple[Silent, ...] | None = None  # None: the edition does not name its sources

    def of(self, unit_code: str, set_code: str, code: str) -> Figure:
        """Return a figure; one the edition does not have is missing, with that as its reason."""
        found = self.figures.get((unit_code, set_code, code))
        if found is not None:
            return found
        reason = f"{self.name} không có chỉ số này cho kỳ báo cáo"
        return Figure(unit_code, set_code, code, None, None, None, None, reason, None)


def of_row(row: Any) -> Figure:
    """Return the figure of a row of `publish.indicator_value` or `publish.closed_value`.

    Nothing counted where nobody was expected to deliver anything is not a zero: in a report it is missing.
    """
    return _heeded(
        Figure(
            unit_code=row.unit_code,
            set_code=row.set_code,
            code=row.indicator_code,
            value=row.value,
            numerator=row.numerator,
            denominator=row.denominator,
            printed=row.printed,
            reason=row.reason,
            coverage=row.coverage,
        )
    )


def _heeded(figure: Figure) -> Figure:
    if figure.value == 0 and figure.coverage is None:
        return replace(figure, value=None, printed=None, reason=_NOBODY)
    return figure


def of_value(value: IndicatorValue) -> Figure:
    """Return the figure of a number that is being published."""
    return of_row(value)


def of_score(
    key: Key,
    most: Decimal,
    *,
    score: Decimal | None,
    reason: str | None,
    coverage: Decimal | None,
    numerator: Decimal | None = None,
    denominator: Decimal | None = None,
) -> Figure:
    """Return points that can be `most`; they have two decimals, or none."""
    shown = None if score is None else printed(rounded(score, _DECIMALS))
    return _heeded(Figure(*key, score, numerator, denominator, shown, reason or None, coverage, most))


def of_points(index: ScoreSet, version: str, parts: Iterable[OwnPart]) -> list[Figure]:
    """Return the points of components, groups and the whole index under a rule version, set `<index>-<version>`.

    Sums are those of `scoring.own`: of a group whose parts are not all known there is none, with the reason.
    """
    listed = list(parts)
    coverage: dict[tuple[str, str], Decimal | None] = {}
    for part in listed:
        for group in (part.group.code, ""):
            known = [c for c in (coverage.get((part.unit_code, group)), part.coverage) if c is not None]
            coverage[part.unit_code, group] = min(known, default=None)
    found = []
    for row in own.rows(index, listed):
        unit, group, component = str(row["unit_code"]), str(row["group"]), row.get("component")
        code = str(component) if component else f"group:{group}" if group else WHOLE
        stated: Any = {name: row.get(name) for name in ("score", "reason", "numerator", "denominator")}
        covered: Any = row["coverage"] if component else coverage[unit, group]
        key = (unit, f"{index.code}-{version}", code)
        found.append(of_score(key, Decimal(str(row["max"])), coverage=covered, **stated))
    return found


def of_components(index: ScoreSet, version: str, components: Mapping[Key, Figure]) -> list[Figure]:
    """Return what `of_points` returns from the published points of components alone; those without any are left out."""
    set_code = f"{index.code}-{version}"
    units = dict.fromkeys(unit for unit, own_set, _ in components if own_set == set_code)
    parts = []
    for unit in units:
        for group in index.groups:
            for component in group.components:
                stated = components.get((unit, set_code, component.code))
                if stated is None:
                    continue
                counts = (stated.numerator, stated.denominator, None)
                parts.append(
                    OwnPart(unit, group, component, *counts, stated.value, stated.reason, stated.coverage, ())
                )
    return of_points(index, version, parts)
