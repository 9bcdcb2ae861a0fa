"""Tables that add up, as the solver takes them: rows of counts by column, and what binds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Move = dict[str, int]  # by column, what the other table has more
Cell = tuple[int, str]  # number of the row, column
Bond = Mapping[str, int]  # column → factor: the columns times their factors add up to 0


@dataclass(frozen=True)
class Row:
    """The counts of one thing by column; a number that is not known is not in it."""

    values: Mapping[str, int]
    weight: float = 1.0  # what withholding a cell of it costs: more of a total than of its parts


@dataclass(frozen=True)
class Sum:
    """A row that is the sum of others; it binds the columns in which the numbers do add up."""

    total: int
    parts: tuple[int, ...]
    columns: frozenset[str] | None = None  # of the parts; None: any
    renamed: Mapping[str, str] = field(default_factory=dict)  # what the total calls a column of the parts


@dataclass
class Problem:
    """The rows with their sums, and what binds the columns of a row that has just these.

    What was published before cannot be taken back, and what was withheld before stays so.
    """

    rows: list[Row] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    bound: Callable[[frozenset[str]], Sequence[Bond]] = lambda _: ()
    costs: Mapping[str, float] = field(default_factory=dict)  # of a column; default 1
    known: frozenset[Cell] = frozenset()  # published before
    withheld: frozenset[Cell] = frozenset()  # withheld before
    kept: frozenset[Cell] = (
        frozenset()
    )  # of these, those that must not follow either, though they are not small
    ranged: frozenset[Cell] = frozenset()  # of these, those that were said to be small
