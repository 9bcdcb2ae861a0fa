"""The pulls of a run: each source into landing and staging, its outcome written down whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine

from cchc.catalogue.models import Catalogue
from cchc.errors import CchcError, Overtaken, SourceUnavailable
from cchc.landing.pull import pull
from cchc.ops import failures, ledger
from cchc.ops.ledger import SourceOutcome, Stage, State
from cchc.ops.windows import window_for
from cchc.sources.connector import Resolver
from cchc.sources.turns import in_turns
from cchc.staging.stage import stage
from cchc.warehouse import attempts
from cchc.warehouse.attempts import Attempt

log = logging.getLogger(__name__)

_BESIDE_READING = 600.0  # seconds of a pull for what is not its server's doing: the door, landing, staging


def pull_source(
    engine: Engine,
    catalogue: Catalogue,
    run_id: UUID,
    source_code: str,
    resolve: Resolver,
    landing: str,
    *,
    final: bool = True,
) -> SourceOutcome:
    """Pull one source into landing (a folder or URL) and staging and write its outcome row.

    A source's own failure is an outcome, not an exception, so that it cannot stop another source. With
    `final=False` a `SourceUnavailable` is raised again after it was written down, so that a scheduler can try
    again. Raises `Overtaken`, having written nothing more, where it was given up or begun anew meanwhile, or where
    the run takes no more pulls.
    """
    this = ledger.run(engine, run_id)
    try:
        attempt = attempts.begin(engine, run_id, source_code)
        return _pulled(engine, catalogue, this, attempt, resolve, landing, final=final)
    except Overtaken as error:
        log.warning("%s", error)
        raise


def _pulled(
    engine: Engine,
    catalogue: Catalogue,
    this: ledger.Run,
    attempt: Attempt,
    resolve: Resolver,
    landing: str,
    *,
    final: bool,
) -> SourceOutcome:
    source = catalogue.sources[attempt.source_code]
    started = datetime.now(UTC)

    def outcome(state: State, at: Stage, error: BaseException | None = None, **counts: int) -> SourceOutcome:
        row = SourceOutcome(
            source_code=source.code,
            unit_code=source.unit,
            state=state,
            stage=at,
            started_at=started,
            finished_at=datetime.now(UTC),
            error_class=failures.kind(error) if error else None,
            message=failures.named(source.code, failures.in_words(error)) if error else None,
            **counts,
        )
        ledger.record(engine, this.run_id, row, attempt)
        return row

    at: Stage = "pull"
    try:
        window = window_for(engine, catalogue, source, this.reporting_day)
        deliveries = pull(engine, catalogue, source.code, window, attempt, resolve, landing)
        at = "staging"
        for delivery in deliveries:
            stage(engine, this.run_id, delivery, catalogue.profile_of(source), attempt)
    except Overtaken:
        raise
    except SourceUnavailable as error:
        failed = outcome("failed", at, error)
        if not final:
            raise
        return failed
    except CchcError as error:
        return outcome("failed", at, error)
    except Exception as error:
        # A mistake of ours in one source's path must not cost the others their night; the place is logged,
        # the error's own text is not: it may carry a value of the source.
        log.error("%s: unexpected %s at %s", source.code, type(error).__name__, failures.place(error))
        return outcome("failed", at, error)
    received, refused = sum(d.received for d in deliveries), sum(d.refused for d in deliveries)
    return outcome("pulled", at, received=received, refused=refused)


def pull_all(
    engine: Engine,
    catalogue: Catalogue,
    run_id: UUID,
    codes: Sequence[str],
    pull_one: Callable[[str], SourceOutcome],
    workers: int,
) -> Iterator[SourceOutcome]:
    """Pull these sources, each when its turn comes, and yield their outcomes as they end.

    One that hangs is given up after all the time that its server has, and the rest of a pull.
    """
    hosts = catalogue.hosts.values()
    return in_turns(
        [(code, catalogue.sources[code].host) for code in codes],
        pull_one,
        {host.code: host.slots for host in hosts},
        longest={host.code: host.total_seconds + _BESIDE_READING for host in hosts},
        left=lambda code, seconds: _left_behind(engine, catalogue, run_id, code, seconds),
        workers=workers,
    )


def _left_behind(
    engine: Engine, catalogue: Catalogue, run_id: UUID, source_code: str, seconds: float
) -> SourceOutcome:
    """Write down that a pull that hangs is no longer waited for: as the last attempt, so that it may not write."""
    attempt = attempts.begin(engine, run_id, source_code)
    now = datetime.now(UTC)
    text = f"the share or server does not answer; the pull was given up after {seconds:.0f} s"
    if not seconds:
        text = "the share or server does not answer other sources; this one was not begun"
    error = SourceUnavailable(source_code, text, action="Is the share mounted and its server up?")
    row = SourceOutcome(
        source_code=source_code,
        unit_code=catalogue.sources[source_code].unit,
        state="failed",
        stage="pull",
        started_at=now - timedelta(seconds=seconds),
        finished_at=now,
        error_class=failures.kind(error),
        message=str(error),
    )
    ledger.record(engine, run_id, row, attempt)
    return row
