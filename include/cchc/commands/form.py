"""`cchc form`: the official forms of a unit over a period."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from cchc import night, output
from cchc.catalogue.models import Catalogue
from cchc.commands.options import CALENDAR, PERIOD, asked_period, known_unit, say, say_beside
from cchc.errors import ConfigurationError
from cchc.indicators.compute import subject_of
from cchc.indicators.periods import Period
from cchc.publishing.forms import layouts, rows, workbook
from cchc.settings import settings

_Command = TypeVar("_Command", bound=Callable[..., None])


@click.group()
def form() -> None:
    """Print the official forms of a unit, or of the province by its own code."""


def _options(command: _Command) -> _Command:
    """Give a command the options that all forms share."""
    for option in reversed(
        (
            click.option("--unit", required=True, help="Unit code; the province's code for all."),
            PERIOD,
            CALENDAR,
            click.option(
                "--format",
                "file_format",
                type=click.Choice(["xlsx", "csv", "json"]),
                default="xlsx",
                show_default=True,
                help="csv and json go to the terminal.",
            ),
            click.option(
                "--output",
                "target",
                type=click.Path(dir_okay=False, path_type=Path),
                default=None,
                help="File to write; xlsx without it: form-<form>-<unit>-<period>.xlsx in this folder.",
            ),
            click.option("--recipient", default="", help="Đơn vị nhận, as printed in the form's head."),
        )
    ):
        command = option(command)
    return command


@form.command("ii06a")
@_options
def ii06a(**options: Any) -> None:
    """Biểu số II.06a/VPCP/KSTT: how dossiers were received and settled."""
    _print("ii06a", **options)


@form.command("07a")
@_options
def form_07a(**options: Any) -> None:
    """Biểu số 07a: the columns of its family that the warehouse can give; the others stay empty."""
    _print("07a", **options)


def _print(
    code: str, unit: str, period: str, calendar: str, file_format: str, target: Path | None, recipient: str
) -> None:
    catalogue = night.catalogue()
    if unit != catalogue.province.code:
        known_unit(catalogue, unit)
    asked = asked_period(period, calendar)
    made = built(catalogue, code, unit, asked)
    layout = made.layout
    if file_format == "xlsx":
        path = target or Path(_file_name(code, unit, asked))
        if target is None and path.exists():
            raise ConfigurationError(f"{path} is there already: name the file with --output")
        output.save(path, workbook.render(made, recipient))
        return
    for label, text in workbook.facts(made, recipient):
        if text:
            say(f"{label}: {text}")
    for note in made.notes:
        say(f"Ghi chú: {note}")
    columns = [(name, name) for name in ("level", "field_code", "title")]
    columns += [(c.code, c.code) for c in layout.columns] + [("reason", "reason")]
    if target is None:
        output.write(_flat(made), columns, cast("output.Format", file_format))
        return
    held = io.StringIO()
    with contextlib.redirect_stdout(held):
        output.write(_flat(made), columns, cast("output.Format", file_format))
    output.save(target, held.getvalue().encode())


def built(catalogue: Catalogue, code: str, unit: str, period: Period) -> rows.Form:
    """Return a form of a unit or the province, having said what a reader of live numbers must know."""
    layout = layouts.load(settings().catalogue, code)
    warehouse = night.ready_warehouse()
    made = rows.build(warehouse, catalogue, layout, unit, period)
    members = subject_of(catalogue, unit, period).members
    say_beside(warehouse, period, members, unit=unit, set_code=f"form:{code}")
    return made


def _file_name(code: str, unit: str, asked: Period) -> str:
    """Return a form's file name where none is given; the calendar is in it unless it is the report's."""
    parts = ["form", code, unit, asked.label, *([] if asked.calendar == "report" else [asked.calendar])]
    return f"{'-'.join(parts)}.xlsx"


def _flat(made: rows.Form) -> Iterator[dict[str, Any]]:
    for row in made.rows:
        yield {
            "level": row.level,
            "field_code": row.field_code,
            "title": row.title,
            **row.values,
            "reason": row.reason,
        }
