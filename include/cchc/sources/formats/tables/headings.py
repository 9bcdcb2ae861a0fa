"""Columns of a register, found by their headings and not by their place.

Headings of several rows are one text, from the widest to the column's own: ``Thời hạn / Số ngày``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile
from typing import Any

from cchc.catalogue.profiles import DatasetMap
from cchc.sources.texts import clean, label

Merged = Sequence[tuple[int, int, int, int]]  # row, column, last row, last column, from 0

JOINT = " / "
_WITHIN = 30  # rows: titles and notes may stand above the headings
DEEPEST = 3  # rows of headings
# the number of a column, and what it adds up: (3)=(4)+(5), (3=4+5), 3=4+5, 3., Cột 3; -3 is what a spreadsheet makes
# of a typed (3). Letters stand before the numbers
_NUMBERED = re.compile(
    r"(?:cột\s*)?([(\[-]?)\s*(\d{1,2})\s*[)\].]?\s*(?:=[\d\s()\[\]=+–−-]+)?", re.IGNORECASE
)
_LONGEST_NUMBER = 60
_LETTER = re.compile(r"[(\[]?([^\W\d_])[)\].]?")


class MissingHeading(ValueError):
    """A heading the profile needs is not there, or stands twice; `found` of the needed ones are there."""

    def __init__(self, message: str, found: int) -> None:
        self.found = found
        super().__init__(message)


class Headings:
    """The heading row of a register. Raises `MissingHeading` naming what is missing."""

    def __init__(self, cells: Sequence[str], dataset_map: DatasetMap, depth: int = 1) -> None:
        self.depth = depth  # rows of headings
        needed = {label(name): name for name in _needed(dataset_map)}
        optional = {label(name): name for name in _optional(dataset_map)}
        watched = {label(name): name for name in _watched(dataset_map)}
        labels = [label(cell) for cell in cells]
        while labels and not labels[-1]:
            labels.pop()
        missing = [name for key, name in needed.items() if key not in labels]
        found = len(needed) - len(missing)
        if missing:
            raise MissingHeading(f"heading {', '.join(missing)} is missing", found)
        twice = [name for key, name in (optional | needed).items() if labels.count(key) > 1]
        if twice:
            raise MissingHeading(f"heading {', '.join(twice)} stands twice", found)
        self.width = len(cells)
        known = watched | optional | needed
        self._names = [known.get(key) or clean(cell) for key, cell in zip(labels, cells, strict=False)]
        places: dict[str, list[int]] = {}
        for at, name in enumerate(self._names):
            places.setdefault(name, []).append(at)
        self._repeated = {name: found for name, found in places.items() if name and len(found) > 1}

    @property
    def names(self) -> list[str]:
        """The headings in order, those the profile knows in the profile's writing."""
        return self._names

    def record(self, cells: Sequence[Any]) -> dict[str, Any]:
        """Return one row as heading → cell, or its cells where it stands more than once; none of an empty heading."""
        found = {name: cell for name, cell in zip(self._names, cells, strict=False) if name}
        for name, places in self._repeated.items():
            found[name] = [cells[at] for at in places if at < len(cells)]
        return found


def _needed(dataset_map: DatasetMap) -> list[str]:
    names = [f.path for f in dataset_map.fields.values() if f.path is not None and not f.optional]
    if dataset_map.secrecy is not None and dataset_map.secrecy.required:
        names += [dataset_map.secrecy.level] if dataset_map.secrecy.level else dataset_map.secrecy.paths
    return list(dict.fromkeys(names))


def _optional(dataset_map: DatasetMap) -> list[str]:
    return [f.path for f in dataset_map.fields.values() if f.path is not None and f.optional]


def _watched(dataset_map: DatasetMap) -> list[str]:
    """Return what else the profile names: where a mark of secrecy is looked for, what is dropped without a note."""
    secrecy = dataset_map.secrecy
    marked = (*secrecy.paths, *([secrecy.level] if secrecy.level else [])) if secrecy else ()
    return [*dataset_map.ignored, *dataset_map.personal, *marked]


