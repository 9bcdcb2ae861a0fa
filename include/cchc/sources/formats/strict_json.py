"""JSON read strictly: what other readers forgive (double keys, NaN, endless numbers) would be a wrong number here.

Most texts are ordinary: a fast reader reads them, and what it says is taken where it is proven that the strict one
would say the same (ADR 20). In doubt the strict one reads.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import Any, NoReturn

import numpy as np
import orjson

_MOST_DIGITS = 40
_DEEPEST_ORDINARY = 32
# in one text: a page of records has tens of thousands, and each takes some 100 bytes
_MOST_VALUES = 2_000_000
_HOLDERS = frozenset({dict, list})


Body = bytes | bytearray


class BadJson(ValueError):
    """The text is not JSON that can be trusted; `cut_short` when it merely ends too early."""

    def __init__(self, message: str, *, cut_short: bool = False) -> None:
        self.cut_short = cut_short
        super().__init__(message)


def parse(body: Body) -> Any:
    """Return the value of a UTF-8 JSON text; fractions stay text, exactly as written. Raises `BadJson`."""
    if holds_too_much(body):
        raise BadJson(f"more than {_MOST_VALUES:,} values in one answer; ask for smaller pages")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return parse_strictly(
            body
        )  # which says what is wrong, or reads what the other does not (a byte order mark)
    return found if _is_ordinary(found, body) else parse_strictly(body)


def holds_too_much(body: Body) -> bool:
    """Whether a text has more values than a page may have."""
    return len(body) > _MOST_VALUES and body.count(b",") > _MOST_VALUES


def keys_in(found: Any) -> int:
    """Return how many keys the objects of a value have."""
    keys, left = 0, [found]
    while left:
        value = left.pop()
        if type(value) is dict:
            keys += len(value)
            left += value.values()
        elif type(value) is list:
            left += value
    return keys


def _is_ordinary(found: Any, body: Body) -> bool:
    """Whether the strict reader would return `found` too.

    Two things are forgiven on the way to `found`: a key that stands twice (then there are fewer keys than places of
    keys), and a number that is no whole one of 64 bits (then it is a float).
    """
    if type(found) is float:
        return False
    keys, level = 0, [found]
    for _depth in range(_DEEPEST_ORDINARY):
        dicts = [value for value in level if type(value) is dict]
        lists = [value for value in level if type(value) is list]
        keys += sum(map(len, dicts))
        values = map(dict.values, dicts)
        alike = len(set(map(len, dicts))) == 1  # then by column, of which most hold values of one type
        level = []
        for column in chain(zip(*values, strict=True) if alike else values, lists):
            kinds = set(map(type, column))
            if float in kinds:
                return False
            if not _HOLDERS.isdisjoint(kinds):
                level += [value for value in column if type(value) in _HOLDERS]
        if not level:
            return keys == places_of_keys(body)
    return False


def places_of_keys(body: Body) -> int:
    """Return in how many places of a text a key may end: before its colon stands its quote, or white space.

    So it is nowhere less than the keys there are; a colon behind a quote or blank within a text counts too.
    """
    characters = np.frombuffer(body, dtype=np.uint8)
    return int(np.count_nonzero((characters[1:] == ord(":")) & (characters[:-1] <= ord('"'))))


def places_of_objects(body: Body) -> int:
    """Return in how many places of a text an object may begin; so it is nowhere less than the objects there are."""
    return int(np.count_nonzero(np.frombuffer(body, dtype=np.uint8) == ord("{")))


def parse_strictly(body: Body) -> Any:
    """Do what `parse` does, whatever the text, at a fifth of its speed."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut = error.end >= len(body) and error.reason == "unexpected end of data"
        raise BadJson("not UTF-8", cut_short=cut) from None
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=str, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        unended = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        raise BadJson("not JSON", cut_short=unended) from None
    except RecursionError:
        raise BadJson("nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a field stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise BadJson(f"a number has more than {_MOST_DIGITS} digits")
    return int(digits)


def _constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is not a JSON number")
