"""Logins of the warehouse with the rights of one kind each, and a small province whose night ran under them."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from sqlalchemy import URL, Engine, text

from cchc import night
from cchc.indicators import periods
from cchc.ops.ledger import RunSummary
from cchc.publishing import closing
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import marts, migrate, roles
from cchc.warehouse.engine import connect
from cchc.warehouse.sql import query
from integration.installation import installed
from simulators import registers
from simulators.inspections import findings
from simulators.inspections import rows as inspected_rows
from simulators.province import only, running

DAY = date(2026, 11, 14)
UNITS = ("H14", "VPUBND", "SNV", "01273")
SOURCES = ("snv-motcua", "01273-dvcqg", "snv-vanban", "snv-sotay", "snv-kiemtra", "vpubnd-cong766")
PASSWORD = "mật khẩu của một người"

#: What is no right of anybody: a view cannot be written, so it was not.
_REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ObjectNotInPrerequisiteState,
    psycopg.errors.WrongObjectType,
    psycopg.errors.FeatureNotSupported,
)


@dataclass
class Logins:
    """One login of each kind in one database; `unit` reads as Sở Nội vụ, `commune` as the ward of code 01273."""

    admin: Engine  # a superuser, on another database of the server
    database: URL
    names: dict[str, str] = field(default_factory=dict)

    def make(self, grantor: Engine) -> None:
        """Make and grant all of them."""
        suffix = uuid.uuid4().hex[:8]
        for name in (*roles.KINDS, "commune"):
            self.names[name] = f"{name}_{suffix}"
            roles.create(grantor, self.names[name], PASSWORD)
        for kind in ("loader", "publisher", "office", "auditor"):
            roles.grant(grantor, self.names[kind], kind)
        roles.grant(grantor, self.names["unit"], "unit", ["SNV"])
        roles.grant(grantor, self.names["commune"], "unit", ["01273"])

    def url(self, name: str) -> URL:
        """Return the address of the database for one of them."""
        return self.database.set(username=self.names[name], password=PASSWORD)

    def connect(self, name: str, *, autocommit: bool = True) -> psycopg.Connection[tuple[Any, ...]]:
        """Connect as a client that is not the product does: with the settings that the login has."""
        return psycopg.connect(
            dbname=self.database.database,
            user=self.names[name],
            password=PASSWORD,
            host=str(self.database.query["host"]),
            autocommit=autocommit,
        )

    def drop(self) -> None:
        """Drop the database and the logins."""
        with self.admin.connect() as connection:
            connection.execute(text(f'drop database "{self.database.database}" with (force)'))
            for name in reversed(self.names.values()):  # the owner, who granted the others, last
                connection.execute(text(f'drop role if exists "{name}"'))


def rows(connection: psycopg.Connection[tuple[Any, ...]], statement: str) -> list[tuple[Any, ...]]:
    """Return what a statement yields."""
    return connection.execute(statement).fetchall()


@contextmanager
def empty_warehouse(postgres: Engine) -> Iterator[Logins]:
    """Make logins of an empty warehouse whose roles were set up by a superuser."""
    name = f"l_{uuid.uuid4().hex[:8]}"
    with postgres.connect() as admin:
        admin.execute(text(f"create database {name} template template_cchc"))
    made = Logins(postgres, postgres.url.set(database=name))
    superuser = connect(made.database)
    try:
        roles.apply(superuser)
        made.make(superuser)
        yield made
    finally:
        superuser.dispose()
        made.drop()


def refused(connection: psycopg.Connection[Any], statement: str) -> bool:
    """Return whether a statement is not permitted; what it would change is rolled back."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except _REFUSED:
        return True
    return False


@dataclass
class Province:
    """A small province after a night, a release, and a period that was closed, reopened and closed again."""

    logins: Logins
    owner: Engine  # no superuser: as the administrator of a shared server gives it
    summary: RunSummary


@contextmanager
def small_province(postgres: Engine, home: Path) -> Iterator[Province]:
    """Run a night under a loader's login and publish it under a publisher's, in a database with an owner of its own."""
    name = f"r_{uuid.uuid4().hex[:8]}"
    logins = Logins(postgres, postgres.url.set(database=name))
    logins.names["owner"] = f"owner_{name}"
    owner = connect(logins.url("owner"))
    with postgres.connect() as admin:
        admin.execute(text(f"create role owner_{name} login createrole password '{PASSWORD}'"))
        admin.execute(text(f"create database {name} owner owner_{name}"))
        admin.execute(text(f"grant create on database {name} to owner_{name}"))
    try:
        with asking_for_passwords(postgres, name):
            migrate.upgrade(owner)
            _groups(postgres, f"owner_{name}")
            roles.apply(owner)
            closed_by_a_superuser(logins.database)
            logins.make(owner)
            with running(home / "systems", DAY, systems=only(*SOURCES), faults={}) as systems:
                systems.misbehave("01273-dvcqg", "bad_rows", 14)
                _inspected(systems.registers / "snv-kiemtra" / "so_kiem_tra.xlsx")
                summary = _night(logins, home, systems)
            yield Province(logins, owner, summary)
    finally:
        owner.dispose()
        logins.drop()


