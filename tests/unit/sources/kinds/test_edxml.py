from __future__ import annotations

from typing import Any

import pytest

from cchc.errors import ContractBroken, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.kinds.edxml import Edxml
from cchc.sources.web.session import Http, Limits
from unit.sources.formats.test_edxml_message import DOCUMENT, message
from unit.sources.profiles import WINDOW, read, with_options
from unit.sources.tiny_server import Request, answering, on_loopback, reply

PROFILE = with_options("qcvn102-exchange", page_size=2)
STATUS = message(
    "<edXML:MessageHeader><edXML:From><edXML:OrganId>B</edXML:OrganId></edXML:From>"
    "<edXML:StatusCode>03</edXML:StatusCode></edXML:MessageHeader>"
)


def exchange(listed: dict[str, list[tuple[str, str]]], messages: dict[str, bytes]) -> Any:
    def answer(request: Request) -> bytes:
        if request.path != "/api/edocs":
            found = messages.get(request.path.removeprefix("/api/edocs/"))
            return reply(found) if found is not None else reply({}, "404 Not Found")
        rows = [{"docId": d, "messageType": t} for d, t in listed.get(request.query["direction"], [])]
        page = int(request.query["page"])
        return reply(
            {"status": "OK", "errorCode": "0", "total": len(rows), "documents": rows[page * 2 - 2 : page * 2]}
        )

    return answer


def test_messages_come_in_the_order_of_the_lists() -> None:
    listed = {"in": [("a", "edoc"), ("b", "edoc"), ("c", "edoc")], "out": [("d", "edoc"), ("e", "status")]}
    messages = dict.fromkeys("abcd", DOCUMENT) | {"e": STATUS}
    with answering(exchange(listed, messages)) as tiny:
        records, totals = read(PROFILE, tiny.url, "000.00.09.H14")
    assert [(r.dataset, r.place) for r in records] == [
        ("document", "in 1 docId a"),
        ("document", "in 1 docId b"),
        ("document", "in 2 docId c"),
        ("document", "out 1 docId d"),
        ("document_status", "out 1 docId e"),
    ]
    assert totals == {"document": 4, "document_status": 1}
    assert records[3].payload["@direction"] == "out"
    first = next(r for r in tiny.requests if r.path == "/api/edocs")
    assert (first.headers["x-systemid"], first.headers["x-secretkey"]) == ("me", "hunter2")
    assert (first.query["from"], first.query["organ"]) == ("2022-01-01", "000.00.09.H14")


def test_one_message_that_cannot_be_read_fails_the_source_and_is_named() -> None:
    listed = {"in": [("a", "edoc"), ("b c", "edoc")]}
    with (
        answering(exchange(listed, {"a": DOCUMENT, "b%20c": DOCUMENT[:-9]})) as tiny,
        pytest.raises(
            ContractBroken, match=r"in page 1, docId b c\]: the message cannot be read: it is not well"
        ),
    ):
        read(PROFILE, tiny.url)


def test_a_message_that_is_cut_short_is_unavailable() -> None:
    answer = exchange({"in": [("a", "edoc")]}, {})

    def cut(request: Request) -> bytes:
        return answer(request) if request.path == "/api/edocs" else reply(DOCUMENT)[:-20]

    with answering(cut) as tiny:
        client = Http("x-vanban", on_loopback(tiny.url, Limits(pause=0.01, tries=2)))
        records = Edxml("x-vanban", PROFILE, client, Connection(tiny.url), "x").read(WINDOW)
        with pytest.raises(SourceUnavailable, match=r"docId a.*cut short"):
            list(records)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"status": "FAIL", "errorCode": "23"}, "error code 23"),
        ({"total": 1}, "field status is missing"),
        ({"status": "OK", "total": 1, "documents": {}}, "field documents is of type object"),
        ({"status": "OK", "total": 1, "documents": [{"messageType": "edoc"}]}, "field docId is missing"),
        (
            {"status": "OK", "total": 1, "documents": [{"docId": "a", "messageType": "x"}]},
            "field messageType of docId a",
        ),
    ],
)
def test_lists_of_another_shape(body: dict[str, Any], words: str) -> None:
    with answering(lambda _: reply(body)) as tiny, pytest.raises(ContractBroken, match=words) as caught:
        read(PROFILE, tiny.url)
    assert caught.value.where.startswith("in page 1")


def test_a_list_that_calls_a_document_a_status_is_broken() -> None:
    with (
        answering(exchange({"out": [("a", "status")]}, {"a": DOCUMENT})) as tiny,
        pytest.raises(ContractBroken, match=r"docId a.*messageType of the list contradicts"),
    ):
        read(PROFILE, tiny.url)
