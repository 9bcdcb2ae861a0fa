"""The few calls to Airflow's REST API that the demonstration needs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import requests

_SECONDS = 60  # a busy machine of two processors leaves an answer waiting


class Airflow:
    """A logged-in client; raises `requests.RequestException` where Airflow does not answer as it should."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self._login = {"username": user, "password": password}
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between two processes of one machine

    def close(self) -> None:
        self._session.close()

    def health(self) -> dict[str, str]:
        """Return the state of each component ("healthy" or not); empty while the API does not answer yet."""
        try:
            answer = self._session.get(f"{self.url}/api/v2/monitor/health", timeout=5)
            parts = answer.json()
        except (requests.RequestException, ValueError):
            return {}
        return {name: str((part or {}).get("status")) for name, part in parts.items()}

    def login(self) -> None:
        """Fetch a token for the calls below."""
        token = self._call("POST", "/auth/token", self._login)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def put_pools(self, pools: Mapping[str, Mapping[str, object]]) -> None:
        """Create the pools or bring them to these slots."""
        entities = [{"name": name, **values} for name, values in pools.items()]
        action = {"action": "create", "action_on_existence": "overwrite", "entities": entities}
        self._call("PATCH", "/api/v2/pools", {"actions": [action]})

    def dags(self) -> set[str]:
        """Return the ids of the DAGs that Airflow has read."""
        return {str(dag["dag_id"]) for dag in self._call("GET", "/api/v2/dags?limit=100")["dags"]}

    def import_errors(self) -> list[str]:
        """Return what is wrong with DAG files."""
        errors = self._call("GET", "/api/v2/importErrors?limit=100")["import_errors"]
        return [f"{e['filename']}: {e['stack_trace'].strip().splitlines()[-1]}" for e in errors]

    def pause(self, dag: str, paused: bool) -> None:
        """Switch a DAG's schedule off or on."""
        self._call("PATCH", f"/api/v2/dags/{dag}", {"is_paused": paused})

    def read_again(self, dag: str) -> None:
        """Have the DAG's file read at once."""
        token = self._call("GET", f"/api/v2/dags/{dag}")["file_token"]
        self._call("PUT", f"/api/v2/parseDagFile/{token}")

    def trigger(self, dag: str, run_id: str, conf: Mapping[str, object]) -> None:
        """Start a run of a DAG."""
        self._call(
            "POST",
            f"/api/v2/dags/{dag}/dagRuns",
            {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf)},
        )

    def run_state(self, dag: str, run_id: str) -> str:
        """Return queued, running, success or failed."""
        return str(self._call("GET", f"/api/v2/dags/{dag}/dagRuns/{run_id}")["state"])

    def runs(self, dag: str) -> list[tuple[str, str]]:
        """Return id and state of a DAG's newest runs, newest first."""
        found = self._call("GET", f"/api/v2/dags/{dag}/dagRuns?order_by=-run_after&limit=20")["dag_runs"]
        return [(str(run["dag_run_id"]), str(run["state"])) for run in found]

    def fail(self, dag: str, run_id: str) -> None:
        """End a run that nothing works on any more."""
        self._call("PATCH", f"/api/v2/dags/{dag}/dagRuns/{run_id}", {"state": "failed"})

    def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        for wait in (1, 3, 0):
            answer = self._session.request(method, self.url + path, json=body, timeout=_SECONDS)
            if answer.status_code < 500 or not wait:
                break
            time.sleep(
                wait
            )  # the scheduler may be at work on the same rows (a deadlock in Airflow's database)
        if not answer.ok:
            raise requests.HTTPError(f"Airflow: {method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else {}