def closed_by_a_superuser(database: URL) -> None:
    """Take away what an owner may not, as `cchc role apply` asks for: what a server's administrator does."""
    superuser = connect(database)
    with superuser.begin() as connection:
        asked = connection.execute(query("roles/writing")).one_or_none()
        if asked is not None:
            connection.exec_driver_sql(asked.statement)
    superuser.dispose()


@contextmanager
def asking_for_passwords(postgres: Engine, database: str) -> Iterator[None]:
    """Let the server, which trusts whoever reaches its socket, check the passwords of all but its superuser."""
    with postgres.connect() as admin:
        rules = Path(str(admin.scalar(text("show hba_file"))))
        trusting = rules.read_text(encoding="utf-8")
        asking = f"local {database} {postgres.url.username} trust\nlocal {database} all scram-sha-256\n"
        rules.write_text(asking + trusting, encoding="utf-8")
        admin.execute(text("select pg_reload_conf()"))
        try:
            yield
        finally:
            rules.write_text(trusting, encoding="utf-8")
            admin.execute(text("select pg_reload_conf()"))


def _inspected(register: Path) -> None:
    """Write a register of findings about two of the units, one of them the office that keeps it."""
    units = {"01273": "01273", "SYT": "SNV"}
    kept = [replace(found, unit=units[found.unit]) for found in findings(DAY) if found.unit in units]
    register.write_bytes(registers.workbook({"Kết luận": inspected_rows(kept)}))


def _groups(postgres: Engine, owner: str) -> None:
    """Let the owner hand groups on that another database's owner has made: what a server's administrator does."""
    with postgres.connect() as admin:
        for kind in roles.KINDS:
            if admin.scalar(text(f"select to_regrole('cchc_{kind}') is not null")):
                admin.execute(
                    text(f"grant cchc_{kind} to {owner} with admin option, inherit false, set false")
                )


def _night(logins: Logins, home: Path, systems: Any) -> RunSummary:
    catalogue = _catalogue(home / "catalogue")
    loader, publisher = connect(logins.url("loader")), connect(logins.url("publisher"))
    with pytest.MonkeyPatch.context() as patch:
        with installed(patch, loader, home, systems, catalogue):
            run = night.open_run(DAY, "sync")
            for _ in night.pull_all(run):
                pass
            night.after_pull(run)
            night.gate(run)
            night.load(run)
        with installed(patch, publisher, home, systems, catalogue):
            night.publish(run)
            night.review_data(run)
            night.send_digest(run)
            summary = night.close_run(run)
            period = periods.parse("2026-11")
            closing.close(publisher, night.catalogue(), period, "Nguyễn Văn A")
            closing.reopen(publisher, period, "Nguyễn Văn A", "hồ sơ về muộn")
            _late(loader)
            closing.close(publisher, night.catalogue(), period, "Nguyễn Văn A")
    _ask(publisher)
    loader.dispose()
    publisher.dispose()
    return summary


def _late(loader: Engine) -> None:
    """Load what came late: a dossier of the period was not taken in after all."""
    with loader.begin() as connection:
        connection.execute(
            text(
                "update core.dossier set status = 'not_accepted' where dossier_code ="
                " (select max(dossier_code) from core.dossier where unit_code = 'SNV' and status = 'returned'"
                " and finished_at between '2026-10-20' and '2026-11-10')"
            )
        )
        connection.execute(text("insert into ops.stale_mart values ('SNV', 'dossier')"))
    marts.refresh(loader)


def _ask(publisher: Engine) -> None:
    with publisher.begin() as connection:
        connection.execute(
            text(
                "insert into quality.question"
                " (unit_code, test_code, span_from, span_to, reporting_day, sentence, figures, size, state)"
                " select u, 'ONE', '2026-10-15', '2026-11-14', '2026-11-14', 'Vì sao?', '{}', 0.5, 'open'"
                " from unnest(array['SNV', '01273']) as u"
            )
        )


def _catalogue(target: Path) -> Path:
    """Write the shipped catalogue with a few of its units and sources; what is not written is the shipped one's."""
    shutil.copytree(SHIPPED_CATALOGUE / "profiles", target / "profiles")
    portal = _read("profiles/portal766.yaml")
    units = [u for u in _read("units.yaml") if u["code"] in UNITS]
    sources = [
        group | {"sources": [s for s in group["sources"] if s["code"] in SOURCES]}
        for group in _read("sources.yaml")
    ]
    province = _read("province.yaml")
    province["publications"] = [p for p in province["publications"] if isinstance(p["units"], str)]
    for name, value in (
        ("units.yaml", units),
        ("sources.yaml", [group for group in sources if group["sources"]]),
        ("province.yaml", province),
        ("hosts.yaml", [host | {"per_second": 200} for host in _read("hosts.yaml")]),
        ("profiles/portal766.yaml", portal | {"options": portal["options"] | {"pause_seconds": 0}}),
    ):
        (target / name).write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    return target


def _read(name: str) -> Any:
    return yaml.safe_load((SHIPPED_CATALOGUE / name).read_text(encoding="utf-8"))
