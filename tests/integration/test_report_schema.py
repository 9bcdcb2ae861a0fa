"""Schema report after a night that ran under a loader's and a publisher's login: what each reader sees of it."""

from __future__ import annotations

from dataclasses import astuple
from datetime import timedelta
from itertools import cycle, product

import psycopg
import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.load import cached
from cchc.indicators import inspections
from cchc.settings import SHIPPED_CATALOGUE
from integration.indicator_facts import write
from integration.role_logins import DAY, Province, rows
from integration.rows import new_run, scalar

OF_EVERYBODY = {
    "release",
    "closed_period",
    "procedure_name",
}  # what a unit reads though no row of it is any unit's

_COLUMNS = (
    "select table_name, array_agg(column_name::text) from information_schema.columns where table_schema = 'report'"
    " group by 1 order by 1"
)


def _views(province: Province) -> dict[str, set[str]]:
    with province.logins.connect("auditor") as auditor:
        return {name: set(columns) for name, columns in rows(auditor, _COLUMNS)}


def test_a_night_runs_under_a_loader_and_is_published_under_a_publisher(province: Province) -> None:
    assert province.summary.state == "success"
    assert {row.state for row in province.summary.rows} == {"loaded"}
    owner = province.owner
    assert scalar(owner, "select count(*) from publish.release") >= 1
    assert scalar(owner, "select array_agg(revision order by revision) from publish.closed_period") == [0, 1]
    assert scalar(owner, "select count(*) from ops.outbox where state = 'sent'") > 0
    assert scalar(owner, "select count(*) from quality.scorecard") > 0
    assert scalar(owner, "select count(*) from quarantine.item") > 0
    assert scalar(owner, "select count(*) from pg_views where schemaname = 'stg'") == 0


def test_the_office_finds_something_in_every_view_but_the_codes_of_dossiers(province: Province) -> None:
    views = _views(province)
    with province.logins.connect("office") as office:
        empty = [
            v for v in views if v != "own_dossier" and not rows(office, f"select 1 from report.{v} limit 1")
        ]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            rows(office, "select 1 from report.own_dossier")
        units = {
            v: {unit for (unit,) in rows(office, f"select distinct unit_code from report.{v}")}
            for v in ("dossier", "measure_day", "indicator", "index_score", "scorecard")
        }
    assert empty == []
    assert all(len(found) > 1 for found in units.values()), units


def test_whatever_has_a_code_has_a_name(province: Province) -> None:
    with province.logins.connect("office") as office:
        nameless = {
            view: rows(
                office, f"select distinct {code} from report.{view} where {name} is null and {condition}"
            )
            for view, code, name, condition in (
                ("measure_day", "measure_code", "measure_name", "true"),
                ("measure_day", "intake", "intake_name", "intake is not null"),
                ("stock_month", "measure_code", "measure_name", "true"),
                ("indicator", "indicator_code", "indicator_name", "set_code not like 'form:%'"),
                ("closed_value", "indicator_code", "indicator_name", "set_code not like 'form:%'"),
                ("index_score", "component_code", "component_name", "component_code is not null"),
                ("index_score", "group_code", "group_name", "true"),
                ("dossier", "status", "status_name", "true"),
                ("source_night", "state", "state_name", "true"),
                ("inspection", "topic", "topic_name", "true"),
                ("inspection", "finding_kind", "finding_kind_name", "true"),
                ("inspection", "state", "state_name", "true"),
                ("inspection", "unit_code", "unit_name", "true"),
                ("procedure_name", "procedure_code", "procedure_name", "true"),
                ("procedure_name", "procedure_code", "field_name", "true"),
            )
        }
    assert not any(nameless.values()), nameless


def test_views_add_up_to_what_they_are_made_of(province: Province) -> None:
    owner = province.owner
    with province.logins.connect("office") as office:
        assert rows(office, "select count(*), sum(value) from report.measure_day") == [
            (
                scalar(owner, "select count(*) from mart.measure_day"),
                scalar(owner, "select sum(value) from mart.measure_day"),
            )
        ]
        stocks = rows(
            office,
            "select unit_code, measure_code, as_of, value from report.stock_month where on_time_rule is null",
        )
        for unit, measure, as_of, value in stocks:
            assert value == scalar(
                owner,
                "select coalesce(sum(value), 0) from mart.measure_day"
                " where unit_code = :unit and measure_code = :measure and day <= :as_of",
                unit=unit,
                measure=measure,
                as_of=as_of,
            )
        assert {as_of.day for _, _, as_of, _ in stocks} <= {14, 28, 29, 30, 31}
        late = rows(
            office,
            "select unit_code, count(*) from report.dossier where outcome = 'late' group by 1 order by 1",
        )
        assert late == rows(
            office,
            "select unit_code, sum(value) from report.measure_day"
            " where measure_code = 'finished_late' group by 1 order by 1",
        )
        assert rows(office, "select sum(documents) from report.document_day") == [
            (scalar(owner, "select count(*) from core.document"),)
        ]


