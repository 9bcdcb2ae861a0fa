"""Great Expectations on the warehouse: the expectations of a batch, made from its rules, and their documents."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from cchc.quality import data_docs
from cchc.quality.rules import Rule, Scope

ROWS_PRESENT = "BATCH_HAS_ROWS"
COLUMNS_PRESENT = "BATCH_HAS_COLUMNS"
#: What is expected of every batch, whatever its rules.
OF_EVERY_BATCH = (ROWS_PRESENT, COLUMNS_PRESENT)


@dataclass(frozen=True)
class Checked:
    """What GX found for one rule: rows checked, rows that break it, or why it could not be checked."""

    rule_code: str
    severity: str
    checked: int
    unexpected: int
    raised: str | None = None


class Expectations:
    """One ephemeral context: GX is imported once, its connections are closed at the end."""

    def __init__(self, engine: Engine) -> None:
        self._url = engine.url.render_as_string(hide_password=False)

    def __enter__(self) -> Expectations:
        self._quiet = warnings.catch_warnings()
        self._quiet.__enter__()
        # GX and what it imports warn of themselves: nothing an engineer can mend
        warnings.simplefilter("ignore")
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

    def validate(
        self, view: str, scope: Scope, columns: Collection[str], rules: tuple[Rule, ...]
    ) -> tuple[Checked, ...]:
        """Run GX over a batch: rows are there, the columns are there, and no rule column has a 1.

        Sums, because GX asks for all of them in one statement; expectations on values look for examples too, with
        a pass over the batch for each.
        """
        kinds = self._gx.expectations
        name = view.removeprefix("stg.").strip('"')
        asset = self._data.add_table_asset(name=scope, table_name=name, schema_name="stg")
        # all in one list: a suite that is added to writes all of itself down again each time
        expectations = [
            kinds.ExpectTableRowCountToBeBetween(
                min_value=1, severity="critical", meta={"rule": ROWS_PRESENT}
            ),
            kinds.ExpectTableColumnsToMatchSet(
                column_set=[*columns, *(r.code for r in rules)],
                exact_match=False,
                severity="critical",
                meta={"rule": COLUMNS_PRESENT},
            ),
            *(
                kinds.ExpectColumnSumToBeBetween(
                    column=rule.code,
                    max_value=0,
                    severity=rule.severity,
                    meta={"rule": rule.code},
                    notes=f"{rule.message} ({rule.origin})",
                )
                for rule in rules
            ),
        ]
        suite = self._context.suites.add(self._gx.ExpectationSuite(name=scope, expectations=expectations))
        definition = self._context.validation_definitions.add(
            self._gx.ValidationDefinition(
                name=scope, data=asset.add_batch_definition_whole_table("night"), suite=suite
            )
        )
        found = definition.run(result_format={"result_format": "BASIC", "partial_unexpected_count": 0})
        rows = next((_rows(r) for r in found.results if _code(r) == ROWS_PRESENT), 0)
        by_code = {_code(r): _checked(r, rows) for r in found.results}
        order = [*OF_EVERY_BATCH, *(r.code for r in rules)]
        return tuple(by_code[code] for code in order if code in by_code)

    def write_docs(self, folder: Path, of: str, results: Mapping[Scope, tuple[Checked, ...]]) -> None:
        """Write GX's documents of what was validated to a folder, in place of those it holds: sums, never rows."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            self._context.add_data_docs_site(
                "night",
                {
                    "class_name": "SiteBuilder",
                    "show_how_to_buttons": False,
                    "store_backend": {
                        "class_name": "TupleFilesystemStoreBackend",
                        "base_directory": str(made),
                    },
                    "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                },
            )
            self._context.build_data_docs(site_names=["night"])
            data_docs.stand_alone(
                made,
                of,
                {
                    s: [(r.rule_code, r.severity, r.checked, r.unexpected) for r in rs]
                    for s, rs in results.items()
                },
            )
            made.chmod(0o755)
            shutil.rmtree(folder, ignore_errors=True)
            made.rename(folder)
        finally:
            self._context.delete_data_docs_site("night")
            shutil.rmtree(made, ignore_errors=True)


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
    if _code(result) in OF_EVERY_BATCH:
        return Checked(_code(result), severity, rows, int(not result.success))
    return Checked(_code(result), severity, rows, int(result.result["observed_value"] or 0))


def _raised(info: Any) -> str | None:
    """Return the kind of exception of a check that could not run; its text may quote values and is left out."""
    entries = [info] if "raised_exception" in (info or {}) else list((info or {}).values())
    for entry in entries:
        if isinstance(entry, Mapping) and entry.get("raised_exception"):
            return str(entry.get("exception_message", "")).split("\n")[0].split(":")[0][:80] or "exception"
    return None
