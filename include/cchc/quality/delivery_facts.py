"""What the rules over whole deliveries look at: one row of `stg.delivery` for each delivery of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import Connection, text

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Catalogue
from cchc.catalogue.profiles import DatasetMap
from cchc.warehouse.datasets import HAPPENED, KEYS
from cchc.warehouse.event_days import happened_between, happened_on, local_day
from cchc.warehouse.sql import query, source

#: On which days something happened to a record: the newest of them says how new it is.
_EVENTS: dict[DatasetName, tuple[str, ...]] = {
    "dossier": ("received_at", "supplement_at", "supplement_completed_at", "finished_at", "returned_at"),
    "document": ("registered_on",),
    "document_status": ("status_at",),
    "procedure": ("valid_from",),
    "procedure_review": ("reviewed_on",),
    "petition": ("received_at", "answered_at"),
    "inspection": ("inspected_on", "done_on"),
    "official_score": ("period_to",),
    "reported_measure": ("period_to",),
}

#: Which records belong to one unit alone. A document that came in is another's that went out; procedures, reports and
#: scores bear the same names everywhere.
_OWN: dict[DatasetName, str] = {"dossier": "true", "document": "s.direction = 'out'", "petition": "true"}


def write(connection: Connection, run_id: UUID, catalogue: Catalogue, staged: Iterable[DatasetName]) -> int:
    """Write the facts of every delivery of a run; returns how many there are. `staged`: datasets with rows in it."""
    province = catalogue.province
    values = {
        "run_id": run_id,
        "may_be_empty": _where(catalogue, lambda m: bool(m.select.get("may_be_empty"))),
        "complete": _where(catalogue, lambda m: m.complete),
        "bad_limit": province.hold_above,
        "drop_limit": province.hold_drop,
        "jump_limit": province.hold_jump,
    }
    count = connection.execute(query("gate/delivery_facts"), values).rowcount
    connection.exec_driver_sql("analyze stg.delivery")
    for dataset in staged:
        connection.execute(text(_records(dataset)), {"run_id": run_id})
        if dataset in HAPPENED:
            connection.execute(text(_proof(dataset)), {"run_id": run_id})
            connection.execute(text(_gone(dataset)), {"run_id": run_id})
    connection.execute(query("gate/delivery_contract"), {"run_id": run_id})
    return count


def _where(catalogue: Catalogue, holds: Callable[[DatasetMap], bool]) -> list[str]:
    return [
        f"{source.code} {name}"
        for source in catalogue.sources.values()
        for name, dataset_map in catalogue.profile_of(source).datasets.items()
        if holds(dataset_map)
    ]


def _proof(dataset: DatasetName) -> str:
    return source("gate/delivery_proof").format(
        dataset=dataset,
        happened_s=happened_on(dataset, "s"),
        key_s=", ".join(f"s.{column}" for column in KEYS[dataset]),
        key_join_s=" and ".join(f"c.{column} = s.{column}" for column in KEYS[dataset]),
        happened_in_c=happened_between(dataset, "c", "f.shown_to + 1", "f.first_day - 1"),
    )


def _gone(dataset: DatasetName) -> str:
    return source("gate/delivery_gone").format(
        dataset=dataset,
        happened_in_c=happened_between(dataset, "c", "d.proves_from", "d.proves_to"),
        key_c=", ".join(f"c.{column}" for column in KEYS[dataset]),
        key_s=", ".join(f"s.{column}" for column in KEYS[dataset]),
    )


def _records(dataset: DatasetName) -> str:
    key = KEYS[dataset]

    def same(left: str, right: str) -> str:
        return " and ".join(f"{left}.{column} = {right}.{column}" for column in key)

    return source("gate/delivery_records").format(
        dataset=dataset,
        event_s=_newest_event(dataset, "s"),
        event_c=_newest_event(dataset, "c"),
        is_own=_OWN.get(dataset, "false"),
        key_s=", ".join(f"s.{column}" for column in key),
        key_join_s=same("s", "c"),
    )


def _newest_event(dataset: DatasetName, alias: str) -> str:
    days = (f"{alias}.{name}" for name in _EVENTS[dataset])
    return "greatest(" + ", ".join(local_day(d) if d.endswith("_at") else d for d in days) + ")"
