"""An invented vendor's system to try docs/guides/add_vendor.md against: `python docs/examples/vendor_api.py`.

It lists the dossiers that changed on the asked days, at most five days at once, page by page, to whoever has its key; http://127.0.0.1:8790.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

PORT = 8790
KEYS = ("try", "example")  # X-System and X-Api-Key
STATES = ("open", "waiting", "returned")


class System(BaseHTTPRequestHandler):
    """Answers GET /v1/units/{unit}/dossiers with changed_from, changed_to, limit and cursor."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a page, or with the system's own code of an error, both as HTTP 200."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        body = json.dumps(self._answer(asked), ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, asked: dict[str, str]) -> dict[str, Any]:
        if (self.headers.get("X-System"), self.headers.get("X-Api-Key")) != KEYS:
            return {"success": False, "error": {"code": "403"}}
        first, last = date.fromisoformat(asked["changed_from"]), date.fromisoformat(asked["changed_to"])
        if (last - first).days >= 5:
            return {"success": False, "error": {"code": "WINDOW"}}
        days = [first + timedelta(n) for n in range((last - first).days + 1)]
        found = [dossier(day, number) for day in days for number in range(1, 31)]
        start = int(asked.get("cursor") or 0)
        end = start + int(asked["limit"])
        page = {"items": found[start:end], "next": str(end) if end < len(found) else None}
        return {"success": True, "result": page}


def dossier(day: date, number: int) -> dict[str, Any]:
    """Return a dossier that was received on a day, the same one each time it is asked for."""
    received = datetime(day.year, day.month, day.day, 8, number, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    state = STATES[number % 3]
    end = (received + timedelta(hours=3)).isoformat() if state == "returned" else None
    return {
        "id": f"{day:%y%m%d}{number:03d}",
        "number": f"H14.02-{day:%y%m%d}-{number:04d}",
        "procedure": {"code": f"1.00010{number % 3}", "name": "Thủ tục"},
        "applicant": {"name": f"Công dân {number}"},
        "channel": ("web", "desk", "post")[number % 3],
        "state": state,
        "received": received.isoformat(),
        "due": (received + timedelta(5)).isoformat(),
        "finished": end,
        "returned": end,
        "changed": end or received.isoformat(),
    }


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), System).serve_forever()
