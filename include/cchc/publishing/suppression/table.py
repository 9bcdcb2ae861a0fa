"""The rows of one release's table, with those that earlier releases left, and what adds up in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from cchc.catalogue.models import Catalogue
from cchc.indicators.periods import Period
from cchc.publishing.suppression.columns import Columns
from cchc.publishing.suppression.problem import Cell, Problem, Row, Sum
from cchc.publishing.suppression.remembered import Key, Memory, Said

Cells = dict[str, Cell]  # by column

# what a cell that is withheld takes from a reader, by what its row is about
_WEIGHTS = {
    "rest": 0.1,
    "level": 60.0,
    "unit": 20.0,
    "province": 200.0,
}
_ENDED, _TO_DATE = "đã công bố", "đã công bố đến hôm trước"  # origins of what earlier releases said


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
    What earlier releases said are rows as well, of which nothing can be changed any more.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.columns = Columns(catalogue)
        self._province = catalogue.province.code
        self._rows: dict[tuple[str, Key, str], int] = {}  # kind, key, origin
        self._numbers: list[_Numbers] = []
        self._sums: dict[tuple[int, tuple[int, ...]], set[str]] = {}
        self._rests: dict[tuple[int, tuple[int, ...]], int] = {}  # rows of what a total has beside its parts
        self._groups = {unit.code: unit.group for unit in catalogue.units}
        self._merged: list[int] = []
        self._said: list[tuple[int, Said]] = []
        self._ended: frozenset[tuple[str, Key]] = (
            frozenset()
        )  # of which an earlier release left what was said

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

    def _row(self, at: int) -> Cells:
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
        """Take in what earlier releases said, after all that this one says."""
        begins = {key[-2] for _, key, _ in self._rows}
        self._ended = frozenset((one.kind, one.key) for one in memory.ended)
        for vector in memory.vectors.values():
            self.columns.of_vector(vector)
        for origin, rows in ((_ENDED, memory.ended), (_TO_DATE, memory.to_date)):
            for one in rows:
                has_ended = origin == _ENDED or _moved(one.key[-1], 1) in begins
                for column, value in one.counts.items():
                    at, _ = self.number(one.kind, one.key, column, value, _ENDED if has_ended else _TO_DATE)
                if one.counts:
                    self._said.append((at, one))

    def said(
        self, day: date, withheld: Collection[Cell], ranged: Collection[Cell]
    ) -> tuple[list[Said], list[Said]]:
        """Return what this release says of periods that have ended and nobody told of, and of those up to its day."""
        named: dict[tuple[str, Key], dict[str, int]] = defaultdict(dict)
        for (kind, key, origin), at in self._rows.items():
            if origin != _TO_DATE:
                named[kind, key][origin] = at
        ended, to_date = [], []
        for (kind, key), rows in named.items():
            first = self._merged[rows.get(_ENDED, next(iter(rows.values())))]  # what was said before stands
            own = [at for at in rows.values() if self._merged[at] == first]
            counts = {c: v for at in own for c, v in self._numbers[at].values.items()}
            hidden = frozenset(column for column in counts if (first, column) in withheld)
            small = frozenset(column for column in hidden if (first, column) in ranged)
            one = Said(kind, key, counts, hidden, small)
            if key[-1] == day.isoformat():
                to_date.append(one)
            elif key[-1] < day.isoformat() and (kind, key) not in self._ended:
                ended.append(one)
        return ended, to_date

    def spans(self) -> list[tuple[str, str]]:
        """Return the days there are numbers of units for."""
        keys = (key for kind, key, _ in self._rows if kind in ("unit", "province"))
        return list(dict.fromkeys((first, last) for _, first, last in keys))

    def add_up_units(self, members: Mapping[tuple[str, str], Sequence[str]]) -> None:
        """Enter that the province is the sum of its `members` of the same days, and a period that of those in it.

        Also of its levels, and a level of its units.
        """
        by_days: dict[tuple[str, str, str], dict[str, int]] = {}
        levels: dict[tuple[str, str, str], dict[str, int]] = {}
        by_unit: dict[str, dict[tuple[str, str], list[int]]] = {}
        for (kind, key, origin), at in self._rows.items():
            name, first, last = key
            if kind == "level":
                levels.setdefault((first, last, origin), {})[name] = at
                continue
            by_days.setdefault((first, last, origin), {})[name] = at
            if origin != _TO_DATE:
                by_unit.setdefault(name, {}).setdefault((first, last), []).append(at)
        for (first, last, origin), rows in by_days.items():
            plain = by_days.get((first, last, origin.rstrip("'")), {})
            if self._province in rows:
                units = [rows.get(code, plain.get(code)) for code in members[first, last]]
                self._add_up_rows(rows[self._province], units)
            of_levels = levels.get((first, last, origin), {})
            for level, at in of_levels.items():
                self._add_up_rows(at, [row for unit, row in rows.items() if self._groups.get(unit) == level])
            if of_levels and self._province in rows:
                self._add_up_rows(rows[self._province], list(of_levels.values()))
        for spans in by_unit.values():
            for (first, last), rows_of in spans.items():
                inside = [spans[span] for span in _apart(s for s in spans if first <= s[0] and s[1] <= last)]
                parts = [
                    {c: cell for at in reversed(own) for c, cell in self._row(at).items()} for own in inside
                ]
                for at in rows_of if parts else ():
                    self.add_up(self._row(at), parts, over_days=True)

    def _add_up_rows(self, total: int, parts: Iterable[int | None]) -> None:
        self.add_up(self._row(total), [self._row(at) for at in parts if at is not None])

    def problem(self, smallest: int) -> Problem:
        """Return what the solver works on."""
        rows: list[dict[str, int]] = []
        weights: list[float] = []
        sums: dict[tuple[int, tuple[int, ...]], set[str]] = {}
        of_name: dict[tuple[str, Key], list[int]] = defaultdict(list)
        self._merged = [-1] * len(self._numbers)
        named = {at: (kind, key) for (kind, key, _), at in self._rows.items()}
        for at, one in enumerate(self._numbers):
            name = named.get(at)
            there = next(iter(of_name[name]), None) if name else None
            if there is not None and all(rows[there].get(c, v) == v for c, v in one.values.items()):
                rows[there].update(one.values)
                self._merged[at] = there
                continue
            self._merged[at] = len(rows)
            if there is not None:
                sums[there, (len(rows),)] = {c for c, v in one.values.items() if rows[there].get(c) == v}
            if name:
                of_name[name].append(len(rows))
            rows.append(dict(one.values))
            weights.append(one.weight)
        for (total, parts), columns in self._sums.items():
            where = self._merged[total], tuple(self._merged[part] for part in parts)
            if where != (where[0], (where[0],)):
                sums.setdefault(where, set()).update(columns)
        rests = {self._merged[at] for at in self._rests.values()}
        bound = [
            Sum(total, parts, frozenset(columns))
            for (total, parts), columns in _together(rows, sums, rests).items()
        ]
        known, withheld, ranged = self._settled(rows, of_name, smallest)
        kept = frozenset(
            (row, c) for row, c in withheld if rows[row][c] and self.columns.balance(c) is not None
        )
        return Problem(
            [
                Row({**values, **self.columns.left(values)}, weight)
                for values, weight in zip(rows, weights, strict=True)
            ],
            [*bound, *self._balances(rows, of_name)],
            self.columns.bound,
            self.columns.costs(),
            known,
            withheld,
            kept,  # they are told again by the other days of a month, and each of these has proofs of its own
            ranged,
        )

    def _settled(
        self,
        rows: Sequence[Mapping[str, int]],
        of_name: Mapping[tuple[str, Key], Sequence[int]],
        smallest: int,
    ) -> tuple[frozenset[Cell], frozenset[Cell], frozenset[Cell]]:
        """Return the cells that earlier releases published and withheld, and of these those that were said to be small.

        A number that is about what it was when it was withheld stays so: it would tell the one that was.
        """
        known, withheld, ranged = set(), set(), set()
        for at, one in self._said:
            known |= {(self._merged[at], column) for column in one.counts.keys() - one.withheld}
            for row in of_name[one.kind, one.key]:
                for column in one.withheld & rows[row].keys():
                    if abs(rows[row][column] - one.counts[column]) < smallest:
                        withheld.add((row, column))
                    if column in one.ranged and rows[row][column] == one.counts[column]:
                        ranged.add((row, column))
        return frozenset(known), frozenset(withheld), frozenset(ranged)

    def _balances(
        self, rows: Sequence[Mapping[str, int]], of_name: Mapping[tuple[str, Key], Sequence[int]]
    ) -> Iterator[Sum]:
        """Yield that balances of one day are the same: what is open when a period ends is carried into the next."""
        first: dict[tuple[str, ...], Cell] = {}
        same: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
        for (kind, (name, begin, end)), own in of_name.items():
            for row in own:
                for column, value in rows[row].items():
                    if (balance := self.columns.balance(column)) is not None:
                        when, what = balance
                        day = end if when == "end" else _moved(begin, -1)
                        there, its = first.setdefault((kind, name, day, what, str(value)), (row, column))
                        if there != row:
                            same[there, row][column] = its
        for (there, row), columns in same.items():
            yield Sum(there, (row,), frozenset(columns), columns)

    def among(self, cell: Cell, cells: Collection[Cell]) -> bool:
        """Return whether the cell is one of the solver's (of the last `problem`)."""
        return (self._merged[cell[0]], cell[1]) in cells


def _together(
    rows: list[dict[str, int]], sums: Mapping[tuple[int, tuple[int, ...]], set[str]], rests: Collection[int]
) -> dict[tuple[int, tuple[int, ...]], set[str]]:
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


def _moved(day: str, by: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=by)).isoformat()


def _apart(spans: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield periods within a longer one that do not overlap, the first and longest of them."""
    ordered = sorted(spans, key=lambda s: (s[0], -date.fromisoformat(s[1]).toordinal()))
    whole = (min(s[0] for s in ordered), max(s[1] for s in ordered))
    until = ""
    for first, last in ordered:
        if (first, last) != whole and first > until:
            yield first, last
            until = last
