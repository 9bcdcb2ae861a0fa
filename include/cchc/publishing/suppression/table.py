"""The rows of one release's table, and those of what other releases said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cchc.catalogue.models import Catalogue
from cchc.indicators.periods import Period
from cchc.publishing.suppression import adding, merging
from cchc.publishing.suppression.columns import Columns
from cchc.publishing.suppression.problem import Cell, Problem
from cchc.publishing.suppression.remembered import Key, Memory, Name, Said, day_after

Cells = dict[str, Cell]  # by column

# what a cell that is withheld takes from a reader, by what its row is about
_WEIGHTS = {
    "rest": 0.1,
    "level": 60.0,
    "unit": 20.0,
    "province": 200.0,
}


def days(period: Period) -> tuple[str, str]:
    """Return the days of a period as a part of a key."""
    return period.start.isoformat(), period.end.isoformat()


@dataclass
class _Numbers:
    weight: float
    values: dict[str, int] = field(default_factory=dict)


class Table:
    """The rows, and what adds up in them.

    A row holds the numbers that one part of the release gives of one thing (`origin`). Two parts that agree
    on it are one row to the solver. Where they do not (one has the frozen number), what they have in common is bound.
    What other releases said are rows as well, of which nothing can be changed any more.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.columns = Columns(catalogue)
        self._province = catalogue.province.code
        self._groups = {unit.code: unit.group for unit in catalogue.units}
        self._numbers: list[_Numbers] = []
        self._rows: dict[tuple[str, Key, str], int] = {}  # of this release: kind, key, origin
        self._ended: list[adding.Rows] = []  # of each release before: of periods that have ended
        self._to_date: list[adding.Rows] = []  # and of those up to its day
        self._said: list[tuple[int, Said]] = []
        self._left: list[Said] = []  # of which an earlier release left what was said
        self._ends_now: list[Said] = []  # said of periods up to a day with which they have ended
        self._sums: dict[tuple[int, tuple[int, ...]], set[str]] = {}
        self._rests: dict[tuple[int, tuple[int, ...]], int] = {}  # rows of what a total has beside its parts
        self._merged: list[int] = []

    def value(self, cell: Cell) -> int:
        """Return the number of a cell."""
        return self._numbers[cell[0]].values[cell[1]]

    def number(self, kind: str, key: Key, column: str, value: int, origin: str = "") -> Cell:
        """Return the cell of a number."""
        at = self._rows.get((kind, key, origin))
        if at is None:
            at = self._rows[kind, key, origin] = self._new(kind)
        if self._numbers[at].values.setdefault(column, value) != value:
            return self.number(kind, key, column, value, f"{origin}'")
        return at, column

    def of_unit(self, unit: str, period: Period, column: str, value: int, origin: str = "") -> Cell:
        """Return the cell of a unit's number, or the province's."""
        kind = "province" if unit == self._province else "unit"
        return self.number(kind, (unit, *days(period)), column, value, origin)

    def _new(self, kind: str) -> int:
        self._numbers.append(_Numbers(_WEIGHTS[kind]))
        return len(self._numbers) - 1

    def row(self, at: int) -> Cells:
        """Return the cells of a row by column."""
        return {column: (at, column) for column in self._numbers[at].values}

    def add_up(self, total: Cells, parts: Sequence[Cells], *, over_days: bool = False) -> None:
        """Enter that a total is the sum of parts, with what is in the total alone as one part more.

        Nothing is entered of a column in which the parts are more than the total: they count something else.
        """
        rests: dict[tuple[int, tuple[int, ...]], dict[str, int]] = {}
        for column, cell in total.items():
            if over_days and not self.columns.add_up(column):
                continue
            found = tuple(part[column] for part in parts if column in part)
            rest = self.value(cell) - sum(map(self.value, found))
            if found and rest >= 0:
                rests.setdefault((cell[0], tuple(one[0] for one in found)), {})[column] = rest
        for (row, rows), by_column in rests.items():
            members = rows
            if any(by_column.values()):
                at = self._rests.get((row, rows))
                if at is None:
                    at = self._rests[row, rows] = self._new("rest")
                self._numbers[at].values.update(by_column)
                members = (*rows, at)
            self._sums.setdefault((row, members), set()).update(by_column)

    def remember(self, memory: Memory) -> None:
        """Take in what other releases said, after all that this one says."""
        begins = {key[-2] for _, key, _ in self._rows}
        for vector in memory.vectors.values():
            self.columns.of_vector(vector)
        self._left = [one for said in memory.ended for one in said]
        self._ended = [self._enter(said) for said in memory.ended]
        for said in memory.to_date:
            has_ended = all(day_after(one.key[-1]) in begins for one in said)
            (self._ended if has_ended else self._to_date).append(self._enter(said))
            self._ends_now += said if has_ended else ()

    def _enter(self, said: Sequence[Said]) -> adding.Rows:
        rows: adding.Rows = {}
        for one in said:
            at = rows[one.kind, one.key] = self._new(one.kind)
            self._numbers[at].values.update(one.counts)
            self._said.append((at, one))
        return rows

    def said(
        self, day: date, withheld: Collection[Cell], ranged: Collection[Cell]
    ) -> tuple[list[Said], list[Said]]:
        """Return what is now said of periods that have ended and no release left yet, and of those up to the day."""
        left: dict[Name, list[Said]] = defaultdict(list)
        for one in self._left:
            left[one.kind, one.key].append(one)
        ended, to_date = [], []

        def end(one: Said) -> None:
            own = left[one.kind, one.key]
            if not any(before.covers(one) for before in own):
                own.append(one)
                ended.append(one)

        for one in self._ends_now:
            end(one)
        for one in self._says(withheld, ranged):
            if one.key[-1] == day.isoformat():
                to_date.append(one)
            elif one.key[-1] < day.isoformat():
                end(one)
        return ended, to_date

    def _says(self, withheld: Collection[Cell], ranged: Collection[Cell]) -> Iterator[Said]:
        named: dict[Name, list[int]] = defaultdict(list)
        for (kind, key, _), at in self._rows.items():
            named[kind, key].append(at)
        for (kind, key), rows in named.items():
            first = self._merged[rows[0]]
            own = [at for at in rows if self._merged[at] == first]
            counts = {column: value for at in own for column, value in self._numbers[at].values.items()}
            hidden = frozenset(column for column in counts if (first, column) in withheld)
            small = frozenset(column for column in hidden if (first, column) in ranged)
            yield Said(kind, key, counts, hidden, small)

    def spans(self) -> list[tuple[str, str]]:
        """Return the days there are numbers of units for."""
        names = [(kind, key) for kind, key, _ in self._rows]
        names += [name for rows in (*self._ended, *self._to_date) for name in rows]
        return list(dict.fromkeys((key[1], key[2]) for kind, key in names if kind != "level"))

    def add_up_units(self, members: Mapping[tuple[str, str], Sequence[str]]) -> None:
        """Enter all sums of units and of days; `members`: the province's units by days."""
        made = adding.Adding(self, self._province, self._groups, members)
        made.of_release(self._rows, self._ended)
        made.of_others(self._ended, self._to_date)

    def problem(self, smallest: int) -> Problem:
        """Return what the solver works on."""
        names: dict[int, Name] = {at: (kind, key) for (kind, key, _), at in self._rows.items()}
        names |= {at: name for rows in (*self._ended, *self._to_date) for name, at in rows.items()}
        merged = merging.Merged(
            self.columns,
            [(one.values, one.weight) for one in self._numbers],
            names,
            set(self._rests.values()),
        )
        self._merged = merged.places
        return merged.problem(self._sums, self._said, smallest)

    def among(self, cell: Cell, cells: Collection[Cell]) -> bool:
        """Return whether the cell is one of the solver's (of the last `problem`)."""
        return (self._merged[cell[0]], cell[1]) in cells
