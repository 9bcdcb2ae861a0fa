"""Days and moments of one written form, many at once: where each digit stands is known.

A form is a format of strptime with a year, month and day, perhaps a time, one sign between two of them, and perhaps a
fraction of a second and an offset at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from cchc.sources.door.columns import Absent

_Ints = NDArray[np.int64]
_Characters = NDArray[np.uint8]

YEARS = range(1900, 2200)  # before: a program's "no date"; after: a typing mistake

# of every month since the first one of YEARS, and of the one after the last
_FIRST_DAYS: _Ints = (
    np.arange(f"{YEARS.start}-01", f"{YEARS.stop}-02", dtype="datetime64[M]")
    .astype("datetime64[D]")
    .astype(np.int64)
)

_PARTS = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}  # digits
_BELOW = {"%H": 24, "%M": 60, "%S": 60}
_FORMAT = re.compile(r"(?P<head>(?:%[YmdHMS][!-$&-/:->@-~ ])*%[YmdHMS])(?P<fraction>\.%f)?(?P<offset>%z)?")
# what may stand in an offset that strptime reads, apart from digits
_OFFSETS = ("Z", *map("".join, product("+-", ("", ":", "::"), ("", "."))))


class Form(NamedTuple):
    """Where the parts of a text stand, up to its fraction and offset."""

    places: tuple[tuple[str, int], ...]  # a part and where its digits begin
    has_offset: bool
    texts: re.Pattern[str]
    written: frozenset[str]  # what may stand in a text that strptime reads by the format, apart from digits


class Found(NamedTuple):
    """What texts say, each in its place; it means nothing where a text was not read."""

    read: NDArray[np.bool_]  # which texts are of one form and name a day that there is
    days: _Ints  # since 1970; none is outside of those that were read
    seconds: _Ints  # of the day
    microseconds: _Ints  # of the second
    offset: int | None  # seconds ahead of UTC; None where the texts do not say


@lru_cache(maxsize=256)
def form_of(format_: str) -> Form | None:
    """Return the form that a format of strptime is, or None."""
    found = _FORMAT.fullmatch(format_)
    if found is None:
        return None
    places, signs, pattern, at = [], "", "", 0
    for part, sign in re.findall("(%.)(.?)", found["head"], re.DOTALL):
        places.append((part, at))
        at += _PARTS[part]
        pattern += rf"\d{{{_PARTS[part]}}}{re.escape(sign)}"
        signs += sign
        at += len(sign)
    parts = [part for part, _ in places]
    if len(set(parts)) != len(parts) or not {"%Y", "%m", "%d"} <= set(parts):
        return None
    pattern += r"(?:\.(?P<fraction>\d{1,6}))" if found["fraction"] else "(?P<fraction>)"
    pattern += r"(?P<offset>[+-]\d\d:?\d\d|Z)" if found["offset"] else "(?P<offset>)"
    written = signs + ("." if found["fraction"] else "")
    tails = _OFFSETS if found["offset"] else ("",)
    return Form(
        tuple(places),
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


def read(texts: Sequence[str | Absent | None], form: Form) -> Found | None:
    """Return what texts say, those that are written as the first one of the form is; None where none names a day.

    They have as many digits behind the second as that one, and the same offset. Seconds above 59 are left out, which
    strptime knows.
    """
    given = (text for text in texts if isinstance(text, str))
    like = next(filter(None, map(form.texts.fullmatch, given)), None)
    if like is None:
        return None
    offset = None
    if like["offset"]:
        try:
            ahead = datetime.strptime(like["offset"], "%z").utcoffset()
        except ValueError:
            return None
        offset = int(ahead.total_seconds()) if ahead is not None else None
    body, tail = like.string[: like.start("offset")], like["offset"]
    least = np.frombuffer((re.sub("[0-9]", "0", body) + tail).encode(), dtype=np.uint8)
    above = np.array([9 if sign.isdigit() else 0 for sign in body] + [0] * len(tail), dtype=np.uint8)
    # a row is what stands at one place of all texts; what comes before the least becomes large
    digits = _by_place(texts, len(least)) - least[:, np.newaxis]
    read = (digits <= above[:, np.newaxis]).all(axis=0)
    parts = {part: _number(digits, at, _PARTS[part]) for part, at in form.places}
    for part, limit in _BELOW.items():
        if part in parts:
            read &= parts[part] < limit
    year, month, day = parts["%Y"], parts["%m"], parts["%d"]
    months = (year - YEARS.start) * 12 + month - 1
    # clipped, a month outside of YEARS has no days
    first, next_first = (_FIRST_DAYS.take(which, mode="clip") for which in (months, months + 1))
    read &= (month >= 1) & (month <= 12) & (day >= 1) & (day <= next_first - first)
    if not read.any():
        return None
    days = first + day - 1
    none = np.zeros(len(texts), dtype=np.int64)
    hours, minutes, seconds = (parts.get(part, none) for part in ("%H", "%M", "%S"))
    microseconds = none
    if like["fraction"]:
        decimals = len(like["fraction"])
        microseconds = _number(digits, like.start("fraction"), decimals) * 10 ** (6 - decimals)
    return Found(
        read,
        np.where(read, days, days[read.argmax()]),
        hours * 3_600 + minutes * 60 + seconds,
        microseconds,
        offset,
    )


def _by_place(texts: Sequence[str | Absent | None], length: int) -> _Characters:
    """Return a row for each place of a text: what stands there in every text.

    A question mark stands for what is not ASCII, and in all places of what is no text of this length.
    """
    joined, between, blank = "", len(texts) - 1, "?" * length
    if not all(texts):
        texts = [text or blank for text in texts]
    with suppress(TypeError):  # one is no text
        joined = "\n".join(cast(Sequence[str], texts))
    as_long = len(joined) == len(texts) * length + between
    if not (as_long and joined.count("\n") == joined[length :: length + 1].count("\n") == between):
        joined = "\n".join([text if type(text) is str and len(text) == length else blank for text in texts])
    data = np.frombuffer((joined + "\n").encode("ascii", "replace"), dtype=np.uint8)
    return np.ascontiguousarray(data.reshape(len(texts), length + 1)[:, :length].T)


def _number(digits: _Characters, at: int, length: int) -> _Ints:
    found: _Ints = digits[at].astype(np.int64)
    for place in range(at + 1, at + length):
        found = found * 10 + digits[place]
    return found
