"""A session in a vendor's database: read-only, one snapshot, bounded in time, and errors without the database's words.

What a database says about an error may repeat values, addresses and passwords, so none of it is told; what is told is
its SQLSTATE and what to do.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError, ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection

_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "sqlite": "sqlite+pysqlite",
    "mysql": "mysql+pymysql",
    "mssql": "mssql+pyodbc",
    "oracle": "oracle+oracledb",
}
_CREDENTIALS = "Check login and password of the connection and what they may read."
_REFUSED_STATES = ("28", "42501")  # SQLSTATE: invalid authorisation, insufficient privilege
_REFUSED_WORDS = ("authentication failed", "access denied", "login failed", "permission denied", "ora-01017")
_CANCELLED = "57014"

#: what is said to a database before anything is asked, by dialect; {ms}: how long a statement may take
_BEGIN: Mapping[str, tuple[str, ...]] = {
    "sqlite": ("pragma query_only = on", "begin"),
    "mysql": (
        "set session max_execution_time = {ms}",
        "start transaction with consistent snapshot, read only",
    ),
    "oracle": ("set transaction read only",),
}


class Session:
    """How a source's database is reached; `opened` once."""

    def __init__(self, source: str, host: Host, connection: Connection, arguments: Mapping[str, Any]) -> None:
        self._source, self._host = source, host
        self._over = threading.Event()
        url = _url(source, connection)
        options: dict[str, Any] = {}
        if url.get_backend_name() == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        elif url.get_backend_name() == "mssql":
            options["isolation_level"] = "SNAPSHOT"
        try:
            self._engine = sa.create_engine(
                url, poolclass=NullPool, connect_args={**self._limits(url), **arguments}, **options
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
            statement = int(self._host.read_seconds * 1000)
            idle = int(self._host.total_seconds * 1000)
            said = {
                "statement_timeout": statement,
                "lock_timeout": statement,
                "idle_in_transaction_session_timeout": idle,
                "default_transaction_read_only": "on",
            }
            options = " ".join(f"-c {name}={value}" for name, value in said.items())
            return {"connect_timeout": seconds, "application_name": "cchc", "options": options}
        if url.get_backend_name() == "sqlite":
            return {"timeout": self._host.read_seconds, "check_same_thread": False, "isolation_level": None}
        if url.get_backend_name() == "mysql":
            return {"connect_timeout": seconds, "read_timeout": self._host.read_seconds}
        return {}

    @contextmanager
    def opened(self) -> Iterator[sa.Connection]:
        """Return a connection in a read-only transaction; after the host's total seconds it is cut off."""
        with self.errors("connection"):
            connection = self._engine.connect()
        timer = threading.Timer(
            self._host.total_seconds, self._cut, [connection.connection.driver_connection]
        )
        timer.daemon = True
        timer.start()
        try:
            with self.errors("connection"):
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
        dialect = self._engine.dialect.name
        if dialect == "postgresql":
            connection.execution_options(postgresql_readonly=True)
        for statement in _BEGIN.get(dialect, ()):
            connection.exec_driver_sql(statement.format(ms=int(self._host.read_seconds * 1000)))

    def _cut(self, driver: Any) -> None:
        """End whatever the connection does; runs beside it."""
        self._over.set()
        with suppress(Exception):  # it may be closed this very moment
            if self._engine.dialect.name == "sqlite":
                driver.interrupt()
            elif self._engine.driver == "psycopg":
                with socket.socket(fileno=os.dup(driver.pgconn.socket)) as wire:
                    wire.shutdown(socket.SHUT_RDWR)
            else:
                driver.close()

    @contextmanager
    def errors(self, where: str) -> Iterator[None]:
        """Put the database's errors into words that hold nothing of its own."""
        try:
            yield
        except SQLAlchemyError as error:
            raise self._in_words(error, where) from None

    def _in_words(self, error: SQLAlchemyError, where: str) -> SourceError:
        if self._over.is_set():
            text = f"the pull did not end within {self._host.total_seconds:g} s (total_seconds of its host)"
            return SourceUnavailable(self._source, text, where=where)
        original = error.orig if isinstance(error, DBAPIError) else None
        state = str(getattr(original, "sqlstate", None) or "")
        words = str(original or "").lower()
        if state.startswith(_REFUSED_STATES) or any(known in words for known in _REFUSED_WORDS):
            return SourceRefused(
                self._source, "the database refused this login.", where=where, action=_CREDENTIALS
            )
        if state == _CANCELLED:
            text = (
                f"the database did not answer within {self._host.read_seconds:g} s (read_seconds of its host)"
            )
            return SourceUnavailable(self._source, text, where=where)
        told = f" (SQLSTATE {state})" if state else f" ({type(original or error).__name__})"
        if isinstance(original, self._engine.dialect.loaded_dbapi.OperationalError) or state[:2] in (
            "08",
            "57",
        ):
            text = f"the database cannot be reached, is locked, or broke off{told}"
            return SourceUnavailable(self._source, text, where=where)
        text = f"the database cannot answer the profile's question, or holds what cannot be read{told}"
        return ContractBroken(self._source, text, where=where)


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
    host = unquote(parts.netloc.rpartition(":")[0] if port is not None else parts.netloc)
    named = {"host": host} if host.startswith("/") else {}  # the folder of a socket, percent-encoded
    return sa.URL.create(
        driver,
        connection.login or None,
        connection.password or None,
        None if named else host or None,
        port,
        unquote(parts.path.lstrip("/")) or None,
        query=named,
    )
