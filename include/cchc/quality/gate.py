"""The gate: Great Expectations once per dataset over the whole night's batch, and which rows and deliveries it stops.

Rule columns (1: the row breaks the rule) are defined once (docs/adr/0003). GX sums them, all in one statement; our own
statement writes which rows they are; the two counts must agree. A check that could not run, or counts that differ, hold
every delivery of that dataset: what was not checked is not believed.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, TextClause, text

from cchc.catalogue.base import DATASETS, DatasetName
from cchc.catalogue.models import Catalogue
from cchc.quality.rules import Rule, rules_of
from cchc.warehouse.datasets import KEYS
from cchc.warehouse.sql import query, source

log = logging.getLogger(__name__)

ROWS_PRESENT = "BATCH_HAS_ROWS"
COLUMNS_PRESENT = "BATCH_HAS_COLUMNS"


@dataclass(frozen=True)
class Held:
    """A delivery the gate stopped, and why (Vietnamese)."""

    delivery_id: UUID
    source_code: str
    dataset: DatasetName
    reason: str


@dataclass(frozen=True)
class Checked:
    """What GX found for one rule: rows checked, rows that break it, or why it could not be checked."""

    rule_code: str
    severity: str
    checked: int
    unexpected: int
    raised: str | None = None


@dataclass(frozen=True)
class GateReport:
    """The gate's verdict over one run."""

    results: Mapping[DatasetName, tuple[Checked, ...]]
    held: tuple[Held, ...]
    troubles: Mapping[DatasetName, str] = field(default_factory=dict)

    def verdicts(self) -> dict[str, str]:
        """Return one sentence per dataset; a dataset without rows is said to have none, never to have passed."""
        said: dict[str, str] = {}
        for dataset in DATASETS:
            if dataset in self.troubles:
                said[dataset] = f"not believed: {self.troubles[dataset]}"
            elif dataset not in self.results:
                said[dataset] = "no rows"
            else:
                results = self.results[dataset]
                broken = sum(r.unexpected for r in results if r.severity in ("critical", "warning"))
                held = sum(h.dataset == dataset for h in self.held)
                said[dataset] = (
                    f"{results[0].checked} rows checked, {broken} rule breaks, {held} deliveries held"
                )
        return said


def run(engine: Engine, run_id: UUID, catalogue: Catalogue) -> GateReport:
    """Judge the staged batch of a run; writes `stg.violation`, `stg.gate_result` and the holds.

    Judging the same run again replaces its verdict.
    """
    with engine.begin() as connection:
        connection.execute(query("gate/start"), {"run_id": run_id})
        for left in connection.execute(query("gate/left_views"), {"own": f"%{run_id.hex}"}).scalars().all():
            connection.exec_driver_sql(f'drop view if exists stg."{left}"')
    results: dict[DatasetName, tuple[Checked, ...]] = {}
    held: list[Held] = []
    troubles: dict[DatasetName, str] = {}
    present = [dataset for dataset in DATASETS if _staged(engine, run_id, dataset)]
    if not present:
        return GateReport(results, ())
    with _Expectations(engine) as expectations:
        for dataset in present:
            view = f'stg."gate_{dataset}_{run_id.hex}"'
            try:
                results[dataset], trouble = _check(engine, run_id, dataset, view, expectations)
            finally:
                with engine.begin() as connection:
                    connection.exec_driver_sql(f"drop view if exists {view}")
            if trouble:
                troubles[dataset] = trouble
                log.error("gate: %s: %s", dataset, trouble)
            held += _hold(engine, run_id, dataset, catalogue, trouble)
    return GateReport(results, tuple(held), troubles)


def _staged(engine: Engine, run_id: UUID, dataset: DatasetName) -> bool:
    with engine.connect() as connection:
        count = text(source("gate/staged_count").format(dataset=dataset))
        return bool(connection.execute(count, {"run_id": run_id}).scalar_one())


