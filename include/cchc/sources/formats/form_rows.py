"""The rows of a printed form: which stand below which by their numbers (I, 1, 1.1), and what they add up to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cchc.sources.formats.cells import amount, written
from cchc.sources.formats.headings import is_numbers
from cchc.sources.formats.isolation import BadWorkbook, Broken, Cell
from cchc.sources.formats.layout import FormLayout
from cchc.sources.texts import label, without_marks

_ROMAN = re.compile(r"[IVXLC]+")
_LETTER = re.compile(r"[A-ZĐ]")
_PLAIN = re.compile(r"\d{1,4}")
_DOTTED = re.compile(r"\d{1,4}(?:\.\d{1,4})+")
_SMALL = re.compile(r"[a-zđ]")
_NUMBER_IN_NAME = re.compile(
    r"\(?([IVXLC]+|[A-ZĐ]|\d{1,4}(?:\.\d{1,4})*)\s*[.)/-]\s*(?=\D)|([a-zđ])\)\s*|([-–+*])\s*(?=\w)"
)
_DEEPEST_DOTTED = 20
_UNDER_DOTTED = 50  # depth of a, b, c
_BULLETS = {"-": 60, "–": 60, "+": 70, "*": 70}
_UNDER_ALL = 99  # depth of a row without a number

Amount = Decimal | Broken | None


@dataclass(frozen=True)
class Table:
    """Where things stand: the first row below the headings, the columns, and what is written above them."""

    first: int
    order: int | None
    name: int
    columns: dict[str, int]
    heads: dict[str, str]
    texts: frozenset[str]  # of the headings, which may stand again on another page


@dataclass
class Row:
    """A row with numbers, or the head of a group; `number` is its place in the sheet, from 0."""

    number: int
    depth: int
    values: dict[str, Amount]
    is_total: bool
    counts: bool  # it states numbers, also broken ones under its number: it is no signature
    below: list[Row] = field(default_factory=list)


def read(sheet: list[list[Cell]], table: Table, layout: FormLayout) -> tuple[list[Row], Row]:
    """Return the rows as a forest, and the row of the total of all: the first of all rows, or else the last total.

    Every other total is one of a group. Text at the end (signatures, notes) is not looked at.
    """
    rows = list(_rows(sheet, table, layout))
    totals = [at for at, row in enumerate(rows) if row.is_total]
    if not any(row.is_total or row.counts for row in rows):
        raise BadWorkbook("it has headings and no row with numbers")
    if not totals:
        raise BadWorkbook(f"it has no row {layout.total[0]}, which the other rows must add up to")
    while not rows[-1].is_total and not rows[-1].counts:
        rows.pop()
    at = 0 if totals[0] == 0 else totals[-1]
    if at and at + 1 < len(rows):
        late = next(row for row in rows[at + 1 :] if row.counts)
        raise BadWorkbook(
            f"row {late.number + 1} has numbers and stands below the total in row {rows[at].number + 1}"
        )
    total = rows.pop(at)
    return _forest(rows, table), total


def _rows(sheet: list[list[Cell]], table: Table, layout: FormLayout) -> Iterator[Row]:
    """Yield the rows of the table: those with numbers, those whose numbers are broken, and heads of groups."""
    follows, has_roman, is_first = "", False, True
    for number, cells in enumerate(sheet[table.first :], table.first):
        values = {
            measure: amount(cells[at]) if at < len(cells) else None for measure, at in table.columns.items()
        }
        has_counts = any(isinstance(value, Decimal) for value in values.values())
        is_stated = has_counts or any(isinstance(value, Broken) for value in values.values())
        order, name = _cell(cells, table.order), _cell(cells, table.name)
        is_total = is_stated and _is_total(order, name, layout)
        if not is_total:
            order, name = _numbered(order, name)
        if is_numbers(cells) and (is_first or name):
            continue
        texts = texts_of([cells])
        if not has_counts and len(texts) > 1 and texts <= table.texts:  # the headings on another page
            continue
        if not (order or name):
            if has_counts:
                raise BadWorkbook(f"row {number + 1} has numbers and no name")
            continue
        if not (is_stated or order):  # a line of text
            continue
        depth, is_first = _depth(order, follows), False
        yield Row(number, depth, values, is_total, has_counts or (is_stated and bool(order)))
        if depth == 0:
            follows = chr(ord(order) + 1)
        has_roman |= depth == 1
        if has_roman and follows in "IVX":  # below H: the first of its parts, and not the group behind it
            follows = ""


def _forest(rows: Sequence[Row], table: Table) -> list[Row]:
    """Return the rows below which the others stand; raises `BadWorkbook` for a total that is none of a group."""
    roots: list[Row] = []
    open_rows: list[Row] = []
    group: list[Row] = []  # rows since the last total that stand below none of these
    since = 0
    for row in rows:
        if row.is_total:
            _check_group(
                row, [group or roots, roots, *(head.below for head in open_rows if head.below)], table
            )
            group, since = [], row.number
            continue
        while open_rows and open_rows[-1].depth >= row.depth:
            open_rows.pop()
        (open_rows[-1].below if open_rows else roots).append(row)
        if not open_rows or open_rows[-1].number < since:
            group.append(row)
        open_rows.append(row)
    return roots


def _check_group(total: Row, groups: Iterable[Sequence[Row]], table: Table) -> None:
    """Raise `BadWorkbook` where a total is the sum of no group it can be of; of these the first is the nearest."""
    nearest: BadWorkbook | None = None
    for group in groups:
        for measure in table.columns:
            stated, added = total.values[measure], _plain_sum(group, measure)
            is_known = not (isinstance(stated, Broken) or isinstance(added, Broken))
            if is_known and (stated or 0) != (added or 0):
                nearest = nearest or _differs(total, measure, added, table, "the total of a group")
                break
        else:
            return
    if nearest is not None:
        raise nearest


def _plain_sum(rows: Sequence[Row], measure: str) -> Amount:
    """Return what rows add up to, those of a group where it has any that state something; nothing is compared."""
    found: Amount = None
    for row in rows:
        value = _plain_sum(row.below, measure)
        found = _added(found, row.values[measure] if value is None else value)
    return found


def _added(found: Amount, value: Amount) -> Amount:
    if found is None or isinstance(value, Broken):
        return value
    return found if value is None or isinstance(found, Broken) else found + value


def _numbered(order: str, name: str) -> tuple[str, str]:
    """Return the number of a row without brackets and points, also where it stands before the name, and its name."""
    if order.strip("-–+*"):
        return order.strip(" .()/:-"), name
    found = None if order else _NUMBER_IN_NAME.match(name)
    return (order, name) if found is None else (found[1] or found[2] or found[3], name[found.end() :])


def _is_total(order: str, name: str, layout: FormLayout) -> bool:
    """Whether a row is called a total. One with a number is a head of a group, where its name says more than that."""
    has_number = _depth(_numbered(order, "")[0], "") != _UNDER_ALL
    for text in (name,) if has_number else (order, name):
        for total in layout.total:
            is_sure = " " in total or "." in total
            words, begins = (without_marks(label(t)) if is_sure else label(t) for t in (text, total))
            rest = words[len(begins) :] if words.startswith(begins) else "x"
            if not (rest.strip(":. ") if has_number else rest[:1].isalnum()):
                return True
    return False


def _depth(order: str, follows: str) -> int:
    """Return how deep a row stands by its number: A above I above 1 above 1.1; a row without one is below all.

    `follows` is the letter of the group behind the last one: C behind B is no hundred.
    """
    if order in _BULLETS:
        return _BULLETS[order]
    if _DOTTED.fullmatch(order):
        return 2 + min(order.count("."), _DEEPEST_DOTTED)
    if _PLAIN.fullmatch(order):
        return 2
    if _SMALL.fullmatch(order):
        return _UNDER_DOTTED
    if _LETTER.fullmatch(order) and (order == follows or not _ROMAN.fullmatch(order)):
        return 0
    return 1 if _ROMAN.fullmatch(order) else _UNDER_ALL


def sum_of(rows: Sequence[Row], measure: str, table: Table) -> Amount:
    """Return what rows add up to, each being what is below it; None where nothing is stated, broken where one is."""
    found: Amount = None
    for row in rows:
        found = _added(found, agreed(row, measure, sum_of(row.below, measure, table), table))
    return found


def agreed(row: Row, measure: str, added: Amount, table: Table) -> Amount:
    """Return what a row states, or what is below it where it states nothing; raises where the two differ.

    A head of a group may state nothing; a total may not, where the rows do.
    """
    stated = row.values[measure]
    if isinstance(added, Broken) or (stated is None and not (row.is_total and added)):
        return added
    if isinstance(stated, Broken) or added is None or stated == added:
        return stated
    raise _differs(row, measure, added, table, "their total")


def _differs(row: Row, measure: str, added: Amount, table: Table, called: str) -> BadWorkbook:
    sum_of_rows, stated = (
        written(value) if isinstance(value, Decimal) else "nothing" for value in (added, row.values[measure])
    )
    return BadWorkbook(
        f"column {table.heads[measure]}: the rows add up to {sum_of_rows}, "
        f"row {row.number + 1} ({called}) states {stated}"
    )


def texts_of(rows: Sequence[Sequence[Cell]]) -> frozenset[str]:
    """Return the texts in rows, as they are compared."""
    return frozenset(label(cell) for row in rows for cell in row if isinstance(cell, str) and cell.strip())


def _cell(cells: Sequence[Cell], at: int | None) -> str:
    if at is None or at >= len(cells):
        return ""
    cell = cells[at]
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return written(Decimal(repr(cell)), comma=False)
    return " ".join(cell.split()) if isinstance(cell, str) else ""
