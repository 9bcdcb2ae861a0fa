"""The rows of a printed form: what each is by its name and number (I, 1, 1.1), and which is the total of all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from cchc.sources.formats.cells import amount, written
from cchc.sources.formats.forms.groups import (
    UNDER_ALL,
    UNDER_DOTTED,
    Row,
    Table,
    as_forest,
    find_titles,
    place_titles,
    stand_above,
    without_parts,
)
from cchc.sources.formats.isolation import BadWorkbook, Broken, Cell
from cchc.sources.formats.layout import FormLayout
from cchc.sources.formats.tables.headings import is_numbers
from cchc.sources.formats.tables.totals import behind_total
from cchc.sources.texts import label

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
_DEEPEST_DOTTED = 20
_BULLETS = {"-": 60, "–": 60, "+": 70, "*": 70}


def read(sheet: list[list[Cell]], table: Table, layout: FormLayout) -> tuple[list[Row], Row]:
    """Return the rows as a forest, and the row of the total of all: the first of all rows, or else the last total.

    Every other total is one of a group. Text at the end (signatures, notes) is not looked at, nor is what is part of
    the row above it (Trong đó).
    """
    rows = list(_rows(sheet, table, layout))
    find_titles(rows)
    rows = without_parts(rows, table)
    if not any(row.is_total or row.counts for row in rows):
        raise BadWorkbook("it has headings and no row with numbers")
    while rows and not rows[-1].is_total and (rows[-1].is_note or not rows[-1].counts):
        rows.pop()
    if (
        len(rows) > 1 and rows[0].is_title and not rows[0].counts and rows[1].is_total
    ):  # above all, a line of text
        rows.pop(0)
    nameless = next((row for row in rows if not row.has_name), None)
    if nameless is not None:
        raise BadWorkbook(f"row {nameless.number + 1} has numbers and no name")
    totals = [at for at, row in enumerate(rows) if row.is_total]
    if not totals:
        raise BadWorkbook(f"it has no row {layout.total[0]}, which the other rows must add up to")
    has_groups = totals[-1] + 1 == len(rows) and len(totals) > 2
    are_groups = has_groups and stand_above(rows[:-1], table, rows[-1])
    at = totals[-1] if totals[0] or are_groups else 0
    if at and at + 1 < len(rows):
        late = next(row for row in rows[at + 1 :] if row.counts and not row.is_note)
        raise BadWorkbook(
            f"row {late.number + 1} has numbers and stands below the total in row {rows[at].number + 1}"
        )
    total = rows.pop(at)
    if stand_above(rows, table):
        for row in rows:
            row.is_total, row.is_title = False, row.is_total or row.is_title
    place_titles(rows, table)
    return as_forest(rows, table), total


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
        if (
            not has_counts and len(texts) > 1 and texts <= table.texts
        ):  # the title or headings on another page
            is_first = True
            continue
        if not (order or name or any(values.values())):  # nothing, or zeros of formulas drawn further down
            continue
        depth = _depth(order, follows)
        is_note = not is_total and depth > UNDER_DOTTED and _is_note(order, name, cells)
        if is_note and not has_counts:  # shares: 95,5%
            continue
        is_part = depth > UNDER_DOTTED and any(_PART.match(label(text)) for text in (order, name))
        is_title = not order and name.isupper() and not is_total and has_counts == is_stated
        if not (has_counts or order or is_title or (name and (is_stated or is_part))):  # a line of text
            continue
        is_first = False
        yield Row(
            number=number,
            depth=depth,
            values=values,
            is_total=is_total,
            counts=has_counts or (is_stated and bool(order)),
            has_name=bool(order or name),
            is_note=is_note,
            is_part=is_part,
            is_title=is_title,
            is_first=order in ("1", "I"),
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


def _numbered(order: str, name: str) -> tuple[str, str]:
    """Return the number of a row without brackets and points, also where it stands before the name, and its name."""
    if order.strip("-–+*"):
        return order.strip(" .()/:-"), name
    found = None if order else _NUMBER_IN_NAME.match(name)
    return (order, name) if found is None else (found[1] or found[2] or found[3], name[found.end() :])


def _is_total(order: str, name: str, layout: FormLayout) -> bool:
    """Whether a row is called a total. One with a number is a head of a group, where its name says more than that."""
    has_number = _depth(_numbered(order, "")[0], "") != UNDER_ALL
    for text in (name,) if has_number else (order, name):
        for total in layout.total:
            rest = behind_total(text, total)
            if rest is not None and not (has_number and rest.strip(":. ")):
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
        return UNDER_DOTTED
    if _LETTER.fullmatch(order) and (order == follows or not _ROMAN.fullmatch(order)):
        return 0
    return 1 if _ROMAN.fullmatch(order) else UNDER_ALL


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
