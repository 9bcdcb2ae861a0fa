"""Work on what past nights left: staging again from landing, tidying staging, checking landing files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from cchc.catalogue.base import DATASETS
from cchc.catalogue.models import Catalogue
from cchc.errors import CchcError
from cchc.landing import store
from cchc.landing.delivery import Delivery
from cchc.ops import failures, ledger
from cchc.ops.ledger import SourceOutcome
from cchc.staging.stage import stage
from cchc.warehouse.sql import query

STAGED_DAYS = 7  # long enough to look into last week's batches
QUARANTINED_DAYS = 400  # no window reaches further back: nobody will show such a row again
CHECKED_FILES = 2_000  # landing files verified in one maintenance run, newest first

_BATCH_TABLES = (*DATASETS, "delivery", "violation", "gate_result")


def delivery(engine: Engine, delivery_id: UUID) -> Delivery:
    """Return a delivery's manifest entry."""
    with engine.connect() as connection:
        row = connection.execute(query("ops/delivery"), {"delivery_id": delivery_id}).mappings().one()
    values = dict(row) | {"unknown_fields": tuple(row["unknown_fields"])}
    return Delivery(**values)


def restage(
    engine: Engine, catalogue: Catalogue, run_id: UUID, source_codes: Sequence[str], only: UUID | None = None
) -> None:
    """Stage the landed deliveries of sources anew into a run: all that a replay takes, or `only` one.

    A damaged landing file fails its source.
    """
    for code in source_codes:
        source = catalogue.sources[code]
        started = datetime.now(UTC)
        with engine.begin() as connection:
            found = [only] if only else replayable(connection, code)
            for delivery_id in found:
                connection.execute(
                    query("ops/bring_delivery"), {"run_id": run_id, "delivery_id": delivery_id}
                )
        row = SourceOutcome(code, source.unit, "pulled", "staging", started, started)
        try:
            deliveries = [delivery(engine, delivery_id) for delivery_id in found]
            for one in deliveries:
                stage(engine, run_id, one, catalogue.profile_of(source))
            row = replace(
                row,
                finished_at=datetime.now(UTC),
                received=sum(d.received for d in deliveries),
                refused=sum(d.refused for d in deliveries),
            )
        except CchcError as error:
            row = SourceOutcome(
                code,
                source.unit,
                "failed",
                "staging",
                started,
                datetime.now(UTC),
                error_class=failures.kind(error),
                message=str(error),
            )
        ledger.record(engine, run_id, row)


def replayable(connection: Connection, source_code: str) -> list[UUID]:
    """Return the deliveries that a replay of a source takes, in the order they were pulled."""
    wanted = connection.execute(query("ops/replayable_deliveries"), {"source_code": source_code})
    return list(wanted.scalars())


def maintain(engine: Engine, checked_files: int = CHECKED_FILES) -> dict[str, int]:
    """Drop old staged batches, expire quarantined rows, analyse tables, verify landing files against the manifest.

    Returns counts: rows dropped, rows expired, files checked. Raises `CchcError` naming the damaged files, after the
    tidying.
    """
    dropped = 0
    with engine.begin() as connection:
        old = connection.execute(query("ops/old_runs"), {"days": STAGED_DAYS}).scalars().all()
        for table in _BATCH_TABLES:
            done = connection.execute(
                text(f"delete from stg.{table} where run_id = any(:runs)"), {"runs": list(old)}
            )
            dropped += done.rowcount
        expired = connection.execute(query("ops/expire_quarantine"), {"days": QUARANTINED_DAYS}).rowcount
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum (analyze)"))
        ids = connection.execute(query("ops/manifest"), {"most": checked_files}).scalars().all()
    damaged: list[str] = []
    for delivery_id in ids:
        try:
            for _row in store.read(delivery(engine, delivery_id)):
                pass
        except CchcError as error:
            damaged.append(str(error))
    if damaged:
        raise CchcError(f"{len(damaged)} of {len(ids)} landing files are damaged: " + "; ".join(damaged[:5]))
    return {
        "staged_rows_dropped": dropped,
        "quarantined_rows_expired": expired,
        "landing_files_checked": len(ids),
    }
