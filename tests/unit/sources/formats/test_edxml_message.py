from __future__ import annotations

from collections.abc import Iterator

import pytest

from cchc.sources.formats import edxml_message
from cchc.sources.formats.edxml_message import BadMessage, NoMessage, as_record, header

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


def message(inside: str, prolog: str = "", after: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<edXML xmlns="{NAMESPACE}"><edXML:edXMLEnvelope '
        f'xmlns:edXML="{NAMESPACE}"><edXML:edXMLHeader>{inside}</edXML:edXMLHeader></edXML:edXMLEnvelope>{after}</edXML>'
    ).encode()


DOCUMENT = message(
    "<edXML:MessageHeader><edXML:From><edXML:OrganId>A</edXML:OrganId></edXML:From>"
    "<edXML:To><edXML:OrganId>B</edXML:OrganId></edXML:To><edXML:To><edXML:OrganId>C</edXML:OrganId></edXML:To>"
    "<edXML:DocumentId> A,2022/01/05,7/QĐ </edXML:DocumentId><edXML:Subject/>"
    "<edXML:PromulgationInfo><edXML:PromulgationDate>2022/01/05</edXML:PromulgationDate></edXML:PromulgationInfo>"
    "</edXML:MessageHeader><edXML:TraceHeaderList>"
    "<edXML:TraceHeader><edXML:Timestamp>2022/01/06 23:30:00</edXML:Timestamp></edXML:TraceHeader>"
    "<edXML:TraceHeader><edXML:Timestamp>2022/01/05 08:00:00</edXML:Timestamp></edXML:TraceHeader>"
    "</edXML:TraceHeaderList><Signature><SignatureValue>QUJD</SignatureValue><KeyInfo><X509SubjectName>CN=A"
    "</X509SubjectName></KeyInfo></Signature>",
    after="<AttachmentEncoded><Attachment>QkFTRTY0</Attachment></AttachmentEncoded>",
)


def test_the_header_is_flat_and_nothing_else_is_kept() -> None:
    fields = header([DOCUMENT[:100], DOCUMENT[100:101], DOCUMENT[101:]])
    assert fields["MessageHeader.DocumentId"] == ["A,2022/01/05,7/QĐ"]
    assert fields["MessageHeader.To.OrganId"] == ["B", "C"]
    assert fields["MessageHeader.Subject"] == [""]
    assert "MessageHeader.From" not in fields
    assert not any("QkFTRTY0" in text for texts in fields.values() for text in texts)


def test_what_several_elements_say_together() -> None:
    incoming, outgoing = as_record(header([DOCUMENT]), "in"), as_record(header([DOCUMENT]), "out")
    assert (incoming["@counterpart"], outgoing["@counterpart"]) == ("A", "B")
    assert (incoming["@registered_on"], outgoing["@registered_on"]) == ("2022/01/06 23:30:00", "2022/01/05")
    assert incoming["@signed"] is True
    assert not any(path.startswith("Signature") for path in incoming)


def test_a_signature_without_a_value_is_none() -> None:
    record = as_record(header([message("<Signature><SignatureValue> </SignatureValue></Signature>")]), "out")
    assert record["@signed"] is False


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (DOCUMENT[: DOCUMENT.index(b"</edXML:edXMLHeader>")], "not well-formed"),
        (b"1212" + DOCUMENT, "not well-formed"),
        (DOCUMENT.replace(f' xmlns:edXML="{NAMESPACE}"'.encode(), b""), "not well-formed"),
        (message("", '<!DOCTYPE a [<!ENTITY b "c">]>'), "DTD or an entity"),
        (message("", '<!DOCTYPE a SYSTEM "file:///etc/passwd">'), "DTD or an entity"),
        (message("<a>" * 100 + "</a>" * 100), "nested too deeply"),
        (message("x" * 1_100_000), "too long"),
        (b"<edXML/>", "no edXMLHeader"),
        (b"", "not well-formed"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "not well-formed|encoding"),
    ],
)
def test_a_message_that_cannot_be_read_says_why(content: bytes, words: str) -> None:
    with pytest.raises(BadMessage, match=words):
        header([content])


