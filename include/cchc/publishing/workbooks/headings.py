"""Headings of several levels: which cells are merged, and how high their rows must be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """One cell of the headings; merged where it spans more than itself. Rows and columns count from 0."""

    row: int
    column: int
    last_row: int
    last_column: int
    text: str


def headings(paths: Sequence[Sequence[str]]) -> Iterator[Heading]:
    """Yield the heading cells of columns whose headings are given from the widest to the narrowest.

    Neighbours under the same headings share one cell; a column's own heading reaches down to the last row.
    """
    depth = max(map(len, paths))
    for row in range(depth):
        column = 0
        while column < len(paths):
            path, first = paths[column], column
            while column + 1 < len(paths) and paths[column + 1][: row + 1] == path[: row + 1]:
                if len(path) == row + 1:
                    break
                column += 1
            if row < len(path):
                last = depth - 1 if row == len(path) - 1 else row
                yield Heading(row, first, last, column, path[row])
            column += 1


def heights(cells: Sequence[Heading], widths: Sequence[float]) -> list[int]:
    """Return how many lines of text each heading row must hold, so that no heading runs over the next.

    `widths`: of the columns, in letters.
    """
    needed = [1] * (1 + max(cell.last_row for cell in cells))
    for cell in sorted(cells, key=lambda c: c.last_row - c.row):
        own = lines(cell.text, sum(widths[cell.column : cell.last_column + 1]))
        missing = own - sum(needed[cell.row : cell.last_row + 1])
        if missing > 0:  # the last row it reaches is its own
            needed[cell.last_row] += missing
    return needed


def lines(text: str, width: float) -> int:
    """Return how many lines a spreadsheet breaks a text into, between words, in a column of some letters."""
    if len(text) <= width and "\n" not in text:
        return 1
    count, used = 0, width + 1
    for paragraph in text.split("\n"):
        count, used = count + 1, 0
        for word in paragraph.split():
            if used and used + 1 + len(word) > width:
                count, used = count + 1, 0
            elif used:
                used += 1
            used += len(word)
            while used > width:  # a word that is wider than its column is broken
                count, used = count + 1, used - width
    return count
