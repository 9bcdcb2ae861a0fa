"""`cchc reconcile`: our numbers beside those that others publish about us."""

from __future__ import annotations

import click

from cchc import night, output
from cchc.catalogue.indicators import Measure
from cchc.catalogue.models import Catalogue
from cchc.commands.options import CALENDAR, FORMAT, PERIOD, asked_period, known_unit, say
from cchc.errors import ConfigurationError
from cchc.indicators import official as reconciling
from cchc.indicators import provenance
from cchc.indicators import systems as standing_apart
from cchc.indicators import twins as standing_twice
from cchc.indicators.compute import stated_twice
from cchc.indicators.scoring import own
from cchc.publishing.forms import layouts, stated
from cchc.settings import settings


@click.group()
def reconcile() -> None:
    """Compare our numbers with published ones."""


@reconcile.command("official")
@PERIOD
@CALENDAR
@click.option("--unit", "units", multiple=True, help="Unit code; default the province and all its units.")
@click.option("--group", default=None, help="Only this group of the index, e.g. progress.")
@click.option(
    "--version", default="portal-2026", show_default=True, help="Rule version: written or portal-2026."
)
@click.option("--all", "everything", is_flag=True, help="Also what is the same, or known to one side alone.")
@FORMAT
def official(
    period: str,
    calendar: str,
    units: tuple[str, ...],
    group: str | None,
    version: str,
    everything: bool,
    form: output.Format,
) -> None:
    """Print where the national portal's scores of Bộ chỉ số 766 are not ours, and the likely cause."""
    catalogue = night.catalogue()
    scores = catalogue.score_set("qd766")
    if group is not None:
        scores = scores.model_copy(update={"groups": (scores.group(group),)})
    span = reconciling.month(asked_period(period, calendar))
    in_office = tuple(u.code for u in catalogue.units_on(span.end))
    chosen = tuple(known_unit(catalogue, u) for u in units) or in_office
    with night.ready_warehouse().connect() as connection:
        published = reconciling.published(connection, chosen, span)
        ours = own.score_units(connection, catalogue, scores, version, chosen, span)
    found = list(reconciling.pairs(catalogue, scores, version, chosen, published, ours))
    rows = (pair.row() for pair in found if everything or pair.is_apart)
    title = f"{scores.title}, {span.title()}, quy tắc {version}"
    printed = output.write(rows, reconciling.COLUMNS, form, title=title)
    say(reconciling.summary(found))
    if printed < len(found):
        say("Chỉ in các dòng khác nhau; thêm --all để xem tất cả")
    say("Hồ sơ sau một số của tỉnh: cchc explain MÃ --unit ĐƠN_VỊ --period KỲ --calendar calendar --records")


@reconcile.command("reported")
@PERIOD
@CALENDAR
@click.option("--unit", "units", multiple=True, help="Unit code; default every unit.")
@click.option("--set", "set_code", default=None, help="Only measures of this indicator set.")
@FORMAT
def reported(
    period: str, calendar: str, units: tuple[str, ...], set_code: str | None, form: output.Format
) -> None:
    """Compare what units report with their records, and say which of the two is the number."""
    catalogue = night.catalogue()
    span = asked_period(period, calendar)
    measures = _paired(catalogue, set_code)
    chosen = tuple(known_unit(catalogue, u) for u in units) or (catalogue.province.code,)
    with night.ready_warehouse().connect() as connection:
        found = stated_twice(connection, catalogue, measures, chosen, span)
    rows = (cell.row() for cell in found)
    output.write(rows, provenance.COLUMNS, form, title=f"Báo cáo và dữ liệu chi tiết, {span.title()}")
    say(f"{len(found)} số có ở cả hai bên, {sum(bool(cell.difference) for cell in found)} số khác nhau")
    say("Hồ sơ của một số: cchc explain CHỈ_TIÊU --unit ĐƠN_VỊ --period KỲ --records")


