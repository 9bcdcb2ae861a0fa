"""Named ranges of days in the two calendars officers count in.

The `report` calendar is Điều 12 of Nghị định 09/2019/NĐ-CP: month m runs from the 15th of the month before to the
14th of m, the year from 15 December before to 14 December; 15 to 31 December belong to the next report year.
The `calendar` calendar is the ordinary one, which statistics and the national portal use.

The decree knows no weeks. A week begins on the day the province's `periods.yaml` says; week 1 of a year is the one that
has 4 January, so that every week is of the year that most of its days are in: ISO 8601 with a first day of one's own.
Weeks are the same days in both calendars.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from cchc.catalogue import report_periods
from cchc.errors import ConfigurationError
from cchc.settings import settings

Calendar = Literal["report", "calendar"]

_HELP = "write 2026-11, 2026-Q3, 2026-H1, 2026-9M, 2026, 2026-W47 or 2026-01-01..2026-03-31"
FIRST_YEAR, LAST_YEAR = 1990, 2100
_NAMED = re.compile(
    r"(?P<year>\d{4})(?:-(?:(?P<month>\d{2})|Q(?P<quarter>\d)|H(?P<half>\d)|(?P<nine>9M)|W(?P<week>\d{2})))?"
)
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both inclusive."""

    label: str  # as a person asks for it: 2026-11
    start: date
    end: date
    calendar: Calendar

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    def title(self) -> str:
        """Return the period as an officer reads it: `tháng 11/2026 (15/10/2026 – 14/11/2026)`."""
        days = f"{self.start:%d/%m/%Y} – {self.end:%d/%m/%Y}"
        if ".." in self.label:
            return f"từ {self.start:%d/%m/%Y} đến {self.end:%d/%m/%Y}"
        year, _, part = self.label.partition("-")
        halves = {"H1": "6 tháng đầu năm", "H2": "6 tháng cuối năm", "9M": "9 tháng đầu năm"}
        if not part:
            name = f"năm {year}"
        elif part in halves:
            name = f"{halves[part]} {year}"
        elif part.startswith("W"):
            name = f"tuần {part[1:]}/{year}"
        elif part.startswith("Q"):
            name = f"quý {part[1:]}/{year}"
        else:
            name = f"tháng {part}/{year}"
        return f"{name} ({days})"


def _wrong(text: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"period {text!r}: {why}; {_HELP}")


def _month_start(year: int, month: int, calendar: Calendar) -> date:
    """Return the first day of month `month` of `year`; month 13 is the first of the next year."""
    if month == 13:
        year, month = year + 1, 1
    if calendar == "calendar":
        return date(year, month, 1)
    return date(year - 1, 12, 15) if month == 1 else date(year, month - 1, 15)


def _months(label: str, year: int, first: int, last: int, calendar: Calendar) -> Period:
    end = _month_start(year, last + 1, calendar) - timedelta(days=1)
    return Period(label, _month_start(year, first, calendar), end, calendar)


def _part(text: str, named: re.Match[str]) -> tuple[int, int]:
    """Return the first and last month of the part of the year that is named."""
    if (month := named["month"]) is not None:
        if not 1 <= int(month) <= 12:
            raise _wrong(text, f"there is no month {month}")
        return int(month), int(month)
    if (quarter := named["quarter"]) is not None:
        if not 1 <= int(quarter) <= 4:
            raise _wrong(text, f"there is no quarter {quarter}")
        return 3 * int(quarter) - 2, 3 * int(quarter)
    if (half := named["half"]) is not None:
        if half not in "12":
            raise _wrong(text, f"there is no half {half}")
        return (1, 6) if half == "1" else (7, 12)
    return (1, 9) if named["nine"] else (1, 12)


def _week_1(year: int, first_day: int) -> date:
    fourth = date(year, 1, 4)
    return fourth - timedelta(days=(fourth.isoweekday() - first_day) % 7)


def _week(text: str, year: int, week: int, calendar: Calendar, first_day: int) -> Period:
    start = _week_1(year, first_day) + timedelta(weeks=week - 1)
    if week < 1 or start >= _week_1(year + 1, first_day):
        raise _wrong(text, f"there is no week {week:02} in {year}")
    return Period(f"{year}-W{week:02}", start, start + timedelta(days=6), calendar)


