"""What is promised of every parser of foreign texts; a target raises `BrokenPromise` where it is not kept.

Whatever comes, it returns or raises its documented error, and the text of the error, which ends in logs and messages,
quotes no personal value (`PERSON` stands in the seeds and in the fuzzer's dictionary).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cchc.catalogue.base import DatasetName
from cchc.sources.door import screen
from cchc.sources.door.allow_list import Admitted, Door, Refused
from cchc.sources.texts import clean
from unit.sources.profiles import profile

#: a personal number of nobody: the year of birth is before there were any
PERSON = "001000999999"


class BrokenPromise(AssertionError):
    """A promise was broken."""


def held(promise: bool, words: str) -> None:
    """Raise where a promise is broken; `assert` would be taken out under -O."""
    if not promise:
        raise BrokenPromise(words)


def quotes_nobody(error: Exception) -> None:
    """An error is text for people, without the value it is about."""
    number = PERSON.lstrip("0")  # as a number cell keeps it
    held(number not in str(error), "an error quotes a personal number")
    held(str(error) != "", "an error says nothing")


@cache
def door_of(code: str, dataset: DatasetName) -> Door:
    return Door(profile(code).datasets[dataset])


def through(door: Door, record: Mapping[str, Any]) -> None:
    """Let a record through the door, which keeps texts of mapped paths only, and the same a second time."""
    found = door.admit(record)
    if isinstance(found, Refused):
        return
    for path, text in found.fields.items():
        held(text is None or text == clean(text), f"an unclean text at {path}")
        held(text is None or text != PERSON, f"a personal number at {path}")
    for name in found.unknown:
        held(PERSON not in name, "a personal number in the name of a field")
    again = door.admit(found.fields)  # masks stay masks, cleaned texts stay as they are
    if isinstance(again, Admitted):
        held(_unmasked(again) == _unmasked(found), "what came in does not come in again as it was")
    json.dumps(found.fields, ensure_ascii=False).encode()  # it can be stored


def _unmasked(found: Admitted) -> dict[str, str | None]:
    """Return what was kept; a mask counts as a mask, whatever it is for."""
    return {path: "masked" if text and screen.masked(text) else text for path, text in found.fields.items()}
