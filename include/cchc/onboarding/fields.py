"""The fields of a sample's records by path: their texts, which cannot be mapped, and which must not be named.

Where a system keys an object by what it is about, or a file has no headings, the name of a field is a value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from cchc.sources.door import screen
from cchc.sources.door.allow_list import flatten
from cchc.sources.door.columns import name_of
from cchc.sources.texts import as_text, clean, label

#: stands for the names of fields at the top of a record that look like data
UNREADABLE = "(unreadable name)"

_LONG_NUMBER = re.compile(r"\d{5}")
_ENOUGH = 3  # objects of which no key is in most: their keys are data


@dataclass(frozen=True)
class Fields:
    """What the records of a sample have."""

    texts: Mapping[str, list[str]]  # path → its values, in order, where there are any
    unfit: Mapping[str, str]  # path → why it cannot be read as one value
    hidden: Mapping[str, int]  # path below which names look like data, or UNREADABLE → values there


def looks_like_data(name: str) -> bool:
    """Whether the name of a field, sheet or list is a value that slipped into its place: a person, a number, a day."""
    has_letter = any(c.isalpha() for c in name)
    is_number = not has_letter and any(c.isdigit() for c in name)
    return is_number or bool(_LONG_NUMBER.search(name)) or screen.find(clean(name), "label") is not None


def readable(path: str) -> str:
    """Return the part of a path, from its beginning, in which no name looks like data."""
    parts = path.split(".")
    good = next((n for n, part in enumerate(parts) if looks_like_data(part)), len(parts))
    above = ".".join(parts[:good])
    return "" if looks_like_data(above) else above


def fields_of(records: Sequence[Mapping[str, Any]], twice: Collection[str] = ()) -> Fields:
    """Return the fields in the order in which they come; `twice`: labels of headings that stand twice."""
    found = [[(path, as_text(_plain(value))) for path, value in flatten(record)] for record in records]
    keyed = _keyed([{path for path, _ in record} for record in found])
    texts: dict[str, list[str]] = {}
    hidden: Counter[str] = Counter()
    told = {path: _told(path, keyed) for path in {path for record in found for path, _ in record}}
    for path, text in (pair for record in found for pair in record):
        above = told[path]
        if above != path:
            hidden[above or UNREADABLE] += 1
        elif text:
            texts.setdefault(path, []).append(text)
        else:
            texts.setdefault(path, [])
    texts = {path: there for path, there in texts.items() if not is_below(path, hidden)}
    return Fields(texts, _unfit(records, texts, twice), hidden)


def _told(path: str, keyed: Collection[str]) -> str:
    """Return the part of a path that may be told."""
    above = readable(path)
    return next((name for name in keyed if f"{above}.".startswith(f"{name}.")), above)


def is_below(path: str, names: Collection[str]) -> bool:
    """Whether a path is one of the names, or stands below one."""
    return any(f"{path}.".startswith(f"{name}.") for name in names)


def _keyed(records: Sequence[Collection[str]]) -> set[str]:
    """Return the paths of objects of which no key is in most of them."""
    objects: Counter[str] = Counter()
    keys: Counter[tuple[str, str]] = Counter()
    for paths in records:
        pairs = {pair for path in paths for pair in _pairs(path)}
        keys.update(pairs)
        objects.update({above for above, _ in pairs})
    stable = {above for (above, _), count in keys.items() if 2 * count > objects[above]}
    return {above for above, count in objects.items() if count >= _ENOUGH and above not in stable}


def _pairs(path: str) -> Iterator[tuple[str, str]]:
    """Yield each object on a path, and its key there."""
    parts = path.split(".")
    yield from ((".".join(parts[:n]), parts[n]) for n in range(1, len(parts)))


def _unfit(
    records: Sequence[Mapping[str, Any]], texts: Mapping[str, list[str]], twice: Collection[str]
) -> dict[str, str]:
    filled = [path for path, there in texts.items() if there]
    mixed = [path for path in filled if any(other.startswith(f"{path}.") for other in texts)]
    lists = {path for record in records for path in _lists(record)}
    found = dict.fromkeys(lists, "a list of values")
    found |= {path: "sometimes a value and sometimes an object" for path in texts if is_below(path, mixed)}
    return found | {
        path: "its heading stands twice, and nobody can say which is meant"
        for path in texts
        if label(path) in twice
    }


def _lists(value: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the paths of lists that hold values."""
    for key, inner in value.items():
        path = f"{prefix}{name_of(key)}"
        elements = inner if isinstance(inner, list) else [inner] if isinstance(inner, dict) else []
        if any(not isinstance(element, dict) for element in elements):
            yield path
        for element in elements:
            if isinstance(element, dict):
                yield from _lists(element, f"{path}.")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime, time)) else value
