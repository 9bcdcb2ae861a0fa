"""Working days, office hours and the due moment that follows from a term: `holidays.yaml` and what is worked out of it.

This is the readable statement of the rules (docs/adr/0009-working-days.md): it walks from day to day. The warehouse has
the same rules as `core.own_due_at`; the two are held against each other by a test.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from cchc.catalogue.base import Model
from cchc.catalogue.files import read
from cchc.errors import ConfigurationError

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TermUnit = Literal["hour", "day", "working_day", "month"]
TERM_UNITS: tuple[TermUnit, ...] = get_args(TermUnit)
LONGEST_TERM = 100_000  # of any unit; what is longer is a mistake in the register
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)


def _clock(value: object) -> object:
    """YAML reads 13:00 as the number 780: a time of day must be quoted text."""
    if not isinstance(value, str | time):
        raise ValueError(f'time of day {value!r} must be quoted text, like "07:30"')
    return value


Clock = Annotated[time, BeforeValidator(_clock)]


class Session(Model):
    """A stretch of office hours."""

    opens: Clock = Field(alias="from")
    closes: Clock = Field(alias="to")

    @property
    def length(self) -> timedelta:
        """The work that fits into the stretch."""
        return datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)


class Entry(Model):
    """A holiday or a swapped day, or several in a row."""

    day: date | None = None
    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")
    kind: Literal["holiday", "swapped_off", "swapped_working"]
    title: str = Field(min_length=1)  # Vietnamese
    basis: str = Field(min_length=1)
    confirmed: bool
    observed: bool = True  # False: the day is an ordinary one
    compensated: bool = True  # a holiday on a weekly day off gives the next working day off

    @model_validator(mode="after")
    def _one_day_or_a_range(self) -> Entry:
        if self.day is not None and self.first is None and self.last is None:
            return self
        if self.day is not None or self.first is None or self.last is None:
            raise ValueError(f"{self.title}: give `day`, or `from` and `to`")
        if self.last < self.first:
            raise ValueError(f"{self.title}: `to` {self.last} is before `from` {self.first}")
        return self

    def days(self) -> Iterator[date]:
        """Yield every day of the entry."""
        day = self.day or self.first
        last = self.day or self.last
        while day is not None and last is not None and day <= last:
            yield day
            day += _DAY


class Holidays(Model):
    """The content of `holidays.yaml`."""

    office_hours: tuple[Session, ...] = Field(min_length=1)
    weekly_days_off: tuple[Annotated[int, Field(ge=1, le=7)], ...]  # ISO: 1 is Monday
    years: dict[int, tuple[Entry, ...]] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Holidays:
        problems = [*self._wrong_hours(), *self._wrong_years(), *self._wrong_days()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _wrong_hours(self) -> Iterator[str]:
        for session in self.office_hours:
            if session.closes <= session.opens:
                yield f"office hours {session.opens:%H:%M} to {session.closes:%H:%M} end before they begin"
        for before, after in pairwise(self.office_hours):
            if after.opens < before.closes:
                yield f"office hours from {after.opens:%H:%M} overlap those before or are out of order"
        if len(set(self.weekly_days_off)) == 7:
            yield "weekly_days_off leaves no working day"

    def _wrong_years(self) -> Iterator[str]:
        years = sorted(self.years)
        for before, after in pairwise(years):
            if after != before + 1:
                yield f"the years between {before} and {after} are missing: list them, or leave {before} out"
        for year, entries in self.years.items():
            if not any(entry.kind == "holiday" for entry in entries):
                yield f"{year} has no holiday: list those of the year's notice, or leave the year out"

    def _wrong_days(self) -> Iterator[str]:
        seen: set[date] = set()
        for year, entries in self.years.items():
            for entry in entries:
                for day in entry.days():
                    if day.year != year:
                        yield f"{day} stands under {year}"
                    if day in seen:
                        yield f"{day} is listed twice"
                    seen.add(day)
                    off = day.isoweekday() in self.weekly_days_off
                    if (entry.kind == "swapped_off" and off) or (entry.kind == "swapped_working" and not off):
                        yield f"{entry.kind} {day} changes nothing: it is {'off' if off else 'worked'} every week"


class CalendarDay(NamedTuple):
    """A day of the calendar as the warehouse keeps it."""

    day: date
    is_working: bool
    working_no: int  # working days up to and including this one
    title: str | None  # why the day is not what its weekday says; Vietnamese


class WorkingCalendar:
    """Which days are worked, and when a term ends."""

    def __init__(self, holidays: Holidays, where: Path) -> None:
        self._holidays = holidays
        self._where = where
        self._exceptions: dict[date, tuple[bool, str]] = {}
        self._years = frozenset(holidays.years)
        entries = [
            entry for year in sorted(holidays.years) for entry in holidays.years[year] if entry.observed
        ]
        for entry in entries:
            for day in entry.days():
                self._exceptions[day] = (entry.kind == "swapped_working", entry.title)
        owed = sorted(
            (day, entry.title)
            for entry in entries
            if entry.kind == "holiday" and entry.compensated
            for day in entry.days()
            if day.isoweekday() in holidays.weekly_days_off
        )
        for day, title in owed:
            self._compensate(day, title)

    def _compensate(self, holiday: date, title: str) -> None:
        """Take the next working day off for a holiday on a weekly day off (Labour Code 2019, Art. 111(3))."""
        day = holiday + _DAY
        while day.isoweekday() in self._holidays.weekly_days_off or day in self._exceptions:
            day += _DAY
        self._exceptions[day] = (False, f"Nghỉ bù {title}")

    def years(self) -> tuple[int, ...]:
        """Return the years whose holidays are listed, without a gap."""
        return tuple(sorted(self._years))

    def unconfirmed(self) -> tuple[Entry, ...]:
        """Return the observed entries nobody compared with an official notice yet."""
        return tuple(
            entry
            for year in self.years()
            for entry in self._holidays.years[year]
            if entry.observed and not entry.confirmed
        )

    @property
    def office_hours(self) -> tuple[Session, ...]:
        """The stretches of a working day, in order."""
        return self._holidays.office_hours

    @property
    def office_day(self) -> timedelta:
        """The work of one working day."""
        return sum((session.length for session in self.office_hours), timedelta())

    def title(self, day: date) -> str | None:
        """Return why a day is not what its weekday says (Vietnamese), or None."""
        self._covered(day.year)
        return self._exceptions[day][1] if day in self._exceptions else None

    def is_working(self, day: date) -> bool:
        """Return whether offices work on a day; raises `ConfigurationError` where its year is not listed."""
        self._covered(day.year)
        if day in self._exceptions:
            return self._exceptions[day][0]
        return day.isoweekday() not in self._holidays.weekly_days_off

    def _covered(self, year: int) -> None:
        if year not in self._years:
            raise ConfigurationError(
                f"{self._where}: no holidays are listed for {year}: "
                f"add the year under `years`, from the notice of its days off"
            )

    def days(self) -> Iterator[CalendarDay]:
        """Yield every day of the listed years, in order."""
        number = 0
        day = date(self.years()[0], 1, 1)
        while day.year in self._years:
            working = self.is_working(day)
            number += working
            yield CalendarDay(day, working, number, self.title(day))
            day += _DAY

    def working_day_from(self, day: date) -> date:
        """Return the day itself where it is worked, else the next working day (Civil Code 2015, Art. 148(5))."""
        while not self.is_working(day):
            day += _DAY
        return day

    def add_working_days(self, day: date, n: int) -> date:
        """Return the n-th working day after `day` (before it where n is negative); `day` itself is not counted.

        n = 0 is the day itself or, from a day off, the next working day.
        """
        if n == 0:
            return self.working_day_from(day)
        step = _DAY if n > 0 else -_DAY
        for _ in range(abs(n)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def due_at(
        self,
        received_at: datetime,
        term_value: Decimal | int | None,
        term_unit: str | None,
        cutoff: time | None = None,
    ) -> datetime | None:
        """Return when a term ends, in Asia/Ho_Chi_Minh; None where there is no term.

        What is received on a day off, or after `cutoff` (the procedure version's own rule), counts as received when
        the next working day begins. Terms in hours run from receipt, within office hours. Other terms leave the day of
        receipt out (Civil Code 2015, Art. 147(2)) and end when the office closes on their last day; a last day off
        moves to the next working day (Art. 148(5)), a month ends on the same number of a day, or on the last day of a
        month without it (Art. 148(3)). The part of a working day that is left over (0.5) is working hours: from receipt
        where the term has no whole day, else after its last whole day. A part of a day is a whole day, a part of a
        month its share of 30 days.
        Raises `ConfigurationError` for a term that cannot be and for a year without holidays listed.
        """
        if term_value is None or term_unit is None:
            return None
        if received_at.tzinfo is None:
            raise ValueError(f"received_at {received_at} has no time zone")
        value = _checked(Decimal(term_value), term_unit)
        start = received_at.astimezone(ZONE).replace(tzinfo=None)
        late = cutoff is not None and start.time() > cutoff
        if late or not self.is_working(start.date()):
            start = datetime.combine(self.add_working_days(start.date(), 1), time.min)
        whole, part = int(value), value % 1
        if term_unit == "hour":
            due = self._worked(start, _share(_HOUR, value))
        elif term_unit == "working_day":
            due = start if whole == 0 else self._closing(self.add_working_days(start.date(), whole))
            if part:
                due = self._worked(due, _share(self.office_day, part))
        elif term_unit == "day":
            due = self._closing(self.working_day_from(self._later(start.date(), 0, _ceiling(value))))
        else:
            due = self._closing(self.working_day_from(self._later(start.date(), whole, _ceiling(30 * part))))
        return due.replace(tzinfo=ZONE)

    def _closing(self, day: date) -> datetime:
        return datetime.combine(day, self.office_hours[-1].closes)

    def _later(self, day: date, months: int, days: int) -> date:
        """Return the same number of a day some months on, clipped to the end of the month, and some days later."""
        year, month = divmod(12 * day.year + day.month - 1 + months, 12)
        self._covered(year)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last)) + timedelta(days=days)

    def _worked(self, start: datetime, work: timedelta) -> datetime:
        """Return the moment by which `work` is done within office hours, begun at `start` on a working day."""
        day = start.date()
        while True:
            for session in self.office_hours:
                begin = max(start, datetime.combine(day, session.opens))
                room = datetime.combine(day, session.closes) - begin
                if room <= timedelta():
                    continue
                if work <= room:
                    return begin + work
                work -= room
            day = self.add_working_days(day, 1)


def _checked(value: Decimal, unit: str) -> Decimal:
    if unit not in TERM_UNITS:
        raise ConfigurationError(f"term unit {unit!r} is not known; write one of {', '.join(TERM_UNITS)}")
    if not value.is_finite() or not 0 < value <= LONGEST_TERM:
        raise ConfigurationError(
            f"a term of {value} {unit} cannot be: write a number above 0, up to {LONGEST_TERM}"
        )
    return value


def _ceiling(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))


def _share(whole: timedelta, share: Decimal) -> timedelta:
    """Return a share of a stretch, to the microsecond, never less than one."""
    return _ceiling(whole // _MICROSECOND * share) * _MICROSECOND


def load(directory: Path) -> WorkingCalendar:
    """Return the calendar of the province's `holidays.yaml`, or of the shipped one; raises `ConfigurationError`."""
    return WorkingCalendar(*read(directory, "holidays.yaml", "days off", Holidays))


@cache
def cached(directory: Path) -> WorkingCalendar:
    """Return the calendar, read once per process."""
    return load(directory)
