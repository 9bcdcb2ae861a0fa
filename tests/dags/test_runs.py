"""The DAGs run for real, without a scheduler: `dag.test()` on Airflow's own tables, three sources, one of them down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cchc.warehouse import embedded
from cchc.warehouse.engine import connect, url
from dags import small_province
from dags.processes import airflow_environment, home_with_postgres, prepare, run_json
from simulators.faults import Fault
from simulators.province import Running, running

DAY = date(2026, 11, 14)
DOWN = "01288-dvcqg"
SOURCES = ("snv-motcua", DOWN, "snv-sotay")
PLAN = [
    {"dag": "sync_units", "conf": {"day": DAY.isoformat()}},
    {"dag": "load_warehouse", "conf": {"run_id": "$run"}},
    {"dag": "publish_indicators", "conf": {"run_id": "$run"}},
    {"dag": "sync_units", "conf": {"day": "2026-11-13", "sources": ["snv-motcua"]}},
    {"dag": "replay_sources", "conf": {"day": DAY.isoformat(), "sources": ["snv-motcua"]}},
    {"dag": "maintain_warehouse"},
    {"dag": "load_warehouse"},  # nobody said which run
    {"dag": "sync_units", "conf": {"day": "2001-01-01"}},  # before any source's history
]


@dataclass
class Night:
    """What the DAGs' runs ended as, and the warehouse they left behind."""

    runs: list[dict[str, Any]]
    warehouse: Engine
    environment: dict[str, str]
    province: Running

    def ask(self, sql: str) -> list[Any]:
        """Return the rows of a query."""
        with self.warehouse.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql)).all()]

    def do(self, sql: str) -> None:
        """Change something in the warehouse."""
        with self.warehouse.begin() as connection:
            connection.execute(text(sql))


@pytest.fixture(scope="module")
def night() -> Iterator[Night]:
    """Return the runs of all five DAGs over a province where one of three sources is down."""
    with home_with_postgres("cchc-runs-") as home:
        systems = small_province.write(home / "catalogue", SOURCES)
        metadata, warehouse = (embedded.dsn(home / "postgres", name) for name in ("airflow", "cchc"))
        engine = connect(url(warehouse))
        with running(home / "simulated", DAY, systems=systems, faults={DOWN: Fault("refuse")}) as province:
            environment = airflow_environment(
                home,
                AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=metadata.replace(
                    "postgresql://", "postgresql+psycopg2://", 1
                ),
                AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY="1",
                CCHC_WAREHOUSE_DSN=warehouse,
                CCHC_CATALOGUE=str(home / "catalogue"),
                **province.environment(),
            )
            prepare(environment)
            _keep_in_airflow(metadata, "sotay", environment.pop("AIRFLOW_CONN_SOTAY"))
            runs = run_json("run_dags.py", environment, json.dumps(PLAN), seconds=400)
            yield Night(runs, engine, environment, province)
        engine.dispose()


def _keep_in_airflow(metadata: str, connection: str, uri: str) -> None:
    """Store a file connection in Airflow's database, as its form does, instead of the environment."""
    engine = connect(url(metadata))
    values = {"id": connection, "path": uri.removeprefix("file:///")}
    columns = "conn_id, conn_type, schema, is_encrypted, is_extra_encrypted"
    insert = f"insert into connection ({columns}) values (:id, 'file', :path, false, false)"
    with engine.begin() as database:
        database.execute(text(insert), values)
    engine.dispose()


def test_sync_pulls_the_others_and_goes_red_over_budget(night: Night) -> None:
    run = night.runs[0]
    pulls = {
        name.partition("[")[2].split(" ")[0]: task for name, task in run["tasks"].items() if ".pull[" in name
    }
    assert {code: task["state"] for code, task in pulls.items()} == {
        "snv-motcua": "success",
        "snv-sotay": "success",
        DOWN: "failed",
    }
    assert pulls[DOWN]["tries"] == 3  # down: tried again, twice
    assert run["tasks"]["staged"]["state"] == "success"
    assert run["tasks"]["failure_budget"]["state"] == "failed"  # one of three is more than a tenth
    assert run["state"] == "failed"


