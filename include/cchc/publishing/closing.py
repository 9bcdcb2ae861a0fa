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
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine

from cchc.catalogue.models import Catalogue, Source
from cchc.errors import ConfigurationError
from cchc.indicators import delivered, words
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.delivered import newest_night
from cchc.indicators.periods import Period
from cchc.publishing import anchor_file, chain
from cchc.publishing.figures import is_of_form, numbers_of_forms, of_period
from cchc.publishing.revisions import (
    FORM_KIND,
    KIND,
    cell_of,
    differences,
    figure_of,
    frozen_figures,
    listed_on,
    name_of,
    of_days_on,
)
from cchc.publishing.sql import query


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
    is known of, one that is closed and was not reopened, one whose days are closed under another name, and a closing
    without a name; `ReconciliationError` where a form contradicts itself; `ChainBroken` where the chain is no longer
    what was anchored.
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
    values = _known(of_period(connection, catalogue, period, day), period)
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
    in_forms = sum(is_of_form(value.set_code) for value in values)
    return Closed(period, revision, len(rows) - in_forms, in_forms, records, len(expected), complete, lacking)


def preview(engine: Engine, catalogue: Catalogue, period: Period) -> str:
    """Return what closing the period now would freeze, and what is missing, for the person who answers for it.

    Vietnamese, as Markdown. Raises `ConfigurationError` where the period cannot be closed.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        revision = _next_revision(connection, period)
        day = _over(connection, period)
        _expected(catalogue, period)
        values = _known(of_period(connection, catalogue, period, day), period)
        before = frozen_figures(connection, period, revision - 1) if revision else {}
        marks = delivered.watermarks(connection, catalogue)
    lacking = sorted({code for value in values for code in value.lacking})
    numbers = [value for value in values if not is_of_form(value.set_code)]
    empty = sum(value.value is None for value in numbers)
    lines = [
        f"**{period.title()}**, bản {revision}, số liệu đến đêm {day:%d/%m/%Y}",
        f"- {len(numbers)} số liệu, trong đó {empty} chưa có giá trị",
        f"- {len(values) - len(numbers)} ô của các biểu {', '.join(numbers_of_forms())}",
        f"- nguồn chưa đủ số liệu của kỳ: {', '.join(lacking) or 'không có'}",
    ]
    for source in catalogue.sources.values():
        if came := delivered.unclaimed(marks, source, period.end):
            kept = words.not_kept(came)
            lines.append(
                f"- {source.code}: danh mục nguồn ghi {kept}, nhưng nguồn có gửi; số liệu có tính đến"
            )
    if revision:
        after = {cell_of(value): figure_of(value) for value in values}
        apart = [row["kind"] for row in differences(before, after)]
        kinds = f"{apart.count(KIND)} số liệu và {apart.count(FORM_KIND)} ô của biểu"
        lines.append(f"- {kinds} khác bản {revision - 1}")
    return "\n".join(lines)


def _over(connection: Connection, period: Period) -> date:
    """Return the newest night's day; raises `ConfigurationError` where the period is not over by then."""
    day = newest_night(connection)
    if day is None:
        raise ConfigurationError(
            f"period {period.label}: no night has run yet, so nothing says that the period is over"
        )
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
    there = listed_on(connection, period)
    if not there:
        _not_under_another_name(connection, period)
        return 0
    newest = there[0]
    if newest.reopened_at is None:
        raise ConfigurationError(
            f"period {period.label} was closed as revision {newest.revision} by {newest.closed_by}: "
            "`cchc period diff` shows what came since, `cchc period reopen` lets a new revision follow"
        )
    return int(newest.revision) + 1


def _not_under_another_name(connection: Connection, period: Period) -> None:
    """Raise `ConfigurationError` where exactly the days of a period are closed: they have one set of numbers."""
    for other in of_days_on(connection, period)[:1]:
        name = name_of(other)
        how = f"`cchc period diff {name}` shows what came since"
        if other.reopened_at is None:
            how += f", `cchc period reopen {name} --by NAME --reason TEXT` lets a new revision follow"
        else:
            how += f", {other.reopened_by} has reopened it: close it again by `cchc period close {name} --by NAME`"
        raise ConfigurationError(
            f"period {period.label} ({period.calendar} calendar) is {period.start} to {period.end}, and exactly these "
            f"days are closed as period {other.period} ({other.calendar} calendar), revision {other.revision} by "
            f"{other.closed_by}: {how}"
        )


def reopen(engine: Engine, period: Period, by: str, reason: str, anchor: Path | None = None) -> int:
    """Let a new revision follow the newest one, and log who wanted it and why; returns the revision reopened.

    `anchor`: as for `close`. Raises `ConfigurationError` where nothing is closed, where it is open already, and
    without a name or a reason; `ChainBroken` where the chain is no longer what was anchored.
    """
    if not by.strip() or not reason.strip():
        raise ConfigurationError("a period is reopened by a person with a reason: give --by and --reason")
    with engine.begin() as connection:
        connection.execute(chain.LOCK)
        there = listed_on(connection, period)
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
    anchor = anchor or anchor_file.own()
    with engine.begin() as guard:
        guard.execute(chain.LOCK)
        chain.anchor_links(guard, anchor)
    chain.stamp(anchor)
