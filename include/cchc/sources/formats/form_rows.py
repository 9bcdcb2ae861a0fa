"""The rows of a printed form: which stand below which by their numbers (I, 1, 1.1), and what they add up to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from cchc.sources.formats.cells import amount, told, written
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
_PART = re.compile(r"\W*trong đó\b")
_NOTE = re.compile(
    r"\b(?:t[ỷỉ] lệ|l(?:ũy|uỹ) kế|cộng dồn|so với|cùng kỳ|(?:kỳ|tháng|quý|năm) trước|tăng\b.*\bgiảm)\b"
)
# What may stand behind a total of one word: Cộng: / Cộng (1+2) / Cộng I / Cộng cấp tỉnh, but not Cộng đồng, Tổng hợp
_BEHIND = (
    *("toàn", "chung", "cả", "các", "theo", "cấp", "tỉnh", "xã", "đơn vị", "lĩnh vực", "tthc", "hồ sơ"),
    *("mục", "phần", "nhóm", "trang", "tháng", "kỳ"),
)
_BEHIND_TOTAL = re.compile(rf"\W*(?:$|\d|[^\w\s]|(?:[ivxlc]+|[a-zđ]|{'|'.join(map(label, _BEHIND))})\b)")
_DEEPEST_DOTTED = 20
_UNDER_DOTTED = 50  # depth of a, b, c
_BULLETS = {"-": 60, "–": 60, "+": 70, "*": 70}
_UNDER_ALL = 99  # depth of a row without a number
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
    texts: frozenset[str]  # of the headings, which may stand again on another page


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
    is_title: bool  # without a number, in capitals: a group where it states the sum of the rows below it
    below: list[Row] = field(default_factory=list)


def read(sheet: list[list[Cell]], table: Table, layout: FormLayout) -> tuple[list[Row], Row]:
    """Return the rows as a forest, and the row of the total of all: the first of all rows, or else the last total.

    Every other total is one of a group. Text at the end (signatures, notes) is not looked at, nor is what is part of
    the row above it (Trong đó).
    """
    rows = _without_parts(list(_rows(sheet, table, layout)), table)
    if not any(row.is_total or row.counts for row in rows):
        raise BadWorkbook("it has headings and no row with numbers")
    while rows and not rows[-1].is_total and (rows[-1].is_note or not rows[-1].counts):
        rows.pop()
    nameless = next((row for row in rows if not row.has_name), None)
    if nameless is not None:
        raise BadWorkbook(f"row {nameless.number + 1} has numbers and no name")
    totals = [at for at, row in enumerate(rows) if row.is_total]
    if not totals:
        raise BadWorkbook(f"it has no row {layout.total[0]}, which the other rows must add up to")
    at = 0 if totals[0] == 0 else totals[-1]
    if at and at + 1 < len(rows):
        late = next(row for row in rows[at + 1 :] if row.counts and not row.is_note)
        raise BadWorkbook(
            f"row {late.number + 1} has numbers and stands below the total in row {rows[at].number + 1}"
        )
    total = rows.pop(at)
    _place_titles(rows, table)
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
            is_first = True
            continue
        if not (order or name or any(values.values())):  # nothing, or the zeros of formulas drawn further down
            continue
        depth = _depth(order, follows)
        is_part = depth > _UNDER_DOTTED and any(_PART.match(label(text)) for text in (order, name))
        if not (has_counts or order or (name and (is_stated or is_part))):  # a line of text
            continue
        is_first = False
        yield Row(
            number=number,
            depth=depth,
            values=values,
            is_total=is_total,
            counts=has_counts or (is_stated and bool(order)),
            has_name=bool(order or name),
            is_note=not is_total and depth > _UNDER_DOTTED and _is_note(order, name, cells),
            is_part=is_part,
            is_title=has_counts and not is_total and not order and name.isupper(),
        )
        if depth == 0:
            follows = chr(ord(order) + 1)
        has_roman |= depth == 1
        if has_roman and follows in "IVX":  # below H: the first of its parts, and not the group behind it
            follows = ""


def _is_note(order: str, name: str, cells: Sequence[Cell]) -> bool:
    """Whether a row that stands below the table is none of it: a share, another period to compare, a number alone."""
    if order or name:
        return any(_NOTE.search(label(text)) for text in (order, name))
    return sum(cell is not None and cell != "" for cell in cells) == 1


def _without_parts(rows: Sequence[Row], table: Table) -> list[Row]:
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
    if row.is_total or not row.has_name or row.depth <= _UNDER_DOTTED:
        return False
    if above.number == last_total and above.is_total:
        return not row.is_note
    if row.is_title:
        return False
    return row.depth > above.depth or (above.depth == _UNDER_ALL and row.depth < _UNDER_ALL)


def _check_parts(above: Row, parts: Sequence[Row], table: Table) -> None:
    forest = _forest(parts, table)
    for measure in table.columns:
        stated, added = above.values[measure], _plain_sum(forest, measure)
        if isinstance(stated, Broken) or isinstance(added, Broken):
            continue
        if (added or 0) > (stated or 0):
            raise _differs(above, measure, added, table, "which they are part of")


def _place_titles(rows: Sequence[Row], table: Table) -> None:
    """Place titles (CẤP TỈNH, without a number) above the rows up to the next title, where they state their sum.

    One without rows stands beside the last one that has some. Above numbered rows one need not be in capitals.
    """
    beside: float = _UNDER_ALL
    for row, following in pairwise(rows):
        is_unnumbered = row.counts and not row.is_total and row.depth == _UNDER_ALL
        row.is_title |= is_unnumbered and following.depth < _UNDER_DOTTED
    for at, row in enumerate(rows):
        below: list[Row] = []
        for place in range(at + 1, len(rows) if row.is_title else 0):
            other = rows[place]
            if other.is_title or (below and other.depth < below[0].depth):
                break
            if not other.is_total:
                below.append(replace(other, below=[]))
        forest = _forest(below, table)
        if below and all(_is_sum(row.values[m], _plain_sum(forest, m)) for m in table.columns):
            row.depth = beside = below[0].depth - _ABOVE
        elif row.is_title and not below:
            row.depth = beside


def _is_sum(stated: Amount, added: Amount) -> bool:
    """Whether the two do not differ, as far as is known: nothing is 0."""
    if isinstance(stated, Broken) or isinstance(added, Broken):
        return True
    return (stated or 0) == (added or 0)


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
            if has_number:
                is_total = not rest.strip(":. ")
            else:
                is_total = not rest[:1].isalnum() and (is_sure or _BEHIND_TOTAL.match(rest) is not None)
            if is_total:
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
        told(value) if isinstance(value, Decimal) else "nothing" for value in (added, row.values[measure])
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
