"""JSON pages of one list, read by column: the first shows which fields its records have, the others are read as such.

What comes out is what the strict reader would say of each page (ADR 20). A page that is another than those before (a
new field, a number where texts were) is read by it, and shows what there may be from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from types import NoneType
from typing import Annotated, Any, Union

import msgspec

from cchc.sources.door.columns import ABSENT, THERE, Absent, Column, Kinds, Objects, Records, Values, name_of
from cchc.sources.formats import strict_json
from cchc.sources.formats.strict_json import Body

_MOST_FIELDS = 500  # of a record, with all that is within
_DEEPEST = 8
_FEWEST_RECORDS = 20  # of a page from which one learns
_MOST_IN_VAIN = 3  # pages on end that could not be read so and taught nothing
# Places for fields, so many for one that is there; more would be nearly empty, and cost more than what they save.
_EMPTIEST = 4
_FEW_PLACES, _MANY_PLACES = 10_000, 1_000_000
_TYPES: Mapping[type, Any] = {
    str: str,
    bool: bool,
    NoneType: None,
    int: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],  # beyond, the strict reader decides
}
_ABSENT = frozenset({Absent})
_SCALARS = frozenset({*_TYPES, Absent})
_OBJECTS = frozenset({dict, NoneType, Absent})

_Shape = Mapping[str, "_Field"]
_Field = Kinds | tuple[Kinds, "_Shape"]  # an object has fields of its own


def reader_of(name: str, keys: tuple[str, ...]) -> PageReader:
    """Return a reader of pages of a name: where it is a profile's, what one source showed helps with the next."""
    return PageReader(keys, _memory_of(name, keys))


@dataclass
class _Memory:
    """What readers know of one another; of use to some or to none, for what a page holds is looked at each time."""

    known: _Known | None = None


@lru_cache(maxsize=256)
def _memory_of(_name: str, _keys: tuple[str, ...]) -> _Memory:
    return _Memory()


class PageReader:
    """Reads the pages of a list that stands at `keys` in each, one within the other; of none: it is the whole page."""

    def __init__(self, keys: Sequence[str], memory: _Memory | None = None) -> None:
        self._keys = tuple(keys)
        self._memory = memory or _Memory()
        self._in_vain = 0

    def parse(self, body: Body) -> Any:
        """Return what `strict_json.parse` returns, the records as `Records` where they could be read by column.

        Raises `BadJson` as it does.
        """
        if self._in_vain >= _MOST_IN_VAIN:
            return strict_json.parse(body)
        known = self._memory.known  # another thread may learn meanwhile
        if known is not None and (found := known.read(body)) is not None:
            self._in_vain = 0
            return found
        found = strict_json.parse(body)
        if not self._learn(found):
            self._in_vain += 1
        return found

    def _learn(self, answer: Any) -> bool:
        """Remember the fields of an answer, beside those that others had; return whether that may have been of use."""
        around: list[tuple[str, ...]] = []
        for key in self._keys:
            if not isinstance(answer, dict) or key not in answer or len(answer) > _MOST_FIELDS:
                return False
            around.append(tuple(answer))
            answer = answer[key]
        if not isinstance(answer, list):
            return False
        if len(answer) < _FEWEST_RECORDS:
            return True
        shape, known = _shape_of(answer, 0), self._memory.known
        if shape is None or not _is_readable(shape, _MOST_FIELDS):
            return False
        both = None if known is None else _merged(known.shape, shape)
        if both is not None and _is_readable(both, min(_EMPTIEST * len(list(_paths(shape))), _MOST_FIELDS)):
            shape = both  # else what others had would be in the way
        if known is not None and (shape, around) == (known.shape, known.around):
            return False
        try:
            self._memory.known = _Known(self._keys, around, shape)
        except ValueError:  # a name with a quote, a control character, half a letter
            return False
        return True


