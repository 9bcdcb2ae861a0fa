"""Records are listed from the dossiers and events that a term can count: the same as from all there are."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from cchc.catalogue.indicators import Term
from cchc.catalogue.load import load
from cchc.indicators import listing
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import dimensions, marts
from integration.indicator_facts import at, write
from integration.test_forms import NOVEMBER

CATALOGUE = load(SHIPPED_CATALOGUE)
SYSTEMS = ("sgddt-motcua", "sgddt-sotay")  # two of one unit: of a dossier in both the first counts
STATUSES = (
    *("processing", "supplement", "finished", "returned", "withdrawn", "stopped"),
    *("registered", "not_accepted"),
)
DATES = ("due_at", "finished_at", "returned_at", "supplement_at", "supplement_completed_at", "apology_at")
FLAGS = ("post_in", "post_out", "paid_online", "has_duty", "electronic_result", "has_result", "data_reused")


def _moment(chance: random.Random) -> datetime:
    """Return some moment around the period, often at the edge of one of its days."""
    day = at("2026-10-01") + timedelta(days=chance.randrange(60))
    hour, minute, second = chance.choice([(0, 0, 0), (23, 59, 59), (9, 0, 0)])
    return day.replace(hour=hour, minute=minute, second=second)


def _dossiers(chance: random.Random, count: int) -> list[dict[str, Any]]:
    """Return dossiers whose dates are in any order, as sources have them."""
    found: list[dict[str, Any]] = [
        {
            "dossier_code": f"H14.SGDDT-26-{n}",
            "procedure_code": f"1.00000{chance.randrange(4)}",
            "channel": chance.choice(["online", "direct"]),
            "status": chance.choice(STATUSES),
            "supplement_requests": chance.choice([None, 1, 2]),
            "received_at": _moment(chance),
            **{name: chance.choice([None, _moment(chance)]) for name in DATES},
            **{name: chance.choice([None, False, True]) for name in FLAGS},
        }
        for n in range(count)
    ]
    for row in found:
        if row["status"] in ("registered", "not_accepted"):  # others came in some day
            row["received_at"] = chance.choice([None, row["received_at"]])
    return found


def _terms() -> list[Term]:
    """Return a term of every measure of dossiers: under every rule that is asked for, at both ends of the period."""
    found = []
    for code, measure in CATALOGUE.measures.items():
        if measure.dataset != "dossier":
            continue
        for rule in (None, *(["portal-766"] if measure.by_rule else [])):
            for end in ("end", "start") if measure.kind == "stock" else ("end",):
                for needs_result in (None, True, False):
                    stated = {"measure": code, "rule": rule, "at": end, "needs_result": needs_result}
                    found.append(Term.model_validate(stated))
    return found


@pytest.fixture
def filled(warehouse: Engine) -> Engine:
    """A unit with many dossiers of all kinds, some of them in two systems."""
    dimensions.sync(warehouse, CATALOGUE)
    chance = random.Random(766)
    rows = _dossiers(chance, 450)
    write(warehouse, "dossier", "SGDDT", SYSTEMS[0], rows[:350])
    write(warehouse, "dossier", "SGDDT", SYSTEMS[1], [*rows[350:], *_dossiers(chance, 80)])
    procedure = {"needs_result": False, "valid_from": at("2026-11-01").date()}
    write(warehouse, "procedure", "SGDDT", SYSTEMS[0], [{**procedure, "procedure_code": "1.000001"}])
    later = {**procedure, "procedure_code": "1.000002", "valid_from": at("2026-12-01").date()}
    write(warehouse, "procedure", "SGDDT", SYSTEMS[0], [later])
    marts.refresh(warehouse)
    return warehouse


def _listed(connection: Connection, statement: str, asked: dict[str, Any]) -> list[Any]:
    return [tuple(row) for row in connection.execute(text(statement), asked)]


def test_what_is_left_out_beforehand_would_not_have_been_listed(filled: Engine) -> None:
    everything = marts.over_events("records", "dossier").text
    total = 0
    with filled.connect() as connection:
        for term in _terms():
            asked = listing.wanted(CATALOGUE, [term], NOVEMBER, ["SGDDT"])
            listed = _listed(connection, everything, asked)
            assert _listed(connection, listing.records("dossier", [term]), asked) == listed, term
            total += len(listed)
    assert total > 3_000


def test_terms_that_are_added_up_and_taken_away(filled: Engine) -> None:
    """As of a cell of a form: stocks of both ends, flows, and one of another year, in one statement."""
    everything = marts.over_events("records", "dossier").text
    stated: list[dict[str, Any]] = [
        {"measure": "received"},
        {"measure": "in_process", "at": "start"},
        {"measure": "overdue_in_process", "rule": "portal-766", "minus": True},
        {"measure": "finished_late", "minus": True, "period": "2025-11"},
    ]
    terms = [Term.model_validate(one) for one in stated]
    with filled.connect() as connection:
        for asked_terms in (terms, terms[:1], terms[1:2], terms[:2], terms[2:]):
            asked = listing.wanted(CATALOGUE, asked_terms, NOVEMBER, ["SGDDT"])
            listed = _listed(connection, everything, asked)
            assert _listed(connection, listing.records("dossier", asked_terms), asked) == listed
            assert _listed(connection, listing.records("dossier"), asked) == listed
            assert bool(listed)


def test_the_branch_of_every_measure_is_found() -> None:
    for term in _terms():
        statement = listing.records("dossier", [term])
        assert f"select '{term.measure}'" in " ".join(statement.split())
        assert len(statement) < len(listing.records("dossier"))
    with pytest.raises(ValueError, match="has no event of documents_in"):
        listing.records("dossier", [Term(measure="documents_in")])
