"""Integrity questions on a real PostgreSQL: who shows a pattern is asked about it, its peers and clean ones are not."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from cchc import night
from cchc.catalogue import calendar
from cchc.catalogue.models import Catalogue, Unit
from cchc.commands.integrity import integrity as command
from cchc.errors import ConfigurationError
from cchc.publishing.release import publish
from cchc.quality import integrity
from cchc.quality.integrity import model
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import marts, working_days
from integration import rows, seed_unit
from integration.indicator_facts import source, write

FIRST, LAST = date(2026, 10, 15), date(2026, 11, 14)
COMMUNES = [f"C{i:02}" for i in range(1, 7)]
ODD = "C03"
EMPTIED = "core.dossier, core.change_history, core.reported_measure, mart.measure_day, mart.measure_quarter"
Row = dict[str, Any]


def unit(code: str, group: Any = "commune") -> Unit:
    return Unit(code=code, name=f"Đơn vị {code}", group=group, valid_from=date(2020, 1, 1))


CATALOGUE: Catalogue = rows.catalogue().model_copy(update={"units": tuple(unit(code) for code in COMMUNES)})


def clock(day: date, drawn: random.Random, opens: int = 8, closes: int = 16) -> datetime:
    return datetime.combine(day, datetime.min.time(), calendar.ZONE) + timedelta(
        seconds=drawn.randrange(opens * 3600, closes * 3600)
    )


def workday(day: date) -> date:
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))


def dossiers_of(code: str, drawn: random.Random, count: int = 300) -> list[Row]:
    """Return the dossiers of an ordinary unit: two months, some late, some still open, some asked for papers."""
    made = []
    for n in range(count):
        received = clock(workday(FIRST - timedelta(days=30) + timedelta(days=drawn.randrange(60))), drawn)
        due = datetime.combine(received.date() + timedelta(days=14), datetime.min.time(), calendar.ZONE)
        due += timedelta(hours=17)
        took = drawn.randrange(15, 25) if drawn.random() < 0.04 else drawn.randrange(2, 14)
        finished = clock(workday(received.date() + timedelta(days=took)), drawn)
        asked = clock(workday(received.date() + timedelta(days=drawn.randrange(1, 9))), drawn)
        is_asked = drawn.random() < 0.3 and asked.date() <= LAST
        over = finished.date() <= LAST
        made.append(
            {
                "dossier_code": f"{code}-{n:04}",
                "status": "finished" if over else "processing",
                "received_at": received,
                "due_at": due,
                "finished_at": finished if over else None,
                "supplement_at": asked if is_asked else None,
                "supplement_completed_at": asked + timedelta(days=1) if is_asked else None,
            }
        )
    return made


# --- one pattern each --------------------------------------------------------------------------------------------
def just_before_due(made: list[Row], drawn: random.Random) -> None:
    for row in made[::2]:
        if row["finished_at"]:
            row["finished_at"] = row["due_at"] - timedelta(minutes=drawn.randrange(1, 20))
            if row["finished_at"].date() > LAST:
                row |= {"finished_at": None, "status": "processing"}


def papers_just_before_due(made: list[Row], drawn: random.Random) -> None:
    for row in made:
        late = row["due_at"] - timedelta(hours=drawn.randrange(1, 6))
        if row["supplement_at"] and late.date() <= LAST:
            row |= {"supplement_at": late, "supplement_completed_at": late + timedelta(minutes=5)}


def in_one_second(made: list[Row], _: random.Random) -> None:
    for row in made[::4]:
        if row["finished_at"]:
            row["finished_at"] = row["received_at"] + timedelta(seconds=0.4)


def on_the_last_day(made: list[Row], drawn: random.Random) -> None:
    for row in made[::4]:
        if row["received_at"].date() > FIRST:
            row |= {"finished_at": clock(LAST, drawn), "status": "finished"}


def nothing_open(made: list[Row], drawn: random.Random) -> None:
    made[:] = [row for row in made if row["received_at"].date() <= date(2026, 10, 30)]
    for row in made:
        if row["finished_at"] is None or row["finished_at"] > row["due_at"]:
            row |= {
                "finished_at": row["due_at"] - timedelta(hours=drawn.randrange(30, 60)),
                "status": "finished",
            }


def nothing(_: list[Row], __: random.Random) -> None:
    """An ordinary unit, or one whose pattern is not in its dossiers."""


def province(
    engine: Engine,
    seed: int,
    pattern: Callable[[list[Row], random.Random], None] = nothing,
    *,
    moved: bool = False,
    stated: bool = False,
) -> None:
    """Fill the warehouse with six communes, one of which shows a pattern."""
    drawn = random.Random(seed)
    with engine.begin() as connection:
        working_days.sync(connection, calendar.cached(SHIPPED_CATALOGUE))
    for code in COMMUNES:
        source(engine, code, f"{code}-motcua")
        nights(engine, code, f"{code}-motcua")
        made = dossiers_of(code, drawn)
        if code == ODD:
            pattern(made, drawn)
        write(engine, "dossier", code, f"{code}-motcua", made)
        put_off(engine, code, made, drawn, after_due=moved and code == ODD)
        left = drawn.randrange(20, 60)
        write(engine, "reported_measure", code, f"{code}-sotay", [
            report("in_process", date(2026, 9, 15), date(2026, 10, 14), left),
            report("carried_over", FIRST, LAST, left - 12 if stated and code == ODD else left),
            report("in_process", FIRST, LAST, drawn.randrange(20, 60)),
        ])  # fmt: skip
    marts.refresh(engine)


def nights(engine: Engine, code: str, of: str) -> None:
    """Enter that a source was read every night, from 01:30 to 02:30 of the day after."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "with night as ("
                " insert into ops.run (run_id, reporting_day, kind, started_at, finished_at, state, sources)"
                " select gen_random_uuid(), day::date, 'sync', day + interval '25.5 hours',"
                " day + interval '26.5 hours', 'success', array[:source]"
                " from generate_series(timestamptz '2026-09-01', '2026-11-20', '1 day') as day"
                " where not exists (select from ops.source_outcome where source_code = :source)"
                " returning *)"
                " insert into ops.source_outcome"
                " (run_id, unit_code, source_code, state, stage, started_at, finished_at)"
                " select run_id, :unit, :source, 'loaded', 'load', started_at, finished_at from night"
            ),
            {"unit": code, "source": of},
        )


