"""II.06a as a unit states it, beside the same form counted from its dossiers, down to the dossiers of a cell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from cchc.commands.indicators import explain as explain_command
from cchc.commands.reconcile import reconcile
from cchc.publishing.forms import layouts, stated
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import dimensions, marts
from integration.indicator_facts import at, watermark, write
from integration.test_explain_asked import CATALOGUE
from integration.test_forms import DAY, II06A, NOVEMBER

UNIT, SYSTEM, REGISTER = "SGDDT", "sgddt-motcua", "sgddt-sotay"


def states(engine: Engine, first: str = "2026-10-15", last: str = "2026-11-14", **values: int) -> None:
    rows: list[dict[str, Any]] = [
        {"measure_code": code, "period_from": first, "period_to": last, "value": value, "evidence": "12/BC"}
        for code, value in values.items()
    ]
    write(engine, "reported_measure", UNIT, REGISTER, rows)


@pytest.fixture
def november(warehouse: Engine) -> Engine:
    """One dossier left over from before, one ended early, one overdue."""
    dimensions.sync(warehouse, CATALOGUE)
    received = {"procedure_code": "1.000001", "status": "processing", "intake": "one_stop"}
    ended = {
        "status": "finished",
        "finished_at": at("2026-10-25"),
        "due_at": at("2026-10-30"),
        "channel": "online",
    }
    write(
        warehouse,
        "dossier",
        UNIT,
        SYSTEM,
        [
            {**received, "dossier_code": "left-over", "received_at": at("2026-10-01")},
            {**received, **ended, "dossier_code": "early", "received_at": at("2026-10-20")},
            {**received, "dossier_code": "late", "received_at": at("2026-11-01"), "due_at": at("2026-11-10")},
        ],
    )
    for source in (SYSTEM, REGISTER):
        watermark(warehouse, UNIT, source, DAY, "dossier")
    marts.refresh(warehouse)
    return warehouse


def test_each_stated_cell_stands_beside_the_counted_one(
    november: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    states(november, to_handle=3, carried_over=2, finished_early=1, in_process=2, overdue_in_process=0)
    states(november, "2026-09-15", "2026-10-14", finished_late=7)  # of another period
    found = stated.compare(november, CATALOGUE, II06A, ["SNV", UNIT], NOVEMBER)
    assert {pair.column.code: (pair.counted, pair.stated, pair.difference) for pair in found} == {
        "c3": (3, 3, 0),
        "c6": (1, 2, -1),
        "c8": (1, 1, 0),
        "c11": (2, 2, 0),
        "c13": (1, 0, 1),
    }
    assert {pair.unit_code for pair in found} == {UNIT}

    monkeypatch.setattr("cchc.night.ready_warehouse", lambda: november)
    asked = ["--period", "2026-11", "--unit", UNIT, "--format", "json"]
    done = CliRunner().invoke(reconcile, ["form", "ii06a", *asked])
    assert done.exit_code == 0, done.output
    wrong = {row["cell"]: row["difference"] for row in json.loads(done.stdout) if row["difference"] != "0"}
    assert wrong == {"ii06a:c6": "-1", "ii06a:c13": "1"}
    assert "5 ô đơn vị có báo cáo, 2 ô khác nhau" in done.stderr
    # the dossiers behind the counted one
    opened = CliRunner().invoke(explain_command, ["ii06a:c13", *asked, "--records"])
    assert {row["record_code"] for row in json.loads(opened.stdout)} == {"late"}


def test_what_is_not_counted_has_a_reason_and_no_difference(warehouse: Engine) -> None:
    dimensions.sync(warehouse, CATALOGUE)
    states(warehouse, to_handle=3)
    (pair,) = stated.compare(warehouse, CATALOGUE, II06A, [UNIT], NOVEMBER)
    assert (pair.counted, pair.difference) == (None, None)
    assert pair.reason


def test_every_column_of_ii06a_has_a_name_that_the_rules_know() -> None:
    layout = layouts.load(SHIPPED_CATALOGUE, "ii06a")
    names = [column.reported for column in layout.columns]
    assert None not in names
    assert len(set(names)) == len(names) == 11
