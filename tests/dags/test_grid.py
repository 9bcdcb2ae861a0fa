"""The grid of unit × day: what a cell says, and that nobody sees it without Airflow's login."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from cchc.airflow.pages import cells, render
from cchc.catalogue.load import load
from cchc.warehouse.engine import connect
from dags.conftest import DOWN, Night
from dags.processes import run_json

DAY = "2026-10-22"


@pytest.fixture(scope="module")
def ledger(night: Night) -> Iterator[Night]:
    """Return the night on a copy of its warehouse, to write other nights into."""
    night.warehouse.dispose()  # a database that is copied has no guests
    server = connect(night.warehouse.url.set(database="postgres"))
    with server.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        alone.execute(text("create database grid template cchc"))
    server.dispose()
    engine = connect(night.warehouse.url.set(database="grid"))
    yield replace(night, warehouse=engine)
    engine.dispose()


def _shown(night: Night, to: str, days: int = 1, **more: Any) -> cells.Grid:
    return cells.read(
        night.warehouse, load(night.catalogue), date(2026, 1, 1), days, to=date.fromisoformat(to), **more
    )


def _row(grid: cells.Grid, unit: str) -> tuple[cells.Cell, ...]:
    (row,) = [row for _title, rows in grid.groups for row in rows if row.code == unit]
    return row.cells


def _run(night: Night, day: str, kind: str, after: int, **states: str) -> str:
    """Write a run with outcomes of sources of SNV, `_` for `-` in their codes, and return its id."""
    run_id = str(uuid4())
    night.do(
        "insert into ops.run (run_id, reporting_day, kind, sources, started_at)"
        f" values ('{run_id}', '{day}', '{kind}', array[]::text[], timestamptz '{day}' + interval '{after} hours')"
    )
    for source, state in states.items():
        code = source.replace("_", "-")
        night.do(
            "insert into ops.source_outcome (run_id, unit_code, source_code, state, stage, error_class, message,"
            f" started_at, finished_at) values ('{run_id}', 'SNV', '{code}', '{state}', 'load', 'ContractBroken',"
            f" '{code}: page 3: no <total>', now(), now())"
        )
    return run_id


def _held(night: Night, run_id: str, state: str, decision: str | None) -> None:
    delivery = str(uuid4())
    night.do(
        "insert into landing.delivery (delivery_id, unit_code, source_code, dataset, window_from, window_to, path,"
        " sha256, bytes, received, refused, landed, profile_code, pulled_at, state) values"
        f" ('{delivery}', 'SNV', 'snv-sotay', 'dossier', '{DAY}', '{DAY}', '{delivery}', '', 0, 0, 0, 0, 'p',"
        f" '{DAY}', '{state}')"
    )
    night.do(f"insert into landing.run_delivery values ('{run_id}', '{delivery}')")
    if decision:
        night.do(
            "insert into ops.delivery_decision (delivery_id, unit_code, source_code, decision, decided_by, reason,"
            f" held_because) values ('{delivery}', 'SNV', 'snv-sotay', '{decision}', 'A', 'đúng', 'rỗng')"
        )


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ({"snv_motcua": "loaded", "snv_sotay": "failed"}, {}, "failed"),
        ({"snv_motcua": "held", "snv_sotay": "loaded"}, {}, "held"),
        ({"snv_motcua": "unchanged", "snv_sotay": "loaded"}, {}, "loaded"),
        ({"snv_motcua": "unchanged", "snv_sotay": "unchanged"}, {}, "unchanged"),
        ({"snv_motcua": "loaded"}, {}, "missing"),  # the night never came to the other
        ({"snv_motcua": "loaded", "snv_sotay": "failed"}, {"snv_sotay": "loaded"}, "loaded"),  # it came back
    ],
)
def test_a_cell_is_the_worst_of_the_units_sources_by_the_newest_run(
    ledger: Night, first: dict[str, str], second: dict[str, str], state: str
) -> None:
    day = "2026-10-20"
    ledger.do(
        f"delete from ops.source_outcome where run_id in (select run_id from ops.run where reporting_day = '{day}')"
    )
    _run(ledger, day, "sync", 25, **first)
    if second:
        _run(ledger, day, "sync", 26, **second)
    (cell,) = _row(_shown(ledger, day), "SNV")
    assert cell.state == state
    if state == "failed":
        assert cell.title == (
            "snv-sotay: lỗi – Hệ thống của đơn vị trả dữ liệu sai cấu trúc (page 3: no <total>)"
        )
    if state == "missing":
        assert cell.title == "chưa chạy: snv-sotay"


def test_what_was_held_is_loaded_when_all_of_it_was_approved(ledger: Night) -> None:
    run_id = _run(ledger, DAY, "sync", 25, snv_motcua="loaded", snv_sotay="held")
    _held(ledger, run_id, "loaded", "approved")
    _held(ledger, run_id, "held", None)
    _run(ledger, DAY, "approval", 30, snv_sotay="loaded")  # it loaded one of the two
    assert _row(_shown(ledger, DAY), "SNV")[0].state == "held"
    ledger.do(
        "update landing.delivery set state = 'loaded' where state = 'held' and path = delivery_id::text"
    )
    assert _row(_shown(ledger, DAY), "SNV")[0].state == "loaded"


def test_a_replay_alone_is_no_night(ledger: Night) -> None:
    _run(ledger, "2026-10-23", "replay", 25, snv_motcua="loaded")
    assert _row(_shown(ledger, "2026-10-23"), "SNV")[0].state == "missing"


def test_nothing_is_expected_before_the_first_night(ledger: Night) -> None:
    assert _shown(ledger, "2001-01-31", 30).groups == ()


def test_a_day_counts_its_units_and_the_worst_come_first(ledger: Night) -> None:
    grid = _shown(ledger, "2026-11-14", 2, worst_first=True)
    assert [grid.count(1, state) for state in ("failed", "loaded", "missing")] == [1, 1, 0]
    html = render.grid(grid, worst_first=True, link=lambda _run: None, province="Tỉnh Cao Bằng")
    assert html.index("Sở, ban, ngành (1)") < html.index("Xã, phường (1)")
    assert "14/11 Lỗi" in html
    assert not re.findall(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//", html)


def test_the_page_is_behind_airflows_login_and_links_to_the_run(night: Night) -> None:
    asked: list[list[str | None]] = [
        ["/cchc-grid/?days=2&to=2026-11-14", "", None],
        ["/cchc-grid/", "khach", None],
        ["/cchc-grid/?days=2&to=2026-11-14", "xem", "viewer"],
        ["/cchc-grid/?days=91", "xem", "viewer"],
        ["/cchc-grid/openapi.json", "", None],
    ]
    anonymous, stranger, viewer, wrong, hidden = run_json("ask_grid.py", night.environment, json.dumps(asked))
    assert anonymous["status"] == 307
    assert anonymous["to"].startswith("/auth/login?next=")
    assert anonymous["to"].endswith("cchc-grid%2F%3Fdays%3D2%26to%3D2026-11-14")
    assert stranger["status"] == 403
    assert stranger["text"] == "Tài khoản này không có quyền xem các đợt đồng bộ (sync_units)."
    assert viewer["status"] == 200
    assert "default-src 'none'" in viewer["policy"]
    assert DOWN in viewer["text"]
    links = set(re.findall(r"href=\"\.\./dags/sync_units/runs/([^\"]+)\"", viewer["text"]))
    assert len(links) == 2  # one a night
    assert all(link.startswith("manual__") for link in links)
    assert wrong["status"] == 422
    assert hidden["status"] == 404
    for refused in (anonymous, stranger, wrong, hidden):
        assert "Sở Nội vụ" not in refused["text"]


def test_scorecards_and_data_docs_are_behind_the_same_login(night: Night) -> None:
    viewer = ["xem", "viewer"]
    asked: list[list[str | None]] = [
        ["/cchc-grid/scorecard?sort=worst", "", None],
        ["/cchc-grid/data-docs/", "", None],
        ["/cchc-grid/data-docs/index.html", "khach", None],
        ["/cchc-grid/scorecard?day=2026-11-14&sort=worst", *viewer],
        ["/cchc-grid/scorecard?day=2020-01-01", *viewer],
        ["/cchc-grid/data-docs/", *viewer],
        ["/cchc-grid/data-docs/..%2F..%2Fsecrets", *viewer],
    ]
    answers = run_json("ask_grid.py", night.environment, json.dumps(asked))
    anonymous, nobody, stranger, cards, none, docs, outside = answers
    assert anonymous["to"].endswith("cchc-grid%2Fscorecard%3Fsort%3Dworst")
    assert (nobody["status"], stranger["status"]) == (307, 403)
    assert cards["status"] == 200
    assert "Sở Nội vụ" in cards["text"]
    assert re.search(r'<td class="good"[^>]*>● 100', cards["text"])
    assert 'href="data-docs/"' in cards["text"]
    assert "Chưa có đêm nào" in none["text"]
    assert docs["status"] == 200
    assert "DOSSIER" in docs["text"] or "dossier" in docs["text"]
    assert outside["status"] == 404
    for answer in (cards, docs):
        assert not re.findall(r"(?:src|href|url\()\s*=?\s*[\"']?(?:https?:)?//", answer["text"])
