"""Keep questions, find them, open them to their dossiers, and write down what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, text

from cchc.errors import ConfigurationError
from cchc.quality.integrity import model
from cchc.quality.integrity.model import Figures, Judgement, Question, Span, State, Test, Tests, Verdict
from cchc.quality.integrity.sql import query
from cchc.quality.integrity.statements import listing, values

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('cchc integrity', 0))")
_ALL = 2_000_000_000


@dataclass(frozen=True)
class Dossier:
    """A dossier a question is about; `moment` is when what is asked about happened."""

    source_code: str
    dossier_code: str
    received_at: datetime | None
    due_at: datetime | None
    moment: datetime


def hold(connection: Connection) -> None:
    """Wait until nobody else is asking, and keep others from it until the transaction ends."""
    connection.execute(_LOCK)


def judged_to(connection: Connection, first: date) -> date | None:
    """Return the last day that the month of reports from `first` on was judged by; none where it was not."""
    day: date | None = connection.scalar(query("judged_to"), {"span_from": first})
    return day


def put(
    connection: Connection,
    known: Tests,
    span: Span,
    judged: Sequence[Judgement],
    sentences: Mapping[tuple[str, str], str],
) -> None:
    """Keep what came of a span in place of what was kept of it; questions as `ask` says."""
    when = {"span_from": span.first, "span_to": span.last, "reporting_day": span.until}
    connection.execute(query("forget_judgements"), when)
    rows = [
        {
            **when,
            "unit_code": j.unit_code,
            "test_code": j.test_code,
            "verdict": j.verdict,
            "reason": j.reason,
            "figures": j.figures.model_dump_json() if j.figures else None,
        }
        for j in judged
    ]
    if rows:
        connection.execute(query("put_judgement"), rows)
    questions = [
        {
            **row,
            "sentence": sentences[j.unit_code, j.test_code],
            "size": _size(known.of(j.test_code), j.figures),
            "growth": known.judging.growth.value,
        }
        for row, j in zip(rows, judged, strict=True)
        if j.verdict == "asked" and j.figures is not None
    ]
    if questions:
        connection.execute(query("put_question"), questions)
    connection.execute(query("withdraw"), when)


def _size(test: Test | None, figures: Figures) -> float:
    if test is not None and test.statistic == "difference":
        return abs(figures.n - figures.d)
    return figures.share


def find(
    engine: Engine,
    *,
    unit: str | None = None,
    test: str | None = None,
    state: State | None = "open",
    first: date | None = None,
    limit: int = _ALL,
) -> list[Question]:
    """Return at most `limit` questions that match, newest span first.

    `first` is the first day of the month of reports; `state=None` for all states.
    """
    return _found(engine, unit=unit, test=test, state=state, span_from=first, most=limit)


def get(engine: Engine, question_id: int) -> Question:
    """Return one question; raises `ConfigurationError` where there is none of that number."""
    found = _found(engine, question_id=question_id)
    if not found:
        raise ConfigurationError(f"there is no question {question_id}; see `cchc integrity list`")
    return found[0]


def _found(engine: Engine, **wanted: Any) -> list[Question]:
    given = dict.fromkeys(("question_id", "unit", "test", "state", "span_from")) | {"most": _ALL} | wanted
    with engine.connect() as connection:
        return [_question(row) for row in connection.execute(query("find"), given).mappings()]


def _question(row: RowMapping) -> Question:
    kept = dict(row)
    span = Span(kept.pop("span_from"), kept.pop("span_to"), kept.pop("reporting_day"))
    return Question(**{**kept, "span": span, "figures": Figures.model_validate(kept["figures"])})


def judgements(
    engine: Engine, *, first: date | None = None, unit: str | None = None, verdict: Verdict | None = None
) -> list[Judgement]:
    """Return what came of the tests, by test and unit; `first` is the first day of the month of reports."""
    wanted = {"span_from": first, "unit": unit, "verdict": verdict}
    with engine.connect() as connection:
        return [
            Judgement(
                row["unit_code"],
                row["test_code"],
                row["verdict"],
                row["reason"],
                Figures.model_validate(row["figures"]) if row["figures"] is not None else None,
            )
            for row in connection.execute(query("judgements"), wanted).mappings()
        ]


def newest_span(engine: Engine) -> date | None:
    """Return the first day of the newest month of reports that was judged; none where none was."""
    with engine.connect() as connection:
        newest: date | None = connection.scalar(query("newest_span"))
    return newest


def dossiers(engine: Engine, unit: str, test: str, span: Span, limit: int = 200) -> list[Dossier]:
    """Return at most `limit` dossiers that a question is about, in the order it happened.

    Only of a unit that was asked: raises `ConfigurationError` for any other. None for a question about two stated
    numbers. They are looked up now, so they may be more or fewer than when it was asked.
    """
    known = model.tests()
    if not _found(engine, unit=unit, test=test, span_from=span.first):
        raise ConfigurationError(
            f"unit {unit} was not asked about {test} from {span.first}; see `cchc integrity list`"
        )
    asked = known.of(test)
    statement = listing(asked) if asked else None
    if asked is None or statement is None:
        return []
    given = {**values(known, asked, span, [unit]), "most": limit}
    with engine.connect() as connection:
        return [Dossier(**row) for row in connection.execute(statement, given).mappings()]


def answer(engine: Engine, question_id: int, *, by: str, answered: str) -> Question:
    """Write down what was answered, and by whom, and return the question; a later answer replaces an earlier one.

    Raises `ConfigurationError` where there is no such question, where it was withdrawn, or where either is empty.
    """
    if not by.strip() or not answered.strip():
        raise ConfigurationError("an answer needs who gave it (--by) and what it is (--text)")
    question = get(engine, question_id)
    with engine.begin() as connection:
        hold(connection)
        done = connection.execute(
            query("answer"), {"question_id": question_id, "by": by.strip(), "answer": answered.strip()}
        )
    if not done.rowcount:
        raise ConfigurationError(
            f"question {question_id} was withdrawn on {question.span.until}: the pattern is no longer there"
        )
    return get(engine, question_id)