def test_report_months_run_from_the_15th(province: Province) -> None:
    with province.logins.connect("office") as office:
        spans = rows(
            office, "select report_month, min(day), max(day) from report.measure_day group by 1 order by 1"
        )
    assert all(f"{last:%Y-%m}" == month or last.day >= 15 for month, _, last in spans)
    assert all(first.day >= 15 or f"{first:%Y-%m}" == month for month, first, _ in spans)
    by_month = {month: (first, last) for month, first, last in spans}
    assert by_month["2026-11"][0].isoformat() == "2026-10-15"


def test_a_revision_shows_what_it_changed(province: Province) -> None:
    with province.logins.connect("office") as office:
        found = rows(
            office,
            "select value_before, value, difference from report.closed_difference where revision = 1"
            " and unit_code = 'SNV' and set_code = 'province-core' and indicator_code = 'received'",
        )
        units = rows(office, "select distinct unit_code from report.closed_difference")
    assert [(after - before, difference) for before, after, difference in found] == [(-1, -1)]
    assert {unit for (unit,) in units} == {"SNV", "H14"}


@pytest.mark.parametrize(("login", "unit"), [("unit", "SNV"), ("commune", "01273")])
def test_a_unit_sees_all_of_its_own_rows_and_no_others(province: Province, login: str, unit: str) -> None:
    seen = {}
    with province.logins.connect(login) as own, province.logins.connect("auditor") as auditor:
        for view, columns in _views(province).items():
            if "unit_code" in columns:
                counted = rows(own, f"select unit_code, count(*) from report.{view} group by 1")
                everything = rows(
                    auditor,
                    f"select unit_code, count(*) from report.{view} where unit_code = '{unit}' group by 1",
                )
                seen[view] = counted
                assert counted == everything, view
            elif view in OF_EVERYBODY:
                assert rows(own, f"select count(*) from report.{view}") == rows(
                    auditor, f"select count(*) from report.{view}"
                )
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    rows(own, f"select 1 from report.{view}")
    assert len([view for view, counted in seen.items() if counted]) > 12, seen


def test_a_unit_reads_what_was_found_about_itself_also_where_it_keeps_the_register(
    province: Province,
) -> None:
    asked = "select unit_code, finding_code, state from report.inspection order by 1, 2"
    with province.logins.connect("unit") as office, province.logins.connect("commune") as commune:
        assert rows(office, asked) == [
            ("SNV", "KL-01", "noted"),
            ("SNV", "KL-02", "done"),
            ("SNV", "KL-03", "overdue"),
        ]
        assert {unit for unit, _, _ in rows(commune, asked)} == {"01273"}
        assert rows(
            commune, "select finding_code, days_overdue from report.inspection where state = 'overdue'"
        ) == [("KL-02", 4)]


def test_a_unit_reads_what_procedures_are_called_whoever_states_it(province: Province) -> None:
    asked = "select procedure_name, sum(value) from report.measure_day where procedure_name is not null group by 1"
    registers = "select distinct unit_code from report.procedure"
    with province.logins.connect("commune") as commune, province.logins.connect("office") as office:
        assert rows(commune, registers) == []
        assert rows(commune, "select count(*) from report.procedure_name") == rows(
            office, "select count(distinct procedure_code) from report.procedure"
        )
        assert rows(office, asked)
        # a question that asks for no name looks for none
        plan = rows(office, "explain select unit_code, sum(value) from report.measure_day group by 1")
    assert not any("procedure_names" in line for (line,) in plan)


