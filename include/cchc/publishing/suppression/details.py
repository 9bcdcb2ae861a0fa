"""What a unit's numbers open to, its fields and procedures: the rows that are published, and the rest of them in one.

A row that holds a small number is not published, and neither is that there is one. What is left of the total when the
published rows are taken away can be worked out by anybody, so it must hold no small number either: more rows join the
rest until it does not. Published rows and the rest are then all that can be told, and no number of theirs is small.
A column whose total is withheld is withheld in every row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

Numbers = Mapping[str, int | None]  # by column; None: not known, or withheld


def published(
    total: Numbers,
    rows: Sequence[Numbers],
    smallest: int,
    gone: Sequence[bool] = (),
    known: Sequence[bool] = (),
) -> tuple[list[bool], Numbers]:
    """Return which rows are published, and the numbers of the rest: what the public can work out of them.

    `total`: the sum of the rows, in the columns that are published. Where there is no rest its numbers are 0.
    `gone`: rows that are not published in any case. `known`: those that were published before and may not have changed
    since: they hide no other, so the rest without them must hold no small number either.
    """
    told = [not any(0 < (row[column] or 0) < smallest for column in total) for row in rows]
    told = [is_told and not is_gone for is_told, is_gone in zip_longest(told, gone, fillvalue=False)]
    before = list(known) or [False] * len(rows)
    while True:
        column = _small(_rest(total, rows, told), smallest)
        free = told
        if column is None:
            new = [is_told or is_known for is_told, is_known in zip(told, before, strict=True)]
            column = _small(_rest(total, rows, new), smallest)
            free = [is_told and not is_known for is_told, is_known in zip(told, before, strict=True)]
        if column is None or not any(free):
            break
        there = [n for n, is_free in enumerate(free) if is_free and rows[n][column]]
        # where no row has any of it to give, others join all the same: the rest may be all there is
        others = there or [n for n, is_free in enumerate(free) if is_free]
        told[min(others, key=lambda n: (before[n], sum(rows[n][c] or 0 for c in total), n))] = False
    return told, _rest(total, rows, told)


def _rest(total: Numbers, rows: Sequence[Numbers], told: Sequence[bool]) -> dict[str, int | None]:
    """Return what the rows that are not told add up to, column by column."""
    parts = [row for row, is_told in zip(rows, told, strict=True) if is_told]
    return {
        column: None if value is None else value - sum(part[column] or 0 for part in parts)
        for column, value in total.items()
    }


def _small(rest: Numbers, smallest: int) -> str | None:
    """Return a column of which the rest tells a small number; None where it tells none."""
    return next((c for c, value in rest.items() if value is not None and 0 < value < smallest), None)
