"""What people do when a night left something to mend: decide about held deliveries, replay sources, tidy up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import Engine

from cchc import night
from cchc.catalogue.models import Catalogue
from cchc.errors import CchcError
from cchc.ops import failures, ledger, upkeep
from cchc.ops.ledger import RunSummary
from cchc.quality import deliveries
from cchc.quality.deliveries import Held
from cchc.quality.rules import mapping_version
from cchc.warehouse import load as loading
from cchc.warehouse import marts
from cchc.warehouse.sql import query


def replay(source_codes: Sequence[str], day: date | None = None) -> UUID:
    """Rebuild sources from their landing files under today's mapping and rules; returns the run's id.

    Nothing is pulled. Each source is rebuilt in one transaction, so that the marts are those of a clean run.
    """
    return _replay(source_codes, day or date.today())  # noqa: DTZ011  a local day is meant


def _replay(source_codes: Sequence[str], day: date) -> UUID:
    engine = night.ready_warehouse()
    known = night.catalogue()
    run_id = night.open_run(day, "replay", source_codes)
    upkeep.restage(engine, known, run_id, source_codes)
    night.gate(run_id)
    for code in source_codes:
        _rebuild(engine, known, run_id, code)
    marts.refresh(engine)
    return run_id


def held_deliveries() -> list[Held]:
    """Return the deliveries that are held and wait for a decision, by unit and source."""
    return deliveries.held(night.ready_warehouse())


def reject_delivery(delivery_id: UUID, by: str, reason: str) -> RunSummary | None:
    """Write down that a delivery is not to be believed; the last good data stays, and nobody is asked again.

    One that was loaded, by a mistaken approval or unnoticed, is taken back: its source is rebuilt without it, and the
    run that did so is returned. Raises `ConfigurationError` where it is neither held nor loaded or was rejected
    already, or where `by` or `reason` is empty.
    """
    engine = night.ready_warehouse()
    found = deliveries.decide(engine, delivery_id, "rejected", by, reason)
    if not found.is_in_core:
        return None
    day = ledger.run(engine, found.run_id).reporting_day
    return night.close_run(_replay([found.source_code], day))


def approve_delivery(delivery_id: UUID, by: str, reason: str) -> RunSummary:
    """Write down that a held delivery is to be believed, and load it in a run of its own; bad rows stay quarantined.

    Raises as `reject_delivery` does. The numbers change at once, what is published with the next release. Loading an
    approved delivery that was cut off is taken up by approving it again.
    """
    engine = night.ready_warehouse()
    known = night.catalogue()
    found = deliveries.decide(engine, delivery_id, "approved", by, reason)
    day = ledger.run(engine, found.run_id).reporting_day
    run_id = night.open_run(day, "approval", [found.source_code])
    try:
        upkeep.restage(engine, known, run_id, [found.source_code], only=delivery_id)
        night.gate(run_id)
        night.load(run_id)
        return night.close_run(run_id)
    except BaseException:
        ledger.break_off(engine, run_id)
        raise


def _rebuild(engine: Engine, known: Catalogue, run_id: UUID, code: str, without: UUID | None = None) -> None:
    source = known.sources[code]
    with engine.connect() as connection:
        rows = connection.execute(query("ops/deliveries_of_run"), {"run_id": run_id}).all()
    own = [r for r in rows if r.source_code == code]
    wanted = [r.delivery_id for r in own if r.state != "held"]
    row = next(o for o in ledger.outcomes(engine, run_id) if o.source_code == code)
    lost = (r.state == "held" and r.was_loaded and "DELIVERY_REJECTED" not in r.held_by for r in own)
    if row.state == "failed" or any(lost):
        return  # the source keeps the rows it has: a rebuild without one of its deliveries would lose them
    try:
        counts = loading.rebuild_source(
            engine, run_id, code, wanted, mapping_version(known.profile_of(source))
        )
    except CchcError as error:
        ledger.record(
            engine,
            run_id,
            replace(row, state="failed", stage="load", message=str(error), error_class=failures.kind(error)),
        )
        return
    # one that is held and that a later pull has overtaken is nobody's question any more
    waiting = {held.delivery_id for held in deliveries.held(engine)}
    is_held = any(r.state == "held" and r.delivery_id in waiting for r in own)
    ledger.record(
        engine,
        run_id,
        replace(
            row,
            state="held" if is_held else "loaded",
            stage="gate" if is_held else "load",
            error_class=row.error_class if is_held else None,
            message=row.message if is_held else None,
            loaded=counts.inserted + counts.updated,
            unchanged=counts.unchanged,
            quarantined=counts.quarantined,
            removed=counts.removed,
            came_back=counts.came_back,
            finished_at=datetime.now(UTC),
        ),
    )


def maintain() -> dict[str, int]:
    """Tidy up: drop staged batches of past runs, refresh planner statistics, check landing files."""
    return upkeep.maintain(night.ready_warehouse())
