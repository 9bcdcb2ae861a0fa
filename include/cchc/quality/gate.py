"""The gate: Great Expectations once per dataset over the whole night's batch, then once over its deliveries.

Rule columns (1: the row breaks the rule) are defined once (docs/adr/0003). GX sums them, all in one statement; our own
statement writes which rows they are; the two counts must agree. A check that could not run, or counts that differ, hold
every delivery of that dataset: what was not checked is not believed. Rules over whole deliveries come last, since how
many bad rows a delivery has is one of the things they look at.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, TextClause, text

from cchc.catalogue.base import DATASETS, DatasetName
from cchc.catalogue.models import Catalogue
from cchc.quality import delivery_facts
from cchc.quality.expectations import COLUMNS_PRESENT, OF_EVERY_BATCH, ROWS_PRESENT, Checked, Expectations
from cchc.quality.rules import KEEP_OUT, SCOPES, Rule, Scope, rules_of
from cchc.warehouse.datasets import KEYS
from cchc.warehouse.sql import query, source

__all__ = ["COLUMNS_PRESENT", "ROWS_PRESENT", "Checked", "GateReport", "Stopped", "run"]

log = logging.getLogger(__name__)

TOO_MANY_BAD_ROWS = "DELIVERY_TOO_MANY_BAD_ROWS"

#: What the rules of a dataset look at beside the row itself (sql/gate/beside).
_BESIDE: Mapping[Scope, tuple[str, ...]] = {
    "reported_measure": ("stated", "closing"),
    "document": ("unknown_documents", "documents_of_others"),
    "document_status": ("has_document",),
}


@dataclass(frozen=True)
class Stopped:
    """A delivery the gate stopped, and why (Vietnamese)."""

    delivery_id: UUID
    source_code: str
    dataset: DatasetName
    reason: str
    held_by: tuple[str, ...]  # rules; none where its dataset could not be judged

    @property
    def is_for_its_rows(self) -> bool:
        """Whether nothing but its bad rows held it, so that its unit is to correct them."""
        return self.held_by == (TOO_MANY_BAD_ROWS,)


@dataclass(frozen=True)
class GateReport:
    """The gate's verdict over one run."""

    results: Mapping[Scope, tuple[Checked, ...]]
    held: tuple[Stopped, ...]
    troubles: Mapping[Scope, str] = field(default_factory=dict)

    def verdicts(self) -> dict[str, str]:
        """Return one sentence per scope; a dataset without rows is said to have none, never to have passed."""
        said: dict[str, str] = {}
        for scope in SCOPES:
            if scope in self.troubles:
                said[scope] = f"not believed: {self.troubles[scope]}"
            elif scope not in self.results:
                said[scope] = "no rows"
            else:
                results = self.results[scope]
                broken = sum(r.unexpected for r in results if r.severity in KEEP_OUT)
                held = sum(scope in (h.dataset, "delivery") for h in self.held)
                what = "deliveries" if scope == "delivery" else "rows"
                said[scope] = (
                    f"{results[0].checked} {what} checked, {broken} rule breaks, {held} deliveries held"
                )
        return said


def run(engine: Engine, run_id: UUID, catalogue: Catalogue, documents: Path | None = None) -> GateReport:
    """Judge the staged batch and the deliveries of a run.

    Writes `stg.violation`, `stg.gate_result`, `stg.delivery`, `ops.rule_count` and the holds; with `documents`, GX's
    own pages into that folder. Judging the same run again replaces its verdict.
    """
    with engine.begin() as connection:
        connection.execute(query("gate/start"), {"run_id": run_id})
        for left in connection.execute(query("gate/left_views"), {"own": f"%{run_id.hex}"}).scalars().all():
            connection.exec_driver_sql(f'drop view if exists stg."{left}"')
    results: dict[Scope, tuple[Checked, ...]] = {}
    troubles: dict[Scope, str] = {}
    present = [dataset for dataset in DATASETS if _staged(engine, run_id, dataset)]
    if not _brought(engine, run_id):
        return GateReport(results, ())
    with Expectations(engine) as expectations:

        def judge(scope: Scope) -> None:
            view = f'stg."gate_{scope}_{run_id.hex}"'
            try:
                results[scope], trouble = _check(engine, run_id, scope, view, expectations)
            finally:
                with engine.begin() as connection:
                    connection.exec_driver_sql(f"drop view if exists {view}")
            if trouble:
                troubles[scope] = trouble
                log.error("gate: %s: %s", scope, trouble)

        for dataset in present:
            judge(dataset)
        with engine.begin() as connection:
            delivery_facts.write(connection, run_id, catalogue, present)
        judge("delivery")
        held = _hold(engine, run_id, troubles)
        if documents is not None:
            _document(engine, run_id, expectations, documents, results)
    return GateReport(results, tuple(held), troubles)


def _brought(engine: Engine, run_id: UUID) -> bool:
    with engine.connect() as connection:
        return bool(connection.execute(query("gate/brought"), {"run_id": run_id}).scalar_one())


def _staged(engine: Engine, run_id: UUID, dataset: DatasetName) -> bool:
    with engine.connect() as connection:
        count = text(source("gate/staged_count").format(dataset=dataset))
        return bool(connection.execute(count, {"run_id": run_id}).scalar_one())


