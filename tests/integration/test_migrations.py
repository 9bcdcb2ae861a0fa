"""Migrations up, down to nothing, and up again, on a real PostgreSQL."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from cchc.warehouse import migrate
from cchc.warehouse.engine import connect

SCHEMAS = {"ops", "landing", "stg", "core", "mart", "quarantine", "publish", "quality"}


@pytest.fixture
def empty(postgres: Engine) -> Iterator[Engine]:
    """Return an engine on a new database that was never migrated."""
    name = f"m_{uuid.uuid4().hex[:12]}"
    with postgres.connect() as admin:
        admin.execute(text(f'create database "{name}"'))
    engine = connect(postgres.url.set(database=name))
    yield engine
    engine.dispose()
    with postgres.connect() as admin:
        admin.execute(text(f'drop database "{name}" with (force)'))


def _schemas(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'"
            )
        )
        return set(found.scalars()) - {"public"}


def _columns(engine: Engine) -> list[tuple[str, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select table_schema, table_name, column_name, data_type, is_nullable from information_schema.columns "
                "where table_schema = any(:schemas) order by 1, 2, ordinal_position"
            ),
            {"schemas": sorted(SCHEMAS)},
        )
        return [tuple(row) for row in rows]


def test_up_down_up(empty: Engine) -> None:
    assert migrate.current(empty) is None
    migrate.upgrade(empty)
    assert migrate.current(empty) == migrate.head()
    assert _schemas(empty) == SCHEMAS
    first = _columns(empty)
    migrate.downgrade(empty, "base")
    assert _schemas(empty) == set()
    assert migrate.current(empty) is None
    migrate.upgrade(empty)
    assert _columns(empty) == first


def test_two_migrations_at_once_are_one(empty: Engine) -> None:
    failures: list[BaseException] = []

    def up() -> None:
        try:
            migrate.upgrade(empty)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert migrate.current(empty) == migrate.head()


def test_every_fact_carries_its_unit_in_the_key(warehouse: Engine) -> None:
    statement = text(
        "select t.nspname || '.' || c.relname from pg_class c join pg_namespace t on t.oid = c.relnamespace "
        "where c.relkind = 'r' and t.nspname in ('core', 'mart') and c.relname not in ('unit', 'unit_code', "
        "'unit_edge', 'source', 'change_history', 'calendar_day', 'office_hours', 'asked_rule', 'stock_measure', "
        "'definition') "
        "and not exists (select 1 from pg_index i join pg_attribute a "
        "on a.attrelid = c.oid and a.attnum = any(i.indkey) where i.indrelid = c.oid and i.indisprimary "
        "and a.attname = 'unit_code')"
    )
    with warehouse.connect() as connection:
        assert connection.execute(statement).scalars().all() == []
