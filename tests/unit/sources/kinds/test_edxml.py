from __future__ import annotations

from typing import Any

import pytest

from cchc.errors import ContractBroken, SourceUnavailable
from cchc.sources import unread
from cchc.sources.connector import Connection
from cchc.sources.door.allow_list import Admitted, Door, Refused
from cchc.sources.kinds.edxml import Edxml
from cchc.sources.web.session import Http, Limits
from unit.sources.formats.test_edxml_message import DOCUMENT, message
from unit.sources.profiles import WINDOW, profile, read, with_options
from unit.sources.tiny_server import Request, answering, on_loopback, reply

PROFILE = with_options("qcvn102-exchange", page_size=2)
STATUS = message(
    "<edXML:MessageHeader><edXML:From><edXML:OrganId>B</edXML:OrganId></edXML:From>"
    "<edXML:StatusCode>03</edXML:StatusCode></edXML:MessageHeader>"
)


def numbered(number: int, old: str = "", new: str = "") -> bytes:
    """Return a document of its own, with something else in its header."""
    text = DOCUMENT.decode().replace("A,2022/01/05,7/QĐ", f"A,2022/01/05,{number}/QĐ")
    assert old in text
    return text.replace(old, new).encode()


def exchange(listed: dict[str, list[tuple[str, str]]], messages: dict[str, bytes], days: int = 1) -> Any:
    """Return what an exchange answers; of its messages it says that they are of so many days."""

    def answer(request: Request) -> bytes:
        if request.path != "/api/edocs":
            found = messages.get(request.path.removeprefix("/api/edocs/"))
            return reply(found) if found is not None else reply({}, "404 Not Found")
        named = enumerate(listed.get(request.query["direction"], []))
        rows = [
            {"docId": d, "messageType": t, "timestamp": f"2022/01/{n % days + 1} 07:00:0{n}"}
            for n, (d, t) in named
        ]
        page = int(request.query["page"])
        return reply(
            {"status": "OK", "errorCode": "0", "total": len(rows), "documents": rows[page * 2 - 2 : page * 2]}
        )

    return answer


def test_messages_come_in_the_order_of_the_lists() -> None:
    listed = {"in": [("a", "edoc"), ("b", "edoc"), ("c", "edoc")], "out": [("d", "edoc"), ("e", "status")]}
    messages = {doc_id: numbered(number) for number, doc_id in enumerate("abcd")} | {"e": STATUS}
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


BAD = {
    "not well-formed": numbered(2, "<edXML:Subject/>", "<edXML:Subject>A & B</edXML:Subject>"),
    "too long": numbered(2, "<edXML:Subject/>", "x" * 1_100_000),
    "another kind": STATUS,
}


@pytest.mark.parametrize("bad", [*BAD, "gone"])
def test_a_message_that_cannot_be_read_waits_in_its_place_and_the_others_come(
    bad: str, caplog: pytest.LogCaptureFixture
) -> None:
    listed = {"in": [(doc_id, "edoc") for doc_id in ("a", "b c", "d")]}
    messages = {"a": numbered(1), "d": numbered(3)} | ({"b%20c": BAD[bad]} if bad in BAD else {})
    with answering(exchange(listed, messages)) as tiny:
        records, totals = read(PROFILE, tiny.url)
    assert [
        (r.place, unread.why(str(r.payload["MessageHeader.DocumentId"])) is not None) for r in records
    ] == [
        ("in 1 docId a", False),
        ("in 1 docId b c", True),
        ("in 2 docId d", False),
    ]
    mapped = {field.path for field in profile("qcvn102-exchange").datasets["document"].fields.values()}
    assert set(records[1].payload) == mapped  # nothing else of it
    assert totals["document"] == 3
    assert "x-nguon [in page 1, docId b c]: the message cannot be read: " in caplog.text


@pytest.mark.parametrize(("length", "ended"), [(True, True), (False, False)])
def test_a_message_that_ends_within_its_header_may_have_been_cut_on_its_way(
    length: bool, ended: bool
) -> None:
    cut = numbered(2)[:400]
    served = exchange({"in": [("a", "edoc"), ("b", "edoc")]}, {"a": numbered(1), "b": cut})

    def answer(request: Request) -> bytes:
        whole: bytes = served(request)
        if length or not request.path.endswith("/b"):
            return whole
        return whole.replace(b"Content-Length: 400\r\n", b"Connection: close\r\n")

    with answering(answer) as tiny:
        if ended:
            assert len(read(PROFILE, tiny.url)[0]) == 2
        else:
            with pytest.raises(SourceUnavailable, match=r"docId b.*cut short"):
                read(PROFILE, tiny.url)


