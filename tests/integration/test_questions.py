"""The life of a question on a real PostgreSQL: asked, answered, withdrawn, back again; where it is shown, where not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from cchc import night
from cchc.commands.integrity import integrity as command
from cchc.errors import ConfigurationError
from cchc.publishing.release import publish
from cchc.quality import integrity
from cchc.quality.integrity import model
from integration import rows, seed_unit
from integration.communes import (
    CATALOGUE,
    FIRST,
    LAST,
    ODD,
    asked,
    just_before_due,
    on_the_last_day,
    province,
    report,
)
from integration.indicator_facts import write


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
