"""Integrity questions on a real PostgreSQL: who shows a pattern is asked about it, its peers and clean ones are not."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from cchc.quality import integrity
from cchc.quality.integrity import model
from cchc.warehouse import marts
from integration import rows, seed_unit
from integration.communes import (
    CATALOGUE,
    COMMUNES,
    EMPTIED,
    FIRST,
    LAST,
    ODD,
    PATTERNS,
    Row,
    asked,
    clock,
    dossiers_of,
    in_one_second,
    just_before_due,
    move,
    province,
    report,
    unit,
)
from integration.indicator_facts import source, write


def test_every_test_has_its_pattern_here() -> None:
    assert {test.code for test in model.tests().tests} == set(PATTERNS)


@pytest.mark.parametrize("code", PATTERNS)
def test_the_one_unit_that_shows_a_pattern_is_asked_about_it_and_nothing_else(
    warehouse: Engine, code: str
) -> None:
    province(warehouse, 11, **PATTERNS[code])
    assert asked(warehouse) == [(ODD, code)]
    (question,) = integrity.find(warehouse)
    assert question.sentence.count("Đơn vị C03") == 1
    assert question.may_be
    assert (question.span.first, question.span.last, question.span.until) == (FIRST, LAST, LAST)
    if code == "stock_not_carried_over":
        assert question.figures.d - question.figures.n == 12
        assert (question.figures.peers_n, question.figures.peers_d) == (0, 5)
        assert question.figures.recomputed == open_before(warehouse, ODD)
        assert integrity.dossiers(warehouse, ODD, code, question.span) == []
        return
    about = integrity.dossiers(warehouse, ODD, code, question.span, 1000)
    assert len(about) == question.figures.n
    assert {d.dossier_code[:3] for d in about} == {ODD}
    assert [d.moment for d in about] == sorted(d.moment for d in about)
    assert integrity.dossiers(warehouse, ODD, code, question.span, 5) == about[:5]


def open_before(engine: Engine, code: str) -> int:
    return int(rows.scalar(
        engine,
        "select count(*) from core.dossier where unit_code = :unit and received_at < timestamptz '2026-10-15 00:00+07'"
        " and (finished_at is null or finished_at >= timestamptz '2026-10-15 00:00+07')",
        unit=code,
    ))  # fmt: skip


def test_clean_provinces_are_asked_nothing_and_every_unit_is_judged(warehouse: Engine) -> None:
    provinces = 4
    with_a_question = 0
    for seed in range(100, 100 + provinces):
        with warehouse.begin() as connection:
            connection.execute(text(f"truncate {EMPTIED}"))
        province(warehouse, seed)
        with_a_question += bool(asked(warehouse))
        verdicts = [j.verdict for j in integrity.judgements(warehouse, first=FIRST)]
        assert len(verdicts) == len(COMMUNES) * len(PATTERNS)
        assert "not_judged" not in verdicts
    assert with_a_question == 0


# --- the seed's department ---------------------------------------------------------------------------------------
def test_the_department_of_the_seed_article_is_asked_why_nothing_is_left(warehouse: Engine) -> None:
    """13/10/2022: as many settled as received, next to none late, and none in process."""
    seed_unit.load(warehouse)
    peers = [f"S{i:02}" for i in range(1, 7)]
    drawn = random.Random(5)
    four_years = date(2022, 10, 13) - LAST
    for code in peers:
        source(warehouse, code, f"{code}-motcua")
        made = dossiers_of(code, drawn)
        for row in made:
            row |= {key: row[key] + four_years for key in row if key.endswith("_at") and row[key]}
        write(warehouse, "dossier", code, f"{code}-motcua", made)
    marts.refresh(warehouse)
    units = (*seed_unit.catalogue().units, *(unit(code, "department") for code in peers))
    catalogue = seed_unit.catalogue().model_copy(update={"units": units})
    found = [
        q for q in integrity.ask(warehouse, catalogue, date(2022, 10, 13)) if q.unit_code == seed_unit.UNIT
    ]
    question = next(q for q in found if q.test_code == "all_on_time_nothing_open")
    assert question.figures.n == question.figures.d > 500
    assert "Sở Giáo dục và Đào tạo" in question.sentence
    assert "không còn hồ sơ nào đang giải quyết" in question.sentence
    in_july = integrity.ask(warehouse, catalogue, date(2022, 7, 14))
    assert "all_on_time_nothing_open" not in {
        q.test_code for q in in_july
    }  # five days' dossiers are open then


# --- what a test must not take for its pattern -------------------------------------------------------------------
def test_a_due_day_without_an_hour_and_a_wait_for_papers_are_no_pattern(warehouse: Engine) -> None:
    def by_the_day(made: list[Row], drawn: random.Random) -> None:
        just_before_due(made, drawn)
        for row in made:
            row["due_at"] = row["due_at"].replace(hour=23, minute=59)
            if row["finished_at"]:
                row["finished_at"] = row["finished_at"].replace(hour=23, minute=50)

    province(warehouse, 11, by_the_day)
    assert asked(warehouse) == []
    (unjudged,) = integrity.judgements(warehouse, verdict="not_judged")
    assert (unjudged.unit_code, unjudged.test_code) == (ODD, "finished_just_before_due")
    assert unjudged.reason == "không có bản ghi để xét, cần ít nhất 30"


def test_due_days_moved_before_they_came_or_for_papers_are_no_pattern(warehouse: Engine) -> None:
    province(warehouse, 11)
    with warehouse.connect() as connection:
        found = connection.execute(
            text(
                "select dossier_code, due_at, supplement_at is not null as waited from core.dossier"
                " where unit_code = :unit and due_at >= '2026-10-15' and due_at < '2026-11-14'"
            ),
            {"unit": ODD},
        ).all()
    for row in found[::2]:
        days = 1 if row.waited else 0  # the night that the due day began with has seen it
        seen = row.due_at.replace(hour=2) + timedelta(days=days)
        move(warehouse, ODD, row.dossier_code, row.due_at + timedelta(days=5), seen)
    assert asked(warehouse) == []


def put_off_late(engine: Engine) -> None:
    """Put off a third of the due days of the odd unit's dossiers on the day they were due, as one night saw it."""
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "select dossier_code, due_at from core.dossier where unit_code = 'C03' and supplement_at is null"
                " and due_at >= '2026-10-15' and due_at < '2026-11-10' order by dossier_code"
            )
        ).all()
    for row in found[::3]:
        move(engine, ODD, row.dossier_code, row.due_at + timedelta(days=7), row.due_at + timedelta(hours=9))


