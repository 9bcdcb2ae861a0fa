"""What a REST source answers: records, lines of JSON, details of a record, and what is no data."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from cchc.catalogue.profiles import Profile
from cchc.errors import ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Window
from cchc.sources.door.allow_list import Admitted, Door, Refused
from unit.sources.profiles import profile, read
from unit.sources.rest_systems import DAYS, PAGED, ids, rows, speaking
from unit.sources.tiny_server import Request, answering, reply


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ({"success": False, "error": {"code": "X", "text": "Nguyễn Văn A"}}, ContractBroken, "error code X"),
        ({"success": False, "error": {"code": 403}}, SourceRefused, "error code 403"),
        ({"success": "false", "error": {"code": "BUSY"}}, SourceUnavailable, "error code BUSY"),
        ({"result": {"items": [], "next": None}}, ContractBroken, "field success is missing"),
        ({"success": True, "result": {"items": None, "next": None}}, ContractBroken, "items is missing"),
        ({"success": True, "result": {"items": {"id": 1}, "next": None}}, ContractBroken, "of type object"),
        ({"success": True, "result": [], "next": None}, ContractBroken, "result.items is missing"),
        ([{"id": 1}], ContractBroken, "not a JSON object"),
        (b"<html>Bao tri</html>", ContractBroken, "HTML"),
        (b"<html><input type=password></html>", SourceRefused, "login page"),
        (b'{"success": true, "success": true}', ContractBroken, "twice"),
        (b'{"success": NaN}', ContractBroken, "NaN"),
        (b'{"success": true, "n": ' + b"9" * 5_000 + b"}", ContractBroken, "digits"),
        (b"[" * 100_000, SourceError, "nested|cut short"),
    ],
)
def test_answers_that_are_no_data(body: Any, error: type[SourceError], words: str) -> None:
    with (
        answering(lambda _: reply(body)) as tiny,
        pytest.raises(error, match=words) as caught,
    ):
        read(profile("example-rest"), tiny.url, window=Window(date(2026, 11, 14), date(2026, 11, 14)))
    assert "Nguyễn" not in str(caught.value)


def test_a_system_may_say_that_there_is_nothing_and_large_numbers_stay_exact() -> None:
    with answering(lambda _: reply({"success": False, "error": {"code": "NO_DATA"}})) as tiny:
        assert read(profile("example-rest"), tiny.url, window=DAYS)[0] == []
    body = {"success": True, "result": {"items": [{"id": 2**53 + 1, "number": "00123"}], "next": ""}}
    with answering(lambda _: reply(body)) as tiny:
        (record,) = read(profile("example-rest"), tiny.url, window=Window(DAYS.end, DAYS.end))[0]
    assert record.payload == {"id": 9007199254740993, "number": "00123"}


def test_a_body_keeps_numbers_and_lines_of_json_are_read_whole_or_not_at_all() -> None:
    options = {
        "path": "/list",
        "method": "POST",
        "body": {"filter": {"page": "{page}", "unit": "{unit}"}},
        "format": "ndjson",
        "records": "",
    }
    lines = b'{"id":1}\n{"id":2}\n'
    with answering(lambda _: reply(lines)) as tiny:
        assert ids(read(speaking(**options), tiny.url)) == [1, 2]
    assert json.loads(tiny.requests[0].body) == {"filter": {"page": 1, "unit": "x"}}
    for cut in range(1, len(lines)):
        if lines[:cut].endswith((b"}", b"\n")):
            continue  # whole lines: only the stated length tells, to which each answer is held
        with answering(lambda _, cut=cut: reply(lines[:cut])) as tiny, pytest.raises(SourceError):  # type: ignore[misc]
            read(speaking(**options), tiny.url)


def test_the_last_line_may_lack_its_end() -> None:
    options = {"path": "/list", "format": "ndjson", "records": ""}
    counted = options | {"total_header": "X-Total"}
    lines = b'{"id":1}\n{"id":2}'

    def head(body: bytes, total: int, length: bool = True) -> bytes:
        said = b"Content-Length: %d\r\n" % len(body) if length else b""
        return b"HTTP/1.1 200 OK\r\nConnection: close\r\nX-Total: %d\r\n%s\r\n%s" % (total, said, body)

    for body in (lines, lines + b"\n", lines + b"\r\n \n "):
        with answering(lambda _, body=body: head(body, 2)) as tiny:  # type: ignore[misc]
            assert ids(read(speaking(**counted), tiny.url)) == [1, 2]
            assert ids(read(speaking(**options), tiny.url)) == [1, 2]
    with answering(lambda _: head(lines, 2, length=False)) as tiny:
        assert ids(read(speaking(**counted), tiny.url)) == [1, 2]
        with pytest.raises(SourceUnavailable, match="neither its length nor a total"):
            read(speaking(**options), tiny.url, total_seconds=0.5)
    for body, total in ((lines[:-1], 2), (lines, 3), (lines + b"\n7", 3)):
        with (
            answering(lambda _, body=body, total=total: head(body, total)) as tiny,
            pytest.raises(SourceError),
        ):  # type: ignore[misc]
            read(speaking(**counted), tiny.url, total_seconds=0.5)


@pytest.mark.parametrize(
    ("line", "error", "words"),
    [
        ({"ok": 0, "code": "TIMEOUT"}, ContractBroken, "error code TIMEOUT"),
        ({"ok": 0, "code": "BUSY"}, SourceUnavailable, "error code BUSY"),
        ({"ok": 0, "code": "NONE"}, None, ""),
    ],
)
def test_a_line_may_say_that_the_stream_failed(
    line: dict[str, Any], error: type[SourceError] | None, words: str
) -> None:
    outcome = {"field": "ok", "ok": ["1"], "code": "code", "busy": ["BUSY"], "no_data": ["NONE"]}
    options = {"path": "/list", "format": "ndjson", "records": "", "outcome": outcome}
    body = b'{"id":1}\n' + json.dumps(line).encode() + b"\n"
    page = reply(b"<html><input type=password></html>")
    with answering(lambda _: page) as tiny, pytest.raises(SourceRefused, match="login page"):
        read(speaking(**options), tiny.url)
    with answering(lambda _: reply(body)) as tiny:
        if error is None:
            assert ids(read(speaking(**options), tiny.url)) == [1]
        else:
            with pytest.raises(error, match=words):
                read(speaking(**options), tiny.url)


@pytest.mark.parametrize("lines", [b'{"id":1}\n', b""])
def test_lines_whose_end_nothing_states_may_be_cut_short(lines: bytes) -> None:
    options = {"path": "/list", "format": "ndjson", "records": ""}
    bare = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
    with (
        answering(lambda _: bare + b"\r\n" + lines) as tiny,
        pytest.raises(SourceUnavailable, match=r"\[page 1\].*neither its length nor a total"),
    ):
        read(speaking(**options), tiny.url)
    count = lines.count(b"\n")
    chunked = bare + b"Transfer-Encoding: chunked\r\n\r\n" + (b"9\r\n%s\r\n" % lines if lines else b"")
    total = {"total_header": "X-Total"}
    with answering(lambda _: bare + b"X-Total: %d\r\n\r\n" % count + lines) as tiny:
        assert len(read(speaking(**options | total), tiny.url)[0]) == count
    for whole in (chunked + b"0\r\n\r\n", reply(lines)):
        with answering(lambda _, whole=whole: whole) as tiny:  # type: ignore[misc]
            if lines:
                assert len(read(speaking(**options), tiny.url)[0]) == count
            else:
                with pytest.raises(ContractBroken, match=r"\[page 1\]: the answer is empty: only a total"):
                    read(speaking(**options), tiny.url)
    for cut, more in ((bare + b"X-Total: 2\r\n\r\n" + lines, total), (chunked, {})):
        with answering(lambda _, cut=cut: cut) as tiny, pytest.raises(SourceError):  # type: ignore[misc]
            read(speaking(**options | more), tiny.url, total_seconds=0.5)  # no time for a second try


def test_no_content_is_no_data_only_where_the_profile_says_so() -> None:
    said = {"outcome": {"field": "ok", "ok": ["1"], "no_data": ["204"]}, "total": "n"}
    nothing = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
    with answering(lambda _: nothing) as tiny:
        assert read(speaking(**PAGED | said), tiny.url) == ([], {"dossier": 0})
        by_header = said | {"total": None, "total_header": "X-Total"}
        assert read(speaking(**PAGED | by_header), tiny.url) == ([], {"dossier": 0})
        for other in ({"total": "n"}, {**said, "outcome": {"field": "ok", "ok": ["1"], "no_data": ["0"]}}):
            with pytest.raises(ContractBroken, match="HTTP 204"):
                read(speaking(**PAGED | other), tiny.url)


def test_details_complete_the_records_of_a_list() -> None:
    def answer(request: Request) -> bytes:
        if request.path == "/list":
            return reply([{"id": 1, "a": "list"}, {"id": "2/3", "a": "list"}])
        return reply({"data": {"a": "detail", "path": request.path}})

    options = {
        "path": "/list",
        "records": "",
        "identity": "id",
        "detail": {"path": "/one/{id}", "record": "data"},
    }
    with answering(answer) as tiny:
        found, _ = read(speaking(**options), tiny.url)
    assert [r.payload for r in found] == [
        {"id": 1, "a": "detail", "path": "/one/1"},
        {"id": "2/3", "a": "detail", "path": "/one/2%2F3"},
    ]


def test_a_mark_that_the_list_alone_has_reaches_the_door() -> None:
    """Of the record behind it nothing is asked for; what an answer states as null takes nothing from the list."""
    listed = [
        {"id": 1, "number": "12/MẬT-UBND", "state": "done"},
        {"id": 2, "number": "2", "doMat": "Mật"},
        {"id": 3, "number": "3", "state": "done", "due": None},
    ]

    def answer(request: Request) -> bytes:
        if request.path == "/list":
            return reply(listed)
        return reply({"number": "5", "state": None, "doMat": None, "due": "x", "post": None})

    options = {"path": "/list", "records": "", "identity": "id", "detail": {"path": "/one/{id}"}}
    with answering(answer) as tiny:
        found, _ = read(speaking(**options), tiny.url)
    door = Door(profile("example-rest").datasets["dossier"])
    assert [door.admit(r.payload) for r in found[:2]] == [Refused(), Refused()]
    assert [request.path for request in tiny.requests] == ["/list", "/one/3"]
    assert found[2].payload == {
        **{"id": 3, "number": "5", "state": "done", "due": "x"},
        **{"doMat": None, "post": None},
    }


@pytest.mark.parametrize("said", [{}, {"level": None}, {"level": {"name": ""}}, {"level": {"name": None}}])
def test_a_list_that_leaves_the_level_empty_leaves_it_to_the_detail(said: dict[str, Any]) -> None:
    options = {"path": "/list", "records": "", "identity": "id", "detail": {"path": "/one/{id}"}}
    speaks = speaking(**options)
    level = {"paths": ["number"], "level": "level.name", "ordinary": ["Thường"], "required": True}
    mapped = speaks.datasets["dossier"].model_dump() | {"secrecy": level}
    speaks = Profile.model_validate(speaks.model_dump() | {"datasets": {"dossier": mapped}})

    def answer(request: Request) -> bytes:
        record = {"id": 1, "number": "1"}
        return reply([record | said] if request.path == "/list" else record | {"level": {"name": "Thường"}})

    with answering(answer) as tiny:
        found, _ = read(speaks, tiny.url)
    assert isinstance(Door(speaks.datasets["dossier"]).admit(found[0].payload), Admitted)


@pytest.mark.parametrize(
    ("own", "error", "words"),
    [
        ({"data": {"id": 4, "a": "detail"}}, ContractBroken, "answers with another record: its field id"),
        ({"ok": 0}, SourceUnavailable, "of which the system then has no data: was it deleted meanwhile"),
        ({}, SourceUnavailable, "of which the system then has no data: was it deleted meanwhile"),
        ({"data": [{"id": 5}]}, ContractBroken, "field data is no object"),
        ({"ok": 2}, ContractBroken, "error code 2"),
    ],
)
def test_a_detail_is_that_of_its_record_or_an_error(own: Any, error: type[SourceError], words: str) -> None:
    options = {
        "path": "/list",
        "records": "items",
        "identity": "id",
        "detail": {"path": "/one/{id}", "record": "data"},
        "outcome": {"field": "ok", "ok": ["1"], "no_data": ["0"]},
    }

    def answer(request: Request) -> bytes:
        if request.path == "/list":
            return reply({"ok": 1, "items": rows(4, 5)})
        asked = int(request.path.rpartition("/")[2])
        if asked == 5 and not own:
            return reply(own, "404 Not Found")
        return reply({"ok": 1, "data": {"id": str(asked)}} | (own if asked == 5 else {}))

    with answering(answer) as tiny, pytest.raises(error, match=words) as caught:
        read(speaking(**options), tiny.url)
    assert caught.value.where == "page 1, id 5"
