"""The units: a page for each with all its numbers, what they open to, and where they come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cchc.catalogue.indicators import Indicator
from cchc.indicators import inspections
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.scoring.own import OwnPart
from cchc.publishing import points
from cchc.publishing.content import SourceState
from cchc.publishing.forms.layouts import Layout
from cchc.publishing.forms.rows import Form
from cchc.publishing.forms.workbook import notes as form_notes
from cchc.publishing.notes import Notes
from cchc.publishing.points import Line, Points
from cchc.publishing.portal import earned, publications, ranking, trends
from cchc.publishing.portal.addresses import unit_page
from cchc.publishing.portal.earned import GroupEarned
from cchc.publishing.portal.view import View, waiting_workbook
from cchc.publishing.procedures import ProcedureRow
from cchc.publishing.tables import Table
from cchc.publishing.waiting import Waiting
from cchc.publishing.workbooks.headings import Heading, headings
from cchc.quality.scorecard import UnitCard

BAND_SIGNS = {"good": "●", "fair": "!", "poor": "✕"}  # a sign that needs no colour


@dataclass(frozen=True)
class Score:
    """The points of a unit under one index: groups with their sums, and the components of each."""

    own: Points
    lines: tuple[Line, ...]
    parts: Mapping[str, Sequence[Sequence[OwnPart]]]  # group → component → one part a rule version
    earned: Sequence[GroupEarned]  # how it came about
    notes: Notes


@dataclass(frozen=True)
class Shown:
    """A publication as a unit's page shows it: the numbers there are, with what proves them, and what is missing."""

    table: Table
    known: tuple[tuple[Indicator, IndicatorValue, tuple[str, ...]], ...]
    missing: tuple[tuple[Indicator, str], ...]  # with the reason
    notes: Notes


@dataclass(frozen=True)
class _Known:
    """What all pages share, worked out once."""

    ranks: Mapping[str, ranking.Line]
    forms: Mapping[str, Mapping[str, Form]]  # unit → form code → form
    rows: Mapping[str, Sequence[ProcedureRow]]
    tables: Mapping[str, Sequence[Table]]
    sources: Mapping[str, Sequence[SourceState]]


def pages(view: View) -> Iterator[tuple[str, bytes]]:
    """Yield the list of units, the province's page and each unit's."""
    yield view.page("don-vi/index.html", "units.html.j2", "Đơn vị")
    known = _known(view)
    for code in (view.content.province_code, *(unit.code for unit in view.units)):
        yield _page(view, code, known)


def _known(view: View) -> _Known:
    ranks = {line.unit.code: line for units in view.groups.values() for line in ranking.ranked(view, units)}
    forms: dict[str, dict[str, Form]] = defaultdict(dict)
    for code, made in view.content.forms.items():
        for form in made:
            forms[form.unit_code][code] = form
    rows: dict[str, list[ProcedureRow]] = defaultdict(list)
    for row in view.content.procedure_rows:
        rows[row.unit_code].append(row)
    tables: dict[str, list[Table]] = defaultdict(list)
    for table in view.content.tables:
        if not publications.is_shown(view, table):
            for row_of in table.rows:
                tables[row_of.unit_code].append(table)
    sources: dict[str, list[SourceState]] = defaultdict(list)
    for source in view.content.sources:
        sources[source.unit_code].append(source)
    return _Known(ranks, forms, rows, tables, sources)


def _page(view: View, code: str, known: _Known) -> tuple[str, bytes]:
    province = code == view.content.province_code
    line = known.ranks.get(code)
    ranks = {own.value.indicator_code: own.rank for own in line.values} if line else {}
    form = known.forms.get(code, {}).get("ii06a")
    shown = [_shown(view, table, code) for table in known.tables.get(code, ())]
    register = view.content.inspections
    return view.page(
        unit_page(code),
        "unit.html.j2",
        "Toàn tỉnh" if province else view.names[code],
        code=code,
        group=None if province else view.catalogue.unit(code).group,
        notes=view.notes("gc", is_closed=view.revision is not None),
        values=[view.value(code, one) for one in view.indicators],
        before=_before(view, code),
        ranks=ranks,
        drawings=trends.of_unit(view, code),
        scores=[_score(view, own, code) for own in view.content.points],
        tables=shown,
        findings=[f for f in register.findings if province or f.unit_code == code] if register else [],
        register=register,
        states=inspections.STATES,
        topics=inspections.TOPICS,
        kinds=inspections.KINDS,
        form=form,
        form_notes=form_notes(form) if form else (),
        form_heads=_heads(form.layout if form else None),
        procedure_heads=_heads(view.procedure_layout),
        procedure_rows=sorted(known.rows.get(code, ()), key=_most_first),
        sources=known.sources.get(code, ()),
        card=_card(view, code),
        signs=BAND_SIGNS,
        to_correct=_to_correct(view, code) if view.is_internal else {},
        workbook_of=waiting_workbook,
        paged={unit.code for unit in view.units},
    )


def _shown(view: View, table: Table, code: str) -> Shown:
    (row,) = (row for row in table.rows if row.unit_code == code)
    pairs = list(zip(table.indicators, row.values, strict=True))
    # a publication of one unit says of each of its numbers what it is, or why it is not known
    many = len(table.rows) > 1
    return Shown(
        table,
        tuple(
            (own, value, view.content.evidence.get((table.code, code, own.code), ()))
            for own, value in pairs
            if value.printed is not None or not many
        ),
        tuple((own, value.reason or "") for own, value in pairs if value.printed is None and many),
        view.notes(table.code),
    )


def _before(view: View, code: str) -> dict[str, str | None]:
    """Return what each indicator was the month before, as printed."""
    if len(view.months) < 2:
        return {}
    return {one: view.months[-2].values[code, one].printed for one in view.indicators}


def _heads(layout: Layout | None) -> list[Heading]:
    return [] if layout is None else list(headings([column.heads for column in layout.columns]))


def _most_first(row: ProcedureRow) -> tuple[Any, ...]:
    first = next(iter(row.values.values()), None)
    return first is None, -(first or 0), row.procedure_code


def _score(view: View, own: Points, code: str) -> Score:
    parts: dict[str, dict[str, list[OwnPart]]] = defaultdict(lambda: defaultdict(list))
    for of_version in own.by_unit[code].values():
        for part in of_version:
            parts[part.group.code][part.component.code].append(part)
    by_group = {group: list(components.values()) for group, components in parts.items()}
    lines = tuple(points.of_unit(own, code))
    notes = view.notes(f"diem-{own.index.code}", is_closed=own.revision is not None)
    came = earned.of_unit(own, code, lines, view.source_names)
    return Score(own, lines, by_group, came, notes)


def _card(view: View, code: str) -> UnitCard | None:
    """Return how good a unit's data is, for insiders; of the province only where anything was judged of it itself."""
    card = view.content.cards.get(code) if view.is_internal else None
    judged = card is not None and any(mark.share is not None for mark in card.marks)
    return card if judged or code != view.content.province_code else None


def _to_correct(view: View, code: str) -> Mapping[str, Waiting]:
    """Return what waits to be corrected of the unit, or of every unit on the province's page."""
    waiting = view.content.waiting
    if code != view.content.province_code:
        return {code: waiting[code]} if code in waiting else {}
    order = {unit.code: place for place, unit in enumerate(view.catalogue.units)}
    return dict(sorted(waiting.items(), key=lambda one: (order.get(one[0], len(order)), one[0])))
