"""Where the headings of a sheet stand that no profile describes yet: guessed from what is merged and what is filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cchc.sources.formats.tables.headings import DEEPEST, JOINT, Merged, is_numbers, paths

Rows = Sequence[Sequence[Any]]


def headings_of(rows: Rows, merged: Merged) -> list[str]:
    """Return the headings of a sheet's columns as a profile names them, empty for a column without; [] for none."""
    found = _fullest(rows, merged)
    if found is None:
        return []
    first = last = found
    width = max(map(len, rows))
    spans = [span for span in merged if span[3] - span[1] + 1 < width]  # one over everything is a title
    for _ in range(DEEPEST):
        touching = [(top, bottom) for top, _, bottom, _ in spans if top <= last and bottom >= first]
        first = min([first, *(top for top, _ in touching)])
        last = max([last, *(bottom for _, bottom in touching)])
        if _is_over_others(rows, spans, last):
            last += 1
    first = max(first, last - DEEPEST + 1)
    names = _names(rows, merged, first, last)
    while first > 0 and last - first + 1 < DEEPEST and _stand_twice(names):
        first -= 1
        names = _names(rows, merged, first, last)
    return names


def _fullest(rows: Rows, merged: Merged) -> int | None:
    """Return the row of texts that is the last of the headings, or one of them.

    It is the one above a row of column numbers, else the first of the fullest, for those below are records. Where every
    text is over several columns, it is a title.
    """
    filled = []
    for at, row in enumerate(rows):
        named = {column for column, name in enumerate(_names(rows, merged, at, at)) if name}
        is_title = named <= _wide(merged, at)
        filled.append(0 if is_title or is_numbers(row) else len(named))
    numbered = (at - 1 for at in range(1, len(rows)) if filled[at - 1] > 1 and is_numbers(rows[at]))
    return next(numbered, filled.index(max(filled)) if any(filled) else None)


def _is_over_others(rows: Rows, spans: Merged, at: int) -> bool:
    """Whether wide headings of a row stand over headings of their own: the next row has texts below them alone."""
    if at + 1 >= len(rows):
        return False
    below = {column for column, cell in enumerate(rows[at + 1]) if cell != ""}
    return bool(below) and below <= _wide(spans, at)


def _wide(spans: Merged, at: int) -> set[int]:
    """Return the columns of a row whose text is over several of them."""
    return {
        column
        for top, left, bottom, right in spans
        if top <= at <= bottom and right > left
        for column in range(left, right + 1)
    }


def _names(rows: Rows, merged: Merged, first: int, last: int) -> list[str]:
    return [JOINT.join(path) for path in paths(rows, merged, first, last)]


def _stand_twice(names: Sequence[str]) -> bool:
    there = [name for name in names if name]
    return len(set(there)) < len(there)
