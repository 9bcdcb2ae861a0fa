from __future__ import annotations

import pytest

from cchc.sources.formats.edxml_message import BadMessage, as_record, header

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
        (DOCUMENT[:-5], "not well-formed"),
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


def test_a_large_attachment_takes_no_memory() -> None:
    start, end = DOCUMENT.split(b"QkFTRTY0")
    fields = header([start, *([b"A" * 65_536] * 200), end])
    assert sum(len(t) for texts in fields.values() for t in texts) < 1_000
