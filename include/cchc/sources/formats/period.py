"""Which days a sheet counts, and whose it is: found in its title lines or names, by the patterns of the profile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from cchc.sources.formats.isolation import BadWorkbook, Cell
from cchc.sources.formats.layout import PeriodAt, days_of
from cchc.sources.texts import clean, label

_LONG_DAY = re.compile(r"(?:ngày\s+)?(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})", re.IGNORECASE)


def period_of(
    places: Sequence[PeriodAt], top: Sequence[Sequence[Cell]], sheet: str, file: str
) -> tuple[date, date]:
    """Return first and last day, by the first pattern that is found and complete; raises `BadWorkbook`.

    A day that is written out (ngày 15 tháng 10 năm 2026) is found as 15/10/2026. What one pattern lacks (the year of
    a month) the next one may add.
    """
    texts = {
        "title": _title(top),
        "sheet": _line(sheet),
        "file": _line(file),
    }
    parts: dict[str, str] = {}
    for at in places:
        found = re.search(at.pattern, texts[at.place], re.IGNORECASE)
        if found is None:
            continue
        parts = {name: text for name, text in found.groupdict().items() if text} | parts
        if {"from", "to"} <= set(parts) or "year" in parts:
            try:
                first, last = days_of(parts, at.calendar)
            except ValueError:
                raise BadWorkbook(f"its {at.place} names a period that does not exist") from None
            if first > last:
                raise BadWorkbook(f"its {at.place} names a period that ends before it begins")
            return first, last
    looked = ", ".join(dict.fromkeys(at.place for at in places))
    raise BadWorkbook(f"it does not say which days it counts (looked for in: {looked})")


def check_unit(pattern: str, named: str, top: Sequence[Sequence[Cell]]) -> None:
    """Raise `BadWorkbook` where the title lines do not name this unit."""
    found = re.search(pattern, _title(top), re.IGNORECASE)
    if found is None:
        raise BadWorkbook("it does not say which unit it is of")
    if not label(found["unit"]).startswith(label(named)):
        raise BadWorkbook(f"it is of another unit than {named}")


def _title(top: Sequence[Sequence[Cell]]) -> str:
    return "\n".join(_line(" ".join(cell for cell in row if isinstance(cell, str))) for row in top)


def _line(text: str) -> str:
    return _LONG_DAY.sub(r"\1/\2/\3", " ".join(clean(text).split()))
