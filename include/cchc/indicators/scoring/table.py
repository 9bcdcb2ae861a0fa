"""A table of counts, as the portal publishes it or an officer keeps it, and the points of its rows."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Literal, get_args

from cchc.catalogue.scores import Component, Group, ScoreSet
from cchc.errors import ConfigurationError
from cchc.indicators.scoring.points import Points, half_up, points, share_of, to_fixed

Cells = Mapping[str, str]
Level = Literal["parent", "AGENCY", "COMMUNE"]
LEVELS: tuple[Level, ...] = get_args(Level)
METRIC = "metric_code"
ADDED = ("computed_ratio", "computed_score", "difference", "reason")
COUNT_DIGITS = 15  # so many a double holds exactly
COUNT = re.compile(rf"[0-9]{{1,{COUNT_DIGITS}}}")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_KEY = ("unit_code", METRIC, "period", "scope", "capture")  # what tells the portal's rows apart


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
    remark: str | None = None  # Vietnamese: what is odd about counts that have a score

    @property
    def unscored(self) -> str | None:
        """Why the row has no score; None where it has one, and for a metric that is shown for information."""
        return self.reason if self.score is None else None

    @property
    def said(self) -> str | None:
        """What is said of the row: why it has no score, or what is odd about its counts."""
        return self.unscored or self.remark

    @property
    def difference(self) -> Decimal | None:
        """Ours minus the official score; None where either is not known."""
        if self.score is None or self.official is None:
            return None
        return self.score - self.official


def read(path: Path, group: Group) -> list[tuple[int, Cells]]:
    """Return the rows of a CSV file (UTF-8, commas, header row) with their line numbers, texts as they stand.

    Columns that an earlier run added (`ADDED`) are left out: they are worked out again. Raises `ConfigurationError`
    naming file, line and column for what cannot be read, for counts and levels that are none, for a unit (or its
    metric) that stands twice in one period, scope and capture, and for a file without a row.
    """
    text = _text(path)
    first = text.partition("\n")[0]
    for separator, named in ((";", "semicolons"), ("\t", "tabs")):
        if first.count(separator) > first.count(","):
            raise ConfigurationError(f"{path}, line 1: separated by {named}; commas are needed")
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
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
            cells = zip(header, row, strict=True)
            rows.append((reader.line_num, {name: cell for name, cell in cells if name not in ADDED}))
    except csv.Error as error:
        raise ConfigurationError(f"{path}, line {reader.line_num}: this is not CSV ({error})") from error
    if not rows:
        raise ConfigurationError(f"{path} has a header and no row: there is nothing to score")
    try:
        _check_rows(rows, group)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}, {error}") from None
    return rows


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}") from error
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise ConfigurationError(f"{path} is not UTF-8 text but UTF-16: save it as CSV UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            f"{path}, line {line}: this is not UTF-8 text (windows-1258, perhaps): save it as CSV UTF-8"
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ConfigurationError(f"{path}, line {line}: a NUL byte stands in it: save it as CSV UTF-8")
    return text


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


def _check_rows(rows: Sequence[tuple[int, Cells]], group: Group) -> None:
    numbers = sorted(number_columns(group))
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in rows:
        if "level" in cells:
            _level(cells, line)
        for column in numbers:
            number(cells, column, line, group)
        if not cells.get("unit_code", "").strip():
            continue
        key = tuple(cells.get(name, "").strip() for name in _KEY)
        if key in seen:
            who = " ".join(filter(None, (cells["unit_code"], cells.get(METRIC))))
            raise ConfigurationError(
                f"lines {seen[key]} and {line}: {who} stands twice; rows of one unit differ in {', '.join(_KEY[1:])}"
            )
        seen[key] = line


def check_group(rows: Sequence[tuple[int, Cells]], scores: ScoreSet, group: Group) -> None:
    """Raise `ConfigurationError` naming the group where a table of metrics has none of this group but another's."""
    if group.shape != "metrics":
        return
    metrics = {cells[METRIC].strip() for _, cells in rows}
    if metrics & {c.code for c in group.components}:
        return
    if others := [g.code for g in scores.groups if metrics & {c.code for c in g.components}]:
        raise ConfigurationError(
            f"no row is of group {group.code}: the metrics are of group {', '.join(others)}; "
            f"score the file as that group"
        )


def _level(cells: Cells, line: int) -> Level:
    text = cells.get("level", "parent").strip()
    for level in LEVELS:
        if text == level:
            return level
    raise ConfigurationError(f"line {line}, column level: {text!r} is none of {', '.join(LEVELS)}")


def open_max(group: Group, level: str) -> int:
    """Return the points of a group that a unit of this level can earn: some components only the province has."""
    return sum(c.max for c in group.components if level in c.levels)


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


