"""The run ledger: every source has an outcome row for every night, also when it failed."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine

from cchc.catalogue.models import Catalogue, Source
from cchc.errors import ConfigurationError
from cchc.warehouse import attempts
from cchc.warehouse.attempts import Attempt
from cchc.warehouse.sql import query

State = Literal["pulled", "loaded", "unchanged", "held", "failed"]
Stage = Literal["pull", "staging", "gate", "load"]
RunState = Literal["success", "over_budget", "failed"]

LONGEST_NIGHT_HOURS = 12  # a run open longer lost its process: the DAGs give up far earlier

#: the counts of an outcome
COUNTS = ("received", "loaded", "unchanged", "quarantined", "refused", "removed", "came_back")
GOOD: frozenset[State] = frozenset({"loaded", "unchanged"})


@dataclass(frozen=True)
class Run:
    """One night (or a replay, or the load of an approved delivery): its reporting day and the sources it reads."""

    run_id: UUID
    reporting_day: date
    kind: str
    sources: tuple[str, ...]
    state: str
    started_at: datetime


@dataclass(frozen=True)
class SourceOutcome:
    """What came of one source in one run. Counts are records: received = loaded + unchanged + … .

    `removed` are records that left the numbers because the source has them no more, `came_back` those that count again
    after that: of the whole reporting day, so that a night that is begun again tells the same.
    """

    source_code: str
    unit_code: str
    state: State
    stage: Stage
    started_at: datetime
    finished_at: datetime
    error_class: str | None = None
    message: str | None = None
    received: int = 0
    loaded: int = 0
    unchanged: int = 0
    quarantined: int = 0
    refused: int = 0
    removed: int = 0
    came_back: int = 0

    @property
    def is_good(self) -> bool:
        """Whether the source's data of this night is in the warehouse."""
        return self.state in GOOD

    def told(self) -> dict[str, Any]:
        """Return the row as people read it: of a source that was not pulled nothing was counted, so no 0 is told."""
        unknown = self.state == "failed" and self.stage in ("pull", "staging")
        return self.__dict__ | (dict.fromkeys(COUNTS) if unknown else {})

    def summary(self) -> dict[str, str | int]:
        """Return what may travel between tasks: the code, the state and the counts, JSON-safe."""
        return {
            "source_code": self.source_code,
            "unit_code": self.unit_code,
            "state": self.state,
            "stage": self.stage,
            "received": self.received,
            "refused": self.refused,
            "message": self.message or "",
        }


@dataclass(frozen=True)
class RunSummary:
    """How a run ended."""

    run_id: UUID
    reporting_day: date
    state: RunState
    rows: tuple[SourceOutcome, ...]
    expected: int
    failed: tuple[str, ...]  # expected sources without data of this night
    allowed: int  # how many of them the failure budget permits

    def sentence(self) -> str:
        """Return the run in one sentence for a log or a task note."""
        if not self.failed:
            return f"{self.expected} of {self.expected} expected sources delivered"
        names = ", ".join(self.failed)
        return (
            f"{self.expected - len(self.failed)} of {self.expected} expected sources delivered; "
            f"without data: {names} (budget allows {self.allowed})"
        )


def open_run(engine: Engine, day: date, kind: str, sources: Sequence[str]) -> UUID:
    """Write a new run and return its id; a run left open longer than any night lasts is closed as failed."""
    run_id = uuid4()
    with engine.begin() as connection:
        connection.execute(query("ops/close_forgotten"), {"hours": LONGEST_NIGHT_HOURS})
        connection.execute(
            query("ops/open_run"), {"run_id": run_id, "day": day, "kind": kind, "sources": list(sources)}
        )
    return run_id


def run(engine: Engine, run_id: UUID) -> Run:
    """Return a run; raises `ConfigurationError` for an id the ledger does not know."""
    with engine.connect() as connection:
        row = connection.execute(query("ops/run"), {"run_id": run_id}).one_or_none()
    if row is None:
        raise ConfigurationError(f"there is no run {run_id} in the ledger of this warehouse")
    return Run(row.run_id, row.reporting_day, row.kind, tuple(row.sources), row.state, row.started_at)


def longest_first(engine: Engine, sources: Iterable[str]) -> list[str]:
    """Return sources by how long their newest pull took, so that no long one is begun when all others have ended.

    Those that were never pulled come first: they read their whole history.
    """
    with engine.connect() as connection:
        found = connection.execute(query("ops/last_seconds")).all()
    seconds = {row.source_code: row.seconds for row in found}
    return sorted(sources, key=lambda code: -seconds.get(code, math.inf))


def record(engine: Engine, run_id: UUID, outcome: SourceOutcome, attempt: Attempt | None = None) -> None:
    """Write or replace the outcome of one source in a run; raises `Overtaken` where the `attempt` may not any more."""
    with engine.begin() as connection:
        if attempt:
            attempt.hold(connection)
            connection.execute(query("ops/end_attempt"), {"run_id": run_id, **outcome.__dict__})
        _record(connection, run_id, outcome)


def _record(connection: Connection, run_id: UUID, outcome: SourceOutcome) -> None:
    values: dict[str, Any] = {"run_id": run_id, **outcome.__dict__}
    connection.execute(query("ops/record_outcome"), values)