def find(rows: Sequence[Sequence[Any]], merged: Merged, dataset_map: DatasetMap) -> tuple[int, Headings]:
    """Return the first row below the headings, and the headings; raises `MissingHeading` of the best place there is."""
    best: MissingHeading | None = None
    for depth in range(1, DEEPEST + 1):
        for at in range(max(min(_WITHIN, len(rows)) - depth + 1, 0)):
            try:
                cells = [JOINT.join(path) for path in paths(rows, merged, at, at + depth - 1)]
                return at + depth, Headings(cells, dataset_map, depth)
            except MissingHeading as missing:
                if best is None or missing.found > best.found:
                    best = missing
    if best is None:
        Headings([], dataset_map)  # an empty sheet: names every heading
    assert best is not None  # noqa: S101  a profile without headings finds them in the first row
    raise best


def paths(rows: Sequence[Sequence[Any]], merged: Merged, first: int, last: int) -> list[tuple[str, ...]]:
    """Return of each column its headings in the rows first to last, from the widest to its own."""
    last = min(last, len(rows) - 1)  # cells may be merged to below the last row
    width = max((len(row) for row in rows[first : last + 1]), default=0)
    grid = [[_text(row, column) for column in range(width)] for row in rows[first : last + 1]]
    inside = set()
    for top, left, bottom, right in merged:
        if bottom < first or top > last:
            continue
        places = [
            (row - first, column)
            for row in range(max(top, first), min(bottom, last) + 1)
            for column in range(left, min(right, width - 1) + 1)
        ]
        text = _text(rows[top], left)
        inside.update(places)
        for row, column in places:
            grid[row][column] = text
    _spread(grid, inside)
    return [
        tuple(text for text, _ in groupby(row[column] for row in grid) if text) for column in range(width)
    ]


def _spread(grid: list[list[str]], inside: set[tuple[int, int]]) -> None:
    """Write a wide heading that is centred, not merged, and so stands in its first column alone, into the others."""
    for row, cells in enumerate(grid[:-1]):
        for column in range(1, len(cells)):
            has_own = any(below[column] for below in grid[row + 1 :])
            left_has = any(below[column - 1] for below in grid[row + 1 :])
            if not cells[column] and has_own and left_has and (row, column) not in inside:
                cells[column] = cells[column - 1]


def is_numbers(cells: Sequence[Any]) -> bool:
    """Whether a row below the headings holds nothing but the numbers of the columns.

    (1) (2) (3)=(4)+(5), or from one on without a gap: 1 2 3=4+5, also behind letters: A B 1 2.
    """
    texts = [text for text in _printed(cells) if text]
    if any(len(text) > _LONGEST_NUMBER for text in texts):
        return False
    letters = [found[1] for found in takewhile(bool, map(_LETTER.fullmatch, texts)) if found]
    numbers = [_NUMBERED.fullmatch(text) for text in texts[len(letters) :]]
    if len(texts) < 2 or not numbers or not all(numbers):
        return False
    found = [number.groups() for number in numbers if number]
    if all(bracket in ("(", "[") for bracket, _ in found):
        return True
    if letters and (len(texts) < 3 or "".join(letters).upper() not in ("A", "AB", "ABC")):
        return False
    return [int(number) for _, number in found] == list(range(1, len(found) + 1))


def _printed(cells: Sequence[Any]) -> Iterator[str]:
    for cell in cells:
        is_whole = isinstance(cell, float) and cell.is_integer()
        yield str(int(cell)) if is_whole else clean(str(cell))


def _text(row: Sequence[Any], column: int) -> str:
    cell = row[column] if column < len(row) else ""
    return " ".join(clean(cell).split()) if isinstance(cell, str) else ""
