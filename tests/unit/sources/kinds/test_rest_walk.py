"""Lists of a REST source page by page: each ends where it is proved to, and goes on where the source says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cchc.catalogue.models import Host
from cchc.errors import ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.registry import connect
from unit.sources.profiles import read, source
from unit.sources.rest_systems import DAYS, ME, PAGED, by_page, ids, rows, speaking
from unit.sources.tiny_server import Request, answering, reply
from unit.sources.web.authority import Authority


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


def test_a_server_that_the_host_declares_may_have_the_next_pages() -> None:
    with answering(lambda _: reply({"items": rows(2), "next": None})) as other:
        page = reply({"items": rows(1), "next": f"{other.url}/more"})
        with answering(lambda _: page) as tiny:
            speaks = speaking(path="/list", records="items", paging={"type": "link", "next": "next"})
            host = Host(code="h", connection="h", private=True, plain_http=True, also=(other.url,))
            listed = connect(source("rest", "x"), speaks, host, lambda _: Connection(tiny.url))
            assert [r["id"] for found in listed.read(DAYS) for r in found.records] == [1, 2]