def test_what_comes_after_the_header_is_not_read() -> None:
    start, _ = DOCUMENT.split(b"QkFTRTY0")

    def endless() -> Iterator[bytes]:
        yield start
        raise AssertionError("asked for more than the header")

    assert header(endless()) == header([DOCUMENT]) == header([start + b"<&>"])


@pytest.mark.parametrize("filling", [b" ", b"<a/>", b"<a>x</a>", b"<!-- x -->", b"<a b='c'/>"])
def test_a_header_without_end_is_left_in_time(filling: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edxml_message, "_LONGEST", 100_000)  # the real limit costs as much as a hundred tests
    start = DOCUMENT[: DOCUMENT.index(b"<edXML:MessageHeader>")]

    def endless() -> Iterator[bytes]:
        yield start
        for _ in range(200_000 // 65_536 + 2):
            yield filling * (65_536 // len(filling))
        raise AssertionError("no end was seen")

    with pytest.raises(BadMessage, match="too long"):
        header(endless())


def test_texts_that_are_kept_of_elements_within_elements_are_not_without_bounds() -> None:
    nested = message("x<a>" * 30 + "y" * 100_000 + "</a>" * 30)
    with pytest.raises(BadMessage, match="too long"):
        header([nested])


def test_a_text_among_elements_is_read_as_people_read_it() -> None:
    fields = header(
        [
            message(
                "<edXML:MessageHeader><edXML:Subject>MẬT<br/>Kế hoạch</edXML:Subject>"
                "<edXML:Content>T<b>ối</b> m<b>ậ</b><!-- x -->t</edXML:Content>"
                "<edXML:DocumentId> <a>1</a>\n </edXML:DocumentId>"
                "</edXML:MessageHeader>"
            )
        ]
    )
    assert fields["MessageHeader.Subject.@text"] == ["MẬTKế hoạch", "MẬT  Kế hoạch"]
    assert fields["MessageHeader.Content.@text"] == ["Tối mật", "T ối  m ậ t"]
    assert {path for path in fields if path.startswith("MessageHeader.DocumentId")} == {
        "MessageHeader.DocumentId.a"
    }


def test_attributes_are_read() -> None:
    content = message(
        '<edXML:MessageHeader a="1"><edXML:SecretLevel Level="Mật" edXML:code=" C "/></edXML:MessageHeader>'
        '<x xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true" xml:lang="vi"/>'
    ).replace(b"<edXML:edXMLHeader>", b'<edXML:edXMLHeader direction="out">')
    assert header([content.replace(b"<edXML xmlns", b'<edXML kind="2" xmlns')]) == {
        "edXML.@kind": ["2"],
        "edXMLHeader.@direction": ["out"],
        "MessageHeader.@a": ["1"],
        "MessageHeader.SecretLevel": [""],
        "MessageHeader.SecretLevel.@Level": ["Mật"],
        "MessageHeader.SecretLevel.@code": ["C"],
        "x": [""],
    }


@pytest.mark.parametrize(
    ("traces", "newest"),
    [
        (["2026/11/14 09:00:00", "2026/11/5 09:00:00"], "2026/11/14 09:00:00"),
        (["2026/11/14 9:00:00", "2026/11/14 10:00:00", "2026/11/14"], "2026/11/14 10:00:00"),
        (["2026/11/14 09:00:00", "14/11/2026", "2026/12/01 00:00:00"], "14/11/2026"),  # nobody can say
    ],
)
def test_the_newest_trace_is_the_newest_moment(traces: list[str], newest: str) -> None:
    elements = "".join(f"<TraceHeader><Timestamp>{trace}</Timestamp></TraceHeader>" for trace in traces)
    record = as_record(header([message(f"<TraceHeaderList>{elements}</TraceHeaderList>")]), "in")
    assert record["@registered_on"] == newest


@pytest.mark.parametrize(
    "content", [b"", b"<html><body>Login</body></html>", b'{"status":"FAIL"}', b"\xff\xfe"]
)
def test_what_is_no_message_at_all_is_told_apart(content: bytes) -> None:
    with pytest.raises(NoMessage):
        header([content])
    with pytest.raises(BadMessage) as caught:
        header([b"1212" + DOCUMENT])
    assert not isinstance(caught.value, NoMessage)
