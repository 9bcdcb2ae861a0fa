"""`cchc`: the product's functions at a terminal, without a scheduler.

Exit codes: 0 ok · 1 the job failed · 2 wrong usage or configuration.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, cast
from uuid import UUID

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cchc import night, output
from cchc.catalogue.models import Catalogue, IndicatorSet
from cchc.commands import form as form_commands
from cchc.commands import period as period_commands
from cchc.commands import rules as rule_commands
from cchc.commands import score as score_commands
from cchc.commands.options import CALENDAR, DAY, FORMAT, PERIOD, known_source, known_unit
from cchc.errors import CchcError, ConfigurationError
from cchc.indicators import compute, periods, ranking
from cchc.indicators import explain as explaining
from cchc.ops import doctor as doctoring
from cchc.ops.ledger import RunSummary, SourceOutcome
from cchc.publishing import chain
from cchc.publishing import release as releases
from cchc.quality import quarantine as quarantined
from cchc.settings import settings
from cchc.sources.connections import from_environment
from cchc.staging import preview
from cchc.warehouse import migrate as migrations
from cchc.warehouse.engine import engine as warehouse

err = Console(stderr=True)

OUTCOME_COLUMNS = (
    ("source_code", "Nguồn"),
    ("unit_code", "Đơn vị"),
    ("state", "Kết quả"),
    ("received", "Nhận"),
    ("loaded", "Nạp"),
    ("unchanged", "Không đổi"),
    ("quarantined", "Cách ly"),
    ("refused", "Từ chối"),
    ("message", "Ghi chú"),
)


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
        (r.__dict__ for r in summary.rows), OUTCOME_COLUMNS, form, title=f"Ngày báo cáo {day:%d/%m/%Y}"
    )
    err.print(escape(summary.sentence()), highlight=False)
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
@DAY
def publish(day: date) -> None:
    """Publish the release of a day from what the warehouse holds."""
    own = settings()
    release = releases.publish(
        night.ready_warehouse(), night.catalogue(), day, None, own.releases, own.anchor
    )
    click.echo(f"{release.release_id}\t{release.path}")


@app.group()
def indicators() -> None:
    """Show the province's indicators."""


@indicators.command("show")
@click.option("--set", "set_code", required=True, help="Indicator set, e.g. seed-2022.")
@click.option("--unit", "units", multiple=True, required=True, help="Unit code; the province's code for all.")
@PERIOD
@CALENDAR
@FORMAT
def indicators_show(
    set_code: str, units: tuple[str, ...], period: str, calendar: str, form: output.Format
) -> None:
    """Print a set of indicators of units over a period."""
    catalogue = night.catalogue()
    chosen = _indicator_set(catalogue, set_code)
    span = periods.parse(period, cast("periods.Calendar", calendar))
    values = compute.compute(
        night.ready_warehouse(),
        catalogue,
        chosen,
        [known_unit(catalogue, u) for u in units],
        span,
    )
    titles = {i.code: i for s in catalogue.indicator_sets.values() for i in s.indicators}
    columns: tuple[tuple[str, str], ...] = (
        ("unit_code", "Đơn vị"),
        ("indicator", "Mã"),
        ("title", "Chỉ số"),
        ("printed", "Giá trị"),
        ("measured_in", "Đơn vị tính"),
        ("value", "Giá trị đầy đủ"),
        ("numerator", "Tử số"),
        ("denominator", "Mẫu số"),
        ("reason", "Lý do trống"),
        ("coverage", "Độ phủ"),
        ("fresh_to", "Số liệu đến"),
    )
    if form == "table":
        columns = tuple(c for c in columns if c[0] not in ("value", "measured_in"))

    def rows() -> Iterator[dict[str, Any]]:
        for v in values:
            definition = titles[v.indicator_code]
            yield {
                **v.__dict__,
                "indicator": v.indicator_code,
                "title": definition.title,
                "measured_in": definition.unit,
                "coverage": f"{v.coverage:.0%}" if form == "table" and v.coverage is not None else v.coverage,
            }

    output.write(rows(), columns, form, title=f"{span.label} ({span.start:%d/%m/%Y} – {span.end:%d/%m/%Y})")


