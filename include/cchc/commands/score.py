"""`cchc score`: points of an index from a table of counts, and what would change them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from cchc import night, output
from cchc.catalogue.scores import Group, ScoreSet
from cchc.commands.options import CALENDAR, asked_period, known_unit, say, say_beside
from cchc.errors import ConfigurationError
from cchc.indicators.compute import subject_of
from cchc.indicators.numbers import printed
from cchc.indicators.periods import Period
from cchc.indicators.scoring import own, table, whatif

GAIN_COLUMNS = (
    ("component", "Thành phần"),
    ("title", "Nội dung"),
    ("numerator", "Tử số"),
    ("numerator_after", "Tử số mới"),
    ("denominator", "Mẫu số"),
    ("denominator_after", "Mẫu số mới"),
    ("score", "Điểm"),
    ("score_after", "Điểm mới"),
    ("gain", "Tăng"),
    ("max", "Tối đa"),
)
_SHOWN = 20  # rows that are named at the terminal; the output has them all


@click.group()
def score() -> None:
    """Work out the points of an index from counts."""


@score.command("qd766")
@click.argument("group", required=False)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option(
    "--format", "form", type=click.Choice(["csv", "json", "table"]), default="csv", show_default=True
)
@click.option("--period", default=None, help="Without FILE: the period whose own records are scored.")
@CALENDAR
@click.option(
    "--version", default="portal-2026", show_default=True, help="Rule version: written or portal-2026."
)
@click.option(
    "--set",
    "changes",
    multiple=True,
    help="What if: paid_online+=500, DOSSIER_SYNC.numerator=9000; may be given several times.",
)
@click.option("--target", default=None, help="Points to reach: prints what must change, largest gain first.")
@click.option(
    "--unit",
    "units",
    multiple=True,
    help="Unit scored from its records, or unit_code for --set and --target; default the province (level parent).",
)
def qd766(
    group: str | None,
    file: Path | None,
    form: output.Format,
    period: str | None,
    calendar: str,
    version: str,
    changes: tuple[str, ...],
    target: str | None,
    units: tuple[str, ...],
) -> None:
    """Score a table of counts, or our own records of a period, under Bộ chỉ số 766 (QĐ 766/QĐ-TTg).

    GROUP: progress, online, payment, transparency, digitization or satisfaction. FILE: CSV with the portal's
    columns (UTF-8, commas; counts in the digits 0-9 alone; level parent, AGENCY or COMMUNE; one row for a unit in a
    period, scope and capture). Every row is printed in its order with computed_ratio, computed_score and the
    difference from the official score where the row has one; where a row could not be scored, or has a numerator
    above its denominator, also with the reason. Columns of these names that the file has already are replaced.

    Without FILE: --period 2026-10 scores units (--unit, several times) from the warehouse, all groups or GROUP.
    """
    scores = night.catalogue().score_set("qd766")
    what_if = bool(changes) or target is not None
    if (file is None) == (period is None):
        raise ConfigurationError("give GROUP and FILE, or --period for our own records")
    if what_if and (group is None or len(units) > 1):
        raise ConfigurationError("--set and --target are about one GROUP of one unit")
    if file is None:
        _own(scores, group, version, units, asked_period(period or "", calendar), changes, target, form)
        return
    chosen = scores.group(group or "")
    rows = table.read(file, chosen)
    try:
        table.check_group(rows, scores, chosen)
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: {error}") from None
    if what_if:
        _what_if(scores, chosen, version, rows, changes, target, units[0] if units else None, form)
        return
    if units:
        raise ConfigurationError("--unit goes with --set, --target or --period")
    scored = [table.score(scores, chosen, version, line, cells) for line, cells in rows]
    added = table.ADDED if any(s.said for s in scored) else table.ADDED[:-1]
    columns = [(name, name) for name in (*rows[0][1], *added)]
    output.write((_row(s, chosen, form) for s in scored), columns, form, title=chosen.title)
    _say(scored)


def _own(
    scores: ScoreSet,
    group: str | None,
    version: str,
    units: tuple[str, ...],
    period: Period,
    changes: tuple[str, ...],
    target: str | None,
    form: output.Format,
) -> None:
    catalogue = night.catalogue()
    chosen = [known_unit(catalogue, unit) for unit in units] or [catalogue.province.code]
    warehouse = night.ready_warehouse()
    one_unit = chosen[0] if len(set(chosen)) == 1 else None
    members = [m for code in chosen for m in subject_of(catalogue, code, period).members]
    say_beside(warehouse, period, members, unit=one_unit, set_code=f"{scores.code}-{version}")
    with warehouse.connect() as connection:
        if changes or target is not None:
            one = scores.group(group or "")
            rows = own.table(connection, catalogue, scores, one, chosen[0], period)
            _what_if(scores, one, version, rows, changes, target, chosen[0], form)
            return
        narrowed = scores.model_copy(update={"groups": (scores.group(group),)}) if group else scores
        parts = own.score_units(connection, catalogue, narrowed, version, chosen, period)
    title = f"{scores.title}, {period.title()}, quy tắc {scores.versions[version].title}"
    output.write((_shown(row, form) for row in own.rows(narrowed, parts)), own.COLUMNS, form, title=title)


def _shown(row: Mapping[str, Any], form: output.Format) -> dict[str, Any]:
    """Return the row as it is read: numbers in JSON, without trailing zeros in CSV, coverage as a share in a table."""
    if form == "table":
        coverage = row.get("coverage")
        return {**row, "coverage": f"{coverage:.0%}" if coverage is not None else None}
    how: Callable[[Decimal], Any] = _json_number if form == "json" else _short
    return {name: how(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _row(scored: table.Scored, group: Group, form: output.Format) -> dict[str, Any]:
    """Return the row as it stands with what was worked out; in JSON numbers are numbers and empty cells null."""
    numbers = {
        "computed_ratio": scored.ratio,
        "computed_score": scored.score,
        "difference": scored.difference,
    }
    reason = {"reason": scored.said}
    if form != "json":
        return {**scored.cells, **{name: _short(value) for name, value in numbers.items()}, **reason}
    counted = table.number_columns(group)
    stated = {
        name: table.number(scored.cells, name, scored.line, group) if name in counted else cell or None
        for name, cell in scored.cells.items()
    }
    return {
        name: _json_number(value) if isinstance(value, Decimal) else value
        for name, value in (stated | numbers | reason).items()
    }


def _json_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _short(value: Decimal | None) -> Decimal | None:
    """Return 6.3, 12, 0 without trailing zeros: as the portal prints its numbers."""
    if value is None:
        return None
    return Decimal(f"{value.normalize():f}") if value else Decimal(0)


def _say(scored: Sequence[table.Scored]) -> None:
    """Tell at the terminal how many rows agree, which do not, which could not be scored and why, and which are odd."""
    compared = [s for s in scored if s.difference is not None]
    apart = [s for s in compared if s.difference]
    say(f"{len(scored)} rows; {len(compared)} compared with an official score, {len(apart)} differ")
    for s in apart[:_SHOWN]:
        say(f"  {_who(s)}: ours {_short(s.score)}, official {_short(s.official)}")
    if len(apart) > _SHOWN:
        say(f"  … and {len(apart) - _SHOWN} more")
    by_reason: dict[str, list[table.Scored]] = {}
    for s in scored:
        if s.said:
            how = "not scored" if s.unscored else "scored as they stand"
            by_reason.setdefault(f"{how}: {s.said}", []).append(s)
    most = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    for reason, of_it in most[:_SHOWN]:
        who = ", ".join(_who(s) for s in of_it[:_SHOWN])
        more = f" … and {len(of_it) - _SHOWN} more" if len(of_it) > _SHOWN else ""
        say(f"  {len(of_it)} {reason}: {who}{more}")
    if len(most) > _SHOWN:
        say(f"  … and {len(most) - _SHOWN} more reasons: all are in column reason")


def _who(scored: table.Scored) -> str:
    names = (scored.cells.get(name, "").strip() for name in ("unit_code", table.METRIC))
    return " ".join(["line", str(scored.line), *filter(None, names)])


def _what_if(
    scores: ScoreSet,
    group: Group,
    version: str,
    rows: Sequence[whatif.Line],
    changes: tuple[str, ...],
    target: str | None,
    unit: str | None,
    form: output.Format,
) -> None:
    if version not in scores.versions:
        there = ", ".join(scores.versions)
        raise ConfigurationError(f"{scores.code} has no rule version {version!r}; there are: {there}")
    own = whatif.of_unit(group, rows, unit)
    parsed = [whatif.parse(scores, group, text) for text in changes]
    parts = whatif.parts_of(scores, group, version, whatif.changed(own, parsed))
    before = whatif.total(whatif.parts_of(scores, group, version, own))
    gains = whatif.compare(scores, group, version, own, parsed)
    after = whatif.total(gains)
    if target is not None:
        wanted = _points(target)
        gains = whatif.reach(scores, group, version, whatif.changed(own, parsed), wanted)
        after += sum((g.gain or Decimal(0) for g in gains), Decimal(0))
    output.write((_shown(row, form) for row in _gain_rows(gains)), GAIN_COLUMNS, form, title=group.title)
    who = own[0][1].get("unit_name") or own[0][1].get("unit_code")
    named = f"{who}: " if who else ""
    most = table.open_max(group, own[0][1].get("level", "parent").strip())
    say(f"{named}{printed(before)} → {printed(after)} trên {most} điểm ({group.title})")
    if lacking := whatif.unknown(parts):
        say(f"  chưa biết điểm, tính là chưa được điểm nào: {', '.join(lacking)}")


def _points(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", text.strip()):
        shown = table.shortened(text)
        raise ConfigurationError(f"--target {shown!r} is not a number of points: write 8.5")
    return Decimal(text.strip())


def _gain_rows(gains: Sequence[whatif.Gain]) -> Iterator[dict[str, Any]]:
    for g in gains:
        yield {
            "component": g.component.code,
            "title": g.component.title,
            "numerator": g.numerator,
            "numerator_after": g.numerator_after,
            "denominator": g.denominator,
            "denominator_after": g.denominator_after,
            "score": g.before,
            "score_after": g.after,
            "gain": g.gain,
            "max": g.component.max,
        }
