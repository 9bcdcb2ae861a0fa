"""SIGKILL the loader at random moments and at every named step: nothing is lost, nothing doubled.

Two customary loader designs go through the same kills and the same check. They must be caught: a test that has
never failed proves nothing. `CCHC_KILL_LOADS=200` runs the long version.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from integration.nursery import Nursery
from integration.rows import delivery, good, new_run, scalar

LOADS = int(os.environ.get("CCHC_KILL_LOADS", "20"))
ROWS = 1000
STEPS = (
    "locked", "batch_counts", "plan", "plan_counts", "keep_history", "find_gone", "keep_gone", "touch_gone", "bury",
    "remove_gone", "close_gone", "come_back", "touch_old", "touch_new", "merge", "confirm",
    "quarantine", "close_corrected", "close_unplaced", "write_ledger", "move_watermark", "mark_loaded",
    "before commit", "committed",
)  # fmt: skip

_COPY = text(
    "insert into stg.dossier select r.* from stg.dossier as s inner join landing.delivery as d"
    " on s.delivery_id = :first and d.delivery_id <> :first cross join lateral jsonb_populate_record(s,"
    " jsonb_build_object('delivery_id', d.delivery_id, 'source_code', d.source_code)) as r"
)


_GONE = (
    text(
        "insert into core.dossier (unit_code, source_code, dossier_code, procedure_code, intake, channel, online_level,"
        " status, received_at, row_hash, delivery_id, row_no, pulled_at) select unit_code, source_code, 'gone', '1',"
        " 'one_stop', 'online', 'full', 'processing', '2026-11-05 08:00+07', 'x', delivery_id, 1,"
        " pulled_at - interval '1 day' from landing.delivery"
    ),
    text(
        "insert into stg.delivery (run_id, delivery_id, unit_code, source_code, dataset, reporting_day, window_from,"
        " window_to, received, refused, landed, unknown_fields, is_register, may_be_empty, is_believed, is_approved,"
        " broken, bad_limit, drop_limit, jump_limit, history, proves_from, proves_to)"
        " select :run, d.delivery_id, d.unit_code, d.source_code, d.dataset, d.window_to, d.window_from, d.window_to,"
        " d.received, 0, d.landed, '{}', false, false, false, false, 0, 0.5, 0.5, 3, 0, d.window_from + 1,"
        " d.window_to - 1 from landing.delivery as d"
    ),
)


@dataclass
class Harm:
    """What the kills did."""

    kills: int
    lost: int
    doubled: int


class Loaders(Nursery):
    """Forks that load."""

    def run(
        self, loader: str, engine: Engine, run_id: UUID, one: UUID, after: float | None = None, step: str = ""
    ) -> int:
        """Run one loader, killed `after` seconds from its first statement or by itself at `step`; its exit code."""
        order = {
            "loader": loader,
            "dsn": engine.url.render_as_string(hide_password=False),
            "run_id": str(run_id),
            "delivery_id": str(one),
            "kill_at": step,
        }
        return self.order(order, after)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Loaders]:
    """Return the nursery of this module's loaders."""
    made = Loaders("integration.loaders")
    yield made
    made.close()


def _batch(engine: Engine, loads: int) -> tuple[UUID, list[UUID]]:
    """Stage deliveries of as many sources: the rows of the first, and copies of them for the others."""
    run_id = new_run(engine)
    first = delivery(engine, run_id, "dossier", [good("dossier", n) for n in range(ROWS)], source="s000")
    others = [delivery(engine, run_id, "dossier", [], source=f"s{load:03d}") for load in range(1, loads)]
    with engine.begin() as connection:
        connection.execute(_COPY, {"first": first})
        connection.execute(text("update landing.delivery set received = :n, landed = :n"), {"n": ROWS})
    return run_id, [first, *others]


