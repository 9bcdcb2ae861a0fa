"""`cchc`: the product's functions at a terminal, without a scheduler.

Exit codes: 0 ok · 1 the job failed · 2 wrong usage or configuration.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import date, datetime, time
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from psycopg.errors import InsufficientPrivilege
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import ProgrammingError

from cchc import night, output
from cchc.commands import alerts as alert_commands
from cchc.commands import delivery as delivery_commands
from cchc.commands import docs as docs_commands
from cchc.commands import form as form_commands
from cchc.commands import indicators as indicator_commands
from cchc.commands import integrity as integrity_commands
from cchc.commands import period as period_commands
from cchc.commands import quarantine as quarantine_commands
from cchc.commands import reconcile as reconcile_commands
from cchc.commands import release as release_commands
from cchc.commands import report as report_commands
from cchc.commands import role as role_commands
from cchc.commands import rules as rule_commands
from cchc.commands import score as score_commands
from cchc.commands import scorecard as scorecard_commands
from cchc.commands import source as source_commands
from cchc.commands import workbook as workbook_commands
from cchc.commands.options import DAY, FORMAT, OUTCOME_COLUMNS, PUBLISHED_DAY, err, say
from cchc.errors import CchcError, ConfigurationError
from cchc.indicators.delivered import newest_night
from cchc.ops import deadline as deadlines
from cchc.ops import doctor as doctoring
from cchc.ops.ledger import RunSummary, SourceOutcome
from cchc.publishing import release as releases
from cchc.settings import settings
from cchc.warehouse import migrate as migrations
from cchc.warehouse.engine import engine as warehouse


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def app() -> None:
    """Administrative-reform (CCHC) indicators of a province, from its offices' own systems."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


@app.command()
def migrate() -> None:
    """Bring the warehouse's schema to this product's version."""
    migrations.upgrade(warehouse())
    click.echo(f"warehouse at {migrations.head()}")


@app.command()
@DAY
@click.option("--source", "sources", multiple=True, help="Only this source; may be given several times.")
@click.option("--workers", default=8, show_default=True, help="Sources read at once.")
@FORMAT
def sync(day: date, sources: tuple[str, ...], workers: int, form: output.Format) -> None:
    """Run a night: pull, check, load, publish, tell."""
    if settings().warehouse_dsn is None:
        migrations.upgrade(warehouse())  # the embedded server is this command's own
    summary = _watched(day, sources, workers)
    output.write(
        (r.told() for r in summary.rows), OUTCOME_COLUMNS, form, title=f"Ngày báo cáo {day:%d/%m/%Y}"
    )
    say(summary.sentence())
    if summary.state != "success":
        sys.exit(1)


def _watched(day: date, sources: tuple[str, ...], workers: int) -> RunSummary:
    bars = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err
    )
    with bars:
        task = bars.add_task("pull", total=None)

        def opened(run_id: UUID, count: int) -> None:
            bars.update(task, total=count)
            err.print(f"run {run_id}, reporting day {day}")

        def progress(row: SourceOutcome) -> None:
            bars.advance(task)
            if row.state in ("failed", "held"):
                err.print(f"[red]{row.state}[/red] {escape(row.message or '')}", highlight=False)

        def step(name: str) -> None:
            err.print(name)

        return night.run_night(
            day, sources or None, workers=workers, opened=opened, progress=progress, step=step
        )


@app.command()
@PUBLISHED_DAY
def publish(day: date | None) -> None:
    """Publish the release of a day from what the warehouse holds, and copy what is published to the sites.

    A site that cannot be written is told and exit code 1; the release stands.
    """
    own, engine = settings(), night.ready_warehouse()
    if day is None:
        with engine.connect() as connection:
            day = newest_night(connection)
    if day is None:
        raise ConfigurationError("no night has run yet, so there is no day to publish: give one with --day")
    release = releases.publish(engine, night.catalogue(), day, None, own.releases, own.anchor)
    click.echo(f"{release.release_id}\t{release.path}")
    night.deliver()


def _clock(_context: click.Context, _parameter: click.Parameter, text: str | None) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"{text!r} is not an hour: write 06:00") from None


@app.command()
@click.option(
    "--deadline",
    callback=_clock,
    default=None,
    help="Look only whether last night was done by this hour (06:00), and tell the engineers where it was not.",
)
@FORMAT
def doctor(deadline: time | None, form: output.Format) -> None:
    """Examine this installation and say what to mend."""
    catalogue = night.catalogue()
    if deadline is None:
        findings = doctoring.diagnose(settings(), catalogue)
    else:
        now = datetime.now(ZoneInfo(catalogue.province.zone))
        findings = deadlines.check(settings(), catalogue, deadline, now)
    columns = (("check", "Kiểm tra"), ("level", "Mức"), ("message", "Kết quả"), ("action", "Cần làm"))
    output.write((f.__dict__ for f in findings), columns, form)
    if any(f.level == "fail" for f in findings):
        sys.exit(1)


for command in (
    indicator_commands.indicators,
    indicator_commands.explain,
    form_commands.form,
    workbook_commands.workbook,
    score_commands.score,
    rule_commands.rules,
    reconcile_commands.reconcile,
    period_commands.period,
    release_commands.release,
    report_commands.report,
    source_commands.source,
    quarantine_commands.quarantine,
    delivery_commands.delivery,
    alert_commands.alerts,
    integrity_commands.integrity,
    scorecard_commands.scorecard,
    role_commands.role,
    docs_commands.docs,
):
    app.add_command(command)


def main() -> None:
    """Run `cchc` and turn errors into one line and an exit code."""
    run = cast("Callable[..., None]", app)
    try:
        run(prog_name="cchc")
    except ConfigurationError as error:
        err.print(f"[bold red]cchc:[/bold red] {escape(str(error))}", highlight=False)
        sys.exit(2)
    except CchcError as error:
        err.print(f"[bold red]cchc:[/bold red] {escape(str(error))}", highlight=False)
        sys.exit(1)
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        said = f"this login of the warehouse may not do that ({error.orig.diag.message_primary}); see `cchc role list`"
        err.print(f"[bold red]cchc:[/bold red] {escape(said)}", highlight=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
