"""The night, step by step. Airflow tasks and the `cchc` command call these functions; there is no other pipeline.

catalogue → pull (per source) → landing → staging → gate → core / quarantine → marts → release → digest
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zlib import crc32

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from cchc.alerting import beside, digest, outbox, urgent
from cchc.catalogue import calendar
from cchc.catalogue.load import cached
from cchc.catalogue.models import Catalogue, Source
from cchc.errors import CchcError, ConfigurationError, Overtaken, SourceUnavailable
from cchc.landing.pull import pull
from cchc.ops import failures, ledger, loads
from cchc.ops.ledger import RunSummary, SourceOutcome, Stage, State
from cchc.publishing import release, site_copy, sites
from cchc.publishing.sites import NotCopied
from cchc.quality import gate as quality_gate
from cchc.quality import integrity, scorecard
from cchc.settings import settings
from cchc.sources.connections import from_environment
from cchc.sources.connector import Resolver, Window
from cchc.sources.registry import datasets
from cchc.sources.turns import in_turns
from cchc.staging.stage import stage
from cchc.warehouse import attempts, dimensions, marts, migrate, working_days
from cchc.warehouse.attempts import Attempt
from cchc.warehouse.engine import engine as warehouse

log = logging.getLogger(__name__)

Progress = Callable[[SourceOutcome], None]

_BESIDE_READING = 600.0  # seconds of a pull for what is not its server's doing: the door, landing, staging


def catalogue() -> Catalogue:
    """Return the catalogue of this installation."""
    return cached(settings().catalogue)


def ready_warehouse() -> Engine:
    """Return the warehouse's engine; raises `ConfigurationError` where its schema is not this product's."""
    engine = warehouse()
    try:
        found, wanted = migrate.current(engine), migrate.head()
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise ConfigurationError(f"the warehouse {engine.url!r} cannot be used: {reason}") from error
    if found != wanted:
        raise ConfigurationError(
            f"the warehouse is at schema {found or 'none'}, this product needs {wanted}: run `cchc migrate`"
        )
    return engine


def open_run(day: date, kind: str = "sync", sources: Sequence[str] | None = None) -> UUID:
    """Open a run for a reporting day and return its id.

    Reads all sources whose unit is valid and whose history has begun on that day, or just `sources`; raises
    `ConfigurationError` for a code that is not in the catalogue.
    """
    known = catalogue()
    engine = ready_warehouse()
    dimensions.sync(engine, known)
    with engine.begin() as connection:
        working_days.sync(connection, calendar.cached(settings().catalogue))
    if sources is None:
        valid = {unit.code for unit in known.units_on(day)}
        chosen = [s.code for s in known.sources.values() if s.unit in valid and s.history_from <= day]
        if not chosen:
            raise ConfigurationError(
                f"no source of the catalogue has data for {day}: see history_from in sources.yaml"
            )
    else:
        unknown = sorted(set(sources) - set(known.sources))
        if unknown:
            raise ConfigurationError(f"not in the catalogue: {', '.join(unknown)}; see `cchc source list`")
        chosen = list(dict.fromkeys(sources))
    return ledger.open_run(engine, day, kind, chosen)


def sources_of(run_id: UUID) -> list[str]:
    """Return the codes of the sources a run reads, those first whose pull took longest the last time."""
    return ledger.longest_first(warehouse(), ledger.run(warehouse(), run_id).sources)


def window_for(engine: Engine, source: Source, day: date) -> Window:
    """Return the days to read: from the watermark less the overlap, or from the beginning of history.

    From there where the source, or one of its datasets, is new or was never read from so early on (`history_from`).
    Now and then it is much longer, each source on its own nights (`reread`), so that what came late or is gone is
    found; where that night fails, the next one reads so far back. Of a day before the history that day alone.
    """
    complete = ledger.complete_to(engine, source, _datasets(source))
    if complete is None:
        return Window(min(source.history_from, day), day)
    start = min(complete, day) - timedelta(days=catalogue().province.overlap_days)
    reread = catalogue().reread_of(source)
    if reread.days and not ledger.was_read(engine, source, own_night(source, reread.every_days, day)):
        start = min(start, day - timedelta(days=reread.days))
    return Window(min(max(source.history_from, start), day), day)


def own_night(source: Source, every_days: int, day: date) -> date:
    """Return the last day up to `day` on which the source reads from far back: the same share of all on each night."""
    turn = crc32(source.code.encode()) % every_days
    return day - timedelta(days=(day.toordinal() - turn) % every_days)


def _datasets(source: Source) -> tuple[str, ...]:
    held = datasets(source, catalogue().profile_of(source))
    return tuple(dataset for dataset in held if dataset not in source.without)


def pull_source(
    run_id: UUID, source_code: str, resolve: Resolver = from_environment, *, final: bool = True
) -> SourceOutcome:
    """Pull one source into landing and staging and write its outcome row.

    A source's own failure is an outcome, not an exception, so that it cannot stop another source. With
    `final=False` a `SourceUnavailable` is raised again after it was written down, so that a scheduler can try
    again. Raises `Overtaken`, having written nothing more, where it was given up or begun anew meanwhile, or where
    the run takes no more pulls.
    """
    engine = warehouse()
    this = ledger.run(engine, run_id)
    try:
        return _pulled(engine, this, attempts.begin(engine, run_id, source_code), resolve, final=final)
    except Overtaken as error:
        log.warning("%s", error)
        raise


def _pulled(
    engine: Engine, this: ledger.Run, attempt: Attempt, resolve: Resolver, *, final: bool
) -> SourceOutcome:
    source = catalogue().sources[attempt.source_code]
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
        window = window_for(engine, source, this.reporting_day)
        deliveries = pull(engine, catalogue(), source.code, window, attempt, resolve, settings().landing)
        at = "staging"
        for delivery in deliveries:
            stage(engine, this.run_id, delivery, catalogue().profile_of(source), attempt)
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


def pull_all(run_id: UUID, resolve: Resolver = from_environment, workers: int = 8) -> Iterator[SourceOutcome]:
    """Pull every source of a run, each when its turn comes, and yield their outcomes as they end."""
    known = catalogue()
    return in_turns(
        [(code, known.sources[code].host) for code in sources_of(run_id)],
        lambda code: pull_source(run_id, code, resolve),
        {host.code: host.slots for host in known.hosts.values()},
        longest={host.code: host.total_seconds + _BESIDE_READING for host in known.hosts.values()},
        left=lambda code, seconds: _left_behind(run_id, code, seconds),
        workers=workers,
    )


def _left_behind(run_id: UUID, source_code: str, seconds: float) -> SourceOutcome:
    """Write down that a pull that hangs is no longer waited for: as the last attempt, so that it may not write."""
    attempt = attempts.begin(warehouse(), run_id, source_code)
    now = datetime.now(UTC)
    text = f"the share or server does not answer; the pull was given up after {seconds:.0f} s"
    if not seconds:
        text = "the share or server does not answer other sources; this one was not begun"
    error = SourceUnavailable(source_code, text, action="Is the share mounted and its server up?")
    row = SourceOutcome(
        source_code=source_code,
        unit_code=catalogue().sources[source_code].unit,
        state="failed",
        stage="pull",
        started_at=now - timedelta(seconds=seconds),
        finished_at=now,
        error_class=failures.kind(error),
        message=str(error),
    )
    ledger.record(warehouse(), run_id, row, attempt)
    return row


def after_pull(run_id: UUID) -> RunSummary:
    """Judge the pulls of a run; a source whose process was killed gets its outcome row here.

    What is critical to the whole province is told at once.
    """
    summary = ledger.after_pull(warehouse(), catalogue(), run_id)
    urgent.tell(warehouse(), catalogue(), run_id, settings().smtp, notify=settings().notify)
    return summary


def gate(run_id: UUID) -> dict[str, str]:
    """Judge the run's batch once per dataset and return the verdicts; held deliveries change their outcome.

    What is judged here is what is loaded later: no pull writes into the run from here on.
    """
    engine = warehouse()
    ledger.end_pulls(engine, catalogue(), run_id)
    is_night = ledger.run(engine, run_id).kind == "sync"
    report = quality_gate.run(engine, run_id, catalogue(), settings().data_docs if is_night else None)
    loads.hold(engine, catalogue(), run_id, report.held)
    own = settings()
    troubles = {str(scope): why for scope, why in report.troubles.items()}
    urgent.tell(engine, catalogue(), run_id, own.smtp, notify=own.notify, troubles=troubles)
    return report.verdicts()


def load(run_id: UUID) -> dict[str, int]:
    """Load every delivery of the run that the gate let through, refresh the marts, and return the counts.

    A delivery that cannot be loaded fails its source and no other.
    """
    engine = warehouse()
    rows = loads.load(engine, catalogue(), run_id)
    totals = {
        name: sum(getattr(row, name) for row in rows)
        for name in ("loaded", "unchanged", "quarantined", "refused", "removed", "came_back")
    }
    totals["counts_changed"] = marts.refresh(engine)
    return totals


def publish(run_id: UUID) -> str:
    """Publish the release of the run's reporting day; returns its id."""
    engine = warehouse()
    day = ledger.run(engine, run_id).reporting_day
    return release.publish(
        engine, catalogue(), day, run_id, settings().releases, settings().anchor
    ).release_id