def _kill_and_rerun(
    nursery: Loaders, loader: str, engine: Engine, run_id: UUID, deliveries: list[UUID]
) -> int:
    """Kill each load once at a random moment, then run it until it says it succeeded; returns the live kills."""
    moment = random.Random(766)
    assert nursery.run(loader, engine, run_id, deliveries[0]) == 0
    typical = nursery.seconds
    kills = 0
    for one in deliveries[1:]:
        died = nursery.run(loader, engine, run_id, one, after=moment.uniform(0, 0.8 * typical)) == -9
        kills += died
        if not died:
            typical *= 0.8  # it is quicker than the first one was
        tries = 0
        while nursery.run(loader, engine, run_id, one) != 0:
            tries += 1
            assert tries < 5
    return kills


def _control(nursery: Loaders, engine: Engine, loader: str) -> Harm:
    with engine.begin() as connection:
        connection.execute(text("create schema control"))
        connection.execute(text("create table control.dossier (delivery_id uuid, row_no bigint)"))
        connection.execute(text("create table control.done (delivery_id text primary key)"))
    run_id, deliveries = _batch(engine, LOADS)
    kills = _kill_and_rerun(nursery, loader, engine, run_id, deliveries)
    rows = scalar(engine, "select count(*) from control.dossier")
    distinct = scalar(
        engine, "select count(*) from (select distinct delivery_id, row_no from control.dossier) as d"
    )
    return Harm(kills, LOADS * ROWS - distinct, rows - distinct)


def _product_harm(engine: Engine, loads: int, kills: int) -> Harm:
    rows = scalar(engine, "select count(*) from core.dossier")
    missing = scalar(
        engine,
        "select count(*) from stg.dossier as s left join core.dossier as c on s.source_code = c.source_code "
        "and s.dossier_code = c.dossier_code and s.row_hash = c.row_hash where c.unit_code is null",
    )
    assert scalar(engine, "select count(*) from ops.load_ledger") == loads
    assert scalar(engine, "select sum(inserted) from ops.load_ledger") == loads * ROWS
    return Harm(kills, missing, rows - loads * ROWS + missing)


def test_the_product_loses_and_doubles_nothing_at_random_moments(nursery: Loaders, warehouse: Engine) -> None:
    run_id, deliveries = _batch(warehouse, LOADS)
    kills = _kill_and_rerun(nursery, "product", warehouse, run_id, deliveries)
    harm = _product_harm(warehouse, LOADS, kills)
    print(f"product: {harm}")
    assert kills >= LOADS // 2, "the kills must hit live loaders"
    assert (harm.lost, harm.doubled) == (0, 0)


def test_the_product_survives_a_kill_at_every_step(nursery: Loaders, warehouse: Engine) -> None:
    run_id, deliveries = _batch(warehouse, len(STEPS))
    with warehouse.begin() as connection:  # each source had one more, and its delivery proves that it is gone
        for statement in _GONE:
            connection.execute(statement, {"run": run_id} if ":run" in statement.text else {})
    for step, one in zip(STEPS, deliveries, strict=True):
        assert nursery.run("product", warehouse, run_id, one, step=step) == -9, f"no step {step}"
        assert nursery.run("product", warehouse, run_id, one) == 0
    harm = _product_harm(warehouse, len(STEPS), len(STEPS))
    for kept in ("core.tombstone", "core.change_history", "ops.load_ledger where removed = 1"):
        assert scalar(warehouse, f"select count(*) from {kept}") == len(STEPS), kept
    assert (harm.lost, harm.doubled) == (0, 0)


def test_the_check_catches_append_then_mark(nursery: Loaders, warehouse: Engine) -> None:
    harm = _control(nursery, warehouse, "append_then_mark")
    print(f"append, then mark: {harm}")
    assert harm.doubled > 0


def test_the_check_catches_mark_then_append(nursery: Loaders, warehouse: Engine) -> None:
    harm = _control(nursery, warehouse, "mark_then_append")
    print(f"mark, then append: {harm}")
    assert harm.lost > 0
