"""The points of an index from our own records: what the office can work out before, and beside, the official answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue
from cchc.catalogue.scores import Component, Group, ScoreSet
from cchc.errors import ConfigurationError
from cchc.indicators.amounts import Amounts, Subject
from cchc.indicators.compute import IndicatorValue, subject_of, value_of
from cchc.indicators.delivered import reporting_day
from cchc.indicators.numbers import printed
from cchc.indicators.periods import Period
from cchc.indicators.scoring.points import points, share_of
from cchc.indicators.scoring.table import METRIC, Cells, factor_columns

COLUMNS = (
    ("unit_code", "Đơn vị"),
    ("group", "Nhóm"),
    ("component", "Mã"),
    ("title", "Chỉ số"),
    ("numerator", "Tử số"),
    ("denominator", "Mẫu số"),
    ("ratio", "Tỷ lệ"),
    ("score", "Điểm"),
    ("max", "Tối đa"),
    ("reason", "Lý do trống"),
    ("coverage", "Độ phủ"),
)
_LEVELS = {"department": "AGENCY", "commune": "COMMUNE"}
_NO_RECORDS = "không có cách tính từ số liệu của tỉnh"


@dataclass(frozen=True)
class OwnPart:
    """One component of one unit: what we counted and what it earns; where not known, None and the reason."""

    unit_code: str
    group: Group
    component: Component
    numerator: Decimal | None
    denominator: Decimal | None
    ratio: Decimal | None  # percent
    score: Decimal | None
    reason: str | None  # Vietnamese
    coverage: Decimal | None
    lacking: tuple[str, ...]  # source codes that have not delivered all of the period


def score_units(
    connection: Connection,
    catalogue: Catalogue,
    scores: ScoreSet,
    version: str,
    units: Sequence[str],
    period: Period,
    *,
    day: date | None = None,
) -> list[OwnPart]:
    """Return every component of an index for each unit, in the order of `units`, then of the index.

    The province's own code stands for all its units together. A component that only a province has is not among those
    of a unit. A share that a rule multiplies by (`times`) is the subject's own: a unit without one earns nothing known.
    Raises `ConfigurationError` for a version or a unit that does not exist.
    """
    return score_versions(connection, catalogue, scores, (version,), units, period, day=day)[version]


def score_versions(
    connection: Connection,
    catalogue: Catalogue,
    scores: ScoreSet,
    versions: Sequence[str],
    units: Sequence[str],
    period: Period,
    *,
    day: date | None = None,
) -> dict[str, list[OwnPart]]:
    """Return what `score_units` returns under each of several rule versions, counted once for all of them."""
    for version in versions:
        _check(scores, version)
    shares = {
        (version, component.code): scores.own(group, component, version)
        for version in versions
        for group in scores.groups
        for component in group.components
    }
    subjects = [subject_of(catalogue, code, period) for code in units]
    amounts = Amounts(connection, catalogue, period, subjects)
    factors = _factors(catalogue, scores, versions)
    amounts.fetch([share for share in (*shares.values(), *factors.values()) if share])
    titles = {code: factor.title for code, factor in factors.items()}
    through = day or reporting_day(connection, period)
    found: dict[str, list[OwnPart]] = {version: [] for version in versions}
    for subject in subjects:
        level = _level(catalogue, subject)
        by = {code: value_of(amounts, scores.code, f, subject, through) for code, f in factors.items()}
        for group in scores.groups:
            for component in group.components:
                if level not in component.levels:
                    continue
                before: Indicator | None = None
                value: IndicatorValue | None = None
                for version in versions:
                    share = shares[version, component.code]
                    if share != before or value is None:
                        value = value_of(amounts, scores.code, share, subject, through) if share else None
                    before = share
                    part = _part(scores, version, subject.code, group, component, value, by, titles)
                    found[version].append(part)
    return found


def _factors(catalogue: Catalogue, scores: ScoreSet, versions: Sequence[str]) -> dict[str, Indicator]:
    """Return the shares that rules of these versions multiply by, by code; `scores` may be only a part of its set."""
    whole = catalogue.scores.get(scores.code, scores)
    rules = [c.rules[version] for g in scores.groups for c in g.components for version in versions]
    shares = {code: whole.own(*whole.named(code)) for code in {r.times for r in rules if r.times}}
    return {code: share for code, share in shares.items() if share}


def _check(scores: ScoreSet, version: str) -> None:
    if version not in scores.versions:
        there = ", ".join(scores.versions)
        raise ConfigurationError(f"{scores.code} has no rule version {version!r}; there are: {there}")


def _level(catalogue: Catalogue, subject: Subject) -> str:
    return "parent" if subject.whole else _LEVELS.get(catalogue.unit(subject.code).group, "AGENCY")


def _part(
    scores: ScoreSet,
    version: str,
    unit: str,
    group: Group,
    component: Component,
    value: IndicatorValue | None,
    factors: Mapping[str, IndicatorValue],
    titles: Mapping[str, str],  # of the factors
) -> OwnPart:
    above, below = (value.numerator, value.denominator) if value else (None, None)
    arithmetic = scores.versions[version].arithmetic
    times = factors.get(component.rules[version].times or "")
    factor = share_of(times.numerator, times.denominator) if times else None
    made = points(component, version, arithmetic, above, below, factor)
    if value is not None and None in (above, below):  # what is not counted earns nothing, and is not zero
        ratio, earned, reason = None, None, value.reason
    elif value is None and made.score is None:
        ratio, earned, reason = None, None, _NO_RECORDS
    else:
        ratio, earned, reason = made.ratio, made.score, made.reason
        if reason and below and times and factor is None and times.reason:
            reason = f"chưa biết tỷ lệ “{titles[times.indicator_code]}” để nhân: {times.reason}"
    partly = next((v.reason for v in (value, times) if v is not None and v.denominator and v.reason), None)
    if partly is not None and earned is not None:  # some units' reports are not the province's points
        ratio, earned, reason = None, None, partly
    used = [one for one in (value, times) if one is not None] if value else []
    coverage = min((one.coverage for one in used if one.coverage is not None), default=None)
    lacking = tuple(dict.fromkeys(source for one in used for source in one.lacking))
    return OwnPart(unit, group, component, above, below, ratio, earned, reason, coverage, lacking)


def total(parts: Sequence[OwnPart]) -> Decimal | None:
    """Return the sum of the points; None where a part that can earn any is not known, for missing is not zero."""
    earning = [p for p in parts if p.component.max]
    known = [p.score for p in earning if p.score is not None]
    return sum(known, Decimal(0)) if earning and len(known) == len(earning) else None


def rows(scores: ScoreSet, parts: Sequence[OwnPart]) -> Iterator[dict[str, object]]:
    """Yield each component, after its group the group's points, and after a unit those of the whole index.

    Keys as in `COLUMNS`. Where parts are not known the points of the others stand in the reason, never in the sum.
    """
    for unit in dict.fromkeys(p.unit_code for p in parts):
        of_unit = [p for p in parts if p.unit_code == unit]
        for group in scores.groups:
            of_group = [p for p in of_unit if p.group.code == group.code]
            for p in of_group:
                yield {
                    "unit_code": unit,
                    "group": group.code,
                    "component": p.component.code,
                    "title": p.component.title,
                    "numerator": p.numerator,
                    "denominator": p.denominator,
                    "ratio": p.ratio,
                    "score": p.score,
                    "max": p.component.max,
                    "reason": p.reason if p.score is None else None,
                    "coverage": p.coverage,
                }
            if of_group:
                yield _sum_row(unit, group.code, group.title, of_group)
        if len({p.group.code for p in of_unit}) > 1:
            yield _sum_row(unit, "", scores.title, of_unit)


def _sum_row(unit: str, group: str, title: str, parts: Sequence[OwnPart]) -> dict[str, object]:
    known = total(parts)
    most = sum(
        p.component.max for p in parts
    )  # open to this unit: a part that only the province has is not here
    reason = None
    if known is None:
        missing = [p for p in parts if p.component.max and p.score is None]
        partial = sum((p.score for p in parts if p.score is not None), Decimal(0))
        among = sum(p.component.max for p in parts if p.score is not None)
        reason = f"chưa có {len(missing)} chỉ số" if missing else "không tính điểm"
        if among:
            reason += f"; các chỉ số còn lại được {printed(partial)}/{among} điểm"
    return {"unit_code": unit, "group": group, "title": title, "score": known, "max": most, "reason": reason}


def values(scores: ScoreSet, version: str, parts: Sequence[OwnPart], period: Period) -> list[IndicatorValue]:
    """Return the points as numbers that are published and closed like any other, under the code `<index>-<version>`."""
    return [
        IndicatorValue(
            unit_code=p.unit_code,
            set_code=f"{scores.code}-{version}",
            indicator_code=p.component.code,
            period=period,
            value=p.score,
            numerator=p.numerator,
            denominator=p.denominator,
            printed=None if p.score is None else printed(p.score),
            reason=p.reason if p.score is None else None,
            coverage=p.coverage,
            fresh_to=None,
            lacking=p.lacking,
        )
        for p in parts
        if p.component.max
    ]


def table(
    connection: Connection, catalogue: Catalogue, scores: ScoreSet, group: Group, unit: str, period: Period
) -> list[tuple[int, Cells]]:
    """Return a group's counts of one unit as the rows that `scoring.table` and `scoring.whatif` read.

    A count that is not known is an empty cell.
    """
    subject = subject_of(catalogue, unit, period)
    columns = {
        column: Indicator(code=column, title=column, unit="", value=terms, basis=scores.basis)
        for column, terms in scores.counts.items()
    }
    amounts = Amounts(connection, catalogue, period, [subject])
    amounts.fetch(columns.values())

    def cell(column: str) -> str:
        if column not in columns:
            return ""
        count = value_of(amounts, scores.code, columns[column], subject, period.end).value
        return "" if count is None else f"{count:.0f}" if count == count.to_integral_value() else f"{count:f}"

    level = _level(catalogue, subject)
    known = {"unit_code": unit, "level": level}
    if group.shape == "metrics":
        return [
            (n, {**known, METRIC: c.code, **{s: cell(f"{c.code}.{s}") for s in ("numerator", "denominator")}})
            for n, c in enumerate(group.components, start=1)
        ]
    wanted = {
        column
        for component in group.components
        for rule in component.rules.values()
        for column in (*component.numerator, *component.denominator, *rule.denominator)
    } | factor_columns(group)
    return [(1, {**known, **{column: cell(column) for column in sorted(wanted)}})]
