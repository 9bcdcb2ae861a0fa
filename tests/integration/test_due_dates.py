"""Declared due dates against the procedure's term in working days, on a real PostgreSQL."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from pathlib import Path

import yaml
from sqlalchemy import Engine, text

from cchc.catalogue import calendar
from cchc.indicators import due_dates, periods
from cchc.indicators.sql import query
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import marts, working_days
from integration.indicator_facts import at, counts, source, write

U = "SGDDT"
YEAR = periods.parse("2026-01-01..2026-12-31")


def _found(engine: Engine) -> tuple[dict[str, str], Counter[str]]:
    tally: Counter[str] = Counter()
    rows = due_dates.compare(engine, [U], YEAR, tally)
    return {r["dossier_code"]: r["verdict"] for r in rows}, tally


def test_the_term_of_the_version_in_force_gives_our_own_due_day(warehouse: Engine) -> None:
    with warehouse.begin() as connection:
        working_days.sync(connection, calendar.load(SHIPPED_CATALOGUE))
    source(warehouse, U, "s")
    versions = [
        {
            "procedure_code": "1.000001",
            "valid_from": date(2020, 1, 1),
            "term_value": 5,
            "term_unit": "working_day",
        },
        # shortened in mid-year
        {
            "procedure_code": "1.000001",
            "valid_from": date(2026, 7, 1),
            "term_value": 3,
            "term_unit": "working_day",
        },
        {"procedure_code": "1.000002", "valid_from": date(2020, 1, 1)},
    ]
    write(warehouse, "procedure", U, "s", [{"term_value": None, "term_unit": None, **v} for v in versions])
    dossiers = [
        # Friday 13 March 2026 and five working days: Friday 20 March
        ("as promised", "1.000001", at("2026-03-13"), at("2026-03-20", "16:30:00")),
        ("too late", "1.000001", at("2026-03-13"), at("2026-03-23")),
        ("sooner", "1.000001", at("2026-03-13"), at("2026-03-19")),
        # over the days off of 30 April and 1 May 2026, and a weekend
        ("over days off", "1.000001", at("2026-04-28"), at("2026-05-07")),
        # the shorter term of July: Monday 6 July and three working days
        ("shorter term", "1.000001", at("2026-07-06"), at("2026-07-13")),
        ("no due", "1.000001", at("2026-03-13"), None),
        ("no term", "1.000002", at("2026-03-13"), at("2026-03-20")),
        ("unknown procedure", "1.000003", at("2026-03-13"), at("2026-03-20")),
    ]
    write(
        warehouse,
        "dossier",
        U,
        "s",
        [
            {"dossier_code": code, "procedure_code": procedure, "received_at": received, "due_at": due}
            for code, procedure, received, due in dossiers
        ],
    )
    found, tally = _found(warehouse)
    assert found == {
        "too late": due_dates.VERDICTS["later"],
        "sooner": due_dates.VERDICTS["sooner"],
        "shorter term": due_dates.VERDICTS["later"],
        "no due": due_dates.VERDICTS["no_due"],
    }
    assert tally == {"same": 2, "later": 2, "sooner": 1, "no_due": 1}
    assert due_dates.sentence(tally).startswith("6 hồ sơ so sánh được: 2 trùng ngày")


def test_a_dossier_in_two_systems_of_a_unit_is_one(warehouse: Engine) -> None:
    for code in ("s", "t"):
        source(warehouse, U, code)
    with warehouse.begin() as connection:
        working_days.sync(connection, calendar.load(SHIPPED_CATALOGUE))
        connection.execute(
            text("update core.source set listed = case source_code when 't' then 1 else 2 end")
        )
    term = {"procedure_code": "1.000001", "valid_from": date(2020, 1, 1), "term_value": 5}
    write(warehouse, "procedure", U, "s", [{**term, "term_unit": "working_day"}])
    own = {"dossier_code": "a", "received_at": at("2026-03-13")}
    write(warehouse, "dossier", U, "s", [{**own, "due_at": at("2026-03-20"), "data_reused": False}])
    write(warehouse, "dossier", U, "t", [{**own, "due_at": at("2026-03-23")}])
    found, tally = _found(warehouse)
    assert found == {"a": due_dates.VERDICTS["later"]}  # as the system says that is listed first
    assert tally == {"later": 1}
    where = {"units": [U], "first_day": YEAR.start, "last_day": YEAR.end}
    with warehouse.connect() as connection:
        stated = connection.execute(query("stated_fields"), where).one()
    assert stated.data_reused == 0  # the record that counts says nothing of it


def test_without_a_calendar_nothing_is_guessed(warehouse: Engine) -> None:
    source(warehouse, U, "s")
    term = {"procedure_code": "1.000001", "valid_from": date(2020, 1, 1), "term_value": 5, "term_unit": "day"}
    write(warehouse, "procedure", U, "s", [term])
    write(
        warehouse,
        "dossier",
        U,
        "s",
        [{"dossier_code": "a", "received_at": at("2026-03-13"), "due_at": at("2026-03-18")}],
    )
    assert _found(warehouse)[0] == {"a": due_dates.VERDICTS["no_calendar"]}


def _ask_for_the_index(engine: Engine) -> None:
    with engine.begin() as connection:
        working_days.sync(connection, calendar.load(SHIPPED_CATALOGUE))
        connection.execute(text("insert into core.asked_rule values ('portal-766')"))
    source(engine, U, "s")


def _outcomes(engine: Engine) -> dict[str, int]:
    marts.refresh(engine)
    found = counts(engine, U)
    return {code: value for code, value in found.items() if code.startswith("ended_")}


def test_where_nothing_was_promised_index_766_takes_the_term_of_the_procedure(warehouse: Engine) -> None:
    _ask_for_the_index(warehouse)
    procedure = {"procedure_code": "1.000001", "valid_from": date(2020, 1, 1), "term_unit": "working_day"}
    write(warehouse, "procedure", U, "s", [{**procedure, "term_value": 5, "cutoff": time(15)}])
    # Friday 13 March 2026 and five working days: Friday 20 March; after the closing hour it counts on Monday
    dossiers = [
        ("in time", at("2026-03-13"), at("2026-03-20")),
        ("late", at("2026-03-13"), at("2026-03-23")),
        ("after the closing hour", at("2026-03-13", "15:01:00"), at("2026-03-23")),
    ]
    rows = [
        {"dossier_code": code, "status": "finished", "received_at": received, "finished_at": finished}
        for code, received, finished in dossiers
    ]
    write(warehouse, "dossier", U, "s", rows)
    # under the source's own rule nothing is late without a promise
    assert _outcomes(warehouse) == {
        "ended_in_time": 3,
        "ended_in_time@portal-766": 2,
        "ended_late@portal-766": 1,
    }
    # the register of procedures is mended: its dossiers are judged again
    write(warehouse, "procedure", U, "s", [{**procedure, "term_value": 6, "cutoff": time(15)}])
    assert _outcomes(warehouse) == {"ended_in_time": 3, "ended_in_time@portal-766": 3}


def test_a_day_off_that_is_added_afterwards_moves_the_terms_that_run_over_it(
    warehouse: Engine, tmp_path: Path
) -> None:
    _ask_for_the_index(warehouse)
    procedure = {"procedure_code": "1.000001", "valid_from": date(2020, 1, 1), "term_unit": "working_day"}
    write(warehouse, "procedure", U, "s", [{**procedure, "term_value": 5}])
    dossiers = {"over it": "2026-03-13", "after it": "2026-03-19", "over before": "2026-03-02"}
    rows = [
        {
            "dossier_code": code,
            "status": "finished",
            "received_at": at(day),
            "finished_at": at("2026-03-23"),
        }
        for code, day in dossiers.items()
    ]
    write(warehouse, "dossier", U, "s", rows)
    assert _outcomes(warehouse)["ended_late@portal-766"] == 2
    added = yaml.safe_load((SHIPPED_CATALOGUE / "holidays.yaml").read_text(encoding="utf-8"))
    off = {"day": date(2026, 3, 18), "kind": "swapped_off", "title": "Nghỉ bù", "basis": "thử"}
    added["years"][2026].append({**off, "confirmed": False})
    (tmp_path / "holidays.yaml").write_text(yaml.safe_dump(added, allow_unicode=True), encoding="utf-8")
    with warehouse.begin() as connection:
        assert working_days.sync(connection, calendar.load(tmp_path)) == (date(2026, 3, 18),)
    assert _outcomes(warehouse)["ended_late@portal-766"] == 1  # the one over it is due on the 23rd now
    with warehouse.connect() as connection:
        assert connection.scalar(text("select count(*) from core.dossier where own_due_stale")) == 0
