"""Start Airflow in processes of their own, each with its own home and environment: nothing of it leaks into pytest."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from cchc.warehouse import embedded

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent


def not_waiting_for_the_disk(dsn: str) -> None:
    """Let a server that is thrown away take a commit for written: only a machine that loses power would notice."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"alter system set {setting} = off")
        connection.execute("select pg_reload_conf()")


@contextmanager
def home_with_postgres(prefix: str) -> Iterator[Path]:
    """Return a folder with an embedded server (`postgres` in it), which is stopped at the end.

    Not pytest's own folder: pytest closes that to every user but its own, and the server runs as another one.
    """
    home = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        not_waiting_for_the_disk(embedded.dsn(home / "postgres", "postgres"))
        yield home
    finally:
        embedded.stop(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


def airflow_environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment for an Airflow process on this checkout; nothing of the caller's own CCHC_/AIRFLOW_."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "CCHC_"))}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}",
        "PYTHONPATH": f"{ROOT / 'include'}:{ROOT / 'tests'}",
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "CCHC_HOME": str(home / "cchc"),
        **more,
    }


@contextmanager
def started(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a process group of its own, which is ended with everything it started."""
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        for ending in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, ending)
            except ProcessLookupError:
                break
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                continue
        process.wait(5)


def prepare(environment: Mapping[str, str]) -> None:
    """Migrate both databases and write the pools, as a deployment does."""
    script = ["bash", str(ROOT / "include/cchc/airflow/prepare.sh")]
    done = subprocess.run(
        script, env=dict(environment), capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, f"prepare.sh: {done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def run_json(script: str, environment: Mapping[str, str], *arguments: str, seconds: float = 120) -> Any:
    """Run one of this folder's scripts and return the JSON of its last line; its log is shown where it fails."""
    done = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, (
        f"{script}: exit {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
    )
    return json.loads(done.stdout.splitlines()[-1])
