"""OpenCPS: `GET /o/rest/v2/dossiers`, one site (header `groupId`) a unit; its type traps are kept.

`status` takes several states with commas. `start`/`end` are row offsets (end exclusive; missing: every row), `data` is
missing when there is nothing and an object when there is one row, ids are now numbers, now texts, and "" stands for no
date.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from simulators import spoil
from simulators.faults import Fault, in_rows
from simulators.model import (
    FINISHED,
    NOT_ACCEPTED,
    PAYMENT,
    PROCESSING,
    RECEIVED,
    RETURNED,
    STOPPED,
    SUPPLEMENT,
    WITHDRAWN,
    Dossier,
    System,
    identity,
    person,
    phone,
)
from simulators.server import Request, Response, answer, same
from simulators.table import Row, Table, Tables, day_of

if TYPE_CHECKING:
    from simulators.province import Province

WORDS = spoil.Words(
    key="dossierNo",
    received="receiveDate",
    finished="releaseDate",
    status="dossierStatus",
    unknown_status="archived",
    differing=("domainCode", "KHAC"),
    identity="dossierId",
)
_STATES = {
    RECEIVED: ("receiving", "Mới tiếp nhận"),
    NOT_ACCEPTED: ("denied", "Từ chối tiếp nhận"),
    PROCESSING: ("processing", "Đang xử lý"),
    SUPPLEMENT: ("waiting", "Chờ bổ sung"),
    PAYMENT: ("paying", "Chờ thanh toán"),
    WITHDRAWN: ("cancelled", "Đã rút"),
    STOPPED: ("cancelled", "Đã dừng"),
    FINISHED: ("releasing", "Chờ trả kết quả"),
    RETURNED: ("done", "Hoàn thành"),
}
VIETNAM = timezone(timedelta(hours=7))
_LEVELS = {"full": 4, "partial": 3}


class OpenCps:
    """The one-stop software of every unit that has one."""

    def __init__(self, province: Province, login: str, password: str) -> None:
        self.login, self.password = login, password
        self._province = province
        self._sites = {s.key: s for s in province.systems if s.kind == "opencps"}
        self._tables = Tables()

    def source_of(self, request: Request) -> str | None:
        site = self._sites.get(request.headers.get("groupid", ""))
        return site.source if site else None

    def page_of(self, request: Request) -> int:
        start, end = _offsets(request)
        return start // (end - start) + 1 if end > start else 1

    def respond(self, request: Request, fault: Fault | None) -> Response:
        kind = fault.kind if fault else ""
        given = request.basic()
        if kind == "expired_token" or given is None or not same(given, (self.login, self.password)):
            body = {"code": 401, "message": "Unauthorized", "description": "Non-authorized"}
            return answer(body, 401, WWW_Authenticate='Basic realm="PortalRealm"')
        if request.path != "/o/rest/v2/dossiers":
            return answer({"code": 404, "message": "Not Found"}, 404)
        site = self._sites.get(request.headers.get("groupid", ""))
        if site is None:
            return answer({"code": 403, "message": "Forbidden", "description": "groupId"}, 403)
        if kind == "error_in_200":
            return answer({"code": 500, "message": "com.liferay.portal.kernel.search.SearchException"})
        try:
            return self._list(request, site, fault)
        except ValueError as error:
            return answer({"code": 400, "message": "Bad Request", "description": str(error)}, 400)

    def _list(self, request: Request, site: System, fault: Fault | None) -> Response:
        states = set(filter(None, request.query.get("status", "").split(",")))
        key = (
            "release" if "fromReleaseDate" in request.query or "toReleaseDate" in request.query else "receive"
        )
        name = f"{key.title()}Date"
        since = day_of(request.query.get(f"from{name}"), date.min)
        until = day_of(request.query.get(f"to{name}"), self._province.day)
        table = self._table(site, self._province.seen_from(until), fault)
        numbers = table.select(key, since, until)
        if states:
            numbers = [n for n in numbers if table.rows[n].get("dossierStatus") in states]
        total = len(numbers)
        start, end = _offsets(request)
        if fault is not None and fault.kind == "empty":
            numbers, total = [], 0
        if fault is not None and fault.kind == "repeated_page" and end > start:
            start, end = 0, end - start
        if end > 0:
            numbers = numbers[start:end]
        envelope: Row = spoil.envelope({"total": total}, fault, "total", "data")
        if "data" in envelope or not numbers:
            return answer(envelope)
        rows = table.page(numbers)
        data = rows if len(numbers) == 1 else f"[{rows}]"  # a list of one arrives as an object
        return Response(f'{{"total":{envelope["total"]},"data":{data}}}'.encode())

    def _table(self, site: System, today: date, fault: Fault | None) -> Table:
        return self._tables.get(
            (site, today, in_rows(fault)), lambda: self._make(site, today, in_rows(fault))
        )

    def _make(self, site: System, today: date, fault: Fault | None) -> Table:
        dossiers = self._province.records(site, today).dossiers
        rows: list[tuple[int, Row]] = list(enumerate(_row(d, site, today) for d in dossiers))
        if fault is not None and fault.kind == "bad_rows":
            rows = list(spoil.bad_rows([row for _, row in rows], int(fault.number(14)), WORDS, today))
        origin = [dossiers[n] for n, _ in rows]
        return Table(
            spoil.fields([row for _, row in rows], fault, WORDS),
            {
                "receive": [d.received.date() for d in origin],
                "release": [_day(d.finished, today) for d in origin],
            },
        )


def _offsets(request: Request) -> tuple[int, int]:
    try:
        return int(request.query.get("start", 0)), int(request.query.get("end", 0))
    except ValueError:
        return 0, 0


def _day(moment: datetime | None, today: date) -> date | None:
    return moment.date() if moment is not None and moment.date() <= today else None


def _text(moment: datetime | None, today: date) -> str:
    return f"{moment:%d/%m/%Y %H:%M:%S}" if moment is not None and moment.date() <= today else ""


def _row(dossier: Dossier, site: System, today: date) -> Row:
    """Return the dossier as the list shows it at the end of a day."""
    state = dossier.state_on(today)
    status, text = _STATES[state]
    number = int(dossier.code[-11:].replace("-", ""))  # day and order of the day
    online = dossier.channel == "online"
    finished, returned = _text(dossier.finished, today), _text(dossier.returned, today)
    row: dict[str, Any] = {
        "dossierIdCTN": number if number % 11 == 0 else str(number),  # now a number, now a text
        "dossierId": number,
        "groupId": int(site.key),
        "createDate": _text(dossier.received, today),
        "modifiedDate": "",
        "referenceUid": f"00000000-0000-4000-8000-{number:012d}",
        "counter": dossier.number,
        "serviceCode": dossier.procedure,
        "serviceName": f"Thủ tục {dossier.procedure}",
        "govAgencyCode": site.unit,
        "govAgencyName": site.unit,
        "dossierTemplateNo": f"MAU_{dossier.procedure}",
        "applicantName": person(number).upper(),
        "applicantIdType": "citizen",
        "applicantIdNo": int(identity(number)) if number % 2 else identity(number),
        "applicantIdDate": "",
        "address": f"CANARY-{number}-Tổ 1",
        "cityCode": "04",
        "cityName": "Cao Bằng",
        "districtCode": "",
        "districtName": "",
        "wardCode": "",
        "wardName": "",
        "contactName": person(number),
        "contactTelNo": phone(number),
        "contactEmail": f"canary-{number}@example.com",
        "delegateName": person(number),
        "delegateTelNo": phone(number),
        "dossierNote": dossier.note,
        "submissionNote": f"<p>{person(number)}</p>",
        "briefNote": "",
        "dossierNo": dossier.code,
        "submitting": False,
        "submitDate": _text(dossier.received, today) if online else "",
        "receiveDate": _text(dossier.received, today),
        "dueDate": f"{dossier.due:%d/%m/%Y %H:%M:%S}" if dossier.due else "",
        "releaseDate": finished,
        "finishDate": returned,
        "cancellingDate": finished if state in (WITHDRAWN, STOPPED) else "",
        "correctingDate": "",
        "dossierStatus": status,
        "dossierStatusText": text,
        "dossierSubStatus": f"{status}_1",
        "dossierSubStatusText": text,
        "viaPostal": 2 if dossier.post_out else 1,
        "fromViaPostal": 1 if dossier.post_in else 0,
        "postalAddress": f"CANARY-{number}-Tổ 1" if dossier.post_out else "",
        "postalTelNo": phone(number) if dossier.post_out else "",
        "postalCityCode": "",
        "postalCityName": "",
        "permission": "",
        "lastActionDate": f"{dossier.changed_on(today):%d/%m/%Y %H:%M:%S}",
        "lastActionCode": 6100,
        "lastActionName": "Chuyển xử lý",
        "lastActionUser": person(number),
        "lastActionNote": "",
        "stepCode": 610,
        "stepName": text,
        "stepDuedate": "",
        "stepOverdue": "",
        "visited": False,
        "pending": False,
        "applicantNote": "",
        "online": online,
        "dossierOverdue": "",
        "hasPassword": 10_000_000 + number % 89_999_999,  # the citizen's look-up PIN, in clear
        "serverNo": "SERVER_DVC",
        "certNo": "",
        "certDate": "",
        "endorsementDate": "",
        "lockState": "",
        "statusReg": 4,
        "serviceLevel": _LEVELS.get(dossier.level) or int(dossier.level),
        "durationCount": 5,
        "durationUnit": 0,
        "sampleCount": 1,
        "assigned": 0,
        "domainCode": dossier.sector,
        "domainName": f"Lĩnh vực {dossier.sector}",
        "extendDate": "",
        "lastActionUserId": 1000,
        "currentActionUser": person(number),
        "dossierName": f"Thủ tục {dossier.procedure}",
        "dueDateComing": int(dossier.due.replace(tzinfo=VIETNAM).timestamp() * 1000) if dossier.due else 0,
        "originality": 2 if online else 3,
        "origin": 0,
        "originDossierId": 0,
        "originDossierNo": "",
    }
    return row
