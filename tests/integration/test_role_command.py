"""How rights in the warehouse are given, listed, taken and set up again; what the `cchc role` commands say."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from cchc import cli, settings
from cchc.commands.role import role
from cchc.errors import ConfigurationError
from cchc.warehouse import engine as engines
from cchc.warehouse import migrate, roles
from cchc.warehouse.engine import connect
from integration.role_logins import PASSWORD, Logins, refused, rows
from integration.rows import scalar


def test_rights_are_given_with_care(logins: Logins, superuser: Engine) -> None:
    names = logins.names
    for kind, units, said in (
        ("unit", [], "needs --unit"),
        ("office", ["SNV"], "no other kind takes it"),
        ("office", [], "is loader already"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            roles.grant(superuser, names["loader"], kind, units)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="there is no login"):
        roles.grant(superuser, "x; drop role", "office")
    with pytest.raises(ConfigurationError, match="superuser"):
        roles.grant(superuser, "postgres", "office")
    with superuser.begin() as owner:
        owner.exec_driver_sql(f'grant pg_read_all_data to "{names["office"]}"')
    with pytest.raises(ConfigurationError, match="reads or writes everything"):
        roles.grant(superuser, names["office"], "office")
    with superuser.begin() as owner:
        owner.exec_driver_sql(f'revoke pg_read_all_data from "{names["office"]}"')
    with pytest.raises(ConfigurationError, match="shorter than"):
        roles.create(superuser, "short", "12345678901")
    with pytest.raises(ConfigurationError, match="there already"):
        roles.create(superuser, names["office"], PASSWORD)
    office = connect(logins.url("office"))
    with pytest.raises(ConfigurationError, match="may not administer roles") as told:
        roles.create(office, "a_new_one", PASSWORD)
    assert "SCRAM" not in str(told.value)
    office.dispose()
    with pytest.raises(ConfigurationError, match="has no rights here"):
        roles.revoke(superuser, "postgres")


def test_one_login_may_load_and_publish(logins: Logins, superuser: Engine) -> None:
    name = f"night_{uuid.uuid4().hex[:8]}"
    logins.names["night"] = name
    roles.create(superuser, name, PASSWORD)
    roles.grant(superuser, name, "loader")
    roles.grant(superuser, name, "publisher")
    assert [one.kinds for one in roles.listed(superuser) if one.login == name] == ["loader, publisher"]
    with logins.connect("night") as both:
        assert not refused(both, "delete from core.dossier")
        assert not refused(both, "delete from quality.question")


def test_rights_that_are_taken_are_gone_at_once(logins: Logins, superuser: Engine) -> None:
    name = f"gone_{uuid.uuid4().hex[:8]}"
    logins.names["gone"] = name
    roles.create(superuser, name, PASSWORD)
    roles.grant(superuser, name, "unit", ["SNV", "01273"])
    roles.grant(superuser, name, "unit", ["01273"])
    assert scalar(superuser, "select array_agg(unit_code) from ops.unit_login where login = :l", l=name) == [
        "01273"
    ]
    with logins.connect("gone") as login:
        assert rows(login, "select * from unit") == []
        roles.revoke(superuser, name)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            rows(login, "select * from report.unit")
    assert scalar(superuser, "select count(*) from ops.unit_login where login = :l", l=name) == 0
    roles.grant(superuser, name, "unit", ["SNV"])
    with superuser.begin() as connection:
        connection.execute(text(f"drop role {name}"))
    assert [one.is_gone for one in roles.listed(superuser) if one.login == name] == [True]
    roles.revoke(superuser, name)
    assert name not in {one.login for one in roles.listed(superuser)}


def _rights(engine: Engine) -> Any:
    return scalar(
        engine,
        "select md5(string_agg(x, e'\n' order by x)) from ("
        " select concat(c.oid::regclass, c.relacl) from pg_class as c where c.relacl is not null"
        " union all select concat(a.attrelid::regclass, a.attname, a.attacl) from pg_attribute as a"
        "  where a.attacl is not null"
        " union all select concat(tablename, policyname, roles, cmd, qual, with_check) from pg_policies"
        " union all select concat(nspname, nspacl) from pg_namespace"
        " union all select concat(oid::regprocedure, proacl) from pg_proc where proacl is not null) as s (x)",
    )


def test_set_up_again_is_the_same_and_takes_back_what_crept_in(superuser: Engine) -> None:
    before = _rights(superuser)
    roles.apply(superuser)
    assert _rights(superuser) == before
    with superuser.begin() as connection:
        connection.execute(text("grant select on core.dossier to cchc_unit"))
        connection.execute(text("grant select (dossier_code) on core.dossier to cchc_office"))
        connection.execute(text("grant usage on schema core to public"))
        connection.execute(text("alter policy cchc_own on core.dossier using (true)"))
        connection.execute(text("grant execute on function lo_create(oid) to public"))
    assert _rights(superuser) != before
    roles.apply(superuser)
    assert _rights(superuser) == before


def test_a_migration_grants_what_it_made(superuser: Engine) -> None:
    before = _rights(superuser)
    migrate.downgrade(superuser, "0020_inspections")
    assert _rights(superuser) != before
    migrate.upgrade(superuser)
    assert _rights(superuser) == before


def test_tables_in_use_are_waited_for_and_then_named(
    superuser: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "_PATIENCE", text("set local lock_timeout = '100ms'"))
    with superuser.begin() as reader:
        reader.execute(text("select 1 from core.dossier"))
        with pytest.raises(ConfigurationError, match="in use"):
            roles.apply(superuser)


def test_the_command_never_shows_a_password(
    logins: Logins, superuser: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"typed_{uuid.uuid4().hex[:8]}"
    logins.names["typed"] = name
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", logins.database.render_as_string(hide_password=False))
    settings.settings.cache_clear()
    engines.engine.cache_clear()

    def run(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(role, list(arguments), input=typed)

    try:
        assert run("apply").output.split() == [f"cchc_{kind}" for kind in roles.KINDS]
        assert isinstance(run("create", name).exception, ConfigurationError)
        created = run("create", name, typed=f"{PASSWORD}\n")
        assert (created.exit_code, created.output) == (0, f"{name}\n")
        assert (
            scalar(superuser, "select left(rolpassword, 14) from pg_authid where rolname = :n", n=name)
            == "SCRAM-SHA-256$"
        )
        assert isinstance(
            run("grant", name, "--as", "unit", "--unit", "NOWHERE").exception, ConfigurationError
        )
        assert run("grant", name, "--as", "unit", "--unit", "SNV").output == f"{name}\tunit\tSNV\n"
        assert f"{name},unit,SNV,False" in run("list", "--format", "csv").output
        assert run("revoke", name).output == f"{name}\n"
        assert name not in run("list", "--format", "csv").output
    finally:
        engines.engine().dispose()
        settings.settings.cache_clear()
        engines.engine.cache_clear()


def test_a_command_that_the_login_may_not_run_says_so_in_one_line(
    logins: Logins, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", logins.url("office").render_as_string(hide_password=False))
    monkeypatch.setattr("sys.argv", ["cchc", "period", "list"])
    settings.settings.cache_clear()
    engines.engine.cache_clear()
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        engines.engine().dispose()
        settings.settings.cache_clear()
        engines.engine.cache_clear()
    said = " ".join(capsys.readouterr().err.split())
    assert ended.value.code == 2
    assert said.startswith(
        "cchc: this login of the warehouse may not do that (permission denied for table cchc_version)"
    )
