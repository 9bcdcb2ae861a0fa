"""A dataset's map, compiled: what each canonical column is read from, and one landed row in, one canonical row out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cchc.catalogue.base import DatasetName
from cchc.catalogue.profiles import FieldMap, Profile
from cchc.errors import ConfigurationError
from cchc.landing.delivery import LandedRow
from cchc.sources.door.columns import ABSENT, Absent
from cchc.staging.readers import Reader, Unreadable, UnreadableRow, Value, reader
from cchc.staging.row_hash import row_hash
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


class StagedRow(NamedTuple):
    """A canonical row: values in the order of `datasets.COLUMNS`; an unreadable one is None and in `cast_errors`."""

    row_no: int
    page: str
    cast_errors: list[str]  # `ngày tiếp nhận: không đọc được ngày giờ`, never the value
    row_hash: bytes
    values: tuple[Value, ...]


class Column(NamedTuple):
    """A canonical column and what it is read from."""

    name: str
    field: FieldMap | None
    constant: Value  # of a column that is read from no text
    read: Reader

    @property
    def path(self) -> str | None:
        """The path of the texts it is read from, if it is."""
        return self.field.path if self.field else None

    def value(self, text: str | Absent | None) -> Value:
        """Return what a landed text says; raises `Unreadable`."""
        if self.field is None or self.field.path is None:
            return self.constant
        if self.field.present and text is ABSENT:
            raise Unreadable(MISSING)
        found = self.read(text if isinstance(text, str) else "")
        if found is None and self.field.required:
            raise Unreadable(MISSING)
        return found

    def says(self, problem: Unreadable) -> str:
        """Return the words of a cast error: `ngày tiếp nhận: không đọc được ngày giờ`, never the value.

        What is said of the whole row is the same for each of its fields.
        """
        return str(problem) if isinstance(problem, UnreadableRow) else f"{NAMES[self.name]}: {problem}"


def compile_columns(dataset: DatasetName, profile: Profile) -> list[Column]:
    """Return the columns of `dataset` in the order of `datasets.COLUMNS`.

    Raises `ConfigurationError` for a canonical field the dataset does not have, or one whose type, choices or constant
    are not what its column holds.
    """
    fields = profile.datasets[dataset].fields
    unknown = sorted(set(fields) - set(COLUMNS[dataset]))
    if unknown:
        raise ConfigurationError(f"profile {profile.code}: {dataset} has no field {', '.join(unknown)}")
    return [_column(profile, dataset, name, fields.get(name)) for name in COLUMNS[dataset]]


def compile_map(dataset: DatasetName, profile: Profile) -> Callable[[LandedRow], StagedRow]:
    """Return the function that reads one landed row of `dataset`; raises as `compile_columns`."""
    columns = compile_columns(dataset, profile)

    def read_row(row: LandedRow) -> StagedRow:
        errors: list[str] = []
        values: list[Value] = []
        for column in columns:
            try:
                values.append(column.value(row.fields.get(column.path, ABSENT) if column.path else ABSENT))
            except Unreadable as problem:
                values.append(None)
                errors.append(column.says(problem))
        errors = list(dict.fromkeys(errors))
        return StagedRow(row.row_no, row.page, errors, row_hash(tuple(values)), tuple(values))

    return read_row


def _column(profile: Profile, dataset: DatasetName, name: str, field: FieldMap | None) -> Column:
    if field is None:
        return Column(name, None, None, lambda _text: None)
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
        return Column(name, field, None, read)
    try:
        return Column(name, field, read(field.constant), read)
    except Unreadable as problem:
        raise ConfigurationError(f"{where}: constant: {problem}") from None
