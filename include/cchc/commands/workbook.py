"""`cchc workbook`: what officers open in a spreadsheet, as the release has it, of any unit and period."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Connection

from cchc import night, output
from cchc.alerting import attachment
from cchc.catalogue.models import Catalogue
from cchc.commands.form import built
from cchc.commands.options import CALENDAR, PERIOD, asked_period, known_unit, say_beside
from cchc.errors import ConfigurationError
from cchc.indicators import delivered, periods
from cchc.indicators.compute import subject_of
from cchc.indicators.periods import Period
from cchc.publishing import points
from cchc.publishing.forms import workbook as forms_workbook
from cchc.publishing.workbooks import documents as document_workbook
from cchc.publishing.workbooks import index766, register_statistics

_OUTPUT = click.option(
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write (.xlsx).",
)
_UNIT = click.option("--unit", default=None, help="Unit code; default the whole province.")


@click.group()
def workbook() -> None:
    """Write workbooks: index 766, document registers, official forms, rows to correct."""


@workbook.command("766")
@PERIOD
@CALENDAR
@_OUTPUT
def index(period: str, calendar: str, target: Path) -> None:
    """Bộ chỉ số 766: overview of the province, every unit's components, ranking; each rule version."""
    catalogue, asked = night.catalogue(), asked_period(period, calendar)
    scores = catalogue.score_set("qd766")
    with _snapshot(catalogue, asked, catalogue.province.code) as connection:
        day = delivered.reporting_day(connection, asked)
        known = catalogue.model_copy(update={"scores": {scores.code: scores}})
        (found,) = points.gather(connection, known, day, periods.until(asked, day))
    groups = {unit.code: unit.group for unit in catalogue.units}
    output.save(target, index766.render(found, groups, day))


@workbook.command("documents")
@_UNIT
@PERIOD
@CALENDAR
@_OUTPUT
def documents(unit: str | None, period: str, calendar: str, target: Path) -> None:
    """Sổ văn bản đến, đi: counts by unit, by month and by kind of document."""
    catalogue, asked = night.catalogue(), asked_period(period, calendar)
    code = _chosen(catalogue, unit)
    with _snapshot(catalogue, asked, code) as connection:
        found = register_statistics.gather(connection, catalogue, code, asked)
    output.save(target, document_workbook.render(found))


@workbook.command("corrections")
@_UNIT
@_OUTPUT
def corrections(unit: str | None, target: Path) -> None:
    """Rows to correct of a unit, or of all: what, where, by which rule, since when."""
    catalogue = night.catalogue()
    units = None if _chosen(catalogue, unit) == catalogue.province.code else [str(unit)]
    with night.ready_warehouse().connect() as connection:
        load = attachment.read(connection, catalogue, units)
        day = delivered.newest_night(connection)
    if day is None:
        raise ConfigurationError("no night has run yet, so nothing was checked; see `cchc sync`")
    output.save(target, attachment.workbook(load, day))


@workbook.command("ii06a")
@_UNIT
@PERIOD
@CALENDAR
@_OUTPUT
def ii06a(unit: str | None, period: str, calendar: str, target: Path) -> None:
    """Biểu số II.06a/VPCP/KSTT, as `cchc form ii06a` gives it."""
    _form("ii06a", unit, period, calendar, target)


@workbook.command("07a")
@_UNIT
@PERIOD
@CALENDAR
@_OUTPUT
def form_07a(unit: str | None, period: str, calendar: str, target: Path) -> None:
    """Biểu số 07a, as `cchc form 07a` gives it."""
    _form("07a", unit, period, calendar, target)


def _form(code: str, unit: str | None, period: str, calendar: str, target: Path) -> None:
    catalogue, asked = night.catalogue(), asked_period(period, calendar)
    made = built(catalogue, code, _chosen(catalogue, unit), asked)
    output.save(target, forms_workbook.render(made))


def _chosen(catalogue: Catalogue, unit: str | None) -> str:
    """Return the unit that is asked for, the province's code where none is."""
    if unit is None or unit == catalogue.province.code:
        return catalogue.province.code
    return known_unit(catalogue, unit)


@contextmanager
def _snapshot(catalogue: Catalogue, period: Period, unit: str) -> Iterator[Connection]:
    """Give one snapshot of the warehouse; say what a reader of live numbers of the unit must know."""
    warehouse = night.ready_warehouse()
    say_beside(warehouse, period, subject_of(catalogue, unit, period).members)
    with warehouse.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection
