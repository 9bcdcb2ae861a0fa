"""The night, step by step. Airflow tasks and the `cchc` command call these functions; there is no other pipeline.

catalogue → pull (per source) → landing → staging → gate → core / quarantine → marts → release → digest
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from cchc.alerting import beside, digest, outbox, urgent
from cchc.catalogue import calendar
from cchc.catalogue.load import cached
from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.ops import ledger, loads, pulls
from cchc.ops.ledger import RunSummary, SourceOutcome
from cchc.publishing import release
from cchc.publishing.sites import copies, place
from cchc.publishing.sites.place import NotCopied
from cchc.quality import gate as quality_gate
from cchc.quality import integrity, scorecard
from cchc.settings import settings
from cchc.sources.connections import from_environment
from cchc.sources.connector import Resolver
from cchc.warehouse import dimensions, marts, migrate, working_days
from cchc.warehouse.engine import engine as warehouse

Progress = Callable[[SourceOutcome], None]


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


def pull_source(
    run_id: UUID, source_code: str, resolve: Resolver = from_environment, *, final: bool = True
) -> SourceOutcome:
    """Pull one source into landing and staging and write its outcome row; its own failure is an outcome.

    With `final=False` a `SourceUnavailable` is raised again after it was written down, so that a scheduler can try
    again. Raises `Overtaken` where the pull was given up or begun anew meanwhile, or the run takes no more pulls.
    """
    landing = settings().landing
    return pulls.pull_source(warehouse(), catalogue(), run_id, source_code, resolve, landing, final=final)


def pull_all(run_id: UUID, resolve: Resolver = from_environment, workers: int = 8) -> Iterator[SourceOutcome]:
    """Pull every source of a run, each when its turn comes, and yield their outcomes as they end."""
    codes = sources_of(run_id)
    return pulls.pull_all(
        warehouse(), catalogue(), run_id, codes, lambda code: pull_source(run_id, code, resolve), workers
    )


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
    done = copies.copy(warehouse(), settings().releases, place.of(settings()))
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
    behind = [site.problem for site in copies.behind(own.releases, place.of(own))]
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
