"""The procedures: a list of those with dossiers in the report month, and a page for each with its units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from cchc.indicators import periods
from cchc.indicators.numbers import printed
from cchc.publishing.forms.layouts import Layout
from cchc.publishing.portal.addresses import procedure_page, slug, unit_page
from cchc.publishing.portal.view import View
from cchc.publishing.procedures import Procedure, ProcedureRow
from cchc.publishing.workbooks.headings import headings

#: What the list shows of a form, by what units call the number, with its short name there (Vietnamese).
_LISTED = {
    "to_handle": "Tiếp nhận",
    "finished": "Đã giải quyết",
    "finished_late": "Giải quyết quá hạn",
    "in_process": "Đang giải quyết",
}
_LEVELS = {"full": "toàn trình", "partial": "một phần"}


@dataclass(frozen=True)
class UnitLine:
    """One unit's dossiers of a procedure, as printed; None: not known, or not public."""

    name: str
    href: str  # from the root; empty where the unit has no page
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class Entry:
    """One procedure with the units that have dossiers of it."""

    procedure: Procedure
    lines: tuple[UnitLine, ...]
    total: tuple[str | None, ...]  # of these units together: of a column only where every one is known


@dataclass(frozen=True)
class Listed:
    """A column of the list."""

    place: int  # among the columns of the form
    title: str
    code: str


def pages(view: View) -> Iterator[tuple[str, bytes]]:
    """Yield the list of procedures, then the page of each, by code."""
    period = periods.of_publication("report_month", view.day)
    layout = view.procedure_layout
    entries = list(_entries(view, layout)) if layout else []
    yield view.page(
        "thu-tuc/index.html",
        "procedures.html.j2",
        "Thủ tục hành chính",
        period=period,
        layout=layout,
        entries=entries,
        columns=list(_listed(layout)) if layout else [],
    )
    if layout is None:
        return
    cells = list(headings([column.heads for column in layout.columns]))
    for entry in entries:
        yield view.page(
            procedure_page(entry.procedure.code),
            "procedure.html.j2",
            entry.procedure.title or f"Thủ tục {entry.procedure.code}",
            period=period,
            layout=layout,
            heads_of_form=cells,
            entry=entry,
            level=level(entry.procedure.online_level),
        )


def level(code: str | None) -> str | None:
    """Return an online level in words: `toàn trình`, `một phần`, `mức độ 3` (of before Nghị định 42/2022/NĐ-CP)."""
    return None if code is None else _LEVELS.get(code, f"mức độ {code}")


def _listed(layout: Layout) -> Iterator[Listed]:
    places = {column.reported: place for place, column in enumerate(layout.columns)}
    for reported, title in _LISTED.items():
        if reported in places:
            place = places[reported]
            yield Listed(place, title, layout.columns[place].code)


def _entries(view: View, layout: Layout) -> Iterator[Entry]:
    rows: dict[str, list[ProcedureRow]] = defaultdict(list)
    for row in view.content.procedure_rows:
        rows[row.procedure_code].append(row)
    order = {unit.code: place for place, unit in enumerate(view.units)}
    columns = [column.code for column in layout.columns]
    for code, procedure in sorted(view.content.procedures.items()):
        own = sorted(rows[code], key=lambda row: (order.get(row.unit_code, len(order)), row.unit_code))
        lines = tuple(_line(view, row, columns, order) for row in own)
        yield Entry(procedure, lines, _total(own, columns))


def _line(view: View, row: ProcedureRow, columns: Sequence[str], shown: Mapping[str, int]) -> UnitLine:
    unit = row.unit_code
    href = f"{unit_page(unit)}#tt-{slug(row.procedure_code)}" if unit in shown else ""
    return UnitLine(view.names.get(unit, unit), href, tuple(_printed(row.values[c]) for c in columns))


def _total(rows: Sequence[ProcedureRow], columns: Sequence[str]) -> tuple[str | None, ...]:
    """Return the sums by column; where one unit's number is not known the sum is not, or it would tell the number."""
    found: list[str | None] = []
    for code in columns:
        values = [row.values[code] for row in rows]
        known = [value for value in values if value is not None]
        found.append(_printed(sum(known)) if values and len(known) == len(values) else None)
    return tuple(found)


@lru_cache(maxsize=16384)
def _printed(value: int | None) -> str | None:
    return None if value is None else printed(Decimal(value))
