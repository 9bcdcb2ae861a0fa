"""`cchc delivery`: deliveries that were held, and a person's decision about them."""

from __future__ import annotations

import getpass
import sys
from uuid import UUID

import click

from cchc import mending, night, output
from cchc.commands.options import FORMAT, OUTCOME_COLUMNS, say
from cchc.quality import deliveries

_BY = click.option(
    "--by", default=getpass.getuser, show_default="the user of this terminal", help="Who decides."
)
_REASON = click.option("--reason", required=True, help="Why; it is kept with the decision.")


@click.group()
def delivery() -> None:
    """Show deliveries that were held back, and approve or reject them."""


@delivery.command("list")
@FORMAT
def delivery_list(form: output.Format) -> None:
    """Print the deliveries that wait for a decision."""
    output.write((held.__dict__ for held in mending.held_deliveries()), deliveries.COLUMNS, form)


@delivery.command("show")
@click.argument("delivery_id", type=click.UUID)
@FORMAT
def delivery_show(delivery_id: UUID, form: output.Format) -> None:
    """Print one delivery: why it was held, what its rows broke, what was decided."""
    found = deliveries.show(night.ready_warehouse(), delivery_id)
    rows = ({"field": key, "value": value} for key, value in found.items())
    output.write(rows, (("field", "Trường"), ("value", "Giá trị")), form)


@delivery.command("approve")
@click.argument("delivery_id", type=click.UUID)
@_BY
@_REASON
@FORMAT
def delivery_approve(delivery_id: UUID, by: str, reason: str, form: output.Format) -> None:
    """Believe a held delivery and load it now."""
    summary = mending.approve_delivery(delivery_id, by, reason)
    output.write((row.told() for row in summary.rows), OUTCOME_COLUMNS, form)
    if not all(row.is_good for row in summary.rows):
        sys.exit(1)
    say(
        f"loaded; `cchc publish --day {summary.reporting_day}` puts it into a release, as the next night does"
    )


@delivery.command("reject")
@click.argument("delivery_id", type=click.UUID)
@_BY
@_REASON
def delivery_reject(delivery_id: UUID, by: str, reason: str) -> None:
    """Do not believe a delivery: the last good data stays. One that was loaded is taken back."""
    taken_back = mending.reject_delivery(delivery_id, by, reason)
    say(f"delivery {delivery_id} rejected by {by}")
    if taken_back is not None:
        say(
            f"its source was rebuilt without it; `cchc publish --day {taken_back.reporting_day}` publishes that"
        )
        if not all(row.is_good for row in taken_back.rows):
            sys.exit(1)
