"""Findings of inspections: what they are called, and when one is overdue."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from cchc.catalogue.load import cached
from cchc.indicators import inspections
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse.dictionary import dictionary

DUE, DONE = date(2026, 10, 31), date(2026, 11, 2)


def test_words_are_those_of_the_dictionary_and_of_the_profile() -> None:
    columns = dictionary().tables["core.inspection"].columns
    assert columns["topic"].values == inspections.TOPICS
    assert columns["finding_kind"].values == inspections.KINDS
    assert set(inspections.TOPICS) == set(get_args(inspections.Topic))
    assert set(inspections.KINDS) == set(get_args(inspections.Kind))
    assert set(inspections.STATES) == set(get_args(inspections.State))
    fields = cached(SHIPPED_CATALOGUE).profiles["inspections"].datasets["inspection"].fields
    assert set(fields["topic"].choices.values()) == set(inspections.TOPICS)
    assert set(fields["finding_kind"].choices.values()) == set(inspections.KINDS)


@pytest.mark.parametrize(
    ("kind", "due", "done", "day", "state"),
    [
        ("recommendation", DUE, None, DUE, "open"),
        ("recommendation", DUE, None, date(2026, 11, 1), "overdue"),
        ("recommendation", None, None, date(2036, 1, 1), "open"),
        ("recommendation", DUE, DONE, DONE, "done"),
        ("finding", DUE, None, DONE, "overdue"),
        ("commendation", DUE, None, DONE, "noted"),
    ],
)
def test_a_finding_is_overdue_from_the_day_after_its_last_day(
    kind: inspections.Kind, due: date | None, done: date | None, day: date, state: inspections.State
) -> None:
    assert inspections._state(kind, due, done, day) == state
