"""psql as people use it: each kind of login with its password, in a province after its night."""

from __future__ import annotations

import csv
import os
import re
import subprocess
from io import StringIO
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Engine, text

from cchc.warehouse import roles
from cchc.warehouse.engine import connect
from integration.role_logins import PASSWORD, Province, closed_by_a_superuser

QUERIES = (Path(__file__).parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
#: (question, SQL, columns that come out) of each worked query
WORKED: list[tuple[str, str, str]] = re.findall(
    r"^## \d+\. (.+?)\n.*?```sql\n(.+?)```\n+Kết quả: (.+?)\.", QUERIES, re.DOTALL | re.MULTILINE
)
READERS = ("office", "unit", "auditor")

_CLOSED_TO_ALL = (
    "copy (select 1) to '/tmp/x'",
    "copy (select 1) to program 'cat'",
    "copy core.unit from program 'cat /etc/hostname'",
    "select lo_create(0)",
    "select lo_creat(-1)",
    "select lo_from_bytea(0, 'x')",
    "select lo_import('/etc/hostname')",
    "select lo_export(1, '/tmp/x')",
    r"\lo_import /dev/null",
    "select pg_logical_emit_message(true, 'x', 'x')",
    "select pg_logical_emit_message(true, 'x', 'x'::bytea)",
    "select pg_read_file('PG_VERSION')",
    "select pg_read_binary_file('PG_VERSION')",
    "select pg_ls_dir('.')",
    "select pg_switch_wal()",
    "select pg_reload_conf()",
    "table pg_authid",
    "table pg_largeobject",
    "table pg_hba_file_rules",
    "set session authorization postgres",
    "set role postgres",
    "set temp_file_limit = -1",
    "alter role current_user superuser",
    "alter system set work_mem = '1GB'",
    "alter table core.dossier disable row level security",
    "create role r",
    "create schema s",
    "create publication p",
    "create table public.t (a int)",
    "create table report.t (a int)",
    "drop view report.unit",
    "delete from ops.unit_login",
)
_CLOSED_TO_READERS = (
    "create temporary table t (a int)",
    "create function report.f() returns int language sql as 'select 1'",
    "insert into core.unit default values",
    "delete from core.dossier",
    "truncate core.dossier",
    "select nextval('quarantine.item_item_id_seq')",
)
_CLOSED_BELOW_THE_VIEWS = (
    "table core.dossier",
    "copy core.dossier to stdout",
    r"\copy core.dossier to program 'cat'",
    "table core.inspection",
    "select core.procedure_names()",
    "table mart.measure_day",
    "table ops.unit_login",
    "table pg_statistic",
)


class Psql(Protocol):
    """Runs psql as one kind of login; it ends at the first error."""

    def __call__(
        self, name: str, *arguments: str, script: str = "", password: str = PASSWORD
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(scope="module")
def psql(postgres: Engine, province: Province) -> Psql:
    """Return psql of the server's own version."""
    with postgres.connect() as admin:
        folder = admin.scalar(text("select setting from pg_config where name = 'BINDIR'"))
    database, names = province.logins.database, province.logins.names

    def run(
        name: str, *arguments: str, script: str = "", password: str = PASSWORD
    ) -> subprocess.CompletedProcess[str]:
        address = f"host={database.query['host']} dbname={database.database} user={names[name]}"
        return subprocess.run(
            [
                f"{folder}/psql",
                address,
                "-Xwq",
                "-v",
                "ON_ERROR_STOP=1",
                *arguments,
                *(["-f-"] if script else []),
            ],
            input=script,
            env={"PATH": os.environ["PATH"], "PGPASSWORD": password, "PGCLIENTENCODING": "UTF8"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


@pytest.mark.parametrize("name", [*roles.KINDS, "commune"])
def test_a_login_needs_its_password(psql: Psql, name: str) -> None:
    let_in = psql(name, "-Atc", f"select current_user like '{name}%'")
    assert (let_in.returncode, let_in.stdout, let_in.stderr) == (0, "t\n", "")
    kept_out = psql(name, "-c", "select 1", password="mật khẩu của người khác")
    assert kept_out.returncode == 2
    assert "password authentication failed for user" in kept_out.stderr


@pytest.mark.parametrize("name", READERS)
def test_a_reader_is_shown_the_views_and_what_their_columns_mean(psql: Psql, name: str) -> None:
    shown = psql(name, "--csv", "-t", "-c", r"\d", "-c", r"\dv+", "-c", r"\d+ report.*")
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = list(csv.reader(StringIO(shown.stdout)))
    there = [line[1] for line in lines if len(line) == 4]
    described = {tuple(line[:2]): line[-1] for line in lines if len(line) > 4}
    assert len(there) > 20
    assert {("report", view) for view in there} < set(described)
    assert ("coverage", "numeric") in described
    assert [told for told in described.items() if not _is_in_two_languages(told[1])] == []


def _is_in_two_languages(description: str) -> bool:
    vietnamese, english, *_ = [*description.splitlines(), "", ""]
    return not vietnamese.isascii() and len(english) > 5


def test_there_are_eleven_worked_queries() -> None:
    assert len(WORKED) == 11
    assert QUERIES.count("```sql") == 11


@pytest.mark.parametrize(("question", "statement", "columns"), WORKED, ids=range(1, 12))
def test_a_worked_query_runs_and_gives_what_is_said(
    psql: Psql, question: str, statement: str, columns: str
) -> None:
    given = psql("office", "--csv", script=statement)
    assert (given.returncode, given.stderr) == (0, ""), question
    head, *found = csv.reader(StringIO(given.stdout))
    assert head == re.findall(r"`(\w+)`", columns), question
    assert found, question
    assert all(any(column) for column in zip(*found, strict=True)), question


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("unit", {"SNV"}),
        ("commune", {"01273"}),
        ("office", {"H14", "SNV", "VPUBND", "01273"}),
        ("auditor", {"H14", "SNV", "VPUBND", "01273"}),
    ],
)
def test_whose_rows_a_reader_is_given(psql: Psql, name: str, units: set[str]) -> None:
    views = ("measure_day", "stock_month", "indicator", "quarantine_row", "scorecard", "source_night")
    asked = " union ".join(f"select unit_code from {view}" for view in views)
    copied = psql(name, "-c", rf"\copy ({asked}) to stdout")
    assert (copied.returncode, copied.stderr) == (0, "")
    assert set(copied.stdout.split()) == units


@pytest.mark.parametrize("name", [*roles.KINDS, "commune"])
def test_what_is_no_right_of_a_login_is_refused(psql: Psql, name: str) -> None:
    own = "unit" if name == "commune" else name
    closed = [*_CLOSED_TO_ALL, *(f"set role cchc_{kind}" for kind in roles.KINDS if kind != own)]
    closed += _CLOSED_TO_READERS if own in READERS else ()
    closed += _CLOSED_BELOW_THE_VIEWS if own in ("office", "unit") else ()
    # that sessions begin read-only is a default, which anybody may change
    script = ["set default_transaction_read_only = off;", *(x if x[0] == "\\" else f"{x};" for x in closed)]
    tried = psql(name, "-v", "ON_ERROR_STOP=0", script="\n".join(script))
    assert tried.stdout == ""
    refused = re.findall(
        r"^psql:<stdin>:(\d+): ERROR:  (?:permission denied|must be owner)", tried.stderr, re.MULTILINE
    )
    allowed = [script[line - 1] for line in range(2, len(script) + 1) if str(line) not in refused]
    assert allowed == [], tried.stderr


@pytest.mark.parametrize("name", READERS)
def test_a_command_that_is_refused_ends_psql(psql: Psql, name: str) -> None:
    written = psql(name, "-c", "create table report.t (a int)")
    assert (written.returncode, written.stdout) == (1, "")
    assert written.stderr == "ERROR:  cannot execute CREATE TABLE in a read-only transaction\n"
    scripted = psql(name, script="select 1 from report.unit limit 0;\nset role postgres;\nselect 2;")
    assert scripted.returncode == 3
    assert scripted.stderr == 'psql:<stdin>:2: ERROR:  permission denied to set role "postgres"\n'
    assert "2\n" not in scripted.stdout


def test_what_an_owner_may_not_take_away_a_superuser_is_asked_to(
    province: Province, psql: Psql, caplog: pytest.LogCaptureFixture
) -> None:
    writing = ("-c", "set default_transaction_read_only = off", "-Atc", "select lo_unlink(lo_create(0))")
    database = province.logins.database
    superuser = connect(database)
    try:
        with superuser.begin() as connection:
            connection.execute(text("grant execute on function lo_create(oid) to public"))
        roles.apply(province.owner)
        assert caplog.messages == [
            "every login can still fill the disk with large objects; let a superuser run this once in database "
            f"{database.database}: revoke execute on function lo_create(oid) from public"
        ]
        assert psql("unit", *writing).stdout == "1\n"
    finally:
        superuser.dispose()
        closed_by_a_superuser(database)
    caplog.clear()
    roles.apply(province.owner)
    assert caplog.messages == []
    assert psql("unit", *writing).returncode == 1
