"""A province whose systems are an iGate and one that only a profile describes, through the functions of a night."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from integration.installation import everything_below, installed, loaded
from integration.rows import scalar
from simulators.faults import Faults
from simulators.igate import IGate
from simulators.model import Dossier
from simulators.province import DAY, Province, invented
from simulators.rest import Rest
from simulators.server import Server

LOGIN, SECRET = "cchc", "a-secret-of-20-letters"


class _Systems:
    """What an installation needs to know of running systems."""

    def __init__(self, igate: Server, rest: Server) -> None:
        self._servers = {"IGATE": igate, "KHAC": rest}

    def environment(self) -> dict[str, str]:
        return {
            f"AIRFLOW_CONN_{name}": f"http://{LOGIN}:{SECRET}@127.0.0.1:{server.port}"
            for name, server in self._servers.items()
        }


def _catalogue(folder: Path, sso: str) -> Path:
    folder.mkdir()
    host = {"private": True, "plain_http": True}
    unit = {"group": "commune", "valid_from": "2025-07-01"}
    since = {"history_from": "2026-10-15"}
    files: dict[str, Any] = {
        "province.yaml": {"code": "H99", "name": "Tỉnh Khác"},
        "units.yaml": [
            {"code": "A1", "name": "Phường Một", **unit},
            {"code": "B2", "name": "Phường Hai", **unit},
        ],
        "hosts.yaml": [
            {"code": "igate", "connection": "igate", **host},
            {"code": "khac", "connection": "khac", **host},
        ],
        "sources.yaml": [
            {
                "defaults": {"profile": "igate-2", "host": "igate", **since},
                "sources": [{"code": "a1-igate", "unit": "A1", "params": {"agency": "a1", "sso": sso}}],
            },
            {
                "defaults": {"profile": "example-rest", "host": "khac", **since},
                "sources": [{"code": "b2-khac", "unit": "B2", "params": {"unit": "b2"}}],
            },
        ],
    }
    for name, content in files.items():
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def test_two_vendors_without_code_are_loaded(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systems = invented(2)
    province = Province(systems=systems)
    first, second = (province.records(system, DAY).dossiers for system in systems)
    igate, rest = (
        IGate({"a1": first}, DAY, LOGIN, SECRET),
        Rest({"b2": second}, DAY, LOGIN, SECRET),
    )
    with Server(igate, Faults()) as one, Server(rest, Faults()) as other:
        catalogue = _catalogue(tmp_path / "catalogue", one.url)
        running: Any = _Systems(one, other)
        with installed(monkeypatch, warehouse, tmp_path / "home", running, catalogue) as home:
            summary = loaded(DAY, ("a1-igate", "b2-khac"))
            again = loaded(DAY, ("a1-igate", "b2-khac"))
            kept = "".join(text for _, text in everything_below(home))
    assert [(row.source_code, row.state, row.quarantined) for row in summary.rows] == [
        ("a1-igate", "loaded", 0),
        ("b2-khac", "loaded", 0),
    ]
    assert {row.state for row in again.rows} == {"unchanged"}
    assert "CANARY" not in kept
    assert SECRET not in kept

    def counted(unit: str, condition: str) -> Any:
        query = f"select count(*) from core.dossier where unit_code = :unit and {condition}"
        return scalar(warehouse, query, unit=unit)

    def ended(dossiers: list[Dossier]) -> int:
        return sum(1 for d in dossiers if d.finished is not None and d.finished.date() <= DAY)

    refused = {row.source_code: row.refused for row in summary.rows}
    for unit, source, dossiers in (("A1", "a1-igate", first), ("B2", "b2-khac", second)):
        assert counted(unit, "true") + refused[source] == len(dossiers) > 50
        assert (
            ended(dossiers) - refused[source] <= counted(unit, "finished_at is not null") <= ended(dossiers)
        )
    online = sum(d.channel == "online" for d in second)
    assert online - refused["b2-khac"] <= counted("B2", "channel = 'online'") <= online
