"""Load a delivery into core: one transaction, whatever is killed, repeated or started twice.

Order inside it: lock the source → look into the ledger → plan → what is gone → history → touched days → merge →
quarantine → counts → ledger row, watermark, delivery state → commit. See docs/adr/0004 and 0023.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, TextClause, text

from cchc.catalogue.base import DATASETS, DatasetName
from cchc.errors import ReconciliationError
from cchc.warehouse.datasets import COLUMNS, HAPPENED, KEYLESS, KEYS
from cchc.warehouse.event_days import (
    HOLD_MARTS,
    MART_DATASETS,
    SHARE_MARTS,
    event_days,
    event_procedure,
    happened_between,
    happened_on,
    local_day,
)
from cchc.warehouse.sql import query, source

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('load ' || :unit || ' ' || :source, 0))")

OnStep = Callable[[str], None]


@dataclass(frozen=True)
class LoadCounts:
    """What became of the records of a delivery: received = inserted + updated + unchanged + quarantined + refused.

    `removed` counts those that were known and are not in it any more, `came_back` those of the inserted that had been
    removed before.
    """

    received: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    refused: int = 0
    removed: int = 0
    came_back: int = 0

    def __add__(self, other: LoadCounts) -> LoadCounts:
        return LoadCounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def check(self, delivery_id: UUID) -> None:
        """Raise `ReconciliationError` unless every record received has gone to exactly one place."""
        placed = self.inserted + self.updated + self.unchanged + self.quarantined + self.refused
        if placed != self.received:
            raise ReconciliationError(
                f"delivery {delivery_id}: received {self.received}, but loaded {self.inserted + self.updated}, "
                f"unchanged {self.unchanged}, quarantined {self.quarantined}, refused {self.refused} make {placed}; "
                "nothing of it was kept"
            )


@cache
def _statement(name: str, dataset: DatasetName) -> TextClause:
    """Return `sql/load/<name>.sql` for one dataset; only names of `cchc.warehouse.datasets` are put into it."""
    key = KEYS[dataset]

    def record_key(alias: str) -> str:
        # a row without a full key is known by its content: its place moves with every row before it
        joined = " || '|' || ".join(f"{alias}.{column}::text" for column in key)
        return f"coalesce({joined}, '{KEYLESS}' || encode({alias}.row_hash, 'hex'))"

    def core_key(alias: str) -> str:
        return " || '|' || ".join(f"{alias}.{column}::text" for column in key)

    return text(
        source(f"load/{name}").format(
            dataset=dataset,
            columns=", ".join(COLUMNS[dataset]),
            key=", ".join(key),
            key_s=", ".join(f"s.{column}" for column in key),
            key_c=", ".join(f"c.{column}" for column in key),
            keyless=KEYLESS,
            key_join=" and ".join(f"good.{column} = c.{column}" for column in key),
            key_join_s=" and ".join(f"s.{column} = c.{column}" for column in key),
            key_join_g=" and ".join(f"g.{column} = c.{column}" for column in key),
            key_join_old=" and ".join(f"old.{column} = c.{column}" for column in key),
            assignments=", ".join(
                [
                    *(f"{column} = excluded.{column}" for column in COLUMNS[dataset]),
                    *(["own_due_stale = true"] if dataset == "dossier" else []),
                ]
            ),
            record_key_s=record_key("s"),
            record_key_c=core_key("c"),
            record_key_good=core_key("good"),
            record_key_old=core_key("old"),
            event_days_c=event_days(dataset, "c"),
            event_days_good=event_days(dataset, "good", staged=True),
            happened_good=happened_on(dataset, "good"),
            happened_in_c=_in_proof(dataset, "c"),
            happened_q=_of_quarantined(dataset),
            dateless_q=f"{_of_quarantined(dataset)} is null" if dataset in HAPPENED else "false",
            event_procedure_c=event_procedure(dataset, "c"),
            event_procedure_good=event_procedure(dataset, "good"),
        )
    )


def _in_proof(dataset: DatasetName, alias: str) -> str:
    if dataset not in HAPPENED:
        return "false"
    return happened_between(dataset, alias, "cast(:proves_from as date)", "cast(:proves_to as date)")


def _of_quarantined(dataset: DatasetName) -> str:
    """Return the day on which a quarantined row happened, from its kept values; null where it could not be read."""
    column = HAPPENED.get(dataset)
    if column is None:
        return "cast(null as date)"
    value = f"(q.row_data ->> '{column}')"
    return local_day(f"{value}::timestamptz") if column.endswith("_at") else f"{value}::date"


def _nothing(_step: str) -> None:
    return None


def load_delivery(
    engine: Engine, run_id: UUID, delivery_id: UUID, mapping_version: str, on_step: OnStep = _nothing
) -> LoadCounts:
    """Load one staged and gated delivery and return its counts.

    A delivery already loaded under this mapping is left alone and counted as unchanged. Raises `ReconciliationError`,
    and keeps nothing, where records would be lost or doubled. `on_step` is told each step as it begins.
    """
    with engine.begin() as connection:
        row = _lock(connection, delivery_id)
        on_step("locked")
        if row.is_rejected:
            raise ReconciliationError(
                f"delivery {delivery_id} was rejected meanwhile; nothing of it was kept"
            )
        this = {"delivery_id": delivery_id, "mapping_version": mapping_version, "pulled_at": row.pulled_at}
        done = connection.execute(query("load/done"), this).one_or_none()
        if done is not None:
            connection.execute(query("load/mark_loaded"), {"delivery_id": delivery_id})
            before = LoadCounts(*done)
            return replace(
                before, inserted=0, updated=0, unchanged=before.unchanged + before.inserted + before.updated
            )
        counts = _apply(connection, run_id, delivery_id, row, mapping_version, on_step)
        on_step("before commit")
    on_step("committed")
    return counts


def quarantine_rows(engine: Engine, run_id: UUID, delivery_id: UUID, mapping_version: str) -> None:
    """Write the bad rows of a delivery that is held for them into quarantine, so that its unit is told which they are.

    Nothing else of it is kept. Writing them again renews them.
    """
    with engine.begin() as connection:
        row = _lock(connection, delivery_id)
        statement = _statement("quarantine", row.dataset)
        values = {
            "run_id": run_id,
            "delivery_id": delivery_id,
            "pulled_at": row.pulled_at,
            "mapping_version": mapping_version,
            "since": "-infinity",
        }
        connection.execute(statement, {bind: values[bind] for bind in statement.compile().params})


def _lock(connection: Connection, delivery_id: UUID) -> Any:
    row = connection.execute(query("load/delivery"), {"delivery_id": delivery_id}).one()
    connection.execute(_LOCK, {"unit": row.unit_code, "source": row.source_code})
    # a procedure's new term reaches into the dossiers of the unit's other sources: such a load goes alone
    hold = HOLD_MARTS if row.dataset == "procedure" else SHARE_MARTS
    connection.execute(hold, {"unit": row.unit_code})
    return row


def _apply(
    connection: Connection,
    run_id: UUID,
    delivery_id: UUID,
    row: Any,
    mapping_version: str,
    on_step: OnStep = _nothing,
    rebuilt_since: datetime | None = None,
) -> LoadCounts:
    """Apply one delivery; in a rebuild, what quarantine said before `rebuilt_since` has no say any more."""
    dataset: DatasetName = row.dataset
    values = {
        "run_id": run_id,
        "delivery_id": delivery_id,
        "pulled_at": row.pulled_at,
        "mapping_version": mapping_version,
        "unit_code": row.unit_code,
        "source_code": row.source_code,
        "dataset": dataset,
        "window_to": row.window_to,
        "since": rebuilt_since or "-infinity",
        "proves_from": None,
        "proves_to": None,
    }
    if proof := connection.execute(query("load/proof"), values).one_or_none():
        values |= proof._mapping

    def run(name: str) -> Any:
        on_step(name)
        statement = _statement(name, dataset)
        wanted = {bind: values[bind] for bind in statement.compile().params}
        return connection.execute(statement, wanted)

    batch = run("batch_counts").one()
    if batch.staged != row.landed:
        raise ReconciliationError(
            f"delivery {delivery_id} of {row.source_code}: {row.landed} rows of {row.unit_code} landed, "
            f"{batch.staged} are staged in this run"
        )
    connection.execute(text("drop table if exists load_plan"))
    run("plan")
    plan = run("plan_counts").one()
    if rebuilt_since is None:  # versions between two steps of a rebuild were never seen by anyone
        run("keep_history")
    removed = 0
    if values["proves_from"] is not None:
        removed = _remove(connection, run, is_rebuild=rebuilt_since is not None)
    known = removed + run("known").one().records if removed else None
    came_back: int = run("come_back").rowcount
    run("touch_old")
    run("touch_new")
    merged = run("merge").one()
    if dataset == "procedure":
        run("stale_due")
    run("confirm")
    run("quarantine")
    run("close_corrected")
    run("close_unplaced")
    copies = (batch.staged - batch.quarantined) - plan.records  # the same record again, with the same content
    counts = LoadCounts(
        received=row.received,
        inserted=merged.inserted,
        updated=merged.updated,
        unchanged=plan.unchanged + copies,
        quarantined=batch.quarantined,
        refused=row.refused,
        removed=removed,
        came_back=came_back,
    )
    counts.check(delivery_id)
    values |= asdict(counts) | {"known": known}
    for name in ("write_ledger", "move_watermark", "mark_loaded"):
        run(name)
    return counts


def _remove(connection: Connection, run: Callable[[str], Any], *, is_rebuild: bool) -> int:
    """Take out of core what the delivery proves to be gone; returns how many records."""
    connection.execute(text("drop table if exists load_gone"))
    run("find_gone")
    if not is_rebuild:
        run("keep_gone")
    run("touch_gone")
    run("bury")
    removed: int = run("remove_gone").rowcount
    run("close_gone")
    return removed


def rebuild_source(
    engine: Engine,
    run_id: UUID,
    source_code: str,
    delivery_ids: Sequence[UUID],
    mapping_version: str,
) -> LoadCounts:
    """Replace all of a source's rows by those of its staged deliveries, in one transaction; returns the summed counts.

    The result is that of loading the same deliveries, in the order they were pulled, into an empty warehouse. Those
    that were loaded and rejected since are left out, and the next night reads their days again. Raises
    `ReconciliationError`, and changes nothing, where something was loaded that is not among the deliveries.
    """
    with engine.begin() as connection:
        # also those it belonged to before the catalogue gave it to another
        units = list(
            connection.execute(query("load/units_of_source"), {"source_code": source_code}).scalars()
        )
        whose = {"unit_codes": units, "source_code": source_code}
        for unit_code in units:
            connection.execute(_LOCK, {"unit": unit_code, "source": source_code})
            # at once alone: two rebuilds that shared them first would wait for each other
            connection.execute(HOLD_MARTS, {"unit": unit_code})
        rows = {delivery_id: _lock(connection, delivery_id) for delivery_id in delivery_ids}
        dropped = list(connection.execute(query("load/rejected_in_core"), whose).scalars())
        if not rows and not dropped:
            return LoadCounts()
        given = {"delivery_ids": list(delivery_ids), "dropped": dropped}
        if others := connection.execute(query("load/loaded_meanwhile"), whose | given).scalar_one():
            raise ReconciliationError(
                f"{source_code}: {others} deliveries were loaded meanwhile; nothing was rebuilt, do it again"
            )
        connection.execute(query("load/stale_due_all"), whose)
        since = connection.execute(text("select clock_timestamp()")).scalar_one()
        for dataset in DATASETS:
            steps = (
                ["set_aside", "stale_mart", "clear"] if dataset in MART_DATASETS else ["set_aside", "clear"]
            )
            for name in steps:
                connection.execute(_statement(name, dataset), whose)
        connection.execute(query("load/forget_ledger"), whose)
        connection.execute(query("load/forget_tombstones"), whose)
        total = LoadCounts()
        for delivery_id, row in sorted(rows.items(), key=lambda item: (item[1].pulled_at, item[1].dataset)):
            total += _apply(connection, run_id, delivery_id, row, mapping_version, rebuilt_since=since)
        for dataset in DATASETS:
            connection.execute(_statement("history_of_rebuild", dataset))
        connection.execute(query("load/close_absent"), whose | {"since": since})
        for delivery_id in dropped:
            connection.execute(query("decisions/read_again"), {"delivery_id": delivery_id})
    return total
