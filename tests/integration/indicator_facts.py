"""Core rows for tests of marts, indicators and releases: written by SQL, marked as a load marks them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, text

from cchc.catalogue.base import DatasetName
from cchc.warehouse.datasets import KEYS
from cchc.warehouse.event_days import SHARE_MARTS, event_days, event_procedure

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DELIVERY = uuid.UUID(int=1)
LINEAGE: dict[str, Any] = {
    "row_hash": b"x",
    "delivery_id": DELIVERY,
    "row_no": 1,
    "pulled_at": datetime(2026, 11, 14, tzinfo=ZONE),
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "dossier": {
        "procedure_code": "1.000001",
        "intake": "one_stop",
        "channel": "direct",
        "online_level": "unknown",
        "status": "processing",
        "due_at": None,
        "finished_at": None,
        "returned_at": None,
        "supplement_at": None,
        "supplement_completed_at": None,
        "supplement_requests": None,
        "extended_at": None,
        "post_in": None,
        "post_out": None,
        "paid_online": None,
        "has_duty": None,
        "electronic_result": None,
        "has_result": None,
        "apology_at": None,
        "components_digitised": None,
        "data_reused": None,
        "personal_store": None,
        "citizen_data": None,
        "dissatisfied": None,
        "own_due_stale": True,
    },
    "document": {
        "form": "electronic",
        "is_signed": None,
        "action": "new",
        "due_on": None,
        "done_on": None,
        "concerns": None,
    },
    "document_status": {"responder": "R", "status_code": "03"},
    "procedure": {
        "valid_to": None,
        "online_level": "unknown",
        "term_value": None,
        "term_unit": None,
        "cutoff": None,
        "needs_result": None,
        "has_fee": None,
        "for_citizens": None,
        "announced_on": None,
        "announce_due_on": None,
        "published_on": None,
        "publish_due_on": None,
        "content_full": None,
        "title": None,
        "field_title": None,
    },
    "procedure_review": {"shorter_term_proposed": False},
    "petition": {
        "kind": "procedure",
        "due_at": None,
        "answered_at": None,
        "disliked": None,
        "complained_again": None,
    },
    "inspection": {
        "inspector": "Đoàn kiểm tra",
        "topic": "other",
        "finding_kind": "recommendation",
        "summary": "Việc phải làm.",
        "due_on": None,
        "done_on": None,
        "evidence": None,
    },
    "official_score": {
        "component_code": "",
        "numerator": None,
        "denominator": None,
        "ratio": None,
        "score": None,
        "max_score": None,
        "quality": None,
    },
    "reported_measure": {
        "value": None,
        "numerator": None,
        "denominator": None,
        "ratio": None,
        "evidence": None,
    },
}


def at(day: str, clock: str = "09:00:00") -> datetime:
    """Return a local time: `at("2026-11-14", "23:30:00")`."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE)


def mark(
    connection: Connection, dataset: DatasetName, unit: str, where: str, values: Mapping[str, Any]
) -> None:
    """Mark the event days of the core rows that match, as a load does for old and for new rows."""
    connection.execute(
        text(
            "insert into ops.touched_day (unit_code, dataset, day, procedure_code)"
            f" select distinct r.unit_code, :dataset, day, {event_procedure(dataset, 'r')}"
            f" from core.{dataset} as r, unnest({event_days(dataset, 'r')}) as day"
            f" where r.unit_code = :unit and day is not null and {where}"
            " order by 1, 3, 4 on conflict do nothing"
        ),
        {"dataset": dataset, "unit": unit, **values},
    )


def write(
    engine: Engine, dataset: DatasetName, unit: str, source: str, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Insert or replace core rows of one source in one transaction and mark the days they touch."""
    keys = ("unit_code", "source_code", *KEYS[dataset])
    with engine.begin() as connection:
        connection.execute(SHARE_MARTS, {"unit": unit})
        full = [
            {**DEFAULTS[dataset], **LINEAGE, "row_no": n, **row, "unit_code": unit, "source_code": source}
            for n, row in enumerate(rows, start=1)
        ]
        match = " and ".join(f"r.{k} = :{k}" for k in ("source_code", *KEYS[dataset]))
        if len(full) < 200:  # a bulk load of new rows has no old days, and its new ones are marked at once
            for row in full:
                mark(connection, dataset, unit, match, row)
        columns = list(full[0])
        connection.execute(
            text(
                f"insert into core.{dataset} ({', '.join(columns)})"
                f" values ({', '.join(':' + c for c in columns)})"
                f" on conflict ({', '.join(keys)}) do update set"
                f" {', '.join(f'{c} = excluded.{c}' for c in columns if c != 'unit_code')}"
            ),
            full,
        )
        if dataset == "procedure":
            stale = "update core.dossier set own_due_stale = true where unit_code = :unit"
            connection.execute(text(stale), {"unit": unit})
        if len(full) < 200:
            for row in full:
                mark(connection, dataset, unit, match, row)
        else:
            mark(connection, dataset, unit, "r.source_code = :source_code", {"source_code": source})


def watermark(engine: Engine, unit: str, source: str, complete_to: date, *datasets: DatasetName) -> None:
    """State that a source has delivered these datasets up to a day."""
    with engine.begin() as connection:
        for dataset in datasets:
            connection.execute(
                text(
                    "insert into ops.watermark (unit_code, source_code, dataset, complete_to, delivery_id)"
                    " values (:unit, :source, :dataset, :to, :delivery)"
                    " on conflict (unit_code, source_code, dataset)"
                    " do update set complete_to = excluded.complete_to"
                ),
                {"unit": unit, "source": source, "dataset": dataset, "to": complete_to, "delivery": DELIVERY},
            )


def source(engine: Engine, unit: str, code: str, rule: str = "date") -> None:
    """Enter a source as the catalogue's sync does."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into core.source"
                " (source_code, unit_code, profile_code, kind, title, on_time_rule, expected)"
                " values (:code, :unit, 'p', 'files', '', :rule, true) on conflict (source_code) do nothing"
            ),
            {"code": code, "unit": unit, "rule": rule},
        )


def counts(engine: Engine, unit: str, day: date | None = None) -> dict[str, int]:
    """Return the sum of every measure of a unit, up to a day (a stock's balance, a flow's total)."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select measure_code, sum(value)::int as value from mart.measure_day where unit_code = :unit"
                " and day <= coalesce(:day, 'infinity'::date) group by 1 having sum(value) <> 0"
            ),
            {"unit": unit, "day": day},
        ).all()
    return {row.measure_code: row.value for row in rows}
