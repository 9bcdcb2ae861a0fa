"""The invented system of the profile `example-rest`: header keys, a cursor, five days at once, errors inside 200."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from simulators.faults import Fault
from simulators.model import Dossier, person
from simulators.server import Request, Response, answer, same

_STATES = {5: "waiting", 3: "refused", 7: "withdrawn", 8: "withdrawn", 9: "done", 10: "returned"}
_CHANNELS = {"online": "web", "direct": "desk", "post": "post"}


class Rest:
    """The dossiers of units by the day they last changed, as they stand at the end of `today`."""

    def __init__(
        self, dossiers: Mapping[str, Sequence[Dossier]], today: date, login: str, password: str
    ) -> None:
        self.login, self.password = login, password
        self._dossiers = dossiers
        self._today = today

    def source_of(self, request: Request) -> str | None:
        return request.path.split("/")[3] if request.path.count("/") == 4 else None

    def page_of(self, request: Request) -> int:
        return int(request.query.get("cursor", "0")) + 1

    def respond(self, request: Request, fault: Fault | None) -> Response:
        given = (request.headers.get("x-system", ""), request.headers.get("x-api-key", ""))
        if not same(given, (self.login, self.password)):
            return answer({"success": False, "error": {"code": "403"}})
        first, last = (date.fromisoformat(request.query[f"changed_{end}"]) for end in ("from", "to"))
        if (last - first).days >= 5:
            return answer({"success": False, "error": {"code": "WINDOW"}})
        today = self._today
        known = [
            d for d in self._dossiers.get(self.source_of(request) or "", ()) if d.received.date() <= today
        ]
        found = [d for d in known if first <= d.changed_on(today).date() <= last]
        start, size = int(request.query.get("cursor", 0)), int(request.query["limit"])
        more = start + size < len(found)
        items = [_row(d, today) for d in found[start : start + size]]
        return answer(
            {"success": True, "result": {"items": items, "next": str(start + size) if more else None}}
        )


def _moment(moment: datetime | None, today: date) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%S}+07:00" if moment is not None and moment.date() <= today else None


def _row(dossier: Dossier, today: date) -> dict[str, Any]:
    return {
        "id": int(dossier.code[-11:].replace("-", "")),
        "number": dossier.code,
        "procedure": {"code": dossier.procedure, "name": "Thủ tục"},
        "applicant": {"name": person(dossier.number)},
        "channel": _CHANNELS[dossier.channel],
        "state": _STATES.get(dossier.state_on(today), "open"),
        "received": _moment(dossier.received, today),
        "due": _moment(dossier.due, date.max),
        "finished": _moment(dossier.finished, today),
        "returned": _moment(dossier.returned, today),
        "changed": _moment(dossier.changed_on(today), today),
    }
