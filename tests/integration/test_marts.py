"""Marts on a real PostgreSQL: what a record counts in, and a delta against a full rebuild."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from cchc.catalogue import calendar, load
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import dimensions, event_days, marts, migrate, working_days
from integration.indicator_facts import at, counts, source, write

U = "SGDDT"
STATUSES = (
    "registered",
    "received",
    "not_accepted",
    "processing",
    "supplement",
    "payment",
    "withdrawn",
    "stopped",
    "finished",
    "returned",
)
STOCKS = {m.code for m in load.cached(SHIPPED_CATALOGUE).measures.values() if m.kind == "stock"}
KEY = ("dossier_code", "document_code", "procedure_code", "direction", "petition_code")


def _dossier(code: str, **fields: Any) -> dict[str, Any]:
    return {"dossier_code": code, "received_at": at("2026-11-02"), **fields}


@pytest.mark.parametrize(
    ("rule", "due", "ended", "outcome"),
    [
        ("date", at("2026-11-10", "08:00:00"), at("2026-11-10", "16:59:00"), "finished_on_time"),
        ("date", at("2026-11-10", "08:00:00"), at("2026-11-09", "23:59:59"), "finished_early"),
        ("date", at("2026-11-10", "23:00:00"), at("2026-11-11", "00:30:00"), "finished_late"),
        ("date", None, at("2027-01-01"), "finished_on_time"),
        ("timestamp", at("2026-11-10", "08:00:00"), at("2026-11-10", "08:00:00"), "finished_on_time"),
        ("timestamp", at("2026-11-10", "08:00:00"), at("2026-11-10", "08:00:01"), "finished_late"),
        ("timestamp", at("2026-11-10", "08:00:00"), at("2026-11-10", "07:00:00"), "finished_on_time"),
        ("timestamp", at("2026-11-10", "08:00:00"), at("2026-11-09", "17:00:00"), "finished_early"),
        ("portal-766", at("2026-11-10", "08:00:00"), at("2026-11-10", "08:00:01"), "finished_late"),
        ("portal-766", None, at("2027-01-01"), "finished_on_time"),
        ("opencps-live", at("2026-11-10", "16:00:00"), at("2026-11-10", "13:29:59"), "finished_early"),
        ("opencps-live", at("2026-11-10", "16:00:00"), at("2026-11-10", "13:30:00"), "finished_on_time"),
        ("opencps-live", at("2026-11-10", "10:00:00"), at("2026-11-10", "06:59:59"), "finished_early"),
        ("opencps-live", at("2026-11-10", "16:00:00"), at("2026-11-10", "16:00:01"), "finished_late"),
        ("opencps-live", None, at("2027-01-01"), "finished_early"),
        ("opencps-batch", at("2026-11-10", "16:00:00"), at("2026-11-09"), "finished_on_time"),  # no extension
        ("opencps-batch", at("2026-11-10", "16:00:00"), at("2026-11-10", "16:00:01"), "finished_late"),
        ("opencps-batch", None, at("2027-01-01"), "finished_on_time"),
        ("returned-date", at("2026-11-10", "08:00:00"), at("2026-11-11"), "finished_late"),
    ],
)
def test_the_sources_rule_decides_what_is_on_time(
    warehouse: Engine, rule: str, due: Any, ended: Any, outcome: str
) -> None:
    source(warehouse, U, "s", rule)
    write(warehouse, "dossier", U, "s", [_dossier("a", status="finished", due_at=due, finished_at=ended)])
    assert marts.refresh(warehouse) > 0
    found = counts(warehouse, U)
    assert {k for k in found if k.startswith("finished_")} == {outcome}


@pytest.mark.parametrize(
    ("rule", "fields", "outcome"),
    [
        # released before it is due: early only where the due date had been moved, or the citizen has it already
        ("opencps-batch", {"finished_at": at("2026-11-09"), "extended_at": at("2026-11-05")}, "early"),
        ("opencps-batch", {"finished_at": at("2026-11-09"), "returned_at": at("2026-11-09")}, "early"),
        ("opencps-batch", {"finished_at": at("2026-11-09"), "returned_at": at("2026-11-12")}, "on_time"),
        # done in time, handed over late
        ("returned-date", {"finished_at": at("2026-11-09"), "returned_at": at("2026-11-12")}, "late"),
        ("date", {"finished_at": at("2026-11-09"), "returned_at": at("2026-11-12")}, "early"),
        # three days of waiting for papers are given back, and not a second more
        (
            "portal-766",
            {
                "finished_at": at("2026-11-13", "16:00:00"),
                "supplement_at": at("2026-11-04"),
                "supplement_completed_at": at("2026-11-07"),
            },
            "on_time",
        ),
        (
            "portal-766",
            {
                "finished_at": at("2026-11-13", "16:00:01"),
                "supplement_at": at("2026-11-04"),
                "supplement_completed_at": at("2026-11-07"),
            },
            "late",
        ),
        (
            "date",
            {
                "finished_at": at("2026-11-13"),
                "supplement_at": at("2026-11-04"),
                "supplement_completed_at": at("2026-11-07"),
            },
            "late",
        ),
    ],
)
def test_a_rule_reads_more_than_one_date(
    warehouse: Engine, rule: str, fields: dict[str, Any], outcome: str
) -> None:
    source(warehouse, U, "s", rule)
    due = at("2026-11-10", "16:00:00")
    write(warehouse, "dossier", U, "s", [_dossier("a", status="finished", due_at=due, **fields)])
    marts.refresh(warehouse)
    assert {k for k in counts(warehouse, U) if k.startswith("finished_")} == {f"finished_{outcome}"}


def test_the_index_gives_back_the_wait_and_loses_patience(warehouse: Engine) -> None:
    source(warehouse, U, "s", "portal-766")
    due = at("2026-11-05", "16:00:00")
    asked = {"supplement_at": at("2026-11-04")}
    write(
        warehouse,
        "dossier",
        U,
        "s",
        [
            _dossier("open", due_at=due, **asked, supplement_completed_at=at("2026-11-07")),
            _dossier("asked once", status="supplement", due_at=due, **asked, supplement_requests=1),
            _dossier("asked twice", status="supplement", due_at=due, **asked, supplement_requests=2),
        ],
    )
    marts.refresh(warehouse)

    def on(day: int, measure: str) -> int:
        return counts(warehouse, U, date(2026, 11, day)).get(measure, 0)

    assert [on(day, "waiting_for_supplement") for day in (3, 4, 6, 7, 30)] == [0, 3, 3, 2, 2]
    # "asked twice" from the day of the request, "open" from the day after 5 + 3 November
    assert [on(day, "overdue_in_process") for day in (3, 4, 8, 9, 30)] == [0, 1, 1, 2, 2]


def test_a_dossier_counts_in_every_measure_it_belongs_to_on_its_local_day(warehouse: Engine) -> None:
    source(warehouse, U, "s")
    both = {"post_in": True, "post_out": True, "channel": "online", "paid_online": True, "has_duty": True}
    write(
        warehouse,
        "dossier",
        U,
        "s",
        [
            # 23:30 UTC on the 1st is the 2nd at 06:30 in Cao Bằng: the local day counts
            {"dossier_code": "a", "received_at": "2026-11-01T23:30:00+00:00", **both},
            _dossier("b", post_in=True, post_out=None),
            _dossier("c", status="registered"),
            _dossier("d", status="not_accepted"),
            _dossier("e", status="withdrawn", finished_at=at("2026-11-05")),
            _dossier("f", status="stopped"),
            _dossier("g", status="returned", returned_at=at("2026-11-06"), has_result=False),
            _dossier("h", status="finished", finished_at=at("2026-11-06"), electronic_result=True),
            _dossier("i", status="finished"),  # no end given: still open
        ],
    )
    marts.refresh(warehouse)
    assert counts(warehouse, U, date(2026, 11, 1)) == {}
    assert counts(warehouse, U) == {
        "received": 7,
        "received_online": 1,
        "post_in": 2,
        "post_out": 1,
        "post_both": 1,
        "paid_online": 1,
        "with_duty": 1,
        "not_accepted": 1,
        "finished_on_time": 2,
        "ended_in_time": 4,
        "in_process_within_term": 3,
        "received_with_result": 1,
        "closed_without_result": 1,
        "electronic_result": 1,
        "withdrawn": 1,
        "stopped": 1,
        "in_process": 3,  # a, b, i
    }


def test_stocks_are_balances_of_signed_days(warehouse: Engine) -> None:
    source(warehouse, U, "s")
    due = at("2026-11-05")
    write(
        warehouse,
        "dossier",
        U,
        "s",
        [
            _dossier("open", due_at=due),
            _dossier("late", due_at=due, status="finished", finished_at=at("2026-11-08")),
            _dossier("next", due_at=due, status="finished", finished_at=at("2026-11-06")),
            _dossier("intime", due_at=due, status="finished", finished_at=at("2026-11-05")),
            _dossier("asked", due_at=due, status="supplement", supplement_at=at("2026-11-05", "17:00:00")),
            _dossier("asked-once", due_at=due, status="supplement"),
            _dossier("toolate", due_at=due, status="supplement", supplement_at=at("2026-11-07")),
            _dossier("born-late", due_at=at("2026-10-01")),
        ],
    )
    marts.refresh(warehouse)
    stock = {
        day: (
            counts(warehouse, U, date(2026, 11, day)).get("in_process", 0),
            counts(warehouse, U, date(2026, 11, day)).get("overdue_in_process", 0),
        )
        for day in (1, 2, 5, 6, 7, 8)
    }
    # "toolate" is overdue until it waits for papers: a dossier that waits is not (chờ bổ sung)
    assert stock == {1: (0, 0), 2: (8, 1), 5: (7, 1), 6: (6, 4), 7: (6, 3), 8: (5, 2)}


@pytest.mark.parametrize(
    ("rule", "asked", "overdue"),
    [
        # due on the 5th; papers come on the 12th or not yet; ended on the 20th
        ("date", "2026-11-03", {12: 1, 13: 1, 15: 1, 19: 1}),
        ("date", "2026-11-08", {6: 1, 7: 1, 12: 1, 13: 1, 15: 1, 19: 1}),
        ("portal-766", "2026-11-03", {15: 1, 19: 1}),  # nine days later: the 14th
        ("portal-766", "2026-11-08", {6: 1, 7: 1, 8: 1, 11: 1, 12: 1, 13: 1, 15: 1, 19: 1}),
    ],
)
def test_what_comes_later_does_not_change_who_was_overdue(
    warehouse: Engine, rule: str, asked: str, overdue: dict[int, int]
) -> None:
    source(warehouse, U, "s", rule)
    at_first = {"due_at": at("2026-11-05"), "supplement_at": at(asked)}
    days = (2, 5, 6, 7, 8, 11, 12, 13, 15, 19, 20, 30)

    def stocks(measure: str) -> dict[int, int]:
        found = {day: counts(warehouse, U, date(2026, 11, day)).get(measure, 0) for day in days}
        return {day: value for day, value in found.items() if value}

    write(warehouse, "dossier", U, "s", [_dossier("a", status="supplement", **at_first)])
    marts.refresh(warehouse)
    waiting = stocks("overdue_in_process")
    assert {day: n for day, n in waiting.items() if day < 12} == {d: n for d, n in overdue.items() if d < 12}

    later = {**at_first, "supplement_completed_at": at("2026-11-12")}
    for changed in (
        {**later, "status": "processing"},
        {**later, "status": "finished", "finished_at": at("2026-11-20")},
    ):
        write(warehouse, "dossier", U, "s", [_dossier("a", **changed)])
        marts.refresh(warehouse)
        found = stocks("overdue_in_process")
        assert {day: n for day, n in found.items() if day < 20} == overdue
        within, open_ = stocks("in_process_within_term"), stocks("in_process")
        assert {day: within.get(day, 0) + found.get(day, 0) for day in open_} == open_


def test_documents_procedures_and_reviews(warehouse: Engine) -> None:
    day = date(2026, 11, 3)
    write(
        warehouse,
        "document",
        U,
        "s",
        [
            {"document_code": "1", "direction": "in", "registered_on": day, "form": "paper"},
            {"document_code": "2", "direction": "in", "registered_on": day},
            {"document_code": "3", "direction": "out", "registered_on": day, "is_signed": True},
            {"document_code": "4", "direction": "out", "registered_on": day, "form": "parallel"},
            {"document_code": "5", "direction": "out", "registered_on": day, "action": "recall"},
            {"document_code": "6", "direction": "out", "registered_on": day, "action": "replace"},
        ],
    )
    write(
        warehouse,
        "procedure",
        U,
        "s",
        [
            {"procedure_code": "p1", "valid_from": date(2020, 1, 1), "online_level": "4"},
            {"procedure_code": "p1", "valid_from": date(2024, 1, 1), "online_level": "full"},
            {"procedure_code": "p2", "valid_from": date(2020, 1, 1), "valid_to": date(2025, 6, 30)},
        ],
    )
    for register in ("s", "t"):
        write(
            warehouse,
            "procedure_review",
            U,
            register,
            [{"procedure_code": "p1", "reviewed_on": day, "shorter_term_proposed": register == "t"}],
        )
    marts.refresh(warehouse)
    assert counts(warehouse, U, date(2023, 12, 31)) == {
        "procedures_listed": 2,
        "procedures_level_4": 1,
        "procedures_online": 1,
        "procedures_full": 1,
    }
    assert counts(warehouse, U, date(2025, 6, 30)) == {
        "procedures_listed": 2,
        "procedures_online": 1,
        "procedures_full": 1,
    }
    assert counts(warehouse, U) == {
        "procedures_listed": 1,
        "procedures_online": 1,
        "procedures_full": 1,
        "procedures_reviewed": 1,
        "shorter_term_proposed": 1,
        "documents_in": 2,
        "documents_in_electronic": 1,
        "documents_in_paper": 1,
        "documents_out": 3,
        "documents_out_electronic_only": 2,
        "documents_out_parallel": 1,
        "documents_out_signed": 1,
    }


def test_an_incoming_document_is_judged_on_the_day_it_was_done(warehouse: Engine) -> None:
    source(warehouse, U, "s")
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into core.source (source_code, unit_code, profile_code, kind, title, on_time_rule, expected)"
                " values ('x', :unit, 'p', 'edxml', '', 'date', true)"
            ),
            {"unit": U},
        )

    def document(code: str, due: int | None, done: int | None, **more: Any) -> dict[str, Any]:
        days = {
            name: date(2026, 11, day) for name, day in (("due_on", due), ("done_on", done)) if day is not None
        }
        return {"document_code": code, "direction": "in", "registered_on": date(2026, 11, 3), **days, **more}

    write(
        warehouse,
        "document",
        U,
        "s",
        [
            document("on the due day", 5, 5),
            document("a day late", 5, 6),
            document("three days late", 5, 8),
            document("open", 5, None),
            document("without a term", None, 4),
            document("born late", 1, None),
            document("recalled", 5, 9, action="recall"),
            document("sent", 5, 9, direction="out"),
        ],
    )
    write(warehouse, "document", U, "x", [document("nobody says when it is done", 5, None)])
    marts.refresh(warehouse)

    def on(day: int, measure: str) -> int:
        return counts(warehouse, U, date(2026, 11, day)).get(measure, 0)

    assert [on(day, "documents_in_overdue") for day in (2, 3, 5, 6, 7, 8, 30)] == [0, 1, 1, 3, 3, 2, 2]
    assert [on(day, "documents_in_on_time") for day in (4, 5, 30)] == [0, 1, 1]
    assert [on(day, "documents_in_late") for day in (5, 6, 8, 30)] == [0, 1, 2, 2]
    assert [on(day, "documents_in_with_due") for day in (4, 5, 6, 30)] == [0, 1, 2, 3]
    assert on(30, "documents_in") == 7


def test_procedures_have_properties_while_in_force(warehouse: Engine) -> None:
    write(
        warehouse,
        "procedure",
        U,
        "s",
        [
            {
                "procedure_code": "p1",
                "valid_from": date(2024, 1, 1),
                "online_level": "partial",
                "has_fee": True,
                "for_citizens": True,
                "content_full": False,
            },
            {"procedure_code": "p1", "valid_from": date(2025, 1, 1), "online_level": "full"},
            {
                "procedure_code": "p2",
                "valid_from": date(2024, 1, 1),
                "online_level": "3",
                "content_full": True,
            },
            {"procedure_code": "p3", "valid_from": date(2024, 1, 1), "online_level": "2", "has_fee": False},
        ],
    )
    marts.refresh(warehouse)
    listed = {"procedures_listed": 3, "procedures_online": 2, "procedures_content_full": 1}
    assert counts(warehouse, U, date(2024, 12, 31)) == listed | {
        "procedures_partial": 2,
        "procedures_with_fee": 1,
        "procedures_for_citizens": 1,
    }
    assert counts(warehouse, U) == listed | {"procedures_partial": 1, "procedures_full": 1}


def test_a_procedure_is_announced_once_a_day_and_late_where_one_version_is(warehouse: Engine) -> None:
    day, due = date(2026, 11, 3), date(2026, 11, 4)

    def version(code: str, start: int, announced: date | None, until: date | None) -> dict[str, Any]:
        stated = {"announced_on": announced, "published_on": announced}
        limits = {"announce_due_on": until, "publish_due_on": until}
        return {"procedure_code": code, "valid_from": date(2026, start, 1), **stated, **limits}

    def told() -> dict[str, int]:
        return {k: v for k, v in counts(warehouse, U).items() if "announced" in k or "published" in k}

    write(
        warehouse,
        "procedure",
        U,
        "s",
        [
            version("in time", 1, day, day),
            version("twice", 1, day, due),
            version("twice", 2, day, due),
            version("late", 1, day, date(2026, 11, 2)),
            version("one of two late", 1, day, due),
            version("one of two late", 2, day, date(2026, 11, 2)),
            version("on two days", 1, day, due),
            version("on two days", 2, due, due),
            version("no limit stated", 1, day, None),
            version("never", 1, None, due),
        ],
    )
    write(warehouse, "procedure", U, "t", [version("in time", 1, day, due)])
    marts.refresh(warehouse)
    assert told() == {
        "procedures_announced": 7,
        "procedures_announced_on_time": 4,
        "procedures_announced_late": 3,
        "procedures_published": 7,
        "procedures_published_on_time": 4,
    }
    # another register that says it was late makes it late
    write(warehouse, "procedure", U, "t", [version("in time", 1, day, date(2026, 11, 1))])
    marts.refresh(warehouse)
    assert told()["procedures_announced_on_time"] == 3
    # and a corrected day takes it along
    write(warehouse, "procedure", U, "s", [version("never", 1, due, due)])
    marts.refresh(warehouse)
    assert (told()["procedures_announced"], told()["procedures_announced_on_time"]) == (8, 4)


def test_a_shorter_term_counts_on_the_day_it_begins(warehouse: Engine) -> None:
    def version(year: int, value: float | None, unit: str | None = "working_day") -> dict[str, Any]:
        return {
            "procedure_code": "p",
            "valid_from": date(year, 1, 1),
            "term_value": value,
            "term_unit": unit,
        }

    def cuts() -> list[int]:
        return [counts(warehouse, U, date(y, 1, 1)).get("procedures_term_cut", 0) for y in range(2019, 2027)]

    write(
        warehouse,
        "procedure",
        U,
        "s",
        [
            version(2019, 10),
            version(2020, 7),
            version(2021, 7),
            version(2022, 9),
            version(2023, 8, "day"),  # another unit: nobody can say
            version(2024, None, None),
            version(2025, 5),
            version(2026, 2.5),
        ],
    )
    marts.refresh(warehouse)
    assert cuts() == [0, 1, 1, 1, 1, 1, 1, 2]
    write(warehouse, "procedure", U, "s", [version(2021, 8)])  # the version before changes what is a cut
    marts.refresh(warehouse)
    assert cuts() == [0, 1, 1, 1, 1, 1, 1, 2]
    write(warehouse, "procedure", U, "s", [version(2019, 6)])
    marts.refresh(warehouse)
    assert cuts() == [0, 0, 0, 0, 0, 0, 0, 1]


def test_petitions(warehouse: Engine) -> None:
    def petition(code: str, **fields: Any) -> dict[str, Any]:
        return {"petition_code": code, "received_at": at("2026-11-02"), **fields}

    due = {"due_at": at("2026-11-10", "08:00:00")}
    write(
        warehouse,
        "petition",
        U,
        "s",
        [
            petition("on the day", **due, answered_at=at("2026-11-10", "16:00:00")),
            petition("no term", kind="staff", answered_at=at("2026-11-20")),
            petition("late", **due, answered_at=at("2026-11-12"), disliked=True),
            petition("open", **due, kind="other"),
            petition("again", **due, complained_again=True, answered_at=at("2026-11-03"), disliked=True),
            # 23:30 UTC on the 1st is the 2nd in Cao Bằng
            {"petition_code": "early", "received_at": "2026-11-01T23:30:00+00:00", "kind": "staff"},
        ],
    )
    marts.refresh(warehouse)
    assert counts(warehouse, U, date(2026, 11, 1)) == {}
    assert counts(warehouse, U) == {
        "petitions": 6,
        "petitions_about_procedures": 3,
        "petitions_about_staff": 2,
        "petitions_answered": 4,
        "petitions_answered_on_time": 3,
        "petitions_answered_late": 1,
        "petitions_satisfied": 4,
        "petitions_open": 2,
        "petitions_overdue": 1,
    }

    def on(day: int, measure: str) -> int:
        return counts(warehouse, U, date(2026, 11, day)).get(measure, 0)

    assert [on(day, "petitions_open") for day in (2, 3, 10, 12, 20)] == [6, 5, 4, 3, 2]
    assert [on(day, "petitions_overdue") for day in (10, 11, 12, 30)] == [0, 2, 1, 1]
    assert on(2, "petitions_satisfied") == 4  # on the day they came, also what was answered later


def test_an_earlier_acknowledgement_moves_the_count(warehouse: Engine) -> None:
    for day, code in ((12, "06"), (10, "03"), (8, "01"), (9, "04")):
        answer = {"document_code": "d", "status_code": code, "status_at": at(f"2026-11-{day:02}")}
        write(warehouse, "document_status", U, "s", [answer])
        marts.refresh(warehouse)
    with warehouse.connect() as connection:
        days = connection.execute(text("select day, value from mart.measure_day")).all()
    assert [tuple(row) for row in days] == [(date(2026, 11, 9), 1)]


def _random_rows(rng: random.Random, dataset: str) -> list[dict[str, Any]]:
    def day() -> date:
        return date(2026, 2, 20) + timedelta(days=rng.randrange(60))  # into the next quarter

    def moment() -> Any:
        return at(day().isoformat(), f"{rng.randrange(24):02}:{rng.randrange(60):02}:00")

    def maybe(value: Any) -> Any:
        return rng.choice([None, value])

    def flag() -> Any:
        return rng.choice([None, True, False])

    made: dict[str, Any] = {}
    for _ in range(rng.randrange(1, 6)):
        n = rng.randrange(12)
        if dataset == "dossier":
            row = {
                "dossier_code": f"d{n}",
                "received_at": moment(),
                "due_at": maybe(moment()),
                "finished_at": maybe(moment()),
                "returned_at": maybe(moment()),
                "supplement_at": maybe(moment()),
                "supplement_completed_at": maybe(moment()),
                "supplement_requests": maybe(rng.randrange(4)),
                "extended_at": maybe(moment()),
                "apology_at": maybe(moment()),
                "components_digitised": flag(),
                "dissatisfied": flag(),
                "channel": rng.choice(["direct", "online", "post"]),
                "procedure_code": f"p{rng.randrange(3)}",
                "status": rng.choice(STATUSES),
                "post_in": flag(),
                "post_out": flag(),
                "has_result": flag(),
                "electronic_result": flag(),
            }
        elif dataset == "document":
            row = {
                "document_code": f"v{n}",
                "direction": rng.choice(["in", "out"]),
                "registered_on": day(),
                "form": rng.choice(["electronic", "paper", "parallel"]),
                "action": rng.choice(["new", "recall", "update", "replace"]),
                "is_signed": flag(),
                "due_on": maybe(day()),
                "done_on": maybe(day()),
                "concerns": rng.choice(
                    [None, f"v{rng.randrange(12)}", f"v{n}", f"v{rng.randrange(12)};v0;x"]
                ),
            }
        elif dataset == "document_status":
            row = {
                "document_code": f"v{n % 4}",
                "status_code": rng.choice(["01", "02", "03", "06"]),
                "status_at": moment(),
            }
        elif dataset == "procedure":
            start = day()
            row = {
                "procedure_code": f"p{n % 4}",
                "valid_from": start,
                "valid_to": maybe(start + timedelta(days=rng.randrange(40))),
                "online_level": rng.choice(["3", "4", "full", "partial", "2"]),
                "term_value": maybe(rng.randrange(1, 9)),
                "term_unit": rng.choice(["day", "working_day"]),
                "has_fee": flag(),
                "for_citizens": flag(),
                "content_full": flag(),
                "announced_on": maybe(date(2026, 1, rng.randrange(1, 6))),
                "announce_due_on": maybe(date(2026, 1, rng.randrange(1, 6))),
                "published_on": maybe(date(2026, 1, rng.randrange(1, 6))),
                "publish_due_on": maybe(date(2026, 1, rng.randrange(1, 6))),
            }
        elif dataset == "petition":
            row = {
                "petition_code": f"k{n}",
                "kind": rng.choice(["procedure", "staff", "other"]),
                "received_at": moment(),
                "due_at": maybe(moment()),
                "answered_at": maybe(moment()),
                "disliked": flag(),
                "complained_again": flag(),
            }
        else:
            row = {
                "procedure_code": f"p{n % 4}",
                "reviewed_on": day(),
                "shorter_term_proposed": rng.choice([True, False]),
            }
        made[str([row.get(k) for k in KEY])] = row
    return list(made.values())


def _content(engine: Engine) -> list[tuple[Any, ...]]:
    """Return the days of the marts; the quarters of stocks are checked to be their sums, without zeros."""
    with engine.connect() as connection:
        rows = connection.execute(text("select * from mart.measure_day order by 1, 2, 3, 4, 5, 6, 7")).all()
        quarters = connection.execute(text("select * from mart.measure_quarter")).all()
    expected: Counter[tuple[Any, ...]] = Counter()
    for unit, day, measure, *of, value in rows:
        if measure.split("@")[0] in STOCKS:
            expected[(unit, day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1), measure, *of)] += value
    assert {tuple(q)[:-1]: q.value for q in quarters} == {key: n for key, n in expected.items() if n}
    return [tuple(row) for row in rows]


def test_marts_of_any_sequence_of_deltas_equal_a_full_rebuild(warehouse: Engine) -> None:
    rng = random.Random(20261114)
    for code, rule in (("s", "date"), ("t", "portal-766"), ("u", "opencps-batch")):
        source(warehouse, U, code, rule)
    with warehouse.begin() as connection:
        working_days.sync(connection, calendar.load(SHIPPED_CATALOGUE))
        connection.execute(text("insert into core.asked_rule values ('portal-766'), ('timestamp')"))
        # the same dossiers stand in all three: each counts once
        places = "update core.source set listed = case source_code when 't' then 1 when 's' then 2 else 3 end"
        connection.execute(text(places))
    for step in range(80):
        for _ in range(rng.randrange(1, 4)):
            dataset = rng.choice(event_days.MART_DATASETS)
            write(warehouse, dataset, U, rng.choice(["s", "t", "u"]), _random_rows(rng, dataset))
        marts.refresh(warehouse)
        if step % 4:
            continue
        by_deltas = _content(warehouse)
        with warehouse.begin() as connection:
            connection.execute(text("truncate mart.measure_day"))
            connection.execute(text("update core.dossier set own_due_at = null, own_due_stale = true"))
        marts.rebuild(warehouse)
        assert _content(warehouse) == by_deltas
    assert len(by_deltas) > 50
    with warehouse.connect() as connection:  # terms of procedures stand in for promises that were not made
        own = "select count(*) from core.dossier where due_at is null and own_due_at is not null"
        assert (connection.scalar(text(own)) or 0) > 0


def test_a_rebuild_removes_what_core_no_longer_has(warehouse: Engine) -> None:
    source(warehouse, U, "s")
    write(warehouse, "dossier", U, "s", [_dossier("a"), _dossier("b")])
    marts.refresh(warehouse)
    with warehouse.begin() as connection:
        connection.execute(text("delete from core.dossier where dossier_code = 'a'"))
    marts.rebuild(warehouse)
    assert counts(warehouse, U) == {"received": 1, "in_process": 1, "in_process_within_term": 1}


def test_refreshing_again_finds_nothing_to_do(warehouse: Engine) -> None:
    seen: list[tuple[str, int, int]] = []
    write(warehouse, "dossier", U, "s", [_dossier("a", due_at=at("2026-11-20"))])
    written = marts.refresh(warehouse, lambda *step: seen.append(step))
    assert seen == [(U, 1, 1)]
    before = _content(warehouse)
    assert written == len(before) > 3
    assert marts.refresh(warehouse) == 0
    assert _content(warehouse) == before


def test_a_refresh_that_dies_halfway_leaves_the_old_marts_and_the_marks(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    source(warehouse, U, "s")
    write(warehouse, "dossier", U, "s", [_dossier("a")])
    marts.refresh(warehouse)
    before = _content(warehouse)
    write(warehouse, "dossier", U, "s", [_dossier("a", status="withdrawn"), _dossier("b")])
    with monkeypatch.context() as patched:
        die = text("select pg_terminate_backend(pg_backend_pid()), :unit, :dataset")
        patched.setattr(marts, "_recount_statement", lambda dataset: die)
        with pytest.raises(OperationalError):
            marts.refresh(warehouse)
    assert _content(warehouse) == before
    assert marts.refresh(warehouse) > 0
    assert counts(warehouse, U) == {
        "received": 2,
        "in_process": 1,
        "in_process_within_term": 1,
        "withdrawn": 1,
        "ended_in_time": 1,
    }


def test_only_what_was_touched_is_made_anew(warehouse: Engine) -> None:
    """Another procedure on the same day keeps its very rows."""
    source(warehouse, U, "s")
    write(warehouse, "dossier", U, "s", [_dossier("a"), _dossier("b", procedure_code="2.000002")])
    marts.refresh(warehouse)
    rows = text("select ctid::text, procedure_code from mart.measure_day order by 1")
    with warehouse.connect() as connection:
        before = {place for place, code in connection.execute(rows) if code == "2.000002"}
    write(warehouse, "dossier", U, "s", [_dossier("a", paid_online=True)])
    marts.refresh(warehouse)
    with warehouse.connect() as connection:
        after = {place for place, code in connection.execute(rows) if code == "2.000002"}
    assert before == after != set()
    assert counts(warehouse, U)["paid_online"] == 1


def test_a_load_under_way_never_loses_its_mark_to_a_refresh(warehouse: Engine) -> None:
    """Many loads of one unit and two refreshers at once: when all is still, marts equal core."""
    source(warehouse, U, "s")
    stop = threading.Event()
    failures: list[BaseException] = []

    def refresher() -> None:
        try:
            while not stop.is_set():
                marts.refresh(warehouse)
        except BaseException as error:
            failures.append(error)

    def loader(part: int) -> None:
        try:
            for n in range(25):
                write(warehouse, "dossier", U, "s", [_dossier(f"{part}-{n}")])
        except BaseException as error:
            failures.append(error)

    refreshers = [threading.Thread(target=refresher) for _ in range(2)]
    loaders = [threading.Thread(target=loader, args=(part,)) for part in range(3)]
    for thread in (*refreshers, *loaders):
        thread.start()
    for thread in loaders:
        thread.join()
    stop.set()
    for thread in refreshers:
        thread.join()
    assert not failures
    marts.refresh(warehouse)
    assert counts(warehouse, U) == {"received": 75, "in_process": 75, "in_process_within_term": 75}


def test_the_quarters_of_stocks_are_those_of_the_catalogue_and_made_by_the_migration_too(
    warehouse: Engine,
) -> None:
    source(warehouse, U, "s")
    finished = {"status": "finished", "finished_at": at("2026-11-04")}
    write(
        warehouse, "dossier", U, "s", [_dossier("a", received_at=at("2026-05-02")), _dossier("b", **finished)]
    )
    marts.refresh(warehouse)
    made = _quarters(warehouse)
    assert [(q[1], q[2], q[-1]) for q in made] == [  # b came and went within a quarter
        (date(2026, 4, 1), "in_process", 1),
        (date(2026, 4, 1), "in_process_within_term", 1),
    ]
    migrate.downgrade(warehouse, "0009_protected_releases")
    migrate.upgrade(warehouse)
    assert _quarters(warehouse) == made
    with warehouse.connect() as connection:
        before = connection.execute(text("select * from mart.definition order by 1")).all()
    dimensions.sync(warehouse, load.cached(SHIPPED_CATALOGUE))
    with warehouse.connect() as connection:  # nothing has to be counted again
        assert connection.execute(text("select * from mart.definition order by 1")).all() == before != []
        assert set(connection.scalars(text("select measure_code from core.stock_measure"))) == STOCKS


def test_a_measure_that_becomes_a_stock_gets_its_quarters(warehouse: Engine) -> None:
    source(warehouse, U, "s")
    write(warehouse, "dossier", U, "s", [_dossier("a")])
    known = load.cached(SHIPPED_CATALOGUE)
    dimensions.sync(warehouse, known)
    marts.refresh(warehouse)
    made = _quarters(warehouse)
    fewer = {code: m for code, m in known.measures.items() if code != "in_process"}
    dimensions.sync(warehouse, known.model_copy(update={"measures": fewer}))
    marts.refresh(warehouse)
    assert _quarters(warehouse) == [q for q in made if q[2] != "in_process"] != made
    dimensions.sync(warehouse, known)
    marts.refresh(warehouse)
    assert _quarters(warehouse) == made


def _quarters(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(text("select * from mart.measure_quarter order by 1, 2, 3")).all()
    return [tuple(row) for row in rows]