def test_two_messages_that_cannot_be_read_are_two_records() -> None:
    messages = {d: numbered(n) for n, d in enumerate("ace")} | dict.fromkeys("bd", BAD["not well-formed"])
    listed = [(doc_id, "edoc") for doc_id in "abcde"]
    with answering(exchange({"in": listed}, messages)) as tiny:
        records, _ = read(PROFILE, tiny.url)
    door = Door(PROFILE.datasets["document"])
    landed = [door.admit(r.payload) for r in records if r.place.endswith(("b", "d"))]
    assert len(landed) == 2
    assert landed[0] != landed[1]
    assert not any("masked" in str(found) for found in landed)


def test_a_long_attachment_is_not_waited_for() -> None:
    start, end = numbered(2).split(b"QkFTRTY0")
    long = start + b"A" * (65 << 20) + end
    with answering(exchange({"in": [("a", "edoc"), ("b", "edoc")]}, {"a": numbered(1), "b": long})) as tiny:
        records, _ = read(PROFILE, tiny.url)
    assert [r.payload["MessageHeader.DocumentId"] for r in records] == [
        "A,2022/01/05,1/QĐ",
        "A,2022/01/05,2/QĐ",
    ]


@pytest.mark.parametrize("bad", [dict.fromkeys("abc", BAD["not well-formed"]), {}], ids=["XML", "gone"])
def test_where_most_messages_cannot_be_read_it_is_not_they_that_are_wrong(bad: dict[str, bytes]) -> None:
    messages = bad | {"d": numbered(4), "e": numbered(5)}
    with (
        answering(exchange({"in": [(d, "edoc") for d in "abcde"]}, messages)) as tiny,
        pytest.raises(
            ContractBroken, match=r"in page 1, docId a\]: the message cannot be read: .*with 3 of 5"
        ),
    ):
        read(PROFILE, tiny.url)


@pytest.mark.parametrize("days", [1, 2])
def test_one_message_under_several_ids_comes_under_each(days: int, caplog: pytest.LogCaptureFixture) -> None:
    """One document for five receivers; its copies count once, as records of the same content do."""
    messages = dict.fromkeys("abcde", numbered(1)) | {"f": numbered(2)}
    with answering(exchange({"out": [(d, "edoc") for d in "abcdef"]}, messages, days)) as tiny:
        records, totals = read(PROFILE, tiny.url)
    assert len(records) == totals["document"] == 6
    assert all(record.payload == records[0].payload for record in records[:5])
    assert "[out page 1, docId b]: 4 of 6 docIds have the message of another one" in caplog.text


def test_one_sent_document_with_a_message_for_each_receiver_is_one() -> None:
    """Under its first receiver; what else is different remains, and so does whom a document came from."""
    to, day = "<edXML:To><edXML:OrganId>B</edXML:OrganId></edXML:To>", "PromulgationDate>2022/01/05"
    messages = {
        "a": numbered(1, to, ""),
        "b": numbered(1),
        "c": numbered(1, day, "PromulgationDate>2022/01/06"),
        "d": numbered(2),
        "e": numbered(3, to + to.replace("B", "C"), ""),
        "f": numbered(3),
    }
    with answering(exchange({"out": [(d, "edoc") for d in messages]}, messages)) as tiny:
        records, totals = read(PROFILE, tiny.url)
    assert [record.payload["@counterpart"] for record in records] == ["C", "C", "B", "B", "", "B"]
    assert totals["document"] == 6
    senders = {
        "a": numbered(1),
        "b": numbered(1, "<edXML:From><edXML:OrganId>A", "<edXML:From><edXML:OrganId>Z"),
    }
    with answering(exchange({"in": [(d, "edoc") for d in senders]}, senders)) as tiny:
        assert [r.payload["@counterpart"] for r in read(PROFILE, tiny.url)[0]] == ["A", "Z"]


