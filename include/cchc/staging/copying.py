"""Rows by column as PostgreSQL's binary COPY takes them; each different value of a column is written out once.

https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.adapt import PyFormat
from psycopg.pq import Format
from psycopg.types import TypeInfo

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"

_NULL = b"\xff\xff\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTH = struct.Struct("!i").pack
_INTEGER = struct.Struct("!ii").pack
_BIGINT = struct.Struct("!iq").pack
_ALIASES = {"boolean": "bool", "text[]": "text"}

Field = Callable[[Any], bytes]


def field(connection: Connection[Any], type_name: str) -> Field:
    """Return what writes a value of a column of a type (`text`, `timestamptz` …, `text[]`); None becomes null.

    What it returns raises `OverflowError` for a number that its integer column cannot hold; none is ever cut.
    """
    writers: Mapping[str, Field] = {
        "text": _text,
        "timestamptz": _moment,
        "integer": _integer,
        "bigint": _bigint,
    }
    write = writers.get(type_name) or _dumped(connection, type_name)
    return lambda value: _NULL if value is None else write(value)


def rows(columns: Sequence[Sequence[bytes]]) -> bytes:
    """Return rows of fields that are written out already."""
    head = struct.pack("!h", len(columns))
    return head + head.join(map(b"".join, zip(*columns, strict=True)))


def written(write: Field, values: Sequence[Any]) -> Sequence[bytes]:
    """Return a column's fields."""
    known = {value: write(value) for value in set(values)}
    return list(map(known.__getitem__, values))


def _text(value: str) -> bytes:
    data = value.encode()
    return _LENGTH(len(data)) + data


def _moment(value: datetime) -> bytes:
    return _BIGINT(8, (value - _EPOCH) // _MICROSECOND)


def _integer(value: int) -> bytes:
    try:
        return _INTEGER(4, value)
    except struct.error:
        raise OverflowError("an integer column holds whole numbers of 32 bits only") from None


def _bigint(value: int) -> bytes:
    try:
        return _BIGINT(8, value)
    except struct.error:
        raise OverflowError("a bigint column holds whole numbers of 64 bits only") from None


def _dumped(connection: Connection[Any], type_name: str) -> Field:
    name = _ALIASES.get(type_name, type_name)
    info: TypeInfo | None = connection.adapters.types.get(name)
    if info is None:
        raise LookupError(f"no type {type_name}")
    if type_name.endswith("[]"):
        dumper: Any = connection.adapters.get_dumper(list, PyFormat.BINARY)(list, connection)
        dumper = dumper.upgrade([""], PyFormat.BINARY)
    else:
        dumper = connection.adapters.get_dumper_by_oid(info.oid, Format.BINARY)(object, connection)

    def write(value: Any) -> bytes:
        data = dumper.dump(value)
        return _LENGTH(len(data)) + bytes(data)

    return write
