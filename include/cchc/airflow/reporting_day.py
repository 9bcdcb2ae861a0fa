"""Which day a DAG run reports, whatever started it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cchc.airflow.defaults import ZONE_NAME
from cchc.errors import ConfigurationError

ZONE = ZoneInfo(ZONE_NAME)


def reporting_day(context: Mapping[str, Any]) -> date:
    """Return Param `day`, or the local day before the run.

    A scheduled run's logical date is the moment of the run; a run that an asset or a person started may have
    none, so the moment it was asked for counts. Data intervals are not used: a cron's are empty.
    Raises `ConfigurationError` for a day that is not an ISO date, or is still to come.
    """
    moment = _moment(context).astimezone(ZONE)
    given = context["params"].get("day")
    if not given:
        return moment.date() - timedelta(days=1)
    try:
        day = date.fromisoformat(str(given))
    except ValueError:
        raise ConfigurationError(f"day is {given!r}: an ISO date such as 2026-11-14 is needed") from None
    if day > (today := datetime.now(ZONE).date()):
        raise ConfigurationError(f"day {day} is still to come: today is {today}")
    return day


def _moment(context: Mapping[str, Any]) -> datetime:
    run = context["dag_run"]
    moment: datetime | None = context.get("logical_date") or run.run_after or run.start_date
    if moment is None:
        raise ConfigurationError("the DAG run has neither a logical date nor a moment it was asked for")
    return moment
