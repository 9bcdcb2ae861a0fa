"""A dataset's map, compiled: landed row in, canonical row out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import FieldMap, Profile
from cchc.errors import ConfigurationError
from cchc.landing.delivery import LandedRow
from cchc.staging.readers import Reader, Unreadable, Value, reader
from cchc.warehouse.datasets import COLUMNS, NAMES

MISSING = "thiếu"


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


def compile_map(dataset: DatasetName, profile: Profile) -> Callable[[LandedRow], StagedRow]:
    """Return the function that reads a landed row of `dataset`.

    Raises `ConfigurationError` for a canonical field the dataset does not have, or a constant of the wrong type.
    """
    fields = profile.datasets[dataset].fields
    unknown = sorted(set(fields) - set(COLUMNS[dataset]))
    if unknown:
        raise ConfigurationError(f"profile {profile.code}: {dataset} has no field {', '.join(unknown)}")
    columns = [_column(profile, dataset, name, fields.get(name)) for name in COLUMNS[dataset]]

    def read_row(row: LandedRow) -> StagedRow:
        errors: list[str] = []
        values: list[Value] = []
        for column in columns:
            try:
                values.append(_value(column, row.fields))
            except Unreadable as problem:
                values.append(None)
                errors.append(f"{NAMES[column.name]}: {problem}")
        return StagedRow(row.row_no, row.page, errors, row_hash(tuple(values)), tuple(values))

    return read_row


def _column(profile: Profile, dataset: str, name: str, field: FieldMap | None) -> _Column:
    if field is None:
        return _Column(name, None, lambda _text: None, None)
    read = reader(field, profile.zone)
    if field.constant is None:
        return _Column(name, field, read, None)
    try:
        return _Column(name, field, read, read(field.constant))
    except Unreadable as problem:
        raise ConfigurationError(f"profile {profile.code}: {dataset}.{name}: constant: {problem}") from None


def _value(column: _Column, fields: dict[str, str | None]) -> Value:
    field = column.field
    if field is None or field.path is None:
        return column.constant
    if field.present and field.path not in fields:
        raise Unreadable(MISSING)
    text = fields.get(field.path)
    found = column.read(text if text is not None else "")
    if found is None and field.required:
        raise Unreadable(MISSING)
    return found


def row_hash(values: tuple[Value, ...]) -> bytes:
    """Return 16 bytes that differ when any canonical value differs; equal numbers and moments are equal.

    Empty values at the end say nothing, so that a column added there changes no hash of older rows.
    """
    given = len(values)
    while given and values[given - 1] is None:
        given -= 1
    sha = hashlib.blake2b(digest_size=16)
    for value in values[:given]:
        sha.update(_canonical(value))
        sha.update(b"\x1f")
    return sha.digest()


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
