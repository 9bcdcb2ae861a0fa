"""A table of counts, as the portal publishes it or an officer keeps it, and the points of its rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from cchc.catalogue.scores import Component, Group, ScoreSet
from cchc.errors import ConfigurationError
from cchc.indicators.scoring.points import Points, half_up, points, share_of, to_fixed

Cells = Mapping[str, str]
METRIC = "metric_code"


@dataclass(frozen=True)
class Part:
    """One component of one row: what was counted and what it earns."""

    component: Component
    numerator: Decimal | None
    denominator: Decimal | None
    points: Points
    factor: Fraction | None = None  # the share that the rule multiplies the numerator by


@dataclass(frozen=True)
class Scored:
    """One row of the table with what we make of it."""

    line: int  # in the file
    cells: Cells
    parts: tuple[Part, ...]
    ratio: Decimal | None
    score: Decimal | None
    official: Decimal | None
    reason: str | None  # Vietnamese: why no score is known

    @property
    def difference(self) -> Decimal | None:
        """Ours minus the official score; None where either is not known."""
        if self.score is None or self.official is None:
            return None
        return self.score - self.official


def read(path: Path, group: Group) -> list[tuple[int, Cells]]:
    """Return the rows of a CSV file (UTF-8, header row) with their line numbers, texts as they stand.

    Raises `ConfigurationError` naming file, line and column for what cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, header, group)
            rows: list[tuple[int, Cells]] = []
            for row in reader:
                if not any(cell.strip() for cell in row):
                    continue
                if len(row) != len(header):
                    raise ConfigurationError(
                        f"{path}, line {reader.line_num}: {len(row)} fields, the header has {len(header)}"
                    )
                rows.append((reader.line_num, dict(zip(header, row, strict=True))))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text: save it as CSV UTF-8") from error
    except csv.Error as error:
        raise ConfigurationError(f"{path}, line {reader.line_num}: this is not CSV ({error})") from error
    return rows


def _check_header(path: Path, header: Sequence[str], group: Group) -> None:
    if not header:
        raise ConfigurationError(f"{path} is empty: it needs a header row")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ConfigurationError(f"{path}: column {twice[0]!r} stands twice in the header")
    wanted = {METRIC, "numerator", "denominator"} if group.shape == "metrics" else _columns(group)
    missing = sorted(wanted - set(header))
    if missing:
        raise ConfigurationError(f"{path}: group {group.code} needs the column(s) {', '.join(missing)}")


def _columns(group: Group) -> set[str]:
    found: set[str] = {"level"} if any(len(c.levels) < 3 for c in group.components) else set()
    for component in group.components:
        found |= {*component.numerator, *component.denominator}
        for rule in component.rules.values():
            found |= set(rule.denominator)
    return found


def factor_columns(group: Group) -> set[str]:
    """Return the columns of shares that a rule multiplies by; a table may lack them, for other rules do not ask."""
    return {x for c in group.components for rule in c.rules.values() for x in rule.factor_columns}


def number_columns(group: Group) -> set[str]:
    """Return the columns of a group's table that hold numbers."""
    own = {"numerator", "denominator"} if group.shape == "metrics" else _columns(group) - {"level"}
    return own | factor_columns(group) | {group.score_column, group.ratio_column, group.max_column}


def number(cells: Cells, column: str, line: int) -> Decimal | None:
    """Return the number of a cell, or None where it is empty; raises `ConfigurationError` for anything else."""
    text = cells.get(column, "").strip()
    if text == "":
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        raise ConfigurationError(f"line {line}, column {column}: {text!r} is not a number (write 1234.5)")
    return value


def score(scores: ScoreSet, group: Group, version: str, line: int, cells: Cells) -> Scored:
    """Return the points of one row under a version of the rules.

    A row of a unit that publishes none of its counts has no score; a part whose counts are missing makes the
    whole not known, for missing is not zero. Points are rounded part by part and then added, as the portal does.
    """
    if version not in scores.versions:
        there = ", ".join(scores.versions)
        raise ConfigurationError(f"{scores.code} has no rule version {version!r}; there are: {there}")
    official = number(cells, group.score_column, line)
    if group.shape == "metrics":
        return _metric(scores, group, version, line, cells, official)
    level = cells.get("level", "parent").strip()
    parts = []
    for component in group.components:
        if level not in component.levels:
            continue
        divisor = component.rules[version].denominator or component.denominator
        parts.append(
            _part(
                scores,
                component,
                version,
                _sum(cells, component.numerator, line),
                _sum(cells, divisor, line),
                line,
                cells,
            )
        )
    unknown = [p for p in parts if p.points.score is None]
    if unknown:
        empty = [c for p in unknown for c in _empty(cells, p.component, version)]
        because = f"không có số liệu ở cột {', '.join(dict.fromkeys(empty))}" if empty else None
        reason = because or f"{unknown[0].component.title}: {unknown[0].points.reason}"
        return Scored(line, cells, tuple(parts), None, None, official, reason)
    total = sum((p.points.score or Decimal(0) for p in parts), Decimal(0))
    if len(group.components) == 1:
        ratio = parts[0].points.ratio
    elif scores.versions[version].arithmetic == "double":
        ratio = to_fixed(float(total) / group.max * 100)
    else:
        ratio = half_up(100 * Fraction(total) / group.max)
    return Scored(line, cells, tuple(parts), ratio, total, official, None)


def _metric(
    scores: ScoreSet, group: Group, version: str, line: int, cells: Cells, official: Decimal | None
) -> Scored:
    code = cells[METRIC].strip()
    component = next((c for c in group.components if c.code == code), None)
    if component is None:
        return Scored(line, cells, (), None, None, official, f"chỉ tiêu {code!r} không có trong bộ chỉ số")
    part = _part(
        scores,
        component,
        version,
        number(cells, "numerator", line),
        number(cells, "denominator", line),
        line,
        cells,
    )
    return Scored(line, cells, (part,), part.points.ratio, part.points.score, official, part.points.reason)


def _part(
    scores: ScoreSet,
    component: Component,
    version: str,
    numerator: Decimal | None,
    denominator: Decimal | None,
    line: int,
    cells: Cells,
) -> Part:
    times = [number(cells, column, line) for column in component.rules[version].factor_columns]
    factor = share_of(*times) if times else None
    for name, value in (("numerator", numerator), ("denominator", denominator)):
        if value is not None and value < 0:
            raise ConfigurationError(f"line {line}: the {name} of {component.code} is below zero: {value}")
    arithmetic = scores.versions[version].arithmetic
    made = points(component, version, arithmetic, numerator, denominator, factor)
    return Part(component, numerator, denominator, made, factor)


def _sum(cells: Cells, columns: Sequence[str], line: int) -> Decimal | None:
    values = [number(cells, column, line) for column in columns]
    if any(v is None for v in values):
        return None
    return sum((v for v in values if v is not None), Decimal(0))


def _empty(cells: Cells, component: Component, version: str) -> Iterator[str]:
    rule = component.rules[version]
    for column in (*component.numerator, *(rule.denominator or component.denominator), *rule.factor_columns):
        if cells.get(column, "").strip() == "":
            yield column
