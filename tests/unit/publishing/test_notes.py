"""Notes below a table: what a number lacks, and of a frozen one how much had come."""

from __future__ import annotations

from decimal import Decimal

from cchc.publishing.notes import Notes
from cchc.publishing.points import Cell

SHORT = Cell(Decimal(9), "9", None, (), Decimal("0.903"))


def test_a_frozen_number_says_how_much_had_come_when_it_was_closed() -> None:
    notes = Notes("gc", {}, is_closed=True)
    whole, unknown = Cell(Decimal(9), "9", None, (), Decimal(1)), Cell(None, None, "chưa có", (), Decimal(0))
    assert [notes.number(cell) for cell in (SHORT, whole, unknown, SHORT)] == [1, None, 2, 1]
    assert notes.texts == ["Lúc chốt mới có 90,3% nguồn phải có.", "Chưa có."]


def test_of_a_number_that_is_not_frozen_the_sources_are_named() -> None:
    notes = Notes("gc", {"a": "Một cửa Sở Y tế"})
    assert notes.number(SHORT) is None
    assert notes.number(Cell(Decimal(9), "9", None, ("a",), Decimal("0.5"))) == 1
    assert notes.texts == ["Chưa gồm đủ số liệu của Một cửa Sở Y tế."]