@reconcile.command("form")
@click.argument("form_code", metavar="FORM")
@PERIOD
@CALENDAR
@click.option("--unit", "units", multiple=True, help="Unit code; default every unit.")
@FORMAT
def form_stated(
    form_code: str, period: str, calendar: str, units: tuple[str, ...], form: output.Format
) -> None:
    """Compare a form (ii06a) as units state it with the same form counted from their dossiers."""
    catalogue = night.catalogue()
    span = asked_period(period, calendar)
    layout = layouts.load(settings().catalogue, form_code)
    in_office = tuple(u.code for u in catalogue.units_on(span.end))
    chosen = tuple(known_unit(catalogue, u) for u in units) or in_office
    found = stated.compare(night.ready_warehouse(), catalogue, layout, chosen, span)
    title = f"{layout.number}: đơn vị báo cáo và dữ liệu chi tiết, {span.title()}"
    output.write((pair.row() for pair in found), stated.COLUMNS, form, title=title)
    say(f"{len(found)} ô đơn vị có báo cáo, {sum(bool(pair.difference) for pair in found)} ô khác nhau")
    say("Hồ sơ của một ô: cchc explain Ô --unit ĐƠN_VỊ --period KỲ --records")


@reconcile.command("systems")
@PERIOD
@CALENDAR
@click.option("--unit", "units", multiple=True, help="Unit code; default every unit.")
@click.option(
    "--dossiers", "listed", is_flag=True, help="List the dossiers that differ instead of the counts."
)
@FORMAT
def systems(period: str, calendar: str, units: tuple[str, ...], listed: bool, form: output.Format) -> None:
    """Compare what two systems of a unit received: what only one of them has, and what differs."""
    catalogue = night.catalogue()
    span = asked_period(period, calendar)
    chosen = tuple(known_unit(catalogue, u) for u in units) or tuple(u.code for u in catalogue.units)
    with night.ready_warehouse().connect() as connection:
        pairs = standing_apart.compare(connection, chosen, span)
    title = f"Hai hệ thống của một đơn vị, hồ sơ tiếp nhận {span.title()}"
    if listed:
        rows = (dossier.row() for pair in pairs for dossier in pair.dossiers)
        output.write(rows, standing_apart.COLUMNS_OF_DOSSIER, form, title=title)
    else:
        output.write((pair.__dict__ for pair in pairs), standing_apart.COLUMNS_OF_PAIR, form, title=title)
    apart = sum(len(pair.dossiers) for pair in pairs)
    say(f"{len(pairs)} cặp hệ thống, {apart} hồ sơ chênh lệch")


@reconcile.command("dossiers")
@click.option("--unit", "units", multiple=True, help="Unit code; default every unit.")
@FORMAT
def dossiers(units: tuple[str, ...], form: output.Format) -> None:
    """List dossiers that stand in two systems, which of the two counts, and where they differ."""
    catalogue = night.catalogue()
    chosen = tuple(known_unit(catalogue, u) for u in units) or tuple(u.code for u in catalogue.units)
    with night.ready_warehouse().connect() as connection:
        found = standing_twice.twins(connection, chosen)
    output.write(found, standing_twice.COLUMNS_SHOWN, form, title="Hồ sơ có ở nhiều hệ thống")
    say(f"{len(found)} cặp, {sum(bool(pair['differing']) for pair in found)} cặp khác nội dung")


def _paired(catalogue: Catalogue, set_code: str | None) -> list[Measure]:
    paired = [m for m in catalogue.measures.values() if m.reported is not None]
    if set_code is not None:
        used = {t.measure for i in catalogue.indicator_set(set_code).indicators for t in i.terms()}
        paired = [m for m in paired if m.code in used]
    if not paired:
        where = f"of the indicator set {set_code}" if set_code else "in measures.yaml"
        raise ConfigurationError(
            f"no measure {where} names what units report of the same: add `reported: <code>` to one"
        )
    return paired