def outcomes(engine: Engine, run_id: UUID) -> tuple[SourceOutcome, ...]:
    """Return the outcome rows of a run in the order of their source codes."""
    with engine.connect() as connection:
        return _outcomes(connection, run_id)


def _outcomes(connection: Connection, run_id: UUID) -> tuple[SourceOutcome, ...]:
    rows = connection.execute(query("ops/outcomes"), {"run_id": run_id}).mappings().all()
    return tuple(SourceOutcome(**row) for row in rows)


def complete_to(engine: Engine, source: Source, datasets: Collection[str]) -> date | None:
    """Return the day up to which these datasets of a source are loaded without a gap.

    None where one of them is not, or not from the day on that its history begins with now.
    """
    values = {
        "unit_code": source.unit,
        "source_code": source.code,
        "datasets": list(datasets),
        "history_from": source.history_from,
    }
    with engine.connect() as connection:
        row = connection.execute(query("ops/watermarks"), values).one()
    return row.complete_to if row.datasets >= len(datasets) else None


def was_read(engine: Engine, source: Source, since: date) -> bool:
    """Return whether all that a night of that reporting day or a later one read of a source was loaded."""
    values = {"unit_code": source.unit, "source_code": source.code, "since": since}
    with engine.connect() as connection:
        return bool(connection.scalar(query("ops/was_read"), values))


def after_pull(engine: Engine, catalogue: Catalogue, run_id: UUID) -> RunSummary:
    """End the pulls of a run and judge it without closing it: a source that is staged counts as delivered."""
    return _judge(engine, catalogue, run_id, end_pulls(engine, catalogue, run_id), staged_is_good=True)


def close_run(engine: Engine, catalogue: Catalogue, run_id: UUID) -> RunSummary:
    """Close a run by the failure budget and return its summary; closing again gives the same result."""
    rows = end_pulls(engine, catalogue, run_id)
    for row in rows:
        if row.state == "pulled":  # staged, but the load never came to it
            record(engine, run_id, _interrupted(row.source_code, row.unit_code, row))
    rows = outcomes(engine, run_id)
    summary = _judge(engine, catalogue, run_id, rows, staged_is_good=False)
    with engine.begin() as connection:
        connection.execute(
            query("ops/close_run"), {"run_id": run_id, "state": summary.state, "note": summary.sentence()}
        )
    return summary


def break_off(engine: Engine, run_id: UUID) -> None:
    """Close a run that was interrupted as failed; what it had loaded stays."""
    with engine.begin() as connection:
        note = "interrupted before its end; run the sync again"
        connection.execute(query("ops/close_run"), {"run_id": run_id, "state": "failed", "note": note})


def end_pulls(engine: Engine, catalogue: Catalogue, run_id: UUID) -> tuple[SourceOutcome, ...]:
    """Let no pull write into a run any more and return its outcomes, those of all its sources.

    Sources without an outcome (their process was killed, or has not come to an end) are written down as failed, and
    what they brought is taken out of the run: nothing stays unseen, and nothing comes in unseen. So is what an attempt
    brought that came after one that failed and was killed: it is not judged as if it had ended well.
    """
    sources = run(engine, run_id).sources
    with engine.begin() as connection:
        ends_now = connection.execute(query("ops/end_pulls"), {"run_id": run_id}).one_or_none() is not None
        found = {row.source_code: row.state for row in _outcomes(connection, run_id)}
        for code in sources:
            if ends_now and found.get(code) == "failed":
                attempts.withdraw(connection, run_id, code)
            if code not in found:
                source = catalogue.sources.get(code)
                attempts.withdraw(connection, run_id, code)
                _record(connection, run_id, _interrupted(code, source.unit if source else "?"))
        return _outcomes(connection, run_id)


def _interrupted(code: str, unit: str, before: SourceOutcome | None = None) -> SourceOutcome:
    now = datetime.now(UTC)
    lost = SourceOutcome(
        source_code=code,
        unit_code=unit,
        state="failed",
        stage="pull",
        started_at=now,
        finished_at=now,
        error_class="Interrupted",
        message=f"{code}: the work on this source was interrupted before it ended; run the sync again",
    )
    if before is None:
        return lost
    return replace(
        lost,
        stage=before.stage,
        started_at=before.started_at,
        received=before.received,
        refused=before.refused,
    )


def _judge(
    engine: Engine,
    catalogue: Catalogue,
    run_id: UUID,
    rows: tuple[SourceOutcome, ...],
    *,
    staged_is_good: bool,
) -> RunSummary:
    this = run(engine, run_id)
    expected = [
        r for r in rows if r.source_code not in catalogue.sources or catalogue.sources[r.source_code].expected
    ]
    failed = tuple(
        r.source_code for r in expected if not (r.is_good or (staged_is_good and r.state == "pulled"))
    )
    allowed = catalogue.province.allowed_failures(len(expected))
    state: RunState = "success" if len(failed) <= allowed else "over_budget"
    return RunSummary(run_id, this.reporting_day, state, rows, len(expected), failed, allowed)
