"""`cchc indicators` and `cchc explain`: the numbers, their ranks, and what is behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import click

from cchc import night, output
from cchc.catalogue.models import Catalogue, IndicatorSet
from cchc.commands.options import CALENDAR, FORMAT, PERIOD, asked_period, known_unit
from cchc.errors import ConfigurationError
from cchc.indicators import compute, ranking
from cchc.indicators import explain as explaining


@click.group()
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
    span = asked_period(period, calendar)
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
    span = asked_period(period, calendar)
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


@click.command()
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
    span = asked_period(period, calendar)
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
