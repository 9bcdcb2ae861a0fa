"""What a unit's numbers open to, its fields and procedures: the rows that are published, and the rest of them in one.

A row that holds a small number is not published, and neither is that there is one. What is left of the total when the
published rows are taken away can be worked out by anybody, so it must hold no small number either: more rows join the
rest until it does not. Published rows and the rest are then all that can be told, and no number of theirs is small.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

Numbers = Mapping[str, int | None]  # by column; None: not known, or withheld
Identity = tuple[tuple[str, ...], tuple[str, ...]]  # columns whose sums are equal in every row


def published(
    total: Numbers, shown: Numbers, rows: Sequence[Numbers], identities: Collection[Identity], smallest: int
) -> tuple[list[bool], Numbers]:
    """Return which rows are published, and the numbers of the rest: what the public can work out of them.

    `total`: the sum of the rows, `shown`: as it is published, None where it is withheld. A number of the rest is None
    where the total's is; where there is no rest all of them are 0.
    """
    told = [_is_told(row, total, smallest) for row in rows]
    hidden = frozenset(c for c, value in total.items() if value is not None and shown[c] is None)
    while (column := _small(_rest(total, rows, told), hidden, identities, smallest)) is not None:
        there = [n for n, row in enumerate(rows) if told[n] and any(row[c] for c in column)]
        # no row has any of it to give: the rest is all there is
        others = there or [n for n, is_told in enumerate(told) if is_told]
        if not others:
            break
        told[min(others, key=lambda n: (_size(rows[n]), n))] = False
    rest = _rest(total, rows, told)
    return told, {c: None if c in hidden else value for c, value in rest.items()}


def _is_told(row: Numbers, total: Numbers, smallest: int) -> bool:
    return not any(0 < (row[c] or 0) < smallest for c in total)


def _size(row: Numbers) -> int:
    return sum(value or 0 for value in row.values())


def _rest(total: Numbers, rows: Sequence[Numbers], told: Sequence[bool]) -> dict[str, int | None]:
    """Return what the rows that are not told add up to, column by column."""
    parts = [row for row, is_told in zip(rows, told, strict=True) if is_told]
    return {
        column: None if value is None else value - sum(part[column] or 0 for part in parts)
        for column, value in total.items()
    }


def _small(
    rest: Numbers, hidden: Collection[str], identities: Collection[Identity], smallest: int
) -> Collection[str] | None:
    """Return the columns of a small number that the rest tells; None where it tells none.

    Of columns whose total is withheld an identity tells the sum: 20 settled, 12 of them early, are 8 in time or late.
    """
    for column, value in rest.items():
        if column not in hidden and value is not None and 0 < value < smallest:
            return (column,)
    for sides in identities:
        unknown = [column for side in sides for column in side if column in hidden]
        if unknown and 0 < sum(rest[column] or 0 for column in unknown) < smallest:
            return unknown
    return None
