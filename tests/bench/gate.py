"""The gate over a night's staged rows, against one pass over the same rules by hand."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, text

from bench import province
from bench.measure import Times
from cchc.catalogue.base import DATASETS, DatasetName
from cchc.catalogue.models import Catalogue
from cchc.ops import ledger
from cchc.quality import gate
from cchc.quality.expectations import Expectations
from cchc.quality.rules import rules_of
from cchc.warehouse import embedded, migrate
from cchc.warehouse.datasets import KEYS
from cchc.warehouse.engine import connect, url

GATE, DOCUMENTED, BY_HAND = "gate", "gate and its documents", "the rules over rows by hand"


def warehouse(data: Path, size: int, say: province.Say) -> Engine:
    """Return an engine on the gate's own warehouse of `size` dossiers in `data`, made where it is not there yet."""
    engine = connect(url(embedded.dsn(data / "postgres", f"gate_{size}")))
    with engine.connect() as connection:
        made = connection.scalar(text("select to_regclass('bench.finished') is not null"))
    migrate.upgrade(engine)
    if not made:
        province.make_dossiers(engine, size, say)
        with engine.begin() as connection:
            province.run(connection, "gate/sources")
            connection.execute(text("create table bench.finished ()"))
        province.vacuum(engine)
    return engine


def night(engine: Engine, catalogue: Catalogue, size: int, rows: int, rounds: int, times: Times) -> None:
    """Judge the same `rows` staged rows in turns; raises `AssertionError` where gate and hand do not find the same."""
    Expectations(engine).__enter__().__exit__()  # GX is imported once a night: not measured
    run_id = _stage(engine, rows)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            times.take(BY_HAND, size, lambda: _by_hand(engine, run_id))
            found = times.take(GATE, size, lambda: gate.run(engine, run_id, catalogue))
            assert not found.troubles, found.troubles
            assert not found.held, found.held
            times.take(DOCUMENTED, size, lambda: gate.run(engine, run_id, catalogue, Path(folder) / "docs"))
            _agree(engine, run_id)
            province.vacuum(engine, "stg.violation", "stg.delivery")


def _stage(engine: Engine, rows: int) -> UUID:
    run_id = ledger.open_run(engine, date(2026, 11, 14), "sync", ())
    deliveries = " union all ".join(
        f"select delivery_id, unit_code, source_code, cast('{dataset}' as text) as dataset, count(*) as staged"
        f" from stg.{dataset} where run_id = cast(:run_id as uuid) group by delivery_id, unit_code, source_code"
        for dataset in DATASETS
    )
    with engine.begin() as connection:
        for dataset in DATASETS:
            connection.execute(text(f"truncate stg.{dataset}"))
        connection.execute(text("truncate stg.violation, stg.delivery, stg.gate_result, ops.load_ledger"))
        connection.execute(text("truncate landing.delivery cascade"))
        province.run(connection, "gate/stage", {"deliveries": deliveries}, run_id=str(run_id), rows=rows)
    province.vacuum(engine)
    return run_id


def _by_hand(engine: Engine, run_id: UUID) -> dict[str, int]:
    """Write which row breaks which rule into a table of its own; returns rows by rule. Deliveries are not judged."""
    with engine.begin() as connection:
        connection.execute(text("drop table if exists bench.broken"))
        connection.execute(
            text(
                "create unlogged table bench.broken (dataset text, delivery_id uuid, row_no bigint, rule_code text,"
                " severity text, message text)"
            )
        )
        for dataset in DATASETS:
            connection.exec_driver_sql(_pass(dataset, run_id).replace("%", "%%"))
        counted = connection.execute(text("select rule_code, count(*) from bench.broken group by rule_code"))
        return {row[0]: row[1] for row in counted}


def _pass(dataset: DatasetName, run_id: UUID) -> str:
    rules = rules_of(dataset)
    columns, join = gate.beside(dataset, run_id)
    same = ("delivery_id", *KEYS[dataset])
    parts = {
        "dataset": dataset,
        "run_id": str(run_id),
        "beside_columns": columns,
        "beside_join": join,
        "key": ", ".join(KEYS[dataset]),
        "twin_join": " and ".join(f"staged.{column} = twins.{column}" for column in same),
        "codes": ", ".join(f"case when {rule.predicate} then '{rule.code}' end" for rule in rules),
        "rules": ", ".join(f"('{rule.code}', '{rule.severity}', '{rule.message}')" for rule in rules),
        "details": " ".join(f"when '{rule.code}' then {rule.detail or 'null'}" for rule in rules),
    }
    return province.source("gate/by_hand", **parts)


def _agree(engine: Engine, run_id: UUID) -> None:
    """Compare which row breaks which rule, by the gate and by hand."""
    with engine.connect() as connection:
        assert connection.scalar(text("select count(*) from bench.broken")), "nothing was broken"
        assert not connection.scalar(text(province.source("gate/differing")), {"run_id": run_id})
