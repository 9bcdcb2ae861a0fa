"""What went wrong in one night, read from the ledger and the quarantine."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Engine

from cchc.alerting import words
from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.warehouse.sql import query

ROWS_SHOWN = 50  # rows listed in one message; the counts by rule are always complete


@dataclass(frozen=True)
class OfUnit:
    """Something a unit must act on: its code and its name."""

    unit_code: str
    unit: str


@dataclass(frozen=True)
class Failure(OfUnit):
    """A source without data of this night."""

    source_code: str
    source: str
    held: bool
    ours: bool  # the unit can do nothing about it
    what: str
    action: str
    detail: str


@dataclass(frozen=True)
class RuleCount(OfUnit):
    """How many rows of one source have one thing wrong; a row may have several."""

    source_code: str
    dataset: str
    message: str
    rows: int


@dataclass(frozen=True)
class Row(OfUnit):
    """One row to correct; `place` is where it stands in the source."""

    source_code: str
    dataset: str
    record: str
    message: str
    place: str


@dataclass(frozen=True)
class Refusal(OfUnit):
    """Records with a state-secret mark that stand in a networked system; only their number is known."""

    source_code: str
    count: int


@dataclass(frozen=True)
class Findings:
    """Everything people must be told of one night, or the part of it that concerns some units."""

    day: date
    delivered: int
    expected: int
    failures: tuple[Failure, ...]
    rules: tuple[RuleCount, ...]
    rows: tuple[Row, ...]  # the first `ROWS_SHOWN` of each unit
    row_counts: dict[str, int]  # unit → rows to correct, all of them
    refusals: tuple[Refusal, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.failures or self.rules or self.refusals)

    @property
    def row_count(self) -> int:
        """How many rows are to be corrected, also those beyond the listed ones."""
        return sum(self.row_counts.values())

    @property
    def refused_count(self) -> int:
        """How many records were refused for their secrecy mark."""
        return sum(refusal.count for refusal in self.refusals)

    def of_units(self, codes: Collection[str]) -> Findings:
        """Return what concerns these units."""
        return replace(
            self,
            failures=tuple(f for f in self.failures if f.unit_code in codes),
            rules=tuple(r for r in self.rules if r.unit_code in codes),
            rows=tuple(r for r in self.rows if r.unit_code in codes),
            row_counts={unit: rows for unit, rows in self.row_counts.items() if unit in codes},
            refusals=tuple(r for r in self.refusals if r.unit_code in codes),
        )

    def for_units(self, codes: Collection[str]) -> Findings:
        """Return what these units can do something about: their failures without those of the pipeline itself."""
        part = self.of_units(codes)
        return replace(part, failures=tuple(f for f in part.failures if not f.ours))

    def units(self) -> dict[str, str]:
        """Return code and name of the units that have something to mend, in the order of the codes."""
        parts: tuple[OfUnit, ...] = (*self.failures, *self.rules, *self.refusals)
        return dict(sorted((part.unit_code, part.unit) for part in parts))


def _unit_name(catalogue: Catalogue, code: str) -> str:
    try:
        return catalogue.unit(code).name
    except KeyError:
        return code


def _source_name(catalogue: Catalogue, code: str) -> str:
    source = catalogue.sources.get(code)
    if source is None:
        return code
    return source.title or catalogue.profile_of(source).title


def read(engine: Engine, catalogue: Catalogue, run_id: UUID) -> Findings:
    """Return the findings of a run; raises `ConfigurationError` for a run the ledger does not know."""
    with engine.connect() as connection:
        run = connection.execute(query("ops/run"), {"run_id": run_id}).one_or_none()
        if run is None:
            raise ConfigurationError(f"there is no run {run_id} in the ledger of this warehouse")
        outcomes = connection.execute(query("ops/outcomes"), {"run_id": run_id}).all()
        counts = connection.execute(query("alerting/rows_by_rule"), {"run_id": run_id}).all()
        rows = connection.execute(
            query("alerting/rows_to_correct"), {"run_id": run_id, "most": ROWS_SHOWN}
        ).all()

    failures = []
    for row in outcomes:
        if row.state not in ("failed", "held"):
            continue
        what, action = words.cause(row.error_class)
        failures.append(
            Failure(
                unit_code=row.unit_code,
                unit=_unit_name(catalogue, row.unit_code),
                source_code=row.source_code,
                source=_source_name(catalogue, row.source_code),
                held=row.state == "held",
                ours=words.is_ours(row.error_class),
                what=what,
                action=action,
                detail=words.short(row.message or ""),
            )
        )
    return Findings(
        day=run.reporting_day,
        delivered=sum(row.state not in ("failed", "held") for row in outcomes),
        expected=len(outcomes),
        failures=tuple(failures),
        rules=tuple(
            RuleCount(
                unit_code=row.unit_code,
                unit=_unit_name(catalogue, row.unit_code),
                source_code=row.source_code,
                dataset=words.dataset(row.dataset),
                message=words.short(row.message),
                rows=row.row_count,
            )
            for row in counts
        ),
        rows=tuple(
            Row(
                unit_code=row.unit_code,
                unit=_unit_name(catalogue, row.unit_code),
                source_code=row.source_code,
                dataset=words.dataset(row.dataset),
                record=words.short(row.record_key, 80),
                message=words.short(row.message),
                place=words.place(row.page),
            )
            for row in rows
        ),
        row_counts={row.unit_code: row.of_unit for row in rows},
        refusals=tuple(
            Refusal(row.unit_code, _unit_name(catalogue, row.unit_code), row.source_code, row.refused)
            for row in outcomes
            if row.refused
        ),
    )
