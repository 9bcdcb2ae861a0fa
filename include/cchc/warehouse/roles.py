"""Who may do what in the warehouse: five groups, their rights, and the logins that are members of them.

| group            | may                                                                              |
|------------------|----------------------------------------------------------------------------------|
| `cchc_loader`    | pull, stage, judge, load, count                                                  |
| `cchc_publisher` | publish and close periods, ask and answer questions, tell people                 |
| `cchc_office`    | read schema `report`, all units                                                  |
| `cchc_unit`      | read schema `report`, the rows of the units that `ops.unit_login` says           |
| `cchc_auditor`   | read everything, write nothing                                                   |

Groups belong to the whole server and no migration makes them; `apply` does, and grants in one database. The rights
themselves stand in `sql/roles/*.sql`. Owners and superusers are held by none of this.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from cchc.errors import CchcError, ConfigurationError
from cchc.warehouse.sql import query, source

log = logging.getLogger(__name__)

Kind = Literal["loader", "publisher", "office", "unit", "auditor"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_RUNNING = {"loader", "publisher"}  # one login may be both: a night without two addresses
_SHORTEST = 12  # characters of a password
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('cchc roles', 0))")
_PATIENCE = text("set local lock_timeout = '10s'")  # a night that runs holds its tables

_READER = {
    "search_path": "report",
    "timezone": "Asia/Ho_Chi_Minh",
    "default_transaction_read_only": "on",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "1min",
}
_RUNNER = {
    "search_path": "pg_catalog",
    "timezone": "Asia/Ho_Chi_Minh",
    "statement_timeout": "2h",
    "lock_timeout": "30min",
    "idle_in_transaction_session_timeout": "2h",  # a release waits for its pages to be made
}
#: What a session of each begins with; PostgreSQL does not hand such settings from a group to its members.
SETTINGS: Mapping[Kind, Mapping[str, str]] = {
    "loader": _RUNNER,
    "publisher": _RUNNER,
    "office": _READER | {"statement_timeout": "5min"},
    "unit": _READER | {"statement_timeout": "1min"},
    "auditor": _READER | {"statement_timeout": "30min"},
}


@dataclass(frozen=True)
class Login:
    """A login with rights here."""

    login: str
    kinds: str
    units: str  # of a unit's login the codes it reads as
    is_gone: bool  # the server has no such login any more, and a new one of that name would read as the unit


def apply(engine: Engine) -> None:
    """Make the groups that are missing, grant what they may and take back all else; idempotent.

    Raises `ConfigurationError` where this login may not, or where the tables are in use for longer than 10 s.
    """
    with _administering(engine) as connection:
        connection.execute(_PATIENCE)
        _apply(connection)


def apply_again(connection: Connection) -> None:
    """Grant for what a migration has just made, where roles are in use in this database."""
    if connection.scalar(query("roles/applied")):
        _apply(connection)


def _apply(connection: Connection) -> None:
    connection.execute(_LOCK)
    for name in ("groups", "afresh", "staging", "loader", "publisher", "auditor", "maintain"):
        connection.exec_driver_sql(source(f"roles/{name}").replace("%", "%%"))
    for name in ("readers", "rows"):
        for statement in connection.scalars(query(f"roles/{name}")).all():
            connection.exec_driver_sql(statement.replace("%", "%%"))
    _close_writing(connection)


def _close_writing(connection: Connection) -> None:
    """Take from everybody what writes without a table; where this login may not, say who does it and how."""
    found = connection.execute(query("roles/writing")).one_or_none()
    if found is None:
        return
    if found.is_ours_to_revoke:
        connection.exec_driver_sql(found.statement)
    else:
        log.warning(
            "every login can still fill the disk with large objects; let a superuser run this once in database %s: %s",
            _database(connection),
            found.statement,
        )


def create(engine: Engine, login: str, password: str) -> None:
    """Make a login without any right; the server is sent a SCRAM verifier, never the password.

    Raises `ConfigurationError` for a login that is there, a short password, or where this login may make none.
    """
    if len(password) < _SHORTEST:
        raise ConfigurationError(f"the password is shorter than {_SHORTEST} characters")
    with _administering(engine) as connection:
        if _found(connection, login) is not None:
            raise ConfigurationError(f"login {login} is there already; `cchc role grant {login} --as …`")
        driver: Any = connection.connection.driver_connection
        verifier = driver.pgconn.encrypt_password(
            password.encode(), login.encode(), b"scram-sha-256"
        ).decode()
        _execute(connection, "create role %I login password %L", login, verifier)


def grant(engine: Engine, login: str, kind: Kind, units: Sequence[str] = ()) -> None:
    """Make a login a member of a group, with the settings its sessions begin with; again: the units are replaced.

    Raises `ConfigurationError` where `apply` was never run, for a login that is not there, that no right holds (a
    superuser, the owner, a member of `pg_read_all_data`) or that is of another kind; only loader and publisher go
    together.
    """
    if (kind == "unit") != bool(units):
        raise ConfigurationError("a login of kind unit needs --unit CODE, and no other kind takes it")
    with _administering(engine) as connection:
        if not connection.scalar(query("roles/applied")):
            raise ConfigurationError("roles were never set up in this database: run `cchc role apply` first")
        found = _found(connection, login)
        if found is None or not found.can_login:
            raise ConfigurationError(f"there is no login {login}: `cchc role create {login}` makes it")
        if found.is_above:
            raise ConfigurationError(
                f"login {login} is a superuser, may act as the warehouse's owner, or is a member of a group of "
                "PostgreSQL's own that reads or writes everything: no right of ours holds it back"
            )
        others = found.kinds - {kind}
        if others and not {kind, *others} <= _RUNNING:
            raise ConfigurationError(
                f"login {login} is {', '.join(sorted(others))} already: `cchc role revoke {login}` first"
            )
        _execute(connection, "grant %I to %I with inherit true", f"cchc_{kind}", login)
        for name, value in SETTINGS[kind].items():
            _execute(
                connection,
                "alter role %I in database %I set %I to %L",
                login,
                _database(connection),
                name,
                value,
            )
        connection.execute(query("roles/forget_units"), {"login": login})
        for unit in dict.fromkeys(units):
            connection.execute(query("roles/put_unit"), {"login": login, "unit_code": unit})


def revoke(engine: Engine, login: str) -> None:
    """Take all rights of this product from a login, and its units; the login itself stays.

    Raises `ConfigurationError` where it has none.
    """
    with _administering(engine) as connection:
        found = _found(connection, login)
        forgotten = connection.execute(query("roles/forget_units"), {"login": login}).rowcount
        if found is None or not found.kinds:
            if not forgotten:
                raise ConfigurationError(f"login {login} has no rights here; `cchc role list` shows who has")
            return
        for kind in sorted(found.kinds):
            _execute(connection, "revoke %I from %I", f"cchc_{kind}", login)
        _execute(connection, "alter role %I in database %I reset all", login, _database(connection))


def listed(engine: Engine) -> list[Login]:
    """Return the logins with rights here, by name."""
    with engine.connect() as connection:
        return [Login(*row) for row in connection.execute(query("roles/list"))]


@dataclass(frozen=True)
class _Found:
    can_login: bool
    is_above: bool
    kinds: frozenset[str]


def _found(connection: Connection, login: str) -> _Found | None:
    row = connection.execute(query("roles/login"), {"login": login}).one_or_none()
    return None if row is None else _Found(row.can_login, row.is_above, frozenset(row.kinds))


def _database(connection: Connection) -> str:
    return str(connection.scalar(text("select current_database()")))


def _execute(connection: Connection, form: str, *parts: str) -> None:
    statement = connection.scalar(query("roles/names"), {"form": form, "parts": list(parts)})
    connection.exec_driver_sql(str(statement).replace("%", "%%"))


@contextmanager
def _administering(engine: Engine) -> Iterator[Connection]:
    """Return a transaction; what the database refuses is said without its statement, which may hold a verifier."""
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        refused = error.orig
        said = refused.diag.message_primary if isinstance(refused, psycopg.Error) else type(refused).__name__
        if isinstance(refused, psycopg.errors.InsufficientPrivilege | psycopg.errors.ReadOnlySqlTransaction):
            raise ConfigurationError(
                f"this login of the warehouse may not administer roles ({said}): "
                "use the owner's, with CREATEROLE and the admin option on the groups, or a superuser's"
            ) from None
        if isinstance(refused, psycopg.errors.LockNotAvailable):
            raise ConfigurationError(
                "the warehouse's tables are in use, by a night or a long query: try again when it is over"
            ) from None
        raise CchcError(f"the warehouse refused: {said}") from None
