"""Texts of one field read together, as a test asks for it."""

from __future__ import annotations

from collections.abc import Sequence

from cchc.catalogue.profiles import FieldMap
from cchc.sources.door.columns import Absent
from cchc.staging import copying, together
from cchc.staging.readers import Value
from cchc.staging.row_hash import canonical

_TYPES = {"timestamp": "timestamptz", "date": "date"}


def written(field: FieldMap, value: Value) -> tuple[bytes, bytes]:
    """Return a value of a field as the row's hash takes it and as COPY does."""
    return canonical(value), copying.field(_TYPES.get(field.type, "text"))(value)


def read_together(
    field: FieldMap, zone: str, *columns: Sequence[str | Absent | None]
) -> list[dict[str | Absent | None, tuple[bytes, bytes]]] | None:
    """Return for each column what its texts say, of those that are read together; None where none ever is."""
    read = together.reader(field, zone, lambda value: written(field, value))
    if read is None:
        return None
    return [
        {
            text: (form, data)
            for at, (text, form, data) in enumerate(zip(texts, found.canonical, found.fields, strict=True))
            if at not in found.left
        }
        for texts, found in zip(columns, read(columns), strict=True)
    ]