def test_a_due_day_that_only_our_reading_moved_is_no_pattern(warehouse: Engine) -> None:
    province(warehouse, 11)
    put_off_late(warehouse)
    assert asked(warehouse) == [(ODD, "due_date_moved")]
    with warehouse.begin() as connection:  # a rebuild keeps the old row under its own delivery
        connection.execute(
            text("update core.change_history set delivery_id = cast(old_row ->> 'delivery_id' as uuid)")
        )
    assert asked(warehouse) == []


def test_a_due_day_may_have_been_moved_in_time_where_no_night_could_see_it(warehouse: Engine) -> None:
    province(warehouse, 11)
    put_off_late(warehouse)
    with (
        warehouse.begin() as connection
    ):  # every night before had seen the source fail, for as long as is looked back
        connection.execute(
            text(
                "update ops.source_outcome set state = 'failed' where finished_at < '2026-11-13' and unit_code = 'C03'"
            )
        )
    assert asked(warehouse) == []


def test_times_to_the_minute_say_nothing_about_a_second(warehouse: Engine) -> None:
    def to_the_minute(made: list[Row], drawn: random.Random) -> None:
        in_one_second(made, drawn)
        for row in made:
            row |= {k: row[k].replace(second=0, microsecond=0) for k in row if k.endswith("_at") and row[k]}

    province(warehouse, 11, to_the_minute)
    assert asked(warehouse) == []
    (unjudged,) = integrity.judgements(warehouse, verdict="not_judged")
    assert (unjudged.unit_code, unjudged.test_code) == (ODD, "received_and_finished_same_second")