def report(code: str, first: date, last: date, value: int) -> Row:
    return {"measure_code": code, "period_from": first, "period_to": last, "value": value}


def put_off(engine: Engine, code: str, made: list[Row], drawn: random.Random, *, after_due: bool) -> None:
    """Put due days off as loads do: the old row into history, the new day into core. Ordinary units do so before."""
    for row in made:
        if row["supplement_at"] or drawn.random() > (0.15 if after_due else 0.04):
            continue
        night_after = row["due_at"] + timedelta(hours=9)  # 02:00 of the next day, when nights are read
        seen = night_after if after_due else night_after - timedelta(days=drawn.randrange(1, 8))
        move(engine, code, row["dossier_code"], row["due_at"] + timedelta(days=7), seen)


def move(engine: Engine, code: str, dossier: str, due: datetime, seen: datetime) -> None:
    which = {"unit": code, "dossier": dossier, "due": due, "seen": seen}
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into core.change_history"
                " (unit_code, dataset, record_key, change, old_row, delivery_id, changed_at)"
                " select d.unit_code, 'dossier', d.dossier_code, 'update', to_jsonb(d), gen_random_uuid(), :seen"
                " from core.dossier as d where d.unit_code = :unit and d.dossier_code = :dossier"
            ),
            which,
        )
        connection.execute(
            text("update core.dossier set due_at = :due where unit_code = :unit and dossier_code = :dossier"),
            which,
        )


def asked(engine: Engine, day: date = LAST, catalogue: Catalogue = CATALOGUE) -> list[tuple[str, str]]:
    return [(q.unit_code, q.test_code) for q in integrity.ask(engine, catalogue, day)]


PATTERNS: dict[str, dict[str, Any]] = {
    "finished_just_before_due": {"pattern": just_before_due},
    "supplement_just_before_due": {"pattern": papers_just_before_due},
    "due_date_moved": {"moved": True},
    "received_and_finished_same_second": {"pattern": in_one_second},
    "closed_on_last_day": {"pattern": on_the_last_day},
    "all_on_time_nothing_open": {"pattern": nothing_open},
    "stock_not_carried_over": {"stated": True},
}


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


# --- a question's life -------------------------------------------------------------------------------------------
def test_asked_again_it_is_the_same_question(warehouse: Engine) -> None:
    province(warehouse, 11, just_before_due)
    first = integrity.ask(warehouse, CATALOGUE, LAST)
    assert integrity.ask(warehouse, CATALOGUE, LAST) == first
    assert rows.scalar(warehouse, "select count(*) from quality.question") == 1


