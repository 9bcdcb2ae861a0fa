from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cchc.catalogue.models import Host
from cchc.catalogue.profiles import Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection, Window
from cchc.sources.door.allow_list import Admitted, Door, Refused
from cchc.sources.kinds.rest import slices
from cchc.sources.registry import connect
from unit.sources.profiles import profile, read, source, with_options
from unit.sources.tiny_server import Request, answering, reply
from unit.sources.web.authority import Authority

DAYS = Window(date(2026, 11, 3), date(2026, 11, 14))
ME = "Basic bWU6aHVudGVyMg=="
PAGED: dict[str, Any] = {
    "path": "/list",
    "params": {"page": "{page}"},
    "paging": {"type": "page"},
    "page_size": 2,
    "records": "items",
}


DETAIL: dict[str, Any] = {"identity": "id"}
TOKEN: dict[str, Any] = {"type": "token", "path": "/token"}


def speaking(**options: Any) -> Any:
    return profile("example-rest").model_copy(update={"options": options})


def rows(*ids: int) -> list[dict[str, Any]]:
    return [{"id": n, "number": f"H-{n}"} for n in ids]


def ids(found: tuple[Any, Any]) -> list[int]:
    return [record.payload["id"] for record in found[0]]


def by_page(*bodies: Any) -> Callable[[Request], bytes]:
    return lambda request: reply(bodies[min(int(request.query.get("page", 1)), len(bodies)) - 1])


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


@pytest.mark.parametrize(
    ("options", "bodies"),
    [
        (
            {"total": "n"},
            [{"items": rows(1, 2), "n": 4}, {"items": rows(3), "n": "4"}, {"items": rows(4), "n": 4}],
        ),
        ({"total_pages": "n"}, [{"items": rows(1, 2), "n": 2}, {"items": rows(3, 4), "n": 2}]),
        ({"has_more": "m"}, [{"items": rows(1, 2), "m": 1}, {"items": rows(3, 4), "m": 0}]),
        ({"last_page": "l"}, [{"items": rows(1, 2), "l": False}, {"items": rows(3, 4), "l": True}]),
        ({"ends": "empty_page"}, [{"items": rows(1, 2)}, {"items": rows(3, 4)}, {"items": []}]),
        (
            {"paging": {"type": "cursor", "next": "c"}, "params": {"page": "{cursor}"}},
            [{"items": rows(1), "c": 2}, {"items": rows(2, 3), "c": 3}, {"items": rows(4), "c": None}],
        ),
        ({"paging": {"type": "none"}, "page_size": None}, [{"items": rows(1, 2, 3, 4)}]),
    ],
)
def test_a_short_page_is_never_taken_for_the_end(options: dict[str, Any], bodies: list[Any]) -> None:
    with answering(by_page(*bodies)) as tiny:
        found = read(speaking(**PAGED | options), tiny.url)
    assert ids(found) == [1, 2, 3, 4]
    assert found[1] == ({"dossier": 4} if "total" in options else {})
    assert len(tiny.requests) == len(bodies)