def _first_day() -> int:
    return report_periods.load(settings().catalogue).week.first_day


def parse(text: str, calendar: Calendar = "report", first_day: int | None = None) -> Period:
    """Return the period that `text` names; raises `ConfigurationError` with the spellings that are understood.

    An explicit range `2022-01-01..2022-10-13` is the same in both calendars, and so is a week; `first_day` of weeks,
    1 Monday to 7 Sunday, is that of the installation's catalogue where it is not given.
    """
    wanted = text.strip()
    if found := _RANGE.fullmatch(wanted):
        try:
            start, end = (date.fromisoformat(day) for day in found.groups())
        except ValueError as error:
            raise _wrong(text, f"that day is not in the calendar ({error})") from None
        if end < start:
            raise _wrong(text, f"it ends {end} before it begins {start}")
        if not FIRST_YEAR <= start.year <= end.year <= LAST_YEAR:
            raise _wrong(text, f"years run from {FIRST_YEAR} to {LAST_YEAR}")
        return Period(wanted, start, end, calendar)
    named = _NAMED.fullmatch(wanted.upper())
    if named is None or not wanted.isascii():
        raise _wrong(text, "this is not a period")
    year = int(named["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _wrong(text, f"years run from {FIRST_YEAR} to {LAST_YEAR}")
    if named["week"] is not None:
        return _week(text, year, int(named["week"]), calendar, first_day or _first_day())
    first, last = _part(text, named)
    return _months(wanted.upper(), year, first, last, calendar)


def month_of(day: date, calendar: Calendar = "report") -> Period:
    """Return the month a day falls in: 15 November 2026 is in report month 2026-12."""
    year, month = day.year, day.month
    if calendar == "report" and day.day >= 15:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return _months(f"{year}-{month:02}", year, month, month, calendar)


def year_of(day: date, calendar: Calendar = "report") -> Period:
    """Return the year a day falls in: 15 December 2026 is in report year 2027."""
    year = int(month_of(day, calendar).label[:4])
    return _months(str(year), year, 1, 12, calendar)


def week_of(day: date, calendar: Calendar = "report", first_day: int | None = None) -> Period:
    """Return the week a day falls in; `first_day` as for `parse`."""
    begins = first_day or _first_day()
    start = day - timedelta(days=(day.isoweekday() - begins) % 7)
    year = (start + timedelta(days=3)).year  # the year of the middle day is the year of most days
    week = (start - _week_1(year, begins)).days // 7 + 1
    return Period(f"{year}-W{week:02}", start, start + timedelta(days=6), calendar)


def parts_of(year: int, calendar: Calendar = "report", first_day: int | None = None) -> Iterator[Period]:
    """Yield every named period of a year: months, quarters, halves, nine months, the year, then its weeks."""
    months = [f"{month:02}" for month in range(1, 13)]
    for part in (*months, "Q1", "Q2", "Q3", "Q4", "H1", "H2", "9M"):
        yield parse(f"{year}-{part}", calendar)
    yield parse(f"{year}", calendar)
    begins = first_day or _first_day()
    weeks = (_week_1(year + 1, begins) - _week_1(year, begins)).days // 7
    for week in range(1, weeks + 1):
        yield parse(f"{year}-W{week:02}", calendar, begins)


def until(period: Period, day: date) -> Period:
    """Return a period that goes on after a day up to that day; any other, also one that has not begun, as it is."""
    return replace(period, end=day) if period.start <= day < period.end else period


def of_publication(text: str, day: date) -> Period:
    """Return the period of a publication on a reporting day.

    `report_month` and `report_year` are the ones the day falls in, up to that day; `ended_report_month` is the newest
    report month of which no day is after it: units report of a month when it is over. Anything else is fixed.
    """
    if text == "report_month":
        whole = month_of(day)
    elif text == "ended_report_month":
        whole = month_of(day)
        return whole if whole.end == day else month_of(whole.start - timedelta(days=1))
    elif text == "report_year":
        whole = year_of(day)
    else:
        return parse(text)
    return until(whole, day)
