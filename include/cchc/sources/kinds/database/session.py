"""A session in a vendor's database: read-only, one snapshot, bounded in time, and errors without the database's words.

What a database says about an error may repeat values, addresses and passwords, so none of it is told; what is told is
its SQLSTATE or error number and what to do.

Over the network PostgreSQL, MariaDB and MySQL are spoken to with TLS, and their certificate must be of that name and of
an authority that is known here, or of `ca_bundle` of the host; `plain_http: true` of the host declares that neither is
needed. A socket of this machine needs none.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import ssl
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from requests.utils import (
    DEFAULT_CA_BUNDLE_PATH,
)  # the authorities that servers of the web are checked against
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, NoSuchTableError, SAWarning, SQLAlchemyError
from sqlalchemy.pool import NullPool

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError, ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.settings import settings
from cchc.sources.connector import Connection
from cchc.sources.kinds.database import mysql, postgres

_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "sqlite": "sqlite+pysqlite",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mssql": "mssql+pyodbc",
    "oracle": "oracle+oracledb",
}
_CREDENTIALS = "Check login and password of the connection and what they may read."
_REFUSED_STATES = ("28", "42501")  # SQLSTATE: invalid authorisation, insufficient privilege
_REFUSED_WORDS = ("authentication failed", "access denied", "login failed", "permission denied", "ora-01017")
_CANCELLED = "57014"
_NO_DATABASE = "3D000"
#: SQLite calls nearly every error operational, also a view that fails
_SQLITE_PASSING = (
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_SCHEMA),
)
_CERTIFICATE = (
    "Mend the server's certificate, or give the authority's as ca_bundle of its host (hosts.yaml); where the way there "
    "is safe without TLS, declare plain_http: true."
)
_OF_DRIVERS = (SQLAlchemyError, UnicodeError, RuntimeError)  # a driver's own do not all come wrapped

#: what is said to a database before anything is asked, by dialect
_BEGIN: Mapping[str, tuple[str, ...]] = {
    "sqlite": ("pragma query_only = on", "begin"),
    "oracle": ("set transaction read only",),
}


class Session:
    """How a source's database is reached; `opened` once."""

    def __init__(
        self,
        source: str,
        host: Host,
        connection: Connection,
        arguments: Mapping[str, Any],
        zone: tzinfo = UTC,
    ) -> None:
        """`zone`: in which local times are meant."""
        self._source, self._host = source, host
        self._over = threading.Event()
        #: the zone in which MariaDB and MySQL tell the moments they know, without saying so
        self.zone = mysql.fixed(zone)
        url = _url(source, connection)
        options: dict[str, Any] = {}
        if url.get_backend_name() == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        elif url.get_backend_name() == "mssql":
            options["isolation_level"] = "SNAPSHOT"
        try:
            self._engine = sa.create_engine(
                url,
                poolclass=NullPool,
                connect_args={**self._limits(url), **self._safety(url, connection), **arguments},
                **options,
            )
        except NoSuchModuleError:
            raise ConfigurationError(
                f"source {source}: {url.get_backend_name()} is no kind of database that is known; there are: "
                f"{', '.join(_DRIVERS)}"
            ) from None
        except ImportError as error:
            raise ConfigurationError(
                f"source {source}: the driver {error.name or url.drivername} is not installed: pip install it"
            ) from None

    def _limits(self, url: sa.URL) -> dict[str, Any]:
        seconds = max(1, round(self._host.connect_seconds))
        if url.get_backend_name() == "postgresql":
            return {
                "connect_timeout": seconds,
                **postgres.beginning(self._host.read_seconds, self._host.total_seconds),
            }
        if url.get_backend_name() == "sqlite":
            return {"timeout": self._host.read_seconds, "check_same_thread": False, "isolation_level": None}
        if url.get_backend_name() == "mysql":
            # the server's own limit comes first, and is told as such
            wire = self._host.read_seconds + 1
            return {
                "connect_timeout": seconds,
                "read_timeout": wire,
                "write_timeout": wire,
                "local_infile": False,
            }
        return {}

    def _safety(self, url: sa.URL, connection: Connection) -> dict[str, Any]:
        """Return how the driver makes sure of whom it speaks with."""
        kind = url.get_backend_name()
        bundle = self._host.ca_bundle and str(settings().catalogue / self._host.ca_bundle)
        ours = connection.client_cert
        for path, what in ((bundle, "ca_bundle of its host"), (ours, "client_cert of its connection")):
            if path and not Path(path).is_file():
                text = f"source {self._source}: {what}: there is no such file of certificates: {path}"
                raise ConfigurationError(text)
        if kind == "postgresql" and url.host:
            given = {"sslcert": ours, "sslkey": ours} if ours else {}
            if self._host.plain_http:
                return {"sslmode": "prefer"} | given
            return {"sslmode": "verify-full", "sslrootcert": bundle or DEFAULT_CA_BUNDLE_PATH} | given
        if kind == "mysql":
            # the driver would take a text for Latin-1
            found: dict[str, Any] = {"password": connection.password.encode()}
            if "unix_socket" in url.query:
                found["ssl_disabled"] = True
            elif not self._host.plain_http:
                found["ssl"] = ssl.create_default_context(cafile=bundle or DEFAULT_CA_BUNDLE_PATH)
                if ours:
                    found["ssl"].load_cert_chain(ours)
            return found
        return {}

    @contextmanager
    def opened(self) -> Iterator[sa.Connection]:
        """Return a connection in a read-only transaction; after the host's total seconds it is cut off."""
        with self.errors("connection", (Exception,)):  # what answers may be anything
            connection = self._engine.connect()
        timer = threading.Timer(
            self._host.total_seconds, self._cut, [connection.connection.driver_connection]
        )
        timer.daemon = True
        timer.start()
        try:
            with self.errors("session"):
                self._begin(connection)
            with self.errors("reading"):  # of what describes the tables
                yield connection
        finally:
            timer.cancel()
            if self._over.is_set():
                connection.invalidate()  # it cannot say goodbye
            with suppress(SQLAlchemyError):
                connection.close()

    def _begin(self, connection: sa.Connection) -> None:
        dialect = self._engine.dialect
        if dialect.name == "postgresql":
            connection.execution_options(postgresql_readonly=True)
        statements = _BEGIN.get(dialect.name, ())
        if dialect.name == "mysql":
            is_mariadb = bool(getattr(dialect, "is_mariadb", False))
            host = self._host
            statements = mysql.beginning(is_mariadb, host.read_seconds, host.total_seconds, self.zone)
        for statement in statements:
            connection.exec_driver_sql(statement)

    def described(
        self, opened: sa.Connection, table: str, schema: str | None
    ) -> dict[str, sa.types.TypeEngine[Any]]:
        """Return column → type of a table or view.

        Raises `ContractBroken` where there is none that this login may see, or where it takes no part in snapshots.
        """
        found: dict[str, sa.types.TypeEngine[Any]] = {}
        with self.errors(table):
            if opened.dialect.name == "mysql":
                found = mysql.described(opened, table, schema)
                if engine := mysql.without_snapshot(opened, table, schema):
                    text = (
                        f"the table is kept by {engine}, where rows change while they are read. "
                        "Ask for InnoDB, or for a copy"
                    )
                    raise ContractBroken(self._source, text, where=table)
            else:
                with suppress(NoSuchTableError), warnings.catch_warnings():
                    # of types that it does not know it tells the columns, which may be named after people
                    warnings.simplefilter("ignore", SAWarning)
                    columns = sa.inspect(opened).get_columns(table, schema=schema)
                    found = {column["name"]: postgres.plain(column["type"]) for column in columns}
        if not found:
            text = (
                "there is no such table or view, or this login may not see it, or what a view reads is gone"
            )
            raise ContractBroken(self._source, text, where=table)
        return found

    def key_of(self, opened: sa.Connection, table: str, schema: str | None) -> tuple[str, ...]:
        """Return the primary key of a table, as far as this login may see it; a view has none."""
        with self.errors(table):
            if opened.dialect.name == "mysql":
                return mysql.key_of(opened, table, schema)
            return tuple(sa.inspect(opened).get_pk_constraint(table, schema=schema)["constrained_columns"])

    def _cut(self, driver: Any) -> None:
        """End whatever the connection does; runs beside it."""
        self._over.set()
        with suppress(Exception):  # it may be closed this very moment
            if self._engine.dialect.name == "sqlite":
                driver.interrupt()
            elif self._engine.driver in ("psycopg", "pymysql"):
                # closing it would not wake up who waits for it
                is_psycopg = self._engine.driver == "psycopg"
                number = driver.pgconn.socket if is_psycopg else driver._sock.fileno()
                with socket.socket(fileno=os.dup(number)) as wire:
                    wire.shutdown(socket.SHUT_RDWR)
            else:
                driver.close()

    @contextmanager
    def errors(self, where: str, kinds: tuple[type[Exception], ...] = _OF_DRIVERS) -> Iterator[None]:
        """Put the database's errors into words that hold nothing of its own."""
        try:
            yield
        except kinds as error:
            raise self._in_words(error, where) from None

    def _in_words(self, error: Exception, where: str) -> SourceError:
        if self._over.is_set():
            text = f"the pull did not end within {self._host.total_seconds:g} s (total_seconds of its host)"
            return SourceUnavailable(self._source, text, where=where)
        original = error.orig if isinstance(error, DBAPIError) else None
        state, number = str(getattr(original, "sqlstate", None) or ""), self._number(original)
        words = "" if number else str(original or "").lower()
        told = (
            f"error {number}"
            if number
            else f"SQLSTATE {state}"
            if state
            else getattr(original, "sqlite_errorname", None) or type(original or error).__name__
        )

        def refused(text: str, action: str) -> SourceRefused:
            return SourceRefused(self._source, text, where=where, action=action)

        if number == mysql.NO_TLS or (not state and "does not support ssl" in words):
            return refused("the server does not speak TLS.", _CERTIFICATE)
        if _is_untrusted(original) or (not state and "certificate" in words):
            text = "the server's certificate is not trusted, or belongs to another name."
            return refused(text, _CERTIFICATE)
        if number == mysql.NO_DATABASE or state == _NO_DATABASE:
            return refused("the server has no such database.", "Check the path of the connection.")
        is_refused = state.startswith(_REFUSED_STATES) or any(known in words for known in _REFUSED_WORDS)
        if number in mysql.REFUSED or is_refused:
            return refused("the database refused this login.", _CREDENTIALS)
        if number in mysql.SLOW or state == _CANCELLED:
            text = (
                f"the database did not answer within {self._host.read_seconds:g} s (read_seconds of its host)"
            )
            return SourceUnavailable(self._source, text, where=where)
        if self._is_passing(original, state, number):
            text = f"the database cannot be reached, is locked, or broke off ({told})"
            return SourceUnavailable(self._source, text, where=where)
        if where == "connection":
            text = f"what answers at the address of its connection is no {self._engine.dialect.name} ({told})"
            return ContractBroken(self._source, text, where=where)
        text = (
            "the database cannot answer the profile's question, a view of it fails, or it holds what cannot be read "
            f"({told})"
        )
        return ContractBroken(self._source, text, where=where)

    def _is_passing(self, original: BaseException | None, state: str, number: int) -> bool:
        """Whether it may be otherwise when it is tried again."""
        if number:
            return number in mysql.PASSING
        if isinstance(original, sqlite3.OperationalError):
            return getattr(original, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSING
        is_operational = isinstance(original, self._engine.dialect.loaded_dbapi.OperationalError)
        return is_operational or state[:2] in ("08", "57")

    def _number(self, original: BaseException | None) -> int:
        """Return the number of an error of MariaDB or MySQL; 0 for any other."""
        if original is None or self._engine.dialect.name != "mysql":
            return 0
        number = original.args[0] if original.args else 0
        return number if isinstance(number, int) else 0


def _is_untrusted(error: BaseException | None) -> bool:
    return isinstance(getattr(error, "original_exception", None), ssl.SSLCertVerificationError)


def _url(source: str, connection: Connection) -> sa.URL:
    """Return the connection as SQLAlchemy takes it; raises `ConfigurationError`, which repeats nothing of it."""
    parts = urlsplit(connection.url)
    scheme = parts.scheme.lower()
    driver = _DRIVERS.get(scheme, scheme)
    try:
        port = parts.port
    except ValueError:
        raise ConfigurationError(f"source {source}: the connection's port is no number") from None
    if driver.startswith("sqlite"):
        # mode=ro: a file that is not there is not made, one that is there is not changed
        query = {"mode": "ro", "uri": "true"}
        return sa.URL.create(driver, database=f"file:{unquote(parts.path)}", query=query)
    host = unquote(parts.netloc.rpartition(":")[0] if port is not None else parts.netloc).strip("[]")
    name = unquote(parts.path.lstrip("/")) or None
    if name is None and driver.startswith("mysql"):
        text = f"source {source}: the connection names no database: mysql://login:password@host:3306/database"
        raise ConfigurationError(text)
    # percent-encoded: the folder of PostgreSQL's socket, or the socket of MariaDB
    kind = "unix_socket" if driver.startswith("mysql") else "host"
    named = {kind: host} if host.startswith("/") else {}
    return sa.URL.create(
        driver,
        connection.login or None,
        connection.password or None,
        None if named else host or None,
        port,
        name,
        query=named,
    )
