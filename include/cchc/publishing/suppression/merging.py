"""The table as the solver takes it: rows that agree are one, sums are whole, balances of one day are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from cchc.publishing.suppression.columns import Columns
from cchc.publishing.suppression.problem import Cell, Problem, Row, Sum
from cchc.publishing.suppression.remembered import Name, Said, day_before

Members = tuple[int, tuple[int, ...]]  # a total and its parts


class Merged:
    """The rows, and where each of the table's is among them."""

    def __init__(
        self,
        columns: Columns,
        numbers: Sequence[tuple[Mapping[str, int], float]],  # of each row of the table: its values and weight
        names: Mapping[int, Name],  # what rows are about; those of rests have no name
        rests: Collection[int],
    ) -> None:
        self._columns = columns
        self.places: list[int] = []
        self._rows: list[dict[str, int]] = []
        self._weights: list[float] = []
        self._of: dict[Name, list[int]] = defaultdict(list)
        self._same: dict[Members, set[str]] = defaultdict(set)
        for at, (values, weight) in enumerate(numbers):
            self.places.append(self._place(values, weight, names.get(at)))
        self._rests = {self.places[at] for at in rests}

    def _place(self, values: Mapping[str, int], weight: float, name: Name | None) -> int:
        """Return where a row's numbers are: in one of the same thing that agrees, or in a row more, bound to those."""
        others = self._of[name] if name else []
        for row in others:
            if all(self._rows[row].get(c, v) == v for c, v in values.items()):
                self._rows[row].update(values)
                return row
        at = len(self._rows)
        for column, value in values.items():
            there = next((row for row in others if self._rows[row].get(column) == value), None)
            if there is not None:
                self._same[there, (at,)].add(column)
        if name:
            others.append(at)
        self._rows.append(dict(values))
        self._weights.append(weight)
        return at

    def problem(
        self, sums: Mapping[Members, Iterable[str]], said: Iterable[tuple[int, Said]], smallest: int
    ) -> Problem:
        """Return the problem; `sums` and `said` are of rows of the table."""
        together: dict[Members, set[str]] = defaultdict(set, {m: set(c) for m, c in self._same.items()})
        for (total, parts), columns in sums.items():
            own = self.places[total], tuple(self.places[part] for part in parts)
            if own != (own[0], (own[0],)):
                together[own].update(columns)
        bound = [
            Sum(total, parts, frozenset(columns))
            for (total, parts), columns in _together(self._rows, together, self._rests).items()
        ]
        known, withheld, ranged = self._settled(said, smallest)
        kept = frozenset(
            (row, c) for row, c in withheld if self._rows[row][c] and self._columns.balance(c) is not None
        )
        return Problem(
            [
                Row({**values, **self._columns.left(values)}, weight)
                for values, weight in zip(self._rows, self._weights, strict=True)
            ],
            [*bound, *self._balances()],
            self._columns.bound,
            self._columns.costs(),
            known,
            withheld,
            kept,  # they are told again by the other days of a month, and each of these has proofs of its own
            ranged,
        )

    def _settled(
        self, said: Iterable[tuple[int, Said]], smallest: int
    ) -> tuple[frozenset[Cell], frozenset[Cell], frozenset[Cell]]:
        """Return the cells that other releases published and withheld, and of these those that were said to be small.

        A number that is about what it was when it was withheld stays so: it would tell the one that was.
        """
        known, withheld, ranged = set(), set(), set()
        for at, one in said:
            known |= {(self.places[at], column) for column in one.counts.keys() - one.withheld}
            for row in self._of[one.kind, one.key]:
                for column in one.withheld & self._rows[row].keys():
                    value = self._rows[row][column]
                    if abs(value - one.counts[column]) < smallest:
                        withheld.add((row, column))
                    if column in one.ranged and value == one.counts[column]:
                        ranged.add((row, column))
        return frozenset(known), frozenset(withheld - known), frozenset(ranged - known)

    def _balances(self) -> Iterator[Sum]:
        """Yield that balances of one day are the same: what is open when a period ends is carried into the next."""
        first: dict[tuple[str, ...], Cell] = {}
        same: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
        for (kind, (name, begin, end)), own in self._of.items():
            for row in own:
                for column, value in self._rows[row].items():
                    if (balance := self._columns.balance(column)) is not None:
                        when, what = balance
                        day = end if when == "end" else day_before(begin)
                        there, its = first.setdefault((kind, name, day, what, str(value)), (row, column))
                        if there != row:
                            same[there, row][column] = its
        for (there, row), columns in same.items():
            yield Sum(there, (row,), frozenset(columns), columns)


def _together(
    rows: list[dict[str, int]], sums: Mapping[Members, set[str]], rests: Collection[int]
) -> dict[Members, set[str]]:
    """Return the sums with those of one total in one, where in some columns a part has no number.

    The search changes all columns of a row at once, so it must see them as one sum.
    """
    of_total: dict[int, list[tuple[list[int], set[str]]]] = defaultdict(list)
    for (total, parts), columns in sorted(sums.items(), key=lambda one: (-len(one[0][1]), one[0])):
        own = [part for part in parts if part not in rests]
        rest = next((part for part in parts if part in rests), None)
        for members, theirs in of_total[total]:
            others = set(members) - set(own) - set(rests)
            if set(own) <= set(members) and all(columns.isdisjoint(rows[part]) for part in others):
                theirs |= columns
                there = next((part for part in members if part in rests), None)
                if rest is not None and there is not None:
                    rows[there].update(rows[rest])
                    rows[rest].clear()
                elif rest is not None:
                    members.append(rest)
                break
        else:
            of_total[total].append((list(parts), set(columns)))
    return {(total, tuple(members)): columns for total, one in of_total.items() for members, columns in one}
