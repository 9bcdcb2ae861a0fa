"""Staged batches made by hand: a run, deliveries and rows written straight into the warehouse."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, text

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Catalogue, Province
from cchc.warehouse.datasets import COLUMNS, TYPES

DAY = date(2026, 11, 14)
T0 = datetime(2026, 11, 15, 1, 30, tzinfo=UTC)

GOOD: dict[DatasetName, dict[str, Any]] = {
    "dossier": {
        "dossier_code": "000.00.01.H14-261103-0001",
        "procedure_code": "1.012766",
        "field_code": "GD01",
        "intake": "one_stop",
        "channel": "online",
        "online_level": "full",
        "status": "returned",
        "received_at": "2026-11-03 08:00+07",
        "due_at": "2026-11-06 17:00+07",
        "finished_at": "2026-11-06 09:00+07",
        "returned_at": "2026-11-06 10:00+07",
        "has_result": True,
    },
    "document": {
        "document_code": "H14.05,2026/11/03,12/SGDDT-VP",
        "direction": "out",
        "registered_on": "2026-11-03",
        "form": "electronic",
        "is_signed": True,
        "action": "new",
    },
    "document_status": {
        "document_code": "H14.05,2026/11/03,12/SGDDT-VP",
        "responder": "H14.01",
        "status_code": "03",
        "status_at": "2026-11-03 10:00+07",
    },
    "procedure": {
        "procedure_code": "1.012766",
        "valid_from": "2021-01-01",
        "online_level": "4",
        "term_value": 1,
        "term_unit": "working_day",
    },
    "procedure_review": {
        "procedure_code": "1.012766",
        "reviewed_on": "2026-11-03",
        "shorter_term_proposed": True,
    },
    "petition": {
        "petition_code": "PAKN-1",
        "kind": "procedure",
        "received_at": "2026-11-03 09:00+07",
        "due_at": "2026-11-24 17:00+07",
        "answered_at": "2026-11-10 09:00+07",
        "disliked": False,
        "complained_again": False,
    },
    "inspection": {
        "inspection_code": "KT-2026-01",
        "finding_code": "KN-01",
        "inspected_unit": "SYT",
        "inspected_on": "2026-09-09",
        "inspector": "Đoàn kiểm tra của Sở Nội vụ",
        "topic": "documents",
        "finding_kind": "recommendation",
        "summary": "Ghi đủ trích yếu vào sổ văn thư.",
        "due_on": "2026-10-31",
        "done_on": "2026-10-30",
        "evidence": "Báo cáo số 12/BC-SYT",
    },
    "official_score": {
        "department_code": "H14.05",
        "group_code": "progress",
        "component_code": "on_time",
        "period_from": "2026-10-01",
        "period_to": "2026-10-31",
        "numerator": 90,
        "denominator": 100,
        "ratio": 90,
        "score": 18,
        "max_score": 20,
    },
    "reported_measure": {
        "measure_code": "share_staff_official_mail",
        "period_from": "2026-01-01",
        "period_to": "2026-06-30",
        "ratio": 100,
    },
}


def catalogue() -> Catalogue:
    """Return a catalogue with a province and nothing else."""
    return Catalogue(
        province=Province(code="H14", name="Tỉnh thử"),
        units=(),
        edges=(),
        hosts={},
        profiles={},
        sources={},
        measures={},
        indicator_sets={},
    )


def new_run(engine: Engine, day: date = DAY) -> UUID:
    """Open a run."""
    run_id = uuid4()
    with engine.begin() as connection:
        connection.execute(
            text("insert into ops.run (run_id, reporting_day, kind, sources) values (:r, :d, 'sync', '{}')"),
            {"r": run_id, "d": day},
        )
    return run_id


def delivery(
    engine: Engine,
    run_id: UUID,
    dataset: DatasetName,
    rows: Iterable[Mapping[str, Any]],
    *,
    unit: str = "SGDDT",
    source: str = "sgddt-motcua",
    refused: int = 0,
    pulled: timedelta = timedelta(),
    delivery_id: UUID | None = None,
    window_to: date = DAY,
    days: int = 31,
    total: int | None = None,
    unknown: Sequence[str] = (),
) -> UUID:
    """Record and stage a delivery of `rows` of so many days; returns its id."""
    rows = list(rows)
    delivery_id = delivery_id or uuid4()
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into landing.delivery (delivery_id, unit_code, source_code, dataset, window_from, window_to,"
                " path, sha256, bytes, received, refused, landed, profile_code, pulled_at, source_total,"
                " unknown_fields) values (:id, :u, :s, :d, :f, :t, 'x', :sha, 1, :received, :refused, :landed, 'p',"
                " :pulled, :total, :unknown) on conflict do nothing"
            ),
            {
                "id": delivery_id,
                "u": unit,
                "s": source,
                "d": dataset,
                "f": window_to - timedelta(days=days - 1),
                "t": window_to,
                "received": len(rows) + refused,
                "refused": refused,
                "landed": len(rows),
                "pulled": T0 + pulled,
                "total": total,
                "sha": hashlib.sha256(repr(rows).encode()).hexdigest(),
                "unknown": list(unknown),
            },
        )
        connection.execute(
            text("insert into landing.run_delivery (run_id, delivery_id) values (:r, :d)"),
            {"r": run_id, "d": delivery_id},
        )
        stage_rows(connection, run_id, delivery_id, dataset, rows, unit, source)
    return delivery_id


def stage_rows(
    connection: Connection,
    run_id: UUID,
    delivery_id: UUID,
    dataset: DatasetName,
    rows: Iterable[Mapping[str, Any]],
    unit: str,
    source: str,
) -> None:
    """Write rows into staging; a row may carry `cast_errors` and its `page`."""
    columns = COLUMNS[dataset]
    names = ", ".join(columns)
    casts = ", ".join(f"cast(:{c} as {TYPES[dataset][c]})" for c in columns)
    statement = text(
        f"insert into stg.{dataset} (run_id, delivery_id, row_no, page, unit_code, source_code, cast_errors, row_hash,"
        f" {names}) values (:run_id, :delivery_id, :row_no, :page, :unit, :source, :cast_errors, :row_hash, {casts})"
    )
    values = []
    for number, row in enumerate(rows, start=1):
        canonical = {c: row.get(c) for c in columns}
        digest = hashlib.blake2b(repr(sorted(canonical.items())).encode(), digest_size=16).digest()
        values.append(
            {
                **canonical,
                "run_id": run_id,
                "delivery_id": delivery_id,
                "row_no": number,
                "unit": unit,
                "source": source,
                "cast_errors": row.get("cast_errors"),
                "page": row.get("page", "1"),
                "row_hash": digest,
            }
        )
    if values:
        connection.execute(statement, values)


def good(dataset: DatasetName, number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return the `number`-th row that breaks no rule, with changes."""
    row = dict(GOOD[dataset])
    if dataset == "dossier":
        row["dossier_code"] = f"000.00.01.H14-261103-{number:04d}"
    elif dataset in ("document", "document_status"):
        row["document_code"] = f"H14.05,2026/11/03,{number}/SGDDT-VP"
    elif dataset in ("procedure", "procedure_review"):
        row["procedure_code"] = f"1.{number:06d}"
    elif dataset == "petition":
        row["petition_code"] = f"PAKN-{number}"
    elif dataset == "inspection":
        row["finding_code"] = f"KN-{number:02d}"
    elif dataset == "official_score":
        row["department_code"] = f"H14.{number:02d}"
    else:
        row["measure_code"] = f"measure_{number}"
    return {**row, **changes}


def scalar(engine: Engine, statement: str, **values: Any) -> Any:
    """Return the one value of a query."""
    with engine.connect() as connection:
        return connection.execute(text(statement), values).scalar_one()
