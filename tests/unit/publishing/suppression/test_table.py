"""What adds up in a release's table, also with what earlier releases said."""

from __future__ import annotations

from datetime import date

from cchc.catalogue.indicators import Term
from cchc.indicators.periods import Period
from cchc.publishing.suppression.problem import Problem, Sum
from cchc.publishing.suppression.remembered import Memory, Said
from cchc.publishing.suppression.table import Table
from integration.seed_unit import catalogue

CATALOGUE = catalogue()
NOVEMBER = Period("2026-11", date(2026, 10, 15), date(2026, 11, 14), "report")
DECEMBER = Period("2026-12", date(2026, 11, 15), date(2026, 11, 20), "report")
UNITS = ("SGDDT", "SYT", "01273")


def _column(table: Table, measure: str, at: str = "end") -> str:
    return table.columns.of([Term.model_validate({"measure": measure, "at": at})])


def _sums(problem: Problem) -> list[tuple[dict[str, int], list[dict[str, int]]]]:
    def of(one: Sum, row: int) -> dict[str, int]:
        named = one.renamed if row == one.total else {}
        return {c: problem.rows[row].values.get(named.get(c, c), 0) for c in sorted(one.columns or ())}

    return [(of(one, one.total), [of(one, part) for part in one.parts]) for one in problem.sums]


def test_a_number_that_one_unit_lacks_leaves_one_sum() -> None:
    table = Table(CATALOGUE)
    received, finished = (_column(table, measure) for measure in ("received", "finished_late"))
    for unit, number in zip(("H14", *UNITS), (100, 20, 30, 50), strict=True):
        table.of_unit(unit, NOVEMBER, received, number)
        if unit != "SYT":
            table.of_unit(unit, NOVEMBER, finished, number // 10)
    table.add_up_units({("2026-10-15", "2026-11-14"): UNITS})
    (found,) = _sums(table.problem(5))
    # 10 finished in the province, 7 of them in units that say so: what is left is a part of the same sum
    assert found == (
        {finished: 10, received: 100},
        [
            {finished: 2, received: 20},
            {finished: 0, received: 30},
            {finished: 5, received: 50},
            {finished: 3, received: 0},
        ],
    )


def test_what_is_carried_over_is_what_was_open_before() -> None:
    table = Table(CATALOGUE)
    before, after = (_column(table, "in_process", at) for at in ("start", "end"))
    table.of_unit("SYT", DECEMBER, before, 12)
    memory = Memory(
        {after: table.columns.vector(after), before: table.columns.vector(before)},
        ((Said("unit", ("SYT", "2026-10-15", "2026-11-14"), {before: 7, after: 12}, frozenset({after})),),),
    )
    table.remember(memory)
    table.add_up_units(dict.fromkeys(table.spans(), UNITS))
    problem = table.problem(5)
    assert _sums(problem) == [({after: 12}, [{after: 12}])]
    (row,) = (n for n, row in enumerate(problem.rows) if before in row.values and after in row.values)
    assert (problem.known, problem.withheld, problem.kept) == (
        {(row, before)},
        {(row, after)},
        {(row, after)},
    )


def test_what_was_withheld_stays_so_while_it_is_about_the_same() -> None:
    def withheld(now: int) -> bool:
        table = Table(CATALOGUE)
        received = _column(table, "received")
        _, column = table.of_unit("SYT", NOVEMBER, received, now)
        key = ("SYT", "2026-10-15", "2026-11-14")
        said = Said("unit", key, {received: 3}, frozenset({received}))
        table.remember(Memory({received: table.columns.vector(received)}, ((said,),)))
        problem = table.problem(5)
        return any(problem.rows[row].values[column] == now for row, _ in problem.withheld)

    assert withheld(3)
    assert withheld(6)
    assert not withheld(60)
