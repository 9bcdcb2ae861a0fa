"""Records by column: what is the same in many of them is then looked at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, Final

from cchc.sources.texts import clean

_MOST_NAMES = 2_000
_DEEPEST = 8


class Absent(Enum):
    """Stands in a column where a record does not have the field at all; None is a field stated as null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

Column = Sequence[Any]


class NotOrdinary(Exception):
    """The records have lists, or two fields of one path: they are looked at one by one."""


def columns(records: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Column, frozenset[type]]]:
    """Return path → what stands there in each record (`ABSENT`: nothing), and its types.

    Raises `NotOrdinary` where a record has lists or two fields of one path.
    """
    found: dict[str, tuple[Column, frozenset[type]]] = {}
    if not set(map(type, records)) <= {dict}:
        raise NotOrdinary
    for path, column, kinds in _columns(records, "", 0):
        if path in found:
            raise NotOrdinary
        found[path] = column, kinds
    return found


def _columns(
    records: Sequence[Mapping[str, Any]], prefix: str, depth: int
) -> Iterator[tuple[str, Column, frozenset[type]]]:
    if depth > _DEEPEST:
        raise NotOrdinary
    for key, column in _by_key(records):
        path = prefix + name_of(key)
        kinds = frozenset(map(type, column))
        if list in kinds:
            raise NotOrdinary
        if dict not in kinds:
            yield path, column, kinds
            continue
        if not kinds <= {dict, Absent, type(None)}:
            raise NotOrdinary
        if type(None) in kinds:
            yield path, [None if value is None else ABSENT for value in column], kinds - {dict} | {Absent}
        yield from _columns([v if type(v) is dict else {} for v in column], f"{path}.", depth + 1)


def _by_key(records: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Column]]:
    keys = list(dict.fromkeys(chain.from_iterable(records)))
    several = len(keys) > 1
    if several and all(map(len(keys).__eq__, map(len, records))):  # all records have all keys
        yield from zip(keys, zip(*map(itemgetter(*keys), records), strict=True), strict=True)
    else:
        for key in keys:
            yield key, [record.get(key, ABSENT) for record in records]


@lru_cache(maxsize=_MOST_NAMES)
def name_of(key: object) -> str:
    """Return the name of a field as paths have it."""
    return clean(str(key))
