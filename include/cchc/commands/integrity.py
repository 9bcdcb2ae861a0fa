"""`cchc integrity`: questions to units about numbers that look better than the service is. Never published."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import cast

import click

from cchc import night, output
from cchc.commands.options import DAY, FORMAT, known_unit, say
from cchc.quality import integrity as asking
from cchc.quality.integrity.model import STATES

_FIGURES = (("n", "Số"), ("d", "Trên"), ("peers_n", "Cùng nhóm: số"), ("peers_d", "Cùng nhóm: trên"))
_COLUMNS = (
    ("question_id", "Số hiệu"),
    ("unit_code", "Đơn vị"),
    ("test_code", "Dấu hiệu"),
    ("first", "Từ ngày"),
    ("reporting_day", "Đến ngày"),
    *_FIGURES,
    ("state", "Tình trạng"),
    ("sentence", "Câu hỏi"),
)
_NOT_JUDGED = (("test_code", "Dấu hiệu"), ("reason", "Lý do"), ("units", "Đơn vị"))
_DOSSIERS = (
    ("source_code", "Nguồn"),
    ("dossier_code", "Hồ sơ"),
    ("received_at", "Tiếp nhận"),
    ("due_at", "Hẹn trả"),
)


def _write(questions: Iterable[asking.Question], form: output.Format) -> None:
    def row(question: asking.Question) -> output.Row:
        return {**question.row(), "state": STATES[question.state] if form == "table" else question.state}

    output.write(map(row, questions), _COLUMNS, form)


@click.group()
def integrity() -> None:
    """Ask units about patterns that their peers do not show, and keep their answers. Nothing of it is published."""


@integrity.command("run")
@DAY
@FORMAT
def run(day: date, form: output.Format) -> None:
    """Judge the report month of a day, up to that day, and print the questions that stand about it."""
    warehouse = night.ready_warehouse()
    found = asking.ask(warehouse, night.catalogue(), day)
    _write(found, form)
    first = asking.span_of(day).first
    not_judged = asking.judgements(warehouse, first=first, verdict="not_judged")
    quiet = asking.judgements(warehouse, first=first, verdict="quiet")
    say(
        f"{len(found)} câu hỏi; {len(quiet)} lần xét không có gì để hỏi; {len(not_judged)} lần không xét được"
        + (", xem lý do bằng `cchc integrity list --not-judged`" if not_judged else "")
    )


@integrity.command("list")
@click.option("--unit", default=None)
@click.option("--test", default=None, help="Only this test, e.g. due_date_moved.")
@click.option(
    "--state",
    type=click.Choice(["open", "answered", "withdrawn", "all"]),
    default="open",
    show_default=True,
)
@click.option(
    "--not-judged", is_flag=True, help="Instead, what could not be judged in the newest span, and why."
)
@click.option("--limit", default=200, show_default=True)
@FORMAT
def integrity_list(
    unit: str | None, test: str | None, state: str, not_judged: bool, limit: int, form: output.Format
) -> None:
    """Print questions, newest span first."""
    warehouse = night.ready_warehouse()
    if unit is not None:
        known_unit(night.catalogue(), unit)
    if not_judged:
        newest = asking.newest_span(warehouse)
        found = asking.judgements(warehouse, first=newest, unit=unit, verdict="not_judged") if newest else []
        reasons: dict[tuple[str, str | None], list[str]] = {}
        for j in found:
            if test in (None, j.test_code):
                reasons.setdefault((j.test_code, j.reason), []).append(j.unit_code)
        rows = ({"test_code": code, "reason": why, "units": of} for (code, why), of in reasons.items())
        output.write(rows, _NOT_JUDGED, form)
        return
    chosen = None if state == "all" else cast("asking.State", state)
    questions = asking.find(warehouse, unit=unit, test=test, state=chosen, limit=limit)
    _write(questions, form)


@integrity.command("show")
@click.argument("question_id", type=int)
@click.option("--limit", default=50, show_default=True, help="Dossiers to list.")
@FORMAT
def show(question_id: int, limit: int, form: output.Format) -> None:
    """Print one question, what may explain it and any answer, and the dossiers it is about."""
    warehouse = night.ready_warehouse()
    question = asking.get(warehouse, question_id)
    about = asking.dossiers(warehouse, question.unit_code, question.test_code, question.span, limit)
    test = asking.test_of(question.test_code)
    say(f"{test.title if test else question.test_code} – {STATES[question.state]}")
    say(f"{question.sentence}\nCó thể giải thích:")
    for reason in question.may_be:
        say(f"  – {reason}")
    if question.answer is not None:
        say(f"Trả lời của {question.answered_by}, {question.answered_at:%d/%m/%Y %H:%M}: {question.answer}")
    if test is not None and test.statistic == "difference":
        say("Câu hỏi về hai số đã báo cáo, không về hồ sơ nào.")
    moment = test.moment if test else "Thời điểm"
    output.write((d.__dict__ for d in about), (*_DOSSIERS, ("moment", moment)), form)
    if len(about) == limit:
        say(f"Chỉ liệt kê {limit} hồ sơ đầu; dùng --limit để xem thêm.")


@integrity.command("answer")
@click.argument("question_id", type=int)
@click.option("--by", required=True, help="Who answered: an office or a post.")
@click.option("--text", "answered", required=True, help="What was answered.")
def answer(question_id: int, by: str, answered: str) -> None:
    """Write down a unit's answer; the question is open again only if the figures grow materially."""
    question = asking.answer(night.ready_warehouse(), question_id, by=by, answered=answered)
    say(f"Đã ghi trả lời câu hỏi {question.question_id} của {question.unit_code}.")
