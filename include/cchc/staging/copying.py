"""Rows by column as PostgreSQL's binary COPY takes them.

https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from psycopg import adapters
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
Column = bytes | Sequence[bytes]  # a field that is the same in every row, or one for each


def field(type_name: str) -> Field:
    """Return what writes a value of a column of a type (`text`, `timestamptz` …, `text[]`); None becomes null.

    What it returns raises `OverflowError` for a number that its integer column cannot hold; none is ever cut.
    """
    writers: Mapping[str, Field] = {
        "text": _text,
        "timestamptz": _moment,
        "integer": _integer,
        "bigint": _bigint,
    }
    write = writers.get(type_name) or _dumped(type_name)
    return lambda value: _NULL if value is None else write(value)


def column(write: Field, values: Sequence[Any]) -> Column:
    """Return the fields of values; each different one is written out once."""
    known = {value: write(value) for value in set(values)}
    return list(map(known.__getitem__, values)) if len(known) > 1 else next(iter(known.values()), ())


def whole_numbers(numbers: Sequence[int] | NDArray[np.int64], bits: Literal[32, 64]) -> list[bytes]:
    """Return the fields of numbers, which must be such, in a column of so many bits."""
    form = np.dtype([("length", ">i4"), ("value", f">i{bits // 8}")])
    data = np.empty(len(numbers), dtype=form)
    data["length"], data["value"] = bits // 8, numbers
    found: list[bytes] = data.view(f"V{form.itemsize}").tolist()
    return found


def as_long(values: Iterable[bytes], length: int) -> Sequence[bytes]:
    """Return the fields of values, which must all be so many bytes long."""
    head = _LENGTH(length)
    return [head + value for value in values]


def rows(size: int, columns: Sequence[Column]) -> bytes:
    """Return so many rows of fields that are written out already."""
    head = struct.pack("!h", len(columns))
    return b"".join(joined(size, (head, *columns)))


def joined(size: int, columns: Sequence[Column]) -> Iterator[bytes]:
    """Yield what stands in so many rows of the columns, joined."""
    # neighbours that are the same in every row are one piece
    pieces: list[Iterable[bytes]] = []
    same = b""
    for column in columns:
        if isinstance(column, bytes):
            same += column
        else:
            pieces += [repeat(same, size), column] if same else [column]
            same = b""
    if same or not pieces:
        pieces.append(repeat(same, size))
    return map(b"".join, zip(*pieces, strict=True))


def _text(value: str) -> bytes:
    data = value.encode()
    return _LENGTH(len(data)) + data


def _bytes(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


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


def _dumped(type_name: str) -> Field:
    name = _ALIASES.get(type_name, type_name)
    info: TypeInfo | None = adapters.types.get(name)
    if info is None:
        raise LookupError(f"no type {type_name}")
    if type_name.endswith("[]"):
        dumper: Any = adapters.get_dumper(list, PyFormat.BINARY)(list)
        dumper = dumper.upgrade([""], PyFormat.BINARY)
        return lambda values: _bytes(bytes(dumper.dump(list(values))))
    of_type: Any = adapters.get_dumper_by_oid(info.oid, Format.BINARY)(object)
    return lambda value: _bytes(bytes(of_type.dump(value)))
