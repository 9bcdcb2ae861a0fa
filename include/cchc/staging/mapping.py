"""A dataset's map, compiled: landed row in, canonical row out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import FieldMap, Profile
from cchc.errors import ConfigurationError
from cchc.landing.delivery import Block, LandedRow
from cchc.sources.door.columns import ABSENT, Absent
from cchc.staging.readers import Reader, Unreadable, Value, reader
from cchc.warehouse.datasets import COLUMNS, NAMES, TYPES

MISSING = "thiếu"

# which types of a profile's fields give the values of a column's type
_READ_AS: dict[str, tuple[str, ...]] = {
    "text": ("code", "text", "choice"),
    "boolean": ("flag",),
    "integer": ("integer",),
    "numeric": ("number",),
    "timestamptz": ("timestamp",),
    "date": ("date",),
    "time": ("time",),
}

_EMPTY_AT_THE_END = b"\x1f\x00"


class StagedRow(NamedTuple):
    """A canonical row: values in the order of `datasets.COLUMNS`; an unreadable one is None and in `cast_errors`."""

    row_no: int
    page: str
    cast_errors: list[str]  # `ngày tiếp nhận: không đọc được ngày giờ`, never the value
    row_hash: bytes
    values: tuple[Value, ...]


class _Column(NamedTuple):
    name: str
    field: FieldMap | None
    read: Reader
    constant: Value


class StagedBlock(NamedTuple):
    """Canonical rows by column, in the order of `datasets.COLUMNS`; the rest is as in `StagedRow`."""

    row_no: Sequence[int]
    page: Sequence[str]
    cast_errors: Sequence[list[str]]
    row_hash: Sequence[bytes]
    columns: Sequence[Sequence[Value]]


def compile_blocks(dataset: DatasetName, profile: Profile) -> Callable[[Block], StagedBlock]:
    """Return the function that reads landed rows of `dataset` by column: each different text of one is read once.

    Raises `ConfigurationError` for a canonical field the dataset does not have, or one whose type, choices or constant
    are not what its column holds.
    """
    fields = profile.datasets[dataset].fields
    unknown = sorted(set(fields) - set(COLUMNS[dataset]))
    if unknown:
        raise ConfigurationError(f"profile {profile.code}: {dataset} has no field {', '.join(unknown)}")
    columns = [_column(profile, dataset, name, fields.get(name)) for name in COLUMNS[dataset]]

    def read_block(block: Block) -> StagedBlock:
        size = len(block.row_no)
        errors: list[list[str]] = [[] for _ in range(size)]
        read: list[Sequence[Value]] = []
        canonical: list[Sequence[bytes]] = []
        for column in columns:
            path = column.field.path if column.field else None
            texts: Sequence[str | Absent | None]
            texts = (ABSENT,) * size if path is None else block.columns.get(path) or (ABSENT,) * size
            known: dict[str | Absent | None, Value] = {}
            for text in set(texts):
                try:
                    known[text] = _value(column, text)
                except Unreadable as problem:
                    known[text] = None
                    said = f"{NAMES[column.name]}: {problem}"
                    for at, other in enumerate(texts):
                        if other == text:
                            errors[at].append(said)
            if len(known) == 1:
                (value,) = known.values()
                read.append((value,) * size)
                canonical.append((_canonical(value),) * size)
                continue
            forms = {text: _canonical(value) for text, value in known.items()}
            read.append([known[text] for text in texts])
            canonical.append([forms[text] for text in texts])
        hashes = [_hash(b"\x1f".join(row)) for row in zip(*canonical, strict=True)]
        return StagedBlock(block.row_no, block.page, errors, hashes, read)

    return read_block


def compile_map(dataset: DatasetName, profile: Profile) -> Callable[[LandedRow], StagedRow]:
    """Return the function that reads one landed row of `dataset`; raises as `compile_blocks`."""
    read_block = compile_blocks(dataset, profile)

    def read_row(row: LandedRow) -> StagedRow:
        found = read_block(Block.of([row]))
        values = tuple(column[0] for column in found.columns)
        return StagedRow(row.row_no, row.page, found.cast_errors[0], found.row_hash[0], values)

    return read_row


def _column(profile: Profile, dataset: DatasetName, name: str, field: FieldMap | None) -> _Column:
    if field is None:
        return _Column(name, None, lambda _text: None, None)
    where = f"profile {profile.code}: {dataset}.{name}"
    of_type = TYPES[dataset][name]
    if field.type not in _READ_AS[of_type]:
        fitting = " or ".join(_READ_AS[of_type])
        raise ConfigurationError(f"{where}: a {of_type} column is read as {fitting}, not as {field.type}")
    if of_type not in ("text", "boolean") and any(value is not None for value in field.choices.values()):
        raise ConfigurationError(
            f"{where}: choices of type {field.type} lead to null only, a text is no value of it"
        )
    try:
        read = reader(field, profile.zone)
    except ConfigurationError as problem:
        raise ConfigurationError(f"{where}: {problem}") from None
    if field.constant is None:
        return _Column(name, field, read, None)
    try:
        return _Column(name, field, read, read(field.constant))
    except Unreadable as problem:
        raise ConfigurationError(f"{where}: constant: {problem}") from None


def _value(column: _Column, text: str | Absent | None) -> Value:
    field = column.field
    if field is None or field.path is None:
        return column.constant
    if field.present and text is ABSENT:
        raise Unreadable(MISSING)
    found = column.read(text if isinstance(text, str) else "")
    if found is None and field.required:
        raise Unreadable(MISSING)
    return found


def row_hash(values: tuple[Value, ...]) -> bytes:
    """Return 16 bytes that differ when any canonical value differs; equal numbers and moments are equal.

    Empty values at the end say nothing, so that a column added there changes no hash of older rows.
    """
    return _hash(b"\x1f".join(map(_canonical, values)))


def _hash(joined: bytes) -> bytes:
    while joined.endswith(_EMPTY_AT_THE_END):
        joined = joined[: -len(_EMPTY_AT_THE_END)]
    content = b"" if joined in (b"", b"\x00") else joined + b"\x1f"
    return hashlib.blake2b(content, digest_size=16).digest()


def _canonical(value: Value) -> bytes:
    if value is None:
        return b"\x00"
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, datetime):
        return b"m" + value.astimezone(UTC).isoformat().encode()
    if isinstance(value, date | time):
        return b"d" + value.isoformat().encode()
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        return b"n" + format(number.normalize() if number else Decimal(0), "f").encode()
    return b"s" + value.replace("\x1f", " ").encode()
