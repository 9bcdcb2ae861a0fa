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
from cchc.staging import copying
from cchc.staging.mapping import compile_blocks
from cchc.warehouse.datasets import COLUMNS, TYPES

#: what every staging table begins with, before the canonical columns of its dataset
CONTEXT = ("run_id", "delivery_id", "row_no", "page", "unit_code", "source_code", "cast_errors", "row_hash")

_TYPES = ("uuid", "uuid", "bigint", "text", "text", "text", "text[]", "bytea")

_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


def stage(engine: Engine, run_id: UUID, delivery: Delivery, profile: Profile) -> int:
    """Replace the run's rows of a delivery and return how many there are.

    One transaction, constant memory; raises `CchcError` for a damaged landing file, after which the rows are as
    before.
    """
    read = compile_blocks(delivery.dataset, profile)
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
            write = [copying.field(driver, name) for name in (*_TYPES, *TYPES[delivery.dataset].values())]
            same = [
                put(value)
                for put, value in zip(
                    (write[0], write[1], write[4], write[5]),
                    (run_id, delivery.delivery_id, delivery.unit_code, delivery.source_code),
                    strict=True,
                )
            ]
            with cursor.copy(sql.SQL("copy {} ({}) from stdin (format binary)").format(table, names)) as copy:
                copy.write(copying.HEAD)
                for block in store.read_blocks(delivery):
                    found = read(block)
                    size = len(found.row_no)
                    columns = [
                        [same[0]] * size,
                        [same[1]] * size,
                        list(map(write[2], found.row_no)),
                        copying.written(write[3], found.page),
                        [same[2]] * size,
                        [same[3]] * size,
                        [write[6](errors or None) for errors in found.cast_errors],
                        list(map(write[7], found.row_hash)),
                        *map(copying.written, write[len(CONTEXT) :], found.columns),
                    ]
                    copy.write(copying.rows(columns))
                    rows += size
                copy.write(copying.END)
        if rows != delivery.landed:
            raise CchcError(
                f"{delivery.source_code}: {rows} of {delivery.landed} {delivery.dataset} rows were staged"
            )
    return rows
