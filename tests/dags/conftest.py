from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
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
    {"dag": "decide_deliveries"},
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
    catalogue: Path

    def ask(self, sql: str) -> list[Any]:
        """Return the rows of a query."""
        with self.warehouse.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql)).all()]

    def do(self, sql: str) -> None:
        """Change something in the warehouse."""
        with self.warehouse.begin() as connection:
            connection.execute(text(sql))


@pytest.fixture(scope="session")
def night() -> Iterator[Night]:
    """Return the runs of the DAGs over a province where one of three sources is down."""
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
            yield Night(runs, engine, environment, province, home / "catalogue")
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


@pytest.fixture(scope="session")
def described(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return what an Airflow process sees of dags/ and plugins/: see describe_dags.py."""
    home = tmp_path_factory.mktemp("describe")
    return run_json("describe_dags.py", airflow_environment(home))
