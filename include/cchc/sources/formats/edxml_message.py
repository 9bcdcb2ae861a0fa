"""One QCVN 102:2016 message: its header as flat fields. Body, attachments and certificates are never kept.

The parser refuses DTDs and entities, reads the message as it arrives and keeps nothing outside the header, so the
size of an attachment costs time and no memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

_HEADER = "edXMLHeader"
_MOST_TEXT = 1_000_000
_DEEPEST = 40
#: BussinessDocType (1 recall, 2 update, 3 replacement) → where the documents it is about stand: the first with any
_ABOUT = {
    "1": ("TraceHeaderList.Bussiness.DocumentId", "MessageHeader.ResponseFor.DocumentId"),
    "2": ("TraceHeaderList.Bussiness.DocumentId",),
    "3": (
        "TraceHeaderList.Bussiness.ReplacementInfoList.ReplacementInfo.DocumentId",
        "TraceHeaderList.Bussiness.DocumentId",
    ),
}


class BadMessage(ValueError):
    """The message cannot be read; the text says why and quotes nothing of it."""


class _Header:
    """Parser target: collects the leaves of the header by dotted path."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}
        self.found = False
        self._path: list[str] = []
        self._is_leaf = False  # nothing was opened inside the element that is closed next
        self._depth_of_header = 0
        self._text: list[str] = []
        self._size = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise BadMessage("it is nested too deeply")
        if name == _HEADER and not self._depth_of_header:
            self.found = True
            self._depth_of_header = len(self._path)
        self._text = []
        self._is_leaf = True

    def data(self, text: str) -> None:
        if self._depth_of_header:
            self._size += len(text)
            if self._size > _MOST_TEXT:
                raise BadMessage("its header is too long")
            self._text.append(text)

    def end(self, _tag: str) -> None:
        if self._depth_of_header and len(self._path) > self._depth_of_header:
            if self._is_leaf:
                path = ".".join(self._path[self._depth_of_header :])
                self.fields.setdefault(path, []).append("".join(self._text).strip())
        elif len(self._path) == self._depth_of_header:
            self._depth_of_header = 0
        self._path.pop()
        self._text = []
        self._is_leaf = False

    def close(self) -> None:
        """End of document."""


def header(chunks: Iterable[bytes]) -> dict[str, list[str]]:
    """Return the header's leaves: dotted path below edXMLHeader → texts in document order; raises `BadMessage`."""
    target = _Header()
    parser = DefusedXMLParser(target=target, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        for chunk in chunks:
            parser.feed(chunk)
        parser.close()
    except DefusedXmlException:
        raise BadMessage("it declares a DTD or an entity, which is not allowed") from None
    except ParseError as error:
        line, column = error.position
        raise BadMessage(f"it is not well-formed XML (line {line}, column {column})") from None
    except (LookupError, ValueError) as error:
        if isinstance(error, BadMessage):
            raise
        raise BadMessage("its encoding is not known") from None
    if not target.found:
        raise BadMessage(f"it has no {_HEADER}")
    return target.fields


def as_record(fields: dict[str, list[str]], direction: str) -> dict[str, object]:
    """Return the header as a record for the door, with what several elements say together under `@` names.

    `@direction`, `@counterpart` (who sent it to us, or the first we sent it to), `@signed` (a signature with a value),
    `@registered_on` (in: the newest trace; out: the day of promulgation), `@concerns` (the codes of the documents that
    a recall, an update or a replacement is about, joined by `;`).
    """
    record: dict[str, object] = {
        path: texts[0] if len(texts) == 1 else list(texts)
        for path, texts in fields.items()
        if not path.startswith("Signature.")
    }
    incoming = direction == "in"
    sender, receiver = "MessageHeader.From.OrganId", "MessageHeader.To.OrganId"
    counterpart = fields.get(sender if incoming else receiver, [""])[0]
    traces = [t for t in fields.get("TraceHeaderList.TraceHeader.Timestamp", []) if t]
    promulgated = fields.get("MessageHeader.PromulgationInfo.PromulgationDate", [""])[0]
    record["@direction"] = direction
    record["@counterpart"] = counterpart
    record["@signed"] = any(fields.get("Signature.SignatureValue", []))
    record["@concerns"] = ";".join(_concerns(fields))
    record["@registered_on"] = max(traces, default="") if incoming else promulgated
    return record


def _concerns(fields: dict[str, list[str]]) -> list[str]:
    """Return the documents that a message is about, each once.

    A replacement lists them; an update names one, and is about none where it changes the receivers alone; a recall
    names one, or answers to it.
    """
    business = "TraceHeaderList.Bussiness"
    kind = fields.get(f"{business}.BussinessDocType", [""])[0]
    if kind == "2" and fields.get(f"{business}.BussinessDocumentInfo.DocumentInfo", ["1"])[0] == "0":
        return []
    for place in _ABOUT.get(kind, ()):
        if named := [text for text in fields.get(place, []) if text]:
            return list(dict.fromkeys(named))
    return []
