"""`cchc period`: close a period, print it as it was frozen, see what came since, reopen it with a name and a reason."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import click

from cchc import night, output
from cchc.catalogue import report_periods
from cchc.commands.options import CALENDAR, FORMAT, asked_period, known_calendar, known_unit, say
from cchc.indicators import periods
from cchc.publishing import closing, revisions
from cchc.settings import settings

_WHICH = click.argument("period")
_BY = click.option("--by", required=True, help="Name of the person who takes responsibility.")

_CALENDAR_COLUMNS = (
    ("period", "Kỳ"),
    ("period_from", "Từ ngày"),
    ("period_to", "Đến ngày"),
    ("days", "Số ngày"),
    ("due", "Hạn gửi"),
    ("revision", "Bản đã chốt"),
    ("reopened_by", "Người mở lại"),
)


@click.group()
def period() -> None:
    """Close periods and follow what changes after (chốt số liệu)."""


@period.command("list")
@FORMAT
def period_list(form: output.Format) -> None:
    """Print the closed periods with their revisions."""
    rows = (row._asdict() for row in revisions.listed(night.ready_warehouse()))
    output.write(rows, revisions.LIST_COLUMNS, form)


@period.command("calendar")
@click.argument("year", type=click.IntRange(periods.FIRST_YEAR, periods.LAST_YEAR))
@click.option(
    "--series", default=None, help="Only the reports of a series of periods.yaml: cchc, government."
)
@CALENDAR
@FORMAT
def period_calendar(year: int, series: str | None, calendar: str, form: output.Format) -> None:
    """Print the periods of YEAR, when their reports are due, and which of them are closed."""
    title = f"Kỳ báo cáo năm {year}"
    due_day = None
    if series is None:
        spans = list(periods.parts_of(year, known_calendar(calendar)))
    else:
        wanted = report_periods.load(settings().catalogue).of(series)
        title = f"{wanted.title}, năm {year}" + ("" if wanted.confirmed else " (chưa đối chiếu quy định)")
        names = (f"{year}" if part == "year" else f"{year}-{part}" for part in wanted.periods)
        spans = [asked_period(name, calendar) for name in names]
        due_day = wanted.due_day if calendar == "report" else None
    newest: dict[tuple[date, date], Any] = {}  # by days: the same ones are closed once, under whatever name
    for row in revisions.listed(night.ready_warehouse()):
        newest.setdefault((row.period_from, row.period_to), row)
    rows = []
    for span in spans:
        closed = newest.get((span.start, span.end))
        rows.append(
            {
                "period": span.label,
                "period_from": span.start,
                "period_to": span.end,
                "days": span.days,
                "due": span.end.replace(day=due_day) if due_day else None,
                "revision": closed.revision if closed else None,
                "reopened_by": closed.reopened_by if closed else None,
            }
        )
    output.write(rows, _CALENDAR_COLUMNS, form, title=title)


@period.command("close")
@_WHICH
@CALENDAR
@_BY
@click.option("--note", default=None, help="What should be known of this revision.")
def period_close(period: str, calendar: str, by: str, note: str | None) -> None:
    """Freeze the numbers of PERIOD (2026-11, 2026-Q3, 2026, 2026-W47 …) as its next revision."""
    closed = closing.close(
        night.ready_warehouse(), night.catalogue(), asked_period(period, calendar), by, note
    )
    click.echo(f"{closed.period.label}\t{closed.revision}\t{closed.cells}\t{closed.records}")
    say(
        f"{closed.period.title()}: bản {closed.revision}, {closed.cells} số liệu, {closed.form_cells} ô của biểu, "
        f"{closed.records} hồ sơ, "
        f"{closed.sources_complete}/{closed.sources_expected} nguồn đủ số liệu"
    )
    if closed.lacking:
        say(f"chưa đủ số liệu: {', '.join(closed.lacking)}")


@period.command("preview")
@_WHICH
@CALENDAR
def period_preview(period: str, calendar: str) -> None:
    """Say what closing PERIOD now would freeze, and what is missing."""
    click.echo(closing.preview(night.ready_warehouse(), night.catalogue(), asked_period(period, calendar)))


@period.command("reopen")
@_WHICH
@CALENDAR
@_BY
@click.option("--reason", required=True, help="Why the closed numbers are not the last word.")
def period_reopen(period: str, calendar: str, by: str, reason: str) -> None:
    """Let a new revision of PERIOD follow; what is frozen stays as it is."""
    revision = closing.reopen(night.ready_warehouse(), asked_period(period, calendar), by, reason)
    click.echo(f"{period}\t{revision}")


@period.command("diff")
@_WHICH
@CALENDAR
@click.option("--from", "earlier", type=int, default=None, help="Revision; default the newest.")
@click.option("--to", "later", type=int, default=None, help="Revision; default what the warehouse gives now.")
@click.option(
    "--unit", default=None, help="Only this unit, with its dossiers' codes, or the province by its own code."
)
@FORMAT
def period_diff(
    period: str,
    calendar: str,
    earlier: int | None,
    later: int | None,
    unit: str | None,
    form: output.Format,
) -> None:
    """Print the cells of PERIOD that differ, before and after, and the dossiers that came, went or changed.

    Unless --unit names one unit its dossiers are those of several, and listed without their codes, as `cchc explain`
    does.
    """
    span = asked_period(period, calendar)
    catalogue = night.catalogue()
    if unit not in (None, catalogue.province.code):
        known_unit(catalogue, unit or "")
    key = settings().pseudonym_key
    found = revisions.diff(
        night.ready_warehouse(), catalogue, span, earlier, later, unit=unit, pseudonym_key=key
    )
    output.write(found, revisions.DIFF_COLUMNS, form, title=span.title())
    if note := revisions.diff_codes(catalogue, unit, key).note:
        say(note)


@period.command("show")
@_WHICH
@CALENDAR
@click.option("--revision", type=int, default=None, help="Revision; default the newest.")
@click.option("--unit", default=None, help="Only this unit, or the province by its own code.")
@click.option("--set", "set_code", default=None, help="Only this set: province-core, form:ii06a, form:07a …")
@FORMAT
def period_show(
    period: str,
    calendar: str,
    revision: int | None,
    unit: str | None,
    set_code: str | None,
    form: output.Format,
) -> None:
    """Print the numbers of PERIOD as they were frozen, and who answers for them; rows are indicators and form cells."""
    span = asked_period(period, calendar)
    shown = revisions.show(night.ready_warehouse(), span, revision, unit=unit, set_code=set_code)
    head = shown.revision
    zone = ZoneInfo(night.catalogue().province.zone)
    say(
        f"{span.title()}: bản {head.revision}, {head.closed_by} chốt lúc "
        f"{head.closed_at.astimezone(zone):%d/%m/%Y %H:%M}, số liệu đến đêm {head.reporting_day:%d/%m/%Y}, "
        f"{head.sources_complete}/{head.sources_expected} nguồn đủ số liệu"
    )
    if head.note:
        say(f"ghi chú: {head.note}")
    if head.reopened_by:
        say(f"{head.reopened_by} đã mở lại: {head.reason}")
    say(f"danh mục (SHA-256): {head.catalogue_sha256}")
    for rule, sources in sorted(Counter(head.on_time_rules.values()).items(), key=str):
        say(f"quy tắc đúng hạn {rule}: {sources} nguồn")
    output.write((row._asdict() for row in shown.values), revisions.SHOW_COLUMNS, form, title=span.title())
