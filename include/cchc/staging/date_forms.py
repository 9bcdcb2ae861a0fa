"""Days and moments of one written form, many at once: where each digit stands is known.

A form is a format of strptime with a year, month and day, perhaps a time, one sign between two of them, and perhaps a
fraction of a second and an offset at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import compress, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int64]
_Digits = NDArray[np.uint8]

YEARS = range(1900, 2200)  # before: a program's "no date"; after: a typing mistake

_PARTS = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}  # digits
_BELOW = {"%H": 24, "%M": 60, "%S": 60}
_FORMAT = re.compile(r"(?P<head>(?:%[YmdHMS][!-$&-/:-~ ])*%[YmdHMS])(?P<fraction>\.%f)?(?P<offset>%z)?")
# what may stand in an offset that strptime reads, apart from digits
_OFFSETS = ("Z", *map("".join, product("+-", ("", ":", "::"), ("", "."))))


class Form(NamedTuple):
    """Where the parts of a text stand, up to its fraction and offset."""

    places: tuple[tuple[str, int], ...]  # a part and where its digits begin
    signs: tuple[tuple[int, str], ...]
    length: int
    has_offset: bool
    texts: re.Pattern[str]
    written: frozenset[str]  # what may stand in a text that strptime reads by the format, apart from digits


class Found(NamedTuple):
    """The texts that are of one form and name a day that there is, with what they say."""

    texts: Sequence[str]
    days: _Ints  # since 1970
    seconds: _Ints  # of the day
    microseconds: _Ints  # of the second
    offset: int | None  # seconds ahead of UTC; None where the texts do not say


@lru_cache(maxsize=256)
def form_of(format_: str) -> Form | None:
    """Return the form that a format of strptime is, or None."""
    found = _FORMAT.fullmatch(format_)
    if found is None:
        return None
    places, signs, pattern, at = [], [], "", 0
    for part, sign in re.findall("(%.)(.?)", found["head"], re.DOTALL):
        places.append((part, at))
        at += _PARTS[part]
        pattern += rf"\d{{{_PARTS[part]}}}{re.escape(sign)}"
        if sign:
            signs.append((at, sign))
            at += 1
    parts = [part for part, _ in places]
    if len(set(parts)) != len(parts) or not {"%Y", "%m", "%d"} <= set(parts):
        return None
    pattern += r"(?:\.(?P<fraction>\d{1,6}))" if found["fraction"] else "(?P<fraction>)"
    pattern += r"(?P<offset>[+-]\d\d:?\d\d|Z)" if found["offset"] else "(?P<offset>)"
    written = "".join(sign for _, sign in signs) + ("." if found["fraction"] else "")
    tails = _OFFSETS if found["offset"] else ("",)
    return Form(
        tuple(places),
        tuple(signs),
        at,
        found["offset"] is not None,
        re.compile(pattern, re.ASCII),
        frozenset(written + tail for tail in tails),
    )


def certain(formats: Sequence[str]) -> Iterator[Form]:
    """Yield the forms among formats whose texts no format before them could read."""
    before: set[str] = set()
    for format_ in formats:
        form = form_of(format_)
        if form is None:  # it might read anything
            return
        if before.isdisjoint(form.written):
            yield form
        before |= form.written


def read(texts: Sequence[str], form: Form) -> Found | None:
    """Return what texts say, those that are written as the first one of the form is; None where there is none.

    They have as many digits behind the second as that one, and the same offset. Seconds above 59 are left out, which
    strptime knows.
    """
    like = next(filter(None, map(form.texts.fullmatch, texts)), None)
    if like is None:
        return None
    offset = None
    if like["offset"]:
        try:
            ahead = datetime.strptime(like["offset"], "%z").utcoffset()
        except ValueError:
            return None
        offset = int(ahead.total_seconds()) if ahead is not None else None
    length, tail = like.end(), like["offset"]
    texts = [text for text in texts if len(text) == length and text.isascii() and text.endswith(tail)]
    length -= len(tail)
    characters = np.frombuffer("".join(text[:length] for text in texts).encode(), dtype=np.uint8)
    characters = characters.reshape(len(texts), length)
    digits = characters - np.uint8(ord("0"))  # what comes before "0" becomes large
    signs = dict(form.signs) | ({form.length: "."} if like["fraction"] else {})
    sound = (digits[:, [at for at in range(length) if at not in signs]] < 10).all(axis=1)
    for at, sign in signs.items():
        sound &= characters[:, at] == ord(sign)
    parts = {part: _number(digits, at, _PARTS[part]) for part, at in form.places}
    for part, limit in _BELOW.items():
        if part in parts:
            sound &= parts[part] < limit
    year, month, day = parts["%Y"], parts["%m"], parts["%d"]
    sound &= (year >= YEARS.start) & (year < YEARS.stop) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(sound, (year - 1970) * 12 + month - 1, 0)
    first, next_first = _first_days(months), _first_days(months + 1)
    sound &= day <= next_first - first
    none = np.zeros(len(texts), dtype=np.int64)
    hours, minutes, seconds = (parts.get(part, none) for part in ("%H", "%M", "%S"))
    fraction = none
    if like["fraction"]:
        decimals = len(like["fraction"])
        fraction = _number(digits, form.length + 1, decimals) * 10 ** (6 - decimals)
    return Found(
        list(compress(texts, sound)),
        (first + day - 1)[sound],
        (hours * 3_600 + minutes * 60 + seconds)[sound],
        fraction[sound],
        offset,
    )


def _number(digits: _Digits, at: int, length: int) -> _Ints:
    found = np.zeros(len(digits), dtype=np.int64)
    for place in range(at, at + length):
        found = found * 10 + digits[:, place]
    return found


def _first_days(months: _Ints) -> _Ints:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
