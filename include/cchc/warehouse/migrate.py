"""Bring a warehouse to a revision of the schema, up or down."""

from __future__ import annotations

from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from cchc.errors import ConfigurationError
from cchc.warehouse import dictionary, roles

_HERE = Path(__file__).parent / "migrations"
_LOCK = 0x63636863  # one migration at a time, wherever it is started
_OLDEST = 16  # PostgreSQL; before it, memberships of roles do not say whether they are inherited


def run_script(name: str) -> None:
    """Run one .sql file of `migrations/sql` inside the running migration."""
    op.get_bind().exec_driver_sql((_HERE / "sql" / name).read_text(encoding="utf-8"))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up to `revision`; a second caller waits, then finds nothing to do. Comments say what the columns mean.

    Where roles are in use they are granted what is new. Raises `ConfigurationError` on an older PostgreSQL than 16.
    """
    with engine.begin() as connection:
        server = int(str(connection.scalar(text("show server_version_num")))) // 10_000
        if server < _OLDEST:
            raise ConfigurationError(
                f"the warehouse's server is PostgreSQL {server}; this product needs {_OLDEST} or newer"
            )
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        before = _revision(connection)
        command.upgrade(_config(connection), revision)
        dictionary.comment(connection)
        if _revision(connection) != before:
            roles.apply_again(connection)


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate down to `revision` (`base`: an empty database). Data of dropped tables is gone."""
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.downgrade(_config(connection), revision)


def current(engine: Engine) -> str | None:
    """Return the revision the database is at, or None where it was never migrated."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str | None:
    options = {"version_table_schema": "public", "version_table": "cchc_version"}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def head() -> str:
    """Return the newest revision this product knows."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    found = ScriptDirectory.from_config(config).get_current_head()
    assert found is not None  # noqa: S101  the first revision ships with the product
    return found
