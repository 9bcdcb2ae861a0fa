"""Groups of a printed form: which rows stand below which, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from cchc.sources.formats.cells import told
from cchc.sources.formats.isolation import BadWorkbook, Broken

UNDER_DOTTED = 50  # depth of a, b, c
UNDER_ALL = 99  # depth of a row without a number
_ABOVE = 0.5  # by so much a group without a number stands above its rows

Amount = Decimal | Broken | None


@dataclass(frozen=True)
class Table:
    """Where things stand: the first row below the headings, the columns, and what is written above them."""

    first: int
    order: int | None
    name: int
    columns: dict[str, int]
    heads: dict[str, str]
    texts: frozenset[str]  # of the title and the headings, which may stand again on another page


@dataclass
class Row:
    """A row with numbers, or the head of a group; `number` is its place in the sheet, from 0."""

    number: int
    depth: float
    values: dict[str, Amount]
    is_total: bool
    counts: bool  # it states numbers, also broken ones under its number: it is no signature
    has_name: bool  # or a number of its own
    is_note: bool  # below the table it is left out: a share, another period to compare, a number alone (of the page)
    is_part: bool  # it says that it is part of the row above it (Trong đó)
    is_title: bool  # without a number, in capitals: a group where it states the sum of the rows below it, or nothing
    is_first: bool  # its number is 1 or I
    below: list[Row] = field(default_factory=list)


def find_titles(rows: Sequence[Row]) -> None:
    """Take for titles, too, the rows without a number above one that is numbered 1: they need not be in capitals."""
    for row, following in pairwise(rows):
        is_plain = row.counts and row.depth == UNDER_ALL and not (row.is_total or row.is_part or row.is_note)
        row.is_title |= is_plain and following.is_first


def without_parts(rows: Sequence[Row], table: Table) -> list[Row]:
    """Return rows without those that give a part of the row above (Trong đó: …, and what stands below that).

    They may say no more than the row does, else raises `BadWorkbook`. Below a row that states nothing, or a total above
    all rows, they are rows as any.
    """
    kept: list[Row] = []
    parts: list[Row] = []
    last_total = max((row.number for row in rows if row.is_total), default=0)
    for row in rows:
        above = kept[-1] if kept else row
        has_parts = above.counts and not above.is_part and not (len(kept) == 1 and above.is_total)
        if kept and has_parts and (row.is_part or (parts and _goes_on(row, above, last_total))):
            parts.append(row)
            continue
        if parts:
            _check_parts(kept[-1], parts, table)
            parts = []
        kept.append(row)
    if parts:
        _check_parts(kept[-1], parts, table)
    return kept


def _goes_on(row: Row, above: Row, last_total: int) -> bool:
    """Whether a row stands with the parts before it: below the row above them, and without a number of its own.

    Behind the last total nothing else does.
    """
    if row.is_total or row.is_note or not row.has_name or row.depth <= UNDER_DOTTED:
        return False
    if above.number == last_total and above.is_total:
        return True
    if row.is_title:
        return False
    return row.depth > above.depth or (above.depth == UNDER_ALL and row.depth < UNDER_ALL)


def _check_parts(above: Row, parts: Sequence[Row], table: Table) -> None:
    forest = as_forest(parts, table)
    for measure in table.columns:
        stated, added = above.values[measure], _plain_sum(forest, measure)
        if isinstance(stated, Broken) or isinstance(added, Broken):
            continue
        if (added or 0) > (stated or 0):
            raise _differs(above, measure, added, table, "which they are part of")


def stand_above(rows: Sequence[Row], table: Table, of_all: Row | None = None) -> bool:
    """Whether the totals in rows stand above what they add up (Tổng số cấp tỉnh), all of them: they are titles then.

    With `of_all`, a total below them, only where that is what they add up to.
    """
    if not rows or not rows[0].is_total:
        return False
    heads = [at for at, row in enumerate(rows) if row.is_total]
    for at, following in pairwise([*heads, len(rows)]):
        below = as_forest([replace(row, below=[]) for row in rows[at + 1 : following]], table)
        if not below or not _states_sum(rows[at], below, table):
            return False
    return of_all is None or _states_sum(of_all, [replace(rows[at], below=[]) for at in heads], table)


def _states_sum(row: Row, rows: Sequence[Row], table: Table) -> bool:
    return all(_is_sum(row.values[measure], _plain_sum(rows, measure)) for measure in table.columns)


def place_titles(rows: Sequence[Row], table: Table) -> None:
    """Place titles (CẤP TỈNH, without a number) above the rows up to the next title, whose sum they state if anything.

    One without rows stands beside the last one that has some.
    """
    beside: float = UNDER_ALL
    for at, row in enumerate(rows):
        below: list[Row] = []
        for place in range(at + 1, len(rows) if row.is_title else 0):
            other = rows[place]
            if other.is_title or (below and other.depth < below[0].depth):
                break
            if not other.is_total:
                below.append(replace(other, below=[]))
        forest = as_forest(below, table)
        if below and (not row.counts or _states_sum(row, forest, table)):
            row.depth = beside = below[0].depth - _ABOVE
        elif row.is_title and not below:
            row.depth = beside


def _is_sum(stated: Amount, added: Amount) -> bool:
    """Whether the two do not differ, as far as is known: nothing is 0."""
    if isinstance(stated, Broken) or isinstance(added, Broken):
        return True
    return (stated or 0) == (added or 0)


def as_forest(rows: Sequence[Row], table: Table) -> list[Row]:
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
            if not _is_sum(stated, added):
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
        told(value) if isinstance(value, Decimal) else "nothing" for value in (added, row.values[measure])
    )
    return BadWorkbook(
        f"column {table.heads[measure]}: the rows add up to {sum_of_rows}, "
        f"row {row.number + 1} ({called}) states {stated}"
    )