@indicators.command("rank")
@click.argument("indicator")
@click.option("--set", "set_code", default="province-core", show_default=True, help="Indicator set.")
@click.option(
    "--group",
    type=click.Choice(["department", "commune", "district"]),
    default="department",
    show_default=True,
    help="Units that are ranked among themselves.",
)
@PERIOD
@CALENDAR
@FORMAT
def indicators_rank(
    indicator: str, set_code: str, group: str, period: str, calendar: str, form: output.Format
) -> None:
    """Rank the units of a group by an indicator; a unit without a number has no rank."""
    catalogue = night.catalogue()
    span = periods.parse(period, cast("periods.Calendar", calendar))
    chosen = _indicator_set(catalogue, set_code)
    found = ranking.rank(
        night.ready_warehouse(), catalogue, chosen, indicator, cast("ranking.Group", group), span
    )
    columns = ranking.COLUMNS if form == "table" else (*ranking.COLUMNS, ("value", "Giá trị đầy đủ"))
    output.write((place.row() for place in found), columns, form, title=f"{indicator}, {span.title()}")


def _indicator_set(catalogue: Catalogue, code: str) -> IndicatorSet:
    if code not in catalogue.indicator_sets:
        names = ", ".join(sorted(catalogue.indicator_sets))
        raise ConfigurationError(f"there is no indicator set {code}; there are: {names}")
    return catalogue.indicator_sets[code]


@app.command()
@click.argument("indicator")
@click.option("--unit", required=True)
@PERIOD
@CALENDAR
@click.option("--records", is_flag=True, help="List every record behind the figure instead of the summary.")
@FORMAT
def explain(
    indicator: str, unit: str, period: str, calendar: str, records: bool, form: output.Format
) -> None:
    """Open an indicator down to its records or its reported row."""
    catalogue = night.catalogue()
    span = periods.parse(period, cast("periods.Calendar", calendar))
    found = explaining.explain(
        night.ready_warehouse(), catalogue, indicator, known_unit(catalogue, unit), span
    )
    if records:
        output.write(found.records(), explaining.RECORD_COLUMNS, form)
        return
    if form == "table":
        click.echo(found.text())
        return
    output.write(found.rows(), explaining.ROW_COLUMNS, form)


@app.group()
def source() -> None:
    """List and check the systems the night reads."""


@source.command("list")
@FORMAT
def source_list(form: output.Format) -> None:
    """Print every source of the catalogue."""
    catalogue = night.catalogue()
    columns = (
        ("code", "Nguồn"),
        ("unit", "Đơn vị"),
        ("name", "Tên đơn vị"),
        ("kind", "Loại"),
        ("profile", "Hồ sơ kết nối"),
        ("host", "Máy chủ"),
        ("history_from", "Từ ngày"),
    )
    rows = (
        {
            "code": s.code,
            "unit": s.unit,
            "name": catalogue.unit(s.unit).name,
            "kind": catalogue.profile_of(s).kind,
            "profile": s.profile,
            "host": s.host,
            "history_from": s.history_from,
        }
        for s in catalogue.sources.values()
    )
    output.write(rows, columns, form)


@source.command("check")
@click.argument("code")
@DAY
@click.option("--rows", "limit", default=5, show_default=True, help="Records to show of each dataset.")
@FORMAT
def source_check(code: str, day: date, limit: int, form: output.Format) -> None:
    """Connect to a source and show how its first records are read; nothing is stored."""
    catalogue = night.catalogue()
    chosen = known_source(catalogue, code)
    found = preview.preview(catalogue, chosen, day, from_environment, limit)
    output.write(found.rows, preview.COLUMNS, form, title=f"{code}: {found.sentence}")
    for note in found.notes:
        err.print(escape(note), highlight=False)
    if found.problems:
        sys.exit(1)


