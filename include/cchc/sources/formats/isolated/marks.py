"""What a look at the raw sheet tells that its cells, as values, no longer do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cchc.sources.formats.isolated.refusal import Refusal

_MOST = 200_000
_LONGEST_LINE = 40
_QUOTED = re.compile(r'"[^"]*"|[\\_*].')
_LINES = re.compile(r'[\r\n\v\f\u2028\u2029]|&(?:"[^"]*"|K[0-9A-Fa-f]{6}|\d+|[A-Z])')

BUILT_IN_SHARES = (9, 10)  # number formats 0% and 0.00% of Excel

Place = tuple[int, int]  # row and column, from 0


class Marks:
    """Cells without a value one could believe (`error`, `formula`), what is hidden, merged cells (first, last).

    `beside` are the short lines of each comment, text box, page header and footer.
    """

    # no dataclass: importing that module is an eighth of what it costs to begin a process that reads a workbook
    def __init__(self, beside: Iterable[str] = ()) -> None:
        self.hidden_rows = 0
        self.hidden_columns: list[tuple[int, int]] = []  # first and last, from 0
        self.broken: dict[Place, str] = {}
        self.merged: list[tuple[Place, Place]] = []
        self.beside = set(beside)
        self.percent: dict[int, list[int]] = {}  # row → columns of numbers that are shown as 95,5%

    def mark_percent(self, row: int, column: int) -> None:
        """Note a cell whose number is a share."""
        self.percent.setdefault(row, []).append(column)

    def mark(self, row: int, column: int, why: str) -> None:
        """Note a cell; raises `Refusal` for a sheet that is full of them."""
        self.broken[row, column] = why
        if len(self.broken) > _MOST:
            raise Refusal(f"more than {_MOST} cells hold errors or formulas without a value")


def is_percent(number_format: str) -> bool:
    """Whether a number format shows a hundred times the number, with % behind it."""
    return "%" in _QUOTED.sub("", number_format)


def short_lines(text: str) -> str:
    """Return the lines of a text that could be a stamp; codes of page headers (&C, &"Arial,Bold", &14) part them."""
    lines = map(str.strip, _LINES.split(text))
    return "\n".join(line for line in lines if 0 < len(line) <= _LONGEST_LINE)


def cut_off(rows: int) -> Refusal:
    """Return the refusal of a sheet that ends where its format does."""
    return Refusal(f"the sheet has exactly {rows:,} rows, all that its format holds: suspected cut off")
