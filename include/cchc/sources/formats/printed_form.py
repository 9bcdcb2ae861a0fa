"""A printed form that officers fill in (II.06a, 07a): columns are found by their headings, rows are added up.

A group's row (I, 1) that has numbers must be the sum of the rows below it, and Tổng cộng the sum of the groups. What is
empty all the way down stays missing: no row is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from cchc.sources.formats.cells import amount, written
from cchc.sources.formats.headings import JOINT, Merged, MissingHeading, is_numbers, paths
from cchc.sources.formats.isolation import BadWorkbook, Broken, Cell
from cchc.sources.formats.layout import FormLayout
from cchc.sources.formats.unread import mark
from cchc.sources.texts import label

_WITHIN = 40  # rows above the headings
_DEEPEST = 4  # rows of headings
_MOST_ROWS = 20_000
_ROMAN = re.compile(r"[IVXLC]+|[A-Z]")
_PLAIN = re.compile(r"\d{1,4}")
_DOTTED = re.compile(r"\d{1,4}(?:\.\d{1,4})+")
_UNDER_ALL = 99  # depth of a row without a number

Amount = Decimal | Broken | None


@dataclass
class _Row:
    number: int
    name: str
    depth: int
    values: dict[str, Amount]
    below: list[_Row] = field(default_factory=list)


@dataclass(frozen=True)
class _Table:
    """Where things stand: the first row below the headings, and the columns."""

    first: int
    order: int | None
    name: int
    columns: dict[str, int]
    heads: dict[str, str]


def records(
    rows: Iterator[list[Cell]], merged: Merged, layout: FormLayout, period: tuple[date, date]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a record (measure, from, to, value, column) of each measure that the form states, and its place.

    Raises `MissingHeading`, or `BadWorkbook` where the rows do not add up, naming the column.
    """
    sheet: list[list[Cell]] = []
    for row in rows:
        sheet.append(row)
        if len(sheet) > _MOST_ROWS:
            raise BadWorkbook(f"a form of more than {_MOST_ROWS} rows is none")
    table = _find(sheet, merged, layout)
    roots, total = _read(sheet, table, layout)
    if not roots and total is None:
        raise BadWorkbook("it has headings and no row with numbers")
    for measure, at in table.columns.items():
        added = _sum(roots, measure, table, None)
        value = added if total is None else _agreed(total, measure, added, table)
        if value is not None:
            yield (
                f" column {_letters(at)}",
                {
                    "measure": measure,
                    "from": f"{period[0]:%d/%m/%Y}",
                    "to": f"{period[1]:%d/%m/%Y}",
                    "value": mark("error") if isinstance(value, Broken) else written(value),
                    "column": table.heads[measure],
                },
            )


def _find(sheet: list[list[Cell]], merged: Merged, layout: FormLayout) -> _Table:
    names = {label(text) for text in layout.row_head}
    anchors = [
        (row, column)
        for row, cells in enumerate(sheet[:_WITHIN])
        for column, cell in enumerate(cells)
        if isinstance(cell, str) and label(cell) in names
    ]
    if not anchors:
        raise MissingHeading(f"heading {layout.row_head[0]} is missing", 0)
    best: MissingHeading | None = None
    for row, column in anchors:
        own = [bottom for top, left, bottom, _ in merged if (top, left) == (row, column)]
        for last in own or range(row, min(row + _DEEPEST, len(sheet))):
            try:
                return _table(paths(sheet, merged, row, last), last + 1, column, layout)
            except MissingHeading as missing:
                if best is None or missing.found > best.found:
                    best = missing
    assert best is not None  # noqa: S101  there is an anchor, and each of its readings failed
    raise best


def _table(heads: list[tuple[str, ...]], first: int, name: int, layout: FormLayout) -> _Table:
    labels = [tuple(label(text) for text in path) for path in heads]
    columns: dict[str, int] = {}
    missing: list[str] = []
    for measure, writings in layout.columns.items():
        found = {at for text in writings for at, path in enumerate(labels) if _fits(path, text)}
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
            raise MissingHeading(f"heading {JOINT.join(heads[at])} is two measures, one of them {measure}", 0)
    orders = {label(text) for text in layout.order}
    order = next((at for at, path in enumerate(labels) if path and path[-1] in orders), None)
    return _Table(first, order, name, columns, {m: JOINT.join(heads[at]) for m, at in columns.items()})


