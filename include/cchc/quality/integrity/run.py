"""Ask: count every test in SQL, judge all units at once, keep what is asked."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, Engine

from cchc.catalogue.models import Catalogue
from cchc.quality.integrity import model, store
from cchc.quality.integrity.judge import Count, judge
from cchc.quality.integrity.model import Question, Span, Test, Tests
from cchc.quality.integrity.statements import counting, values
from cchc.quality.integrity.words import sentence


def ask(engine: Engine, catalogue: Catalogue, day: date) -> list[Question]:
    """Judge the month of reports of a day, up to that day, and return the questions that stand, answered or not.

    To be called when the marts of the night are refreshed. Departments and communes in office on the day are judged,
    each against its own group. Asked again, a question stays the one it is; one whose pattern is gone is withdrawn; an
    answered one is open again where the figures grew materially. In its first days the month before is judged again,
    with what arrived late. A month is never judged by fewer days than it was before: an old night that is run again
    takes nothing back.
    """
    for span in model.spans_of(day):
        _judge(engine, catalogue, span)
    found = store.find(engine, first=model.span_of(day).first, state=None)
    return [question for question in found if question.state != "withdrawn"]


def _judge(engine: Engine, catalogue: Catalogue, span: Span) -> None:
    known = model.tests()
    by_code = {test.code: test for test in known.tests}
    with engine.begin() as connection:
        store.hold(connection)
        span = span.up_to(store.judged_to(connection, span.first))
        units = {u.code: u for u in catalogue.units_on(span.until) if u.group in ("department", "commune")}
        counts = {test.code: _count(connection, known, test, span, list(units)) for test in known.tests}
        judged = judge(known, counts, {code: u.group for code, u in units.items()}, is_over=span.is_over)
        sentences = {
            (j.unit_code, j.test_code): sentence(
                known, by_code[j.test_code], units[j.unit_code].name, span, j.figures
            )
            for j in judged
            if j.verdict == "asked" and j.figures is not None
        }
        store.put(connection, known, span, judged, sentences)


def _count(
    connection: Connection, known: Tests, test: Test, span: Span, units: list[str]
) -> dict[str, Count]:
    rows = connection.execute(counting(test), values(known, test, span, units)).mappings()
    return {
        row["unit_code"]: Count(row["numerator"], row["denominator"], row["shows"], row.get("recomputed"))
        for row in rows
    }
