"""`cchc indicators` and `cchc explain`: the numbers, their ranks, and what is behind them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, cast

import click

from cchc import night, output
from cchc.commands.options import CALENDAR, FORMAT, PERIOD, asked_period, known_unit, say, say_beside
from cchc.errors import ConfigurationError
from cchc.indicators import as_of, compute, ranking
from cchc.indicators import explain as explaining
from cchc.indicators.explanation import ROLES
from cchc.publishing.forms import cells, layouts
from cchc.publishing.silence import Silence
from cchc.settings import settings

AS_OF = click.option(
    "--as-of",
    "known_on",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=lambda _context, _option, given: (
        as_of.check_not_to_come(given.date()) if isinstance(given, datetime) else None
    ),
    default=None,
    help="From what the warehouse knew at the end of this day (ISO) instead of what it knows now.",
)


@click.group()
def indicators() -> None:
    """Show the province's indicators."""


@indicators.command("show")
@click.option("--set", "set_code", required=True, help="Indicator set, e.g. seed-2022.")
@click.option("--unit", "units", multiple=True, required=True, help="Unit code; the province's code for all.")
@PERIOD
@CALENDAR
@AS_OF
@FORMAT
def indicators_show(
    set_code: str,
    units: tuple[str, ...],
    period: str,
    calendar: str,
    known_on: date | None,
    form: output.Format,
) -> None:
    """Print a set of indicators of units over a period."""
    catalogue = night.catalogue()
    chosen = catalogue.indicator_set(set_code)
    span = asked_period(period, calendar)
    members = [m for u in units for m in compute.subject_of(catalogue, u, span).members]
    warehouse = night.ready_warehouse()
    with as_of.connect(warehouse, known_on, members) as connection:
        computed = compute.compute_on(connection, catalogue, chosen, units, span)
        values = Silence.read(connection, catalogue).heed_all(computed, chosen.indicators)
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
        ("reason", "Lý do, ghi chú"),
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

    counted = values[0].period if values else span
    title = f"{span.label} ({counted.start:%d/%m/%Y} – {counted.end:%d/%m/%Y})"
    if counted.end < span.end:
        say(f"kỳ đến {span.end:%d/%m/%Y} chưa kết thúc: số liệu tính đến hết ngày {counted.end:%d/%m/%Y}")
    if known_on and form == "table":
        title += f", {as_of.words(known_on)}"
    elif known_on:
        say(as_of.words(known_on))
    one = units[0] if len(set(units)) == 1 else None
    say_beside(warehouse, span, () if known_on else members, unit=one, set_code=set_code)
    output.write(rows(), columns, form, title=title)


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
    span = asked_period(period, calendar)
    chosen = catalogue.indicator_set(set_code)
    warehouse = night.ready_warehouse()
    found = ranking.rank(warehouse, catalogue, chosen, indicator, cast("ranking.Group", group), span)
    whole = compute.subject_of(catalogue, catalogue.province.code, span).members
    say_beside(warehouse, span, whole, set_code=set_code)
    columns = ranking.COLUMNS if form == "table" else (*ranking.COLUMNS, ("value", "Giá trị đầy đủ"))
    output.write((place.row() for place in found), columns, form, title=f"{indicator}, {span.title()}")


@click.command()
@click.argument("number", metavar="NUMBER")
@click.option("--unit", required=True, help="Unit code; the province's code for all.")
@PERIOD
@CALENDAR
@click.option(
    "--level",
    type=click.Choice(["department", "district", "commune"]),
    default=None,
    help="Of a cell: the row of these units instead of the total.",
)
@click.option("--field", default=None, help="Of a cell: the row of this field, by code or printed title.")
@AS_OF
@click.option("--records", is_flag=True, help="List every record behind the figure instead of the summary.")
@FORMAT
def explain(
    number: str,
    unit: str,
    period: str,
    calendar: str,
    level: str | None,
    field: str | None,
    known_on: date | None,
    records: bool,
    form: output.Format,
) -> None:
    """Open a number down to its records or its reported row.

    NUMBER is an indicator (received) or a cell of a form, FORM:COLUMN (ii06a:c10): the number of records that are
    listed for a cell is the cell's number. Records of the province, that is of several units, are listed without
    dossier codes: HMAC-SHA256 codes under CCHC_PSEUDONYM_KEY, or without that key their place in the list.
    """
    catalogue = night.catalogue()
    span = asked_period(period, calendar)
    if unit != catalogue.province.code:
        known_unit(catalogue, unit)
    form_code, colon, column = number.partition(":")
    key = settings().pseudonym_key
    warehouse = night.ready_warehouse()
    if colon:
        layout = layouts.load(settings().catalogue, form_code)
        found = cells.explain(
            warehouse,
            catalogue,
            layout,
            column,
            unit,
            span,
            level=level,
            field=field,
            known_on=known_on,
            pseudonym_key=key,
        )
    elif level or field:
        raise ConfigurationError(
            f"{number} is an indicator: --level and --field are of cells, e.g. ii06a:c10"
        )
    else:
        found = explaining.explain(
            warehouse, catalogue, number, unit, span, known_on=known_on, pseudonym_key=key
        )
        if found.figure.lacking:
            _, indicator = explaining.find(catalogue, number)
            with as_of.connect(
                warehouse, known_on, compute.subject_of(catalogue, unit, span).members
            ) as connection:
                published = Silence.read(connection, catalogue).heed(found.figure, indicator)
            if published.value != found.figure.value:
                say(f"số này không được công bố: {published.reason}")
    set_code = f"form:{form_code}" if colon else None
    members = compute.subject_of(catalogue, unit, span).members
    say_beside(warehouse, span, () if known_on else members, unit=unit, set_code=set_code)
    if form == "table" and not records:
        click.echo(found.text())
        return
    if known_on:
        say(as_of.words(known_on))
    if records:
        if found.codes.note:
            say(found.codes.note)
        listed = found.records()
        if form == "table":
            listed = ({**record, "role": ROLES[record["role"]]} for record in listed)
        output.write(listed, explaining.RECORD_COLUMNS, form)
        return
    output.write(found.rows(), explaining.ROW_COLUMNS, form)
