"""One QCVN 102:2016 message: its header as flat fields. Body, attachments and certificates are never kept.

The parser refuses DTDs and entities, reads the message as it arrives and ends where the header ends, so the size of an
attachment costs nothing, and neither does what is wrong behind the header.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

_HEADER = "edXMLHeader"
_LONGEST = 1_000_000  # bytes before the end of the header, and characters that are kept of it
_DEEPEST = 40
_BEGINNING = 4_096  # bytes within which a message says that it is one
_TAG = "\0"  # stands among the texts where an element begins or ends; no XML holds it
_OF_XML_ITSELF = "{http://www.w3.org/"  # attributes about the writing: xsi:type, xml:lang
_MOMENTS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d")
_NO_MOMENT = (10_000,)
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


class NoMessage(BadMessage):
    """What came is not even the beginning of a message, such as a page that asks for a login."""


class EndsEarly(BadMessage):
    """What came ends before the header does: it was made so, or broke off on its way."""


class _Ended(Exception):
    """The header has ended; the rest is nobody's concern."""


@dataclass(slots=True)
class _Open:
    """An element that is open: where its texts begin, and whether it has elements and a text of its own."""

    begin: int
    has_elements: bool = False
    has_text: bool = False


class _Header:
    """Parser target: collects texts and attributes of the header by dotted path; raises `_Ended` at its end."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}
        self._path: list[str] = []
        self._open: list[_Open] = []  # from the header down
        self._texts: list[str] = []
        self._kept = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise BadMessage("it is nested too deeply")
        if self._open or name == _HEADER:
            if self._open:
                self._open[-1].has_elements = True
            self._texts.append(_TAG)
            self._open.append(_Open(len(self._texts)))
        for attribute, value in attributes.items():
            if not attribute.startswith(_OF_XML_ITSELF):
                self._keep(f"{self._place() or name}.@{attribute.rpartition('}')[2]}", value)

    def data(self, text: str) -> None:
        if self._open:
            self._texts.append(text)
            self._open[-1].has_text |= not text.isspace()

    def end(self, _tag: str) -> None:
        if self._open:
            element = self._open[-1]
            if not element.has_elements:
                self._keep(self._place() or _HEADER, "".join(self._texts[element.begin :]))
            elif element.has_text:  # as people read it: words of one text, or a word cut by emphasis
                text = "".join(self._texts[element.begin :])
                for between in ("", " "):
                    self._keep(f"{self._place() or _HEADER}.@text", text.replace(_TAG, between))
            self._texts.append(_TAG)
            self._open.pop()
            if not self._open:
                raise _Ended
        self._path.pop()

    def close(self) -> None:
        """End of document."""

    def _place(self) -> str:
        """Return the dotted path of the element that was opened last, from below the header."""
        return ".".join(self._path[len(self._path) - len(self._open) + 1 :]) if self._open else ""

    def _keep(self, path: str, text: str) -> None:
        self._kept += len(text)
        if self._kept > _LONGEST:
            raise BadMessage("its header is too long")
        self.fields.setdefault(path, []).append(text.strip())


def header(chunks: Iterable[bytes]) -> dict[str, list[str]]:
    """Return what the header says: dotted path below edXMLHeader → texts in document order; raises `BadMessage`.

    An attribute stands under `@` and its name, a text among elements under `@text`, below the path of their element.
    Nothing is read that comes after the header but for the rest of its chunk.
    """
    target = _Header()
    parser = DefusedXMLParser(target=target, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    beginning, left, kind = b"", _LONGEST, BadMessage
    try:
        for chunk in chunks:
            beginning += chunk[: _BEGINNING - len(beginning)]
            parser.feed(chunk[:left])
            left -= len(chunk)
            if left <= 0:
                raise BadMessage("its header is too long")
        kind = EndsEarly
        parser.close()
        kind, why = BadMessage, f"it has no {_HEADER}"
    except _Ended:
        return target.fields
    except DefusedXmlException:
        why = "it declares a DTD or an entity, which is not allowed"
    except ParseError as error:
        line, column = error.position
        why = f"it is not well-formed XML (line {line}, column {column})"
    except BadMessage as bad:
        why = str(bad)
    except (LookupError, ValueError):
        why = "its encoding is not known"
    raise (kind if re.search(b"(?i)edxml", beginning) else NoMessage)(why)


def as_record(fields: dict[str, list[str]], direction: str) -> dict[str, object]:
    """Return the header as a record for the door, with what several elements say together under `@` names.

    `@direction`, `@counterpart` (who sent it to us, or the first we sent it to), `@signed` (a signature with a value),
    `@registered_on` (in: the newest trace; out: the day of promulgation), `@concerns` (the codes of the documents that
    a recall, an update or a replacement is about, joined by `;`).
    """
    record: dict[str, object] = {
        path: texts[0] if len(texts) == 1 else list(texts)
        for path, texts in fields.items()
        if path.partition(".")[0] != "Signature"
    }
    incoming = direction == "in"
    sender, receiver = "MessageHeader.From.OrganId", "MessageHeader.To.OrganId"
    counterpart = fields.get(sender if incoming else receiver, [""])[0]
    promulgated = fields.get("MessageHeader.PromulgationInfo.PromulgationDate", [""])[0]
    record["@direction"] = direction
    record["@counterpart"] = counterpart
    record["@signed"] = any(fields.get("Signature.SignatureValue", []))
    record["@concerns"] = ";".join(_concerns(fields))
    record["@registered_on"] = newest_trace(fields) if incoming else promulgated
    return record


def newest_trace(fields: dict[str, list[str]]) -> str:
    """Return the text of the newest trace, empty where there is none; one that is no moment counts as the newest.

    Nobody can say that the others are newer, so what is made of it is to fail.
    """
    traces = [text for text in fields.get("TraceHeaderList.TraceHeader.Timestamp", []) if text]
    return max(traces, key=moment_of, default="")


def moment_of(text: str) -> tuple[int, ...]:
    """Return a local moment, as QCVN 102:2016 writes it, in numbers from the year down; any other text is after all."""
    for written in _MOMENTS:
        try:
            return time.strptime(text, written)[:6]
        except ValueError:
            continue
    return _NO_MOMENT


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
