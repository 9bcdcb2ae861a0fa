"""Loading deliveries: what goes where, that counts agree, and that order, repetition and races change nothing."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.base import DATASETS
from cchc.errors import ReconciliationError
from cchc.quality import gate
from cchc.warehouse.datasets import COLUMNS, KEYS, NAMES, TYPES
from cchc.warehouse.load import LoadCounts, load_delivery, rebuild_source
from integration.rows import DAY, catalogue, delivery, good, new_run, scalar

MAPPING = "m1"


def gated(engine: Engine, run_id: UUID) -> None:
    gate.run(engine, run_id, catalogue())


def content(engine: Engine, table: str = "core.dossier") -> str:
    """Return a hash over every row of a table, without its bookkeeping."""
    return str(
        scalar(
            engine,
            f"select md5(coalesce(string_agg(encode(row_hash, 'hex') || unit_code || source_code, ',' "
            f"order by unit_code, source_code, row_hash), '')) from {table}",
        )
    )


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_canonical_columns_are_those_of_the_tables(warehouse: Engine, dataset: str) -> None:
    names = {"timestamp with time zone": "timestamptz", "time without time zone": "time"}
    with warehouse.connect() as connection:
        own = {"unit_code", "source_code", "row_hash", "delivery_id", "row_no", "pulled_at", "run_id", "page"}
        own |= {"cast_errors", "own_due_at", "own_due_stale", "known_since"}
        for schema in ("stg", "core"):
            rows = connection.execute(
                text(
                    "select column_name, data_type from information_schema.columns "
                    "where table_schema = :s and table_name = :t order by ordinal_position"
                ),
                {"s": schema, "t": dataset},
            ).all()
            found = {
                r.column_name: names.get(r.data_type, r.data_type) for r in rows if r.column_name not in own
            }
            assert found == TYPES[dataset], schema  # type: ignore[index]
    assert set(COLUMNS[dataset]) <= set(NAMES)  # type: ignore[index]
    assert set(KEYS[dataset]) <= set(COLUMNS[dataset])  # type: ignore[index]


def test_rows_go_to_core_or_quarantine_and_the_counts_agree(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    rows = [good("dossier", n) for n in range(1, 8)]
    rows += [
        good("dossier", 7),
        good("dossier", 8, status="lost"),
        good("dossier", 9, received_at="1900-01-01 00:00+07"),
    ]
    one = delivery(warehouse, run_id, "dossier", rows, refused=2)
    gated(warehouse, run_id)
    counts = load_delivery(warehouse, run_id, one, MAPPING)
    assert counts == LoadCounts(received=12, inserted=7, updated=0, unchanged=1, quarantined=2, refused=2)
    assert scalar(warehouse, "select count(*) from core.dossier") == 7
    assert scalar(warehouse, "select count(*) from quarantine.item where state = 'open'") == 2
    assert scalar(warehouse, "select complete_to from ops.watermark") == DAY
    assert scalar(warehouse, "select state from landing.delivery") == "loaded"
    days = "select array_agg(day order by day) from ops.touched_day"
    assert [d.day for d in scalar(warehouse, days)] == [3, 6, 7]  # received, ended, the day after due


def test_loading_again_changes_nothing(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    one = delivery(warehouse, run_id, "dossier", [good("dossier", n) for n in range(5)])
    gated(warehouse, run_id)
    load_delivery(warehouse, run_id, one, MAPPING)
    before = content(warehouse)
    with warehouse.begin() as connection:
        connection.execute(text("delete from ops.touched_day"))
    again = load_delivery(warehouse, run_id, one, MAPPING)
    assert again == LoadCounts(received=5, unchanged=5)
    assert content(warehouse) == before
    assert scalar(warehouse, "select count(*) from ops.touched_day") == 0
    assert scalar(warehouse, "select count(*) from core.change_history") == 0


def test_a_changed_row_is_updated_with_its_history_and_an_unchanged_one_left(warehouse: Engine) -> None:
    first = new_run(warehouse)
    d1 = delivery(warehouse, first, "dossier", [good("dossier", 1), good("dossier", 2)])
    gated(warehouse, first)
    load_delivery(warehouse, first, d1, MAPPING)
    second = new_run(warehouse)
    changed = good("dossier", 1, finished_at="2026-11-10 09:00+07")
    d2 = delivery(warehouse, second, "dossier", [changed, good("dossier", 2)], pulled=timedelta(days=1))
    gated(warehouse, second)
    with warehouse.begin() as connection:
        connection.execute(text("delete from ops.touched_day"))
    assert load_delivery(warehouse, second, d2, MAPPING) == LoadCounts(received=2, updated=1, unchanged=1)
    assert scalar(warehouse, "select old_row ->> 'finished_at' from core.change_history").startswith(
        "2026-11-06"
    )
    days = scalar(warehouse, "select array_agg(day order by day) from ops.touched_day")
    assert [d.day for d in days] == [3, 6, 7, 10]


def test_an_older_extract_that_comes_later_does_not_overwrite(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    new = delivery(
        warehouse, run_id, "dossier", [good("dossier", 1, status="returned")], pulled=timedelta(hours=2)
    )
    old = delivery(
        warehouse, run_id, "dossier", [good("dossier", 1, status="finished")], pulled=timedelta(hours=1)
    )
    gated(warehouse, run_id)
    load_delivery(warehouse, run_id, new, MAPPING)
    assert load_delivery(warehouse, run_id, old, MAPPING) == LoadCounts(received=1, unchanged=1)
    assert scalar(warehouse, "select status from core.dossier") == "returned"


def test_an_older_extract_does_not_overwrite_what_was_seen_unchanged_since(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    same = good("dossier", 1)
    ids = [
        delivery(warehouse, run_id, "dossier", [row], pulled=timedelta(hours=hour))
        for hour, row in ((1, same), (3, same), (2, good("dossier", 1, field_code="between")))
    ]
    gated(warehouse, run_id)
    for one in ids:
        load_delivery(warehouse, run_id, one, MAPPING)
    assert scalar(warehouse, "select field_code from core.dossier") == "GD01"


def test_content_that_comes_back_is_loaded_again(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    first = delivery(warehouse, run_id, "dossier", [good("dossier", 1, field_code="A")])
    other = delivery(
        warehouse, run_id, "dossier", [good("dossier", 1, field_code="B")], pulled=timedelta(hours=1)
    )
    gated(warehouse, run_id)
    load_delivery(warehouse, run_id, first, MAPPING)
    load_delivery(warehouse, run_id, other, MAPPING)
    with (
        warehouse.begin() as connection
    ):  # the same content pulled once more is the same delivery, pulled later
        connection.execute(
            text(
                "update landing.delivery set pulled_at = pulled_at + interval '2 hours' where delivery_id = :d"
            ),
            {"d": first},
        )
    assert load_delivery(warehouse, run_id, first, MAPPING).updated == 1
    assert scalar(warehouse, "select field_code from core.dossier") == "A"


def test_a_dossier_not_yet_taken_in_has_no_reception_date_and_is_no_error(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    new = {"received_at": None, "due_at": None, "finished_at": None, "returned_at": None}
    one = delivery(warehouse, run_id, "dossier", [good("dossier", 1, status="registered", **new)])
    gated(warehouse, run_id)
    assert load_delivery(warehouse, run_id, one, MAPPING).inserted == 1
    assert scalar(warehouse, "select count(*) from ops.touched_day") == 0


def test_a_corrected_row_closes_its_quarantine_item(warehouse: Engine) -> None:
    for night, status in enumerate(("lost", "lost", "returned")):
        run_id = new_run(warehouse)
        rows = [good("dossier", n) for n in range(2, 5)] + [good("dossier", 1, status=status)]
        one = delivery(warehouse, run_id, "dossier", rows, pulled=timedelta(days=night))
        gated(warehouse, run_id)
        load_delivery(warehouse, run_id, one, MAPPING)
        assert scalar(warehouse, "select count(*) from quarantine.item") == 1  # one item, however many nights
    assert scalar(warehouse, "select state from quarantine.item") == "corrected"


def test_a_row_that_goes_bad_keeps_its_last_good_version(warehouse: Engine) -> None:
    for night, changes in enumerate(({}, {"status": "lost"})):
        run_id = new_run(warehouse)
        rows = [good("dossier", n) for n in range(2, 5)] + [good("dossier", 1, **changes)]
        one = delivery(warehouse, run_id, "dossier", rows, pulled=timedelta(days=night))
        gated(warehouse, run_id)
        load_delivery(warehouse, run_id, one, MAPPING)
    assert scalar(warehouse, "select status from core.dossier where dossier_code like '%-0001'") == "returned"
    assert scalar(warehouse, "select count(*) from quarantine.item where state = 'open'") == 1


@pytest.mark.parametrize(
    "change",
    [
        "delete from stg.dossier",
        "update stg.dossier set unit_code = 'STP'",  # the source was given to another unit, its answer is the same
    ],
)
def test_a_batch_that_lost_rows_is_not_loaded(warehouse: Engine, change: str) -> None:
    run_id = new_run(warehouse)
    one = delivery(warehouse, run_id, "dossier", [good("dossier", n) for n in range(5)])
    with warehouse.begin() as connection:
        connection.execute(text(f"{change} where row_no = 3"))
    gated(warehouse, run_id)
    with pytest.raises(ReconciliationError, match="5 rows of SGDDT landed, 4 are staged"):
        load_delivery(warehouse, run_id, one, MAPPING)
    assert scalar(warehouse, "select count(*) from core.dossier") == 0
    assert scalar(warehouse, "select count(*) from ops.load_ledger") == 0


def test_two_loaders_of_one_delivery_at_once(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    one = delivery(warehouse, run_id, "dossier", [good("dossier", n) for n in range(500)])
    gated(warehouse, run_id)
    counts: list[LoadCounts] = []
    threads = [
        threading.Thread(target=lambda: counts.append(load_delivery(warehouse, run_id, one, MAPPING)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(c.inserted for c in counts) == [0, 0, 0, 500]
    assert scalar(warehouse, "select count(*) from core.dossier") == 500


def test_races_of_older_and_newer_extracts(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    races = 20
    pairs: list[tuple[UUID, UUID]] = []
    for race in range(races):
        source = f"s{race:02d}"
        old = delivery(
            warehouse,
            run_id,
            "dossier",
            [good("dossier", n, field_code="old") for n in range(30)],
            source=source,
        )
        new = delivery(
            warehouse,
            run_id,
            "dossier",
            [good("dossier", n, field_code="new") for n in range(30)],
            source=source,
            pulled=timedelta(seconds=1),
        )
        pairs.append((old, new))
    gated(warehouse, run_id)
    order = random.Random(7)
    for pair in pairs:
        both = list(pair)
        order.shuffle(both)
        threads = [
            threading.Thread(target=load_delivery, args=(warehouse, run_id, one, MAPPING)) for one in both
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert scalar(warehouse, "select count(*) from core.dossier where field_code = 'new'") == races * 30
    assert scalar(warehouse, "select count(*) from core.dossier") == races * 30


def test_a_backend_killed_in_the_middle_leaves_nothing(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    one = delivery(warehouse, run_id, "dossier", [good("dossier", n) for n in range(200)])
    gated(warehouse, run_id)

    def kill(step: str) -> None:
        if step == "write_ledger":
            with warehouse.connect() as other:
                other.execute(
                    text(
                        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
                        "and pid <> pg_backend_pid() and state = 'idle in transaction'"
                    )
                )

    with pytest.raises(Exception, match=r"terminating|closed|lost"):
        load_delivery(warehouse, run_id, one, MAPPING, kill)
    assert scalar(warehouse, "select count(*) from core.dossier") == 0
    assert load_delivery(warehouse, run_id, one, MAPPING).inserted == 200


def test_a_rebuild_gives_what_a_clean_warehouse_would_have(warehouse: Engine) -> None:
    first = new_run(warehouse)
    rows = [good("dossier", n) for n in range(10)] + [good("dossier", 50, status="lost")]
    d1 = delivery(warehouse, first, "dossier", rows)
    d2 = delivery(warehouse, first, "dossier", [good("dossier", 3, field_code="x")], pulled=timedelta(days=1))
    gated(warehouse, first)
    for one in (d1, d2):
        load_delivery(warehouse, first, one, MAPPING)
    clean = content(warehouse)
    # the mapping was wrong: the second night's rows are staged anew, now right, and one row is gone
    second = new_run(warehouse)
    for one, staged in (
        (d1, [*rows[:10], good("dossier", 50, status="returned")]),
        (d2, [good("dossier", 3, field_code="x")]),
    ):
        _restage(warehouse, second, one, staged)
    gated(warehouse, second)
    counts = rebuild_source(warehouse, second, "sgddt-motcua", [d1, d2], "m2")
    assert counts == LoadCounts(received=12, inserted=11, updated=1)
    assert scalar(warehouse, "select count(*) from core.dossier") == 11
    assert scalar(warehouse, "select count(*) from quarantine.item where state = 'open'") == 0
    assert content(warehouse) != clean
    third = new_run(warehouse)
    for one, staged in ((d1, rows), (d2, [good("dossier", 3, field_code="x")])):
        _restage(warehouse, third, one, staged)
    gated(warehouse, third)
    rebuild_source(warehouse, third, "sgddt-motcua", [d2, d1], "m1")  # whatever order they are named in
    assert content(warehouse) == clean
    assert scalar(warehouse, "select count(*) from core.change_history where change = 'remove'") == 1


def _restage(engine: Engine, run_id: UUID, delivery_id: UUID, rows: list[dict[str, Any]]) -> None:
    delivery(engine, run_id, "dossier", rows, delivery_id=delivery_id)
