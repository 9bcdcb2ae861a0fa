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
from cchc.staging import copying, date_forms, readers
from cchc.staging.date_forms import Form, Found

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
    if field.type == "timestamp" and (forms := _dated(field)):
        of_zone = ZoneInfo(field.zone or zone)
        return lambda texts: _moments(texts, forms, of_zone)
    if field.type == "date" and (forms := [form for form in _dated(field) if not form.has_offset]):
        return lambda texts: _days(texts, forms)
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


# --- days and moments -----------------------------------------------------------------------------------------------
_SECONDS_OF_A_DAY = 86_400
_EPOCH_DAY = np.datetime64("2000-01-01", "D").astype(np.int64)  # PostgreSQL's


def _dated(field: FieldMap) -> Sequence[Form]:
    """Return the forms of texts that the field's reader reads as just that."""
    known = readers.labels((*field.choices, *field.empty))
    if readers.ANY in known:
        return ()
    return [
        form
        for form in date_forms.certain(field.formats)
        if not any(form.texts.fullmatch(text.upper()) or form.texts.fullmatch(text) for text in known)
    ]


def _largest(texts: Sequence[str], forms: Sequence[Form]) -> Found | None:
    """Return what the most texts of one form say."""
    largest = None
    for form in forms:
        found = date_forms.read(texts, form)
        if found is not None and (largest is None or len(found.texts) > len(largest.texts)):
            largest = found
            if len(found.texts) == len(texts):
                break
    return largest


def _moments(texts: Sequence[str], forms: Sequence[Form], zone: ZoneInfo) -> Read:
    found = _largest(texts, forms)
    if found is None:
        return NOTHING_READ
    texts, days, at, fractions, ahead = found
    if ahead is None:
        which, inverse = np.unique(days, return_inverse=True)
        offsets = np.array([_offset(zone, int(day)) for day in which], dtype=np.int64)[inverse]
        known = offsets != _NO_OFFSET
        texts, days, at = list(compress(texts, known)), days[known], (at - offsets)[known]
        fractions = fractions[known]
    else:
        at = at - ahead
    moments = days * _SECONDS_OF_A_DAY + at
    microseconds = (moments - _EPOCH_DAY * _SECONDS_OF_A_DAY) * 1_000_000 + fractions
    return Read(texts, _canonical_moments(moments, fractions), copying.whole_numbers(microseconds, 64))


def _days(texts: Sequence[str], forms: Sequence[Form]) -> Read:
    found = _largest(texts, forms)
    if found is None:
        return NOTHING_READ
    data = np.empty((len(found.days), 11), dtype=np.uint8)
    data[:, 0] = ord("d")
    data[:, 1:] = _written_days(found.days)
    return Read(found.texts, _rows(data), copying.whole_numbers(found.days - _EPOCH_DAY, 32))


_NO_OFFSET = -(2**62)


@lru_cache(maxsize=4_096)
def _offset(zone: ZoneInfo, day: int) -> int:
    """Return how many seconds the zone's clock is ahead of UTC all through a day, or `_NO_OFFSET` if that changes."""
    start = datetime(1970, 1, 1, tzinfo=zone) + timedelta(days=day)
    offsets = {(start + timedelta(minutes=minutes)).utcoffset() for minutes in range(0, 24 * 60 + 1, 15)}
    (offset,) = offsets if len(offsets) == 1 else (None,)
    return _NO_OFFSET if offset is None or offset.microseconds else int(offset.total_seconds())


def _canonical_moments(moments: _Ints, fractions: _Ints) -> list[bytes]:
    days, seconds = np.divmod(moments, _SECONDS_OF_A_DAY)
    data = np.empty((len(moments), 26), dtype=np.uint8)
    data[:] = np.frombuffer(b"m0000-00-00T00:00:00+00:00", dtype=np.uint8)
    data[:, 1:11] = _written_days(days)
    for at, part in ((12, seconds // 3_600), (15, seconds // 60 % 60), (18, seconds % 60)):
        data[:, at] += (part // 10).astype(np.uint8)
        data[:, at + 1] += (part % 10).astype(np.uint8)
    rows = _rows(data)
    for place in np.flatnonzero(fractions).tolist():
        rows[place] = b"%b.%06d%b" % (rows[place][:20], fractions[place], rows[place][20:])
    return rows


def _written_days(days: _Ints) -> NDArray[np.uint8]:
    """Return days since 1970 as the ten characters of yyyy-mm-dd."""
    which, inverse = np.unique(days, return_inverse=True)
    texts = np.datetime_as_string(which.astype("datetime64[D]")).astype("S10")
    return texts.view(np.uint8).reshape(len(which), 10)[inverse]


def _rows(data: NDArray[np.uint8]) -> list[bytes]:
    """Return each row as bytes; none ends in a zero byte."""
    found: list[bytes] = data.view(f"S{data.shape[1]}").ravel().tolist()
    return found
