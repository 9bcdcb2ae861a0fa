"""What becomes of the deliveries that the gate has judged: held, or loaded one by one; and what came of each source."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Engine

from cchc.catalogue.models import Catalogue
from cchc.ops import failures, ledger
from cchc.ops.ledger import SourceOutcome, State
from cchc.quality.gate import Stopped
from cchc.quality.rules import mapping_version
from cchc.warehouse import load as loading
from cchc.warehouse.sql import query

log = logging.getLogger(__name__)

# the worse of two outcomes decides what a source's row says
_SEVERITY: Mapping[State, int] = {"unchanged": 0, "loaded": 1, "pulled": 2, "held": 3, "failed": 4}


def hold(engine: Engine, catalogue: Catalogue, run_id: UUID, held: Iterable[Stopped]) -> None:
    """Write down which sources have a delivery held, and why; the bad rows of one that is held for them are kept."""
    rows = {row.source_code: row for row in ledger.outcomes(engine, run_id)}
    reasons: dict[str, list[str]] = {}
    for stopped in held:
        code = stopped.source_code
        reasons.setdefault(code, []).append(f"[{stopped.dataset}] {stopped.reason}")
        if stopped.is_for_its_rows:
            version = mapping_version(catalogue.profile_of(catalogue.sources[code]))
            loading.quarantine_rows(engine, run_id, stopped.delivery_id, version)
    for code, said in reasons.items():
        message = f"{code}: {'; '.join(said)}"
        row = replace(rows[code], state="held", stage="gate", error_class="DeliveryHeld", message=message)
        ledger.record(engine, run_id, row)


def load(engine: Engine, catalogue: Catalogue, run_id: UUID) -> tuple[SourceOutcome, ...]:
    """Load every delivery of the run that the gate let through; returns the written outcomes of their sources.

    A delivery that cannot be loaded fails its source and no other. Loading again changes nothing and tells the same
    numbers of records that were removed or came back: those of the reporting day.
    """
    rows = {row.source_code: row for row in ledger.outcomes(engine, run_id)}
    with engine.connect() as connection:
        deliveries = connection.execute(query("ops/deliveries_of_run"), {"run_id": run_id}).all()
    done: dict[str, SourceOutcome] = {}
    for delivery in deliveries:
        code = delivery.source_code
        before = done.get(code) or rows.get(code)
        if before is None or delivery.state == "held" or (code not in done and before.state == "failed"):
            continue
        if code not in done:
            before = replace(before, loaded=0, unchanged=0, quarantined=0)
        try:
            counts = loading.load_delivery(
                engine,
                run_id,
                delivery.delivery_id,
                mapping_version(catalogue.profile_of(catalogue.sources[code])),
            )
        except Exception as error:
            log.error("%s: %s was not loaded: %s", code, delivery.dataset, failures.in_words(error))
            done[code] = replace(
                before,
                state="failed",
                stage="load",
                error_class=failures.kind(error),
                message=failures.in_words(error),
            )
            continue
        state: State = "loaded" if counts.inserted + counts.updated + counts.removed else "unchanged"
        done[code] = replace(
            _worse(before, state),
            loaded=before.loaded + counts.inserted + counts.updated,
            unchanged=before.unchanged + counts.unchanged,
            quarantined=before.quarantined + counts.quarantined,
        )
    with engine.connect() as connection:
        moved = connection.execute(query("ops/removed_of_day"), {"run_id": run_id}).all()
    for row in moved:
        if outcome := done.get(row.source_code) or rows.get(row.source_code):
            done[row.source_code] = replace(outcome, removed=row.removed, came_back=row.came_back)
    for outcome in done.values():
        ledger.record(engine, run_id, outcome)
    return tuple(done.values())


def _worse(row: SourceOutcome, state: State) -> SourceOutcome:
    if _SEVERITY[state] < _SEVERITY[row.state] and row.state != "pulled":
        return row
    return replace(row, state=state, stage="load", finished_at=datetime.now(UTC))
