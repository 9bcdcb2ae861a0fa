"""The gate's row rules over a sample: staged in a transaction that is rolled back, by the gate's own statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql
from sqlalchemy import Connection, Engine

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Source
from cchc.landing.delivery import Delivery
from cchc.landing.store import record
from cchc.onboarding.sample import Sample
from cchc.quality import gate
from cchc.quality.rules import rules_of
from cchc.sources.connector import Window
from cchc.staging.stage import CONTEXT
from cchc.warehouse.datasets import COLUMNS
from cchc.warehouse.sql import query


@dataclass(frozen=True)
class Broken:
    """A rule that rows of the sample break: how many, and where the first of them stands."""

    dataset: DatasetName
    rule_code: str
    severity: str
    message: str  # Vietnamese
    rows: int
    place: str


def judge(
    engine: Engine, source: Source, day: date, window: Window, samples: Iterable[Sample]
) -> list[Broken]:
    """Return the rules that the samples break, worst first; the warehouse is afterwards as it was."""
    run_id = uuid4()
    found: list[Broken] = []
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            connection.execute(query("onboarding/run"), {"run_id": run_id, "day": day})
            for sample in samples:
                if sample.rows:
                    _stage(connection, run_id, source, window, sample)
                    found += _broken(connection, run_id, sample)
        finally:
            transaction.rollback()
    order = ("critical", "warning", "info")
    return sorted(found, key=lambda broken: (order.index(broken.severity), -broken.rows))


def _stage(connection: Connection, run_id: UUID, source: Source, window: Window, sample: Sample) -> None:
    delivery = Delivery(
        delivery_id=uuid4(),
        unit_code=source.unit,
        source_code=source.code,
        dataset=sample.dataset,
        window_from=window.start,
        window_to=window.end,
        path="",
        sha256="",
        bytes=0,
        received=len(sample.rows),
        refused=0,
        landed=len(sample.rows),
        source_total=None,
        unknown_fields=(),
        profile_code=source.profile,
        pulled_at=datetime.now(UTC),
    )
    record(connection, run_id, delivery)
    names = sql.SQL(", ").join(sql.Identifier(n) for n in (*CONTEXT, *COLUMNS[sample.dataset]))
    into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier("stg", sample.dataset), names)
    own = (source.unit, source.code)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        for place, row in sample.rows:
            context = (
                run_id,
                delivery.delivery_id,
                row.row_no,
                place,
                *own,
                row.cast_errors or None,
                row.row_hash,
            )
            copy.write_row((*context, *row.values))


def _broken(connection: Connection, run_id: UUID, sample: Sample) -> list[Broken]:
    dataset, rules = sample.dataset, rules_of(sample.dataset)
    view = f'stg."gate_{dataset}_{run_id.hex}"'
    # the driver reads % as a placeholder's sign; a predicate may hold one
    connection.exec_driver_sql(gate.batch(run_id, dataset, view, rules).replace("%", "%%"))
    connection.execute(*gate.violations(dataset, view, rules))
    places = {row.row_no: place for place, row in sample.rows}
    messages = {rule.code: rule.message for rule in rules}
    return [
        Broken(
            dataset, row.rule_code, row.severity, messages[row.rule_code], row.broken, places[row.first_row]
        )
        for row in connection.execute(query("onboarding/broken"), {"run_id": run_id, "dataset": dataset})
    ]
