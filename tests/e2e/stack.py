"""A real Airflow with a real scheduler on a simulated province: the tests of this folder and a benchmark run on it."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from cchc.warehouse import embedded
from cchc.warehouse.engine import connect, url
from dags.processes import home_with_postgres, prepare, started
from demo import processes
from demo.api import Airflow
from demo.place import PORTS, ROOT, USER, Place, airflow_environment
from simulators.faults import Fault
from simulators.model import System
from simulators.province import Running, running

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
_PRELOADED = {  # tasks are forked from a scheduler that has imported what each of them needs
    "PYTHONPATH": os.pathsep.join(str(ROOT / f) for f in ("tests/demo/scheduler", "include", "tests"))
}
_IMPATIENT = {  # than the demonstration is: what is tried again, or has run out, is looked after at once
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "1",
    "AIRFLOW__SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
}
CHAIN = ("sync_units", "load_warehouse", "publish_indicators")


def free_ports(names: Iterable[str]) -> dict[str, int]:
    """Return a free port for each name; all are held until every one is found."""
    with ExitStack() as stack:
        probes = {name: stack.enter_context(socket.socket()) for name in names}
        for probe in probes.values():
            probe.bind(("127.0.0.1", 0))
        return {name: int(probe.getsockname()[1]) for name, probe in probes.items()}


def wait_for(what: str, ready: Callable[[], Any], seconds: float) -> Any:
    """Return the first true result of `ready`; fails naming what did not come."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := ready():
            return found
        time.sleep(0.2)
    raise AssertionError(f"no {what} after {seconds:.0f} s")


@dataclass
class Stack:
    """A running province and Airflow."""

    place: Place
    province: Running
    warehouse: Engine
    airflow: Airflow
    environment: Mapping[str, str]  # of its processes

    def ask(self, sql: str) -> list[Any]:
        """Return the rows of a query to the warehouse, single columns as plain values."""
        with self.warehouse.connect() as connection:
            rows = connection.execute(text(sql)).all()
        return [row[0] if len(row) == 1 else tuple(row) for row in rows]

    def pulls(self, run_id: str) -> list[dict[str, Any]]:
        """Return the mapped pulls of a run of `sync_units` as Airflow's API tells them."""
        path = f"/api/v2/dags/sync_units/dagRuns/{run_id}/taskInstances?limit=200"
        found = self.airflow._call("GET", path)["task_instances"]
        return [ti for ti in found if ti["task_id"].endswith(".pull") and ti["map_index"] >= 0]

    def scheduler_goes_round(self) -> None:
        """Wait until the scheduler, in a few rounds, has mostly read that a process that asked a person has ended.

        An answer that is there before costs a try.
        """
        beats = set()

        def enough() -> bool:
            health = self.airflow._call("GET", "/api/v2/monitor/health")
            beats.add(health["scheduler"]["latest_scheduler_heartbeat"])
            return len(beats) > 6

        wait_for("rounds of the scheduler", enough, 60)

    def night(self, name: str, *, seconds: float = 240, **conf: Any) -> dict[str, str]:
        """Trigger `sync_units`, wait until its chain has ended, and return the states of the chain's new runs.

        `seconds` is how long each DAG of the chain may take, `conf` its parameters; the day is the province's.
        """
        before = {dag: {run for run, _ in self.airflow.runs(dag)} for dag in CHAIN}
        self.airflow.trigger("sync_units", name, {"day": self.place.day.isoformat(), **conf})
        states: dict[str, str] = {}
        for dag in CHAIN:

            def ended(dag: str = dag) -> str | None:
                new = [state for run, state in self.airflow.runs(dag) if run not in before[dag]]
                return new[0] if new and new[0] in ("success", "failed") else None

            states[dag] = wait_for(f"end of {dag}", ended, seconds)
        return states


@contextmanager
def _airflow(place: Place, environment: dict[str, str]) -> Iterator[Airflow]:
    prepare(environment)
    client = Airflow(place.airflow_url, USER, place.password())
    with ExitStack() as components:
        components.callback(client.close)
        for name in COMPONENTS:
            options = ["--skip-serve-logs"] if name in ("scheduler", "triggerer") else []
            command = [sys.executable, "-m", "airflow", name, *options]
            own = environment | _PRELOADED if name == "scheduler" else environment
            components.enter_context(started(command, own, place.logs / f"{name}.log"))
        components.callback(processes.end, place)  # all at once, and what outlived its parent
        parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
        wait_for("healthy Airflow", lambda: all(client.health().get(p) == "healthy" for p in parts), 240)
        client.login()
        wait_for("DAGs", lambda: client.dags() >= {*CHAIN, "replay_sources", "maintain_warehouse"}, 120)
        assert client.import_errors() == []
        for dag in CHAIN:
            client.pause(dag, False)
        yield client


@contextmanager
def standing(
    day: date, write: Callable[[Path], Sequence[System]], faults: Mapping[str, Fault]
) -> Iterator[Stack]:
    """Give a province as of a day and an Airflow on it; all of it is gone at the end.

    `write` writes the catalogue into a folder and returns the systems behind its sources.
    """
    with home_with_postgres("cchc-night-") as home:
        catalogue = home / "catalogue"
        systems = write(catalogue)
        place = Place(home, day, free_ports(PORTS))
        place.prepare()
        databases = {name: embedded.dsn(home / "postgres", name) for name in ("cchc", "airflow")}
        engine = connect(url(databases["cchc"]))
        with running(home / "simulated", day, systems=systems, faults=faults) as province:
            environment = {
                **airflow_environment(place, databases["cchc"], databases["airflow"]),
                **_IMPATIENT,
                **province.environment(),
                "CCHC_CATALOGUE": str(catalogue),
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            }
            with _airflow(place, environment) as client:
                yield Stack(place, province, engine, client, environment)
        engine.dispose()
