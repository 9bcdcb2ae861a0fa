"""Whether the days of a column were written as month/day, or typed into a program that takes them so.

A spreadsheet set to English of the United States takes 03/11/2026 for the 11th of March and keeps 13/11/2026 as the
text it cannot read. A single cell does not tell; the column does, and then none of its days can be believed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from cchc.catalogue.profiles import DatasetMap
from cchc.sources.formats.isolation import Cell

_DAY = re.compile(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_LENGTH = 10  # of dd/mm/yyyy: an hour behind it tells nothing here
_MONTHS = 12
_FEW = 3  # different days of each kind: fewer may be chance
_APART, _MANY, _MONTH = 4, 5, timedelta(31)
_FOLD = 4_096


class Days:
    """Looks at the columns of one table whose days are written day before month."""

    def __init__(self, names: Sequence[str], dataset_map: DatasetMap) -> None:
        dated = {
            field.path
            for field in dataset_map.fields.values()
            if field.type in ("date", "timestamp") and _is_day_first(field.formats)
        }
        self._columns = [(at, _Column(name)) for at, name in enumerate(names) if name in dated]

    def see(self, rows: Sequence[Sequence[str]]) -> None:
        """Take note of rows of texts."""
        for at, column in self._columns:
            column.texts.update({cells[at][:_LENGTH] for cells in rows})
            if len(column.texts) > _FOLD:
                column.fold()

    def see_cells(self, cells: Sequence[Cell]) -> None:
        """Take note of a row of a sheet."""
        for at, column in self._columns:
            cell = cells[at] if at < len(cells) else ""
            if isinstance(cell, str):
                column.texts.add(cell[:_LENGTH])
            elif isinstance(cell, date):
                column.cells.add(cell.date() if isinstance(cell, datetime) else cell)

    def problem(self) -> str | None:
        """Return what is wrong with the first column that cannot be believed."""
        for _, column in self._columns:
            column.fold()
            if said := column.problem():
                return f"column {column.name}: {said}"
        return None


class _Column:
    def __init__(self, name: str) -> None:
        self.name = name
        self.texts: set[str] = set()
        self.cells: set[date] = set()
        self._written: set[date] = set()  # of texts that are days
        self._month_first = 0  # texts that are days only as month/day

    def fold(self) -> None:
        for text in self.texts:
            if found := _DAY.match(text):
                first, second, year = map(int, found.groups())
                if first <= _MONTHS < second and _day(year, first, second):
                    self._month_first += 1
                elif day := _day(year, second, first):
                    self._written.add(day)
        self.texts.clear()

    def problem(self) -> str | None:
        days = self._written | self.cells
        if self._month_first and all(day.day <= _MONTHS for day in days):
            if self._month_first > 1 or len(days) < _FEW:
                return "its days are written month/day, the profile says day/month; write them dd/mm/yyyy"
            return None
        swapped = {date(cell.year, cell.day, cell.month) for cell in self.cells if cell.day <= _MONTHS}
        is_split = len(swapped) == len(self.cells) and all(day.day > _MONTHS for day in self._written)
        if not (is_split and swapped and self._written):
            return None
        # as they stand they lie far apart, swapped they lie together: one or two months
        several = len(swapped) > 1 and len(self._written) > 1
        is_clear = several and _span(self._written | swapped) * _APART < _span(days)
        # of a year: swapped they lie among the texts, and of each there are too many to be chance
        around = (min(self._written) - _MONTH, max(self._written) + _MONTH)
        is_among = all(around[0] <= day <= around[1] for day in swapped)
        enough = min(len(swapped), len(self._written)) >= _MANY and len({c.day for c in self.cells}) >= _FEW
        if is_clear or (is_among and enough):
            return (
                "all its dates have a day up to 12, all its texts a later one: the days were typed as day/month into "
                "a program that reads month/day, which swaps them; set its region to Vietnam and type them anew"
            )
        return None


def _is_day_first(formats: Sequence[str]) -> bool:
    return any(form.startswith("%d") for form in formats) and not any(f.startswith("%m") for f in formats)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _span(days: set[date]) -> int:
    return (max(days) - min(days)).days
