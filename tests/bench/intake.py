"""The way in: pull, door, landing and typed staging, beside a raw binary COPY of the same rows and dlt's default way.

Ours runs as the scheduler runs it, each source in a process that has imported the product: here two of them take the
sources in turns. dlt gets an environment of its own, and is left out where it cannot be had.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import UUID

import yaml
from sqlalchemy import Connection, Engine, text

from bench.intake_system import PAGE
from bench.measure import Times
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import embedded
from cchc.warehouse.datasets import TYPES
from cchc.warehouse.engine import connect, url

OURS, ALONE, DLT = "pull to staging", "pull to staging, one source", "dlt, default"
COPY, WHOLE = "raw binary COPY of the staged rows", "raw binary COPY of all columns"
DAY = date(2026, 11, 14)
_DLT = "dlt[postgres]==1.31.0"
_DLT_DATASET = "bench_dlt"
_CORES = 2


class Failed(RuntimeError):
    """A benchmark that did not do what it measures."""


def measure(
    data: Path, records: int, sources: int, rounds: int, times: Times, say: Callable[[str], None]
) -> float:
    """Take turns of all operations over `records` dossiers of `sources`; returns the peak memory of ours in MB."""
    home = data / "intake"
    shutil.rmtree(home, ignore_errors=True)
    catalogue = _catalogue(home / "catalogue", sources)
    os.environ |= {
        "CCHC_HOME": str(home),
        "CCHC_CATALOGUE": str(catalogue),
        "CCHC_WAREHOUSE_DSN": embedded.dsn(data / "postgres", "intake"),
    }
    engine = connect(url())
    peak = 0.0
    dlt = _dlt(data / "dlt", say)
    try:
        with system(records // sources) as port:
            os.environ["AIRFLOW_CONN_MOTCUA"] = f"http://x:y@127.0.0.1:{port}"
            _apart(_migrate)
            for number in range(1, rounds + 1):
                say(f"the way in, round {number}: {records:,} dossiers of {sources} sources")
                run_id, seconds, used = _night(engine, sources)
                times.add(OURS, records, seconds)
                peak = max(peak, used)
                _check(engine, run_id, records)
                _copy(engine, run_id, records, data / "postgres" / "bench_rows", times)
                shutil.rmtree(home / "landing")
                if dlt:
                    _drop(engine)
                    times.take(DLT, records, lambda: _with_dlt(dlt, port, sources, records, home))
                    _copy_whole(engine, records, data / "postgres" / "bench_rows", times)
        return peak
    finally:
        engine.dispose()


def one_source(data: Path, records: int, times: Times) -> float:
    """Read one source of `records` dossiers; returns the peak memory in MB."""
    home = data / "intake"
    engine = connect(url())
    try:
        with system(records) as port:
            os.environ["AIRFLOW_CONN_MOTCUA"] = f"http://x:y@127.0.0.1:{port}"
            run_id, seconds, peak = _night(engine, 1)
            times.add(ALONE, records, seconds)
            _check(engine, run_id, records)
            shutil.rmtree(home / "landing")
            return peak
    finally:
        engine.dispose()


@contextmanager
def system(records: int) -> Iterator[int]:
    """Run the invented system with so many dossiers a site; yields its port."""
    command = [sys.executable, "-m", "bench.intake_system", str(records)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment())
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def _catalogue(folder: Path, sources: int) -> Path:
    """Write a catalogue of as many sources, all of one system without limits."""
    shutil.copytree(SHIPPED_CATALOGUE, folder)
    unit = next(u["code"] for u in yaml.safe_load((folder / "units.yaml").read_text(encoding="utf-8")))
    entries = [{"code": _code(n), "unit": unit, "params": {"groupId": str(n)}} for n in range(sources)]
    shared = {"profile": "opencps-2", "host": "motcua", "history_from": date(2026, 10, 15)}
    _dump(folder / "sources.yaml", [{"defaults": shared, "sources": entries}])
    hosts = yaml.safe_load((folder / "hosts.yaml").read_text(encoding="utf-8"))
    for host in hosts:
        host.pop("per_second", None)
    _dump(folder / "hosts.yaml", hosts)
    path = folder / "profiles" / "opencps-2.yaml"
    profile = yaml.safe_load(path.read_text(encoding="utf-8"))
    for field in profile["datasets"]["dossier"]["fields"].values():
        if field.get("type") == "timestamp":
            field["formats"] = ["%Y-%m-%dT%H:%M:%S%z"]
    profile["options"] |= {"page_size": PAGE, "passes": profile["options"]["passes"][:1]}
    _dump(path, profile)
    return folder


def _dump(path: Path, value: object) -> None:
    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _code(number: int) -> str:
    return f"bench-{number:03d}"


def _apart(work: Callable[[], None]) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work)
    process.start()
    process.join()
    if process.exitcode:
        raise Failed(f"{work.__name__} did not succeed")


def _migrate() -> None:
    from cchc.warehouse import migrate
    from cchc.warehouse.engine import engine

    migrate.upgrade(engine())


def _begin() -> None:
    import cchc.night  # noqa: F401  a scheduler's worker has it loaded


def _ready() -> int:
    time.sleep(0.01)
    return os.getpid()


def _open(codes: list[str]) -> UUID:
    from cchc import night

    return night.open_run(DAY, "sync", codes)


def _pull(run_id: UUID, code: str) -> tuple[str, str | None, float]:
    import resource

    from cchc import night

    found = night.pull_source(run_id, code)
    return found.state, found.message, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _night(engine: Engine, sources: int) -> tuple[UUID, float, float]:
    """Pull all sources in two processes; returns the run, seconds and the larger peak memory of the two in MB."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("truncate stg.dossier, ops.load_ledger, ops.watermark"))
        connection.execute(text("truncate landing.delivery cascade"))
        connection.execute(text("checkpoint"))
    codes = [_code(number) for number in range(sources)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(_CORES, sources), mp_context=context, initializer=_begin) as pool:
        run_id = pool.submit(_open, codes).result()
        while len({found.result() for found in [pool.submit(_ready) for _ in range(20)]}) < min(
            _CORES, sources
        ):
            time.sleep(0.1)  # until each has imported the product, as a scheduler's workers have
        started = time.perf_counter()
        found = list(pool.map(_pull, [run_id] * sources, codes))
        seconds = time.perf_counter() - started
    wrong = [message for state, message, _ in found if state != "pulled"]
    if wrong:
        raise Failed(f"{len(wrong)} sources were not pulled: {wrong[0]}")
    peaks = sorted((peak for _, _, peak in found), reverse=True)
    return run_id, seconds, peaks[0]


