"""Staging: a delivery's rows, typed, into `stg.<dataset>` of a run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import sql
from sqlalchemy import Engine, text

from cchc.catalogue.profiles import Profile
from cchc.errors import CchcError
from cchc.landing import store
from cchc.landing.delivery import Delivery
from cchc.staging import copying
from cchc.staging.blocks import compile_blocks
from cchc.staging.row_hash import HASH_SIZE
from cchc.warehouse.attempts import Attempt
from cchc.warehouse.datasets import COLUMNS

#: what every staging table begins with, before the canonical columns of its dataset
CONTEXT = ("run_id", "delivery_id", "row_no", "page", "unit_code", "source_code", "cast_errors", "row_hash")

_TYPES = ("uuid", "uuid", "bigint", "text", "text", "text", "text[]")

_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


def stage(
    engine: Engine, run_id: UUID, delivery: Delivery, profile: Profile, attempt: Attempt | None = None
) -> int:
    """Replace the run's rows of a delivery and return how many there are.

    One transaction, constant memory; raises `CchcError` for a damaged landing file, and `Overtaken` where the
    `attempt` that pulled it may not write any more; after either the rows are as before.
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
            run, of_delivery, _, page, unit, source, cast_errors = map(copying.field, _TYPES)
            with cursor.copy(sql.SQL("copy {} ({}) from stdin (format binary)").format(table, names)) as copy:
                copy.write(copying.HEAD)
                for block in store.read_blocks(delivery):
                    found = read(block)
                    size = len(found.row_no)
                    # none in nearly all blocks
                    errors = (
                        [found.cast_errors.get(at) for at in range(size)] if found.cast_errors else [None]
                    )
                    columns: list[copying.Column] = [
                        run(run_id),
                        of_delivery(delivery.delivery_id),
                        copying.whole_numbers(found.row_no, 64),
                        copying.column(page, found.page),
                        unit(delivery.unit_code),
                        source(delivery.source_code),
                        copying.column(cast_errors, errors),
                        copying.as_long(found.row_hash, HASH_SIZE),
                        *found.fields,
                    ]
                    copy.write(copying.rows(size, columns))
                    rows += size
                copy.write(copying.END)
        if rows != delivery.landed:
            raise CchcError(
                f"{delivery.source_code}: {rows} of {delivery.landed} {delivery.dataset} rows were staged"
            )
        if attempt:
            attempt.hold(connection)  # last: others wait for it only while this commits
    return rows
