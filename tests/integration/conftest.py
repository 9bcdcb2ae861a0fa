"""A real PostgreSQL for every integration test: one server per session, an empty warehouse per test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, Engine, text

from cchc.settings import Smtp
from cchc.warehouse import embedded, migrate
from cchc.warehouse.engine import connect, url
from dags.processes import not_waiting_for_the_disk
from integration.mailing import Mailbox
from integration.role_logins import Logins, Province, empty_warehouse, small_province
from simulators.webhook import Webhook

if TYPE_CHECKING:
    from integration.s3_server import Login, Server

_OWN = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
# what a migration or a test's own statement changes, and data does not
_SCHEMA = text(
    "select md5(string_agg(x, ',' order by x)) from ("
    f" select c.oid::text as x from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where {_OWN}"
    " union all select concat(p.oid, p.xmin) from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace"
    f" where {_OWN}"
    " union all select concat(t.oid, t.tgenabled) from pg_trigger as t"
    " union all select concat(c.oid, c.conname) from pg_constraint as c"
    " union all select concat(a.attrelid, a.attname, a.xmin) from pg_attribute as a"
    f" join pg_class as c on c.oid = a.attrelid join pg_namespace as n on n.oid = c.relnamespace where {_OWN}) as s"
)
_TABLES = text(
    "select quote_ident(n.nspname) || '.' || quote_ident(c.relname) from pg_class as c"
    f" join pg_namespace as n on n.oid = c.relnamespace where c.relkind = 'r' and {_OWN} order by 1"
)
_ALONE = text(
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Engine]:
    """Return an engine on a server's database `admin`; `template_cchc` beside it is migrated once, as a template."""
    home = Path(tempfile.mkdtemp(prefix="cchc-pg-"))
    data = home / "postgres"
    dsn = embedded.dsn(data, "template_cchc")
    not_waiting_for_the_disk(dsn)
    template = connect(url(dsn))
    migrate.upgrade(template)
    template.dispose()
    admin = connect(url(embedded.dsn(data, "admin"))).execution_options(isolation_level="AUTOCOMMIT")
    yield admin
    admin.dispose()
    embedded.stop(data)
    shutil.rmtree(home, ignore_errors=True)


class Pool:
    """A warehouse that one test after the other gets as it was migrated: emptied, or made anew after other changes."""

    def __init__(self, postgres: Engine) -> None:
        self._postgres = postgres
        self.name = ""

    def take(self) -> Engine:
        """Return an engine on an empty, migrated warehouse."""
        if not self.name:
            self._make()
        return connect(self._postgres.url.set(database=self.name))

    def give_back(self) -> None:
        """Empty the warehouse for the next test; drop it where a test changed its schema or what it is made with."""
        engine = connect(self._postgres.url.set(database=self.name))
        with engine.begin() as connection:
            connection.execute(_ALONE)
            changed = connection.scalar(_SCHEMA) != self._schema
            if not changed:
                self._empty(connection)
                changed = self._rows(connection, self._kept) != self._kept
        engine.dispose()
        if changed:
            self._drop()

    def close(self) -> None:
        """Drop what is left."""
        if self.name:
            self._drop()

    def _make(self) -> None:
        self.name = f"t_{uuid.uuid4().hex[:12]}"
        with self._postgres.connect() as admin:
            admin.execute(text(f'create database "{self.name}" template template_cchc'))
        engine = connect(self._postgres.url.set(database=self.name))
        with engine.connect() as connection:
            self._schema = connection.scalar(_SCHEMA)
            self._tables = list(connection.scalars(_TABLES))
            full = self._full(connection)
            self._kept = self._rows(connection, full)
        engine.dispose()

    def _drop(self) -> None:
        with self._postgres.connect() as admin:
            admin.execute(text(f'drop database "{self.name}" with (force)'))
        self.name = ""

    def _full(self, connection: Connection) -> list[str]:
        each = " union all ".join(f"select '{t}' where exists (select 1 from {t})" for t in self._tables)
        return list(connection.scalars(text(each)))

    def _rows(self, connection: Connection, tables: list[str] | dict[str, list[str]]) -> dict[str, list[str]]:
        rows = "select to_jsonb(t)::text from {} as t order by 1"
        return {table: list(connection.scalars(text(rows.format(table)))) for table in tables}

    def _empty(self, connection: Connection) -> None:
        if full := [table for table in self._full(connection) if table not in self._kept]:
            connection.execute(
                text("set local session_replication_role = replica")
            )  # some refuse to be emptied
            connection.execute(text(f"truncate {', '.join(full)} restart identity cascade"))


@pytest.fixture(scope="session")
def pool(postgres: Engine) -> Iterator[Pool]:
    """Return the warehouse that the tests of this session take in turns."""
    made = Pool(postgres)
    yield made
    made.close()


@pytest.fixture
def warehouse(pool: Pool) -> Iterator[Engine]:
    """Return an engine on a migrated, empty warehouse."""
    engine = pool.take()
    yield engine
    engine.dispose()
    pool.give_back()


@pytest.fixture(scope="module")
def logins(postgres: Engine) -> Iterator[Logins]:
    """Return a login of each kind in an empty warehouse."""
    with empty_warehouse(postgres) as made:
        yield made


@pytest.fixture
def superuser(logins: Logins) -> Iterator[Engine]:
    """Return an engine of a superuser on the warehouse of these logins."""
    engine = connect(logins.database)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def province(postgres: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Return a small province after its night: tests only read it."""
    with small_province(postgres, tmp_path_factory.mktemp("province")) as made:
        yield made


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """Return a running mail server."""
    with Mailbox(tmp_path / "mail") as running:
        yield running


@pytest.fixture
def smtp(mailbox: Mailbox) -> Smtp:
    """Return the way to it."""
    return Smtp(host="127.0.0.1", port=mailbox.port, sender="cchc@tinh.test")


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """Return a running receiver of chat messages."""
    with Webhook() as running:
        yield running


@pytest.fixture(scope="module")
def serves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return an object store."""
    from integration.s3_server import serving  # seconds to import, for a few modules

    with serving(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="module")
def writer(serves: Server) -> Login:
    """Return a login that may write to it."""
    return serves._user("writer", "s3:*")


@pytest.fixture
def s3(serves: Server, writer: Login, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Return the store, empty; the environment has its address and the writer's key, as a deployment's does."""
    from integration.site_places import log_in

    log_in(serves, writer, monkeypatch)
    serves.asked.clear()
    yield serves
    serves.fault = None
    serves.delete()