def _check(
    engine: Engine, run_id: UUID, dataset: DatasetName, view: str, expectations: _Expectations
) -> tuple[tuple[Checked, ...], str | None]:
    rules = rules_of(dataset)
    with engine.begin() as connection:
        # a batch of this minute has no statistics yet, and the load joins it with its violations
        connection.exec_driver_sql(f"analyze stg.{dataset}")
        # the driver reads % as a placeholder's sign; a predicate may hold one
        connection.exec_driver_sql(_batch(run_id, dataset, view, rules).replace("%", "%%"))
        connection.execute(*_violations(dataset, view, rules))
        connection.exec_driver_sql("analyze stg.violation")
        counted = connection.execute(query("gate/violation_counts"), {"run_id": run_id, "dataset": dataset})
        broken: dict[str, int] = {row.rule_code: row.broken for row in counted}
    results = expectations.validate(view, dataset, rules)
    with engine.begin() as connection:
        connection.execute(
            query("gate/result"), [{"run_id": run_id, "dataset": dataset, **r.__dict__} for r in results]
        )
    return results, _trouble(results, broken)


def _batch(run_id: UUID, dataset: DatasetName, view: str, rules: tuple[Rule, ...]) -> str:
    return source("gate/batch").format(
        view=view,
        dataset=dataset,
        run_id=run_id,
        key=", ".join(f"staged.{column}" for column in KEYS[dataset]),
        rule_columns=",\n    ".join(
            f'coalesce(({rule.predicate}), false)::integer as "{rule.code}"' for rule in rules
        ),
    )


def _violations(
    dataset: DatasetName, view: str, rules: tuple[Rule, ...]
) -> tuple[TextClause, dict[str, Any]]:
    checks = ", ".join(f"('{r.code}', s.\"{r.code}\" = 1, {r.detail or 'null'})" for r in rules)
    statement = text(source("gate/violations").format(dataset=dataset, view=view, checks=checks))
    values = {
        "codes": [r.code for r in rules],
        "severities": [r.severity for r in rules],
        "messages": [r.message for r in rules],
    }
    return statement, values


class _Expectations:
    """Great Expectations on the warehouse: imported once, one ephemeral context, its connections closed at the end."""

    def __init__(self, engine: Engine) -> None:
        self._url = engine.url.render_as_string(hide_password=False)

    def __enter__(self) -> _Expectations:
        self._quiet = warnings.catch_warnings()
        self._quiet.__enter__()
        warnings.simplefilter(
            "ignore"
        )  # GX and what it imports warn of themselves: nothing an engineer can mend
        self._gx = _great_expectations()
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
        )

        # without these defaults a context leaves a folder for its documents behind, every night
        config = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults())
        self._context = self._gx.get_context(mode="ephemeral", project_config=config)
        self._context.variables.progress_bars = {"globally": False}
        self._data = self._context.data_sources.add_sql(
            "warehouse", connection_string=self._url, create_temp_table=False
        )
        return self

    def __exit__(self, *_: object) -> None:
        execution = self._data.get_execution_engine()
        execution.close()
        execution.engine.dispose()
        self._data.get_engine().dispose()
        self._quiet.__exit__(None, None, None)

    def validate(self, view: str, dataset: DatasetName, rules: tuple[Rule, ...]) -> tuple[Checked, ...]:
        """Run GX over a batch: rows are there, the columns are there, and no rule column has a 1.

        Sums, because GX asks for all of them in one statement; expectations on values look for examples too, with
        a pass over the batch for each.
        """
        kinds = self._gx.expectations
        name = view.removeprefix("stg.").strip('"')
        asset = self._data.add_table_asset(name=dataset, table_name=name, schema_name="stg")
        suite = self._context.suites.add(self._gx.ExpectationSuite(name=dataset))
        suite.add_expectation(
            kinds.ExpectTableRowCountToBeBetween(
                min_value=1, severity="critical", meta={"rule": ROWS_PRESENT}
            )
        )
        suite.add_expectation(
            kinds.ExpectTableColumnsToMatchSet(
                column_set=[*KEYS[dataset], *(r.code for r in rules)],
                exact_match=False,
                severity="critical",
                meta={"rule": COLUMNS_PRESENT},
            )
        )
        for rule in rules:
            suite.add_expectation(
                kinds.ExpectColumnSumToBeBetween(
                    column=rule.code, max_value=0, severity=rule.severity, meta={"rule": rule.code}
                )
            )
        definition = self._context.validation_definitions.add(
            self._gx.ValidationDefinition(
                name=dataset, data=asset.add_batch_definition_whole_table("night"), suite=suite
            )
        )
        found = definition.run(result_format={"result_format": "BASIC", "partial_unexpected_count": 0})
        rows = next((_rows(r) for r in found.results if _code(r) == ROWS_PRESENT), 0)
        by_code = {_code(r): _checked(r, rows) for r in found.results}
        order = [ROWS_PRESENT, COLUMNS_PRESENT, *(r.code for r in rules)]
        return tuple(by_code[code] for code in order if code in by_code)


