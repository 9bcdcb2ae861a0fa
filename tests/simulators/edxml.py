"""A document exchange: lists the messages of an organ and hands out QCVN 102:2016 XML, one message a request."""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from simulators import qcvn102, spoil
from simulators.faults import Fault, in_rows
from simulators.model import Document, System
from simulators.qcvn102 import Message
from simulators.server import Request, Response, answer, same
from simulators.table import Table, Tables

if TYPE_CHECKING:
    from simulators.province import Province

SPOILED = ("no_id", "no_such_day", "unknown_action", "future", "twice")


class Exchange:
    """The exchange of every organ that is on it."""

    def __init__(self, province: Province, login: str, password: str) -> None:
        self.login, self.password = login, password
        self._province = province
        self._organs = {s.key: s for s in province.systems if s.kind == "edxml"}
        self._tables = Tables()
        self._messages: dict[str, tuple[Message, System]] = {}

    def source_of(self, request: Request) -> str | None:
        if request.path.startswith("/api/edocs/"):
            found = self._messages.get(request.path.removeprefix("/api/edocs/"))
            return found[1].source if found else None
        organ = self._organs.get(request.query.get("organ", ""))
        return organ.source if organ else None

    def page_of(self, request: Request) -> int:
        page = request.query.get("page", "1")
        return int(page) if page.isdigit() and not request.path.startswith("/api/edocs/") else 1

    def respond(self, request: Request, fault: Fault | None) -> Response:
        given = (request.headers.get("x-systemid", ""), request.headers.get("x-secretkey", ""))
        kind = fault.kind if fault else ""
        if kind == "expired_token" or not same(given, (self.login, self.password)):
            return answer(
                {"status": "FAIL", "errorCode": "10", "errorDesc": "Hệ thống chưa được xác thực"}, 401
            )
        if kind == "error_in_200":
            return answer(
                {"status": "FAIL", "errorCode": "23", "errorDesc": "Lỗi xử lý trên trục liên thông"}
            )
        if request.path.startswith("/api/edocs/"):
            return self._message(request.path.removeprefix("/api/edocs/"), fault)
        if request.path != "/api/edocs":
            return answer({"status": "FAIL", "errorCode": "404", "errorDesc": "Không tìm thấy"}, 404)
        organ = self._organs.get(request.query.get("organ", ""))
        if organ is None:
            return answer({"status": "FAIL", "errorCode": "15", "errorDesc": "OrganId không tồn tại"})
        try:
            return self._list(request, organ, fault)
        except ValueError:
            return answer({"status": "FAIL", "errorCode": "18", "errorDesc": "Tham số không hợp lệ"})

    def _list(self, request: Request, organ: System, fault: Fault | None) -> Response:
        since = date.fromisoformat(request.query.get("from", "0001-01-01"))
        until = date.fromisoformat(request.query.get("to", self._province.day.isoformat()))
        direction = request.query.get("direction", "in")
        page, size = self.page_of(request), min(max(int(request.query.get("size", 100)), 1), 500)
        today = self._province.seen_from(until)
        changed = in_rows(fault)
        table = self._tables.get((organ, today, changed), lambda: self._make(organ, today, changed))
        numbers = table.select(direction, since, min(until, today)) if direction in table.keys else []
        if fault is not None and fault.kind == "empty":
            numbers = []
        if fault is not None and fault.kind == "repeated_page":
            page = 1
        envelope = spoil.envelope(
            {"status": "OK", "errorCode": "0", "total": len(numbers), "documents": None},
            fault,
            "total",
            "documents",
        )
        if envelope["documents"] is not None:
            return answer(envelope)
        rows = table.page(numbers[(page - 1) * size : page * size])
        return Response(
            f'{{"status":"OK","errorCode":"0","total":{envelope["total"]},"documents":[{rows}]}}'.encode()
        )

    def _make(self, organ: System, today: date, fault: Fault | None) -> Table:
        messages = list(messages_of(self._province.records(organ, today).documents, organ))
        if fault is not None and fault.kind == "bad_rows":
            messages = list(_spoil(messages, int(fault.number(14))))
        for message in messages:
            self._messages[message.id] = (message, organ)
        return Table(
            [
                {
                    "docId": m.id,
                    "messageType": "status" if m.status else "edoc",
                    "timestamp": f"{m.moment:%Y/%m/%d %H:%M:%S}",
                }
                for m in messages
            ],
            {
                way: [m.moment.date() if m.direction == way else None for m in messages]
                for way in ("in", "out")
            },
        )

    def _message(self, message_id: str, fault: Fault | None) -> Response:
        found = self._messages.get(message_id)
        if found is None:
            return answer({"status": "FAIL", "errorCode": "20", "errorDesc": "Không tìm thấy văn bản"}, 404)
        message, organ = found
        text = qcvn102.status(message, organ) if message.status else qcvn102.document(message, organ)
        text = _spoiled_text(text, message, self._province.day)
        text = _without_field(text, fault)
        return Response(text.encode(), content_type="application/xml;charset=utf-8")


