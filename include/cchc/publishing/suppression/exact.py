"""The other table where the quick search found none: as a linear program in whole numbers, over more and more rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from cchc.publishing.suppression.problem import Bond, Cell, Sum

_NODES = 500  # of its search; never a time, so that the same numbers withhold the same
_EPSILON = 1e-3  # so that of free changes the fewest are made


def another_table(
    cell: Cell,
    rows: Sequence[Mapping[str, int]],
    sums: Sequence[Sum],
    bonds: Callable[[int], Sequence[Bond]],
    cost: Callable[[int, str, int], float | None],
) -> dict[Cell, int] | None:
    """Return the cheapest change by one, of this cell and of others, after which all adds up; None: there is none.

    `cost`: of a change of a cell by 1 or -1; None where it cannot change.
    """
    sums_of: dict[int, list[int]] = {}
    for at, one in enumerate(sums):
        for row in (one.total, *one.parts):
            sums_of.setdefault(row, []).append(at)
    region = {cell[0]}
    while True:
        wider = region | {
            row for own in region for at in sums_of.get(own, ()) for row in (sums[at].total, *sums[at].parts)
        }
        found = _within(cell, wider, rows, [sums[at] for at in sorted(_of(wider, sums_of))], bonds, cost)
        if found is not None or wider == region:
            return found
        region = wider


def is_open(
    cell: Cell,
    rows: Sequence[Mapping[str, int]],
    sums: Sequence[Sum],
    bonds: Callable[[int], Sequence[Bond]],
    cost: Callable[[int, str, int], float | None],
) -> bool:
    """Return whether there is any other table, over all rows that hang together with the cell's."""
    sums_of: dict[int, list[int]] = {}
    for at, one in enumerate(sums):
        for row in (one.total, *one.parts):
            sums_of.setdefault(row, []).append(at)
    region, edge = {cell[0]}, [cell[0]]
    while edge:
        for at in sums_of.get(edge.pop(), ()):
            new = {sums[at].total, *sums[at].parts} - region
            region |= new
            edge += new

    def free(row: int, column: str, step: int) -> float | None:
        return None if cost(row, column, step) is None else 0.0

    own = [sums[at] for at in sorted(_of(region, sums_of))]
    return _within(cell, region, rows, own, bonds, free) is not None


def _of(region: Collection[int], sums_of: Mapping[int, Sequence[int]]) -> set[int]:
    return {at for row in region for at in sums_of.get(row, ())}


def _within(
    cell: Cell,
    region: Collection[int],
    rows: Sequence[Mapping[str, int]],
    sums: Sequence[Sum],
    bonds: Callable[[int], Sequence[Bond]],
    cost: Callable[[int, str, int], float | None],
) -> dict[Cell, int] | None:
    """Return the cheapest change in which rows outside the region stay."""
    import numpy as np  # rarely needed, and slow to import
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    changes: list[tuple[Cell, int]] = []
    costs: list[float] = []
    of_cell: dict[Cell, list[int]] = {}
    for row in sorted(region):
        for column in rows[row]:
            for step in (1, -1):
                price = cost(row, column, step)
                if price is not None:
                    of_cell.setdefault((row, column), []).append(len(changes))
                    changes.append(((row, column), step))
                    costs.append(price + _EPSILON)
    if cell not in of_cell:
        return None
    equations: list[dict[Cell, int]] = [
        {(row, column): factor for column, factor in bond.items()}
        for row in sorted(region)
        for bond in bonds(row)
    ]
    for one in sums:
        for column in sorted(one.columns or ()):
            total = one.renamed.get(column, column)
            equations.append({(one.total, total): -1, **{(part, column): 1 for part in one.parts}})
    entries = [
        (number, at, factor * changes[at][1])
        for number, equation in enumerate(equations)
        for its, factor in equation.items()
        for at in of_cell.get(its, ())
    ]
    entries += [(len(equations), at, 1) for at in of_cell[cell]]
    where_row, where_change, factors = (np.array(side) for side in zip(*entries, strict=True))
    matrix = coo_array((factors, (where_row, where_change)), shape=(len(equations) + 1, len(changes))).tocsr()
    wanted = np.zeros(len(equations) + 1)
    wanted[-1] = 1
    made = milp(
        np.array(costs),
        integrality=np.ones(len(costs)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, wanted, wanted),
        options={"node_limit": _NODES},
    )
    if made.x is None:
        return None
    return {its: step for (its, step), chosen in zip(changes, made.x, strict=True) if chosen > 0.5}
