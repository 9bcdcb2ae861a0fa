"""A clean province of 100,000 rows: no rule speaks of any of them, however a legitimate row may look."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from cchc.catalogue import calendar
from cchc.catalogue.base import DATASETS
from cchc.quality import gate
from cchc.quality.rules import SCOPES, rules_of
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import working_days
from cchc.warehouse.datasets import COLUMNS
from integration.rows import catalogue, new_run

HERE = Path(__file__).parent / "clean_province"
ROWS = 100_000
DOSSIERS_AGAIN = 300  # of the dossiers, so many come twice
VARIETY = {
    # one channel cannot go with two of the seven levels
    "select count(distinct (status, channel, online_level)) from stg.dossier": 10 * (4 * 7 - 2),
    "select count(distinct (direction, form, action)) from stg.document": 2 * 3 * 4,
    "select count(distinct (kind, disliked, complained_again)) from stg.petition": 3 * 3 * 3,
    "select count(distinct (online_level, term_unit)) from stg.procedure": 7 * 5,
}
AT_LEAST = {  # what the rules that look beyond the row had to look at
    "select count(*) from stg.delivery where history >= 4 and expected >= 10": 200,
    "select count(*) from landing.delivery where received = 0": 400,
    "select sum(known) from stg.delivery where is_register": 10_000,
    "select count(*) from stg.dossier as s inner join core.dossier as t on s.unit_code = t.unit_code"
    " and s.source_code <> t.source_code and s.dossier_code = t.dossier_code": 1_000,
    # a day alone beside the hour of reception
    "select count(*) from stg.dossier where received_at > least(finished_at, returned_at, due_at)": 1_000,
}


def test_a_clean_province_breaks_no_rule(warehouse: Engine) -> None:
    run_id = new_run(warehouse, date(2026, 9, 3))
    with warehouse.begin() as connection:
        working_days.sync(connection, calendar.load(SHIPPED_CATALOGUE))
        _stage(connection, run_id)

    report = gate.run(warehouse, run_id, catalogue())

    with warehouse.connect() as connection:
        broken = connection.execute(
            text("select rule_code, count(*), min(row_no) from stg.violation group by 1")
        ).all()
        for statement, wanted in VARIETY.items():
            assert connection.scalar(text(statement)) == wanted, statement
        for statement, least in AT_LEAST.items():
            assert connection.scalar(text(statement)) >= least, statement
    assert broken == []
    assert report.held == ()
    assert report.troubles == {}
    assert set(report.results) == set(SCOPES)
    for scope, checked in report.results.items():
        assert {c.rule_code for c in checked} >= {rule.code for rule in rules_of(scope)}
    assert sum(report.results[dataset][0].checked for dataset in DATASETS) == ROWS
    assert min(report.results[dataset][0].checked for dataset in DATASETS) >= 500
    assert report.results["delivery"][0].checked > 400


def _stage(connection: Connection, run_id: UUID) -> None:
    parts = {
        "{columns}": ", ".join(COLUMNS["dossier"]),
        "{deliveries}": " union all ".join(
            f"select delivery_id, unit_code, source_code, '{d}'::text as dataset, count(*) as staged"
            f" from stg.{d} group by delivery_id, unit_code, source_code"
            for d in DATASETS
        ),
    }
    values: dict[str, str | int] = {"run_id": str(run_id), "again": DOSSIERS_AGAIN}
    for name in ("offices", "others", "reports", "dossiers", "known", "history"):
        if name == "dossiers":
            counted = f"select coalesce(sum(staged), 0) from ({parts['{deliveries}']}) as s"
            values["dossiers"] = ROWS - DOSSIERS_AGAIN - int(connection.scalar(text(counted)) or 0)
        for statement in (HERE / f"{name}.sql").read_text(encoding="utf-8").split(";\n"):
            for part, value in parts.items():
                statement = statement.replace(part, value)
            asked = text(statement)
            wanted = asked.compile().params
            connection.execute(asked, {key: value for key, value in values.items() if key in wanted})
    for table in ("core.dossier", "core.document", "core.procedure", "landing.delivery", "ops.load_ledger"):
        connection.execute(text(f"analyze {table}"))
