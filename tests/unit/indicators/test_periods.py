"""Periods: Điều 12 of NĐ 09/2019 and the ordinary calendar, to the day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.catalogue import report_periods
from cchc.errors import ConfigurationError
from cchc.indicators import periods
from cchc.settings import SHIPPED_CATALOGUE

CALENDARS: tuple[Literal["report", "calendar"], ...] = ("report", "calendar")
years = st.integers(1991, 2099)
calendars = st.sampled_from(CALENDARS)
days = st.dates(date(1991, 1, 1), date(2099, 12, 1))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-01", "2025-12-15", "2026-01-14"),
        ("2026-03", "2026-02-15", "2026-03-14"),
        ("2026-11", "2026-10-15", "2026-11-14"),
        ("2026-12", "2026-11-15", "2026-12-14"),
        ("2026-Q1", "2025-12-15", "2026-03-14"),
        ("2026-Q2", "2026-03-15", "2026-06-14"),
        ("2026-Q3", "2026-06-15", "2026-09-14"),
        ("2026-Q4", "2026-09-15", "2026-12-14"),
        ("2026-H1", "2025-12-15", "2026-06-14"),
        ("2026-H2", "2026-06-15", "2026-12-14"),
        ("2026-9M", "2025-12-15", "2026-09-14"),
        ("2026", "2025-12-15", "2026-12-14"),
        ("2022-01-01..2022-10-13", "2022-01-01", "2022-10-13"),
        (" 2026-q1 ", "2025-12-15", "2026-03-14"),
    ],
)
def test_report_periods_are_those_of_the_decree(text: str, start: str, end: str) -> None:
    period = periods.parse(text)
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026-9M", "2026-01-01", "2026-09-30"),
        ("2026", "2026-01-01", "2026-12-31"),
    ],
)
def test_calendar_periods(text: str, start: str, end: str) -> None:
    period = periods.parse(text, "calendar")
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-13", "there is no month 13"),
        ("2026-00", "there is no month 00"),
        ("2026-Q5", "there is no quarter 5"),
        ("2026-H3", "there is no half 3"),
        ("2026-W00", "there is no week 00"),
        ("2026-W53", "there is no week 53 in 2026"),
        ("2026-W7", "not a period"),
        ("0026", "years run from"),
        ("2026-1", "not a period"),
        ("tháng 11", "not a period"),
        ("٢٠٢٦", "not a period"),
        ("", "not a period"),
        ("2026-02-30..2026-03-01", "not in the calendar"),
        ("2026-03-02..2026-03-01", "before it begins"),
        ("2026-03-01..", "not a period"),
        ("0001-01-01..2026-03-01", "years run from"),
    ],
)
def test_nonsense_is_refused_with_the_spellings_that_work(text: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as caught:
        periods.parse(text)
    assert "2026-Q3" in str(caught.value)


@given(years, calendars)
def test_months_quarters_and_halves_tile_the_year(year: int, calendar: Literal["report", "calendar"]) -> None:
    whole = periods.parse(str(year), calendar)
    for parts in (
        [f"{year}-{m:02}" for m in range(1, 13)],
        [f"{year}-Q{q}" for q in range(1, 5)],
        [f"{year}-H{h}" for h in (1, 2)],
        [f"{year}-9M", f"{year}-Q4"],
    ):
        found = [periods.parse(part, calendar) for part in parts]
        assert found[0].start == whole.start
        assert found[-1].end == whole.end
        assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(found))
        assert sum(p.days for p in found) == whole.days
    assert periods.parse(str(year + 1), calendar).start == whole.end + timedelta(days=1)


@given(days, calendars)
def test_each_day_is_in_exactly_one_month_and_year(
    day: date, calendar: Literal["report", "calendar"]
) -> None:
    holding = [
        label
        for year in (day.year, day.year + 1)
        for label in (f"{year}-{m:02}" for m in range(1, 13))
        if (p := periods.parse(label, calendar)).start <= day <= p.end
    ]
    assert holding == [periods.month_of(day, calendar).label]
    year = periods.year_of(day, calendar)
    assert year.start <= day <= year.end


def test_the_last_days_of_december_belong_to_the_next_report_year() -> None:
    assert periods.year_of(date(2026, 12, 14)).label == "2026"
    assert periods.year_of(date(2026, 12, 15)).label == "2027"
    assert periods.month_of(date(2026, 12, 31)).label == "2027-01"
    assert periods.year_of(date(2026, 12, 31), "calendar").label == "2026"


@given(days)
def test_a_publication_runs_up_to_its_reporting_day(day: date) -> None:
    for name in ("report_month", "report_year"):
        period = periods.of_publication(name, day)
        assert period.end == day
        assert periods.parse(period.label).start == period.start <= day
    assert periods.of_publication("2022-01-01..2022-10-13", day).end == date(2022, 10, 13)


@given(days)
def test_the_newest_report_month_that_has_ended_has_all_its_days(day: date) -> None:
    period = periods.of_publication("ended_report_month", day)
    assert period == periods.parse(period.label)
    assert period.end <= day < periods.month_of(period.end + timedelta(days=1)).end


def test_a_month_has_ended_on_its_last_day() -> None:
    found = [
        periods.of_publication("ended_report_month", date(2026, 11, day)).label for day in (13, 14, 15, 30)
    ]
    assert found == ["2026-10", "2026-11", "2026-11", "2026-11"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("2026-11", "tháng 11/2026 (15/10/2026 – 14/11/2026)"),
        ("2026-Q3", "quý 3/2026 (15/06/2026 – 14/09/2026)"),
        ("2026-H1", "6 tháng đầu năm 2026 (15/12/2025 – 14/06/2026)"),
        ("2026-9M", "9 tháng đầu năm 2026 (15/12/2025 – 14/09/2026)"),
        ("2026", "năm 2026 (15/12/2025 – 14/12/2026)"),
        ("2026-W47", "tuần 47/2026 (20/11/2026 – 26/11/2026)"),
        ("2022-01-01..2022-10-13", "từ 01/01/2022 đến 13/10/2022"),
    ],
)
def test_titles_are_vietnamese(text: str, title: str) -> None:
    assert periods.parse(text).title() == title


def _days(first: date, last: date) -> set[date]:
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


@pytest.mark.parametrize("calendar", CALENDARS)
def test_every_day_of_66_years_is_in_one_month_one_quarter_one_half_and_one_year(
    calendar: Literal["report", "calendar"],
) -> None:
    for parts in (
        [f"-{m:02}" for m in range(1, 13)],
        [f"-Q{q}" for q in range(1, 5)],
        ["-H1", "-H2"],
        [""],
    ):
        spans = [periods.parse(f"{y}{part}", calendar) for y in range(1995, 2061) for part in parts]
        assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(spans))
        assert all(s.start <= s.end for s in spans)
    first = date(1994, 12, 15) if calendar == "report" else date(1995, 1, 1)
    assert (spans[0].start, spans[-1].days) == (first, 366)  # 2060 has a 29 February


@pytest.mark.parametrize("first_day", range(1, 8))
def test_weeks_tile_and_each_day_is_in_exactly_one(first_day: int) -> None:
    # 28 years have every year there is: a leap year or none, beginning on each day of the week
    day = date(1994, 12, 25)
    seen: list[periods.Period] = []
    while day < date(2023, 1, 10):
        week = periods.week_of(day, "report", first_day)
        assert week.start <= day <= week.end
        if not seen or seen[-1] != week:
            seen.append(week)
        day += timedelta(days=1)
    assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(seen))
    assert len({week.label for week in seen}) == len(seen)
    for week in seen:
        assert (week.days, week.start.isoweekday()) == (7, first_day)
        assert periods.parse(week.label, "report", first_day) == week
        same = periods.parse(week.label, "calendar", first_day)
        assert (same.start, same.end) == (week.start, week.end)
        year, days = int(week.label[:4]), _days(week.start, week.end)
        assert sum(d.year == year for d in days) >= 4
        assert week.label.endswith("-W01") == (date(year, 1, 4) in days)


@given(days)
def test_weeks_from_monday_are_those_of_iso_8601(day: date) -> None:
    year, week, _ = day.isocalendar()
    assert periods.week_of(day, "calendar", 1).label == f"{year}-W{week:02}"


@pytest.mark.parametrize(("year", "weeks"), [(2025, 52), (2026, 53), (2027, 52), (2032, 53)])
def test_a_year_has_52_or_53_weeks(year: int, weeks: int) -> None:
    labels = [p.label for p in periods.parts_of(year, "report", 1)]
    assert labels[12:20] == [
        f"{year}{part}" for part in ("-Q1", "-Q2", "-Q3", "-Q4", "-H1", "-H2", "-9M", "")
    ]
    assert len(labels) == 20 + weeks
    assert (
        periods.parse(labels[-1], "report", 1).end + timedelta(days=1)
        == periods.parse(f"{year + 1}-W01", "report", 1).start
    )


def test_the_week_begins_on_the_day_of_the_catalogue() -> None:
    shipped = report_periods.load(SHIPPED_CATALOGUE)
    assert shipped.week.confirmed is False
    third = periods.parse("2026-W03")
    assert (third.start, third.end) == (date(2026, 1, 16), date(2026, 1, 22))  # “tuần 03, đến ngày 22/01”
    assert third == periods.parse("2026-W03", first_day=shipped.week.first_day)


def test_29_february_is_a_day_like_any_other() -> None:
    leap = date(2028, 2, 29)
    assert periods.month_of(leap).label == "2028-03"
    assert periods.month_of(leap, "calendar").label == "2028-02"
    assert periods.parse("2028-03").days == 29
    assert periods.parse("2027-03").days == 28
    assert (periods.parse("2028").days, periods.parse("2028", "calendar").days) == (366, 366)


@pytest.mark.parametrize("year", range(1995, 2061))
def test_15_to_31_december_are_of_the_next_report_year(year: int) -> None:
    for day in range(15, 32):
        assert periods.year_of(date(year, 12, day)).label == str(year + 1)
        assert periods.month_of(date(year, 12, day)).label == f"{year + 1}-01"
    assert periods.year_of(date(year, 12, 14)).label == str(year)
