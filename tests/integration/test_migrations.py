"""Migrations up, down to nothing, and up again, on a real PostgreSQL."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from cchc.errors import ConfigurationError
from cchc.warehouse import migrate
from cchc.warehouse.engine import connect

SCHEMAS = {"ops", "landing", "stg", "core", "mart", "quarantine", "publish", "quality", "report"}


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


def test_an_older_server_is_refused_before_anything_is_made(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_OLDEST", 99)
    with pytest.raises(
        ConfigurationError, match=r"server is PostgreSQL \d\d; this product needs 99 or newer"
    ):
        migrate.upgrade(empty)
    assert migrate.current(empty) is None


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
        "'measure', 'indicator', 'definition') "
        "and not exists (select 1 from pg_index i join pg_attribute a "
        "on a.attrelid = c.oid and a.attnum = any(i.indkey) where i.indrelid = c.oid and i.indisprimary "
        "and a.attname = 'unit_code')"
    )
    with warehouse.connect() as connection:
        assert connection.execute(statement).scalars().all() == []


def test_what_an_older_version_left_goes_up_and_what_this_one_left_goes_down(warehouse: Engine) -> None:
    migrate.downgrade(warehouse, "0010_stocks_by_quarter")
    with warehouse.begin() as connection:
        connection.exec_driver_sql(
            "insert into ops.run (run_id, reporting_day, kind, sources)"
            " values ('00000000-0000-0000-0000-000000000001', '2026-11-14', 'sync', '{a}');"
            "insert into landing.delivery (delivery_id, unit_code, source_code, dataset, window_from, window_to, path,"
            " sha256, bytes, received, refused, landed, profile_code, pulled_at, state, reason) values"
            " ('00000000-0000-0000-0000-000000000002', 'U', 'a', 'dossier', '2026-11-01', '2026-11-14', 'x', 'x', 1, 0,"
            " 0, 0, 'p', now(), 'held', 'no records');"
            "insert into quarantine.item (unit_code, source_code, dataset, record_key, rule_code, severity, message,"
            " row_data, delivery_id, row_no, page, mapping_version)"
            " select 'U', 'a', 'dossier', k, 'R', 'critical', 'm', '{}', '00000000-0000-0000-0000-000000000002', 1,"
            " '1', 'm' from unnest(array['page so.csv row 7', 'H-1']) as k;"
            "insert into ops.outbox (recipient, reporting_day, kind, subject, body_text, body_html, sent_at) values"
            " ('a@b', '2026-11-13', 'digest', 's', 't', 'h', now()),"
            " ('a@b', '2026-11-14', 'digest', 's', 't', 'h', null)"
        )
    migrate.upgrade(warehouse)
    with warehouse.begin() as connection:

        def rows(statement: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

        assert rows("select record_key, state from quarantine.item order by 1") == [
            ("H-1", "open"),
            ("page so.csv row 7", "expired"),
        ]
        assert rows("select reporting_day::text, channel, state from ops.outbox order by 1") == [
            ("2026-11-13", "mail", "sent"),
            ("2026-11-14", "mail", "waiting"),
        ]
        assert rows("select state, held_by from landing.delivery") == [("held", [])]
        connection.exec_driver_sql(
            "insert into ops.run (run_id, reporting_day, kind, sources)"
            " values ('00000000-0000-0000-0000-000000000003', '2026-11-14', 'approval', '{a}');"
            "insert into ops.delivery_decision (delivery_id, unit_code, source_code, decision, decided_by, reason,"
            " held_because) values ('00000000-0000-0000-0000-000000000002', 'U', 'a', 'approved', 'Lan', 'r', 'h');"
            "update quarantine.item set state = 'waived', closed_at = now(), closed_by = 'Lan', closed_reason = 'r'"
            " where record_key = 'H-1';"
            "insert into ops.outbox (recipient, reporting_day, kind, subject, body_text, body_html, channel) values"
            " ('a@b', '2026-11-14', 'digest', 's', 't', '', 'to-van-hanh');"
            "insert into ops.alert (kind, unit_code, since, changed_day, last_day)"
            " select k, '', '2026-11-14', '2026-11-14', '2026-11-14' from unnest(array['gate', 'not-delivered']) as k"
        )
    migrate.downgrade(warehouse, "0021_report")
    with warehouse.begin() as connection:
        assert connection.exec_driver_sql("select kind from ops.alert").scalars().all() == ["gate"]
    migrate.downgrade(warehouse, "0010_stocks_by_quarter")
    with warehouse.begin() as connection:
        left = connection.exec_driver_sql("select recipient, reporting_day::text from ops.outbox order by 2")
        assert [tuple(row) for row in left] == [("a@b", "2026-11-13"), ("a@b", "2026-11-14")]
    migrate.upgrade(warehouse)