def deliver() -> dict[str, str]:
    """Copy what is published to the sites of the settings; returns which release each build's site shows.

    Raises `NotCopied`, after every site was tried, for those that do not show it.
    """
    done = site_copy.copy(warehouse(), settings().releases, sites.of(settings()))
    if problems := [copied.problem for copied in done if copied.problem]:
        raise NotCopied("; ".join(problems))
    return {copied.build: copied.release_id for copied in done}


def _deliver(_run_id: UUID) -> None:
    with suppress(NotCopied):  # it is in the log, and the digest's round tells the engineers
        deliver()


def review_data(run_id: UUID) -> dict[str, int]:
    """Ask what patterns in the numbers raise as questions, and mark the data of each unit, up to the run's day.

    Returns how many questions stand in the month and how many units have a scorecard. Neither is ever public.
    """
    engine = warehouse()
    day = ledger.run(engine, run_id).reporting_day
    standing = integrity.ask(engine, catalogue(), day)
    return {"questions": len(standing), "scorecards": scorecard.write(engine, catalogue(), day)}


def send_digest(run_id: UUID) -> int:
    """Write the night's digests and send what waits in the outbox; returns how many messages went out."""
    engine = warehouse()
    known = catalogue()
    own = settings()
    behind = [site.problem for site in site_copy.behind(own.releases, sites.of(own))]
    # first: it says what still stands
    urgent.put(engine, known, run_id, troubles={}, publish_tried=True, behind=behind)
    this = ledger.run(engine, run_id)
    digest.compose(engine, known, run_id, beside.read(engine, known, this.reporting_day, this.started_at))
    return outbox.send(engine, own.smtp, own.notify).sent