def _is_readable(shape: _Shape, most: int) -> bool:
    """Whether there are at most so many fields, and none that the door takes for another: the first of them counts."""
    paths = list(_paths(shape))
    return len(set(paths)) == len(paths) <= most


def _paths(shape: _Shape, prefix: str = "") -> Iterator[str]:
    for key, field in shape.items():
        yield (path := prefix + name_of(key))
        if isinstance(field, tuple):
            yield from _paths(field[1], f"{path}.")


def _shape_of(records: Sequence[Any], depth: int) -> _Shape | None:
    """Return the fields that objects have, None where they are more or other than can be read by column."""
    if depth > _DEEPEST or not set(map(type, records)) <= {dict}:
        return None
    keys = dict.fromkeys(chain.from_iterable(records))
    if len(keys) > _MOST_FIELDS:
        return None
    if len(keys) * len(records) > max(_FEW_PLACES, _EMPTIEST * sum(map(len, records))):
        return None
    found: dict[str, _Field] = {}
    for key in keys:
        column = [record.get(key, ABSENT) for record in records]
        kinds = frozenset(map(type, column))
        if kinds <= _SCALARS:
            found[key] = kinds
        elif kinds <= _OBJECTS and (inner := _shape_of([v for v in column if type(v) is dict], depth + 1)):
            found[key] = kinds, inner
        else:
            return None
    return found


def _merged(one: _Shape, other: _Shape) -> _Shape | None:
    """Return the fields of which two shapes have some; None where one is an object in one and a value in the other."""
    merged: dict[str, _Field] = {}
    for key in {**one, **other}:
        in_one, in_other = one.get(key, _ABSENT), other.get(key, _ABSENT)
        if isinstance(in_one, tuple) and in_other == _ABSENT:
            merged[key] = in_one[0] | _ABSENT, in_one[1]
        elif isinstance(in_other, tuple) and in_one == _ABSENT:
            merged[key] = in_other[0] | _ABSENT, in_other[1]
        elif isinstance(in_one, tuple) and isinstance(in_other, tuple):
            if (inner := _merged(in_one[1], in_other[1])) is None:
                return None
            merged[key] = in_one[0] | in_other[0], inner
        elif isinstance(in_one, tuple) or isinstance(in_other, tuple):
            return None
        else:
            merged[key] = in_one | in_other
    return merged


class _Known:
    """Reads pages whose fields are known, and no others."""

    def __init__(self, keys: Sequence[str], around: Sequence[Sequence[str]], shape: _Shape) -> None:
        self.around, self.shape = around, shape
        self._keys = keys
        self._width = len(list(_paths(shape)))
        self._columns = _Columns(shape)
        whole: Any = list[self._columns.struct]  # type: ignore[name-defined]
        for key, names in zip(reversed(keys), reversed(around), strict=True):
            whole = _struct({name: whole if name == key else msgspec.Raw for name in names}, frozenset())
        self._decoder = msgspec.json.Decoder(whole)

    def read(self, body: Body) -> Any:
        """Return the page, None where it has another field, kind or number than those known, or any mistake."""
        if strict_json.holds_too_much(body):
            return None
        places_of_keys = strict_json.places_of_keys(body)
        most = _EMPTIEST * places_of_keys
        if strict_json.places_of_objects(body) * self._width > max(_EMPTIEST * most, _MANY_PLACES):
            return None
        try:
            found = self._decoder.decode(body)
            stated, records, keys = self._around(found)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        if len(records) * self._width > max(most, _FEW_PLACES):
            return None
        columns, of_records = self._columns.of(records)
        if keys + of_records != places_of_keys:  # else one may have stood twice
            return None
        answer: Any = Records(len(records), columns)
        for key, beside in zip(reversed(self._keys), reversed(stated), strict=True):
            answer = {**beside, key: answer}
        return answer

    def _around(self, found: Any) -> tuple[list[dict[str, Any]], Sequence[Any], int]:
        """Return what stands beside the records on each level, the records, and how many keys there are beside."""
        stated: list[dict[str, Any]] = []
        keys = 0
        for key, names in zip(self._keys, self.around, strict=True):
            beside: dict[str, Any] = {}
            for name, attribute in zip(names, found.__struct_fields__, strict=True):
                value = getattr(found, attribute)
                if name == key:
                    inner = value
                else:
                    beside[name] = strict_json.parse(bytes(value))
                    keys += strict_json.keys_in(beside[name])
            keys += len(names)
            stated.append(beside)
            found = inner
        return stated, found, keys


