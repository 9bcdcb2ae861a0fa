"""Recall, update and replacement of documents in an exchange: what still counts, whichever message came first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.load import cached
from cchc.catalogue.profiles import DatasetMap
from cchc.quality import gate
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.door.allow_list import Admitted, Door
from cchc.sources.formats.edxml_message import as_record, header
from cchc.warehouse import marts
from cchc.warehouse.load import load_delivery
from integration.rows import catalogue, delivery, good, new_run
from simulators import qcvn102
from simulators.edxml import messages_of
from simulators.model import Document, System

UNIT, CODE = "SGDDT", "sgddt-vanban"
ORGAN = System(CODE, UNIT, "edxml", "H14.05", "H14.05")
Row = dict[str, Any]


def _code(number: int) -> str:
    return f"H14.05,2026/11/{number:02d},{number}/SGDDT-VP"


def _document(number: int, **changes: Any) -> Row:
    return good(
        "document", number, document_code=_code(number), registered_on=date(2026, 11, number), **changes
    )


def _counts(engine: Engine) -> dict[str, dict[int, int]]:
    marts.refresh(engine)
    with engine.connect() as connection:
        rows = connection.execute(text("select measure_code, day, value from mart.measure_day")).all()
    found: dict[str, dict[int, int]] = {}
    for measure, day, value in rows:
        found.setdefault(measure, {})[day.day] = value
    return found


def _bring(engine: Engine, nights: Iterable[Iterable[Row]]) -> None:
    """Load each night's messages and refresh the marts after it."""
    for rows in nights:
        run_id = new_run(engine)
        found = delivery(engine, run_id, "document", rows, source=CODE)
        load_delivery(engine, run_id, found, "m1")
        marts.refresh(engine)


STORY = {
    "document": _document(3, due_on=date(2026, 11, 20)),
    "update": _document(5, action="update", concerns=_code(3), form="parallel", is_signed=None),
    "replacement": _document(7, action="replace", concerns=f"{_code(4)};{_code(99)}"),
    "replaced": _document(4),
    "recalled": _document(6),
    "recall": _document(8, action="recall", concerns=_code(6)),
}


@pytest.mark.parametrize("first", ["document", "update", "recall"])
def test_the_order_of_messages_does_not_matter(warehouse: Engine, first: str) -> None:
    rest = [name for name in STORY if name != first]
    order = [first, *(rest if first == "document" else reversed(rest))]
    _bring(warehouse, ([STORY[name]] for name in order))
    # the document counts on the day its update states, the replaced one as its replacement, the recalled one not at all
    assert _counts(warehouse) == {
        "documents_out": {5: 1, 7: 1},
        "documents_out_electronic_only": {7: 1},
        "documents_out_parallel": {5: 1},
        "documents_out_signed": {5: 1, 7: 1},
    }
    by_deltas = _counts(warehouse)
    marts.rebuild(warehouse)
    assert _counts(warehouse) == by_deltas


def test_the_newest_update_counts_and_an_incoming_document_keeps_the_day_it_came(warehouse: Engine) -> None:
    def incoming(number: int, **changes: Any) -> Row:
        return _document(number, direction="in", is_signed=None, **changes)

    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into core.source (source_code, unit_code, profile_code, kind, title, on_time_rule, expected)"
                " values (:s, :u, 'p', 'rest', 't', 'date', true)"
            ),
            {"s": CODE, "u": UNIT},
        )
    messages = [
        incoming(3, due_on=date(2026, 11, 10)),
        incoming(5, action="update", concerns=_code(3), due_on=date(2026, 11, 15)),
        incoming(6, action="update", concerns=_code(3), due_on=date(2026, 11, 12)),
        incoming(7, action="update", concerns=_code(3), due_on=None),  # it says nothing of the term
    ]
    for order in list(permutations(range(4)))[::5]:
        _bring(warehouse, ([messages[number]] for number in order))
        counted = _counts(warehouse)
        assert counted["documents_in"] == {3: 1}
        assert counted["documents_in_overdue"] == {13: 1}
        with warehouse.begin() as connection:
            connection.execute(text("truncate core.document, mart.measure_day, mart.measure_quarter"))


def _update(number: int, **changes: Any) -> Row:
    return _document(number, action="update", concerns=_code(3), **changes) | {
        "registered_on": date(2026, 11, 12)
    }


def test_of_two_updates_of_one_day_the_later_counts(warehouse: Engine) -> None:
    """The exchange's connector hands them on in the order of their moments."""
    of_nine, of_three = _update(9, form="parallel"), _update(10, form="electronic")
    _bring(warehouse, [[_document(3), of_nine, of_three]])
    assert _counts(warehouse)["documents_out_electronic_only"] == {12: 1}
    by_deltas = _counts(warehouse)
    marts.rebuild(warehouse)
    assert _counts(warehouse) == by_deltas


