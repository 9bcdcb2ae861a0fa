"""The other table where the quick search found none: as a linear program in whole numbers, over more and more rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from cchc.publishing.suppression.problem import Bond, Cell, Sum

_NODES = 500  # of its search; never a time, so that the same numbers withhold the same
_EPSILON = 1e-3  # so that of free changes the fewest are made
_NEAR = 1  # how many sums away rows are looked at, before all


class Exact:
    """The rows and sums of a problem as equations.

    `cost`: of a change of a cell by 1 or -1; None where it cannot change.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, int]],
        sums: Sequence[Sum],
        bonds: Callable[[int], Sequence[Bond]],
        cost: Callable[[int, str, int], float | None],
    ) -> None:
        self._rows, self._sums, self._bonds, self._cost = rows, sums, bonds, cost
        self._sums_of: dict[int, list[int]] = {}
        for at, one in enumerate(sums):
            for row in (one.total, *one.parts):
                self._sums_of.setdefault(row, []).append(at)

    def near(self, cell: Cell) -> dict[Cell, int] | None:
        """Return the cheapest change by one, of this cell and others near it, after which all adds up, if any."""
        region = {cell[0]}
        for _ in range(_NEAR):
            region = self._wider(region)
            if (found := self._within(cell, region)) is not None:
                return found
        return None

    def anywhere(self, cell: Cell) -> dict[Cell, int] | None:
        """Return the cheapest change of this cell and any others."""
        return self._within(cell, self._all(cell))

    def is_bound(self, cell: Cell) -> bool:
        """Return whether no change of this cell adds up, whatever else changes, in whole numbers or not."""
        return self._within(cell, self._all(cell), in_parts=True) is None

    def _all(self, cell: Cell) -> set[int]:
        region, wider = {cell[0]}, self._wider({cell[0]})
        while wider != region:
            region, wider = wider, self._wider(wider)
        return region

    def _wider(self, region: Collection[int]) -> set[int]:
        near = {at for row in region for at in self._sums_of.get(row, ())}
        return {*region, *(row for at in near for row in (self._sums[at].total, *self._sums[at].parts))}

    def _equations(self, region: Collection[int]) -> list[dict[Cell, int]]:
        found: list[dict[Cell, int]] = [
            {(row, column): factor for column, factor in bond.items()}
            for row in sorted(region)
            for bond in self._bonds(row)
        ]
        for at in sorted({at for row in region for at in self._sums_of.get(row, ())}):
            one = self._sums[at]
            for column in sorted(one.columns or ()):
                total = one.renamed.get(column, column)
                found.append({(one.total, total): -1, **{(part, column): 1 for part in one.parts}})
        return found

    def _within(
        self, cell: Cell, region: Collection[int], *, in_parts: bool = False
    ) -> dict[Cell, int] | None:
        """Return the cheapest change in which rows outside the region stay."""
        import numpy as np  # rarely needed, and slow to import
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import coo_array

        changes = [
            ((row, column), step, price + _EPSILON)
            for row in sorted(region)
            for column in self._rows[row]
            for step in (1, -1)
            if (price := self._cost(row, column, step)) is not None
        ]
        of_cell: dict[Cell, list[int]] = {}
        for at, (its, _, _) in enumerate(changes):
            of_cell.setdefault(its, []).append(at)
        if cell not in of_cell:
            return None
        equations = self._equations(region)
        entries = [
            (number, at, factor * changes[at][1])
            for number, equation in enumerate(equations)
            for its, factor in equation.items()
            for at in of_cell.get(its, ())
        ]
        entries += [(len(equations), at, 1) for at in of_cell[cell]]
        where_row, where_change, factors = (np.array(side) for side in zip(*entries, strict=True))
        matrix = coo_array(
            (factors, (where_row, where_change)), shape=(len(equations) + 1, len(changes))
        ).tocsr()
        wanted = np.zeros(len(equations) + 1)
        wanted[-1] = 1
        made = milp(
            np.array([0.0 if in_parts else price for _, _, price in changes]),
            integrality=np.full(len(changes), 0 if in_parts else 1),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, wanted, wanted),
            options={"node_limit": _NODES},
        )
        if made.x is None:
            return None
        if not in_parts and (matrix @ np.round(made.x) != wanted).any():
            return None  # it adds up but for what its arithmetic lets pass
        return {its: step for (its, step, _), chosen in zip(changes, made.x, strict=True) if chosen > 0.5}
