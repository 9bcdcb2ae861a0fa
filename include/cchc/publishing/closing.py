"""Close a period (chốt số liệu, Điều 12 Nghị định 09/2019/NĐ-CP): freeze its numbers as revision 0, 1, 2 and so on.

A revision holds every indicator of every unit and of the province, the cells of their forms, the rules and the
catalogue it was worked out under, and the dossiers it was made of. Late data never changes it: it shows as a
difference, and becomes the next revision when a person reopens the period, with a name and a reason, and closes it
again. The tables refuse changes, and a revision and a reopening are links of the chain that releases are in
(`cchc.publishing.chain`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row

from cchc.catalogue.models import Catalogue, Source
from cchc.errors import ConfigurationError
from cchc.indicators import delivered, words
from cchc.indicators.compute import IndicatorValue, compute_on, subject_of
from cchc.indicators.delivered import reporting_day
from cchc.indicators.numbers import printed
from cchc.indicators.periods import Period
from cchc.indicators.scoring import own
from cchc.publishing import chain
from cchc.publishing.forms import layouts
from cchc.publishing.forms.rows import Builder, Form
from cchc.publishing.sql import query
from cchc.settings import settings

FORMS = ("ii06a", "07a")  # whose cells are frozen with the numbers
_LEVELS = ("department", "district", "commune", "total")
_FORM = "form:"  # begins the set code of a form's cells

LIST_COLUMNS = (
    ("period", "Kỳ"),
    ("calendar", "Lịch"),
    ("revision", "Bản"),
    ("period_from", "Từ ngày"),
    ("period_to", "Đến ngày"),
    ("closed_at", "Chốt lúc"),
    ("closed_by", "Người chốt"),
    ("sources_complete", "Nguồn đủ"),
    ("sources_expected", "Nguồn phải có"),
    ("reopened_by", "Người mở lại"),
    ("reason", "Lý do mở lại"),
)
DIFF_COLUMNS = (
    ("kind", "Loại"),
    ("unit_code", "Đơn vị"),
    ("cell", "Chỉ số hoặc hồ sơ"),
    ("before", "Trước"),
    ("after", "Sau"),
    ("numerator_before", "Tử số trước"),
    ("numerator_after", "Tử số sau"),
    ("denominator_before", "Mẫu số trước"),
    ("denominator_after", "Mẫu số sau"),
)
SHOW_COLUMNS = (
    ("unit_code", "Đơn vị"),
    ("set_code", "Bộ hoặc biểu"),
    ("indicator_code", "Chỉ số hoặc ô"),
    ("printed", "Số liệu"),
    ("value", "Giá trị"),
    ("numerator", "Tử số"),
    ("denominator", "Mẫu số"),
    ("reason", "Lý do trống"),
    ("coverage", "Độ phủ"),
    ("fresh_to", "Đủ đến ngày"),
)
_KIND, _FORM_KIND = "chỉ số", "biểu"
_CHANGES = {"came": ("–", "có thêm"), "went": ("có", "không còn"), "changed": ("có", "đã thay đổi")}


@dataclass(frozen=True)
class Closed:
    """What was frozen."""

    period: Period
    revision: int
    cells: int  # indicators and points
    form_cells: int
    records: int
    sources_expected: int
    sources_complete: int
    lacking: tuple[str, ...]  # source codes that had not delivered all of the period


def revisions(engine: Engine, period: Period | None = None) -> list[Row[Any]]:
    """Return the revisions of one period, or of all, newest first."""
    with engine.connect() as connection:
        return _revisions(connection, period)


def _revisions(connection: Connection, period: Period | None) -> list[Row[Any]]:
    where = {"period": period.label if period else None, "calendar": period.calendar if period else None}
    return list(connection.execute(query("closed_periods"), where))


def close(
    engine: Engine,
    catalogue: Catalogue,
    period: Period,
    by: str,
    note: str | None = None,
    anchor: Path | None = None,
) -> Closed:
    """Freeze the next revision of a period and return what was frozen; all of it or nothing.

    `anchor`: the file outside the database that the chain is anchored in (default: this installation's). Raises
    `ConfigurationError` for a period that is not over for the newest night, one no source is expected in or nothing
    is known of, one that is closed and was not reopened, and a closing without a name; `ReconciliationError` where a
    form contradicts itself; `ChainBroken` where the chain is no longer what was anchored.
    """
    if not by.strip():
        raise ConfigurationError("a period is closed by a person: give the name with --by")
    with engine.begin() as guard:
        guard.execute(chain.LOCK)  # before the snapshot: it has every revision and every link there is
        # one snapshot for numbers and records
        snapshot = engine.connect().execution_options(isolation_level="REPEATABLE READ")
        with snapshot as connection, connection.begin():
            closed = _freeze(connection, catalogue, period, by.strip(), note)
    _anchor(engine, anchor)
    return closed


def _freeze(
    connection: Connection, catalogue: Catalogue, period: Period, by: str, note: str | None
) -> Closed:
    revision = _next_revision(connection, period)
    day = _over(connection, period)
    expected = _expected(catalogue, period)
    values = _known(_compute(connection, catalogue, period, day), period)
    lacking = tuple(sorted({code for value in values for code in value.lacking}))
    complete = len([s for s in expected if s.code not in lacking])
    key = {"calendar": period.calendar, "period": period.label, "revision": revision}
    span = {"period_from": period.start, "period_to": period.end}
    connection.execute(
        query("close_period"),
        {
            **key,
            **span,
            "reporting_day": day,
            "closed_by": by,
            "note": note,
            "catalogue_sha256": hashlib.sha256(catalogue.model_dump_json().encode()).hexdigest(),
            "on_time_rules": json.dumps(
                {s.code: catalogue.profile_of(s).on_time_rule for s in catalogue.sources.values()}
            ),
            "sources_expected": len(expected),
            "sources_complete": complete,
        },
    )
    rows = [
        {**key, **{k: v for k, v in vars(value).items() if k not in ("period", "lacking", "provenance")}}
        for value in values
    ]
    connection.execute(query("close_values"), rows)
    records = connection.execute(query("close_records"), {**key, **span}).rowcount
    chain.add(connection, **key)
    in_forms = sum(_in_form(value.set_code) for value in values)
    return Closed(period, revision, len(rows) - in_forms, in_forms, records, len(expected), complete, lacking)


def preview(engine: Engine, catalogue: Catalogue, period: Period) -> str:
    """Return what closing the period now would freeze, and what is missing, for the person who answers for it.

    Vietnamese, as Markdown. Raises `ConfigurationError` where the period cannot be closed.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        revision = _next_revision(connection, period)
        day = _over(connection, period)
        _expected(catalogue, period)
        values = _known(_compute(connection, catalogue, period, day), period)
        before = _frozen(connection, period, revision - 1) if revision else {}
        marks = delivered.watermarks(connection, catalogue)
    lacking = sorted({code for value in values for code in value.lacking})
    numbers = [value for value in values if not _in_form(value.set_code)]
    empty = sum(value.value is None for value in numbers)
    lines = [
        f"**{period.title()}**, bản {revision}, số liệu đến đêm {day:%d/%m/%Y}",
        f"- {len(numbers)} số liệu, trong đó {empty} chưa có giá trị",
        f"- {len(values) - len(numbers)} ô của các biểu {', '.join(_numbers_of_forms())}",
        f"- nguồn chưa đủ số liệu của kỳ: {', '.join(lacking) or 'không có'}",
    ]
    for source in catalogue.sources.values():
        if came := delivered.unclaimed(marks, source, period.end):
            kept = words.not_kept(came)
            lines.append(
                f"- {source.code}: danh mục nguồn ghi {kept}, nhưng nguồn có gửi; số liệu có tính đến"
            )
    if revision:
        after = {_cell(value): _figure(value) for value in values}
        apart = [row["kind"] for row in _cells(before, after)]
        kinds = f"{apart.count(_KIND)} số liệu và {apart.count(_FORM_KIND)} ô của biểu"
        lines.append(f"- {kinds} khác bản {revision - 1}")
    return "\n".join(lines)


def _over(connection: Connection, period: Period) -> date:
    """Return the newest night's day; raises `ConfigurationError` where the period is not over by then."""
    if not connection.scalar(query("any_night")):
        raise ConfigurationError(
            f"period {period.label}: no night has run yet, so nothing says that the period is over"
        )
    day = reporting_day(connection, period)
    if day < period.end:
        raise ConfigurationError(
            f"period {period.label} ends on {period.end}, the newest night is of {day}: it is not over yet"
        )
    return day


def _expected(catalogue: Catalogue, period: Period) -> list[Source]:
    """Return the sources that should have delivered the period; raises `ConfigurationError` where there is none."""
    expected = [s for s in catalogue.sources.values() if s.expected and s.history_from <= period.end]
    if not expected:
        begins = min((s.history_from for s in catalogue.sources.values() if s.expected), default=None)
        why = f"the earliest history begins on {begins}" if begins else "no source is `expected`"
        raise ConfigurationError(
            f"period {period.label} cannot be closed: no source is expected to deliver any of it "
            f"({why}; see sources.yaml)"
        )
    return expected


def _known(values: list[IndicatorValue], period: Period) -> list[IndicatorValue]:
    """Return the values; raises `ConfigurationError` where not one of them is known: it would be frozen for good."""
    if all(value.value is None for value in values):
        reasons = Counter(value.reason for value in values).most_common(1)
        why = f", mostly: {reasons[0][0]}" if reasons else ""
        raise ConfigurationError(
            f"period {period.label} cannot be closed: not one of its {len(values)} numbers is known{why}"
        )
    return values


def _next_revision(connection: Connection, period: Period) -> int:
    there = _revisions(connection, period)
    if not there:
        return 0
    newest = there[0]
    if newest.reopened_at is None:
        raise ConfigurationError(
            f"period {period.label} was closed as revision {newest.revision} by {newest.closed_by}: "
            "`cchc period diff` shows what came since, `cchc period reopen` lets a new revision follow"
        )
    return int(newest.revision) + 1


def _compute(connection: Connection, catalogue: Catalogue, period: Period, day: date) -> list[IndicatorValue]:
    """Return every number of all units and the province: indicators, points under each rule version, cells of forms."""
    members = subject_of(catalogue, catalogue.province.code, period).members
    units = [*members, catalogue.province.code]
    found = [
        value
        for indicator_set in catalogue.indicator_sets.values()
        for value in compute_on(connection, catalogue, indicator_set, units, period, day=day)
    ]
    for scores in catalogue.scores.values():
        by_version = own.score_versions(
            connection, catalogue, scores, tuple(scores.versions), units, period, day=day
        )
        for version, parts in by_version.items():
            found += own.values(scores, version, parts, period)
    for code in FORMS:
        layout = layouts.load(settings().catalogue, code)
        layout.check(catalogue)
        for unit in units:  # in this snapshot, which `rows.build` would not be
            found += _form_cells(Builder(connection, catalogue, layout, unit, period, day).form())
    return found


def _form_cells(form: Form) -> Iterator[IndicatorValue]:
    """Yield the cells of a form: `department/c3` is of a level, `department/GD/c3` of a field, `total/c3` of all.

    A field that nobody states has an empty name: `department//c3`.
    """
    for row in form.rows:
        place = f"{row.level}/{row.field_code or ''}" if row.kind == "field" else row.level
        for column, value in row.values.items():
            number = None if value is None else Decimal(value)
            yield IndicatorValue(
                unit_code=form.unit_code,
                set_code=f"{_FORM}{form.layout.code}",
                indicator_code=f"{place}/{column}",
                period=form.period,
                value=number,
                numerator=None,
                denominator=None,
                printed=None if number is None else printed(number),
                reason=row.reasons.get(column) if number is None else None,
                coverage=form.coverage.share,
                fresh_to=form.coverage.fresh_to,
                lacking=form.coverage.lacking,
            )


def _in_form(set_code: str) -> bool:
    return set_code.startswith(_FORM)


def _forms_in(figures: dict[Cell, Figure]) -> bool:
    return any(_in_form(set_code) for _, set_code, _ in figures)


def _numbers_of_forms() -> list[str]:
    return [layouts.load(settings().catalogue, code).number for code in FORMS]


def reopen(engine: Engine, period: Period, by: str, reason: str, anchor: Path | None = None) -> int:
    """Let a new revision follow the newest one, and log who wanted it and why; returns the revision reopened.

    `anchor`: as for `close`. Raises `ConfigurationError` where nothing is closed, where it is open already, and
    without a name or a reason; `ChainBroken` where the chain is no longer what was anchored.
    """
    if not by.strip() or not reason.strip():
        raise ConfigurationError("a period is reopened by a person with a reason: give --by and --reason")
    with engine.begin() as connection:
        connection.execute(chain.LOCK)
        there = _revisions(connection, period)
        if not there:
            raise ConfigurationError(f"period {period.label} ({period.calendar} calendar) was never closed")
        newest = there[0]
        if newest.reopened_at is not None:
            raise ConfigurationError(f"period {period.label} was reopened already, by {newest.reopened_by}")
        key = {"calendar": period.calendar, "period": period.label, "revision": newest.revision}
        connection.execute(
            query("reopen_period"), {**key, "reopened_by": by.strip(), "reason": reason.strip()}
        )
        chain.add(connection, **key, is_reopening=True)
    _anchor(engine, anchor)
    return int(newest.revision)


def _anchor(engine: Engine, anchor: Path | None) -> None:
    anchor = anchor or chain.own_anchor()
    with engine.begin() as guard:
        guard.execute(chain.LOCK)
        chain.anchor_links(guard, anchor)
    chain.stamp(anchor)


@dataclass(frozen=True)
class Shown:
    """A frozen revision, or a part of it, as it was closed."""

    revision: Row[Any]  # as `revisions` returns it: who closed it and when, the rules
    values: list[Row[Any]]  # `SHOW_COLUMNS`, by unit, set and cell


def show(
    engine: Engine,
    period: Period,
    revision: int | None = None,
    *,
    unit: str | None = None,
    set_code: str | None = None,
) -> Shown:
    """Return the frozen numbers of a revision (default the newest), all or those of a unit or a set.

    Raises `ConfigurationError` for a revision that does not exist and a unit or a set that it has nothing of.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        frozen = _existing(_revisions(connection, period), period, revision)
        where = {"calendar": period.calendar, "period": period.label, "revision": frozen.revision}
        rows = list(connection.execute(query("closed_values"), where))
    for wanted, column in ((unit, "unit_code"), (set_code, "set_code")):
        there = sorted({getattr(row, column) for row in rows})
        if wanted is not None and wanted not in there:
            raise ConfigurationError(
                f"revision {frozen.revision} of {period.label} has no {column} {wanted}; there are: {', '.join(there)}"
            )
    chosen = [r for r in rows if unit in (None, r.unit_code) and set_code in (None, r.set_code)]
    return Shown(frozen, sorted(chosen, key=_in_order))


def _in_order(row: Row[Any]) -> tuple[str, str, list[int | str]]:
    """Sort the cells of a form as it is printed: by level, the level before its fields, c3 before c10."""
    if not _in_form(row.set_code):
        return row.unit_code, row.set_code, [row.indicator_code]
    level, *field, column = row.indicator_code.split("/")
    name = "/".join(field)
    place = [_LEVELS.index(level) if level in _LEVELS else len(_LEVELS), len(field), not name, name]
    return row.unit_code, row.set_code, [*place, int("".join(filter(str.isdecimal, column)) or 0), column]


def _existing(there: list[Row[Any]], period: Period, revision: int | None) -> Row[Any]:
    """Return a revision, or the newest; raises `ConfigurationError` where it does not exist."""
    if not there:
        raise ConfigurationError(f"period {period.label} ({period.calendar} calendar) was never closed")
    if revision is None:
        return there[0]
    for row in there:
        if row.revision == revision:
            return row
    have = ", ".join(str(row.revision) for row in reversed(there))
    raise ConfigurationError(f"period {period.label} has no revision {revision}; there are: {have}")


Cell = tuple[str, str, str]
Figure = tuple[str | None, Decimal | None, Decimal | None]  # printed or reason, numerator, denominator


def diff(
    engine: Engine, catalogue: Catalogue, period: Period, earlier: int | None = None, later: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the cells that differ between two revisions, then the dossiers; `later` None: what the warehouse gives now.

    `earlier` None is the newest closed revision. Raises `ConfigurationError` for a revision that does not exist.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        there = _revisions(connection, period)
        first = int(_existing(there, period, earlier).revision)
        if later is not None:
            _existing(there, period, later)
        before = _frozen(connection, period, first)
        if later is None:
            day = reporting_day(connection, period)
            after = {_cell(v): _figure(v) for v in _compute(connection, catalogue, period, day)}
        else:
            after = _frozen(connection, period, later)
        yield from _cells(before, after)
        where = {
            "calendar": period.calendar,
            "period": period.label,
            "earlier": first,
            "later": later,
            "period_from": period.start,
            "period_to": period.end,
        }
        for row in connection.execute(query("record_changes"), where):
            old, new = _CHANGES[row.change]
            cell = f"{row.source_code} {row.dossier_code}"
            yield {"kind": "hồ sơ", "unit_code": row.unit_code, "cell": cell, "before": old, "after": new}


def _cell(value: IndicatorValue) -> Cell:
    return value.unit_code, value.set_code, value.indicator_code


def _figure(value: IndicatorValue) -> Figure:
    return value.printed or value.reason, value.numerator, value.denominator


def _frozen(connection: Connection, period: Period, revision: int) -> dict[Cell, Figure]:
    where = {"calendar": period.calendar, "period": period.label, "revision": revision}
    return {
        (r.unit_code, r.set_code, r.indicator_code): (r.printed or r.reason, r.numerator, r.denominator)
        for r in connection.execute(query("closed_values"), where)
    }


def _cells(before: dict[Cell, Figure], after: dict[Cell, Figure]) -> Iterator[dict[str, Any]]:
    nothing: Figure = (None, None, None)
    # a revision of before forms were frozen has none of their cells: nothing is known to differ
    before, after = (
        {cell: figure for cell, figure in side.items() if _forms_in(other) or not _in_form(cell[1])}
        for side, other in ((before, after), (after, before))
    )
    for cell in sorted({*before, *after}):
        old, new = before.get(cell, nothing), after.get(cell, nothing)
        if old != new:
            unit, set_code, indicator = cell
            yield {
                "kind": _FORM_KIND if _in_form(set_code) else _KIND,
                "unit_code": unit,
                "cell": f"{set_code} {indicator}",
                "before": old[0],
                "after": new[0],
                "numerator_before": old[1],
                "numerator_after": new[1],
                "denominator_before": old[2],
                "denominator_after": new[2],
            }
