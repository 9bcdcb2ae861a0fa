"""Bring the warehouse's working-day calendar to what `holidays.yaml` says, and ask for the terms it moves."""

from __future__ import annotations

from datetime import date, time, timedelta

from sqlalchemy import Connection, text

from cchc.catalogue.calendar import WorkingCalendar
from cchc.warehouse.event_days import HOLD_MARTS
from cchc.warehouse.sql import query

_UNITS = text("select distinct unit_code from core.dossier order by 1")
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('cchc working days', 0))")


def sync(connection: Connection, calendar: WorkingCalendar) -> tuple[date, ...]:
    """Write the days and office hours inside the caller's transaction; idempotent.

    Returns, in order, the days whose `is_working` changed, those that came or went included: terms that run over them
    end at another moment now, and the marts' next refresh works them out again. Where the office hours changed that is
    every day.
    """
    connection.execute(_LOCK)
    rows = list(calendar.days())
    days = [row.day for row in rows]
    given = {"days": days, "working": [row.is_working for row in rows]}
    changed = tuple(connection.execute(query("working_days/changed"), given).scalars())
    connection.execute(query("working_days/remove"), {"days": days})
    numbers = {"numbers": [row.working_no for row in rows], "titles": [row.title for row in rows]}
    connection.execute(query("working_days/put"), {**given, **numbers})
    if _sync_office_hours(connection, calendar):
        changed = tuple(sorted({*changed, *days}))
    if changed:
        for unit in connection.scalars(_UNITS).all():
            connection.execute(HOLD_MARTS, {"unit": unit})  # no load of the unit meanwhile
            span = {"unit": unit, "first": changed[0], "last": changed[-1]}
            connection.execute(query("working_days/stale_due"), span)
    return changed


def _sync_office_hours(connection: Connection, calendar: WorkingCalendar) -> bool:
    """Return whether the office hours had to be written."""
    wanted: list[tuple[time, time, int]] = []
    before = timedelta()
    for session in calendar.office_hours:
        wanted.append((session.opens, session.closes, before // timedelta(microseconds=1)))
        before += session.length
    there = [tuple(row) for row in connection.execute(query("working_days/office_hours"))]
    if there == wanted:
        return False
    connection.execute(query("working_days/clear_office_hours"))
    names = ("opens", "closes", "worked_before")
    connection.execute(
        query("working_days/put_office_hours"), [dict(zip(names, row, strict=True)) for row in wanted]
    )
    return True
