"""Working days and due moments: known days around Tết and swaps, the rules of terms, and mistakes in the file."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.catalogue.calendar import TERM_UNITS, ZONE, WorkingCalendar, load
from cchc.catalogue.files import parsed
from cchc.errors import ConfigurationError
from cchc.settings import SHIPPED_CATALOGUE

CALENDAR = load(SHIPPED_CATALOGUE)
ROWS = {row.day: row for row in CALENDAR.days()}
THREE = time(15)
DAYS = st.dates(date(2020, 2, 1), date(2026, 12, 31))
MOMENTS = st.builds(
    datetime.combine, st.dates(date(2020, 2, 1), date(2026, 6, 30)), st.times(), st.just(ZONE)
)
TERMS = st.decimals("0.001", 60, places=3)
CUTOFFS = st.none() | st.times()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def due(received: str, value: str, unit: str, cutoff: time | None = None) -> str:
    found = CALENDAR.due_at(at(received), Decimal(value), unit, cutoff)
    assert found is not None
    assert found.tzinfo is ZONE
    return f"{found:%Y-%m-%d %H:%M}"


def off(year: int) -> set[str]:
    """Weekdays that are not worked."""
    days = [row for row in CALENDAR.days() if row.day.year == year]
    return {f"{row.day:%m-%d}" for row in days if row.day.isoweekday() < 6 and not row.is_working}


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2022, "01-03 01-31 02-01 02-02 02-03 02-04 04-11 05-02 05-03 09-01 09-02"),
        (2023, "01-02 01-20 01-23 01-24 01-25 01-26 05-01 05-02 05-03 09-01 09-04"),
        (2024, "01-01 02-08 02-09 02-12 02-13 02-14 04-18 04-29 04-30 05-01 09-02 09-03"),
        (2026, "01-01 01-02 02-16 02-17 02-18 02-19 02-20 04-27 04-30 05-01 08-31 09-01 09-02 11-24"),
    ],
)
def test_the_weekdays_off_of_a_year(year: int, days: str) -> None:
    assert off(year) == set(days.split())


def test_worked_saturdays_make_up_for_swapped_days() -> None:
    worked = {row.day for row in CALENDAR.days() if row.is_working and row.day.isoweekday() > 5}
    assert worked == {date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)}
    assert CALENDAR.title(date(2026, 8, 22)) == "Làm bù cho ngày 31/08"
    assert CALENDAR.title(date(2026, 8, 21)) is None


def test_each_year_has_the_public_holidays_of_the_law() -> None:
    content = parsed(SHIPPED_CATALOGUE / "holidays.yaml")
    for year, entries in content["years"].items():
        holidays = [e for e in entries if e["kind"] == "holiday"]
        days = sum((e["to"] - e["from"]).days + 1 if "from" in e else 1 for e in holidays)
        assert days == (10 if year == 2020 else 11 if year < 2026 else 12), year
        swaps = [e["kind"] for e in entries if e["kind"] != "holiday"]
        assert swaps.count("swapped_off") == swaps.count("swapped_working"), year
    assert CALENDAR.years() == tuple(range(2020, 2028))


def test_what_no_official_notice_confirms_says_so() -> None:
    unconfirmed = {(e.day or e.first): e.title for e in CALENDAR.unconfirmed()}
    assert unconfirmed[date(2026, 11, 24)] == "Ngày Văn hóa Việt Nam"
    assert unconfirmed[date(2027, 2, 5)] == "Tết Nguyên đán"
    assert date(2026, 9, 2) not in unconfirmed


@pytest.mark.parametrize(
    ("received", "value", "unit", "expected"),
    [
        # around Tết 2026: off from Saturday 14 to Sunday 22 February
        ("2026-02-12 09:00", "1", "working_day", "2026-02-13 17:00"),
        ("2026-02-12 09:00", "2", "working_day", "2026-02-23 17:00"),
        ("2026-02-13 16:59", "5", "working_day", "2026-02-27 17:00"),
        ("2026-02-17 09:00", "1", "working_day", "2026-02-24 17:00"),  # received on a day off: Monday 23rd
        ("2026-02-13 09:00", "3", "day", "2026-02-23 17:00"),
        ("2026-02-10 09:00", "2", "day", "2026-02-12 17:00"),
        ("2026-02-13 16:00", "2", "hour", "2026-02-23 08:30"),
        # swapped: Saturday 22 August is worked, Monday 31 August is not
        ("2026-08-21 10:00", "1", "working_day", "2026-08-22 17:00"),
        ("2026-08-28 10:00", "1", "working_day", "2026-09-03 17:00"),
        ("2026-08-22 10:00", "1", "working_day", "2026-08-24 17:00"),
        ("2026-08-21 16:00", "2", "hour", "2026-08-22 08:30"),
        # hours run within office hours
        ("2026-11-10 08:00", "2", "hour", "2026-11-10 10:00"),
        ("2026-11-10 10:30", "2", "hour", "2026-11-10 14:00"),
        ("2026-11-10 10:30", "1", "hour", "2026-11-10 11:30"),
        ("2026-11-10 12:10", "1", "hour", "2026-11-10 14:00"),
        ("2026-11-10 06:00", "8", "hour", "2026-11-10 17:00"),
        ("2026-11-10 09:00", "8", "hour", "2026-11-11 09:00"),
        ("2026-11-10 20:00", "0.5", "hour", "2026-11-11 08:00"),
        # parts of a working day are hours
        ("2026-11-10 08:00", "0.5", "working_day", "2026-11-10 13:30"),
        ("2026-11-10 15:00", "0.5", "working_day", "2026-11-11 09:30"),
        ("2026-11-10 15:00", "1.5", "working_day", "2026-11-12 11:30"),
        # half past eleven at night of the 14th is still the 14th (a Saturday here, a Wednesday there)
        ("2026-11-14 23:30", "1", "working_day", "2026-11-17 17:00"),
        ("2026-10-14 23:30", "1", "working_day", "2026-10-15 17:00"),
        ("2026-10-14 23:30", "1", "day", "2026-10-15 17:00"),
        # months
        ("2024-02-29 09:00", "12", "month", "2025-02-28 17:00"),
        ("2024-01-31 09:00", "1", "month", "2024-02-29 17:00"),
        ("2023-12-29 09:00", "2", "month", "2024-02-29 17:00"),
        ("2025-03-31 09:00", "1", "month", "2025-05-05 17:00"),  # 30 April to Sunday 4 May are off
        ("2026-03-10 09:00", "1", "month", "2026-04-10 17:00"),
        ("2026-03-10 09:00", "0.5", "month", "2026-03-25 17:00"),
        ("2025-10-15 09:00", "3", "month", "2026-01-15 17:00"),
    ],
)
def test_due(received: str, value: str, unit: str, expected: str) -> None:
    assert due(received, value, unit) == expected


def test_after_the_cutoff_counts_from_the_next_working_day() -> None:
    assert due("2026-11-10 15:00", "1", "working_day", THREE) == "2026-11-11 17:00"
    assert due("2026-11-10 15:00:01", "1", "working_day", THREE) == "2026-11-12 17:00"
    assert due("2026-11-10 15:30", "2", "hour", THREE) == "2026-11-11 09:30"
    assert due("2026-02-13 15:30", "1", "day", THREE) == "2026-02-24 17:00"  # Friday before Tết
    assert due("2026-08-21 15:30", "0.5", "working_day", THREE) == "2026-08-22 11:30"


def test_the_zone_of_the_receipt_does_not_matter() -> None:
    utc = datetime(2026, 10, 14, 16, 30, tzinfo=UTC)
    assert CALENDAR.due_at(utc, 1, "day") == at("2026-10-15 17:00")
    with pytest.raises(ValueError, match="no time zone"):
        CALENDAR.due_at(datetime(2026, 10, 14), 1, "day")  # noqa: DTZ001


def test_no_term_no_due() -> None:
    assert CALENDAR.due_at(at("2026-11-10 08:00"), None, "day") is None
    assert CALENDAR.due_at(at("2026-11-10 08:00"), 3, None) is None


@pytest.mark.parametrize(
    ("value", "unit", "message"),
    [
        ("0", "day", "above 0"),
        ("-1", "hour", "above 0"),
        ("NaN", "day", "above 0"),
        ("Infinity", "month", "up to 100000"),
        ("3", "week", "working_day, month"),
        ("100000", "month", "holidays.yaml: no holidays are listed for 10360"),
        ("500", "day", "holidays.yaml: no holidays are listed for 2028"),
        ("999", "working_day", "for 2028"),
        ("99999", "hour", "for 2028"),
    ],
)
def test_terms_that_cannot_be(value: str, unit: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        due("2026-11-10 08:00", value, unit)


def test_a_year_without_holidays_is_an_error_not_a_year_of_work() -> None:
    for year in (2019, 2028):
        with pytest.raises(ConfigurationError, match=rf"holidays\.yaml: no holidays are listed for {year}"):
            CALENDAR.is_working(date(year, 6, 1))


@given(DAYS, st.integers(1, 60))
def test_going_back_is_the_inverse_of_going_on(day: date, n: int) -> None:
    start = CALENDAR.add_working_days(day, 0)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, n), -n) == start


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_working_days_add_up_and_never_go_back(day: date, a: int, b: int) -> None:
    start = CALENDAR.add_working_days(day, 0)
    both = CALENDAR.add_working_days(CALENDAR.add_working_days(start, a), b)
    assert both == CALENDAR.add_working_days(start, a + b)
    assert CALENDAR.add_working_days(start + timedelta(1), a) >= CALENDAR.add_working_days(start, a)


@given(DAYS, st.integers(1, 60))
def test_working_no_counts_the_days_between(day: date, n: int) -> None:
    there = ROWS[CALENDAR.add_working_days(day, n)]
    assert (there.working_no - ROWS[day].working_no, there.is_working) == (n, True)


@given(MOMENTS, TERMS, st.sampled_from(TERM_UNITS), CUTOFFS)
def test_due_is_after_receipt_within_office_hours_never_on_a_day_off(
    received: datetime, value: Decimal, unit: str, cutoff: time | None
) -> None:
    if unit == "month":
        value = value / 10
    found = CALENDAR.due_at(received, value, unit, cutoff)
    assert found is not None
    assert found > received
    assert CALENDAR.is_working(found.date())
    assert any(s.opens < found.time() <= s.closes for s in CALENDAR.office_hours)


@given(MOMENTS, TERMS, TERMS, st.sampled_from(TERM_UNITS), st.timedeltas(timedelta(0), timedelta(9)), CUTOFFS)
def test_later_or_longer_is_never_due_earlier(
    received: datetime, one: Decimal, other: Decimal, unit: str, later: timedelta, cutoff: time | None
) -> None:
    if unit == "month":
        one, other = one / 10, other / 10
    short = CALENDAR.due_at(received, min(one, other), unit, cutoff)
    long = CALENDAR.due_at(received, max(one, other), unit, cutoff)
    after = CALENDAR.due_at(received + later, min(one, other), unit, cutoff)
    assert short is not None
    assert long is not None
    assert after is not None
    assert short <= after
    if (
        unit != "month"
    ):  # 1.97 months from 29 January end on 30 March, two months on 29 March: February is short
        assert short <= long


def test_the_shipped_file_stands_in_where_a_province_has_none(tmp_path: Path) -> None:
    assert load(tmp_path).years() == CALENDAR.years()


def own(directory: Path, entries: str, head: str = "") -> WorkingCalendar:
    head = head or (
        'office_hours: [{from: "08:00", to: "12:00"}, {from: "13:00", to: "16:00"}]\nweekly_days_off: [7]\n'
    )
    (directory / "holidays.yaml").write_text(f"{head}years:\n{entries}", encoding="utf-8")
    return load(directory)


NEW_YEAR = '{day: 2028-01-01, kind: holiday, title: "Tết Dương lịch", basis: "Điều 112", confirmed: true}'


def test_a_province_replaces_the_file(tmp_path: Path) -> None:
    calendar = own(tmp_path, f"  2028: [{NEW_YEAR}]\n")
    assert calendar.years() == (2028,)
    assert calendar.is_working(date(2028, 1, 8))  # Saturdays are worked there
    assert calendar.office_day == timedelta(hours=7)
    assert calendar.due_at(at("2028-01-06 15:30"), 1, "hour") == at("2028-01-07 08:30")


def test_the_switch_of_a_day(tmp_path: Path) -> None:
    culture = "{day: 2028-11-26, kind: holiday, title: T, basis: B, confirmed: false, observed: %s, compensated: %s}"
    day, after = date(2028, 11, 26), date(2028, 11, 27)  # a Sunday
    for observed, compensated, monday in (
        ("true", "true", False),
        ("false", "true", True),
        ("true", "false", True),
    ):
        calendar = own(tmp_path, f"  2028: [{NEW_YEAR}, {culture % (observed, compensated)}]\n")
        assert not calendar.is_working(day)
        assert calendar.is_working(after) is monday
        assert len(calendar.unconfirmed()) == (observed == "true")


ENTRY = "{day: 2028-05-02, kind: %s, title: T, basis: B, confirmed: true}"


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("  2028: []", "2028 has no holiday"),
        (f"  2028: [{NEW_YEAR}, {NEW_YEAR}]", "2028-01-01 is listed twice"),
        (f"  2029: [{NEW_YEAR}]", "2028-01-01 stands under 2029"),
        (f"  2028: [{NEW_YEAR}, {ENTRY % 'swapped_working'}]", "2028-05-02 changes nothing"),
        (f"  2028: [{NEW_YEAR}, {ENTRY % 'bridge'}]", "years: 2028: 1: kind"),
        (
            f"  2028: [{NEW_YEAR}]\n  2030: [{NEW_YEAR.replace('2028', '2030')}]",
            "between 2028 and 2030 are missing",
        ),
        (f"  2028: [{NEW_YEAR.replace('day:', 'from:')}]", "give `day`, or `from` and `to`"),
        (
            "  2028: [{from: 2028-02-05, to: 2028-02-01, kind: holiday, title: T, basis: B, confirmed: true}]",
            "before",
        ),
        ("  2028: [", "cannot be read"),
    ],
)
def test_mistakes_name_the_file_and_the_place(tmp_path: Path, entries: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        own(tmp_path, entries)
    assert "holidays.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("office_hours: [{from: 13:00, to: 17:00}]\nweekly_days_off: [7]\n", "must be quoted text"),
        ('office_hours: [{from: "13:00", to: "12:00"}]\nweekly_days_off: [7]\n', "end before they begin"),
        (
            'office_hours: [{from: "08:00", to: "12:00"}, {from: "11:00", to: "17:00"}]\nweekly_days_off: [7]\n',
            "overlap",
        ),
        (
            'office_hours: [{from: "08:00", to: "12:00"}]\nweekly_days_off: [1, 2, 3, 4, 5, 6, 7]\n',
            "no working day",
        ),
    ],
)
def test_mistakes_in_the_head(tmp_path: Path, head: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        own(tmp_path, f"  2028: [{NEW_YEAR}]\n", head)