def test_a_document_that_is_sent_once_more_came_when_it_first_came() -> None:
    def sent(number: int, day: int, business: str = "") -> bytes:
        content = numbered(number, "2022/01/06 23:30:00", f"2022/01/{day:02d} 08:00:00").decode()
        end = "</edXML:TraceHeaderList>"
        return content.replace(end, f"<Bussiness>{business}</Bussiness>{end}").encode()

    recall = "<BussinessDocType>1</BussinessDocType><DocumentId>{}</DocumentId>"
    messages = {
        "a": sent(1, 6),
        "b": sent(1, 7),
        "c": sent(2, 8),
        "d": sent(3, 9, recall.format("x")),
        "e": sent(3, 10, recall.format("x")),
        "f": sent(3, 11, recall.format("y")),
    }
    with answering(exchange({"in": [(d, "edoc") for d in messages]}, messages)) as tiny:
        records, totals = read(PROFILE, tiny.url)
    assert [str(r.payload["@registered_on"])[8:10] for r in records] == ["06", "06", "08", "09", "09", "11"]
    door = Door(PROFILE.datasets["document"])
    assert door.admit(records[0].payload) == door.admit(records[1].payload)  # copies, which count once
    assert totals["document"] == 6


@pytest.mark.parametrize(
    ("kinds", "days", "words"), [("ddds", 1, "both messageTypes"), ("dddd", 3, "different days")]
)
def test_one_message_for_most_ids_that_the_list_tells_apart_is_not_theirs(
    kinds: str, days: int, words: str
) -> None:
    listed = [(d, {"d": "edoc", "s": "status"}[kind]) for d, kind in zip("abcd", kinds, strict=True)]
    with (
        answering(exchange({"in": listed}, dict.fromkeys("abcd", numbered(1)), days)) as tiny,
        pytest.raises(ContractBroken, match=rf"in page 1, docId b\].*4 of 4 docIds.*{words}"),
    ):
        read(PROFILE, tiny.url)


@pytest.mark.parametrize("past", [{"total": 0}, {"total": None}, {}, None])
def test_a_list_whose_last_page_is_full_ends_whatever_stands_behind_it(past: dict[str, Any] | None) -> None:
    served = exchange({"in": [("a", "edoc"), ("b", "edoc")]}, {"a": numbered(1), "b": numbered(2)})

    def answer(request: Request) -> bytes:
        if request.query.get("page") != "2":
            whole: bytes = served(request)
            return whole
        return (
            reply({}, "404 Not Found") if past is None else reply({"status": "OK", "documents": [], **past})
        )

    with answering(answer) as tiny:
        assert len(read(PROFILE, tiny.url)[0]) == 2


@pytest.mark.parametrize("answer", [b"", b"<html>Login</html>", b'{"status":"FAIL"}'])
def test_what_is_no_message_at_all_fails_the_source(answer: bytes) -> None:
    messages = {"a": numbered(1), "b": answer, "c": numbered(3)}
    with (
        answering(exchange({"in": [(d, "edoc") for d in "abc"]}, messages)) as tiny,
        pytest.raises(ContractBroken, match=r"in page 1, docId b\]: the message cannot be read"),
    ):
        read(PROFILE, tiny.url)


def test_a_list_that_moves_is_read_again() -> None:
    listed = {"in": [(d, "edoc") for d in ("a", "b", "b", "c")]}
    with (
        answering(exchange(listed, {d: numbered(n) for n, d in enumerate("abc")})) as tiny,
        pytest.raises(SourceUnavailable, match=r"\[in page 2\]: docId b came twice: the list moved"),
    ):
        read(PROFILE, tiny.url)


def test_a_page_that_names_a_message_twice_is_broken() -> None:
    with (
        answering(exchange({"in": [("a", "edoc")] * 2}, {"a": DOCUMENT})) as tiny,
        pytest.raises(ContractBroken, match=r"\[in page 1\]: the page names docId a twice"),
    ):
        read(PROFILE, tiny.url)


