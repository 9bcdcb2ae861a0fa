"""What is withheld cannot be worked out: every table that adds up to the published numbers is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cchc.publishing.suppression.problem import Cell, Problem, Row, Sum
from cchc.publishing.suppression.solver import withhold

SMALLEST = 5


def _margins(inner: Sequence[Sequence[int]]) -> Problem:
    """Return a table with a total of every row and column, and of all: columns add up to `t`, rows to the last one."""
    columns = [f"c{n}" for n in range(len(inner[0]))]
    bond = {"t": -1, **dict.fromkeys(columns, 1)}
    rows = [{**dict(zip(columns, values, strict=True)), "t": sum(values)} for values in inner]
    rows.append({name: sum(row[name] for row in rows) for name in (*columns, "t")})
    weights = [1.0] * len(inner) + [10.0]
    return Problem(
        [Row(row, weight) for row, weight in zip(rows, weights, strict=True)],
        [Sum(len(inner), tuple(range(len(inner))))],
        lambda shape: [bond],
        {"t": 3.0},
    )


def _equations(problem: Problem) -> list[dict[Cell, int]]:
    found: list[dict[Cell, int]] = []
    for n, row in enumerate(problem.rows):
        for bond in problem.bound(frozenset(row.values)):
            found.append({(n, column): factor for column, factor in bond.items()})
    for one in problem.sums:
        for column in one.columns or problem.rows[one.total].values:
            total = one.renamed.get(column, column)
            found.append({(one.total, total): -1, **{(part, column): 1 for part in one.parts}})
    return found


def _tables(
    problem: Problem, hidden: Sequence[Cell], ranges: Mapping[Cell, range]
) -> Iterator[dict[Cell, int]]:
    """Yield every table that agrees with all that is published, cell by cell, dropping what cannot add up at once."""
    equations = _equations(problem)
    values = {(n, c): v for n, row in enumerate(problem.rows) for c, v in row.values.items()}
    last = [max((hidden.index(cell) for cell in e if cell in hidden), default=-1) for e in equations]
    ends: dict[int, list[dict[Cell, int]]] = {}
    for at, equation in zip(last, equations, strict=True):
        ends.setdefault(at, []).append(equation)

    def fill(at: int, table: dict[Cell, int]) -> Iterator[dict[Cell, int]]:
        if at == len(hidden):
            yield dict(table)
            return
        for value in ranges[hidden[at]]:
            table[hidden[at]] = value
            if all(not sum(f * table[c] for c, f in e.items()) for e in ends.get(at, ())):
                yield from fill(at + 1, table)

    yield from fill(0, {cell: value for cell, value in values.items() if cell not in hidden})


def _told(problem: Problem, cells: frozenset[Cell], ranged: frozenset[Cell]) -> dict[Cell, set[int]]:
    """Return, of each small cell, the values it can have for who knows the rules and which ranged cells are small."""
    values = {(n, c): v for n, row in enumerate(problem.rows) for c, v in row.values.items()}
    most = max(values.values()) + 3
    hidden = sorted(cells, key=lambda c: (c[0], c[1] == "t", c[1]))
    known = {c for c in cells if c in ranged}
    # of a row that is withheld wholly nobody knows where its zeros are
    whole = {n for n, row in enumerate(problem.rows) if all((n, column) in cells for column in row.values)}
    ranges = {c: range(1, SMALLEST) if c in known else range(0 if c[0] in whole else 1, most) for c in hidden}
    small = [c for c in cells if 0 < values[c] < SMALLEST]
    possible: dict[Cell, set[int]] = {c: set() for c in small}
    for table in _tables(problem, hidden, ranges):
        for c in small:
            possible[c].add(table[c])
        if all(len(found) > 1 for found in possible.values()):
            break
    return possible


tables = st.integers(2, 3).flatmap(
    lambda width: st.lists(
        st.lists(st.sampled_from([0, 0, 1, 1, 2, 3, 4, 5, 6]), min_size=width, max_size=width),
        min_size=2,
        max_size=2,
    )
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(tables)
def test_every_small_cell_has_two_possible_values(inner: list[list[int]]) -> None:
    problem = _margins(inner)
    found = withhold(problem, SMALLEST)
    for n, row in enumerate(problem.rows):
        whole = all((n, column) in found.cells for column in row.values)
        for column, value in row.values.items():
            assert value != 0 or whole or (n, column) not in found.cells
            assert not 0 < value < SMALLEST or (n, column) in found.cells
    assert all(len(values) > 1 for values in _told(problem, found.cells, found.ranged).values()), found
    assert withhold(problem, SMALLEST) == found


pairs_of_rows = st.lists(
    st.lists(st.sampled_from([0, 1, 2, 4, 5, 7]), min_size=2, max_size=2), min_size=2, max_size=2
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(pairs_of_rows, st.lists(st.sampled_from([0, 1, 3, 6]), min_size=2, max_size=2))
def test_what_was_withheld_does_not_follow_from_a_later_release(
    inner: list[list[int]], new: list[int]
) -> None:
    first = _margins(inner)
    before = withhold(first, SMALLEST)
    carried = [[own, row[0]] for own, row in zip(new, inner, strict=True)]  # what `c0` was is `c1` now
    second = _margins(carried)
    shift = len(first.rows)
    later = [Sum(one.total + shift, tuple(part + shift for part in one.parts)) for one in second.sums]
    links = [Sum(n + shift, (n,), frozenset({"c0"}), {"c0": "c1"}) for n in range(shift)]
    cells = {(n, column) for n, row in enumerate(first.rows) for column in row.values}
    both = Problem(
        [*first.rows, *second.rows],
        [*first.sums, *later, *links],
        first.bound,
        first.costs,
        frozenset(cells - before.cells),
        before.cells,
        frozenset(c for c in before.cells if c[1] == "c0" and first.rows[c[0]].values["c0"]),
        before.ranged,
    )
    found = withhold(both, SMALLEST)
    assert before.cells <= found.cells
    assert not (cells - before.cells) & found.cells
    assert found.lost == 0
    assert all(len(values) > 1 for values in _told(both, found.cells, found.ranged).values()), found


def test_a_number_that_earlier_releases_tell_takes_no_others_with_it() -> None:
    rows = [Row({"a": 3, "b": 40, "t": 43}), Row({"a": 50, "b": 60, "t": 110})]
    bond = {"t": -1, "a": 1, "b": 1}
    known = frozenset({(0, "b"), (0, "t")})
    found = withhold(Problem(rows, [], lambda shape: [bond], known=known), SMALLEST)
    assert (found.cells, found.lost) == (frozenset({(0, "a")}), 1)


def test_where_the_search_goes_too_far_the_proof_is_worked_out() -> None:
    """A small cell of one unit can only change with one of another, at the end of a long chain of sums."""
    length = 60
    rows = [Row({"a": 3})] + [Row({"a": 3 + 10 * n}) for n in range(1, length)]
    rows += [Row({"a": rows[n + 1].values["a"] - rows[n].values["a"]}) for n in range(length - 1)]
    sums = [Sum(n + 1, (n, length + n)) for n in range(length - 1)]
    known = frozenset((length + n, "a") for n in range(length - 2))
    problem = Problem(rows, sums, known=known)
    found = withhold(problem, SMALLEST)
    assert found.lost == 0
    assert found.cells == {(n, "a") for n in (*range(length - 1), 2 * length - 2)}


def _cube(inner: Sequence[Sequence[Sequence[Sequence[int]]]]) -> Problem:
    """Return counts by unit, field and procedure in two columns and their total, as a release adds them up."""
    bond = {"t": -1, "a": 1, "b": 1}
    rows: list[Row] = []
    sums: list[Sum] = []

    def total(parts: Sequence[int], weight: float) -> int:
        values = {c: sum(rows[part].values[c] for part in parts) for c in ("a", "b", "t")}
        rows.append(Row(values, weight))
        sums.append(Sum(len(rows) - 1, tuple(parts)))
        return len(rows) - 1

    fields: list[list[int]] = []
    for unit in inner:
        fields.append([])
        for procedures in unit:
            first = len(rows)
            rows.extend(Row({"a": a, "b": b, "t": a + b}) for a, b in procedures)
            fields[-1].append(total(range(first, len(rows)), 4.0))
    units = [total(own, 20.0) for own in fields]
    over = [total(list(same), 60.0) for same in zip(*fields, strict=True)]
    whole = total(units, 200.0)
    sums.append(Sum(whole, tuple(over)))
    return Problem(rows, sums, lambda shape: [bond], {"t": 3.0})


pairs = st.tuples(st.sampled_from([0, 1, 2, 3, 5, 9, 30]), st.sampled_from([0, 1, 4, 6, 12, 40]))
cubes = st.lists(
    st.lists(st.lists(pairs, min_size=2, max_size=2), min_size=3, max_size=3), min_size=3, max_size=3
)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(cubes)
def test_no_equation_tells_a_small_cell_where_sums_cross(inner: list[list[list[tuple[int, int]]]]) -> None:
    problem = _cube(inner)
    found = withhold(problem, SMALLEST)
    hidden = sorted(found.cells)
    place = {cell: n for n, cell in enumerate(hidden)}
    lines = np.zeros((len(_equations(problem)), max(len(hidden), 1)))
    for line, equation in zip(lines, _equations(problem), strict=True):
        for cell, factor in equation.items():
            if cell in place:
                line[place[cell]] = factor
    basis = np.linalg.svd(lines)
    free = basis.Vh[int((basis.S > 1e-9).sum()) :]  # what withheld cells can differ by
    for cell in hidden:
        if 0 < problem.rows[cell[0]].values[cell[1]] < SMALLEST:
            assert np.abs(free[:, place[cell]]).max() > 1e-9, cell
    small = any(0 < value < SMALLEST for row in problem.rows for value in row.values.values())
    assert small == bool(found.cells)


def test_a_withheld_zero_lets_no_cell_be_called_small_that_is_not_in_the_other_table() -> None:
    """Beside a number that was withheld and is 0 now: another table has 5 for the 4, so it is not told to be small."""
    rows = [Row({"a": 0, "b": 4}), Row({"b": 7, "d": 1, "e": 8}), Row({"b": 11}, 10.0)]
    bond = {"b": 1, "d": 1, "e": -1}
    problem = Problem(
        rows,
        [Sum(2, (0, 1), frozenset({"b"}))],
        lambda shape: [bond] if "e" in shape else [],
        known=frozenset({(1, "e"), (2, "b")}),
        withheld=frozenset({(0, "a")}),
    )
    found = withhold(problem, SMALLEST)
    assert (0, "b") in found.cells
    assert (0, "b") not in found.ranged