def send_waiting() -> int:
    """Send what is due in the outbox, whichever night wrote it; returns how many messages went out."""
    return outbox.send(ready_warehouse(), settings().smtp, settings().notify).sent


def close_run(run_id: UUID) -> RunSummary:
    """Close the run by the failure budget."""
    return ledger.close_run(warehouse(), catalogue(), run_id)


def run_night(
    day: date,
    sources: Sequence[str] | None = None,
    *,
    resolve: Resolver = from_environment,
    workers: int = 8,
    opened: Callable[[UUID, int], None] | None = None,
    progress: Progress | None = None,
    step: Callable[[str], None] | None = None,
) -> RunSummary:
    """Run a whole night without a scheduler: the same functions in the same order.

    `opened` is told the run and how many sources it reads, `progress` each outcome, `step` each later step.
    """
    run_id = open_run(day, "sync", sources)
    try:
        return _night(run_id, resolve, workers, opened, progress, step)
    except BaseException:
        ledger.break_off(warehouse(), run_id)  # an interrupted night must not look as if it still ran
        raise


def _night(
    run_id: UUID,
    resolve: Resolver,
    workers: int,
    opened: Callable[[UUID, int], None] | None,
    progress: Progress | None,
    step: Callable[[str], None] | None,
) -> RunSummary:
    codes = sources_of(run_id)
    say = step or (lambda _name: None)
    if opened:
        opened(run_id, len(codes))
    for outcome in pull_all(run_id, resolve, workers):
        if progress:
            progress(outcome)
    after_pull(run_id)
    for name, work in (
        ("gate", gate),
        ("load", load),
        ("review", review_data),
        ("publish", publish),
        ("deliver", _deliver),
        ("digest", send_digest),
    ):
        say(name)
        work(run_id)
    return close_run(run_id)
