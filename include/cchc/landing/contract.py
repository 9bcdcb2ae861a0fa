"""The contract with a source: which fields its records have, and of which kind, as its profile reads them.

A field that must be there and is gone from a whole page was renamed or removed. An object or a list where a value is
read, or a value where the profile reads inside an object, would be misread. Both break the contract. What else there
is, is noted as the delivery's `Shape`: names and kinds, never a value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from cchc.catalogue.profiles import Contract, DatasetMap
from cchc.errors import ContractBroken
from cchc.sources.connector import RawPage
from cchc.sources.door.allow_list import readable_name
from cchc.sources.door.columns import Absent, Table, name_of
from cchc.sources.formats.names import is_note

_ENOUGH = 2  # records: in a page of one, a field that is missing may be that record's own mistake
_DEEPEST = 16
_MOST_PATHS = 2_000  # a source with endless new names must not fill memory

_NOTHING = frozenset({type(None), Absent})
_KINDS: dict[type, str] = {
    str: "text",
    int: "number",
    float: "number",
    Decimal: "number",
    bool: "flag",
    dict: "object",
    list: "list",
    type(None): "null",
    date: "date",
    datetime: "date",
    time: "date",
}
#: every kind a field may have
KINDS = (*dict.fromkeys(_KINDS.values()), "other")


@dataclass(frozen=True)
class Shape:
    """Path → kinds (of `KINDS`) that one delivery's records showed; the elements of a list share its path."""

    kinds: Mapping[str, frozenset[str]]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield (path, kind) in order; null only for a path that shows nothing else."""
        for path, kinds in sorted(self.kinds.items()):
            for kind in sorted(kinds - {"null"}) or ("null",):
                yield path, kind


class Watch:
    """Watches the records of one dataset, page by page in their order."""

    def __init__(self, source: str, dataset_map: DatasetMap, contract: Contract | None = None) -> None:
        self._source = source
        mapped = {f.path for f in dataset_map.fields.values() if f.path is not None}
        self._needed = frozenset(
            f.path for f in dataset_map.fields.values() if f.path is not None and (f.required or f.present)
        )
        self._branches = frozenset(above for path in mapped for above in _above(path))
        self._leaves = frozenset(mapped) - self._branches
        self._closed = frozenset((*dataset_map.personal, *dataset_map.ignored))
        self._repeated = contract is not None and contract.repeated
        self._kinds: dict[str, set[str]] = {}
        self._page: str | None = None
        self._rows = 0
        self._seen: set[str] = set()

    def see(self, page: RawPage, table: Table | None = None, refused: int = 0) -> None:
        """Take note of a page; raises `ContractBroken` naming page, path and what was expected and found.

        `table`: the page's records by column, where they can be looked at so. `refused`: how many of them are marked
        secret, of which no field is missed.
        """
        if page.name != self._page:
            self._judge()
            self._page, self._rows = page.name, 0
            self._seen.clear()
        self._rows += len(page.records) - refused
        if table is None or not self._note_all(table):
            self._look(page.records, "", 0)

    def finish(self) -> Shape:
        """Judge the page seen last and return what all pages showed; raises `ContractBroken`."""
        self._judge()
        shown: dict[str, set[str]] = {}
        for path, kinds in self._kinds.items():
            if is_note(path):
                continue
            shown.setdefault(readable_name(path), set()).update(kinds)
        return Shape({path: frozenset(kinds) for path, kinds in shown.items()})

    def _judge(self) -> None:
        if self._page is None or self._rows < _ENOUGH or not (missing := self._needed - self._seen):
            return
        names = ", ".join(sorted(missing))
        self._break(f"field {names} is in none of the {self._rows} records; was it renamed or removed?")

    def _note_all(self, table: Table) -> bool:
        """Take note of all columns, unless one may be misread: then of none, and return false."""
        if not self._leaves.isdisjoint(table.objects):
            return False
        if any(
            kinds - _NOTHING
            for path in self._branches & set(table.columns)
            for kinds in [table.columns[path][1]]
        ):
            return False
        of_columns = ((path, kinds) for path, (_, kinds) in table.columns.items())
        for path, kinds in (*of_columns, *table.objects.items()):
            if not any(above in self._closed and above not in self._branches for above in _above(path)):
                for kind in kinds - {Absent}:
                    self._note(path, kind)
        return True

    def _look(self, records: Sequence[Mapping[str, Any]], prefix: str, depth: int) -> None:
        # one pass in C over keys and types: the values themselves are looked at only where a kind is in doubt
        found: set[tuple[str, type]] = set()
        for record in records:
            found.update(zip(record, map(type, record.values()), strict=True))
        for key, kind in sorted(found, key=repr):  # of several mistakes it is always the same that is told
            path = prefix + name_of(key)
            if not self._note(path, kind):
                continue
            if kind is dict or kind is list:
                self._look_inside(path, kind, _values(records, key, kind), depth)
            elif path in self._branches:
                self._need_no_value(path, kind, _values(records, key, kind))

    def _look_inside(self, path: str, kind: type, values: Sequence[Any], depth: int) -> None:
        if path in self._leaves and any(values) and not (kind is list and self._repeated):
            self._break_kind(path, "a single value", _KINDS[kind])
        if depth >= _DEEPEST or (path in self._closed and path not in self._branches):
            return
        objects = values
        if kind is list:
            elements = list(_elements(values))
            for of_element in set(map(type, elements)):
                self._note(path, of_element)
                if path in self._branches and of_element is not dict:
                    self._need_no_value(path, of_element, (e for e in elements if type(e) is of_element))
            objects = [e for e in elements if type(e) is dict]
            if objects and path in self._leaves:
                self._break_kind(path, "a single value", "a list of objects")
        self._look(objects, f"{path}.", depth + 1)

    def _note(self, path: str, kind: type) -> bool:
        """Remember a kind; return whether the path is one of those that are remembered."""
        self._seen.add(path)
        kinds = self._kinds.get(path)
        if kinds is None:
            if len(self._kinds) >= _MOST_PATHS and path not in self._leaves | self._branches:
                self._seen.discard(path)
                return False
            kinds = self._kinds[path] = set()
        kinds.add(_KINDS.get(kind, "other"))
        return True

    def _need_no_value(self, path: str, kind: type, values: Iterable[Any]) -> None:
        if any(value is not None and value != "" for value in values):
            self._break_kind(path, "an object or list", _KINDS.get(kind, "other"))

    def _break_kind(self, path: str, expected: str, found: str) -> None:
        self._break(
            f"field {path}: {expected} was expected, found: {found}; has the system changed its format?"
        )

    def _break(self, text: str) -> None:
        raise ContractBroken(self._source, text, where=f"page {self._page}")


def _above(path: str) -> Collection[str]:
    parts = path.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def _values(records: Iterable[Mapping[str, Any]], key: str, kind: type) -> list[Any]:
    return [record[key] for record in records if key in record and type(record[key]) is kind]


def _elements(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if type(value) is list:
            yield from _elements(value)
        else:
            yield value
