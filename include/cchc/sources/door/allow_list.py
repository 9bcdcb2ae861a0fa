"""The door: of a record only what the profile names comes in, and a record marked secret does not come in at all.

Nothing is written before the door. What it drops (names, phones, addresses, lookup PINs, free text, attachments)
is never seen again; of a field the profile does not know, only the name is kept, so that someone can look at it.
What may come in is looked at too: a value that looks like personal data lands masked (see `cchc.sources.door.screen`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cchc.catalogue.profiles import DatasetMap
from cchc.sources import unread
from cchc.sources.door import screen
from cchc.sources.door.columns import ABSENT, Absent, Column, Table, name_of
from cchc.sources.door.secrecy import (
    any_carries_mark,
    any_tells_mark,
    carries_mark,
    is_mark,
    names_mark,
    tells_mark,
)
from cchc.sources.texts import as_text, clean, label, without_marks

_DEEPEST = 16
# answers remembered: codes of procedures and organisations come again and again
_KEPT, _LONGEST_KEPT = 16_384, 200
_MOST_PATHS = 2_000  # a source with endless new names must not fill memory
_NAME = re.compile(r"^[^\W\d][\w.@ /-]{0,79}$")
_NOTHING = frozenset({type(None), Absent})
_ENGLISH_NO = ("", "0", "false", "no", "n", "none", "normal", "public")
_VIETNAMESE_NO = ("không", "không có", "không mật", "thường", "bình thường", "thông thường", "công khai")
# labels with which a field that is called so says that there is no mark
_NO = frozenset((*_ENGLISH_NO, *_VIETNAMESE_NO, *map(without_marks, _VIETNAMESE_NO)))
_TEXTS = frozenset({str, *_NOTHING})
_HASHED = frozenset({str, bool, int, *_NOTHING})
_LONG_NUMBER = re.compile(r"\d{5}")


@dataclass(frozen=True)
class Admitted:
    """What may be kept: path → text (None: stated as null), masked where it looks personal.

    A path the record does not have is not in it.
    """

    fields: dict[str, str | None]
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Refused:
    """A record that may not be kept: it is marked secret, or does not state its level where it must."""

    unstated: bool = False


@dataclass(frozen=True)
class AdmittedPage:
    """What may be kept of many records, by column: path → text, None (stated as null) or `ABSENT`.

    `numbers` says which of the records (from 0) the lines of the columns are; the others were refused. `unstated` is
    the first that does not state its level where it must.
    """

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[str | Absent | None]]
    unknown: frozenset[str] = frozenset()
    unstated: int | None = None


@lru_cache(maxsize=_KEPT)
def _screened(text: str, of_class: str, choices: frozenset[str]) -> str:
    text = clean(text)
    if not text or screen.passes(text, of_class) or label(text) in choices or unread.why(text):
        return text
    kind = screen.find(text, of_class)
    return screen.mask(kind) if kind else text


@dataclass(frozen=True)
class _Kept:
    """How the texts of a mapped path are looked at."""

    of_class: str
    choices: frozenset[str]  # labels the profile itself names: never personal

    def screened(self, value: Any) -> str | None:
        text = value if isinstance(value, str) else as_text(value)
        if not text:
            return text
        look = _screened if len(text) <= _LONGEST_KEPT else _screened.__wrapped__
        return look(text, self.of_class, self.choices)

    def screened_column(self, column: Column, kinds: frozenset[type]) -> Sequence[str | Absent | None]:
        if (
            len(kinds - _NOTHING) > 1 or not kinds <= _HASHED
        ):  # 1 and True, 1.0 and 1.00 are the same to a dict
            return [ABSENT if value is ABSENT else self.screened(value) for value in column]
        if kinds <= _TEXTS and screen.all_pass_as_one(_stated(column, kinds), self.of_class):
            return column
        different = set(column)
        if kinds <= _TEXTS and screen.all_pass(_stated(different, kinds), self.of_class):
            return column
        known: dict[Any, str | Absent | None] = {
            value: ABSENT if value is ABSENT else self.screened(value) for value in different
        }
        return list(map(known.__getitem__, column))


def _stated(values: Iterable[Any], kinds: frozenset[type]) -> list[str]:
    """Return the texts among texts, null and `ABSENT` that are not empty."""
    if Absent in kinds:
        return [value for value in values if value and value is not ABSENT]
    return [value for value in values if value]


@dataclass(frozen=True)
class _Role:
    """What a path means in one dataset."""

    kept_as: _Kept | None  # None: it is not mapped
    marked: bool
    is_level: bool
    states_secrecy: bool
    is_named_mark: (
        bool  # called `Mật`, or `isSecret` and not named by the profile: its value says whether it is
    )
    unknown_name: str  # empty: the profile knows the path


class Door:
    """The allow-list of one dataset, compiled once."""

    def __init__(self, dataset_map: DatasetMap) -> None:
        self._kept = _kept_paths(dataset_map)
        secrecy = dataset_map.secrecy
        self._marked = frozenset(secrecy.paths) if secrecy else frozenset()
        self._level = secrecy.level if secrecy else None
        self._ordinary = frozenset(label(text) for text in secrecy.ordinary) if secrecy else frozenset()
        self._must_state = secrecy.required if secrecy else False
        self._known = frozenset(dataset_map.personal) | frozenset(dataset_map.ignored)
        self._roles: dict[str, _Role] = {}

    def admit(self, payload: Mapping[str, Any]) -> Admitted | Refused:
        """Return what of a record may be kept, or that it may not be."""
        fields: dict[str, str | None] = {}
        unknown: set[str] = set()
        stated = False
        for path, value in flatten(payload):
            role = self._role(path)
            stated = stated or role.states_secrecy
            if self._is_secret(role, value):
                return Refused()
            if role.kept_as is not None:
                if fields.get(path) is None:  # of a repeated element the first one counts
                    fields[path] = role.kept_as.screened(value)
            elif role.unknown_name:
                unknown.add(role.unknown_name)
        if self._must_state and not stated:
            return Refused(unstated=True)
        return Admitted(fields, frozenset(unknown))

    def admit_page(self, records: Sequence[Mapping[str, Any]], table: Table | None) -> AdmittedPage:
        """Return what of many records may be kept: as `admit` says of each, by column where there is a table."""
        found = self._by_column(len(records), table) if table is not None else None
        return found or self._one_by_one(records)

    def _by_column(self, size: int, table: Table) -> AdmittedPage | None:
        """Admit records of which none is refused; None where it cannot say so."""
        kept: dict[str, Sequence[str | Absent | None]] = {}
        unknown: set[str] = set()
        stated = not (self._must_state and size)
        for path, (column, kinds) in table.columns.items():
            role = self._role(path)
            stated = stated or (role.states_secrecy and Absent not in kinds)
            if self._holds_a_secret(role, column, kinds):
                return None
            if role.kept_as is not None:
                kept[path] = role.kept_as.screened_column(column, kinds)
            elif role.unknown_name:
                unknown.add(role.unknown_name)
        return AdmittedPage(range(size), kept, frozenset(unknown)) if stated else None

    def _holds_a_secret(self, role: _Role, column: Column, kinds: frozenset[type]) -> bool:
        looked_at = role.is_level or role.is_named_mark
        if not looked_at and str not in kinds:
            return False
        if not looked_at:
            texts = column if kinds == {str} else [value for value in column if isinstance(value, str)]
            return any_carries_mark(texts) if role.marked else any_tells_mark(texts)
        values = set(column) if len(kinds - _NOTHING) == 1 and kinds <= _HASHED else column
        return any(self._is_secret(role, value) for value in values if value is not ABSENT)

    def _one_by_one(self, records: Sequence[Mapping[str, Any]]) -> AdmittedPage:
        numbers: list[int] = []
        admitted: list[Admitted] = []
        for number, record in enumerate(records):
            found = self.admit(record)
            if isinstance(found, Admitted):
                numbers.append(number)
                admitted.append(found)
            elif found.unstated:
                return AdmittedPage((), {}, unstated=number)
        paths = dict.fromkeys(path for found in admitted for path in found.fields)
        kept = {path: [found.fields.get(path, ABSENT) for found in admitted] for path in paths}
        return AdmittedPage(numbers, kept, frozenset().union(*(found.unknown for found in admitted)))

    def _is_secret(self, role: _Role, value: Any) -> bool:
        if role.is_level:
            return label(as_text(value) or "") not in self._ordinary
        if role.is_named_mark and value and label(as_text(value) or "") not in _NO:
            return True
        if not isinstance(value, str):
            return False
        return carries_mark(value) if role.marked else tells_mark(value)

    def _role(self, path: str) -> _Role:
        found = self._roles.get(path)
        if found is None:
            found = self._find_role(path)
            if len(self._roles) < _MOST_PATHS:
                self._roles[path] = found
        return found

    def _find_role(self, path: str) -> _Role:
        parts = path.split(".")
        above = {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
        is_level, marked, mapped = self._level in above, bool(above & self._marked), self._kept.get(path)
        known = is_level or marked or mapped is not None or bool(above & self._known)
        states = is_level if self._level is not None else marked
        below = parts[self._depth_of_named(parts) :]  # names that nobody who wrote the profile has thought of
        says_so = is_mark(path) or any(map(is_mark, parts)) or any(map(names_mark, below))
        is_named_mark = says_so and not is_level
        return _Role(mapped, marked, is_level, states, is_named_mark, "" if known else readable_name(path))

    def _depth_of_named(self, parts: Sequence[str]) -> int:
        """Return how many parts of a path make the longest one that the profile names; 0 for none."""
        named = (self._known, self._marked, self._kept)
        for depth in range(len(parts), 0, -1):
            if any(".".join(parts[:depth]) in names for names in named):
                return depth
        return 0


def _kept_paths(dataset_map: DatasetMap) -> dict[str, _Kept]:
    """Return the mapped paths; one that several columns read is looked at as the first of them."""
    found: dict[str, _Kept] = {}
    for column, field in dataset_map.fields.items():
        if field.path is None:
            continue
        choices = frozenset(label(text) for text in (*field.choices, *field.empty))
        known = found.get(field.path)
        of_class = known.of_class if known else screen.class_of(column, field)
        found[field.path] = _Kept(of_class, choices | (known.choices if known else frozenset()))
    return found


def flatten(payload: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield (dotted path, scalar) of a nested record; the elements of a list share the list's path."""
    for key, value in payload.items():
        path = prefix + name_of(key)
        if isinstance(value, dict | list):
            yield from _flatten_value(path, value, depth)
        else:
            yield path, value


def _flatten_value(path: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _DEEPEST:
        yield from _scalars(path, value)
        return
    if isinstance(value, dict):
        yield from flatten(value, f"{path}.", depth + 1)
    elif isinstance(value, list):
        for element in value:
            yield from _flatten_value(path, element, depth + 1)
    else:
        yield path, value


def _scalars(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what stands in a value, however deep, as of one path: a mark of secrecy may, also as a name."""
    left = [(path, value)]
    while left:
        path, value = left.pop()
        if isinstance(value, dict):
            for key, inner in value.items():
                name = name_of(key)
                left.append((f"{path}.{name}" if is_mark(name) or names_mark(name) else path, inner))
        elif isinstance(value, list):
            left += [(path, inner) for inner in value]
        else:
            yield path, value


@lru_cache(maxsize=_MOST_PATHS)
def readable_name(path: str) -> str:
    """Return the name of an unknown field, unless it looks like data that slipped into a name."""
    readable = _NAME.match(path) and not _LONG_NUMBER.search(path)
    return path if readable and screen.shown(path) == path else "(unreadable name)"
