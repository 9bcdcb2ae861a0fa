"""Real payloads (86 OpenCPS dossiers, QCVN 102:2016 messages) through pull, landing and staging.

The payloads are third-party data and not part of the product: the test runs where their folder lies beside it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cchc.catalogue.load import load
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.connector import Connection, Window
from integration.pulling import Pulling, begin
from references import SAMPLES
from unit.sources.tiny_server import Request, answering, reply

BROKEN = {"edoc.edxml", "edoc_new.edxml"}  # an unbound prefix; junk before the declaration

pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of real payloads is not here"),
]


@pytest.fixture
def pulling(warehouse: Engine, tmp_path: Path) -> Pulling:
    return begin(warehouse, load(SHIPPED_CATALOGUE), tmp_path / "landing", {})


def _offices(rows: list[dict[str, Any]]) -> Callable[[Request], bytes]:
    def answer(request: Request) -> bytes:
        if "fromReleaseDate" in request.query:
            return reply({"total": 0})
        start, end = int(request.query["start"]), int(request.query["end"])
        return reply({"total": len(rows), "data": rows[start:end]})

    return answer


def test_the_86_dossiers(pulling: Pulling) -> None:
    text = (SAMPLES / "opencps" / "dossiers_list_86_redacted.json").read_text(encoding="utf-8")
    rows = json.loads(text)["data"]
    profile = pulling.catalogue.profiles["opencps-2"]
    small = profile.model_copy(update={"options": profile.options | {"page_size": 25}})  # four pages
    profiles = pulling.catalogue.profiles | {"opencps-2": small}
    pulling.catalogue = pulling.catalogue.model_copy(update={"profiles": profiles})
    with answering(_offices(rows)) as site:
        pulling.connections["motcua"] = Connection(site.url, "me", "secret")
        (delivery,) = pulling.pull("snv-motcua", Window(date(2018, 11, 1), date(2018, 11, 30)))
    assert (delivery.received, delivery.refused, delivery.source_total) == (86, 0, 86)
    assert delivery.unknown_fields == ()
    assert pulling.stage(delivery) == 86
    staged = pulling.staged("dossier")
    assert [row["cast_errors"] for row in staged if row["cast_errors"]] == []
    assert Counter(row["status"] for row in staged) == {"processing": 79, "payment": 6, "supplement": 1}
    assert Counter(row["channel"] for row in staged) == {"online": 71, "direct": 15}
    assert sum(row["post_out"] for row in staged) == 16
    assert {row["has_result"] for row in staged} == {False}
    assert {row["finished_at"] for row in staged} == {None}
    first = next(row for row in staged if row["dossier_code"] == "CNTBD.181121.00334")
    assert f"{first['received_at']:%d/%m/%Y %H:%M:%S}" == "21/11/2018 09:24:43"  # as the office wrote it
    kept = pulling.everything_kept()
    for row in rows:
        for name, value in row.items():
            if name.startswith(
                ("applicant", "contact", "delegate", "hasPassword", "address", "lastActionUser")
            ):
                assert len(str(value)) < 5 or f'"{value}"' not in kept, name


def _exchange(messages: dict[str, bytes]) -> Callable[[Request], bytes]:
    def answer(request: Request) -> bytes:
        if request.path != "/api/edocs":
            return reply(messages[request.path.removeprefix("/api/edocs/")])
        mine = [n for n in messages if n.startswith("status")] if request.query["direction"] == "out" else []
        if request.query["direction"] == "in":
            mine = [n for n in messages if not n.startswith("status")]
        listed = [{"docId": n, "messageType": "status" if n.startswith("status") else "edoc"} for n in mine]
        return reply({"status": "OK", "errorCode": "0", "total": len(listed), "documents": listed})

    return answer


def _messages() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((SAMPLES / "edxml").glob("*.edxml"))}


def test_the_messages_that_are_well_formed(pulling: Pulling) -> None:
    messages = {name: content for name, content in _messages().items() if name not in BROKEN}
    with answering(_exchange(messages)) as exchange:
        pulling.connections["truc"] = Connection(exchange.url, "me", "secret")
        documents, statuses = pulling.pull("snv-vanban", Window(date(2015, 1, 1), date(2019, 12, 31)))
    assert (documents.received, documents.refused) == (3, 0)
    assert (statuses.received, statuses.refused) == (10, 0)
    assert documents.unknown_fields == statuses.unknown_fields == ()
    pulling.stage(documents)
    pulling.stage(statuses)
    staged = pulling.staged("document")
    assert {row["action"] for row in staged} == {"recall", "update", "replace"}
    assert {row["document_code"] for row in staged} == {"000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"}
    assert {row["counterpart"] for row in staged} == {"000.00.00.G22"}
    assert {row["registered_on"] for row in staged} == {date(2018, 9, 28)}
    assert {row["form"] for row in staged} == {"electronic"}
    assert {row["is_signed"] for row in staged} == {True}
    answered = pulling.staged("document_status")
    assert {row["status_code"] for row in answered} >= {"01", "02", "03", "04", "05", "06", "13", "15", "16"}
    assert {row["cast_errors"] and tuple(row["cast_errors"]) for row in (*staged, *answered)} == {None}
    kept = pulling.everything_kept()
    for personal in (
        "Nguyen Van A",
        "vanthu",
        "0000000000",
        "QUJD",
        "MIIF",
        "QkFTRTY0",
        "CN=",
        "V/v",
        "Hoàng Hoa Thám",
    ):
        assert personal not in kept


def test_a_message_that_is_not_well_formed_waits_in_its_place_and_the_others_come(pulling: Pulling) -> None:
    messages = _messages()
    messages["again.edxml"] = messages["edoc_new.edxml"]
    with answering(_exchange(messages)) as exchange:
        pulling.connections["truc"] = Connection(exchange.url, "me", "secret")
        documents, _ = pulling.pull("snv-vanban", Window(date(2015, 1, 1), date(2019, 12, 31)))
    assert documents.received == 6
    pulling.stage(documents)
    staged = pulling.staged("document")
    assert len(staged) == 6
    waiting = [row for row in staged if row["cast_errors"]]
    assert [row["document_code"] for row in waiting] == [None, None]
    assert all("thông điệp không đọc được" in row["cast_errors"][0] for row in waiting)
    assert len({row["row_hash"] for row in waiting}) == 2  # each waits for itself
    codes = {row["document_code"] for row in staged}
    assert "9fbfbad2-f1f8-4256-a2eb-50fb1061cddb" in codes  # its attachments are not well-formed
    kept = pulling.everything_kept()
    assert "in 1 docId edoc_new.edxml" in kept
    assert "74fass22" not in kept