def test_where_all_is_done_the_day_it_came_nothing_is_expected_to_be_left(warehouse: Engine) -> None:
    def at_once(made: list[Row], drawn: random.Random) -> None:
        for row in made:
            done = row["received_at"] + timedelta(
                minutes=drawn.randrange(10, 200), seconds=drawn.randrange(60)
            )
            row |= {"finished_at": done, "status": "finished"}
            row |= {"supplement_at": None, "supplement_completed_at": None}

    province(warehouse, 11, at_once)
    assert asked(warehouse) == []
    (judged,) = (
        j for j in integrity.judgements(warehouse, unit=ODD) if j.test_code == "all_on_time_nothing_open"
    )
    assert judged.figures is not None
    assert judged.figures.n == judged.figures.d > 100


def test_what_is_due_the_day_it_came_is_not_just_before_due(warehouse: Engine) -> None:
    def while_one_waits(made: list[Row], drawn: random.Random) -> None:
        for row in made[::2]:
            due = row["received_at"].replace(hour=17, minute=0, second=0)
            row |= {
                "due_at": due,
                "finished_at": due - timedelta(seconds=drawn.randrange(60, 1500)),
                "status": "finished",
                "supplement_at": None,
                "supplement_completed_at": None,
            }

    province(warehouse, 11, while_one_waits)
    assert asked(warehouse) == []


def fridays(made: list[Row], drawn: random.Random) -> None:
    """Let a unit hand out all its results on Fridays; the 13th is one, the month closes on the Saturday after."""
    for row in made:
        if row["finished_at"]:
            day = row["finished_at"].date()
            friday = day + timedelta(days=(4 - day.weekday()) % 7)
            row |= {"finished_at": clock(friday, drawn), "status": "finished"}


def on_the_friday_before(made: list[Row], drawn: random.Random) -> None:
    for row in made[::4]:
        if row["received_at"].date() > FIRST:
            row |= {"finished_at": clock(date(2026, 11, 13), drawn), "status": "finished"}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [(fridays, []), (on_the_friday_before, [(ODD, "closed_on_last_day")])],
    ids=["its way of working", "only at the end of this month"],
)
def test_a_month_that_closes_on_a_day_off_closes_on_the_working_day_before(
    warehouse: Engine, pattern: Callable[[list[Row], random.Random], None], expected: list[tuple[str, str]]
) -> None:
    province(warehouse, 11, pattern)
    assert [q for q in asked(warehouse) if q[1] == "closed_on_last_day"] == expected
    share = next(
        j.figures.share
        for j in integrity.judgements(warehouse, unit=ODD)
        if j.test_code == "closed_on_last_day" and j.figures
    )
    assert share > 0.15


def test_two_registers_of_a_unit_are_not_one(warehouse: Engine) -> None:
    province(warehouse, 11)
    write(warehouse, "reported_measure", ODD, "C03-sokhac", [report("carried_over", FIRST, LAST, 3)])
    assert asked(warehouse) == []


def test_an_extension_that_a_source_dates_is_believed_over_the_night_that_saw_it(warehouse: Engine) -> None:
    province(warehouse, 11, moved=True)
    with warehouse.begin() as connection:
        connection.execute(text("update core.dossier set extended_at = received_at + interval '2 days'"))
    assert asked(warehouse) == []


def test_a_dossier_in_two_systems_is_counted_once(warehouse: Engine) -> None:
    province(warehouse, 11, just_before_due)
    (before,) = integrity.ask(warehouse, CATALOGUE, LAST)
    source(warehouse, ODD, "C03-khac")
    with warehouse.begin() as connection:
        connection.execute(
            text("update core.source set listed = case when source_code = 'C03-khac' then 2 else 1 end")
        )
        connection.execute(
            text("create temporary table twins as select * from core.dossier where unit_code = 'C03'")
        )
        connection.execute(text("update twins set source_code = 'C03-khac'"))
        connection.execute(text("insert into core.dossier select * from twins"))
    (after,) = integrity.ask(warehouse, CATALOGUE, LAST)
    assert after.figures == before.figures
