"""VNPT iGate 2.0: a Keycloak token, `GET /pa/dossier/search` in Spring pages from 0, local days sent as if UTC.

Names come in several languages, a state is now an object, now a bare number, moments end in +0700 or +0000.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from simulators.faults import Fault
from simulators.model import Dossier, identity, person, phone
from simulators.server import Request, Response, answer, same

_STATES = {1: 0, 2: 2, 3: 12, 4: 2, 5: 1, 6: 3, 7: 6, 8: 6, 9: 4, 10: 5}
_CHANNELS = {"online": 0, "direct": 1, "post": 2}


class IGate:
    """The dossiers of agencies, as they stand at the end of `today`; `slices` answers without totals."""

    def __init__(
        self,
        dossiers: Mapping[str, Sequence[Dossier]],
        today: date,
        login: str,
        password: str,
        slices: bool = False,
    ) -> None:
        self.login, self.password = login, password
        self._dossiers = dossiers
        self._today = today
        self._slices = slices
        self._tokens: set[str] = set()

    def source_of(self, request: Request) -> str | None:
        return request.query.get("agency-id")

    def page_of(self, request: Request) -> int:
        return int(request.query.get("page", 0)) + 1

    def respond(self, request: Request, fault: Fault | None) -> Response:
        if request.path.endswith("/protocol/openid-connect/token"):
            given = (request.form.get("client_id", ""), request.form.get("client_secret", ""))
            if request.form.get("grant_type") != "client_credentials" or not same(
                given, (self.login, self.password)
            ):
                return answer({"error": "invalid_client"}, 401)
            token = secrets.token_urlsafe(16)
            self._tokens.add(token)
            return answer({"access_token": token, "expires_in": 86_400, "token_type": "Bearer"})
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return answer({"status": 401, "error": "Unauthorized"}, 401)
        rows = [_row(d, self._today) for d in self._asked(request)]
        number, size = int(request.query["page"]), int(request.query["size"])
        content = rows[number * size : (number + 1) * size]
        page: dict[str, Any] = {
            "content": content,
            "last": (number + 1) * size >= len(rows),
            "number": number,
        }
        if not self._slices:
            page |= {"totalElements": len(rows), "totalPages": -(-len(rows) // size)}
        return answer(page)

    def _asked(self, request: Request) -> list[Dossier]:
        query, today = request.query, self._today
        found = [d for d in self._dossiers.get(query["agency-id"], ()) if d.received.date() <= today]
        if "dossier-status" in query:
            states = {int(s) for s in query["dossier-status"].split(",")}
            found = [d for d in found if _STATES[d.state_on(today)] in states]
        if "accepted-to" in query:
            low, high = query.get("accepted-from", "0")[:10], query["accepted-to"][:10]
            found = [d for d in found if low <= d.received.date().isoformat() <= high]
        if "result-returned-from" in query:
            low, high = query["result-returned-from"][:10], query["result-returned-to"][:10]
            found = [
                d for d in found if d.finished and low <= min(d.finished.date(), today).isoformat() <= high
            ]
            found = [d for d in found if d.finished and d.finished.date() <= today]
        return found


def _moment(moment: datetime | None, today: date) -> str | None:
    if moment is None or moment.date() > today:
        return None
    if moment.minute % 2:
        return f"{moment - timedelta(hours=7):%Y-%m-%dT%H:%M:%S}.000+0000"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0700"


def _names(name: str) -> list[dict[str, Any]]:
    return [{"languageId": 46, "name": f"{name} (en)"}, {"languageId": 228, "name": name}]


def _row(dossier: Dossier, today: date) -> dict[str, Any]:
    state = _STATES[dossier.state_on(today)]
    number = int(dossier.code[-11:].replace("-", ""))  # day and order of the day
    return {
        "id": f"{number:024x}",
        "code": dossier.code,
        "procedure": {
            "id": "p",
            "code": dossier.procedure,
            "translate": _names("Thủ tục"),
            "sector": {"code": dossier.sector, "name": _names("Lĩnh vực")},
        },
        "applicant": {"data": {"fullname": person(number), "identityNumber": identity(number)}},
        "accepter": {"fullname": person(number), "phone": phone(number)},
        "acceptedDate": _moment(dossier.received, today),
        "appointmentDate": _moment(dossier.due, date.max),
        "completedDate": _moment(dossier.finished, today),
        "returnedDate": _moment(dossier.returned, today),
        "dossierStatus": {"id": state, "name": _names("Trạng thái")} if number % 2 else state,
        "applyMethod": {"id": _CHANNELS[dossier.channel]},
        "note": dossier.note,
    }