class _Columns:
    """How the columns of objects are taken from the structs that were read."""

    def __init__(self, shape: _Shape) -> None:
        self._inner = {key: _Columns(field[1]) for key, field in shape.items() if isinstance(field, tuple)}
        self._kinds = {key: field[0] if isinstance(field, tuple) else field for key, field in shape.items()}
        types: dict[str, Any] = {}
        for key, kinds in self._kinds.items():
            of_values = [_TYPES[kind] for kind in kinds if kind in _TYPES]
            if key in self._inner:
                of_values.append(self._inner[key].struct)
            types[key] = Union[tuple(of_values)]  # noqa: UP007  of as many as there are
        absent = frozenset(key for key, kinds in self._kinds.items() if Absent in kinds)
        self.struct: Any = _struct(types, absent)

    def of(self, structs: Sequence[Any]) -> tuple[dict[str, Values | Objects], int]:
        """Return the columns, `ABSENT` where a struct is none, and how many keys they stand for."""
        fields: dict[str, Values | Objects] = {}
        keys = 0
        columns: Iterable[Column] = zip(*map(msgspec.structs.astuple, structs), strict=True)
        for (key, kinds), column in zip(self._kinds.items(), columns, strict=bool(structs)):
            if len(kinds) > 1:
                kinds = frozenset(map(type, column))
            if kinds == _ABSENT:
                continue
            keys += len(column) - (column.count(ABSENT) if Absent in kinds else 0)
            inner = self._inner.get(key)
            if inner is None or inner.struct not in set(map(type, column)):
                fields[key] = Values(column, kinds)
            else:
                fields[key], below = inner.within(column)
                keys += below
        return fields, keys

    def within(self, column: Column) -> tuple[Objects, int]:
        """Return a column of structs, nulls and `ABSENT` as one of objects, and how many keys are within."""
        kinds = frozenset(dict if kind is self.struct else kind for kind in map(type, column))
        if kinds == {dict}:
            fields, keys = self.of(column)
            return Objects((THERE,) * len(column), kinds, fields), keys
        there = [THERE if type(value) is self.struct else value for value in column]
        found, keys = self.of([value for value in column if type(value) is self.struct])
        return Objects(there, kinds, _spread(found, there)), keys


def _spread(fields: Mapping[str, Values | Objects], there: Column) -> dict[str, Values | Objects]:
    """Return the columns of objects with a place, in which `ABSENT` stands, for each that is none."""
    found: dict[str, Values | Objects] = {}
    for key, field in fields.items():
        objects = field.there if isinstance(field, Objects) else field.column
        values = iter(objects)
        column = [next(values) if state is THERE else ABSENT for state in there]
        kinds = field.kinds | {Absent}
        if isinstance(field, Objects):
            found[key] = Objects(column, kinds, _spread(field.fields, there))
        else:
            found[key] = Values(column, kinds)
    return found


def _struct(types: Mapping[str, Any], absent: Kinds | frozenset[str]) -> Any:
    """Return a struct of just these fields, in their order."""
    fields = [
        (f"f{at}", of_type, msgspec.field(name=key, **({"default": ABSENT} if key in absent else {})))
        for at, (key, of_type) in enumerate(types.items())
    ]
    return msgspec.defstruct("Fields", fields, forbid_unknown_fields=True, gc=False, kw_only=True)