def test_an_answer_stands_until_the_figures_grow(warehouse: Engine) -> None:
    province(warehouse, 11, just_before_due)
    (question,) = integrity.ask(warehouse, CATALOGUE, LAST)
    answered = integrity.answer(
        warehouse, question.question_id, by="Bộ phận Một cửa", answered="Ký cuối buổi"
    )
    assert (answered.state, answered.answered_by, answered.answer) == (
        "answered",
        "Bộ phận Một cửa",
        "Ký cuối buổi",
    )
    assert integrity.find(warehouse) == []
    (again,) = integrity.ask(warehouse, CATALOGUE, LAST)
    assert again == answered
    with warehouse.begin() as connection:  # half of them became nearly all of them
        connection.execute(
            text(
                "update core.dossier set finished_at = due_at - interval '5 minutes' where unit_code = 'C03'"
                " and finished_at >= '2026-10-15' and due_at >= '2026-10-15' and due_at < '2026-11-14'"
            )
        )
    grown = next(
        q for q in integrity.ask(warehouse, CATALOGUE, LAST) if q.question_id == question.question_id
    )
    assert (grown.state, grown.answer) == ("open", "Ký cuối buổi")
    assert grown.figures.share > 1.25 * question.figures.share
    assert grown.asked_at == question.asked_at


def test_a_pattern_that_was_corrected_is_withdrawn_and_is_asked_about_when_it_is_back(
    warehouse: Engine,
) -> None:
    province(warehouse, 11, stated=True)
    (question,) = integrity.ask(warehouse, CATALOGUE, LAST)
    change = text(
        "update core.reported_measure set value = value + :by where unit_code = 'C03' and period_to = '2026-10-14'"
    )
    with warehouse.begin() as connection:
        connection.execute(change, {"by": -12})
    assert integrity.ask(warehouse, CATALOGUE, LAST) == []
    assert [q.question_id for q in integrity.find(warehouse, state="withdrawn")] == [question.question_id]
    with pytest.raises(ConfigurationError, match="was withdrawn on 2026-11-14"):
        integrity.answer(warehouse, question.question_id, by="a", answered="b")
    with warehouse.begin() as connection:
        connection.execute(change, {"by": 12})
    assert integrity.ask(warehouse, CATALOGUE, LAST) == [question]


def test_spans_are_apart_and_a_month_grows_day_by_day(warehouse: Engine) -> None:
    province(warehouse, 11, stated=True)
    (early,) = integrity.ask(warehouse, CATALOGUE, date(2026, 10, 20))
    (late,) = integrity.ask(warehouse, CATALOGUE, LAST)
    assert early.question_id == late.question_id
    assert (early.span.until, late.span.until) == (date(2026, 10, 20), LAST)
    assert integrity.ask(warehouse, CATALOGUE, date(2026, 11, 15)) == []
    assert integrity.find(warehouse) == [late]
    waiting = integrity.judgements(warehouse, first=date(2026, 11, 15), unit=ODD)
    assert {j.reason for j in waiting if j.test_code == "closed_on_last_day"} == {"kỳ báo cáo chưa kết thúc"}


def test_what_arrives_late_is_judged_in_the_first_days_of_the_next_month(warehouse: Engine) -> None:
    province(warehouse, 11)
    assert asked(warehouse) == []
    write(warehouse, "reported_measure", ODD, "C03-sotay", [report("carried_over", FIRST, LAST, 3)])
    assert asked(warehouse, date(2026, 11, 22)) == []
    assert integrity.find(warehouse) == []
    assert asked(warehouse, date(2026, 11, 21)) == []
    assert [(q.test_code, q.span.until) for q in integrity.find(warehouse)] == [
        ("stock_not_carried_over", LAST)
    ]


def test_an_old_night_run_again_takes_nothing_back(warehouse: Engine) -> None:
    province(warehouse, 11, on_the_last_day)
    questions = integrity.ask(warehouse, CATALOGUE, LAST)
    assert integrity.ask(warehouse, CATALOGUE, date(2026, 10, 25)) == questions != []


def test_only_a_unit_that_was_asked_is_opened(warehouse: Engine) -> None:
    province(warehouse, 11, just_before_due)
    (question,) = integrity.ask(warehouse, CATALOGUE, LAST)
    for code, test, span in (
        ("C04", question.test_code, question.span),
        (ODD, "due_date_moved", question.span),
        (ODD, question.test_code, replace(question.span, first=date(2026, 9, 15))),
    ):
        with pytest.raises(ConfigurationError, match="was not asked about"):
            integrity.dossiers(warehouse, code, test, span)


