"""A night's 50,000 changed dossiers: the merge of their deliveries and the refresh of the marts."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Engine, text

from bench.measure import Times
from bench.province import run, source
from cchc.catalogue.base import DatasetName
from cchc.ops import ledger
from cchc.warehouse import marts
from cchc.warehouse.datasets import COLUMNS, KEYS
from cchc.warehouse.load import load_delivery

BARE, MERGE, REFRESH, REBUILD = "bare ON CONFLICT", "merge", "refresh", "rebuild"
DATASET: DatasetName = "dossier"


def night(engine: Engine, size: int, times: Times) -> None:
    """Merge and refresh the next round's deliveries, as `load_warehouse` does."""
    run_id = _stage(engine, size)
    times.take(BARE, size, lambda: _bare(engine, run_id))
    with engine.connect() as connection:
        deliveries = connection.scalars(
            text("select delivery_id from landing.run_delivery where run_id = :run"), {"run": run_id}
        ).all()
    times.take(MERGE, size, lambda: [load_delivery(engine, run_id, one, "bench") for one in deliveries])
    times.take(REFRESH, size, lambda: marts.refresh(engine))


def rebuild(engine: Engine, size: int, times: Times) -> None:
    """Make all marts anew."""
    times.take(REBUILD, size, lambda: marts.rebuild(engine))
    _settle(engine, "vacuum (analyze) mart.measure_day")


def _stage(engine: Engine, size: int) -> UUID:
    """Stage a round's deliveries; each is loaded under the number of the runs before it."""
    with engine.connect() as connection:
        round_no = connection.scalar(text("select count(*) from ops.run")) or 0
    run_id = ledger.open_run(engine, date(2026, 11, 14), "sync", ())
    with engine.begin() as connection:
        run(connection, "delta", size=size, round=round_no + 1, run_id=run_id)
    _settle(engine, "vacuum (analyze) stg.dossier, ops.touched_day", "checkpoint")
    return run_id


def _bare(engine: Engine, run_id: UUID) -> None:
    """Run the reference and take it back: the merge must find what it would find without it."""
    assignments = ", ".join(f"{c} = excluded.{c}" for c in COLUMNS[DATASET] if c not in KEYS[DATASET])
    with engine.connect() as connection:
        connection.execute(text(source("bare_merge", assignments=assignments)), {"run_id": run_id})
        connection.rollback()


def _settle(engine: Engine, *statements: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))
