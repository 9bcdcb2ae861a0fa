"""What the demonstration prints at the end: outcomes, the seed indicators, addresses."""

from __future__ import annotations

from rich import box
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine

from cchc.catalogue.models import Catalogue
from cchc.indicators import compute, periods
from cchc.ops.ledger import RunSummary, SourceOutcome
from demo.place import USER, Place
from demo.tell import Tell

SEED_UNIT, SEED_SET, SEED_PERIOD = "SGDDT", "seed-2022", "2022-01-01..2022-10-13"
_STATES = {
    "loaded": "đã nạp",
    "unchanged": "không đổi",
    "held": "tạm giữ",
    "failed": "lỗi",
    "pulled": "đã lấy",
}


def outcomes(tell: Tell, catalogue: Catalogue, ended: RunSummary) -> None:
    """Print a row per source, then what those without data have to say."""
    table = _table(f"Kết quả từng nguồn, ngày báo cáo {ended.reporting_day:%d/%m/%Y}")
    table.add_column("Nguồn", no_wrap=True)
    room = tell.console.width - 87  # what the other columns leave, so that a source takes one line
    if room >= 10:
        table.add_column("Đơn vị", no_wrap=True, overflow="ellipsis", max_width=room)
    table.add_column("Kết quả", no_wrap=True)
    for heading in ("Nhận", "Nạp", "Không đổi", "Cách ly", "Từ chối", "Gỡ"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=max(6, len(heading)))
    bad = [row for row in ended.rows if row.state in ("held", "failed")]
    for row in (*(r for r in ended.rows if r not in bad), *bad):
        numbers = (row.received, row.loaded, row.unchanged, row.quarantined, row.refused, row.removed)
        names = [catalogue.unit(row.unit_code).name] if room >= 10 else []
        cells = (row.source_code, *names, _STATES[row.state], *(_count(n) for n in numbers))
        table.add_row(*cells, style=_style(row))
    tell.console.print(table)
    for row in bad:
        tell.console.print(
            f"[red]{_STATES[row.state]}[/red]  {escape(row.message or row.source_code)}", soft_wrap=True
        )
    states = [r.state for r in ended.rows]
    parts = ", ".join(f"{states.count(s)} {_STATES[s]}" for s in _STATES if s in states)
    verdict = "trong mức cho phép" if ended.state == "success" else "vượt mức cho phép"
    tell.console.print(f"[bold]{len(states)} nguồn: {parts}; {verdict} ({ended.allowed} nguồn lỗi).[/bold]")


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )


def _style(row: SourceOutcome) -> str:
    if row.state in ("failed", "held"):
        return "red"
    return "yellow" if row.quarantined or row.refused else ""


def _count(number: int) -> str:
    return f"{number:,}".replace(",", ".") if number else "–"


def indicators(tell: Tell, catalogue: Catalogue, engine: Engine) -> None:
    """Print the indicators of the unit that the seed article is about."""
    chosen = catalogue.indicator_sets[SEED_SET]
    span = periods.parse(SEED_PERIOD)
    values = compute.compute(engine, catalogue, chosen, [SEED_UNIT], span)
    titles = {i.code: i.title for i in chosen.indicators}
    name = catalogue.unit(SEED_UNIT).name
    table = _table(f"{name}, {span.start:%d/%m/%Y} – {span.end:%d/%m/%Y}")
    table.add_column("Chỉ số")
    table.add_column("Giá trị", justify="right")
    table.add_column("Mã (cchc explain)", style="dim", no_wrap=True)
    for value in values:
        table.add_row(titles[value.indicator_code], value.printed or value.reason, value.indicator_code)
    tell.console.print()
    tell.console.print(table)


def addresses(tell: Tell, place: Place) -> None:
    """Print where to look next."""
    lines = (
        ("Page", f"{place.page_url}  what citizens see; the office's pages are under CCHC in Airflow's menu"),
        ("Airflow", f"{place.airflow_url}  user {USER}, password in {place.passwords}"),
        ("Mail", f"{place.simulated / 'mail'}  (one .eml a message)"),
        ("Logs", str(place.logs)),
        ("Stop", "make stop"),
    )
    tell.console.print()
    for name, value in lines:
        tell.console.print(f"[bold]{name:<8}[/bold] {escape(value)}", soft_wrap=True)
    tell.console.print(f"[dim]Measured: {tell.times()}.[/dim]", soft_wrap=True)
