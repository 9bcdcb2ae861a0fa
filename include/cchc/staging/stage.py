"""Staging: a delivery's rows, typed, into `stg.<dataset>` of a run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import sql
from sqlalchemy import Engine, text

from cchc.catalogue.models import Profile
from cchc.errors import CchcError
from cchc.landing import store
from cchc.landing.delivery import Delivery
from cchc.staging.mapping import compile_map
from cchc.warehouse.datasets import COLUMNS

#: what every staging table begins with, before the canonical columns of its dataset
CONTEXT = ("run_id", "delivery_id", "row_no", "page", "unit_code", "source_code", "cast_errors", "row_hash")

_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


def stage(engine: Engine, run_id: UUID, delivery: Delivery, profile: Profile) -> int:
    """Replace the run's rows of a delivery and return how many there are.

    One transaction, constant memory; raises `CchcError` for a damaged landing file, after which the rows are as
    before.
    """
    read = compile_map(delivery.dataset, profile)
    table = sql.Identifier("stg", delivery.dataset)
    names = sql.SQL(", ").join(sql.Identifier(name) for name in (*CONTEXT, *COLUMNS[delivery.dataset]))
    rows = 0
    with engine.begin() as connection:
        # a task that the scheduler took for dead may still be at it: the second waits and replaces
        connection.execute(_LOCK, {"key": f"stage {run_id} {delivery.delivery_id}"})
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor:
            cursor.execute(
                sql.SQL("delete from {} where run_id = %s and delivery_id = %s").format(table),
                (run_id, delivery.delivery_id),
            )
            with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(table, names)) as copy:
                for landed in store.read(delivery):
                    row = read(landed)
                    copy.write_row(
                        (
                            run_id,
                            delivery.delivery_id,
                            row.row_no,
                            row.page,
                            delivery.unit_code,
                            delivery.source_code,
                            row.cast_errors or None,
                            row.row_hash,
                            *row.values,
                        )
                    )
                    rows += 1
        if rows != delivery.landed:
            raise CchcError(
                f"{delivery.source_code}: {rows} of {delivery.landed} {delivery.dataset} rows were staged"
            )
    return rows
