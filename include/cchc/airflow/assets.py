"""The assets that chain the night's DAGs, and the reference to a run that travels on their events.

An event carries the id of the run and its reporting day, never data. Events that wait while a consumer is
busy are handed to it together, so a consumer works on every run of its events, not on the newest. Those of a time in
which it is paused are never handed to it (Airflow 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast
from uuid import UUID

from airflow.sdk import Asset

from cchc.errors import ConfigurationError

STAGING = Asset(name="cchc_staging", uri="cchc://staging")
WAREHOUSE = Asset(name="cchc_warehouse", uri="cchc://warehouse")
HELD = Asset(name="cchc_held", uri="cchc://held")  # deliveries wait for a person


class Run(TypedDict):
    """What tasks hand to each other: a run of the ledger and the day it reports."""

    run_id: str
    day: str  # ISO date


def announce(context: Mapping[str, Any], asset: Asset, run: Run) -> None:
    """Put the run on the event that the running task emits for `asset`, one of its outlets."""
    context["outlet_events"][asset].extra = dict(run)


def run_uuid(run: Run | None) -> UUID:
    """Return the id of the run handed over; raises `ConfigurationError` where the task that opens it failed."""
    if run is None:
        raise ConfigurationError("no run was handed over: the task that opens it failed, see its log")
    return UUID(run["run_id"])


def announced_runs(context: Mapping[str, Any], asset: Asset) -> list[Run]:
    """Return the runs to work on, oldest first: those of the triggering events, or the one of Param `run_id`.

    Raises `ConfigurationError` where a person started the DAG without saying which run is meant.
    """
    wanted = context["params"].get("run_id")
    if wanted:
        return [_by_hand(UUID(str(wanted)))]
    runs: dict[str, Run] = {}
    for event in context["triggering_asset_events"].get(asset, ()):
        run = cast("Run", {"run_id": event.extra["run_id"], "day": event.extra["day"]})
        runs[run["run_id"]] = run
    if not runs:
        raise ConfigurationError(
            f"no run was announced on {asset.uri}: this DAG is started by the one before it. "
            "To repeat it by hand, give the run's id (of ops.run) as run_id."
        )
    return list(runs.values())


def _by_hand(run_id: UUID) -> Run:
    from cchc.ops import ledger
    from cchc.warehouse.engine import engine

    return {"run_id": str(run_id), "day": ledger.run(engine(), run_id).reporting_day.isoformat()}
