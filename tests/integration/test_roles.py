"""Who may do what in the warehouse: every kind of login against every table, view and sequence."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from sqlalchemy import Engine, text

from cchc.warehouse import roles
from integration.role_logins import PASSWORD, Logins, refused, rows
from integration.rows import scalar

ALL, READ, NOTHING = frozenset("siud"), frozenset("s"), frozenset[str]()
#: What a kind may do with the tables of a schema: select, insert, update, delete. Nothing else is allowed to anybody.
MAY = {
    "loader": dict.fromkeys(("landing", "stg", "core", "mart", "quarantine", "ops"), ALL)
    | {"publish": READ, "quality": READ, "report": NOTHING},
    "publisher": dict.fromkeys(("landing", "stg", "core", "quarantine", "ops"), READ)
    | {"mart": ALL, "quality": ALL, "publish": frozenset("si"), "report": NOTHING},
    "auditor": dict.fromkeys(
        ("landing", "stg", "core", "mart", "quarantine", "ops", "publish", "quality", "report"), READ
    ),
    "office": {"report": READ},
    "unit": {"report": READ},
}
BUT = {
    ("loader", "ops.unit_login"): NOTHING,
    ("loader", "ops.delivery_decision"): frozenset("si"),
    ("publisher", "ops.unit_login"): NOTHING,
    ("publisher", "ops.alert"): ALL,
    ("publisher", "ops.outbox"): ALL,
    ("publisher", "ops.touched_day"): ALL,
    ("publisher", "ops.stale_mart"): ALL,
    ("publisher", "ops.run"): frozenset("su"),
    ("office", "report.own_dossier"): NOTHING,
    ("unit", "report.run"): NOTHING,
}
#: Tables without rows of units, so without row security, of which a unit's views show some columns.
UNGUARDED = {
    "core.indicator",
    "core.measure",
    "core.stock_measure",
    "ops.run",
    "publish.closed_period",
    "publish.release",
    "publish.reopening",
}

_RELATIONS = (
    "select n.nspname, c.relname, c.relkind::text, a.attname, format_type(a.atttypid, a.atttypmod)"
    " from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
    " left join lateral (select * from pg_attribute where attrelid = c.oid and attnum > 0 and attidentity = ''"
    "   and not attisdropped order by attnum limit 1) as a on true"
    " where c.relkind in ('r', 'v', 'S') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public')"
    " order by 1, 2"
)


def _tried(schema: str, name: str, column: str, kind: str) -> dict[str, str]:
    table = f'{schema}."{name}"'
    return {
        "s": f"select 1 from {table} limit 0",
        "i": f'insert into {table} ("{column}") select cast(null as {kind}) where false',
        "u": f'update {table} set "{column}" = null where false',
        "d": f"delete from {table} where false",
        "t": f"truncate {table}",
    }


@pytest.mark.parametrize("kind", roles.KINDS)
def test_every_cell_of_the_matrix(logins: Logins, superuser: Engine, kind: str) -> None:
    with superuser.connect() as connection:
        there = connection.execute(text(_RELATIONS)).all()
    wrong = []
    with logins.connect(kind) as login:
        login.execute("set default_transaction_read_only = off")
        for schema, name, relkind, column, type_ in there:
            full = f"{schema}.{name}"
            if relkind == "S":
                wrong += [
                    full for verb in ("setval", "select") if not refused(login, _of_sequence(full, verb))
                ]
                continue
            may = BUT.get((kind, full), MAY[kind].get(schema, NOTHING))
            for verb, statement in _tried(schema, name, column, type_).items():
                if relkind == "v" and verb != "s" and schema != "report":
                    continue  # two plain ones in ops may be written where their tables may
                if refused(login, statement) is (verb in may):
                    wrong.append(f"{verb} {full}")
    assert len(there) > 70
    assert wrong == []


def _of_sequence(name: str, verb: str) -> str:
    return f"select setval('{name}', 1)" if verb == "setval" else f"select last_value from {name}"


@pytest.mark.parametrize("kind", roles.KINDS)
def test_sequences_are_drawn_from_by_those_who_write(logins: Logins, kind: str) -> None:
    drawn = set()
    with logins.connect(kind) as login:
        login.execute("set default_transaction_read_only = off")
        for name in (
            "core.change_history_change_id_seq",
            "quarantine.item_item_id_seq",
            "ops.alert_alert_id_seq",
            "quality.question_question_id_seq",
        ):
            if not refused(login, f"select nextval('{name}')"):
                drawn.add(name.split(".")[0])
    expected = {"loader": {"core", "quarantine", "ops"}, "publisher": {"quality", "ops"}}
    assert drawn == expected.get(kind, set())


@pytest.mark.parametrize("kind", roles.KINDS)
def test_nobody_makes_or_reaches_what_is_no_part_of_the_work(logins: Logins, kind: str) -> None:
    allowed = set()
    with logins.connect(kind) as login:
        login.execute("set default_transaction_read_only = off")
        for statement in (
            "create table public.t (a int)",
            "create table core.t (a int)",
            "create view report.t as select 1",
            "create view stg.gate_t as select 1",
            "create schema s",
            "create temporary table t (a int)",
            "create role r",
            "select lo_create(0)",
            "alter table core.unit disable row level security",
            "drop view report.unit",
            "drop trigger release_stands on publish.release",
            "set session_replication_role = replica",
            "copy (select 1) to program 'cat'",
            "select pg_read_file('PG_VERSION')",
            "select 1 from pg_authid",
            "set role postgres",
            "grant select on report.unit to public",
            "create policy p on core.unit using (true)",
        ):
            if not refused(login, statement):
                allowed.add(statement)
    work = {"create temporary table t (a int)"} if kind in ("loader", "publisher") else set()
    assert allowed - {"grant select on report.unit to public"} == work | (
        {"create view stg.gate_t as select 1"} if kind == "loader" else set()
    )
    with logins.connect(
        "auditor"
    ) as auditor:  # of a right that one has not PostgreSQL grants nothing, with a warning
        assert rows(auditor, "select has_table_privilege('cchc_loader', 'report.unit', 'select')") == [
            (False,)
        ]


def test_a_publisher_changes_of_a_dossier_only_what_is_worked_out(logins: Logins) -> None:
    with logins.connect("publisher") as publisher:
        publisher.execute("update core.dossier set own_due_at = null, own_due_stale = false")
        publisher.execute("update publish.chain_link set chain_sha256 = ''")
        assert refused(publisher, "update core.dossier set status = 'returned'")
        assert refused(publisher, "update publish.chain_link set release_id = ''")


def test_what_has_rows_of_units_is_guarded_and_views_ask_as_who_reads(superuser: Engine) -> None:
    bare = scalar(
        superuser,
        "select array_agg(c.oid::regclass::text) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'stg')"
        " and not c.relrowsecurity"
        " and exists (select 1 from pg_attribute where attrelid = c.oid and attname = 'unit_code')",
    )
    assert bare is None
    as_owner = scalar(
        superuser,
        "select array_agg(c.oid::regclass::text) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where c.relkind = 'v' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
        " and not coalesce('security_invoker=true' = any(c.reloptions), false)",
    )
    assert as_owner is None
    ungated = scalar(
        superuser,
        "select array_agg(c.oid::regclass::text) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and not c.relrowsecurity"
        " and has_any_column_privilege('cchc_unit', c.oid, 'select')",
    )
    assert set(ungated) == UNGUARDED
    assert not scalar(superuser, "select has_column_privilege('cchc_unit', 'ops.run', 'note', 'select')")


def test_sessions_begin_with_limits(logins: Logins) -> None:
    for kind in roles.KINDS:
        with logins.connect(kind) as login:
            for name, value in roles.SETTINGS[kind].items():
                assert rows(login, f"select current_setting('{name}')") == [(value,)], (kind, name)


def test_who_is_nobody_may_not_connect(logins: Logins, superuser: Engine) -> None:
    name = f"nobody_{uuid.uuid4().hex[:8]}"
    logins.names["nobody"] = name
    roles.create(superuser, name, PASSWORD)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        logins.connect("nobody")
