"""One night through the real scheduler: trigger it, follow it, and say how it ended."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Engine, text

from cchc.ops import ledger
from cchc.ops.ledger import RunSummary
from demo.api import Airflow
from demo.place import Place
from demo.processes import NotStarted
from demo.stack import NIGHT, Stack
from demo.tell import Count, Tell

_RUN_OF = text(
    "select run_id, sources, state from ops.run where reporting_day = :day and kind = 'sync'"
    " and started_at >= :since order by started_at desc limit 1"
)
_IS_PUBLISHED = text("select exists (select 1 from publish.release where reporting_day = :day)")
_ACTIVE = ("queued", "running")
_POLL = 2.0  # seconds
_SILENCE = 45.0  # seconds without any active DAG run after which a night that did not end has come to grief


def run(place: Place, stack: Stack, airflow: Airflow, engine: Engine, tell: Tell) -> UUID:
    """Run the night of the reporting day and return its run; raises `NotStarted` where it did not end."""
    since = datetime.now(UTC)
    name = f"demo__{place.day}__{since:%Y%m%dT%H%M%S}"
    before = {run for dag in NIGHT for run, _state in airflow.runs(dag)}
    airflow.trigger("sync_units", name, {"day": place.day.isoformat()})
    with tell.counting("night", f"the night of {place.day:%d/%m/%Y}") as count:
        run_id = _follow(place, stack, airflow, engine, since, before, name, count)
    airflow.pause("sync_units", True)  # or a night for the real yesterday would start at 01:30
    return run_id


def _follow(
    place: Place,
    stack: Stack,
    airflow: Airflow,
    engine: Engine,
    since: datetime,
    before: set[str],
    name: str,
    count: Count,
) -> UUID:
    quiet_since: float | None = None
    told: set[str] = set()
    while True:
        stack.check()
        with engine.connect() as connection:
            row = connection.execute(_RUN_OF, {"day": place.day, "since": since}).one_or_none()
        states = _states(airflow, before, name)
        _show(engine, row, states, count, told)
        active = any(state in _ACTIVE for state in states.values())
        if row is not None and row.state != "running" and not active:
            with engine.connect() as connection:
                if not connection.scalar(_IS_PUBLISHED, {"day": place.day}):
                    logs = place.home / "airflow" / "logs"
                    raise NotStarted(
                        f"nothing was published: see publish_indicators in {place.airflow_url} and {logs}"
                    )
            return UUID(str(row.run_id))
        now = time.monotonic()
        quiet_since = None if active else (quiet_since or now)
        if quiet_since is not None and now - quiet_since > _SILENCE:
            red = ", ".join(f"{dag} {state}" for dag, state in states.items())
            logs = place.home / "airflow" / "logs"
            raise NotStarted(f"the night did not end: {red}. See {place.airflow_url} and {logs}")
        time.sleep(_POLL)


def _states(airflow: Airflow, before: set[str], name: str) -> dict[str, str]:
    """Return the state of this night's run of each DAG; Airflow names the later ones: the newest not `before`."""
    states = {"sync_units": airflow.run_state("sync_units", name)}
    if states["sync_units"] in _ACTIVE:  # the others have not begun, or work on an earlier night
        return states
    for dag in NIGHT[1:]:
        states[dag] = next((state for run, state in airflow.runs(dag) if run not in before), "waiting")
    return states


def _show(engine: Engine, row: object, states: dict[str, str], count: Count, told: set[str]) -> None:
    if row is None:
        count.show("sync_units opens the run", 0, None)
        return
    run_id, sources = row.run_id, row.sources  # type: ignore[attr-defined]
    outcomes = ledger.outcomes(engine, run_id)
    for outcome in outcomes:
        if outcome.state in ("failed", "held") and outcome.source_code not in told:
            told.add(outcome.source_code)
            count.note(f"{outcome.source_code}: {outcome.state}: {outcome.message}")
    if states["sync_units"] in _ACTIVE:
        count.show("sync_units: sources pulled", len(outcomes), len(sources))
    elif states.get("load_warehouse") in _ACTIVE:
        loaded = sum(o.stage == "load" or o.state in ("failed", "held") for o in outcomes)
        count.show("load_warehouse: sources gated and loaded", loaded, len(sources))
    else:
        count.show("publish_indicators: release, digest, failure budget", len(outcomes), len(sources))


def summary(engine: Engine, run_id: UUID) -> RunSummary:
    """Return how the run ended, as the ledger has it."""
    from cchc.catalogue.load import load
    from cchc.settings import SHIPPED_CATALOGUE

    return ledger.close_run(engine, load(SHIPPED_CATALOGUE), run_id)