@pytest.mark.parametrize(
    "options",
    [{"total_pages": "pages"}, {"has_more": "more"}, {"last_page": "last"}, {"ends": "empty_page"}],
)
def test_a_server_that_gives_fewer_at_once_and_skips_the_rest_is_noticed(options: dict[str, Any]) -> None:
    """It counts pages by what is asked for and gives three records of each."""
    everyone = rows(*range(1, 24))

    def answer(request: Request) -> bytes:
        page, size = int(request.query["page"]), int(request.query["size"])
        most = -(-len(everyone) // size)
        items = everyone[(page - 1) * size : page * size][:3]
        return reply({"items": items, "pages": most, "more": page < most, "last": page >= most})

    asked = PAGED | {"params": {"page": "{page}", "size": "{size}"}} | options
    with answering(answer) as tiny:
        with pytest.raises(
            ContractBroken, match=r"page 1 was not full .*page_size \(now 5\).*so far 3 at most"
        ):
            read(speaking(**asked | {"page_size": 5}), tiny.url)
        assert ids(read(speaking(**asked | {"page_size": 3}), tiny.url)) == list(range(1, 24))


@pytest.mark.parametrize(
    ("stated", "error", "words"),
    [
        ((3, 3, 3), None, ""),
        ((3, 2), SourceUnavailable, r"\[page 2\]: the number of pages changed from 3 to 2"),
        ((3, 4), SourceUnavailable, r"\[page 2\]: the number of pages changed from 3 to 4"),
        ((0,), ContractBroken, r"\[page 1\]: the source states 0 pages, and this one has records"),
    ],
)
def test_the_number_of_pages_is_of_one_list(
    stated: tuple[int, ...], error: type[SourceError] | None, words: str
) -> None:
    def answer(request: Request) -> bytes:
        page = int(request.query["page"])
        return reply({"items": rows(2 * page, 2 * page + 1), "pages": stated[page - 1]})

    with answering(answer) as tiny:
        if error is None:
            assert len(ids(read(speaking(**PAGED, total_pages="pages"), tiny.url))) == 6
        else:
            with pytest.raises(error, match=words):
                read(speaking(**PAGED, total_pages="pages"), tiny.url)
    with answering(lambda _: reply({"items": [], "pages": 0})) as tiny:
        assert ids(read(speaking(**PAGED, total_pages="pages"), tiny.url)) == []


@pytest.mark.parametrize(
    "second",
    [
        [
            90,
            91,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            9,
            10,
            11,
        ],  # two came in front, one went, and another record is never shown
        [99, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],  # one came, another went: a total would stay the same
    ],
)
@pytest.mark.parametrize("identity", ["id", None])
@pytest.mark.parametrize("proof", [{"ends": "empty_page"}, {"total": "n"}, {"has_more": "more"}])
def test_a_list_that_moves_is_noticed_whatever_proves_its_end(
    second: list[int], identity: str | None, proof: dict[str, Any]
) -> None:
    def answer(request: Request) -> bytes:
        page = int(request.query["page"])
        if page > 1:
            shown[:] = second
        return reply({"items": rows(*shown[(page - 1) * 5 : page * 5]), "n": 11, "more": page < 3})

    shown = list(range(1, 12))
    with (
        answering(answer) as tiny,
        pytest.raises(SourceUnavailable, match=r"\[page 2\]: a record of an earlier page came again"),
    ):
        read(speaking(**PAGED | proof | {"page_size": 5, "identity": identity}), tiny.url)


@pytest.mark.parametrize("said", [None, ""])
def test_an_identity_that_no_record_has_is_a_broken_contract(said: object) -> None:
    options = {"path": "/list", "records": "items", "identity": "id"}
    items = [{"id": said, "number": n} for n in range(2)]
    with (
        answering(lambda _: reply({"items": items})) as tiny,
        pytest.raises(
            ContractBroken, match=r"\[page 1\]: field id is in none of the 2 records, or empty in all"
        ),
    ):
        read(speaking(**options), tiny.url)
    items[0]["id"] = 7  # the other is known by its content, also in the second pass
    twice = options | {"passes": [{"name": "a"}, {"name": "b"}]}
    with answering(lambda _: reply({"items": items, "n": 2})) as tiny:
        found, totals = read(speaking(**twice, total="n"), tiny.url)
    assert [record.payload["number"] for record in found] == [0, 1]
    assert totals == {"dossier": 2}


def test_every_group_of_a_list_in_groups_must_have_its_own() -> None:
    options = {"path": "/list", "records": "groups[*].items"}
    groups: list[Any] = [{"items": rows(1, 2)}, {"items": []}, {"items": rows(3)}]
    with answering(lambda _: reply({"groups": groups})) as tiny:
        assert ids(read(speaking(**options), tiny.url)) == [1, 2, 3]
        groups[1] = {"error": "timeout of Nguyen Van A"}
        with pytest.raises(ContractBroken, match=r"\[page 1\].*groups\[2\] has no items$"):
            read(speaking(**options), tiny.url)
        groups.clear()
        assert read(speaking(**options), tiny.url)[0] == []
    with answering(lambda _: reply({"nhom": []})) as tiny, pytest.raises(ContractBroken, match="is missing"):
        read(speaking(**options), tiny.url)


def test_a_list_that_is_left_out_is_empty_only_where_a_total_says_so() -> None:
    options = {"path": "/list", "records": "items", "empty_left_out": True, "total": "n"}
    with answering(lambda _: reply({"n": 0})) as tiny:
        assert read(speaking(**options), tiny.url) == ([], {"dossier": 0})
    with (
        answering(lambda _: reply({"n": 2, "danhSach": rows(1, 2)})) as tiny,
        pytest.raises(ContractBroken, match="field items is missing"),
    ):
        read(speaking(**options), tiny.url)


def test_a_group_that_leaves_its_list_out_is_empty_only_where_the_total_says_so() -> None:
    options = {"path": "/list", "records": "groups[*].items", "empty_left_out": True, "total": "n"}
    groups: list[Any] = [{"name": "A", "items": rows(1, 2)}, {"name": "B"}]
    with answering(lambda _: reply({"groups": groups, "n": 2})) as tiny:
        assert ids(read(speaking(**options), tiny.url)) == [1, 2]
        groups[1]["danhSach"] = [groups[0]["items"].pop()]
        with pytest.raises(ContractBroken, match="a total of 2 records, but its pages hold 1"):
            read(speaking(**options), tiny.url)


@pytest.mark.parametrize(
    "header",
    [
        '</list?after=1>; rel="next"',
        "</list?after=1>; rel=Next",
        '</list>; rel="first", </list?after=1>; rel="next last"',
        '</a,b>; title="a, <b>; rel=next"; rel=prev , </list?after=1>;Rel = "NEXT"; title=x=y',
        '<?after=1>; title="x=y"; rel="next"',
        "</list?after=1>; rel='next'",
    ],
)
def test_a_link_to_the_next_page_is_known_in_each_form(header: str) -> None:
    def answer(request: Request) -> bytes:
        after = request.query.get("after")
        return reply(rows(2)) if after else reply(rows(1), "200 OK", f"Link: {header}")

    options = {"path": "/list", "paging": {"type": "link"}, "records": ""}
    with answering(answer) as tiny:
        assert ids(read(speaking(**options), tiny.url)) == [1, 2]


@pytest.mark.parametrize(
    "header", ["/list?after=1; rel=next", '</list?after=1>; rel="next', "</list> rel=next"]
)
def test_a_link_that_cannot_be_read_is_no_end(header: str) -> None:
    options = {"path": "/list", "paging": {"type": "link"}, "records": ""}
    with (
        answering(lambda _: reply(rows(1), "200 OK", f"Link: {header}")) as tiny,
        pytest.raises(ContractBroken, match="header Link cannot be read"),
    ):
        read(speaking(**options), tiny.url)


@pytest.mark.parametrize("following", [{"offset": 2}, {"href": "/x?p=2"}, ["c2"], [], False])
@pytest.mark.parametrize("paging", ["link", "cursor"])
def test_a_next_of_another_form_is_no_end(following: Any, paging: str) -> None:
    how = {"type": paging, "next": "meta.next"}
    options = {"path": "/list", "paging": how, "records": "items", "params": {"c": "{cursor}"}}
    with (
        answering(lambda _: reply({"items": rows(1), "meta": {"next": following}})) as tiny,
        pytest.raises(ContractBroken, match=r"\[page 1\].*field meta.next is of type"),
    ):
        read(speaking(**options), tiny.url)


def test_a_relative_link_is_one_from_the_address_that_was_asked() -> None:
    options = {"path": "/units/{unit}/list", "paging": {"type": "link", "next": "next"}, "records": "items"}

    def answer(request: Request) -> bytes:
        page = int(request.query.get("p", 1))
        following = ["?p=2", "list?p=3", None][page - 1]
        return reply({"items": rows(page), "next": following})

    with answering(answer) as tiny:
        assert ids(read(speaking(**options), tiny.url, "A/B")) == [1, 2, 3]
    assert {request.path for request in tiny.requests} == {"/units/A%2FB/list"}


def test_links_are_followed_on_the_same_server_only() -> None:
    link = {"path": "/list", "paging": {"type": "link"}, "records": "", "auth": {"type": "basic"}}
    state: dict[str, str] = {}

    def answer(request: Request) -> bytes:
        if request.query.get("after"):
            return reply(rows(2))
        return reply(rows(1), "200 OK", f'Link: <{state["next"]}>; rel="next"')

    for following, error in (
        ("/list?after=1", None),
        ("{url}/list?after=1", None),
        ("HTTP://me:other@LOCALHOST:{port}/list?after=1", None),
        ("http://127.0.0.2:9/list?after=1", "another server.*`also` of the host"),
        ("https://localhost:{port}/list", "another server"),
        ("http://localhost:{port}@elsewhere.example/list", "another server"),
        (r"http://localhost:{port}\@elsewhere.example/list", "another server"),
        ("https://elsewhere.example/list", "another server"),
    ):
        with answering(answer) as tiny:
            tiny.url = tiny.url.replace("127.0.0.1", "localhost")
            state["next"] = following.format(url=tiny.url, port=tiny.url.rpartition(":")[2])
            if error is None:
                assert ids(read(speaking(**link), tiny.url)) == [1, 2]
                assert {request.headers["authorization"] for request in tiny.requests} == {ME}
            else:
                with pytest.raises(SourceRefused, match=error):
                    read(speaking(**link), tiny.url)


def test_a_system_behind_a_proxy_may_take_itself_for_one_of_http(tmp_path: Path) -> None:
    """What it says of its own address is asked by https, as everything is; another port is another server."""
    authority = Authority(tmp_path)
    host = Host(code="h", connection="h", ca_bundle=str(authority.bundle), private=True)
    link = {"path": "/list", "paging": {"type": "link", "next": "next"}, "records": "items"}
    state: dict[str, str] = {}

    def answer(request: Request) -> bytes:
        second = request.query.get("after")
        return reply({"items": rows(2 if second else 1), "next": None if second else state["next"]})

    with answering(answer, authority.server(authority.certificate("127.0.0.1"))) as tiny:
        for own, error in ((tiny.url.replace("https", "http"), None), ("http://127.0.0.1", SourceRefused)):
            state["next"] = f"{own}/list?after=1"
            listed = connect(source("rest", "x"), speaking(**link), host, lambda _: Connection(tiny.url))
            if error is None:
                assert [r["id"] for found in listed.read(DAYS) for r in found.records] == [1, 2]
            else:
                with pytest.raises(error, match="another server"):
                    list(listed.read(DAYS))


@pytest.mark.parametrize(
    "paging", [{"type": "link", "next": "next"}, {"type": "cursor", "next": "next"}], ids=["link", "cursor"]
)
def test_a_loop_ends_and_a_missing_next_is_no_end(paging: dict[str, Any]) -> None:
    options = {"path": "/list", "paging": paging, "records": "items", "params": {"c": "{cursor}"}}
    number = iter(range(1, 9))
    with (
        answering(lambda _: reply({"items": rows(next(number)), "next": "/list?c=1"})) as tiny,
        pytest.raises(ContractBroken, match="read already"),
    ):
        read(speaking(**options), tiny.url)
    for proof in (
        {},
        {"total": "n"},
    ):  # a total does not prove it: it may be capped, or the count of one page
        with (
            answering(lambda _: reply({"items": rows(1), "n": 1})) as tiny,
            pytest.raises(ContractBroken, match="field next is missing"),
        ):
            read(speaking(**options | proof), tiny.url)


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


def test_a_server_that_the_host_declares_may_have_the_next_pages() -> None:
    with answering(lambda _: reply({"items": rows(2), "next": None})) as other:
        page = reply({"items": rows(1), "next": f"{other.url}/more"})
        with answering(lambda _: page) as tiny:
            speaks = speaking(path="/list", records="items", paging={"type": "link", "next": "next"})
            host = Host(code="h", connection="h", private=True, plain_http=True, also=(other.url,))
            listed = connect(source("rest", "x"), speaks, host, lambda _: Connection(tiny.url))
            assert [r["id"] for found in listed.read(DAYS) for r in found.records] == [1, 2]


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
