"""`cchc rules`: the named on-time rules, and the same dossiers under two of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import click

from cchc import night, output
from cchc.commands.options import CALENDAR, FORMAT, PERIOD, asked_period, known_unit, say
from cchc.indicators import compute, due_dates, rule_comparison, words
from cchc.indicators.listing import Codes
from cchc.settings import settings


@click.group()
def rules() -> None:
    """Show the on-time rules and what they make of the same dossiers."""


@rules.command("list")
@FORMAT
def rules_list(form: output.Format) -> None:
    """Print every on-time rule, what it means and which sources are read under it."""
    catalogue = night.catalogue()
    used: dict[str, list[str]] = {}
    for source in catalogue.sources.values():
        used.setdefault(catalogue.profile_of(source).on_time_rule, []).append(source.code)
    rows = (
        {"rule": rule, "meaning": words.ON_TIME_RULES[rule], "sources": len(used.get(rule, []))}
        for rule in rule_comparison.RULES
    )
    output.write(rows, (("rule", "Quy tắc"), ("meaning", "Nội dung"), ("sources", "Số nguồn")), form)


@rules.command("compare")
@click.argument("first")
@click.argument("second")
@click.option("--unit", required=True, help="Unit code; the province's own (shipped: H14) for all units.")
@PERIOD
@CALENDAR
@FORMAT
def rules_compare(
    first: str, second: str, unit: str, period: str, calendar: str, form: output.Format
) -> None:
    """List the dossiers that ended in the period and that FIRST and SECOND judge differently.

    Those of the province are listed without dossier codes, as `cchc explain` does.
    """
    catalogue = night.catalogue()
    span = asked_period(period, calendar)
    subject = compute.subject_of(catalogue, known_unit(catalogue, unit), span)
    tally = rule_comparison.Tally()
    found = rule_comparison.compare(night.ready_warehouse(), subject.members, span, first, second, tally)
    found = _shown(found, subject.whole)
    output.write(found, rule_comparison.COLUMNS, form, title=f"{first} – {second}, {span.title()}")
    say(tally.sentence(first, second))


@rules.command("due")
@click.option("--unit", required=True, help="Unit code; the province's own (shipped: H14) for all units.")
@PERIOD
@CALENDAR
@click.option("--all", "every", is_flag=True, help="Every dossier, not only those that differ.")
@FORMAT
def rules_due(unit: str, period: str, calendar: str, every: bool, form: output.Format) -> None:
    """Set the declared due dates of dossiers against those that the procedures' terms give in working days.

    Those of the province are listed without dossier codes, as `cchc explain` does.
    """
    catalogue = night.catalogue()
    span = asked_period(period, calendar)
    subject = compute.subject_of(catalogue, known_unit(catalogue, unit), span)
    tally: Counter[str] = Counter()
    found = due_dates.compare(night.ready_warehouse(), subject.members, span, tally, every=every)
    found = _shown(found, subject.whole)
    output.write(found, due_dates.COLUMNS, form, title=span.title())
    say(due_dates.sentence(tally))


def _shown(found: Iterable[dict[str, Any]], together: bool) -> Iterator[dict[str, Any]]:
    """Yield dossiers with the codes they are shown under; says what the codes are where they are not their own."""
    codes = Codes(together, settings().pseudonym_key)
    if codes.note:
        say(codes.note)
    for place, row in enumerate(found, start=1):
        shown = codes.shown("dossier", {**row, "record_code": row["dossier_code"]}, place)
        yield {**row, "dossier_code": shown["record_code"]}
