"""`cchc report`: the report of a unit and the province's periodic report, as Word, PDF or text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from cchc import night, output
from cchc.commands.options import CALENDAR, PERIOD, asked_period, known_unit, say
from cchc.errors import ConfigurationError
from cchc.publishing import reports
from cchc.publishing.reports import document, pdf
from cchc.publishing.reports.narrative import Narrative
from cchc.settings import settings

_Command = TypeVar("_Command", bound=Callable[..., None])


@click.group()
def report() -> None:
    """Write reports whose every figure is one of a release or of a closed period."""


def _dated(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a day: write 2026-11-14") from None


def _options(command: _Command) -> _Command:
    """Give a command the options that all reports share."""
    file = click.Path(dir_okay=False, path_type=Path)
    for option in reversed(
        (
            click.option(
                "--release",
                "release_id",
                default=None,
                help="Figures of this release.",
            ),
            click.option(
                "--output", "target", type=file, required=True, help="File to write: .docx, .pdf or .txt."
            ),
            click.option(
                "--template", type=file, default=None, help="Word template; default the catalogue's."
            ),
            click.option("--number", default="", help="Number of the document; default a blank."),
            click.option(
                "--date",
                "dated",
                callback=_dated,
                default=None,
                help="Day of signing; default a blank.",
            ),
            click.option("--signer", default="", help="Name of who signs; default a blank."),
        )
    ):
        command = option(command)
    return command


@report.command("unit")
@click.argument("unit")
@click.option(
    "--publication", required=True, help="Publication of province.yaml whose figures are told: so-gddt-2022."
)
@_options
def report_unit(unit: str, publication: str, release_id: str | None, **options: Any) -> None:
    """Write the report of UNIT with the figures of a publication in the newest release."""
    catalogue = night.catalogue()
    known_unit(catalogue, unit)
    _write(reports.unit(night.ready_warehouse(), catalogue, unit, publication, release_id), **options)


@report.command("periodic")
@PERIOD
@CALENDAR
@_options
def report_periodic(period: str, calendar: str, release_id: str | None, **options: Any) -> None:
    """Write the province's report of a closed period, or of one that a release has."""
    asked = asked_period(period, calendar)
    _write(reports.periodic(night.ready_warehouse(), night.catalogue(), asked, release_id), **options)


@report.command("template")
@click.option(
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(document.NAME),
    show_default=True,
    help="File to write.",
)
def report_template(target: Path) -> None:
    """Copy the shipped Word template, to edit it in Word and keep it as reports/bao-cao.docx of your catalogue."""
    if target.exists():
        raise ConfigurationError(f"{target} is there already: name another file with --output")
    output.save(target, document.shipped_template())


def _write(
    narrative: Narrative, target: Path, template: Path | None, number: str, dated: date | None, signer: str
) -> None:
    head = replace(narrative.head, number=number.strip(), dated=dated, name=signer.strip())
    narrative = replace(narrative, head=head)
    kind = target.suffix.lower()
    if kind == ".txt":
        body = document.text(narrative).encode()
    elif kind in (".docx", ".pdf"):
        body = document.render(narrative, *_template(template))
        body = pdf.convert(body) if kind == ".pdf" else body
    else:
        raise ConfigurationError(f"{target}: name a file that ends in .docx, .pdf or .txt")
    output.save(target, body)
    for note in narrative.notes:
        say(f"Ghi chú: {note}")
    missing = sum(use.figure.value is None for use in narrative.trace.uses.values())
    say(
        f"{len(narrative.trace.uses)} số liệu từ {narrative.edition.name}, trong đó {missing} chưa có giá trị"
    )


def _template(path: Path | None) -> tuple[bytes, str]:
    if path is None:
        return document.template(settings().catalogue)
    try:
        return path.read_bytes(), str(path)
    except OSError as error:
        raise ConfigurationError(f"template {path} cannot be read: {error.strerror}") from None
