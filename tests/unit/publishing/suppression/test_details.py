"""Which rows of a total are published: no small number in them, and none in what is left of the total."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cchc.publishing.suppression.details import published

COLUMNS = ("c3", "c7", "c11")
COUNT = st.one_of(st.integers(0, 6), st.integers(0, 60))


def _row(settled: int, open_: int) -> dict[str, int | None]:
    return {"c3": settled + open_, "c7": settled, "c11": open_}


def _sums(rows: list[dict[str, int | None]], columns: tuple[str, ...] = COLUMNS) -> dict[str, int | None]:
    return {c: sum(row[c] or 0 for row in rows) for c in columns}


@given(st.lists(st.tuples(COUNT, COUNT), min_size=1, max_size=8), st.sampled_from([COLUMNS, ("c3",)]))
def test_neither_a_row_nor_the_rest_tells_a_small_number(
    counts: list[tuple[int, int]], columns: tuple[str, ...]
) -> None:
    rows = [_row(*one) for one in counts]
    told, rest = published(_sums(rows, columns), rows, 5)
    kept = [row for row, is_told in zip(rows, told, strict=True) if is_told]
    assert not any(0 < (row[c] or 0) < 5 for row in kept for c in columns)
    gone = [row for row, is_told in zip(rows, told, strict=True) if not is_told]
    assert rest == _sums(gone, columns)
    if kept:  # else there is nothing beside the total, which is settled elsewhere
        assert not any(0 < (value or 0) < 5 for value in rest.values())


def test_rows_without_small_numbers_are_all_published() -> None:
    rows = [_row(20, 5), _row(0, 9), _row(7, 0)]
    told, rest = published(_sums(rows), rows, 5)
    assert told == [True] * 3
    assert rest == dict.fromkeys(COLUMNS, 0)


def test_a_single_small_row_takes_the_smallest_other_one_with_it() -> None:
    rows = [_row(3, 0), _row(50, 20), _row(9, 6), _row(40, 0)]
    told, rest = published(_sums(rows), rows, 5)
    assert told == [False, True, False, True]
    assert rest == {"c3": 18, "c7": 12, "c11": 6}


def test_rows_that_were_published_before_hide_no_other() -> None:
    """63 in all on both days: first rows of 6 and 5 were told, then 8 and 6, and 22 - 8 - 6 - 5 would be the 3."""
    rows = [{"c3": 8}, {"c3": 6}, {"c3": 5}, {"c3": 3}]
    known = [False, True, True, False]
    told, rest = published({"c3": 22}, rows, 5, (), known)
    assert told == [False, True, True, False]
    assert rest == {"c3": 11}
    # where nothing else is left, who was published before joins the rest: it may have changed since
    told, rest = published({"c3": 14}, rows[1:], 5, (), known[1:])
    assert (told, rest) == ([True, False, False], {"c3": 8})