def test_of_two_updates_of_one_day_in_two_deliveries_the_one_pulled_later_counts(warehouse: Engine) -> None:
    of_nine, of_three = _update(10, form="parallel"), _update(9, form="electronic")
    for nights in ((0, 1), (1, 0)):  # an older delivery may be loaded after a newer one
        for night in nights:
            rows = ([_document(1), _document(3), of_nine], [of_nine, of_three])[night]
            run_id = new_run(warehouse)
            found = delivery(warehouse, run_id, "document", rows, source=CODE, pulled=timedelta(hours=night))
            load_delivery(warehouse, run_id, found, "m1")
            marts.refresh(warehouse)
        assert _counts(warehouse)["documents_out_electronic_only"] == {1: 1, 12: 1}
        with warehouse.begin() as connection:
            connection.execute(text("truncate core.document, mart.measure_day, mart.measure_quarter"))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_only_its_sender_says_such_things_of_a_document(warehouse: Engine, order: tuple[int, int]) -> None:
    def incoming(number: int, sender: str, **changes: Any) -> Row:
        return _document(number, direction="in", is_signed=None, counterpart=sender, **changes)

    foreign = [
        incoming(4, "H99.77", action="recall", concerns=_code(3)),
        incoming(5, "H99.77", action="update", concerns=_code(3), due_on=date(2026, 11, 20)),
        incoming(6, "H99.77", action="replace", concerns=_code(3)),
    ]
    nights = [[incoming(3, "H14.01", due_on=date(2026, 11, 10))], foreign]
    _bring(warehouse, (nights[night] for night in order))
    assert _counts(warehouse)["documents_in"] == {3: 1, 6: 1}
    assert _counts(warehouse)["documents_in_overdue"] == {11: 1}
    _bring(warehouse, [[incoming(7, "H14.01", action="recall", concerns=_code(3))]])
    assert _counts(warehouse)["documents_in"] == {6: 1}


def test_a_message_about_a_document_of_another_sender_waits(warehouse: Engine) -> None:
    def incoming(number: int, sender: str | None, **changes: Any) -> Row:
        return _document(number, direction="in", is_signed=None, counterpart=sender, **changes)

    _bring(warehouse, [[incoming(3, "H14.01")]])
    run_id = new_run(warehouse)
    rows = [
        incoming(4, "H14.02"),
        incoming(5, "H99.77", action="recall", concerns=_code(3)),
        incoming(6, "H99.77", action="replace", concerns=f"{_code(4)};{_code(3)};{_code(99)}"),
        incoming(3, "H99.77", action="recall", concerns=_code(3)),  # under the very code of the document
        incoming(7, "H14.01", action="recall", concerns=_code(3)),
        incoming(8, "H14.02", action="update", concerns=_code(4)),
        _document(9, action="recall", concerns=_code(3)),  # the unit's own: another document
    ]
    found = delivery(warehouse, run_id, "document", rows, source=CODE)
    gate.run(warehouse, run_id, catalogue())
    with warehouse.connect() as connection:
        noted = connection.execute(
            text(
                "select row_no, severity, message from stg.violation where rule_code = 'DOCUMENT_ABOUT_ANOTHERS'"
                " order by row_no"
            )
        ).all()
    assert [(row.row_no, row.severity, row.message.rpartition(": ")[2]) for row in noted] == [
        (2, "warning", _code(3)),
        (3, "warning", f"{_code(3)}, {_code(4)}"),
        (4, "warning", _code(3)),
    ]
    load_delivery(warehouse, run_id, found, "m1")
    with warehouse.connect() as connection:
        senders = connection.scalars(
            text("select counterpart from core.document where document_code = :c and direction = 'in'"),
            {"c": _code(3)},
        ).all()
    assert senders == ["H14.01"]


def test_a_message_that_has_the_code_of_its_document_stands_in_its_place(warehouse: Engine) -> None:
    _bring(warehouse, [[_document(3)], [_document(3, action="update", concerns=_code(3), form="parallel")]])
    assert _counts(warehouse)["documents_out_parallel"] == {3: 1}
    _bring(warehouse, [[_document(3, action="recall", concerns=_code(3))]])
    assert _counts(warehouse) == {}


def test_a_message_that_no_longer_concerns_a_document_gives_it_back(warehouse: Engine) -> None:
    _bring(warehouse, [[_document(3), _document(8, action="recall", concerns=_code(3))]])
    assert _counts(warehouse) == {}
    _bring(warehouse, [[_document(8, action="recall", concerns=_code(4))]])  # it named the wrong one
    assert _counts(warehouse)["documents_out"] == {3: 1}


def test_a_message_about_a_document_that_nobody_has_is_noted(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    rows = [
        _document(3),
        _document(4, action="recall", concerns=_code(3)),
        _document(5, action="replace", concerns=f"{_code(3)};{_code(99)}"),
        _document(6, action="recall"),
        _document(7, action="update"),  # of its receivers alone
    ]
    found = delivery(warehouse, run_id, "document", rows, source=CODE)
    gate.run(warehouse, run_id, catalogue())
    with warehouse.connect() as connection:
        noted = connection.execute(
            text(
                "select row_no, severity, message from stg.violation where rule_code = 'DOCUMENT_ABOUT_UNKNOWN'"
                " order by row_no"
            )
        ).all()
    assert [(row.row_no, row.severity, row.message.rpartition(": ")[2]) for row in noted] == [
        (3, "info", _code(99)),
    ]
    assert load_delivery(warehouse, run_id, found, "m1").inserted == 5


@pytest.mark.parametrize(("action", "word"), [(0, None), (1, "recall"), (2, "update"), (3, "replace")])
def test_what_an_exchange_sends_says_what_it_is_about(action: int, word: str | None) -> None:
    about = Document(
        number=1,
        code=_code(5),
        direction="out",
        registered=qcvn102.datetime(2026, 11, 5, 9),
        promulgated=date(2026, 11, 5),
        form="electronic",
        signed=True,
        kind="Công văn",
        counterpart="H14.01",
        notation="SGDDT-VP",
        subject="V/v",
        action=action,
        answers_to=_code(3),
    )
    (message,) = messages_of([about], ORGAN)
    dataset_map: DatasetMap = cached(SHIPPED_CATALOGUE).profiles["qcvn102-exchange"].datasets["document"]
    record = as_record(header([qcvn102.document(message, ORGAN).encode()]), "out")
    admitted = Door(dataset_map).admit(record)
    assert isinstance(admitted, Admitted)
    assert not admitted.unknown
    assert admitted.fields["@concerns"] == (_code(3) if word else "")
