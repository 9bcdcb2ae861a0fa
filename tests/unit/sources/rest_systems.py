"""Systems of a REST interface made for a test: how they speak, what they answer and what was read of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from cchc.sources.connector import Window
from unit.sources.profiles import profile
from unit.sources.tiny_server import Request, reply

DAYS = Window(date(2026, 11, 3), date(2026, 11, 14))
ME = "Basic bWU6aHVudGVyMg=="
PAGED: dict[str, Any] = {
    "path": "/list",
    "params": {"page": "{page}"},
    "paging": {"type": "page"},
    "page_size": 2,
    "records": "items",
}
DETAIL: dict[str, Any] = {"identity": "id"}
TOKEN: dict[str, Any] = {"type": "token", "path": "/token"}


def speaking(**options: Any) -> Any:
    return profile("example-rest").model_copy(update={"options": options})


def rows(*ids: int) -> list[dict[str, Any]]:
    return [{"id": n, "number": f"H-{n}"} for n in ids]


def ids(found: tuple[Any, Any]) -> list[int]:
    return [record.payload["id"] for record in found[0]]


def by_page(*bodies: Any) -> Callable[[Request], bytes]:
    return lambda request: reply(bodies[min(int(request.query.get("page", 1)), len(bodies)) - 1])
