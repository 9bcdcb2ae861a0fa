"""The warehouse's calendar and its own due moment: the same as the readable rules, moment for moment."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.calendar import TERM_UNITS, ZONE, WorkingCalendar, load
from cchc.errors import ConfigurationError
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse.working_days import sync

CALENDAR = load(SHIPPED_CATALOGUE)
Case = tuple[datetime, Decimal | None, str | None, time | None]
OWN_DUE_AT = text(
    "select core.own_due_at(received_at, term_value, term_unit, cutoff) from unnest(cast(:received as timestamptz[]), "
    "cast(:values as numeric[]), cast(:units as text[]), cast(:cutoffs as time[])) with ordinality "
    "as t (received_at, term_value, term_unit, cutoff, n) order by n"
)


def in_sql(engine: Engine, cases: list[Case]) -> list[datetime | None]:
    received, values, units, cutoffs = (list(column) for column in zip(*cases, strict=True))
    given = {"received": received, "values": values, "units": units, "cutoffs": cutoffs}
    with engine.connect() as connection:
        return list(connection.execute(OWN_DUE_AT, given).scalars())


def in_python(calendar: WorkingCalendar, case: Case) -> datetime | None:
    """The readable rules; None where they raise: a statement over all dossiers must not fail for one."""
    try:
        return calendar.due_at(*case)
    except ConfigurationError:
        return None


def random_cases(count: int, seed: int) -> list[Case]:
    draw = random.Random(seed)
    edges = [
        time(),
        time(7, 30),
        time(11, 30),
        time(12),
        time(13),
        time(15),
        time(17),
        time(23, 30),
        time.max,
    ]
    cases: list[Case] = []
    for _ in range(count):
        day = date(2019, 12, 25) + timedelta(draw.randrange(2940))
        if draw.random() < 0.3:  # around Tết, swaps, ends of months and of the calendar
            day = draw.choice(
                [
                    date(2026, 2, 14),
                    date(2026, 8, 22),
                    date(2024, 2, 29),
                    date(2023, 4, 29),
                    date(2027, 12, 30),
                ]
            ) + timedelta(draw.randint(-12, 12))
        clock = (
            draw.choice(edges) if draw.random() < 0.4 else time(draw.randrange(24), draw.randrange(60), 7, 1)
        )
        unit = draw.choice([*TERM_UNITS, *TERM_UNITS, *TERM_UNITS, None, "week"])
        value = Decimal(
            draw.choice(["0.5", "1", "1.5", "2", "8", "0.125", "0.3333", "-1", "0", "1e9", "NaN", "Infinity"])
        )
        if draw.random() < 0.7:
            value = Decimal(draw.randrange(1, 60_000)) / draw.choice([1000, 2000, 7000])
        cutoff = draw.choice([None, None, time(15), time(11, 30), clock, time(17)])
        cases.append((datetime.combine(day, clock, ZONE), draw.choice([value] * 30 + [None]), unit, cutoff))
    return cases


@pytest.fixture
def synced(warehouse: Engine) -> Engine:
    with warehouse.begin() as connection:
        sync(connection, CALENDAR)
    return warehouse


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_the_function_is_the_readable_rules(synced: Engine) -> None:
    cases = random_cases(6000, seed=766)
    found = in_sql(synced, cases)
    expected = [in_python(CALENDAR, case) for case in cases]
    wrong = [(c, f, e) for c, f, e in zip(cases, found, expected, strict=True) if f != e]
    assert wrong == []
    assert {c[2] for c, e in zip(cases, expected, strict=True) if e is not None} == set(TERM_UNITS)
    assert 1000 < expected.count(None) < 3000


def test_other_office_hours_and_days_off_are_the_same_too(warehouse: Engine, tmp_path: Path) -> None:
    (tmp_path / "holidays.yaml").write_text(
        'office_hours: [{from: "07:00", to: "10:45"}, {from: "11:00", to: "12:00"}, {from: "13:30", to: "16:10"}]\n'
        "weekly_days_off: [7]\n"
        "years: {2026: [{from: 2026-02-14, to: 2026-02-22, kind: holiday, title: Tết, basis: B, confirmed: true}]}\n",
        encoding="utf-8",
    )
    calendar = load(tmp_path)
    with warehouse.begin() as connection:
        sync(connection, calendar)
    cases = random_cases(3000, seed=61)
    assert in_sql(warehouse, cases) == [in_python(calendar, case) for case in cases]


def test_the_table_is_the_calendar(synced: Engine) -> None:
    found = rows(synced, "select day, is_working, working_no, title from core.calendar_day order by day")
    assert found == [tuple(row) for row in CALENDAR.days()]
    assert found[0][0] == date(2020, 1, 1)
    assert found[-1][0] == date(2027, 12, 31)
    hours = rows(synced, "select opens, closes, worked_before from core.office_hours order by opens")
    assert hours == [(time(7, 30), time(11, 30), 0), (time(13), time(17), 4 * 3600 * 1_000_000)]


def test_before_the_first_sync_nothing_is_due(warehouse: Engine) -> None:
    received = datetime(2026, 11, 10, 8, tzinfo=UTC)
    assert in_sql(warehouse, [(received, Decimal(1), unit, None) for unit in TERM_UNITS]) == [None] * 4


def test_a_second_sync_changes_nothing(synced: Engine) -> None:
    before = rows(synced, "select xmin, day from core.calendar_day order by day")
    with synced.begin() as connection:
        assert sync(connection, CALENDAR) == ()
    assert rows(synced, "select xmin, day from core.calendar_day order by day") == before


def shipped_with(directory: Path, old: str, new: str) -> WorkingCalendar:
    content = (SHIPPED_CATALOGUE / "holidays.yaml").read_text(encoding="utf-8")
    assert content.count(old) == 1
    (directory / "holidays.yaml").write_text(content.replace(old, new), encoding="utf-8")
    return load(directory)


def test_a_day_that_becomes_a_holiday_is_told_and_moves_what_is_due(synced: Engine, tmp_path: Path) -> None:
    # a day of mourning, announced after the year was listed
    line = '    - {day: 2026-05-01, kind: holiday, title: "Ngày Quốc tế lao động"'
    extra = (
        "    - {day: 2026-11-12, kind: swapped_off, title: Quốc tang, basis: thông báo, confirmed: true}\n"
    )
    changed_calendar = shipped_with(tmp_path, line, extra + line)
    case: Case = (datetime(2026, 11, 10, 9, tzinfo=ZONE), Decimal(2), "working_day", None)
    assert in_sql(synced, [case]) == [datetime(2026, 11, 12, 17, tzinfo=ZONE)]
    with synced.begin() as connection:
        assert sync(connection, changed_calendar) == (date(2026, 11, 12),)
    assert in_sql(synced, [case]) == [datetime(2026, 11, 13, 17, tzinfo=ZONE)]
    with synced.begin() as connection:
        assert sync(connection, CALENDAR) == (date(2026, 11, 12),)
    assert in_sql(synced, [case]) == [datetime(2026, 11, 12, 17, tzinfo=ZONE)]


def test_days_that_come_and_go_and_new_office_hours_are_told(synced: Engine, tmp_path: Path) -> None:
    (tmp_path / "holidays.yaml").write_text(
        'office_hours: [{from: "07:30", to: "11:30"}, {from: "13:00", to: "17:00"}]\nweekly_days_off: [6, 7]\n'
        "years: {2027: [{day: 2027-01-01, kind: holiday, title: T, basis: B, confirmed: true}]}\n",
        encoding="utf-8",
    )
    short = load(tmp_path)
    with synced.begin() as connection:
        changed = sync(connection, short)
    assert changed[:2555] == tuple(date(2020, 1, 1) + timedelta(n) for n in range(2555))
    assert date(2027, 2, 8) in changed
    assert date(2027, 1, 4) not in changed
    assert rows(synced, "select count(*), min(working_no) from core.calendar_day") == [(365, 0)]
    with synced.begin() as connection:
        sync(connection, CALENDAR)
    earlier = shipped_with(tmp_path, '{from: "13:00", to: "17:00"}', '{from: "13:00", to: "16:30"}')
    with synced.begin() as connection:
        assert len(sync(connection, earlier)) == 2922


def test_a_failed_caller_takes_the_sync_back(synced: Engine, tmp_path: Path) -> None:
    earlier = shipped_with(tmp_path, '{from: "13:00", to: "17:00"}', '{from: "13:00", to: "16:30"}')
    with synced.connect() as connection:
        sync(connection, earlier)
        connection.rollback()
    assert rows(synced, "select max(closes) from core.office_hours") == [(time(17),)]