_TRIED = (  # what a unit's login may try to get at its neighbours
    "select * from core.dossier",
    "select * from mart.measure_day",
    "copy core.dossier to stdout",
    "copy (select * from core.dossier) to stdout",
    "copy (select * from report.run) to stdout",
    "copy (select 1) to program 'cat'",
    "copy (select 1) to '/tmp/x'",
    "select pg_read_file('postgresql.conf')",
    "select core.dossiers_of('2026-01-01', '2026-12-31')",
    "select * from pg_statistic",
    "select * from pg_authid",
    "select last_value from quarantine.item_item_id_seq",
    "select nextval('quarantine.item_item_id_seq')",
    "select * from ops.unit_login",
    "set role cchc_office",
    "set session authorization postgres",
    "create temporary table t (a int)",
    "create function pg_temp.leak(text) returns boolean language sql as 'select true'",
    "create table report.t (a int)",
    "create table public.t (a int)",
    "create schema s",
    "alter view report.dossier set (security_invoker = false)",
    "create or replace view report.unit as select 1",
    "alter table core.dossier disable row level security",
    "set row_security = off; select 1 from report.dossier",
    "select lo_import('/etc/hostname')",
    "select * from core.procedure_names()",
    "select * from core.inspection",
    "update report.own_dossier set status = 'returned'",
    "delete from report.own_dossier",
    "grant cchc_office to current_user",
    "alter system set work_mem = '1GB'",
)


@pytest.mark.parametrize("statement", _TRIED)
def test_no_side_door_leads_a_unit_to_its_neighbours(province: Province, statement: str) -> None:
    with province.logins.connect("unit") as own:
        own.execute("set default_transaction_read_only = off")  # only a default: it may
        # of a view with a join PostgreSQL says first that nobody writes it
        with pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
        ):
            own.execute(statement)


def test_nothing_is_computed_over_rows_of_others_and_statistics_tell_of_none(province: Province) -> None:
    with province.logins.connect("unit") as own:
        # would fail on a division by zero where it met a row of another unit
        mine = "1 / (case unit_code when 'SNV' then 1 else 0 end) = 1"
        assert rows(own, f"select count(*) > 0 from report.measure_day where {mine}") == [(True,)]
        assert rows(own, f"select count(*) > 0 from report.own_dossier where {mine}") == [(True,)]
        told = rows(
            own,
            "select distinct tablename from pg_stats where schemaname not in ('pg_catalog', 'information_schema')",
        )
        assert {table for (table,) in told} <= {
            "measure",
            "indicator",
            "stock_measure",
            "release",
            "closed_period",
            "reopening",
            "run",
        }


def test_row_security_costs_the_office_nothing(province: Province) -> None:
    asked = (
        "explain (costs off) select unit_name, measure_name, sum(value) from report.measure_day"
        " where day between '2026-10-15' and '2026-11-14' and measure_code = 'received' group by 1, 2"
    )
    with province.logins.connect("office") as office, province.logins.connect("owner") as owner:
        plan = rows(office, asked)
        assert plan == rows(owner, asked)
    assert not any("unit_login" in line for (line,) in plan)


def test_a_finding_stands_in_the_view_as_on_the_pages(warehouse: Engine) -> None:
    around = [None, *(DAY + timedelta(days=days) for days in (-1, 0, 1))]
    grid = [
        {
            "inspection_code": "KT",
            "finding_code": f"{number:03d}",
            "inspected_unit": "SYT",
            "inspected_on": DAY - timedelta(days=30),
            "topic": topic,
            "finding_kind": kind,
            "due_on": due,
            "done_on": done,
        }
        for number, (topic, (kind, due, done)) in enumerate(
            zip(cycle(inspections.TOPICS), product(inspections.KINDS, around, around), strict=False)
        )
    ]
    later = [{**grid[0], "finding_code": "later", "inspected_on": DAY + timedelta(days=1)}]
    write(warehouse, "inspection", "SNV", "snv-kiemtra", grid + later)
    newer = {**grid[0], "done_on": DAY, "pulled_at": "2026-11-15 01:30+07"}
    write(warehouse, "inspection", "VPUBND", "vpubnd-kiemtra", [newer])
    new_run(warehouse, day=DAY)
    with warehouse.connect() as connection:
        seen = connection.execute(
            text(
                "select unit_code, inspection_code, finding_code, inspected_on, inspector, topic, finding_kind,"
                " summary, due_on, done_on, evidence, state, topic_name, finding_kind_name, state_name"
                " from report.inspection order by finding_code"
            )
        ).all()
        on_pages = inspections.register(connection, cached(SHIPPED_CATALOGUE), ["SYT"], DAY).findings
    assert [tuple(row) for row in seen] == [
        (
            *astuple(found),
            inspections.TOPICS[found.topic],
            inspections.KINDS[found.kind],
            inspections.STATES[found.state],
        )
        for found in on_pages
    ]
    assert {row.state for row in seen} == set(inspections.STATES)
    assert {row.topic for row in seen} == set(inspections.TOPICS)
