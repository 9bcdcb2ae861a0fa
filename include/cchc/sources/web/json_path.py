"""Where a value stands in a JSON answer, as a profile writes it.

`result.items` goes from object to object, `[*]` into every element of a list (an object counts as a list of one: some
writers leave the brackets out), `[languageId=228]` into the elements whose field has that text, and the empty path is
the whole answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator

from cchc.sources.door.columns import ABSENT, Records
from cchc.sources.texts import as_text

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\*)\]|\[([^=\[\]]+)=([^\[\]]*)\]")
_LISTS = (list, Records)
_HOLDERS = (dict, *_LISTS)
_Step = tuple[str, str]  # (field, "") · ("*", "*") · (field, =text)


@lru_cache(maxsize=1_024)
def _steps(path: str) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    place = 0
    while place < len(path):
        found = _STEP.match(path, place)
        if found is None or (path[place] == "." and not steps):
            raise ValueError(
                f"{path!r} is no path; write it like result.items, items[*].id or names[language=vi].name"
            )
        name, every, field, text = found.groups()
        steps.append(("*", "*") if every else (name, "") if name else (field, f"={text}"))
        place = found.end()
    return tuple(steps)


def fields_of(path: str) -> tuple[str, ...] | None:
    """Return the names of the fields that a path goes through, None where it goes into the elements of a list."""
    steps = _steps(path)
    return None if any(how for _, how in steps) else tuple(name for name, _ in steps)


def _checked(path: str) -> str:
    _steps(path)
    return path


class Lacking(ValueError):
    """An element of a list lacks what a path asks of it; the text says which element, counted from 1."""


#: A path in a profile; one that cannot be read is a mistake of the profile.
JsonPath = Annotated[str, AfterValidator(_checked)]


def find(answer: Any, path: str) -> list[Any]:
    """Return every value at a path, none where there is nothing; raises `ValueError` for a path that is none."""
    found = [answer]
    for name, how in _steps(path):
        found = [inner for value in found for inner in _inside(value, name, how)]
    return found


def find_each(answer: Any, path: str) -> list[Any] | None:
    """Return the values at a path, None where it leads nowhere; whatever a list on the way holds must have the rest.

    A list without elements has nothing, which is no error. Raises `Lacking` for an element without the rest of the
    path, `ValueError` for a path that is none.
    """
    found, in_list = [("", answer)], False
    for name, how in _steps(path):
        inside: list[tuple[str, Any]] = []
        for place, value in found:
            within = list(_inside(value, name, how))
            empty = how == "*" and isinstance(value, _LISTS)
            if not within and not empty:
                if in_list:
                    raise Lacking(
                        f"{place} has no {name if not how else 'list' if how == '*' else name + how}"
                    )
                return None
            for number, inner in enumerate(within, 1):
                step = f".{name}" if not how else f"[{number}]" if how == "*" else f"[{name}{how}]"
                inside.append((f"{place}{step}".removeprefix("."), inner))
        found, in_list = inside, in_list or bool(how)
    return [value for _, value in found]


def first_text(record: Any, paths: tuple[str, ...]) -> str | None:
    """Return the first scalar at the first of some paths that has one, as text; None where none has."""
    for path in paths:
        for value in find(record, path):
            if value is not None and not isinstance(value, _HOLDERS):
                return as_text(value)
    return None


def first_texts(records: Sequence[Any], path: str) -> list[str | None]:
    """Return what `first_text` says of each record at one path."""
    name, *deeper = fields_of(path) or ("", "")
    values: Sequence[Any]
    if isinstance(records, Records) and not deeper:
        values = [None if value is ABSENT else value for value in records.each(name)]
    elif deeper or not set(map(type, records)) <= {dict}:
        return [first_text(record, (path,)) for record in records]
    else:
        values = [record.get(name) for record in records]
    if set(map(type, values)) == {int}:
        return list(map(str, values))
    return [None if isinstance(value, _HOLDERS) else as_text(value) for value in values]


def _inside(value: Any, name: str, how: str) -> Iterator[Any]:
    if not how:
        if isinstance(value, dict) and name in value:
            yield value[name]
        return
    elements = value if isinstance(value, _LISTS) else [value] if isinstance(value, dict) else []
    for element in elements:
        if how == "*" or (isinstance(element, dict) and _is(element.get(name), how[1:])):
            yield element


def _is(value: Any, text: str) -> bool:
    return not isinstance(value, _HOLDERS) and as_text(value) == text
