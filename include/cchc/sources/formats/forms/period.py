"""Which days a sheet counts, and whose it is: found above its headings or in its names, by the patterns of the profile.

What is said twice must be said alike. A name that gives no year (sheet T11) gets it from what else is said.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from cchc.sources.formats.cells import as_text
from cchc.sources.formats.isolation import BadWorkbook, Cell
from cchc.sources.formats.layout import PeriodAt
from cchc.sources.texts import clean, label

Period = tuple[date, date]  # first and last day

_LONG_DAY = re.compile(
    # not in: Số: 15 | Tháng 11 năm 2026
    r"(?:ngày\s+(\d{1,2})\s+tháng|(?<!\d)(\d{1,2})\s+(?-i:tháng|THÁNG))\s+(\d{1,2})(?!\d)"
    r"(?:(?:,\s*|\s+)năm\s+(\d{4}))?",
    re.IGNORECASE,
)
_UNSIGNED_DAY = re.compile(
    r"ngày[\s.…_]{0,60}tháng[\s.…_]{0,60}\d{0,2}[\s.…_]{0,60}năm[\s.…_]{0,60}\d{0,4}", re.IGNORECASE
)  # where somebody still has to sign
_DUE = re.compile(r"[^\n;]{0,30}?(?:trước|chậm nhất)\s+(?:vào\s+|là\s+)?(?:ngày|\d)", re.IGNORECASE)
# what may stand behind a unit's name without being of it: whose it is, and the next thing to fill in
_BEHIND_UNIT = re.compile(r"\W*(?:$|(?:tỉnh|thành phố|tp|đơn vị|kỳ báo cáo)\b)")
_ASKS_FOR_A_NUMBER = re.compile(r"\b(?:ngày|tháng|quý|qúy|năm)\W*\Z", re.IGNORECASE)
_CELL = "  "  # between two cells of a row, within which there is one space
_OUR_CENTURY = 2000
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


class _Said(NamedTuple):
    """What one pattern found at one place."""

    place: str
    calendar: str
    parts: Mapping[str, str]
    is_due: bool  # says until when something is sent: "quý I: gửi trước ngày 18 tháng 3"

    @property
    def names_days(self) -> bool:
        return self.parts.keys() != {"year"}

    @property
    def is_explicit(self) -> bool:
        return "from" in self.parts

    @property
    def is_clear(self) -> bool:
        return self.is_explicit or self.year is not None

    @property
    def year(self) -> int | None:
        """The year it gives, of a period from day to day that of its last day."""
        if "to" in self.parts:
            numbers = _numbers(self.parts["to"])
            return _year(numbers[2]) if len(numbers) > 2 else None
        text = self.parts.get("year") or self.parts.get("whole")
        return None if text is None else _year(int(text))

    def readings(self, year: int | None) -> list[Period]:
        """Return the periods it can mean, of `year` where it gives none: a month is counted from the 15th, or the 1st.

        That of the pattern's own calendar comes first; none where the year is lacking. Raises `BadWorkbook`.
        """
        year = self.year or year
        if year is None:
            return []
        others = {"report", "calendar"} - {self.calendar}
        calendars = [self.calendar] if self.is_explicit else [self.calendar, *others]
        try:
            found = [_days(self.parts, year, calendar) for calendar in calendars]
        except ValueError:
            raise BadWorkbook(f"its {self.place} names a period that does not exist") from None
        if any(first > last for first, last in found):
            raise BadWorkbook(f"its {self.place} names a period that ends before it begins")
        return found


def period_of(places: Sequence[PeriodAt], above: Sequence[Sequence[Cell]], sheet: str, file: str) -> Period:
    """Return first and last day: as the title says (`above`: rows above the headings), else the sheet's or file's name.

    Raises `BadWorkbook` where none says it, and where the title contradicts itself or the sheet's name.
    """
    said = list(_said(places, {"title": _title(above), "sheet": _line(sheet), "file": _line(file)}))
    year = _year_of(said)
    near = [one for one in said if one.names_days and one.place != "file"]
    titles = [one for one in near if one.place == "title"]
    if any(one.is_explicit for one in titles):
        near = [one for one in near if one.place != "title" or one.is_clear]
    elif any(one.is_clear for one in titles):
        near = [one for one in near if one.place != "title" or one.is_clear or not one.is_due]
    found = [(one, one.readings(year)) for one in near or [one for one in said if one.names_days]]
    found = [(one, readings) for one, readings in found if readings]
    if not found:
        looked = ", ".join(dict.fromkeys(at.place for at in places))
        alone = "" if year is None else f"; that it is of {year} says no days, Kỳ báo cáo: năm {year} does"
        raise BadWorkbook(f"it does not say which days it counts (looked for in: {looked}){alone}")
    has_title = any(one.place == "title" for one, _ in found)
    found.sort(key=lambda pair: (pair[0].place != "title", not pair[0].is_explicit))
    period = found[0][1][0]
    for one, readings in found[1:]:
        # a sheet that has a title may be called by the month its days end in
        ends = has_title and one.place != "title" and any(last == period[1] for _, last in readings)
        if period not in readings and not ends:
            raise BadWorkbook(f"it names different days: {_told(said, year)}; which of them does it count?")
    return period


def check_file(places: Sequence[PeriodAt], file: str, sheets: Mapping[Period, str]) -> None:
    """Raise `BadWorkbook` where a file's name says other days than every sheet of it (period → name of the sheet)."""
    for one in _said(places, {"file": _line(file)}):
        if not one.names_days or not sheets:
            continue
        if not any(
            last == until or (begin <= first and last <= until)
            for first, last in sheets
            for begin, until in one.readings(last.year)
        ):
            year = max(last.year for _, last in sheets)
            counted = ", ".join(f"{_written(days)} in sheet {name}" for days, name in sheets.items())
            raise BadWorkbook(
                f"the file's name says {_written(one.readings(year)[0])}, and it counts {counted}: "
                "which of them is it?"
            )