def _check(engine: Engine, run_id: UUID, records: int) -> None:
    with engine.connect() as connection:
        asked = (
            "select count(*), count(cast_errors), count(distinct (delivery_id, dossier_code)), count(due_at)"
            " from stg.dossier where run_id = :run"
        )
        rows, errors, codes, due = connection.execute(text(asked), {"run": run_id}).one()
    if (rows, errors, codes, due) != (records, 0, records, records):
        raise Failed(
            f"{rows} rows, {errors} with errors, {codes} codes, {due} due times of {records} records"
        )


def _copy(engine: Engine, run_id: UUID, records: int, path: Path, times: Times) -> None:
    """Read the same rows into a table like it, from a file of the server's own."""
    names = ", ".join(TYPES["dossier"])
    with _raw(engine, "stg.dossier", path, lambda load: times.take(COPY, records, load)) as connection:
        differing = connection.exec_driver_sql(
            f"select count(*) from (select {names} from stg.dossier except select {names} from bench.raw) as d"
        ).scalar()
    if differing:
        raise Failed(f"{differing} rows differ from their copy")


def _copy_whole(engine: Engine, records: int, path: Path, times: Times) -> None:
    """Read the dossiers with every field they have, as dlt leaves them, into a table like that; then drop both."""
    with _raw(
        engine, f"{_DLT_DATASET}.dossier", path, lambda load: times.take(WHOLE, records, load)
    ) as connection:
        rows = connection.exec_driver_sql("select count(*) from bench.raw").scalar()
    if rows != records:
        raise Failed(f"{rows} rows of {records} dossiers")
    _drop(engine)


@contextmanager
def _raw(
    engine: Engine, table: str, path: Path, take: Callable[[Callable[[], object]], object]
) -> Iterator[Connection]:
    """Copy a table into `bench.raw` by way of a file of the server's own; the way in is what `take` times."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in (
            f"copy {table} to '{path}' (format binary)",
            "drop schema if exists bench cascade",
            "create schema bench",
            f"create table bench.raw (like {table} including all)",
            "checkpoint",
        ):
            connection.exec_driver_sql(statement)
        take(lambda: connection.exec_driver_sql(f"copy bench.raw from '{path}' (format binary)"))
        yield connection
        connection.exec_driver_sql("drop schema bench cascade")
    path.unlink()


def _drop(engine: Engine) -> None:
    """Drop what dlt left."""
    with engine.begin() as connection:
        for schema in (_DLT_DATASET, f"{_DLT_DATASET}_staging"):
            connection.exec_driver_sql(f"drop schema if exists {schema} cascade")


def _dlt(folder: Path, say: Callable[[str], None]) -> Path | None:
    """Return the interpreter of dlt's own environment, made where it is not there; None where it cannot be had."""
    python = folder / "bin" / "python"
    if not python.exists():
        say("making an environment for dlt")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        made = subprocess.run([str(python), "-m", "pip", "install", "-q", _DLT], check=False)
        if made.returncode:
            shutil.rmtree(folder)
            say("dlt cannot be had (no network?): the comparison with it is left out")
            return None
    return python


def _with_dlt(python: Path, port: int, sources: int, records: int, home: Path) -> None:
    """Load the same pages with dlt's REST source into a data set of its own."""
    script = Path(__file__).with_name("intake_dlt.py")
    dsn = os.environ["CCHC_WAREHOUSE_DSN"].replace("postgresql+psycopg://", "postgresql://")
    dsn = dsn.replace("@/", "@localhost/")  # it wants a host; the socket's folder, further behind, decides
    asked = map(str, (port, sources, records // sources, PAGE, _DLT_DATASET))
    command = [str(python), str(script), *asked]
    shutil.rmtree(home / "dlt", ignore_errors=True)
    own = {
        "DLT_DATA_DIR": str(home / "dlt"),
        "DESTINATION__POSTGRES__CREDENTIALS": dsn,
        "PATH": os.environ["PATH"],
    }
    own |= {"RUNTIME__DLTHUB_TELEMETRY": "false"}
    subprocess.run(command, env=own, check=True, stdout=subprocess.DEVNULL, cwd=home)
