"""Many texts of one field read at once: those of which it is proven what the field's own reader says of each.

The others are left to that reader, text by text. What comes back is written out already: as the row's hash takes a
value, and as binary COPY takes it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import compress
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from cchc.catalogue.profiles import FieldMap
from cchc.staging import copying, readers

_Ints = NDArray[np.int64]


class Read(NamedTuple):
    """The texts that could be read together, and what each says, written out."""

    texts: Sequence[str]
    canonical: Sequence[bytes]  # as `row_hash` takes it
    fields: Sequence[bytes]  # as binary COPY takes it


NOTHING_READ = Read((), (), ())

ReadTogether = Callable[[Sequence[str]], Read]
Write = Callable[[readers.Value], tuple[bytes, bytes]]


def reader(field: FieldMap, zone: str, write: Write) -> ReadTogether | None:
    """Return what reads texts of a field together, those it can; None where there is no such way for the field.

    `write` gives both forms of a value; the texts that are asked for are not empty.
    """
    if field.type in ("code", "text") and not field.choices:
        return lambda texts: _themselves(_plain(texts, readers.labels(field.empty)))
    if readers.ANY in field.choices:
        named = readers.labels((*field.choices, *field.empty))
        canonical, data = write(readers.choices(field)[readers.ANY])

        def read_others(texts: Sequence[str]) -> Read:
            found = _plain(texts, named)
            return Read(found, (canonical,) * len(found), (data,) * len(found))

        return read_others
    if field.type == "timestamp" and readers.reads_common_moments(field):
        of_zone = ZoneInfo(field.zone or zone)
        return lambda texts: _moments(texts, of_zone)
    if field.type == "date" and readers.reads_common_days(field):
        return _days
    return None


# --- texts of printable ASCII with single blanks are clean, their label is themselves in lower case, none is masked --
_PLAIN = re.compile(r"[!-~]++(?: [!-~]++)*+(?:\n[!-~]++(?: [!-~]++)*+)*+")
_LONGEST = 200  # the shorter of the two limits of readers
_HEADS = tuple(struct.pack("!i", length) for length in range(_LONGEST + 1))


def _plain(texts: Sequence[str], named: frozenset[str]) -> Sequence[str]:
    """Return the plain ones among texts, none where one is among those the field names itself."""
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1 or not joined.isascii() or _PLAIN.fullmatch(joined) is None:
        texts = [text for text in texts if text.isascii() and "\n" not in text and _PLAIN.fullmatch(text)]
        joined = "\n".join(texts)
    if not texts or max(map(len, texts)) > _LONGEST or not named.isdisjoint(joined.lower().split("\n")):
        return ()
    return texts


def _themselves(texts: Sequence[str]) -> Read:
    data = "\n".join(texts).encode().split(b"\n") if texts else []
    fields = [_HEADS[len(text)] + text for text in data]
    return Read(texts, [b"s" + text for text in data], fields)


# --- dd/mm/yyyy, with or without hh:mm:ss ---------------------------------------------------------------------------
_DIGITS = (0, 1, 3, 4, 6, 7, 8, 9, 11, 12, 14, 15, 17, 18)
_SIGNS = {2: "/", 5: "/", 10: " ", 13: ":", 16: ":"}
_DAY, _MOMENT = 10, 19  # how long they are
_SECONDS_OF_A_DAY = 86_400
_EPOCH_DAY = np.datetime64("2000-01-01", "D").astype(np.int64)  # PostgreSQL's
_FIRST_YEAR, _LAST_YEAR = readers.YEARS.start, readers.YEARS.stop - 1


def _moments(texts: Sequence[str], zone: ZoneInfo) -> Read:
    texts = [text for text in texts if len(text) == _MOMENT and text.isascii()]
    if not texts:
        return NOTHING_READ
    digits, days, sound = _read_days(texts, _MOMENT)
    hours, minutes, seconds = (_number(digits, at, 2) for at in (11, 14, 17))
    sound &= (hours < 24) & (minutes < 60) & (seconds < 60)
    days, at = days[sound], (hours * 3_600 + minutes * 60 + seconds)[sound]
    which, inverse = np.unique(days, return_inverse=True)
    offsets = np.array([_offset(zone, int(day)) for day in which], dtype=np.int64)[inverse]
    known = offsets != _NO_OFFSET
    moments = (days * _SECONDS_OF_A_DAY + at - offsets)[known]
    texts = list(compress(compress(texts, sound), known))
    microseconds = (moments - _EPOCH_DAY * _SECONDS_OF_A_DAY) * 1_000_000
    return Read(texts, _canonical_moments(moments), copying.whole_numbers(microseconds, 64))


def _days(texts: Sequence[str]) -> Read:
    texts = [text for text in texts if len(text) == _DAY and text.isascii()]
    if not texts:
        return NOTHING_READ
    _, days, sound = _read_days(texts, _DAY)
    days = days[sound]
    data = np.empty((len(days), 11), dtype=np.uint8)
    data[:, 0] = ord("d")
    data[:, 1:] = _written_days(days)
    return Read(list(compress(texts, sound)), _rows(data), copying.whole_numbers(days - _EPOCH_DAY, 32))


def _read_days(texts: Sequence[str], length: int) -> tuple[NDArray[np.uint8], _Ints, NDArray[np.bool_]]:
    """Return the texts' characters less "0", their days since 1970, and which are of the form and a day there is."""
    characters = np.frombuffer("".join(texts).encode(), dtype=np.uint8).reshape(len(texts), length)
    digits = characters - np.uint8(ord("0"))  # what comes before "0" becomes large
    sound = (digits[:, [at for at in _DIGITS if at < length]] < 10).all(axis=1)
    for at, sign in _SIGNS.items():
        if at < length:
            sound &= characters[:, at] == ord(sign)
    day, month, year = _number(digits, 0, 2), _number(digits, 3, 2), _number(digits, 6, 4)
    sound &= (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(sound, (year - 1970) * 12 + month - 1, 0)
    first, next_first = _first_days(months), _first_days(months + 1)
    sound &= day <= next_first - first
    return digits, first + day - 1, sound


def _number(digits: NDArray[np.uint8], at: int, length: int) -> _Ints:
    found = np.zeros(len(digits), dtype=np.int64)
    for place in range(at, at + length):
        found = found * 10 + digits[:, place]
    return found


def _first_days(months: _Ints) -> _Ints:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


_NO_OFFSET = -(2**62)


@lru_cache(maxsize=4_096)
def _offset(zone: ZoneInfo, day: int) -> int:
    """Return how many seconds the zone's clock is ahead of UTC all through a day, or `_NO_OFFSET` if that changes."""
    start = datetime(1970, 1, 1, tzinfo=zone) + timedelta(days=day)
    offsets = {(start + timedelta(minutes=minutes)).utcoffset() for minutes in range(0, 24 * 60 + 1, 15)}
    (offset,) = offsets if len(offsets) == 1 else (None,)
    return _NO_OFFSET if offset is None or offset.microseconds else int(offset.total_seconds())


def _canonical_moments(moments: _Ints) -> list[bytes]:
    days, seconds = np.divmod(moments, _SECONDS_OF_A_DAY)
    data = np.empty((len(moments), 26), dtype=np.uint8)
    data[:] = np.frombuffer(b"m0000-00-00T00:00:00+00:00", dtype=np.uint8)
    data[:, 1:11] = _written_days(days)
    for at, part in ((12, seconds // 3_600), (15, seconds // 60 % 60), (18, seconds % 60)):
        data[:, at] += (part // 10).astype(np.uint8)
        data[:, at + 1] += (part % 10).astype(np.uint8)
    return _rows(data)


def _written_days(days: _Ints) -> NDArray[np.uint8]:
    """Return days since 1970 as the ten characters of yyyy-mm-dd."""
    which, inverse = np.unique(days, return_inverse=True)
    texts = np.datetime_as_string(which.astype("datetime64[D]")).astype("S10")
    return texts.view(np.uint8).reshape(len(which), 10)[inverse]


def _rows(data: NDArray[np.uint8]) -> list[bytes]:
    """Return each row as bytes; none ends in a zero byte."""
    found: list[bytes] = data.view(f"S{data.shape[1]}").ravel().tolist()
    return found
