"""Records by column: what is the same in many of them is then looked at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from cchc.sources.texts import clean

_MOST_NAMES = 2_000
_DEEPEST = 8
_MOST_PLACES, _EMPTIEST = (
    1_000_000,
    50,
)  # in columns: so many, unless no more than so many for one that is filled


class Absent(Enum):
    """Stands in a column where a record does not have the field at all; None is a field stated as null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

Column = Sequence[Any]


Kinds = frozenset[type]


@dataclass(frozen=True)
class Table:
    """Records by column: path → what stands there in each record (`ABSENT`: nothing), and the types of that."""

    columns: dict[str, tuple[Column, Kinds]]
    objects: dict[str, tuple[Column, Kinds]]  # the paths that hold objects, whose fields are columns too


def by_column(records: Sequence[Mapping[str, Any]]) -> Table | None:
    """Return records by column, or None where that would not do: look at them one by one.

    So it is with lists, with two fields of one path, and with records that have hardly a field in common.
    """
    if not set(map(type, records)) <= {dict}:
        return None
    table = Table({}, {})
    return table if _add(table, records, "", 0) else None


def _add(table: Table, records: Sequence[Mapping[str, Any]], prefix: str, depth: int) -> bool:
    """Add the fields of records; returns whether that can be done."""
    if depth > _DEEPEST:
        return False
    found = _by_key(records)
    if found is None:
        return False
    for key, column in found:
        path = prefix + name_of(key)
        kinds = frozenset(map(type, column))
        if list in kinds or path in table.columns or path in table.objects:
            return False
        if dict not in kinds:
            table.columns[path] = column, kinds
            continue
        if not kinds <= {dict, Absent, type(None)}:
            return False
        table.objects[path] = column, kinds
        if type(None) in kinds:
            stated = [None if value is None else ABSENT for value in column]
            table.columns[path] = stated, kinds - {dict} | {Absent}
        if not _add(table, [v if type(v) is dict else {} for v in column], f"{path}.", depth + 1):
            return False
    return True


def _by_key(records: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, Column]] | None:
    """Return the columns, or None where nearly all of them would be empty: records with keys of their own."""
    keys = list(records[0]) if records else []
    if all(map(keys.__eq__, map(list, records))):  # all records have the same fields in the same order
        return zip(keys, zip(*(record.values() for record in records), strict=True), strict=True)
    every = dict.fromkeys(chain.from_iterable(records))
    if len(every) * len(records) > max(_MOST_PLACES, _EMPTIEST * sum(map(len, records))):
        return None
    return ((key, [record.get(key, ABSENT) for record in records]) for key in every)


@lru_cache(maxsize=_MOST_NAMES)
def name_of(key: object) -> str:
    """Return the name of a field as paths have it."""
    return clean(str(key))
