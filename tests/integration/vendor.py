"""A vendor's real HTTP server that answers when the test lets it, and an installation of the product that reads it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from cchc.ops import pulls
from integration.installation import installed
from integration.rows import scalar
from simulators.faults import Fault, Faults
from simulators.server import LOOPBACK, Request, Response, Server, answer

LOGIN, PASSWORD = "cchc", "mat-khau-thu-nghiem-01"
PATIENCE = 10.0
_HOST_SECONDS = 300.0  # more than any test lasts


class Vendor:
    """Dossiers of units as the profile `example-rest` reads them; a unit that is held gets no answer until let go."""

    login, password = LOGIN, PASSWORD

    def __init__(self) -> None:
        self.numbers: dict[str, Sequence[int]] = {}  # of each unit's dossiers; 1 and 2 where none are named
        self._gates: dict[str, threading.Event] = {}
        self._asked: dict[str, threading.Event] = {}

    def hold(self, *units: str) -> None:
        """Let units wait for their answer."""
        for unit in units:
            self._gates[unit], self._asked[unit] = threading.Event(), threading.Event()

    def wait_for(self, unit: str) -> None:
        """Return when a held unit has been asked for."""
        assert self._asked[unit].wait(PATIENCE), f"nobody asked for {unit}"

    def let_go(self, *units: str) -> None:
        """Answer (none named: all)."""
        for unit in units or tuple(self._gates):
            self._gates[unit].set()

    def source_of(self, request: Request) -> str | None:
        return request.path.split("/")[3]

    def page_of(self, request: Request) -> int:
        return 1

    def respond(self, request: Request, fault: Fault | None) -> Response:
        unit = request.path.split("/")[3]
        items = [_dossier(unit, number) for number in self.numbers.get(unit, (1, 2))]
        gate = self._gates.get(unit)
        if gate is not None and not gate.is_set():
            self._asked[unit].set()
            gate.wait(_HOST_SECONDS)
        return answer({"success": True, "result": {"items": items, "next": None}})


def _dossier(unit: str, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "number": f"000.00.{unit}.H99-261113-{number:04d}",
        "procedure": {"code": "1.012766", "name": "Thủ tục"},
        "channel": "web",
        "state": "open",
        "received": "2026-11-13T08:00:00+07:00",
        "due": "2026-11-20T17:00:00+07:00",
        "finished": None,
        "returned": None,
        "changed": "2026-11-13T08:00:00+07:00",
    }


class _Environment:
    """What an installation needs to know of the server."""

    def __init__(self, port: int) -> None:
        self._port = port

    def environment(self) -> dict[str, str]:
        return {"AIRFLOW_CONN_VENDOR": f"http://{LOGIN}:{PASSWORD}@{LOOPBACK}:{self._port}"}


@contextmanager
def reading(
    monkeypatch: pytest.MonkeyPatch, warehouse: Engine, below: Path, codes: Sequence[str]
) -> Iterator[Vendor]:
    """Install the product with one source for each code, which is also what the vendor calls its unit."""
    vendor = Vendor()
    with Server(vendor, Faults()) as server:
        environment: Any = _Environment(server.port)
        with installed(monkeypatch, warehouse, below / "home", environment, _catalogue(below / "c", codes)):
            try:
                yield vendor
            finally:
                vendor.let_go()
                for pull in [t for t in threading.enumerate() if t.name.startswith("pull ")]:
                    pull.join(PATIENCE)


def _catalogue(folder: Path, codes: Sequence[str]) -> Path:
    folder.mkdir()
    files: dict[str, Any] = {
        "province.yaml": {"code": "H99", "name": "Tỉnh Khác"},
        "units.yaml": [{"code": "A1", "name": "Phường Một", "group": "commune", "valid_from": "2025-07-01"}],
        "hosts.yaml": [
            {"code": "vendor", "connection": "vendor", "slots": 8, "private": True, "plain_http": True}
            | {"read_seconds": _HOST_SECONDS, "total_seconds": _HOST_SECONDS}
        ],
        "sources.yaml": [
            {
                "defaults": {"profile": "example-rest", "unit": "A1", "history_from": "2026-11-12"},
                "sources": [{"code": code, "host": "vendor", "params": {"unit": code}} for code in codes],
            }
        ],
    }
    for name, content in files.items():
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def give_up_after(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Have the night wait for a pull no longer than that, though the pull itself has all the time it wants."""
    monkeypatch.setattr(pulls, "_BESIDE_READING", seconds - _HOST_SECONDS)


_OF = "where source_code = '{0}'"
_BROUGHT = (
    "landing.delivery " + _OF,
    "landing.run_delivery join landing.delivery using (delivery_id) " + _OF,
    "ops.source_field " + _OF,
    "stg.dossier " + _OF,
    "core.dossier " + _OF,
)


def brought(warehouse: Engine, source_code: str) -> list[int]:
    """Return how many rows stand in manifest, run, schema, staging and core for a source."""
    return [scalar(warehouse, f"select count(*) from {what.format(source_code)}") for what in _BROUGHT]


def outcome(warehouse: Engine, source_code: str) -> dict[str, Any]:
    """Return the outcome row of a source; all tests have one run."""
    found = f"select to_jsonb(o) from ops.source_outcome as o where source_code = '{source_code}'"
    row: dict[str, Any] = scalar(warehouse, found)
    return row


def dossiers(warehouse: Engine, table: str, source_code: str) -> list[int]:
    """Return the numbers of a source's dossiers in `stg` or `core`."""
    found = f"select array_agg(right(dossier_code, 4)::int order by dossier_code) from {table}.dossier "
    numbers: list[int] = scalar(warehouse, found + _OF.format(source_code)) or []
    return numbers