@pytest.mark.parametrize(
    "level",
    [
        "<SecretLevel>Mật<x/></SecretLevel>",
        '<SecretLevel Level="Mật"/>',
        '<SecretLevel Level="0">0</SecretLevel>',
        "<SecretLevel><C/></SecretLevel>",
        "<SecretLevel>M<b>ật</b></SecretLevel>",
        "<SecretLevel>0</SecretLevel><SecretLevel>C</SecretLevel>",
        "<DoMat>2</DoMat>",
        "<SecretLevel>0</SecretLevel><Muc><DoMat>Mat<!-- -->\n</DoMat></Muc>",
    ],
)
@pytest.mark.parametrize("subject", ["<edXML:Subject/>", "<edXML:Subject>V/v họp</edXML:Subject>"])
def test_a_level_that_says_more_than_an_ordinary_text_is_a_mark(level: str, subject: str) -> None:
    info = f"{subject}<edXML:OtherInfo>{level}</edXML:OtherInfo>"
    assert admitted(numbered(1, "<edXML:Subject/>", info)) == Refused()


@pytest.mark.parametrize(
    "subject",
    [
        "MẬT<br/>Kế hoạch phòng thủ",
        "<b>T</b>ối <i>m</i>ật",
        "Kế hoạch<br/>M<b>ậ</b>t",
        '<b title="Mật"/>',
        "&lt;b>M&lt;/b>ật",
    ],
)
def test_a_mark_is_found_in_a_title_with_elements(subject: str) -> None:
    assert admitted(numbered(1, "<edXML:Subject/>", f"<edXML:Subject>{subject}</edXML:Subject>")) == Refused()


@pytest.mark.parametrize(
    "level",
    ["", "<SecretLevel/>", "<SecretLevel> Thường </SecretLevel>", "<SecretLevel><!-- x -->0</SecretLevel>"],
)
def test_a_document_that_says_nothing_of_secrecy_comes_in(level: str) -> None:
    info = f"<edXML:Subject>V/v <b>họp</b></edXML:Subject><edXML:OtherInfo>{level}</edXML:OtherInfo>"
    assert isinstance(admitted(numbered(1, "<edXML:Subject/>", info)), Admitted)


def admitted(content: bytes) -> Admitted | Refused:
    """Return what the door says of a message that an exchange serves."""
    with answering(exchange({"in": [("a", "edoc")]}, {"a": content})) as tiny:
        [record], _ = read(PROFILE, tiny.url)
    return Door(PROFILE.datasets["document"]).admit(record.payload)


def test_messages_about_documents_come_last_in_the_order_of_their_moments() -> None:
    def recall(number: int, moment: str) -> bytes:
        business = "<Bussiness><BussinessDocType>1</BussinessDocType><DocumentId>x</DocumentId></Bussiness>"
        content = numbered(number, "2022/01/06 23:30:00", moment).decode()
        return content.replace("</edXML:TraceHeaderList>", f"{business}</edXML:TraceHeaderList>").encode()

    messages = {
        "a": recall(1, "2022/01/12 9:00:00"),
        "b": numbered(2),
        "c": recall(3, "2022/01/12 08:00:00"),
        "d": recall(4, "2022/01/9 10:00:00"),
    }
    with answering(exchange({"in": [(d, "edoc") for d in "abcd"]}, messages)) as tiny:
        records, totals = read(PROFILE, tiny.url)
    assert [r.place for r in records] == ["in 1 docId b", "in 2 docId d", "in 2 docId c", "in 1 docId a"]
    assert totals["document"] == 4


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


@pytest.mark.parametrize("said", ["khóa-của-tỉnh-9x7", "KHÓA-CỦA-TỈNH-9X7", "a-của-tỉnh-9"])
def test_no_error_repeats_the_key_that_the_exchange_was_shown(said: str) -> None:
    def answer(request: Request) -> bytes:
        assert request.headers["x-secretkey"] == "khóa-của-tỉnh-9x7"
        return reply({"status": "FAIL", "errorCode": said})

    with answering(answer) as tiny:
        client = Http("x-vanban", on_loopback(tiny.url, Limits(pause=0.01, tries=2)))
        connection = Connection(tiny.url, "tỉnh", "khóa-của-tỉnh-9x7")
        records = Edxml("x-vanban", PROFILE, client, connection, "x").read(WINDOW)
        with pytest.raises(ContractBroken, match="error code") as caught:
            next(records)
    assert "tỉnh" not in str(caught.value).casefold()