def _check(
    engine: Engine, run_id: UUID, scope: Scope, view: str, expectations: Expectations
) -> tuple[tuple[Checked, ...], str | None]:
    rules = rules_of(scope)
    with engine.begin() as connection:
        # a batch of this minute has no statistics yet, and the load joins it with its violations
        connection.exec_driver_sql(f"analyze stg.{scope}")
        # the driver reads % as a placeholder's sign; a predicate may hold one
        connection.exec_driver_sql(batch(run_id, scope, view, rules).replace("%", "%%"))
        connection.execute(*violations(scope, view, rules))
        connection.exec_driver_sql("analyze stg.violation")
        counted = connection.execute(query("gate/violation_counts"), {"run_id": run_id, "dataset": scope})
        broken: dict[str, int] = {row.rule_code: row.broken for row in counted}
    results = expectations.validate(view, scope, _key(scope), rules)
    with engine.begin() as connection:
        connection.execute(
            query("gate/result"), [{"run_id": run_id, "dataset": scope, **r.__dict__} for r in results]
        )
    return results, _trouble(results, broken)


def _key(scope: Scope) -> tuple[str, ...]:
    return ("delivery_id",) if scope == "delivery" else KEYS[scope]


def batch(run_id: UUID, scope: Scope, view: str, rules: tuple[Rule, ...]) -> str:
    """Return the statement that makes the view of a run's batch, with one column per rule."""
    statement = "delivery_batch" if scope == "delivery" else "batch"
    columns, join = beside(scope, run_id)
    return source(f"gate/{statement}").format(
        beside_columns=columns,
        beside_join=join,
        view=view,
        dataset=scope,
        run_id=run_id,
        key=", ".join(f"staged.{column}" for column in _key(scope)),
        rule_columns=",\n    ".join(
            f'coalesce(({rule.predicate}), false)::integer as "{rule.code}"' for rule in rules
        ),
    )


def beside(scope: Scope, run_id: UUID) -> tuple[str, str]:
    """Return the SQL columns and the join of what a scope's rules look at beside the row; empty for no such thing."""
    names = _BESIDE.get(scope)
    if not names:
        return "", ""
    found = source(f"gate/beside/{scope}").format(run_id=run_id)
    on = "staged.delivery_id = beside.delivery_id and staged.row_no = beside.row_no"
    return ", ".join(f"beside.{name}" for name in names) + ",", f"left join ({found}) as beside on {on}"


def violations(scope: Scope, view: str, rules: tuple[Rule, ...]) -> tuple[TextClause, dict[str, Any]]:
    """Return the statement that writes down which rows of the view break which rule, and its values."""
    checks = ", ".join(f"('{r.code}', s.\"{r.code}\" = 1, {r.detail or 'null'})" for r in rules)
    broken = " or ".join(f's."{r.code}" = 1' for r in rules)
    statement = text(source("gate/violations").format(dataset=scope, view=view, checks=checks, broken=broken))
    values = {
        "codes": [r.code for r in rules],
        "severities": [r.severity for r in rules],
        "messages": [r.message for r in rules],
    }
    return statement, values


def _trouble(results: tuple[Checked, ...], broken: Mapping[str, int]) -> str | None:
    """Return why the whole batch is not to be believed, or None (Vietnamese)."""
    unchecked = [r.rule_code for r in results if r.raised]
    if unchecked:
        return f"không kiểm tra được {', '.join(unchecked)}"
    failed = [r.rule_code for r in results if r.rule_code in OF_EVERY_BATCH and r.unexpected]
    if failed:
        return f"lô dữ liệu không đạt {', '.join(failed)}"
    for r in results:
        if r.rule_code not in OF_EVERY_BATCH and r.unexpected != broken.get(r.rule_code, 0):
            return (
                f"số dòng vi phạm {r.rule_code} không khớp: GX đếm {r.unexpected}, "
                f"danh sách cách ly có {broken.get(r.rule_code, 0)}"
            )
    return None


def _hold(engine: Engine, run_id: UUID, troubles: Mapping[Scope, str]) -> list[Stopped]:
    """Hold what broke a critical rule over deliveries, and every delivery of what could not be judged."""
    critical = [rule.code for rule in rules_of("delivery") if rule.severity == "critical"]
    found: dict[UUID, Stopped] = {}

    def keep(rows: Collection[Any]) -> None:
        for row in rows:
            found[row.delivery_id] = Stopped(
                row.delivery_id, row.source_code, row.dataset, row.reason, tuple(row.held_by)
            )

    with engine.begin() as connection:
        connection.execute(query("gate/lift_holds"), {"run_id": run_id})
        broken = {"run_id": run_id, "codes": critical}
        keep(connection.execute(query("gate/hold_broken"), broken).all())
        for scope, reason in troubles.items():
            values = {
                "run_id": run_id,
                "datasets": list(DATASETS) if scope == "delivery" else [scope],
                "reason": reason,
            }
            keep(connection.execute(query("gate/hold_dataset"), values).all())
        connection.execute(query("gate/rule_count"), {"run_id": run_id})
    return sorted(found.values(), key=lambda held: (held.source_code, held.dataset))


def _document(
    engine: Engine,
    run_id: UUID,
    expectations: Expectations,
    folder: Path,
    results: Mapping[Scope, tuple[Checked, ...]],
) -> None:
    with engine.connect() as connection:
        day = connection.execute(query("gate/reporting_day"), {"run_id": run_id}).scalar_one()
    try:
        expectations.write_docs(folder, f"reporting day {day}, run {run_id}", results)
    except Exception as error:  # pages for engineers: they must not cost the night
        log.error("gate: the Data Docs in %s were not written: %s", folder, type(error).__name__)
