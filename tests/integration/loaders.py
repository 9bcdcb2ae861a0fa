"""Three loaders that run as processes to be killed: the product's, and two customary designs as controls.

`python -m integration.loaders` imports once and forks a process per order (a JSON line on stdin). It answers with
the lines ``pid N`` and ``exit CODE``; the process itself says ``started`` when it is connected.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from uuid import UUID

from sqlalchemy import Engine, make_url, text

from cchc.warehouse.engine import connect
from cchc.warehouse.load import load_delivery

CHUNK = 50


def product(dsn: str, run_id: str, delivery_id: str, kill_at: str = "") -> None:
    """Load by `load_delivery`; at step `kill_at` the process kills itself without any farewell."""

    def on_step(step: str) -> None:
        if step == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    engine = _ready(dsn)
    load_delivery(engine, UUID(run_id), UUID(delivery_id), "m1", on_step)


def append_then_mark(dsn: str, run_id: str, delivery_id: str, kill_at: str = "") -> None:
    """Control: append chunk by chunk, then write down that it is done (append, then save the state)."""
    engine = _ready(dsn)
    if not _done(engine, delivery_id):
        _append(engine, delivery_id)
        _mark(engine, delivery_id)


def mark_then_append(dsn: str, run_id: str, delivery_id: str, kill_at: str = "") -> None:
    """Control: write down that it is done, then append (save the state, then the data)."""
    engine = _ready(dsn)
    if not _done(engine, delivery_id):
        _mark(engine, delivery_id)
        _append(engine, delivery_id)


def _ready(dsn: str) -> Engine:
    engine = connect(make_url(dsn))
    with engine.connect() as connection:
        connection.execute(text("select 1"))
    print("started", flush=True)
    return engine


def _done(engine: Engine, delivery_id: str) -> bool:
    with engine.connect() as connection:
        found = connection.execute(
            text("select 1 from control.done where delivery_id = :d"), {"d": delivery_id}
        )
        return found.one_or_none() is not None


def _mark(engine: Engine, delivery_id: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("insert into control.done values (:d)"), {"d": delivery_id})


def _append(engine: Engine, delivery_id: str) -> None:
    with engine.connect() as connection:
        rows = connection.execute(
            text("select count(*) from stg.dossier where delivery_id = :d"), {"d": delivery_id}
        ).scalar_one()
    for first in range(1, rows + 1, CHUNK):
        with engine.begin() as connection:
            connection.execute(
                text(
                    "insert into control.dossier select delivery_id, row_no from stg.dossier "
                    "where delivery_id = :d and row_no between :first and :last"
                ),
                {"d": delivery_id, "first": first, "last": first + CHUNK - 1},
            )


def main() -> None:
    """Fork a loader per order until stdin ends."""
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            globals()[order.pop("loader")](**order)
            os._exit(0)
        print(f"pid {pid}", flush=True)
        _, status = os.waitpid(pid, 0)
        print(f"exit {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
