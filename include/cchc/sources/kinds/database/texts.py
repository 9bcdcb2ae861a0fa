"""Texts compared byte by byte, whatever a column's collation says: to one that knows no case HS-a is HS-A.

Of a unit's code no other unit's rows may come, and of two keys that differ neither may hide the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import CITEXT

from cchc.sources.kinds.database import mysql

# a server before version 12 has no such collations, and no column that says so: as JSON it is not asked for by name
_LOOSE_IN_POSTGRES = sa.text(
    "select a.attname from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
    " join pg_namespace as n on n.oid = c.relnamespace join pg_type as t on t.oid = a.atttypid"
    " left join pg_type as base on base.oid = t.typbasetype left join pg_collation as l on l.oid = a.attcollation"
    " where c.relname = :name and (n.nspname = :schema or cast(:schema as text) is null and pg_table_is_visible(c.oid))"
    " and a.attnum > 0 and not a.attisdropped"
    " and ('citext' in (t.typname, base.typname) or to_jsonb(l) ->> 'collisdeterministic' = 'false')"
)


def loose(
    opened: sa.Connection, table: str, schema: str | None, types: Mapping[str, sa.types.TypeEngine[Any]]
) -> Collection[str]:
    """Return the columns to whose collation texts that differ may be the same."""
    if opened.dialect.name == "postgresql":
        return frozenset(opened.scalars(_LOOSE_IN_POSTGRES, {"schema": schema, "name": table}))
    if opened.dialect.name == "sqlite":  # it tells no column's collation; a number is not changed by one
        return frozenset(types)
    if opened.dialect.name == "mysql":
        return frozenset(name for name, kind in types.items() if isinstance(kind, sa.String))
    return frozenset()


def as_bytes(dialect: str, text: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a text as what is ordered and compared by its bytes in UTF-8."""
    if dialect == "mysql":
        return mysql.as_bytes(text)
    if dialect == "sqlite":
        return sa.collate(text, "BINARY")
    # under any collation citext compares small letters
    is_plain = isinstance(text.type, sa.String) and not isinstance(text.type, CITEXT)
    return sa.collate(text if is_plain else sa.cast(text, sa.Text), "C")


def bound(dialect: str, value: Any) -> Any:
    """Return a value as what `as_bytes` gives is compared with it."""
    return value.encode() if dialect == "mysql" else value


def count_distinct(dialect: str, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[int]:
    """Return the number of different values that columns have together, as the database compares them."""
    if dialect == "postgresql":
        return sa.func.count(sa.distinct(sa.tuple_(*columns)))
    return sa.Function("count", sa.distinct(columns[0]), *columns[1:], type_=sa.Integer())
