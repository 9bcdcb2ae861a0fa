"""Each Airflow command of docker-compose.yml, started as it stands there, reaches the health check that stands there.

No Docker engine is needed: the containers' names and paths are replaced by this machine's, nothing else.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from cchc.warehouse import embedded
from dags import compose
from dags.processes import ROOT, airflow_environment, home_with_postgres, started

LONG_RUNNING = ("api-server", "scheduler", "dag-processor", "triggerer", "worker")
PATIENCE = 240  # seconds until every service must be well

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs Debian's redis-server")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stated() -> dict[str, str]:
    """Return the environment that compose gives the Airflow services, with secrets drawn as .env.example says."""
    must = [name for name, without in compose.variables().items() if without == "?"]
    values = {name: secrets.token_hex(32) for name in must}
    values |= {"AIRFLOW_FERNET_KEY": Fernet.generate_key().decode(), "AIRFLOW_BASE_URL": "http://localhost"}
    stated: dict[str, str] = compose.interpolated(compose.raw()["services"]["migrate"]["environment"], values)
    return stated


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Return the environment of the Airflow services, with both databases and the broker running."""
    with home_with_postgres("cchc-compose-") as home:
        data = home / "postgres"
        metadata = embedded.dsn(data, "airflow").replace("postgresql://", "postgresql+psycopg2://", 1)
        broker, password = _free_port(), secrets.token_hex(16)
        ports = {
            "AIRFLOW__API__PORT": _free_port(),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": _free_port(),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": _free_port(),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": _free_port(),
        }
        here = {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{metadata}",
            "AIRFLOW__CELERY__BROKER_URL": f"redis://:{password}@127.0.0.1:{broker}/0",
            "AIRFLOW__CELERY__WORKER_CONCURRENCY": "1",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://localhost:{ports['AIRFLOW__API__PORT']}/execution/",
            "CCHC_WAREHOUSE_DSN": embedded.dsn(data, "cchc"),
            "CCHC_CATALOGUE": str(ROOT / "include" / "catalogue"),
            "HOSTNAME": socket.gethostname(),
            **{name: str(port) for name, port in ports.items()},
        }
        environment = airflow_environment(home, **{**_stated(), **here})
        with ExitStack() as stack:
            redis = [
                *f"redis-server --port {broker} --bind 127.0.0.1 --requirepass {password} --save".split(),
                "",
            ]
            stack.enter_context(started(redis, os.environ, home / "redis.log"))
            yield environment


def _here(command: list[str]) -> list[str]:
    return [part.replace("/opt/cchc", str(ROOT)).replace("$$", "$") for part in command]


def _is_well(service: str, environment: dict[str, str]) -> bool:
    kind, *test = compose.raw()["services"][service]["healthcheck"]["test"]
    command = ["sh", "-c", *_here(test)] if kind == "CMD-SHELL" else _here(test)
    return (
        subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False).returncode == 0
    )


def test_every_service_starts_and_is_well(environment: dict[str, str], tmp_path: Path) -> None:
    services = compose.raw()["services"]
    prepared = subprocess.run(
        _here(services["migrate"]["command"]),
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert prepared.returncode == 0, prepared.stdout[-3000:] + prepared.stderr[-3000:]
    assert "Uploaded" in prepared.stdout

    with ExitStack() as stack:
        running = {}
        for name in LONG_RUNNING:
            running[name] = stack.enter_context(
                started(_here(services[name]["command"]), environment, tmp_path / f"{name}.log")
            )
        ill, until = set(LONG_RUNNING), time.monotonic() + PATIENCE
        while ill and time.monotonic() < until:
            time.sleep(2)
            ended = [name for name, process in running.items() if process.poll() is not None]
            assert not ended, f"{ended} ended:\n" + (tmp_path / f"{ended[0]}.log").read_text()[-3000:]
            # the worker's own check imports Airflow: asked last
            for name in sorted(ill - {"worker"}) or sorted(ill):
                if _is_well(name, environment):
                    ill.discard(name)
        assert not ill, f"not well after {PATIENCE} s: {sorted(ill)}\n" + "".join(
            (tmp_path / f"{name}.log").read_text()[-2000:] for name in sorted(ill)
        )
