"""Rebuilding a source from its staged deliveries: what it keeps, what it takes away, and what it writes down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from cchc.errors import ReconciliationError
from cchc.quality import gate
from cchc.warehouse import load
from cchc.warehouse.load import LoadCounts, load_delivery, rebuild_source
from integration.rows import catalogue, delivery, good, new_run, scalar

Rows = list[dict[str, Any]]
SOURCE = "sgddt-motcua"
FIRST: Rows = [good("dossier", n) for n in range(1, 6)]
SECOND: Rows = [good("dossier", 1, field_code="later")]


def two_nights(engine: Engine, first: Rows = FIRST, second: Rows = SECOND) -> tuple[UUID, UUID]:
    """Load two extracts; returns their deliveries."""
    run_id = new_run(engine)
    one = delivery(engine, run_id, "dossier", first)
    two = delivery(engine, run_id, "dossier", second, pulled=timedelta(days=1))
    gate.run(engine, run_id, catalogue())
    for each in (one, two):
        load_delivery(engine, run_id, each, "m1")
    return one, two


def replay(engine: Engine, staged: Mapping[UUID, Rows], mapping: str = "m2") -> LoadCounts:
    """Stage the deliveries anew, as another mapping reads them, and rebuild the source."""
    run_id = new_run(engine)
    for one, rows in staged.items():
        delivery(engine, run_id, "dossier", rows, delivery_id=one)
    gate.run(engine, run_id, catalogue())
    return rebuild_source(engine, run_id, SOURCE, list(staged), mapping)


def table(engine: Engine, name: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"select * from {name} order by 1, 2, 3"))]


def clear_marks(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("delete from ops.touched_day"))


def test_a_replay_that_reads_the_same_changes_nothing_and_writes_no_history(warehouse: Engine) -> None:
    one, two = two_nights(warehouse)
    core, history = table(warehouse, "core.dossier"), table(warehouse, "core.change_history")
    assert len(history) == 1  # dossier 1, the second night
    for _ in range(2):
        replay(warehouse, {one: FIRST, two: SECOND})
    assert table(warehouse, "core.dossier") == core
    assert table(warehouse, "core.change_history") == history


def test_days_of_the_old_and_of_the_new_rows_are_marked(warehouse: Engine) -> None:
    one, two = two_nights(warehouse)
    clear_marks(warehouse)
    moved = {"received_at": "2026-10-01 08:00+07", "due_at": "2026-10-06 17:00+07"}
    again = [FIRST[0], *(good("dossier", n, **moved) for n in range(2, 6))]
    replay(warehouse, {one: again, two: SECOND})
    days = scalar(warehouse, "select array_agg(to_char(day, 'MM-DD') order by day) from ops.touched_day")
    assert days == ["10-01", "10-07", "11-03", "11-06", "11-07"]


def test_what_the_new_reading_no_longer_has_is_removed_with_its_history(warehouse: Engine) -> None:
    one, two = two_nights(warehouse)
    replay(warehouse, {one: [*FIRST[:4], good("dossier", 50)], two: SECOND})
    removed = "select record_key from core.change_history where change = 'remove'"
    assert scalar(warehouse, removed) == FIRST[4]["dossier_code"]
    assert scalar(warehouse, "select count(*) from core.dossier where dossier_code like '%-0005'") == 0


def test_mended_rows_leave_quarantine_and_rows_found_bad_enter_it(warehouse: Engine) -> None:
    bad = [*FIRST[:4], good("dossier", 5, status="lost")]
    one, two = two_nights(warehouse, first=bad)
    replay(warehouse, {one: FIRST, two: SECOND})
    assert scalar(warehouse, "select state from quarantine.item") == "corrected"
    assert scalar(warehouse, "select count(*) from core.dossier") == 5
    replay(warehouse, {one: bad, two: SECOND}, "m3")
    assert scalar(warehouse, "select state from quarantine.item") == "open"
    assert scalar(warehouse, "select count(*) from core.dossier") == 4


def test_an_item_of_a_later_delivery_does_not_hide_the_rows_of_an_earlier_one(warehouse: Engine) -> None:
    bad = good("dossier", 1, status="lost")
    one, two = two_nights(warehouse, first=[*FIRST[1:], bad], second=[*FIRST[1:], bad])
    # read anew, the second night's bad row is another dossier, and the first night's is still bad
    counts = replay(warehouse, {one: [*FIRST[1:], bad], two: [*FIRST[1:], good("dossier", 60)]})
    assert counts == LoadCounts(received=10, inserted=5, unchanged=4, quarantined=1)
    assert scalar(warehouse, "select state from quarantine.item") == "open"
    assert scalar(warehouse, "select delivery_id from quarantine.item") == one


def test_other_sources_are_left_alone(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    other = delivery(warehouse, run_id, "dossier", FIRST, source="sgddt-sotay")
    gate.run(warehouse, run_id, catalogue())
    load_delivery(warehouse, run_id, other, "m1")
    one, two = two_nights(warehouse)
    replay(warehouse, {one: [good("dossier", n) for n in range(70, 75)], two: SECOND})
    assert scalar(warehouse, "select count(*) from core.dossier where source_code = 'sgddt-sotay'") == 5
    assert scalar(warehouse, "select count(*) from ops.load_ledger where mapping_version = 'm1'") == 1


def test_a_rebuild_that_fails_keeps_everything(warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = two_nights(warehouse)
    before = {t: table(warehouse, t) for t in ("core.dossier", "ops.load_ledger", "core.change_history")}
    original = load._apply

    def second_fails(
        connection: Any, run_id: UUID, delivery_id: UUID, *rest: Any, **named: Any
    ) -> LoadCounts:
        if delivery_id == two:
            raise ReconciliationError("counts differ")
        return original(connection, run_id, delivery_id, *rest, **named)

    monkeypatch.setattr(load, "_apply", second_fails)
    with pytest.raises(ReconciliationError, match="counts differ"):
        replay(warehouse, {one: [good("dossier", n) for n in range(70, 75)], two: SECOND})
    assert {t: table(warehouse, t) for t in before} == before


def test_what_a_night_loads_while_a_replay_is_under_way_is_not_lost(warehouse: Engine) -> None:
    one, two = two_nights(warehouse)
    before = table(warehouse, "core.dossier")
    with pytest.raises(ReconciliationError, match="1 deliveries were loaded meanwhile"):
        replay(warehouse, {one: FIRST})
    assert table(warehouse, "core.dossier") == before
    assert scalar(warehouse, "select count(*) from ops.load_ledger") == 2
    # what a person rejected goes, and its days are read again
    with warehouse.begin() as connection:
        rejected = "update landing.delivery set state = 'held', held_by = array['DELIVERY_REJECTED']"
        connection.execute(text(f"{rejected} where delivery_id = :d"), {"d": two})
    replay(warehouse, {one: FIRST})
    assert scalar(warehouse, "select field_code from core.dossier where dossier_code like '%-0001'") == "GD01"
    both = "ops.watermark as w, landing.delivery as d where d.delivery_id = :d"
    assert scalar(warehouse, f"select w.complete_to < d.window_from from {both}", d=two), (
        "its days are read again"
    )


def test_where_all_was_taken_back_nothing_is_complete(warehouse: Engine) -> None:
    two_nights(warehouse)
    with warehouse.begin() as connection:
        connection.execute(
            text("update landing.delivery set state = 'held', held_by = array['DELIVERY_REJECTED']")
        )
    rebuild_source(warehouse, new_run(warehouse), SOURCE, [], "m1")
    assert scalar(warehouse, "select count(*) from core.dossier") == 0
    assert scalar(warehouse, "select count(*) from ops.watermark") == 0, "none is not a zero"


def test_a_delivery_that_was_rejected_meanwhile_is_not_loaded(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    one = delivery(warehouse, run_id, "dossier", FIRST)
    gate.run(warehouse, run_id, catalogue())
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into ops.delivery_decision (delivery_id, unit_code, source_code, decision, decided_by, reason,"
                " held_because) values (:d, 'SGDDT', :s, 'rejected', 'Lan', 'nhầm', '')"
            ),
            {"d": one, "s": SOURCE},
        )
    with pytest.raises(ReconciliationError, match="was rejected meanwhile"):
        load_delivery(warehouse, run_id, one, "m1")
    assert scalar(warehouse, "select count(*) from core.dossier") == 0


def test_what_a_source_brought_before_it_was_given_to_another_unit_can_be_taken_back(
    warehouse: Engine,
) -> None:
    before, after = (
        delivery(warehouse, new_run(warehouse), "dossier", FIRST, unit=u) for u in ("STP", "SNV")
    )
    units = "select string_agg(distinct unit_code, ' ' order by unit_code) from core.dossier"
    for number, again in enumerate(((before, after), (after,))):
        run_id = new_run(warehouse)
        for one in again:
            unit = "STP" if one == before else "SNV"
            delivery(warehouse, run_id, "dossier", FIRST, unit=unit, delivery_id=one)
            if not number:
                load_delivery(warehouse, run_id, one, "m1")
        rebuild_source(warehouse, run_id, SOURCE, again, "m2")
        assert scalar(warehouse, units) == ("SNV" if number else "SNV STP")
        with warehouse.begin() as connection:
            rejected = "update landing.delivery set state = 'held', held_by = array['DELIVERY_REJECTED']"
            connection.execute(text(f"{rejected} where delivery_id = :d"), {"d": before})
    assert scalar(warehouse, "select string_agg(unit_code, ' ') from ops.watermark") == "SNV"