def _fits(path: Sequence[str], text: str) -> bool:
    """Whether a column's headings are those of a profile: the own one the same, of those above it the words a part."""
    *above, own = (label(part) for part in text.split(JOINT))
    if not path or path[-1] != own:
        return False
    rest = iter(path[:-1])
    return all(any(part in head for head in rest) for part in above)


def _read(sheet: list[list[Cell]], table: _Table, layout: FormLayout) -> tuple[list[_Row], _Row | None]:
    """Return the rows as a forest, and the row of the total; what stands below a total at the end is not looked at."""
    roots: list[_Row] = []
    open_rows: list[_Row] = []
    total: _Row | None = None
    before = ""
    for number, cells in enumerate(sheet[table.first :], table.first):
        order, name = _cell(cells, table.order).rstrip("."), _cell(cells, table.name)
        values = {
            measure: amount(cells[at]) if at < len(cells) else None for measure, at in table.columns.items()
        }
        counted = [value for value in values.values() if isinstance(value, Decimal)]
        if is_numbers(cells) and not open_rows:
            continue
        if _is_total(order, name, layout):
            if total is not None:
                raise BadWorkbook(f"rows {total.number + 1} and {number + 1} are both a total")
            total = _Row(number, name or order, 0, values)
            if roots:
                break
            continue
        if not counted and not (order and any(isinstance(v, Broken) for v in values.values())):
            if not order:  # a line of text, a signature
                continue
        elif not (order or name):
            raise BadWorkbook(f"row {number + 1} has numbers and no name")
        row = _Row(number, name, _depth(order, before), values)
        before = order or before
        while open_rows and open_rows[-1].depth >= row.depth:
            open_rows.pop()
        (open_rows[-1].below if open_rows else roots).append(row)
        open_rows.append(row)
    return roots, total


def _is_total(order: str, name: str, layout: FormLayout) -> bool:
    texts = [label(text).rstrip(":. ") for text in (order, name) if text]
    return any(
        text == label(total) or text.startswith(f"{label(total)} (")
        for text in texts
        for total in layout.total
    )


def _depth(order: str, before: str) -> int:
    """Return how deep a row stands by its number: A above I above 1 above 1.1; a row without one is below all."""
    if _DOTTED.fullmatch(order):
        return 2 + order.count(".")
    if _PLAIN.fullmatch(order):
        return 2
    if not _ROMAN.fullmatch(order):
        return _UNDER_ALL
    follows = len(order) == len(before) == 1 and ord(order) == ord(before) + 1
    is_letter = order not in "IVX" and (order in "AB" or follows or set(order) - set("IVXLC"))
    return 0 if is_letter else 1


def _sum(rows: Sequence[_Row], measure: str, table: _Table, found: Amount) -> Amount:
    """Return what rows add up to, each being what is below it; None where nothing is stated, broken where one is."""
    for row in rows:
        added = _sum(row.below, measure, table, None)
        value = _agreed(row, measure, added, table)
        if isinstance(found, Broken) or isinstance(value, Broken):
            found = found if isinstance(found, Broken) else value
        elif value is not None:
            found = value if found is None else found + value
    return found


def _agreed(row: _Row, measure: str, added: Amount, table: _Table) -> Amount:
    """Return what a row states, or what is below it where it states nothing; raises where the two differ."""
    stated = row.values[measure]
    if stated is None or isinstance(added, Broken):
        return added
    if isinstance(stated, Decimal) and isinstance(added, Decimal) and stated != added:
        raise BadWorkbook(
            f"column {table.heads[measure]}: the rows add up to {written(added)}, "
            f"row {row.number + 1} (their total) states {written(stated)}"
        )
    return stated


def _cell(cells: Sequence[Cell], at: int | None) -> str:
    if at is None or at >= len(cells):
        return ""
    cell = cells[at]
    if isinstance(cell, float | int):
        return written(Decimal(repr(cell)), comma=False)
    return " ".join(cell.split()) if isinstance(cell, str) else ""


def _letters(at: int) -> str:
    letters, at = "", at + 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