@pytest.mark.parametrize(("by", "answered"), [("", "x"), (" ", "x"), ("x", ""), ("x", "\n")])
def test_an_answer_is_somebodys_and_says_something(warehouse: Engine, by: str, answered: str) -> None:
    with pytest.raises(ConfigurationError, match="an answer needs"):
        integrity.answer(warehouse, 1, by=by, answered=answered)


def test_there_is_no_answer_to_what_was_not_asked(warehouse: Engine) -> None:
    with pytest.raises(ConfigurationError, match="there is no question 7"):
        integrity.answer(warehouse, 7, by="x", answered="x")


# --- where it is shown, and where it is not ----------------------------------------------------------------------
def test_a_release_says_nothing_of_questions(warehouse: Engine, tmp_path: Path) -> None:
    publications = [
        {
            "code": "communes",
            "title": "Xã",
            "indicator_set": "province-core",
            "units": "communes",
            "period": "report_month",
        }
    ]
    province(warehouse, 11, just_before_due, stated=True, moved=True)
    catalogue = seed_unit.catalogue(publications).model_copy(update={"units": CATALOGUE.units, "sources": {}})
    before = publish(warehouse, catalogue, LAST, None, tmp_path / "before")
    questions = integrity.ask(warehouse, CATALOGUE, LAST)
    assert len(questions) == 3
    for question in questions:
        integrity.answer(warehouse, question.question_id, by="Bộ phận Một cửa", answered="Ký cuối buổi")
    after = publish(warehouse, catalogue, LAST, None, tmp_path / "after")
    assert before.content_sha256 == after.content_sha256
    files = [path for path in (tmp_path / "before").rglob("*") if path.is_file()]
    assert files
    published = "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)
    assert "Đơn vị C03" in published
    for test in model.tests().tests:
        for word in (test.code, test.title, *test.innocent):
            assert word not in published
    assert "Xin cho biết" not in published
    assert "Ký cuối buổi" not in published


def test_nothing_of_publishing_reads_questions() -> None:
    room = Path(integrity.__file__).parents[2] / "publishing"
    for path in room.rglob("*"):
        if path.suffix in {".py", ".sql", ".j2"}:
            said = path.read_text(encoding="utf-8")
            assert "quality.question" not in said, path
            assert "quality.judgement" not in said, path
            assert "quality.integrity" not in said, path


@pytest.fixture
def cchc(warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return the command on this warehouse and these communes."""
    province(warehouse, 11, just_before_due)
    monkeypatch.setattr(night, "catalogue", lambda: CATALOGUE)
    monkeypatch.setattr(night, "warehouse", lambda: warehouse)
    return lambda *arguments: CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_the_command_asks_lists_shows_and_takes_an_answer(cchc: Callable[..., Result]) -> None:
    done = cchc("run", "--day", "2026-11-14", "--format", "csv")
    assert done.exit_code == 0
    assert "finished_just_before_due" in done.stdout
    assert "1 câu hỏi; 41 lần xét không có gì để hỏi; 0 lần không xét được" in done.stderr
    number = done.stdout.splitlines()[1].split(",")[0]
    shown = cchc("show", number, "--limit", "3", "--format", "json")
    assert shown.stdout.count("dossier_code") == 3
    for said in ("Xin cho biết", "Có thể giải thích", "Chỉ liệt kê 3 hồ sơ đầu"):
        assert said in shown.stderr
    assert "C03" in cchc("list", "--unit", ODD).stdout
    assert cchc("answer", number, "--by", "Bộ phận Một cửa", "--text", "Ký cuối buổi").exit_code == 0
    assert "(không có dòng nào)" in cchc("list").stdout
    assert ",answered," in cchc("list", "--state", "all", "--format", "csv").stdout
    assert "đã trả lời" in cchc("list", "--state", "all").stdout
    answered = cchc("show", number)
    assert "Kết thúc sát giờ hẹn trả – đã trả lời" in answered.stderr
    assert "Ký cuối buổi" in answered.stderr
    assert "Kết thúc" in answered.stdout
    assert cchc("run", "--day", "2026-11-20").exit_code == 0
    unjudged = cchc(
        "list", "--not-judged", "--test", "closed_on_last_day", "--format", "csv"
    ).stdout.splitlines()
    assert len(unjudged) == 2
    assert unjudged[1].startswith("closed_on_last_day,kỳ báo cáo chưa kết thúc,")
