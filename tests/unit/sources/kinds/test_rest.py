"""What is asked of a REST source: slices of days, placeholders, credentials; mistakes in its profile."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError, SourceRefused
from cchc.sources.connector import Connection, Window
from cchc.sources.kinds.rest import slices
from cchc.sources.registry import connect
from unit.sources.profiles import profile, read, source, with_options
from unit.sources.rest_systems import DAYS, DETAIL, PAGED, TOKEN, ids, rows, speaking
from unit.sources.tiny_server import Request, answering, reply


def test_the_example_is_read_slice_by_slice_with_a_cursor() -> None:
    def answer(request: Request) -> bytes:
        assert (request.headers["x-system"], request.headers["x-api-key"]) == ("me", "hunter2")
        assert request.path == "/v1/units/A%2FB/dossiers"
        first = int(request.query["changed_from"][-2:])
        if "cursor" not in request.query:
            return reply({"success": True, "result": {"items": rows(first, 99), "next": f"c{first}"}})
        assert request.query["cursor"] == f"c{first}"
        return reply({"success": True, "result": {"items": rows(first + 1), "next": None}})

    with answering(answer) as tiny:
        found = read(profile("example-rest"), tiny.url, "A/B", DAYS)
    assert ids(found) == [3, 99, 4, 8, 9, 13, 14]  # 99 came in three slices
    assert found[1] == {}  # nobody states a total
    assert found[0][0].place == "2026-11-03 1"
    asked = [(r.query["changed_from"], r.query["changed_to"]) for r in tiny.requests[::2]]
    assert asked == [("2026-11-03", "2026-11-07"), ("2026-11-08", "2026-11-12"), ("2026-11-13", "2026-11-14")]


def test_slices_cover_each_day_once() -> None:
    assert [p.start.day for p in slices(DAYS, 4)] == [3, 7, 11]
    assert list(slices(DAYS, None)) == list(slices(DAYS, 12)) == [DAYS]


def test_moments_are_local_days_in_the_form_and_zone_of_the_profile() -> None:
    params = {
        "a": "{from:%Y-%m-%dT%H:%M:%SZ}",
        "b": "{to:%d/%m/%Y %H:%M:%S}",
        "c": "{after:ms}",
        "d": "{from:s}",
    }
    whole = {"path": "/list", "records": "", "params": params}
    day = Window(date(2026, 11, 14), date(2026, 11, 14))
    with answering(lambda _: reply([])) as tiny:
        read(speaking(**whole), tiny.url, window=day)
        read(speaking(**whole, zone="UTC"), tiny.url, window=day)
    local, utc = (request.query for request in tiny.requests)
    assert (local["a"], local["b"]) == ("2026-11-14T00:00:00Z", "14/11/2026 23:59:59")
    assert (utc["a"], utc["b"]) == ("2026-11-13T17:00:00Z", "14/11/2026 16:59:59")
    assert local["c"] == utc["c"] == "1794675600000"
    assert local["d"] == "1794589200"


def test_every_placeholder_may_stand_anywhere_in_a_request() -> None:
    def answer(request: Request) -> bytes:
        if request.path == "/list":
            number = int(request.headers["x-page"])
            return reply({"items": rows(number) if number <= 2 else [], "n": 2})
        return reply({"at": f"{request.path} {request.headers['x-page']} {request.headers['x-unit']}"})

    options = PAGED | {
        "headers": {"X-Page": "{page}", "X-Unit": "{unit}", "X-Next": "{cursor}"},
        "params": {},
        "page_size": 1,
        "total": "n",
        "identity": "id",
        "detail": {"path": "/{unit}/{id}/{after:%d%m}"},
    }
    with answering(answer) as tiny:
        found, _ = read(speaking(**options), tiny.url, "A/ộ", DAYS)
    assert not any("x-next" in request.headers for request in tiny.requests)
    assert [r.payload["at"] for r in found] == [f"/A%2F%E1%BB%99/{n}/1511 {n} A/ộ" for n in (1, 2)]


@pytest.mark.parametrize("password", ["a\nb", "secret-of-the-vault\r\n", "a\tb"])
def test_a_password_that_no_header_can_carry_is_named_by_its_connection(password: str) -> None:
    for kind in ("rest", "edxml"):
        speaks = profile({"rest": "example-rest", "edxml": "qcvn102-exchange"}[kind])
        host = Host(code="h", connection="my-host")
        with pytest.raises(ConfigurationError) as caught:
            connect(source(kind, "x"), speaks, host, lambda _: Connection("https://h", "me", password))
        assert "connection my-host: its password has a line break" in str(caught.value)
        assert "AIRFLOW_CONN_MY_HOST" in str(caught.value)
        assert password.strip() not in str(caught.value)


@pytest.mark.parametrize(("code", "key"), [("qcvn102-exchange", "workers"), ("registers", "expected")])
def test_options_of_the_wrong_type_are_a_mistake_of_the_profile(code: str, key: str) -> None:
    with pytest.raises(ConfigurationError, match=f"the options of profile {code} cannot be read"):
        read(with_options(code, **{key: ["many"] if key == "workers" else 4}), "http://127.0.0.1:9")


def test_what_a_header_cannot_carry_is_no_unreachable_server() -> None:
    with answering(lambda _: reply([])) as tiny, pytest.raises(SourceRefused, match="begins with a blank"):
        read(speaking(path="/list", headers={"X-Unit": "{unit}"}), tiny.url, " x")
    assert tiny.requests == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"params": {"key": "{password}"}}, "example-rest: options.*secret stands in headers"),
        ({"auth": {"type": "query", "name": "key"}}, "options.auth.*every proxy"),
        ({"auth": {"type": "magic"}}, r"options\.auth"),
        ({"parms": {}}, r"options\.parms"),
        ({"params": {"a": "{from}"}}, "moment needs its format"),
        ({"paging": {"type": "page"}}, "needs page_size"),
        ({"paging": {"type": "page"}, "page_size": 5}, "a short page does not"),
        ({"slice_days": 5}, "need identity"),
        ({"method": "POST", "paging": {"type": "link"}}, "paging by link is for GET"),
        ({"records": "a..b"}, "no path"),
        ({"empty_left_out": True}, r"options\.empty_left_out.*needs total"),
        ({"headers": {"X": "{groupId}"}}, "params need groupId .*in headers; if it is mistyped"),
        ({"passes": [{"body": {"x": [{"y": "{groupId}"}]}}]}, "params need groupId .*in passes"),
        (DETAIL | {"detail": {"path": "/{other}/{id}"}}, r"params need other .*in detail\.path"),
        (DETAIL | {"detail": {"path": "/{id}?d={from:Y}"}}, "moment needs its format"),
        (DETAIL | {"detail": {"path": "/{id}?k={password}"}}, "secret stands in headers"),
        ({"auth": {"type": "token", "path": "{sso}/token"}}, r"params need sso .*in auth\.path"),
        ({"auth": {"type": "token", "path": "/{from:%Y}"}}, r"params need from .*in auth\.path"),
        (
            {"auth": TOKEN | {"form": {"k": "{pasword}"}}},
            r"params need pasword .*auth\.form.*login, password\)",
        ),
        (
            {"auth": TOKEN | {"send": {"X": "{tok}"}}},
            r"params need tok .*auth\.send.*login, password, token\)",
        ),
        ({"auth": {"type": "header", "send": {"X": "{passwort}"}}}, r"params need passwort .*in auth\.send"),
        ({"params": {"a": "{from:dd/mm}"}}, "moment needs its format"),
        ({"params": {"a": "{to:%d/%Q}"}}, "moment needs its format"),
        ({"path": "/list/{cursor}"}, "cursor} has no value before the second page"),
        ({"zone": "Asia/Hanoi"}, r"options\.zone: there is no time zone Asia/Hanoi"),
        ({"zone": "Asia"}, "no time zone Asia:"),
        ({"body_as": "form", "body": {"n": {"a": ["{size}"]}}}, "form sends texts and numbers"),
        ({"body_as": "form", "passes": [{"body": {"n": True}}]}, "form sends texts and numbers"),
        ({"body_as": "form", "body": {"n": [["a"]]}}, "form sends texts and numbers"),
    ],
)
def test_a_mistake_in_a_profile_names_profile_and_key(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read(speaking(**{"path": "/list"} | options), "http://127.0.0.1:9")
