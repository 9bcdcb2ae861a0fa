"""What MariaDB and MySQL need that no other database does: how a session begins, and how a table is described.

A moment has no zone on its way out of this server: a TIMESTAMP is told in the session's zone, so that zone is set and
known. A DATETIME is whatever was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

#: error numbers: this login may not, whatever is tried again
REFUSED = frozenset({1044, 1045, 1130, 1142, 1143, 1227, 1370, 1698, 1820, 1862, 3118, 4151})
#: a statement took longer than it may (MariaDB, MySQL)
SLOW = frozenset({1969, 3024})
#: no such database on this server
NO_DATABASE = 1049
#: it speaks no TLS, and must
NO_TLS = 2026
#: what may pass: unreachable, too many connections, locks, a server that ends, a table that was altered meanwhile
PASSING = frozenset(
    {1021, 1040, 1053, 1129, 1152, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1317, 1412, 1637, 1927}
    | {2002, 2003, 2006, 2013, 2014, 2055, 4031}
)
#: no day is before it but a zero date ('0000-00-00', what old software writes for none); an index is used
FLOOR = date(1000, 1, 1)

_COLUMNS = sa.text(
    "select column_name, data_type from information_schema.columns"
    " where table_schema = coalesce(:schema, database()) and table_name = :name order by ordinal_position"
)
_WITHOUT_SNAPSHOT = sa.text(
    "select t.engine from information_schema.tables as t join information_schema.engines as e on e.engine = t.engine"
    " where t.table_schema = coalesce(:schema, database()) and t.table_name = :name"
    " and coalesce(e.transactions, 'NO') <> 'YES'"
)
_KEY = sa.text(
    "select column_name from information_schema.key_column_usage where constraint_name = 'PRIMARY'"
    " and table_schema = coalesce(:schema, database()) and table_name = :name order by ordinal_position"
)


class Listed(sa.String):
    """ENUM or SET: sorted by the place in its list, compared as text."""


_TEXTS = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext")
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")
_WHOLE = ("tinyint", "smallint", "mediumint", "int", "bigint", "year")
_TYPES: Mapping[str, sa.types.TypeEngine[Any]] = {
    "date": sa.Date(),
    "datetime": sa.DateTime(),
    "timestamp": sa.DateTime(timezone=True),
    "bit": mysql.BIT(),
    "enum": Listed(),
    "set": Listed(),
    **dict.fromkeys(_TEXTS, sa.String()),
    **dict.fromkeys(_BYTES, sa.LargeBinary()),
    **dict.fromkeys(_WHOLE, sa.Integer()),
    **dict.fromkeys(("decimal", "double"), sa.Numeric()),
    "float": sa.REAL(),
}


def described(opened: sa.Connection, table: str, schema: str | None) -> dict[str, sa.types.TypeEngine[Any]]:
    """Return column → type of a table or view; empty where there is none that this login may see.

    The catalogue is asked and not `SHOW CREATE TABLE`: for a view that takes a right which no reader needs.
    """
    rows = opened.execute(_COLUMNS, {"schema": schema, "name": table})
    return {name: _TYPES.get(str(kind).lower(), sa.types.NullType()) for name, kind in rows}


def key_of(opened: sa.Connection, table: str, schema: str | None) -> tuple[str, ...]:
    """Return the columns of a table's primary key; none for a view."""
    return tuple(opened.scalars(_KEY, {"schema": schema, "name": table}))


def without_snapshot(opened: sa.Connection, table: str, schema: str | None) -> str | None:
    """Return the engine of a table that takes no part in snapshots (MyISAM, Aria); None for others, and for views."""
    found = opened.scalar(_WITHOUT_SNAPSHOT, {"schema": schema, "name": table})
    return None if found is None else str(found)


def beginning(is_mariadb: bool, read_seconds: float, total_seconds: float, zone: timezone) -> tuple[str, ...]:
    """Return what is said before anything is asked."""
    longest = (
        f"max_statement_time = {read_seconds:.3f}"
        if is_mariadb
        else f"max_execution_time = {max(1, int(read_seconds * 1000))}"
    )
    minutes = int(zone.utcoffset(None).total_seconds()) // 60
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return (
        f"set session {longest}",
        f"set session lock_wait_timeout = {max(1, round(read_seconds))}",
        f"set session wait_timeout = {max(1, round(total_seconds))}",  # it is silent while we write
        f"set session time_zone = '{offset}'",
        "set session transaction isolation level repeatable read",  # another one would have no snapshot, and not say so
        "set session transaction read only",
        "start transaction with consistent snapshot, read only",
    )


def as_bytes(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a text column as its bytes in UTF-8, of which no two are the same that differ."""
    return sa.cast(sa.cast(column, mysql.CHAR(charset="utf8mb4")), sa.LargeBinary)


def told_whole(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a column so that a FLOAT comes as the number it holds: of its own accord the server tells six digits."""
    return column + sa.literal_column("0e0") if isinstance(column.type, sa.REAL) else column


def written(value: float) -> float:
    """Return the shortest number that a FLOAT of that value can have been written as: 0.1, not 0.10000000149."""
    return float(str(np.float32(value)))


def clock(value: timedelta) -> str:
    """Return a TIME as text: 09:30:00."""
    seconds = abs(int(value.total_seconds()))
    sign = "-" if value < timedelta(0) else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def fixed(zone: tzinfo | None) -> timezone:
    """Return the zone of a session for a profile's: its offset of today, since names need tables few servers have."""
    return timezone(datetime.now(zone or UTC).utcoffset() or timedelta(0))
