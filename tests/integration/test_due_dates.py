"""Declared due dates against the procedure's term in working days, on a real PostgreSQL."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import Engine

from cchc.catalogue import calendar
from cchc.indicators import due_dates, periods
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import working_days
from integration.indicator_facts import at, source, write

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
