"""Some rows of a vendor's table as a sample, through the same read-only session as a night's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchTableError

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError
from cchc.onboarding.read import Records
from cchc.sources.connector import Connection
from cchc.sources.kinds.database_session import Session

_ROWS = 500


def read_table(connection: Connection, table: str) -> Records:
    """Return the first rows of a table or view, `table` or `schema.table`; raises what a pull raises."""
    schema, _, name = table.rpartition(".")
    session = Session("sample", Host(code="sample", connection="sample"), connection, {})
    with session.opened() as opened:
        inspector = sa.inspect(opened)
        try:
            found = inspector.get_columns(name, schema=schema or None)
        except NoSuchTableError:
            raise ConfigurationError(f"there is no table or view {table} that this login may see") from None
        columns: list[sa.Column[object]] = [sa.Column(column["name"]) for column in found]
        chosen = sa.select(sa.Table(name, sa.MetaData(), *columns, schema=schema or None)).limit(_ROWS)
        rows = [_as_delivered(row) for row in opened.execute(chosen).mappings()]
        key = inspector.get_pk_constraint(name, schema=schema or None)["constrained_columns"]
    dates = frozenset(c["name"] for c in found if isinstance(c["type"], (sa.Date, sa.DateTime)))
    return Records("table", rows, table, key=tuple(key), dates=dates)


def _as_delivered(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row with its moments as the connector delivers them, to the second."""
    return {
        str(name): value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
        for name, value in row.items()
    }