@app.group()
def quarantine() -> None:
    """Show and replay rows that were kept out of the numbers."""


@quarantine.command("list")
@click.option("--unit", default=None)
@click.option("--source", "source_code", default=None)
@click.option("--rule", default=None)
@click.option("--state", type=click.Choice(["open", "corrected", "all"]), default="open", show_default=True)
@click.option("--limit", default=200, show_default=True)
@FORMAT
def quarantine_list(
    unit: str | None, source_code: str | None, rule: str | None, state: str, limit: int, form: output.Format
) -> None:
    """Print quarantined rows, newest first."""
    rows = quarantined.find(
        night.ready_warehouse(),
        unit=unit,
        source=source_code,
        rule=rule,
        state=None if state == "all" else state,
        limit=limit,
    )
    output.write((r.__dict__ for r in rows), quarantined.COLUMNS, form)


@quarantine.command("show")
@click.argument("item_id", type=int)
@FORMAT
def quarantine_show(item_id: int, form: output.Format) -> None:
    """Print one quarantined row with every field and its place in the source."""
    found = quarantined.show(night.ready_warehouse(), item_id)
    if found is None:
        raise ConfigurationError(f"there is no quarantine item {item_id}; see `cchc quarantine list`")
    rows = ({"field": key, "value": value} for key, value in found.items())
    output.write(rows, (("field", "Trường"), ("value", "Giá trị")), form)


@quarantine.command("replay")
@click.option("--source", "source_codes", multiple=True, required=True, help="May be given several times.")
@DAY
@FORMAT
def quarantine_replay(source_codes: tuple[str, ...], day: date, form: output.Format) -> None:
    """Rebuild sources from landing after a mapping or a rule was mended; nothing is pulled."""
    catalogue = night.catalogue()
    codes = [known_source(catalogue, code).code for code in source_codes]
    run_id = night.replay(codes, day)
    summary = night.close_run(run_id)
    output.write((r.__dict__ for r in summary.rows), OUTCOME_COLUMNS, form)
    if summary.failed:
        sys.exit(1)


@app.group()
def release() -> None:
    """Show what was published."""


@release.command("list")
@FORMAT
def release_list(form: output.Format) -> None:
    """Print the releases, newest first."""
    columns = (
        ("release_id", "Bản phát hành"),
        ("reporting_day", "Ngày báo cáo"),
        ("sources_fresh", "Nguồn có số liệu"),
        ("sources_expected", "Nguồn phải có"),
        ("published_at", "Phát hành lúc"),
        ("path", "Nơi lưu"),
    )
    rows = (r.__dict__ for r in releases.list_releases(night.ready_warehouse()))
    output.write(rows, columns, form)


@release.command("verify")
@FORMAT
def release_verify(form: output.Format) -> None:
    """Find every published number, file or release that is not as it was published (exit code 1)."""
    own = settings()
    anchor = own.anchor or chain.anchor_of(own.releases)
    count, findings = chain.verify(night.ready_warehouse(), own.releases, anchor)
    if findings or form != "table":
        output.write((f.__dict__ for f in findings), chain.COLUMNS, form, title=f"{anchor}")
    failed = sum(f.level == "fail" for f in findings)
    err.print(f"{count} bản phát hành đã kiểm tra, {failed} sai khác", highlight=False)
    if failed:
        sys.exit(1)


@app.command()
@FORMAT
def doctor(form: output.Format) -> None:
    """Examine this installation and say what to mend."""
    findings = doctoring.diagnose(settings(), night.catalogue())
    columns = (("check", "Kiểm tra"), ("level", "Mức"), ("message", "Kết quả"), ("action", "Cần làm"))
    output.write((f.__dict__ for f in findings), columns, form)
    if any(f.level == "fail" for f in findings):
        sys.exit(1)


app.add_command(form_commands.form)
app.add_command(period_commands.period)
app.add_command(rule_commands.rules)
app.add_command(score_commands.score)


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


if __name__ == "__main__":
    main()