def number(cells: Cells, column: str, line: int, group: Group) -> Decimal | None:
    """Return the number of a cell, or None where it is empty; raises `ConfigurationError` for anything else.

    A count is a whole number in the digits 0-9: `1.234` may be one thousand or one, so it is not guessed at. The
    portal's own ratio, score and maximum may have decimals.
    """
    text = cells.get(column, "").strip()
    if text == "":
        return None
    decimals = column in (group.score_column, group.ratio_column, group.max_column)
    if (_DECIMAL if decimals else COUNT).fullmatch(text):
        return Decimal(text)
    place = f"line {line}, column {column}: {shortened(text)!r}"
    if decimals:
        raise ConfigurationError(f"{place} is not a number: write 78.38, with a point and the digits 0-9")
    doubt = ""
    if re.search(r"[.,]", text):
        doubt = "; with a point or a comma it could mean thousands or a fraction (1.234: one thousand or one)"
    raise ConfigurationError(
        f"{place} is not a count: write a whole number in the digits 0-9 alone, at most {COUNT_DIGITS} of them, "
        f"as 1234{doubt}"
    )


def shortened(text: str) -> str:
    """Return a text short enough for a message of one line."""
    return text if len(text) <= 40 else f"{text[:40]}…"


def score(scores: ScoreSet, group: Group, version: str, line: int, cells: Cells) -> Scored:
    """Return the points of one row under a version of the rules.

    A row of a unit that publishes none of its counts has no score; a part whose counts are missing makes the
    whole not known, for missing is not zero. A numerator above its denominator is scored as the rule says, and the
    remark names both. Points are rounded part by part and then added, as the portal does.
    """
    if version not in scores.versions:
        there = ", ".join(scores.versions)
        raise ConfigurationError(f"{scores.code} has no rule version {version!r}; there are: {there}")
    official = number(cells, group.score_column, line, group)
    if group.shape == "metrics":
        return _metric(scores, group, version, line, cells, official)
    level = _level(cells, line)
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
                _sum(cells, component.numerator, line, group),
                _sum(cells, divisor, line, group),
                line,
                cells,
                group,
            )
        )
    unknown = [p for p in parts if p.points.score is None]
    if unknown:
        empty = {p.component.code: list(_empty(cells, p.component, version)) for p in unknown}
        reasons = [f"{p.component.title}: {p.points.reason}" for p in unknown if not empty[p.component.code]]
        if columns := dict.fromkeys(c for of_part in empty.values() for c in of_part):
            reasons.insert(0, f"không có số liệu ở cột {', '.join(columns)}")
        reason = "; ".join(reasons)
        return Scored(line, cells, tuple(parts), None, None, official, reason)
    total = sum((p.points.score or Decimal(0) for p in parts), Decimal(0))
    odd = [p for p in parts if p.points.remark]
    if len(group.components) == 1:
        remark = odd[0].points.remark if odd else None
    else:
        remark = "; ".join(f"{p.component.title}: {p.points.remark}" for p in odd) or None
    if len(group.components) == 1:
        ratio = parts[0].points.ratio
    elif scores.versions[version].arithmetic == "double":
        ratio = to_fixed(float(total) / group.max * 100)
    else:
        ratio = half_up(100 * Fraction(total) / group.max)
    return Scored(line, cells, tuple(parts), ratio, total, official, None, remark)


def _metric(
    scores: ScoreSet, group: Group, version: str, line: int, cells: Cells, official: Decimal | None
) -> Scored:
    code = cells[METRIC].strip()
    component = next((c for c in group.components if c.code == code), None)
    if component is None:
        return Scored(line, cells, (), None, None, official, _elsewhere(scores, group, code))
    part = _part(
        scores,
        component,
        version,
        number(cells, "numerator", line, group),
        number(cells, "denominator", line, group),
        line,
        cells,
        group,
    )
    made = part.points
    return Scored(line, cells, (part,), made.ratio, made.score, official, made.reason, made.remark)


def _elsewhere(scores: ScoreSet, group: Group, code: str) -> str:
    try:
        other, _ = scores.named(code)
    except KeyError:
        return f"chỉ tiêu {code!r} không có trong bộ chỉ số"
    return f"chỉ tiêu {code!r} thuộc nhóm {other.code}, không thuộc nhóm {group.code}"


def _part(
    scores: ScoreSet,
    component: Component,
    version: str,
    numerator: Decimal | None,
    denominator: Decimal | None,
    line: int,
    cells: Cells,
    group: Group,
) -> Part:
    times = [number(cells, column, line, group) for column in component.rules[version].factor_columns]
    factor = share_of(*times) if times else None
    arithmetic = scores.versions[version].arithmetic
    made = points(component, version, arithmetic, numerator, denominator, factor, published=True)
    return Part(component, numerator, denominator, made, factor)


def _sum(cells: Cells, columns: Sequence[str], line: int, group: Group) -> Decimal | None:
    values = [number(cells, column, line, group) for column in columns]
    if any(v is None for v in values):
        return None
    return sum((v for v in values if v is not None), Decimal(0))


def _empty(cells: Cells, component: Component, version: str) -> Iterator[str]:
    rule = component.rules[version]
    for column in (*component.numerator, *(rule.denominator or component.denominator), *rule.factor_columns):
        if cells.get(column, "").strip() == "":
            yield column
