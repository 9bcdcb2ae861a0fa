"""The total below a list: columns of numbers are added up and rows counted, and held against what it states."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from cchc.catalogue.profiles import FieldMap
from cchc.sources.formats.cells import amount, written
from cchc.sources.formats.headings import Headings
from cchc.sources.formats.isolation import BadWorkbook, Broken, Cell
from cchc.sources.texts import label

_UNKNOWN = Broken("error")
# `Tổng cộng: 1.234 hồ sơ, trong đó …` counts the rows. `Tổng cộng tháng 11` states nothing, and đồng are no rows
_NUMBER = r"(\d{1,3}(?:\.\d{3})+|\d+)"
_UNIT = r"(?:hồ sơ|hs|bộ hồ sơ|văn bản|thủ tục|phản ánh|kiến nghị|đơn|dòng|bản ghi)"
_COUNT = re.compile(rf"[^\d,.;]*?(?:[:=]\s*{_NUMBER}[\s./)]*|[:=\s]\s*{_NUMBER}\s*{_UNIT}(?:[\s,.;/()].*)?)")


class Control:
    """Adds up what stands in the rows of one list; `count` is how many there were."""

    def __init__(self, found: Headings, fields: Mapping[str, FieldMap]) -> None:
        numeric = ("integer", "number")
        self._columns = {
            at: name for at, name in enumerate(found.names) if name in fields and fields[name].type in numeric
        }
        self._sums: dict[int, Decimal | Broken] = {at: Decimal(0) for at in self._columns}
        self.count = 0
        self._counted_before = 0  # rows above the total before this one

    def add(self, cells: Sequence[Cell]) -> None:
        """Take a row."""
        self.count += 1
        for at, held in self._sums.items():
            value = amount(cells[at]) if at < len(cells) else None
            if isinstance(value, Broken):
                self._sums[at] = value  # the row goes to quarantine, so the sum says nothing
            elif value is not None and not isinstance(held, Broken):
                self._sums[at] = held + value

    def add_unknown(self) -> None:
        """Take a row of which nobody knows what it holds."""
        self.count += 1
        self._sums = dict.fromkeys(self._sums, _UNKNOWN)

    def compare(self, cells: Sequence[Cell], number: int) -> None:
        """Raise `BadWorkbook` where the row of a total (from 0) states something else than the rows above it."""
        for at, held in self._sums.items():
            stated = amount(cells[at]) if at < len(cells) else None
            if isinstance(stated, Decimal) and isinstance(held, Decimal) and stated != held:
                raise BadWorkbook(
                    f"column {self._columns[at]}: the rows add up to {written(held)}, "
                    f"the total in row {number + 1} states {written(stated)}"
                )
        self._compare_count(cells, number)

    def _compare_count(self, cells: Sequence[Cell], number: int) -> None:
        said = next((label(cell) for cell in cells if isinstance(cell, str) and cell.strip()), "")
        found = _COUNT.fullmatch(said)
        of_group = self.count - self._counted_before
        self._counted_before = self.count
        stated = (found[1] or found[2]) if found else None
        if stated and int(stated.replace(".", "")) not in (self.count, of_group):
            raise BadWorkbook(
                f"{self.count} rows stand above it, the total in row {number + 1} states {stated}"
            )
