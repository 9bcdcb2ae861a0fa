"""A printed form II.06a as an officer fills it in, as the rows of its sheet; and what is read in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cchc.sources.formats.forms import printed
from cchc.sources.formats.forms.period import check_file, period_of
from cchc.sources.formats.layout import Select, select
from unit.sources.profiles import profile

NOVEMBER = ("15/10/2026", "14/11/2026")
TITLE = "Từ ngày 15/10/2026 đến ngày 14/11/2026"
_OWN = [
    *("Tổng số", "Trực tuyến", "Trực tiếp", "Từ kỳ trước", "Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn"),
    *("Tổng số", "Trong hạn", "Quá hạn"),
]
HEAD = [
    [
        "TT",
        "Lĩnh vực giải quyết",
        "Tiếp nhận",
        "",
        "",
        "",
        "Đã giải quyết",
        "",
        "",
        "",
        "Đang giải quyết",
        "",
        "",
    ],
    ["", "", *_OWN],
]
MERGED = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 5), (0, 6, 0, 9), (0, 10, 0, 12)]
SIGNED = ["(1)", "(2)", "(3)=(4)+(5)+(6)", *(f"({n})" for n in range(4, 14))]
LETTERED = ["A", "B", *range(1, 12)]
FORMULAS = [
    "1",
    "2",
    "3=4+5+6",
    *map(str, range(4, 7)),
    "7=8+9+10",
    *map(str, range(8, 11)),
    "11=12+13",
    "12",
    "13",
]

Rows = list[list[Any]]


class Read(NamedTuple):
    """What a form says: its days, and to_handle (the first column of numbers)."""

    period: tuple[str, str]
    to_handle: str


def row(order: Any, name: str, tens: int | None) -> list[Any]:
    """Return a row in which every column agrees with the others; None: it states nothing."""
    if tens is None:
        return [order, name, *[""] * 11]
    return [order, name, *(tens * n for n in (10, 4, 5, 1, 6, 1, 4, 1, 4, 3, 1))]


def form(*rows: Sequence[Any], title: str = TITLE, numbers: Sequence[Any] = SIGNED) -> Rows:
    """Return the rows of a sheet: lines of the title, headings, numbers of the columns, rows."""
    above = [["Biểu số II.06a/VPCP/KSTT"], *([line] for line in title.split("\n"))]
    return [*above, *map(list, HEAD), *([list(numbers)] if numbers else []), *map(list, rows)]


def chosen() -> Select:
    """Return how the shipped profile reads a form."""
    return select(
        "report-ii06a", "reported_measure", profile("report-ii06a").datasets["reported_measure"].select
    )


def read(rows: Rows, sheet: str = "Sheet1", file: str = "bc_06a.xlsx") -> Read:
    """Return what is read in a form; raises as the reading of workbooks does."""
    how = chosen()
    assert how.form is not None
    top = printed.rows_above(rows, how.form)
    days = period_of(how.periods, rows[:top], sheet, file)
    check_file(how.periods, file, {days: sheet})
    merged = [(top + a, b, top + c, d) for a, b, c, d in MERGED]
    found = [record for _, record in printed.records(iter(rows), merged, how.form, days)]
    assert {(record["from"], record["to"]) for record in found} == {(found[0]["from"], found[0]["to"])}
    value = {record["measure"]: record["value"] for record in found}["to_handle"]
    return Read((found[0]["from"], found[0]["to"]), value)
