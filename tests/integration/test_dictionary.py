"""The data dictionary against the warehouse as the migrations make it, and what migrating writes of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc import documents
from cchc.catalogue.base import DATASETS, OnTimeRule
from cchc.catalogue.load import load
from cchc.catalogue.models import Unit
from cchc.catalogue.profiles import Profile
from cchc.commands.docs import docs
from cchc.errors import CchcError
from cchc.quality.rules import SCOPES, rules_of
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import dictionary as dictionaries
from cchc.warehouse.sql import query

DOCS = Path(__file__).parents[2] / "docs"

_ALLOWED = text(
    "select conrelid::regclass::text as table_name, a.attname as name, pg_get_constraintdef(k.oid) as definition"
    " from pg_constraint as k join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]"
    " where k.contype = 'c' and cardinality(k.conkey) = 1 and pg_get_constraintdef(k.oid) like '%= ANY (ARRAY[%'"
)


def test_everything_there_is_described_and_nothing_else(warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        problems = dictionaries.dictionary().problems(dictionaries.columns(connection))
    assert not problems, "mend include/cchc/warehouse/dictionary/*.yaml:\n  " + "\n  ".join(problems)


def test_committed_documents_are_those_that_would_be_made(warehouse: Engine) -> None:
    found = documents.differences(DOCS, warehouse)
    assert not found, "run `make docs`:\n  " + "\n  ".join(different.sentence() for different in found)


def test_a_column_without_description_and_one_that_is_gone_are_named(warehouse: Engine) -> None:
    with warehouse.begin() as connection:
        connection.execute(text("alter table mart.definition add column made_by text"))
        connection.execute(text("alter table mart.definition drop column sha256"))
        connection.execute(text("create table ops.new_thing (dataset text)"))
        connection.execute(
            text("create view stg.gate_dossier_0 as select 1 as x")
        )  # of a run: not the warehouse's
    with pytest.raises(CchcError) as error:
        documents.generated(warehouse)
    assert str(error.value).split("\n  ")[1:] == [
        "table ops.new_thing has no description",
        "column mart.definition.made_by has no description",
        "column mart.definition.sha256 is described and not there",
    ]


def test_where_a_column_may_be_empty_it_says_what_that_means(warehouse: Engine) -> None:
    known = dictionaries.dictionary()
    with warehouse.connect() as connection:
        rows = connection.execute(query("dictionary/columns")).all()
    silent = []
    for row in rows:
        # staged columns may all be empty, which the schema's description says
        if row.is_required or row.is_view or row.schema_name == "stg":
            continue
        found = known.column(f"{row.schema_name}.{row.table_name}", row.name)
        if found is None or "trống" not in found[0].vi.lower() or "empty" not in found[0].en.lower():
            silent.append(f"{row.schema_name}.{row.table_name}.{row.name}")
    assert silent == []


def test_allowed_values_are_those_the_tables_allow(warehouse: Engine) -> None:
    known = dictionaries.dictionary()
    with warehouse.connect() as connection:
        checks = connection.execute(_ALLOWED).all()
    assert len(checks) > 20
    for check in checks:
        allowed = set(re.findall(r"'([^']*)'::text", check.definition))
        found = known.column(check.table_name.replace('"', ""), check.name)
        assert found is not None
        assert set(found[0].values) == allowed, f"{check.table_name}.{check.name}"
    assert set(known.shared["dataset"].values) == set(DATASETS)


def test_values_no_table_checks_are_those_of_the_catalogue() -> None:
    scores = load(SHIPPED_CATALOGUE).score_set("qd766")
    status = next(rule for rule in rules_of("dossier") if rule.code == "DOSSIER_STATUS_UNKNOWN")
    allowed = {
        ("core.source", "kind"): set(get_args(Profile.model_fields["kind"].annotation)),
        ("core.source", "on_time_rule"): set(get_args(OnTimeRule)),
        ("core.asked_rule", "on_time_rule"): set(get_args(OnTimeRule)),
        ("core.unit", "unit_group"): set(get_args(Unit.model_fields["group"].annotation)),
        ("core.official_score", "group_code"): {group.code for group in scores.groups},
        ("core.dossier", "status"): set(re.findall(r"'([a-z_]+)'", status.predicate)),
        ("stg.violation", "dataset"): set(SCOPES),
    }
    for (table, name), values in allowed.items():
        found = dictionaries.dictionary().column(table, name)
        assert found is not None
        assert set(found[0].values) == values, f"{table}.{name}"


def test_migrating_writes_the_comments_once(warehouse: Engine) -> None:
    comment = text(
        "select col_description('core.dossier'::regclass, attnum) from pg_attribute"
        " where attrelid = 'core.dossier'::regclass and attname = 'status'"
    )
    known = dictionaries.dictionary().column("core.dossier", "status")
    assert known is not None
    with warehouse.connect() as connection:
        assert connection.scalar(comment) == known[0].comment()
        bare = connection.scalar(
            text(
                "select count(*) from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0"
                " where c.relkind in ('r', 'v') and not a.attisdropped and col_description(c.oid, a.attnum) is null"
                " and c.relnamespace in (select oid from pg_namespace where nspname = any(:schemas))"
            ),
            {"schemas": list(dictionaries.dictionary().schemas)},
        )
        assert bare == 0
    with warehouse.begin() as connection:
        connection.execute(text("comment on column core.dossier.status is null"))
        assert dictionaries.comment(connection) == 1
        assert dictionaries.comment(connection) == 0
        assert connection.scalar(comment) == known[0].comment()


def test_check_names_the_document_that_is_out_of_date(tmp_path: Path) -> None:
    for name in ("rules.md", "data_dictionary.md"):
        shutil.copy(DOCS / name, tmp_path / name)
    lines = (tmp_path / "rules.md").read_text(encoding="utf-8").split("\n")
    lines[7] = "what somebody wrote by hand"
    (tmp_path / "rules.md").write_text("\n".join(lines), encoding="utf-8")
    result = CliRunner().invoke(docs, ["check", "--folder", str(tmp_path)])
    assert isinstance(result.exception, CchcError)  # `cchc` turns it into exit code 1
    assert f"{tmp_path / 'rules.md'}, line 8: 'what somebody wrote by hand' would be" in str(result.exception)
    assert "data_dictionary.md" not in str(result.exception)
