"""Which cells of tables that add up must be withheld so that no small one can be worked out.

A cell is a column of a row. Columns of a row are bound to each other (`Problem.bound`: received = online + direct) and
rows column by column (`Sum`: a province is the sum of its units). A cell of 1 to `smallest` - 1 is small; 0 is
published, but in rows that are withheld wholly.

A small cell is safe where there is a proof: another table, with other numbers in withheld cells alone, that adds up to
all that is published, and in which this cell differs. Nobody can tell the two tables apart, whatever he works out
of the published numbers. In the other table small cells are small and other withheld cells are not, so that the proof
holds even for who knows which are which; where there is no such table, it holds for who does not (`Withheld.ranged`).
Withholding more keeps every proof, so the order in which they are found does not matter.

What earlier releases published is known and cannot differ in the other table; what they withheld stays withheld.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from cchc.publishing.suppression.exact import Exact
from cchc.publishing.suppression.problem import Bond, Cell, Move, Problem, Sum

_COMPLETIONS = 4  # ways in which a change of some columns of a row may go on in the others
_NEIGHBOURS = 5  # rows that are tried to take up a change of another one, beside the total
_FREE = 3  # of those that are withheld already, so many are enough to choose from
_WHOLE = 10.0  # what it costs to withhold a row with its zeros
_INNER_STEPS = 60  # within one row
_DEAR = 3_000.0  # a proof that takes a number of a level or of the province: is there one that does not?
_MODES = ((True, False), (False, False), (False, True))  # whether small is said to be small, zeros withheld
_STEPS = 30  # from one beginning; after it another one is tried, see `Search.withhold`


@dataclass(frozen=True)
class Withheld:
    """The cells that are not published."""

    cells: frozenset[Cell]
    ranged: frozenset[Cell]  # the small ones of which it may be said that they are small: 1 to smallest - 1
    lost: int = 0  # small ones for which no proof was found


def withhold(problem: Problem, smallest: int) -> Withheld:
    """Return the cells to withhold: the small ones and, of the others, cheap ones that make each of them safe."""
    return Search(problem, smallest).withhold()


class Search:
    """The proofs in the making: what is withheld so far, and which small cells are safe."""

    def __init__(self, problem: Problem, smallest: int) -> None:
        self.rows, self.smallest, self.costs = problem.rows, smallest, problem.costs
        self.cells: set[Cell] = {
            (n, column)
            for n, row in enumerate(self.rows)
            for column, value in row.values.items()
            if 0 < value < smallest
        }
        self.known, self.ranged = problem.known, problem.ranged
        self.guarded = self.cells | problem.kept
        self.cells |= problem.withheld
        self.lost = 0  # small cells for which no proof was found
        self.safe: set[Cell] = set()
        self.unranged: set[Cell] = set(problem.withheld - problem.ranged)
        self.told = True  # whether the other table keeps small cells small: then they may be called small
        self.sums = [self._binding(one) for one in problem.sums]
        self.sums_of: dict[int, list[int]] = defaultdict(list)
        for at, one in enumerate(self.sums):
            for row in dict.fromkeys((one.total, *one.parts)):
                self.sums_of[row].append(at)
        self.loose = False  # whether zeros may be withheld: of rows that are withheld wholly
        self.whole = {row for row, column in problem.withheld if not self.rows[row].values[column]}
        self.steps = 0
        self.named = [{its: column for column, its in one.renamed.items()} for one in self.sums]
        self.leaf = [all(len(self.sums_of[part]) == 1 for part in one.parts) for one in self.sums]
        self._least = [min(self.rows[part].weight for part in one.parts) for one in self.sums]
        self.bound = problem.bound
        self._bonds: dict[int, list[Bond]] = {}
        self._exact = Exact([row.values for row in self.rows], self.sums, self.bonds, self._cost_of)

    def _binding(self, one: Sum) -> Sum:
        """Return the sum with the columns in which the numbers do add up."""
        total = self.rows[one.total].values
        asked = total.keys() if one.columns is None else one.columns
        columns = frozenset(
            column
            for column in asked
            if total.get(one.renamed.get(column, column))
            == sum(self.rows[part].values.get(column, 0) for part in one.parts)
        )
        return Sum(one.total, one.parts, columns, one.renamed)

    def bonds(self, row: int) -> list[Bond]:
        """Return what binds the columns of a row."""
        found = self._bonds.get(row)
        if found is None:
            values = self.rows[row].values
            found = [
                bond
                for bond in self.bound(frozenset(values))
                if bond.keys() <= values.keys() and not sum(f * values[c] for c, f in bond.items())
            ]
            self._bonds[row] = found
        return found

    def withhold(self) -> Withheld:
        """Prove one small cell after the other safe, withholding what the proof needs."""
        for cell in sorted(self.guarded):
            if cell in self.safe:
                continue
            proof = self._searched(cell)
            if proof is None:
                proof = self._worked_out(cell)
            elif (price := self._price_of(proof)) > _DEAR:
                proof = self._cheaper(cell, price) or proof
            if proof is None:
                self.lost += 0 < self.rows[cell[0]].values[cell[1]] < self.smallest
                continue
            # in rows with withheld zeros the other table need not keep small cells small
            self.unranged.update(cell for cell in proof if not self.told or cell[0] in self.whole)
            if self.loose:
                self._withhold_wholly(proof)
            self.cells.update(proof)
            self.safe.update(proof)
        small = {cell for cell in self.cells if 0 < self.rows[cell[0]].values[cell[1]] < self.smallest}
        return Withheld(frozenset(self.cells), frozenset(small - self.unranged), self.lost)

    def _withhold_wholly(self, proof: Mapping[Cell, int]) -> None:
        """Withhold rows with their zeros where the other table has a 0 for a number, or a number for a 0."""
        for (row, column), step in proof.items():
            value = self.rows[row].values[column]
            if not value or value + step < 1:
                self.whole.add(row)
                cells = {(row, c) for c in self.rows[row].values}
                self.cells |= cells
                self.unranged |= cells

    def _searched(self, cell: Cell) -> dict[Cell, int] | None:
        for self.told, self.loose in _MODES:
            if (proof := self._proof(cell)) is not None:
                return proof
        return None

    def _worked_out(self, cell: Cell) -> dict[Cell, int] | None:
        """Return the proof of a cell for which the search found none."""
        self.told, self.loose = _MODES[-1]  # it allows most: where it has no table, none has
        if not any(self.may(*cell, step) for step in (1, -1)):
            return None
        for self.told, self.loose in _MODES:
            if (proof := self._exact.near(cell)) is not None:
                return proof
        if self._exact.is_bound(cell):
            return None
        for self.told, self.loose in _MODES:
            if (proof := self._exact.anywhere(cell)) is not None:
                return proof
        return None

    def _cheaper(self, cell: Cell, price: float) -> dict[Cell, int] | None:
        """Return a proof that withholds less than one of this price; None where none was found."""
        found = self.told, self.loose
        for self.told, self.loose in _MODES[: _MODES.index(found) + 1]:
            for search in (self._exact.near, self._exact.anywhere):
                proof = search(cell)
                if proof is not None and self._price_of(proof) < price:
                    return proof
        self.told, self.loose = found
        return None

    def _cost_of(self, row: int, column: str, step: int) -> float | None:
        return self.cost(row, column, step) if self.may(row, column, step) else None

    def _price_of(self, proof: Mapping[Cell, int]) -> float:
        return sum(self.cost(row, column, step) for (row, column), step in proof.items())

    def cost(self, row: int, column: str, step: int) -> float:
        """Return what it costs to withhold a cell: nothing again, a little more of a greater number, much of a zero."""
        one = self.rows[row]
        value = one.values[column]
        if self.loose and row not in self.whole and (not value or value + step < 1):
            return _WHOLE * one.weight
        if (row, column) in self.cells:
            return 0.0
        return one.weight * self._price(column) * (1 + min(value, 10_000) / 10_000)

    def _price(self, column: str) -> float:
        return self.costs.get(column, 1.0)

    def may(self, row: int, column: str, step: int) -> bool:
        """Return whether the other table may have so much more in a cell."""
        return self._taken(row, {column: step}, 1) is not None

    def completions(self, row: int, fixed: Move, closed: frozenset[str]) -> list[tuple[float, Move]]:
        """Return the cheapest changes of a row that are `fixed` in some columns and change no `closed` one."""
        bonds = self.bonds(row)
        start = sum(self.cost(row, column, step) for column, step in fixed.items())
        heap: list[tuple[float, int, Move]] = [(start, 0, fixed)]
        tick = count(1)
        found: list[tuple[float, Move]] = []
        seen: set[frozenset[tuple[str, int]]] = set()
        steps = 0
        while heap and len(found) < _COMPLETIONS and steps < _INNER_STEPS:
            cost, _, move = heappop(heap)
            steps += 1
            for bond in bonds:
                off = 0
                for column, step in move.items():
                    if column in bond:
                        off += step * bond[column]
                if off:
                    break
            else:
                found.append((cost, move))
                continue
            for column, factor in bond.items():
                if column in move or column in closed:
                    continue
                step = -1 if off * factor > 0 else 1
                if self.may(row, column, step):
                    more = {**move, column: step}
                    key = frozenset(more.items())
                    if key not in seen:
                        seen.add(key)
                        heappush(heap, (cost + self.cost(row, column, step), next(tick), more))
        return found

    def _proof(self, cell: Cell) -> dict[Cell, int] | None:
        """Return another table in which the cell differs, as what it has more; None where the search found none."""
        row, column = cell
        starts = [
            start
            for step in (1, -1)
            if self.may(row, column, step)
            for start in self.completions(row, {column: step}, frozenset())
        ]
        starts.sort(key=lambda start: start[0])
        for _, move in starts:
            self.steps = 0
            done = {row: move}
            if self.closed(done, self.opened({}, row, move)):
                return {(n, c): step for n, own in done.items() for c, step in own.items()}
        return None

    def closed(self, done: dict[int, Move], still: dict[int, Move]) -> bool:
        """Change more rows until all sums add up again; return whether it was possible."""
        if not still:
            return True
        self.steps += 1
        if self.steps > _STEPS:
            return False
        at = min(still, key=lambda one: (not self.leaf[one], len(self.sums[one].parts), one))
        for row, move in self._takers(at, still, done):
            done[row] = move
            if self.closed(done, self.opened(still, row, move)):
                return True
            del done[row]
            if self.leaf[at]:  # which of these rows it is makes no difference to the rest
                return False
        return False

    def opened(self, still: dict[int, Move], row: int, move: Move) -> dict[int, Move]:
        """Return the sums that do not add up once a row changes: by column, how much its parts have too much."""
        found = dict(still)
        for at in self.sums_of[row]:
            one = self.sums[at]
            side = -1 if row == one.total else 1
            off = dict(found.get(at, {}))
            for column, step in self._in_sum(at, row, move).items():
                off[column] = off.get(column, 0) + side * step
            off = {column: step for column, step in off.items() if step}
            if off:
                found[at] = off
            else:
                found.pop(at, None)
        return found

    def _in_sum(self, at: int, row: int, move: Move) -> Move:
        """Return what of a row's change a sum binds, by the parts' columns."""
        one = self.sums[at]
        if row == one.total and one.renamed:
            move = {self.named[at].get(column, ""): step for column, step in move.items()}
        return {column: step for column, step in move.items() if column in (one.columns or ())}

    def _takers(
        self, at: int, still: Mapping[int, Move], done: Mapping[int, Move]
    ) -> Iterator[tuple[int, Move]]:
        """Yield the rows that can take up what a sum has too much, and how they change, the most promising first."""
        one, leaf = self.sums[at], self.leaf[at]
        closed = one.columns or frozenset()
        able: list[tuple[float, int, Move]] = []
        free = 0
        for row in (*one.parts, one.total):
            if row in done:
                continue
            off = still[at]
            if row == one.total and one.renamed:
                off = {one.renamed[column]: step for column, step in off.items()}
            own = {column: step for column, step in off.items() if column in self.rows[row].values}
            fixed = self._taken(row, own, 1 if row == one.total else -1)
            if not fixed:
                continue
            # what this row has no number of is left to another one
            cost = sum(self._price(column) * self._least[at] for column in off.keys() - own.keys())
            for column, step in fixed.items():
                if self.loose or (row, column) not in self.cells:
                    cost += self.cost(row, column, step)
            able.append((cost + self._hope(at, row, fixed, still), row, fixed))
            free += not cost
            if leaf and free >= _FREE:
                break
        able.sort(key=lambda a: (a[0], a[1]))
        chosen = able[:_NEIGHBOURS] + [a for a in able[_NEIGHBOURS:] if a[1] == one.total]
        for _, row, fixed in chosen:
            fast = frozenset(one.renamed.values()) if row == one.total and one.renamed else closed
            for _, move in self.completions(row, fixed, fast)[:2]:
                if all(self._is_open_below(below, row, move) for below in self.sums_of[row] if below != at):
                    yield row, move

    def _taken(self, row: int, off: Move, side: int) -> Move | None:
        """Return what a row must have more to take up what a sum has too much; None where it cannot."""
        values, fixed = self.rows[row].values, {}
        loose = self.loose or row in self.whole
        for column, step in off.items():
            value = values.get(column, 0 if not loose else None)
            if value is None or (not value and not loose) or (row, column) in self.known:
                return None
            after = value + side * step
            if after < (0 if loose else 1):
                return None
            says = (self.told and row not in self.whole) or (row, column) in self.ranged
            if says and (value < self.smallest) != (after < self.smallest):
                return None
            fixed[column] = side * step
        return fixed

    def _is_open_below(self, at: int, row: int, move: Move) -> bool:
        """Return whether, where a row is a total of rows that nothing else binds, one of them can follow it."""
        one = self.sums[at]
        if row != one.total or not self.leaf[at]:
            return True
        off = self._in_sum(at, row, move)
        return not off or any(self._taken(part, off, 1) is not None for part in one.parts)

    def _hope(self, at: int, row: int, move: Move, still: Mapping[int, Move]) -> float:
        """Return what the sums that a change of a row opens may cost, less what it closes beside `at`."""
        found = 0.0
        for other in self.sums_of[row]:
            if other != at:
                side = 1 if row == self.sums[other].total else -1
                open_there = still.get(other)
                own = self._in_sum(other, row, move)
                closes = open_there is not None and all(own.get(c) == side * s for c, s in open_there.items())
                found += -self._least[other] if closes else self._least[other]
        return 2 * len(move) * found
