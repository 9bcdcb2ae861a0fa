"""A printed form that officers fill in (II.06a, 07a): columns are found by their headings, rows are added up.

A group's row (I, 1, CẤP TỈNH) that has numbers must be the sum of the rows below it, and so must its own total (Cộng);
what stands under Trong đó is part of the row above it and may not be more. A form has a total of all, which is the
control: a row that is read as what it is not makes a difference. What is empty all the way down stays missing: no row
is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from datetime import date
from typing import Any

from cchc.sources.door.screen import shown
from cchc.sources.formats.cells import as_number, as_text
from cchc.sources.formats.forms.groups import Table, agreed, sum_of
from cchc.sources.formats.forms.rows import read, texts_of
from cchc.sources.formats.isolation import BadWorkbook, Broken, Cell
from cchc.sources.formats.layout import FormLayout
from cchc.sources.formats.tables.headings import JOINT, Merged, MissingHeading, paths
from cchc.sources.texts import label

_WITHIN = 40  # rows above the headings
DEEPEST = 4  # rows of headings
_MOST_ROWS = 20_000
_COLUMN_NUMBER = re.compile(r"[(\[]\d{1,2}[)\]]\s*(?:=[\d\s()+–-]*)?\Z")
_NOT = tuple(f"{word} " for word in ("không", "không được", "chưa", "chưa được", "chờ"))


def records(
    rows: Iterator[list[Cell]], merged: Merged, layout: FormLayout, period: tuple[date, date]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a record (measure, from, to, value, column) of each measure that the form states, and its place.

    Raises `MissingHeading`, or `BadWorkbook` where the rows do not add up to the total of all or a row cannot be
    placed, naming row and column.
    """
    sheet: list[list[Cell]] = []
    for row in rows:
        sheet.append(row)
        if len(sheet) > _MOST_ROWS:
            raise BadWorkbook(f"a form of more than {_MOST_ROWS} rows is none")
    table = _find(sheet, merged, layout)
    roots, total = read(sheet, table, layout)
    for measure, at in table.columns.items():
        value = agreed(total, measure, sum_of(roots, measure, table), table)
        if value is not None:
            yield (
                f" column {_letters(at)}",
                {
                    "measure": measure,
                    "from": f"{period[0]:%d/%m/%Y}",
                    "to": f"{period[1]:%d/%m/%Y}",
                    "value": as_text(value, None) if isinstance(value, Broken) else as_number(value),
                    "column": table.heads[measure],
                },
            )


def rows_above(sheet: Sequence[Sequence[Cell]], layout: FormLayout) -> int:
    """Return how many rows stand above the headings: title and notes. Raises `MissingHeading`."""
    return _anchors(sheet, layout)[0][0]


def _anchors(sheet: Sequence[Sequence[Cell]], layout: FormLayout) -> list[tuple[int, int]]:
    """Return where the heading of the names of rows stands, by row and column."""
    names = {label(text) for text in layout.row_head}
    found = [
        (row, column)
        for row, cells in enumerate(sheet[:_WITHIN])
        for column, cell in enumerate(cells)
        if isinstance(cell, str) and _heading(cell) in names
    ]
    if not found:
        raise MissingHeading(f"heading {layout.row_head[0]} is missing", 0)
    return found


def _find(sheet: list[list[Cell]], merged: Merged, layout: FormLayout) -> Table:
    best: MissingHeading | None = None
    for row, column in _anchors(sheet, layout):
        own = [bottom for top, left, bottom, _ in merged if (top, left) == (row, column)]
        for last in dict.fromkeys([*own, *range(row, min(row + DEEPEST, len(sheet)))]):
            try:
                place = last + 1, column, texts_of(sheet[: last + 1])
                return _table(paths(sheet, merged, row, last), *place, layout)
            except MissingHeading as missing:
                if best is None or missing.found > best.found:
                    best = missing
    assert best is not None  # noqa: S101  there is an anchor, and each of its readings failed
    raise best


def _table(
    heads: list[tuple[str, ...]], first: int, name: int, texts: frozenset[str], layout: FormLayout
) -> Table:
    labels = [tuple(map(_heading, path)) for path in heads]
    totals = {label(text) for text in layout.total}
    columns: dict[str, int] = {}
    missing: list[str] = []
    for measure, writings in layout.columns.items():
        found = {at for text in writings for at, path in enumerate(labels) if _fits(path, text, totals)}
        if len(found) > 1:
            raise MissingHeading(f"heading {writings[0]} stands twice", len(columns))
        if found:
            columns[measure] = found.pop()
        elif measure not in layout.optional:
            missing.append(writings[0])
    if missing:
        raise MissingHeading(f"heading {', '.join(missing)} is missing", len(columns))
    places = list(columns.values())
    for measure, at in columns.items():
        if places.count(at) > 1:
            raise MissingHeading(
                f"heading {shown(JOINT.join(heads[at]))} is two measures, one of them {measure}", 0
            )
    orders = {label(text) for text in layout.order}
    order = next((at for at, path in enumerate(labels) if path and path[-1] in orders), None)
    return Table(
        first, order, name, columns, {m: shown(JOINT.join(heads[at])) for m, at in columns.items()}, texts
    )


def _heading(text: str) -> str:
    """Return a heading as it is compared: without the number of its column, which may stand in the same cell."""
    return _COLUMN_NUMBER.sub("", label(text)).rstrip(" :*.")


def _fits(path: Sequence[str], text: str, totals: Set[str]) -> bool:
    """Whether a column's headings are those of a profile: the own one the same, of those above it the words a part.

    A total is that of the heading right above it: Tiếp nhận / Trong kỳ / Tổng số is no Tiếp nhận / Tổng số. What is not
    received yet (Chờ tiếp nhận) is not received.
    """
    *above, own = (label(part) for part in text.split(JOINT))
    if not path or path[-1] != own:
        return False
    rest = iter(path[:-1])
    has_above = all(any(_says(head, part) for head in rest) for part in above)
    return has_above and not (own in totals and any(rest))


def _says(head: str, part: str) -> bool:
    before, found, _ = head.partition(part)
    return bool(found) and not before.endswith(_NOT)


def _letters(at: int) -> str:
    letters, at = "", at + 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
