"""Records by column: what is the same in many of them is then looked at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple, overload

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
THERE: Final = object()  # stands for an object whose fields are columns

Column = Sequence[Any]


Kinds = frozenset[type]  # of what stands in a column


@dataclass(frozen=True)
class Table:
    """Records by column: path → what stands there in each record (`ABSENT`: nothing), and the types of that."""

    columns: dict[str, tuple[Column, Kinds]]
    objects: dict[str, Kinds]  # the paths that hold objects, whose fields are columns too


class Values(NamedTuple):
    """One field of many objects: a scalar in each, null or `ABSENT`."""

    column: Column
    kinds: Kinds

    def each(self) -> Column:
        """Return what stands in each object."""
        return self.column


class Objects(NamedTuple):
    """One field of many objects that holds an object in each, null or `ABSENT`; `fields` are those of the former."""

    there: Column  # `THERE`, None or `ABSENT`
    kinds: Kinds
    fields: Mapping[str, Values | Objects]  # as long as `there`; of what is no object all are `ABSENT`

    def each(self) -> Column:
        """Return what stands in each object."""
        objects = _made(len(self.there), self.fields)
        return [found if state is THERE else state for state, found in zip(self.there, objects, strict=True)]


class Records(Sequence[dict[str, Any]]):
    """Records that were read by column; they are made only where somebody asks for one."""

    def __init__(self, size: int, fields: Mapping[str, Values | Objects]) -> None:
        self._size = size
        self._fields = fields

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._records)

    @overload
    def __getitem__(self, number: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, number: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, number: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return self._records[number]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list | Records) and len(self) == len(other) and self._records == list(other)

    __hash__ = None  # type: ignore[assignment]  # like a list's

    def each(self, name: str) -> Column:
        """Return what stands in a field of each record, `ABSENT` where there is none."""
        found = self._fields.get(name)
        return (ABSENT,) * self._size if found is None else found.each()

    @cached_property
    def table(self) -> Table | None:
        """The records by column, as `by_column` says."""
        table = Table({}, {})
        return table if _add_fields(table, self._fields, "", 0) else None

    @cached_property
    def _records(self) -> list[dict[str, Any]]:
        return _made(self._size, self._fields)


def _made(size: int, fields: Mapping[str, Values | Objects]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [{} for _ in range(size)]
    for key, field in fields.items():
        for record, value in zip(made, field.each(), strict=True):
            if value is not ABSENT:
                record[key] = value
    return made


def _add_fields(table: Table, fields: Mapping[str, Values | Objects], prefix: str, depth: int) -> bool:
    """Add fields, each by its path; returns whether that can be done."""
    if depth > _DEEPEST:
        return False
    for key, field in fields.items():
        path = prefix + name_of(key)
        if path in table.columns or path in table.objects:
            return False
        if isinstance(field, Values):
            table.columns[path] = field.column, field.kinds
        else:
            _add_objects(table, path, field.there, field.kinds)
            if not _add_fields(table, field.fields, f"{path}.", depth + 1):
                return False
    return True


def by_column(records: Sequence[Mapping[str, Any]]) -> Table | None:
    """Return records by column, or None where that would not do: look at them one by one.

    So it is with lists, with two fields of one path, and with records that have hardly a field in common.
    """
    if isinstance(records, Records):
        return records.table
    if not set(map(type, records)) <= {dict}:
        return None
    fields = _laid_out(records, 0)
    return None if fields is None else Records(len(records), fields).table


def _laid_out(records: Sequence[Mapping[str, Any]], depth: int) -> dict[str, Values | Objects] | None:
    """Return the fields of records by column, or None where that would not do."""
    by_key = _by_key(records) if depth <= _DEEPEST else None
    if by_key is None:
        return None
    fields: dict[str, Values | Objects] = {}
    for key, column in by_key:
        kinds = frozenset(map(type, column))
        if dict not in kinds and list not in kinds:
            fields[key] = Values(column, kinds)
            continue
        if not kinds <= {dict, Absent, type(None)}:
            return None
        within = _laid_out([value if type(value) is dict else {} for value in column], depth + 1)
        if within is None:
            return None
        there = [THERE if type(value) is dict else value for value in column]
        fields[key] = Objects(there, kinds, within)
    return fields


def _add_objects(table: Table, path: str, column: Column, kinds: Kinds) -> None:
    """Add a path that holds objects, and the nulls that stand in their place as a column of their own."""
    table.objects[path] = kinds
    if type(None) in kinds:
        stated = [None if value is None else ABSENT for value in column]
        table.columns[path] = stated, kinds - {dict} | {Absent}


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
