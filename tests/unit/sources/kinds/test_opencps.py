from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cchc.errors import ConfigurationError, ContractBroken, SourceRefused, SourceUnavailable
from unit.sources.profiles import profile, read, with_options
from unit.sources.tiny_server import Request, answering, reply

PROFILE = with_options("opencps-2", page_size=2)


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"dossierId": number, "dossierNo": f"H-{number}", **more}


def site(received: list[Any], released: list[Any], still_open: Sequence[Any] = ()) -> Any:
    def answer(request: Request) -> bytes:
        rows = received if "fromReceiveDate" in request.query else still_open
        if "fromReleaseDate" in request.query:
            rows = released
        start, end = int(request.query["start"]), int(request.query["end"])
        page = rows[start:end]
        if not page:
            return reply({"total": len(rows)})
        return reply({"total": len(rows), "data": page[0] if len(page) == 1 else page})

    return answer


def test_two_passes_give_each_dossier_once_and_the_totals_agree() -> None:
    with answering(site([row(1), row(2), row(3)], [row(3), row(4)])) as tiny:
        records, totals = read(PROFILE, tiny.url, "20109")
    assert [r.payload["dossierId"] for r in records] == [1, 2, 3, 4]
    assert records[2].place == "fromReceiveDate 2"
    assert totals == {"dossier": 4}
    first = tiny.requests[0]
    assert first.headers["groupid"] == "20109"
    assert first.query == {
        "fromReceiveDate": "01/01/2022",
        "toReceiveDate": "31/01/2022",
        "start": "0",
        "end": "2",
    }


def test_a_dossier_that_is_still_open_is_read_again_whenever_it_came() -> None:
    with answering(site([row(1)], [row(2)], [row(1), row(7, dossierStatus="waiting"), row(8)])) as tiny:
        records, totals = read(PROFILE, tiny.url)
    assert [r.payload["dossierId"] for r in records] == [1, 2, 7, 8]
    assert records[3].place == "open 2"
    assert totals == {"dossier": 4}
    asked = tiny.requests[-1].query
    assert asked["status"].startswith("new,receiving,waiting,processing,")
    assert not {"done", "releasing", "cancelled", "denied", "unresolved"} & set(asked["status"].split(","))
    assert (asked["toReceiveDate"], "fromReceiveDate" in asked) == ("31/01/2022", False)


def test_an_id_that_is_a_text_in_one_pass_is_the_same_record() -> None:
    with answering(site([row(1)], [{"dossierId": "1"}])) as tiny:
        records, totals = read(PROFILE, tiny.url)
    assert len(records) == 1
    assert totals == {"dossier": 1}


def test_the_vendors_writer_leaves_an_empty_list_out_and_unwraps_one() -> None:
    with answering(site([], [row(9)])) as tiny:
        records, totals = read(PROFILE, tiny.url)
    assert [r.payload["dossierId"] for r in records] == [9]
    assert totals == {"dossier": 1}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"total": 2, "data": {"a": 1}}, "field data is of type object"),
        ({"total": 2, "data": "không có dữ liệu"}, "field data is of type text"),
        ({"total": 2}, "field data is missing"),
        ({"total": 0, "data": None}, "field data is missing"),
        ({"total": 2, "data": [1, 2]}, "record 1 in field data is of type number"),
        ({"data": [row(1)]}, "field total is missing"),
        ({"code": 500, "message": "SearchException"}, "field total is missing"),
        ({"total": 5, "data": [row(1), row(2)]}, "repeats an earlier page"),
    ],
)
def test_another_shape_is_a_broken_contract(body: dict[str, Any], words: str) -> None:
    with answering(lambda _: reply(body)) as tiny, pytest.raises(ContractBroken, match=words) as caught:
        read(PROFILE, tiny.url)
    assert caught.value.where.startswith("fromReceiveDate page ")


def test_a_record_that_comes_twice_in_a_pass_means_the_list_moved() -> None:
    with (
        answering(site([row(1), row(2), row(2), row(3)], [])) as tiny,
        pytest.raises(SourceUnavailable, match=r"fromReceiveDate page 2\].*of an earlier page came again"),
    ):
        read(PROFILE, tiny.url)


def test_twins_within_one_answer_are_left_to_the_rules() -> None:
    with answering(site([row(1), row(1), row(2)], [row(1), row(3)])) as tiny:
        records, totals = read(PROFILE, tiny.url)
    assert [r.payload["dossierId"] for r in records] == [1, 1, 2, 3]
    assert totals == {"dossier": 4}


def test_a_total_that_is_capped_is_no_end() -> None:
    """As a search engine that counts no further than so many, which is a multiple of every usual page."""
    everyone = [row(number) for number in range(1, 6)]

    def answer(request: Request) -> bytes:
        start, end = int(request.query["start"]), int(request.query["end"])
        if "fromReceiveDate" not in request.query:
            return reply({"total": 0})
        return reply({"total": min(4, len(everyone)), "data": everyone[start:end]})

    with (
        answering(answer) as tiny,
        pytest.raises(
            ContractBroken, match=r"page 3\].*a total of 4 records, but its pages hold 5; is it capped"
        ),
    ):
        read(PROFILE, tiny.url)
    everyone.pop()
    with answering(answer) as tiny:
        assert len(read(PROFILE, tiny.url)[0]) == 4
    assert len(tiny.requests) == 3 + 2


def test_credentials_that_are_wrong() -> None:
    with (
        answering(lambda _: reply({}, "401 Unauthorized")) as tiny,
        pytest.raises(SourceRefused, match="password of the connection"),
    ):
        read(PROFILE, tiny.url)


def test_a_source_without_its_site_is_a_mistake_of_ours() -> None:
    with pytest.raises(ConfigurationError, match="groupId"):
        read(profile("opencps-2"), "http://127.0.0.1:9", "")
