"""Two systems of one unit beside each other: each dossier of the period falls into one place, with what differs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc.commands.reconcile import reconcile
from cchc.indicators import periods, systems
from cchc.warehouse.load import load_delivery
from integration.rows import delivery, good, new_run

FIRST, SECOND = "sgddt-motcua", "sgddt-dvcqg"
NOVEMBER = periods.parse("2026-11", "calendar")
MIDNIGHT = {"due_at": None, "finished_at": None, "returned_at": None, "status": "processing"}


@pytest.fixture
def unit(warehouse: Engine) -> Engine:
    """A unit with two dossier systems and one of documents."""
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into core.source (source_code, unit_code, profile_code, kind, title, on_time_rule, expected,"
                " listed) values (:one, 'SGDDT', 'p', 'rest', 't', 'r', true, 1),"
                " (:two, 'SGDDT', 'p', 'national', 't', 'r', true, 2),"
                " ('sgddt-vanban', 'SGDDT', 'p', 'edxml', 't', 'r', true, null)"
            ),
            {"one": FIRST, "two": SECOND},
        )
    return warehouse


def holds(engine: Engine, source: str, *rows: dict[str, Any]) -> None:
    run_id = new_run(engine)
    load_delivery(engine, run_id, delivery(engine, run_id, "dossier", rows, source=source), "m1")


def test_each_dossier_falls_into_one_place(unit: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    last_minute = good("dossier", 7, received_at="2026-11-30 23:59+07", **MIDNIGHT)
    december = good("dossier", 8, received_at="2026-12-01 00:00+07", **MIDNIGHT)
    holds(
        unit,
        FIRST,
        good("dossier", 1),
        good("dossier", 2, due_at="2026-11-07 17:00+07"),
        good("dossier", 3, channel="direct"),  # a desk's dossier: the portal has none of these
        good("dossier", 4),
        good("dossier", 5, field_code="GD02"),  # what only one of the two states is no difference
        last_minute,
        december,
    )
    holds(
        unit,
        SECOND,
        good("dossier", 1),
        good("dossier", 2),
        good("dossier", 5, field_code=None),
        good("dossier", 6),
        december | {"received_at": "2026-11-30 23:00+07"},  # received in November by one of the two
    )
    with unit.connect() as connection:
        (pair,) = systems.compare(connection, ["SGDDT"], NOVEMBER)
    assert (pair.first_source, pair.second_source) == (FIRST, SECOND)
    assert (pair.both, pair.differing) == (4, 2)
    assert (pair.only_first, pair.only_first_online, pair.only_second) == (3, 2, 1)
    found = {d.dossier_code[-1]: (d.found, d.differing) for d in pair.dossiers}
    assert found == {
        "2": ("both", ("due_at",)),
        "3": ("only_first", ()),
        "4": ("only_first", ()),
        "6": ("only_second", ()),
        "7": ("only_first", ()),
        "8": ("both", ("received_at",)),
    }

    monkeypatch.setattr("cchc.night.ready_warehouse", lambda: unit)
    asked = [
        "systems",
        "--period",
        "2026-11",
        "--calendar",
        "calendar",
        "--unit",
        "SGDDT",
        "--format",
        "json",
    ]
    done = CliRunner().invoke(reconcile, asked)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["only_second"] == 1
    assert "1 cặp hệ thống, 6 hồ sơ chênh lệch" in done.stderr
    listed = json.loads(CliRunner().invoke(reconcile, [*asked, "--dossiers"]).stdout)
    assert listed[0] == {
        "unit_code": "SGDDT",
        "dossier_code": "000.00.01.H14-261103-0002",
        "channel": "online",
        "first_source": FIRST,
        "second_source": SECOND,
        "found": "khác nhau",
        "differing": "ngày hẹn trả",
    }


def test_a_unit_with_one_system_has_nothing_to_compare(unit: Engine) -> None:
    with unit.begin() as connection:
        connection.execute(text("update core.source set listed = null where source_code = :s"), {"s": SECOND})
    holds(unit, FIRST, good("dossier", 1))
    with unit.connect() as connection:
        assert systems.compare(connection, ["SGDDT"], periods.parse("2026", "calendar")) == []