def _great_expectations() -> Any:
    """Import GX: seconds of imports, once a night, and silent (it logs hundreds of lines otherwise)."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    import great_expectations.expectations

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    return gx


def _code(result: Any) -> str:
    return str(result.expectation_config.meta["rule"])


def _rows(result: Any) -> int:
    return int(result.result.get("observed_value") or 0)


def _checked(result: Any, rows: int) -> Checked:
    severity = str(getattr(result.expectation_config.severity, "value", result.expectation_config.severity))
    raised = _raised(result.exception_info)
    if raised is not None:
        return Checked(_code(result), "critical", rows, 0, raised)
    if _code(result) in (ROWS_PRESENT, COLUMNS_PRESENT):
        return Checked(_code(result), severity, rows, int(not result.success))
    return Checked(_code(result), severity, rows, int(result.result["observed_value"] or 0))


def _raised(info: Any) -> str | None:
    """Return the kind of exception of a check that could not run; its text may quote values and is left out."""
    entries = [info] if "raised_exception" in (info or {}) else list((info or {}).values())
    for entry in entries:
        if isinstance(entry, Mapping) and entry.get("raised_exception"):
            return str(entry.get("exception_message", "")).split("\n")[0].split(":")[0][:80] or "exception"
    return None


def _trouble(results: tuple[Checked, ...], broken: Mapping[str, int]) -> str | None:
    """Return why the whole dataset is not to be believed, or None (Vietnamese)."""
    unchecked = [r.rule_code for r in results if r.raised]
    if unchecked:
        return f"không kiểm tra được {', '.join(unchecked)}"
    failed = [r.rule_code for r in results if r.rule_code in (ROWS_PRESENT, COLUMNS_PRESENT) and r.unexpected]
    if failed:
        return f"lô dữ liệu không đạt {', '.join(failed)}"
    for r in results:
        if r.rule_code not in (ROWS_PRESENT, COLUMNS_PRESENT) and r.unexpected != broken.get(r.rule_code, 0):
            return (
                f"số dòng vi phạm {r.rule_code} không khớp: GX đếm {r.unexpected}, "
                f"danh sách cách ly có {broken.get(r.rule_code, 0)}"
            )
    return None


def _hold(
    engine: Engine, run_id: UUID, dataset: DatasetName, catalogue: Catalogue, trouble: str | None
) -> list[Held]:
    limit = catalogue.province.hold_above
    held: list[Held] = []
    with engine.begin() as connection:
        values = {"run_id": run_id, "dataset": dataset}
        for d in connection.execute(query("gate/deliveries"), values).all():
            reason = trouble
            if reason is None and d.broken > limit * d.landed:
                reason = f"{d.broken} trên {d.landed} dòng không hợp lệ, quá mức cho phép {limit:.0%}"
            if reason is not None:
                connection.execute(query("gate/hold"), {"delivery_id": d.delivery_id, "reason": reason})
                held.append(Held(d.delivery_id, d.source_code, dataset, reason))
    return held