def test_a_server_without_sources_this_night_is_skipped(night: Night) -> None:
    skipped = [name for name, task in night.runs[0]["tasks"].items() if task["state"] == "skipped"]
    assert skipped == ["cong766.pull", "truc.pull"]  # small_province has no source on either


def test_what_arrived_is_loaded_and_published(night: Night) -> None:
    load, publish = night.runs[1], night.runs[2]
    assert load["state"] == "success"
    assert load["tasks"]["one_run.broken_off"]["state"] == "skipped"
    states = {name: task["state"] for name, task in publish["tasks"].items()}
    assert states == {
        "runs": "success",
        "one_run.publish[0]": "success",
        "one_run.digest[0]": "success",
        "one_run.failure_budget[0]": "failed",
    }
    assert publish["state"] == "failed"
    (first,) = night.ask("select run_id, state from ops.run where kind = 'sync' order by started_at limit 1")
    assert first[1] == "over_budget"
    outcomes = night.ask(f"select source_code, state from ops.source_outcome where run_id = '{first[0]}'")
    assert dict(outcomes) == {"snv-motcua": "loaded", "snv-sotay": "loaded", DOWN: "failed"}
    assert night.ask("select sources_fresh, sources_expected from publish.release limit 1") == [(2, 3)]


def test_a_single_source_may_be_pulled_alone(night: Night) -> None:
    run = night.runs[3]
    assert run["state"] == "success"
    assert [name for name in run["tasks"] if ".pull[" in name] == ["motcua.pull[snv-motcua · Sở Nội vụ]"]


def test_replay_and_maintenance_end_well(night: Night) -> None:
    assert night.runs[4]["state"] == "success"
    ((state, received),) = night.ask(
        "select o.state, o.received from ops.source_outcome o join ops.run r using (run_id) where r.kind = 'replay'"
    )
    assert state in ("loaded", "unchanged")
    assert received > 0
    assert night.runs[5]["state"] == "success"


def test_a_load_that_does_not_know_its_run_fails(night: Night) -> None:
    assert night.runs[6]["state"] == "failed"
    assert night.runs[6]["tasks"]["runs"] == {"state": "failed", "tries": 1}


def test_a_run_that_cannot_be_opened_is_red_at_once(night: Night) -> None:
    run = night.runs[7]
    assert run["state"] == "failed"
    assert run["tasks"]["open_run"] == {"state": "failed", "tries": 1}  # another try would end the same way
    assert run["tasks"]["staged"]["state"] == "failed"  # nothing is announced
    assert run["tasks"]["failure_budget"]["state"] == "upstream_failed"


def test_a_gate_that_breaks_off_closes_the_run_and_tells_the_people(night: Night) -> None:
    ((run_id,),) = night.ask(
        "select run_id from ops.run where reporting_day = '2026-11-13'"  # nobody was told about this day yet
    )
    before = len(night.province.mail.messages())
    night.do("alter table stg.violation rename to violation_away")
    try:
        plan = json.dumps([{"dag": "load_warehouse", "conf": {"run_id": str(run_id)}}])
        (run,) = run_json("run_dags.py", night.environment, plan, seconds=200)
    finally:
        night.do("alter table stg.violation_away rename to violation")
    assert run["state"] == "failed"
    assert {name: task["state"] for name, task in run["tasks"].items()} == {
        "runs": "success",
        "one_run.gate[0]": "failed",
        "one_run.load[0]": "upstream_failed",
        "one_run.broken_off[0]": "failed",
    }
    assert night.ask(f"select state from ops.run where run_id = '{run_id}'") == [("over_budget",)]
    assert len(night.province.mail.messages()) > before