def messages_of(documents: list[Document], organ: System) -> list[Message]:
    """Return the documents and the answers to them, as messages in order of time."""
    found = []
    for document in documents:
        edoc_id = _id(organ.key, document.code)
        found.append(Message(edoc_id, document.direction, document.registered, document))
        for moment, status in document.answers:
            found.append(Message(_id(edoc_id, status), "out", moment, document, status))
    return sorted(found, key=lambda m: (m.moment, m.id))


def _id(*parts: str) -> str:
    return hashlib.blake2b("|".join(parts).encode(), digest_size=12).hexdigest()


def _spoil(messages: list[Message], stride: int) -> list[Message]:
    """Make every `stride`-th document wrong in one of five ways, in turn; `twice` comes again and differs."""
    changed: list[Message] = []
    turn = seen = 0
    for message in messages:
        if message.status:
            changed.append(message)
            continue
        seen += 1
        if stride > 0 and seen % stride == 0:
            way = SPOILED[turn % len(SPOILED)]
            turn += 1
            if way == "twice":
                changed.append(message)
            message = Message(
                f"{message.id}-{way}", message.direction, message.moment, message.document, spoiled=way
            )
        changed.append(message)
    return changed


def _spoiled_text(text: str, message: Message, today: date) -> str:
    if message.spoiled == "no_id":
        return re.sub(r"(<edXML:DocumentId>)[^<]*", r"\1", text, count=1)
    if message.spoiled in ("no_such_day", "future"):
        wrong = "2026/02/31" if message.spoiled == "no_such_day" else f"{today + timedelta(500):%Y/%m/%d}"
        text = re.sub(r"(<edXML:PromulgationDate>)[^<]*", rf"\g<1>{wrong}", text)
        return re.sub(r"(<edXML:Timestamp>)[^ ]*", rf"\g<1>{wrong}", text)
    if message.spoiled == "unknown_action":
        return re.sub(r"(<edXML:BussinessDocType>)\d+", r"\g<1>9", text)
    if message.spoiled == "twice":
        return re.sub(r"(<edXML:TypeName>)[^<]*", r"\g<1>Thông báo", text)
    return text


def _without_field(text: str, fault: Fault | None) -> str:
    """Return the message under missing_field, renamed_field, wrong_type and bad_xml."""
    if fault is None or fault.kind not in ("missing_field", "renamed_field", "wrong_type", "bad_xml"):
        return text
    if fault.kind == "bad_xml":  # as real senders do: a prefix that nothing declares
        return text.replace(f' xmlns:edXML="{qcvn102.NAMESPACE}"', "")
    name = fault.value or "DocumentId"
    if fault.kind == "missing_field":
        return re.sub(rf"<edXML:{name}>.*?</edXML:{name}>", "", text, flags=re.DOTALL)
    if fault.kind == "renamed_field":
        return re.sub(rf"(</?edXML:){name}>", rf"\g<1>{name}Moi>", text)
    return re.sub(rf"(<edXML:{name}>)([^<]*)", r"\1<edXML:Value>\2</edXML:Value>", text)
