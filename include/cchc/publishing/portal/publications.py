"""The publications that are about many units and are not the month that rankings show: a page for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cchc.publishing.portal.view import View
from cchc.publishing.tables import Row, Table


def pages(view: View) -> Iterator[tuple[str, bytes]]:
    """Yield a page for each such publication."""
    never = {s.code for s in view.content.sources if s.fresh_to is None}
    for table in of_many(view):
        yield view.page(
            publication_page(table),
            "publication.html.j2",
            table.title,
            table=table,
            notes=view.notes(table.code),
            up_to={row.unit_code: _up_to(row, never) for row in table.rows},
            known_units={view.content.province_code, *(unit.code for unit in view.units)},
            late={row.unit_code for row in table.rows if any(v.lacking for v in row.values)},
        )


def publication_page(table: Table) -> str:
    """Return the path of a publication's page."""
    return f"cong-bo/{table.code}.html"


def of_many(view: View) -> list[Table]:
    """Return the publications that have a page of their own."""
    return [t for t in view.content.tables if len(t.rows) != 1 and not is_shown(view, t)]


def is_shown(view: View, table: Table) -> bool:
    """Whether a publication says what the pages of the month say already: the same set over the same days."""
    history = view.content.history
    if history is None or table.set_code != history.set_code:
        return False
    current = history.current.period
    return (table.period.start, table.period.end) == (current.start, current.end)


def _up_to(row: Row, never: Collection[str]) -> str:
    """Return how far the stalest source of a unit's numbers has delivered; `never`: those that are not whole yet."""
    oldest = min((v.fresh_to for v in row.values if v.fresh_to is not None), default=None)
    if oldest is None:
        return "chưa có"
    if any(code in never for v in row.values for code in v.lacking):
        return "chưa đủ"
    return f"{oldest:%d/%m/%Y}"
