"""`cchc quarantine`: the rows that were kept out of the numbers."""

from __future__ import annotations

import getpass
import sys
from datetime import date

import click

from cchc import mending, night, output
from cchc.commands.options import DAY, FORMAT, OUTCOME_COLUMNS, known_source, say
from cchc.errors import ConfigurationError
from cchc.quality import quarantine as quarantined


@click.group()
def quarantine() -> None:
    """Show, waive and replay rows that were kept out of the numbers."""


@quarantine.command("list")
@click.option("--unit", default=None)
@click.option("--source", "source_code", default=None)
@click.option("--rule", default=None)
@click.option("--state", type=click.Choice([*quarantined.STATES, "all"]), default="open", show_default=True)
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


@quarantine.command("waive")
@click.argument("item_id", type=int)
@click.option(
    "--by", default=getpass.getuser, show_default="the user of this terminal", help="Who lets it be."
)
@click.option("--reason", required=True, help="Why; it is kept with the row.")
def quarantine_waive(item_id: int, by: str, reason: str) -> None:
    """Ask no more about a row as it is; it stays out of the numbers."""
    quarantined.waive(night.ready_warehouse(), item_id, by, reason)
    say(f"item {item_id} waived by {by}; it opens again when the source changes the row")


@quarantine.command("replay")
@click.option("--source", "source_codes", multiple=True, required=True, help="May be given several times.")
@DAY
@FORMAT
def quarantine_replay(source_codes: tuple[str, ...], day: date, form: output.Format) -> None:
    """Rebuild sources from landing after a mapping or a rule was mended; nothing is pulled."""
    catalogue = night.catalogue()
    codes = [known_source(catalogue, code).code for code in source_codes]
    run_id = mending.replay(codes, day)
    summary = night.close_run(run_id)
    output.write((r.told() for r in summary.rows), OUTCOME_COLUMNS, form)
    if summary.failed:
        sys.exit(1)
