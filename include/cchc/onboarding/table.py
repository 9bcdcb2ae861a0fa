"""Some rows of a vendor's table as a sample, through the same read-only session as a night's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, tzinfo
from typing import Any

import sqlalchemy as sa

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError
from cchc.onboarding.read import Records
from cchc.sources.connector import Connection
from cchc.sources.kinds.database import postgres
from cchc.sources.kinds.database.session import Session

_ROWS = 500


def read_table(host: Host, connection: Connection, table: str) -> Records:
    """Return the first rows of a table or view, `table` or `schema.table`; raises what a pull raises.

    Raises `ConfigurationError` for a table without rows.
    """
    schema, _, name = table.rpartition(".")
    session = Session("sample", host, connection, {})
    with session.opened() as opened:
        found = session.described(opened, name, schema or None)
        # attachments: of five hundred rows they may be more than memory holds
        unread = tuple(column for column, kind in found.items() if isinstance(kind, sa.LargeBinary))
        columns: list[sa.Column[object]] = [sa.Column(column) for column in found if column not in unread]
        chosen = sa.select(sa.Table(name, sa.MetaData(), *columns, schema=schema or None)).limit(_ROWS)
        known = {column for column, kind in found.items() if getattr(kind, "timezone", False)}
        with session.errors(table):
            read = postgres.rows(opened, chosen)
        if not read:
            raise ConfigurationError(f"{table} has no rows: nothing can be drafted from it")
        rows = [_as_delivered(row._mapping, known, session.zone) for row in read]
        key = session.key_of(opened, name, schema or None)
    dates = frozenset(column for column, kind in found.items() if isinstance(kind, (sa.Date, sa.DateTime)))
    return Records("table", rows, table, key=key, dates=dates, bytes=unread)


def _as_delivered(row: Mapping[Any, Any], known: Collection[str], zone: tzinfo) -> dict[str, Any]:
    """Return a row with its moments as the connector delivers them: to the second, with an offset where it is known."""
    found = dict(row)
    for name, value in row.items():
        if isinstance(value, datetime):
            told = value.replace(tzinfo=zone) if name in known and value.tzinfo is None else value
            found[name] = told.isoformat(timespec="seconds")
    return found
