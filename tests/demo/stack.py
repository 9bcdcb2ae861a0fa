"""Start, reuse and stop everything the demonstration runs: databases, simulated systems, page, Airflow."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import psycopg

from cchc.airflow.pools import pools
from cchc.warehouse import embedded, migrate
from cchc.warehouse.engine import connect, url
from demo import processes
from demo.api import Airflow
from demo.place import LOOPBACK, ROOT, USER, Place, airflow_environment, base_environment
from demo.processes import NotStarted
from demo.tell import Tell

AIRFLOW_PARTS = ("api-server", "scheduler", "dag-processor", "triggerer")
NIGHT = ("sync_units", "load_warehouse", "publish_indicators")
_PATIENCE = 240.0  # seconds for any part to come up on a slow machine


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Keep a second `up` in the same folder away; raises `NotStarted`."""
    (place.home / "run").mkdir(parents=True, exist_ok=True)
    with (place.home / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotStarted(f"another `make demo` is at work in {place.home}: wait for it") from None
        yield


class Stack:
    """The running parts of one demonstration."""

    def __init__(self, place: Place, tell: Tell) -> None:
        self.place = place
        self.tell = tell
        self.fresh = True  # whether Airflow was started just now
        self._state = place.home / "run" / "stack.json"
        self._pids: dict[str, tuple[int, float]] = {}

    def up(self) -> Airflow:
        """Bring every part up, or keep those of an earlier run, and return a client that is logged in."""
        self.place.prepare()
        with self.tell.phase("databases", "PostgreSQL and the warehouse's schema"):
            warehouse = embedded.dsn(self.place.postgres, "cchc")
            metadata = embedded.dsn(self.place.postgres, "airflow")
            engine = connect(url(warehouse))
            migrate.upgrade(engine)
            engine.dispose()
        if self._is_running():
            self.fresh = False
            self.tell.say("everything of the last `make demo` still runs and is kept")
        else:
            self._start(warehouse, metadata)
        return self._ready()

    def _is_running(self) -> bool:
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        self._pids = {name: (int(pid), float(at)) for name, (pid, at) in state["processes"].items()}
        return state["fingerprint"] == self.place.fingerprint() and not self.ended()

    def ended(self) -> list[str]:
        """Return the names of parts that do not run any more."""
        return [name for name, (pid, at) in self._pids.items() if processes.started_at(pid) != at]

    def pids(self) -> dict[str, int]:
        """Return the process of each part of the last run."""
        self._is_running()
        return {name: pid for name, (pid, _at) in self._pids.items()}

    def _start(self, warehouse: str, metadata: str) -> None:
        self._state.unlink(missing_ok=True)
        ended = processes.end(self.place)
        if ended:
            self.tell.say(f"ended {ended} processes of an earlier run")
        self._pids.clear()
        processes.check_ports(self.place.ports, self.place.ports)
        plain = base_environment(self.place)
        settings = airflow_environment(self.place, warehouse, metadata)
        simulated = self.place.simulated / "simulators.env"
        simulated.unlink(missing_ok=True)
        self._run("simulators", self._simulators(), plain)
        self._run("page", self._page(), plain)
        if not self._metadata_is_current(metadata):
            with self.tell.phase("Airflow's schema", "Airflow's own database"):
                self._migrate_airflow(settings, metadata)
        with self.tell.phase("Airflow's start", "simulated systems of 76 units, page, Airflow"):
            self._wait(simulated.exists, "the simulated systems", "simulators")
            lines = simulated.read_text(encoding="utf-8").splitlines()
            settings |= dict(line.split("=", 1) for line in lines if line)
            for part in AIRFLOW_PARTS:
                options = ["--skip-serve-logs"] if part in ("scheduler", "triggerer") else []
                environment = _with_imports(settings) if part == "scheduler" else settings
                self._run(part, [sys.executable, "-m", "airflow", part, *options], environment)
            client = self._client()
            self._wait(lambda: _is_healthy(client), "Airflow", *AIRFLOW_PARTS)
            client.close()
        self._state.write_text(
            json.dumps({"fingerprint": self.place.fingerprint(), "processes": self._pids}), encoding="utf-8"
        )

    def _ready(self) -> Airflow:
        client = self._client()
        client.login()
        client.put_pools(pools())

        def known() -> bool:
            errors = client.import_errors()
            if errors:
                raise NotStarted("Airflow cannot read a DAG:\n" + "\n".join(errors))
            return set(NIGHT) <= client.dags()

        with self.tell.phase("DAGs", "Airflow reads the DAGs"):
            self._wait(known, "the DAGs", *AIRFLOW_PARTS)
            for dag in NIGHT:
                if self.fresh:  # what an earlier, killed Airflow left behind would keep its place for minutes
                    left = [run for run, state in client.runs(dag) if state in ("queued", "running")]
                    for run_id in left:
                        client.fail(dag, run_id)
                    if left:  # the scheduler starts no other run of this DAG before its file is read again
                        client.read_again(dag)
                client.pause(dag, False)
            client.pause("decide_deliveries", False)  # what is held is asked about
        return client

    def _client(self) -> Airflow:
        return Airflow(self.place.airflow_url, USER, self.place.password())

    def _simulators(self) -> list[str]:
        servers = ("motcua", "dvcqg", "truc", "cong766", "smtp")
        ports = ",".join(f"{n}={self.place.ports[n]}" for n in servers)
        where = ["--home", str(self.place.simulated), "--day", self.place.day.isoformat()]
        return [sys.executable, "-m", "simulators", "serve", *where, "--ports", ports]

    def _page(self) -> list[str]:
        where = ["--bind", LOOPBACK, "--directory", str(self.place.public_site)]
        return [sys.executable, "-m", "http.server", str(self.place.ports["page"]), *where]

    def _run(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        pid = processes.start(name, command, environment, self.place.logs, ROOT)
        self._pids[name] = (pid, processes.started_at(pid) or 0.0)

    def _wait(self, ready: Callable[[], bool], what: str, *parts: str) -> None:
        """Wait until something is ready; raises `NotStarted` when a part it needs ends, or after minutes."""
        until = time.monotonic() + _PATIENCE
        while not ready():
            dead = [name for name in self.ended() if name in parts]
            if dead:
                raise NotStarted("\n".join(self._last_words(name) for name in dead))
            if time.monotonic() > until:
                raise NotStarted(f"{what}: not ready after {_PATIENCE:.0f} s; see {self.place.logs}")
            time.sleep(0.3)

    def check(self) -> None:
        """Raise `NotStarted` with the last words of a part that ended."""
        dead = self.ended()
        if dead:
            raise NotStarted("\n".join(self._last_words(name) for name in dead))

    def _last_words(self, name: str) -> str:
        path = self.place.logs / f"{name}.log"
        return f"{name} has ended. The end of {path}:\n{_tail(path)}"

    def _migration_note(self) -> Path:
        return self.place.home / "run" / "airflow-schema.json"

    def _metadata_is_current(self, metadata: str) -> bool:
        """Whether this Airflow migrated this database before: the command that would say so takes 12 seconds."""
        try:
            note = json.loads(self._migration_note().read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(note == {"airflow": version("apache-airflow-core"), "schema": _schema(metadata)})

    def _migrate_airflow(self, settings: dict[str, str], metadata: str) -> None:
        log = self.place.logs / "airflow-migrate.log"
        with log.open("wb") as output:
            done = subprocess.run(
                [sys.executable, "-m", "airflow", "db", "migrate"],
                env=settings,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise NotStarted(f"Airflow's database could not be migrated. The end of {log}:\n{_tail(log)}")
        note = {"airflow": version("apache-airflow-core"), "schema": _schema(metadata)}
        self._migration_note().write_text(json.dumps(note), encoding="utf-8")


def down(place: Place) -> tuple[int, bool]:
    """End every process of the demonstration and its PostgreSQL; safe at any time, also when nothing runs.

    Returns how many processes ended and whether PostgreSQL was running.
    """
    ended = processes.end(place)
    stopped = embedded.stop(place.postgres)
    (place.home / "run" / "stack.json").unlink(missing_ok=True)
    return ended, stopped


def _with_imports(settings: dict[str, str]) -> dict[str, str]:
    """Let the scheduler import what every task needs, once: see `scheduler/airflow_local_settings.py`."""
    path = f"{ROOT / 'tests/demo/scheduler'}{os.pathsep}{settings['PYTHONPATH']}"
    return settings | {"PYTHONPATH": path}


def _is_healthy(client: Airflow) -> bool:
    health = client.health()
    parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
    return all(health.get(part) == "healthy" for part in parts)


def _schema(metadata: str) -> str | None:
    with psycopg.connect(metadata) as connection:
        found = connection.execute("select to_regclass('public.alembic_version') is not null").fetchone()
        if not found or not found[0]:
            return None
        row = connection.execute("select version_num from alembic_version").fetchone()
    return str(row[0]) if row else None


def _tail(path: Path, lines: int = 12) -> str:
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (empty)"