def check_unit(pattern: str, named: str, above: Sequence[Sequence[Cell]]) -> None:
    """Raise `BadWorkbook` where the lines above the headings do not name this unit, by its whole name."""
    lines = (_CELL.join(" ".join(clean(cell).split()) for cell in _texts(row)) for row in above)
    found = re.search(pattern, "\n".join(lines), re.IGNORECASE)
    if found is None:
        raise BadWorkbook("it does not say which unit it is of")
    stated, own = label(found["unit"].strip().split(_CELL)[0]), label(named)
    if not stated.startswith(own) or not _BEHIND_UNIT.match(stated, len(own)):
        raise BadWorkbook(f"it is of another unit than {named}")


def _said(places: Iterable[PeriodAt], texts: Mapping[str, str]) -> Iterator[_Said]:
    for at in places:
        for found in re.finditer(at.pattern, texts.get(at.place, ""), re.IGNORECASE):
            parts = {name: text for name, text in found.groupdict().items() if text}
            if parts:
                is_due = _DUE.match(found.string, found.end()) is not None
                yield _Said(at.place, at.calendar, parts, is_due)


def _year_of(said: Sequence[_Said]) -> int | None:
    """Return the year for what gives none: that of what names days, else the one that stands alone."""
    years = {one.year for one in said if one.names_days and one.place != "file"} - {None}
    years = years or {one.year for one in said} - {None}
    return years.pop() if len(years) == 1 else None


def _days(parts: Mapping[str, str], year: int, calendar: str) -> Period:
    """Return first and last day of a period given by its parts; raises `ValueError` for parts that are none."""
    if "from" in parts:
        return _from_to(_numbers(parts["from"]), _numbers(parts["to"]), year)
    if "month" in parts:
        first, last = int(parts["month"]), int(parts.get("until") or parts["month"])
    elif "quarter" in parts:
        first = 3 * _quarter(parts["quarter"]) - 2
        last = 3 * _quarter(parts.get("until") or parts["quarter"])
    elif "first" in parts:
        first, last = 1, int(parts["first"])
    elif "last" in parts:
        first, last = 13 - int(parts["last"]), 12
    else:
        first, last = 1, 12
    if calendar == "calendar":
        return date(year, first, 1), date(year, last, monthrange(year, last)[1])
    before = (year, first - 1) if first > 1 else (year - 1, 12)
    return date(*before, 15), date(year, last, 14)


def _from_to(first: list[int], last: list[int], year: int) -> Period:
    """Return the days; a first day without a year is the last one before the last day."""
    end = date(year, last[1], last[0])
    if len(first) > 2:
        return date(_year(first[2]), first[1], first[0]), end
    return date(year - ((first[1], first[0]) > (last[1], last[0])), first[1], first[0]), end


def _numbers(day: str) -> list[int]:
    return [int(part) for part in re.split(r"\D+", day.strip())]


def _quarter(text: str) -> int:
    return _QUARTERS.get(text.lower()) or int(text)


def _year(number: int) -> int:
    return number + _OUR_CENTURY if number < 100 else number


def _told(said: Sequence[_Said], year: int | None) -> str:
    """Return what each place says, as words: `title 15/10/2026 to 14/11/2026, sheet …`."""
    readings = [(one.place, one.readings(year)) for one in said if one.names_days]
    return ", ".join(dict.fromkeys(f"{place} {_written(found[0])}" for place, found in readings if found))


def _written(period: Period) -> str:
    return f"{period[0]:%d/%m/%Y} to {period[1]:%d/%m/%Y}"


def _title(above: Sequence[Sequence[Cell]]) -> str:
    return "\n".join(_line(" ".join(_texts(row))) for row in above)


def _texts(row: Sequence[Cell]) -> list[str]:
    """Return the texts of a row, also of days and numbers in cells of their own: Tháng | 11 | năm | 2026."""
    texts: list[str] = []
    for cell in row:
        if isinstance(cell, str) and cell.strip():
            texts.append(cell)
        elif isinstance(cell, date):
            texts.append(f"{cell:%d/%m/%Y}")
        elif texts and _ASKS_FOR_A_NUMBER.search(texts[-1]) and isinstance(cell, float | int):
            texts.append(as_text(cell, None))
    return texts


def _line(text: str) -> str:
    """Return a text on one line in which days are written 15/10/2026 (15/10 without a year)."""
    line = _UNSIGNED_DAY.sub("", " ".join(clean(text).split()))
    return _LONG_DAY.sub(lambda day: "/".join(part for part in day.groups() if part), line)
