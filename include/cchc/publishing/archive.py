"""The closed periods as pages show them: every revision, who closed it and why, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row

from cchc.catalogue.models import Catalogue
from cchc.indicators.periods import Period
from cchc.publishing import revisions
from cchc.publishing.figures import is_of_form
from cchc.publishing.revisions import Cell


@dataclass(frozen=True)
class Change:
    """A number that a revision changed; None: the other one has no such number."""

    unit_code: str
    set_code: str
    indicator_code: str
    before: str | None  # as printed, or why it was empty
    after: str | None


@dataclass(frozen=True)
class Frozen:
    """A number of a revision, as it was closed."""

    printed: str | None
    reason: str | None
    numerator: Decimal | None
    denominator: Decimal | None
    coverage: Decimal | None = None  # at that time


@dataclass(frozen=True)
class Revision:
    """One closing of a period."""

    number: int
    reporting_day: date  # the newest night in it
    closed_at: datetime
    closed_by: str
    note: str | None
    sources_expected: int
    sources_complete: int
    reopened_at: datetime | None
    reopened_by: str | None
    reason: str | None  # of the reopening
    changes: tuple[Change, ...]  # against the revision before; none of the first
    form_changes: int  # cells of forms that changed beside them


@dataclass(frozen=True)
class ClosedPeriod:
    """A period that a person has closed, with its revisions, newest first, and the numbers of the newest."""

    period: Period
    revisions: tuple[Revision, ...]
    values: Mapping[Cell, Frozen]

    @property
    def slug(self) -> str:
        """What its page is called: 2026-11, or 2026-11-calendar in that calendar."""
        label = self.period.label.replace("..", "_")
        return label if self.period.calendar == "report" else f"{label}-calendar"


def gather(connection: Connection, catalogue: Catalogue) -> tuple[ClosedPeriod, ...]:
    """Return every closed period, the newest first."""
    names = {catalogue.province.code, *(unit.code for unit in catalogue.units)}
    by_period: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in revisions.listed_on(connection, None):
        by_period.setdefault((row.calendar, row.period), []).append(row)
    return tuple(_period(connection, rows, names) for rows in by_period.values())


def _period(connection: Connection, rows: list[Row[Any]], names: Iterable[str]) -> ClosedPeriod:
    newest = rows[0]
    period = Period(newest.period, newest.period_from, newest.period_to, newest.calendar)
    figures = {row.revision: revisions.frozen_figures(connection, period, row.revision) for row in rows}
    changes: dict[int, list[dict[str, Any]]] = {rows[-1].revision: []}
    for later, earlier in pairwise(rows):
        apart = revisions.differences(figures[earlier.revision], figures[later.revision])
        changes[later.revision] = [row for row in apart if row["unit_code"] in names]
    return ClosedPeriod(
        period,
        tuple(_revision(row, changes[row.revision]) for row in rows),
        _values(connection, newest),
    )


def _revision(row: Row[Any], changed: list[dict[str, Any]]) -> Revision:
    numbers = [one for one in changed if one["kind"] == revisions.KIND]
    return Revision(
        number=row.revision,
        reporting_day=row.reporting_day,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        note=row.note,
        sources_expected=row.sources_expected,
        sources_complete=row.sources_complete,
        reopened_at=row.reopened_at,
        reopened_by=row.reopened_by,
        reason=row.reason,
        changes=tuple(map(_change, numbers)),
        form_changes=len(changed) - len(numbers),
    )


def _change(apart: dict[str, Any]) -> Change:
    set_code, _, indicator = apart["cell"].partition(" ")
    return Change(apart["unit_code"], set_code, indicator, apart["before"], apart["after"])


def _values(connection: Connection, newest: Row[Any]) -> dict[Cell, Frozen]:
    return {
        cell: Frozen(row.printed, row.reason, row.numerator, row.denominator, row.coverage)
        for cell, row in revisions.values_of(connection, newest).items()
        if not is_of_form(row.set_code)
    }
