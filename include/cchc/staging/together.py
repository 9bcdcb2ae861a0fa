"""Many texts of one field read at once: those of which it is proven what the field's own reader says of each.

The others are left to that reader, text by text. What comes back is written out already: as the row's hash takes a
value, and as binary COPY takes it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain, repeat
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from cchc.catalogue.profiles import FieldMap
from cchc.sources.door.columns import Absent
from cchc.staging import copying, date_forms, readers
from cchc.staging.date_forms import Form, Found
from cchc.staging.row_hash import END

_Ints = NDArray[np.int64]


_Text = str | Absent | None


class Read(NamedTuple):
    """What texts say, each in its place, written out; it means nothing where a text could not be read together."""

    canonical: list[bytes]  # as `row_hash` takes it
    fields: list[bytes]  # as binary COPY takes it
    left: Sequence[int]  # the places of those that could not


#: Reads columns whose texts are read in one way; equal ones do it in the same way.
ReadTogether = Callable[[Sequence[Sequence[_Text]]], Sequence[Read]]
Write = Callable[[readers.Value], tuple[bytes, bytes]]


def reader(field: FieldMap, zone: str, write: Write) -> ReadTogether | None:
    """Return what reads texts of a field together, those it can; None where there is no such way for the field.

    `write` gives both forms of a value.
    """
    if field.type in ("code", "text") and not field.choices:
        named = readers.labels(field.empty) - {""}
        return lambda columns: [_themselves(texts, named) for texts in columns]
    if readers.ANY in field.choices:
        others = readers.labels((*field.choices, *field.empty)) - {"", readers.ANY}
        canonical, data = write(readers.choices(field)[readers.ANY])
        return lambda columns: [_the_same(texts, others, canonical, data) for texts in columns]
    if field.type == "timestamp" and (forms := _dated(field)):
        return _Moments(forms, ZoneInfo(field.zone or zone))
    if field.type == "date" and (forms := tuple(form for form in _dated(field) if not form.has_offset)):
        return _Days(forms)
    return None


# --- texts of printable ASCII with single blanks are clean, their label is themselves in lower case, none is masked --
_PLAIN = re.compile(r"[!-~]++(?: [!-~]++)*+(?:\n[!-~]++(?: [!-~]++)*+)*+")
_LONGEST = 200  # the shorter of the two limits of readers
_HEADS = tuple(struct.pack("!i", length) for length in range(_LONGEST + 1))


def _plain(texts: Iterable[_Text], named: frozenset[str]) -> Sequence[str]:
    """Return the plain ones among texts, without those that the field names itself."""
    found = [text for text in texts if type(text) is str and text]
    joined = "\n".join(found)
    if joined.count("\n") != len(found) - 1 or not joined.isascii() or _PLAIN.fullmatch(joined) is None:
        found = [text for text in found if text.isascii() and "\n" not in text and _PLAIN.fullmatch(text)]
    if named:
        found = [text for text in found if text.lower() not in named]
    return found


def _themselves(texts: Sequence[_Text], named: frozenset[str]) -> Read:
    different = dict.fromkeys(texts)
    plain = _plain(different, named)
    lengths = set(map(len, plain))
    if max(lengths, default=0) > _LONGEST:
        plain, lengths = (), set()
    forms, fields = _written_as_long(plain, *lengths) if len(lengths) == 1 else _written_texts(plain)
    if len(plain) == len(texts):  # each text is another: they are in order
        return Read(forms, fields, ())
    form_of: dict[_Text, bytes] = dict(zip(plain, forms, strict=True))
    field_of: dict[_Text, bytes] = dict(zip(plain, fields, strict=True))
    nothing = repeat(b"")
    return Read(
        list(map(form_of.get, texts, nothing)),
        list(map(field_of.get, texts, nothing)),
        [at for at, text in enumerate(texts) if text not in form_of] if len(plain) < len(different) else (),
    )


def _written_texts(plain: Sequence[str]) -> tuple[list[bytes], list[bytes]]:
    data = "\n".join(plain).encode().split(b"\n") if plain else []
    return [b"s" + text + END for text in data], [_HEADS[len(text)] + text for text in data]


def _written_as_long(plain: Sequence[str], length: int) -> tuple[list[bytes], list[bytes]]:
    data = np.frombuffer("".join(plain).encode(), dtype=f"S{length}")
    return _rows(len(plain), b"s", data, END), _rows(len(plain), _HEADS[length], data)


def _the_same(texts: Sequence[_Text], named: frozenset[str], canonical: bytes, data: bytes) -> Read:
    """Return that all plain texts say the same."""
    different = set(texts)
    different.difference_update(_plain(different, named))
    left = [at for at, text in enumerate(texts) if text in different] if different else ()
    return Read([canonical] * len(texts), [data] * len(texts), left)


# --- days and moments -----------------------------------------------------------------------------------------------
_SECONDS_OF_A_DAY = 86_400
_EPOCH_DAY = np.datetime64("2000-01-01", "D").astype(np.int64)  # PostgreSQL's


def _dated(field: FieldMap) -> tuple[Form, ...]:
    """Return the forms of texts that the field's reader reads as just that."""
    known = readers.labels((*field.choices, *field.empty))
    if readers.ANY in known:
        return ()
    return tuple(
        form
        for form in date_forms.certain(field.formats)
        if not any(form.texts.fullmatch(text.upper()) or form.texts.fullmatch(text) for text in known)
    )


@dataclass(frozen=True)
class _Moments:
    """How moments are read; all columns at once, for numpy costs by the call."""

    forms: tuple[Form, ...]
    zone: ZoneInfo

    def __call__(self, columns: Sequence[Sequence[_Text]]) -> Sequence[Read]:
        texts = list(chain.from_iterable(columns))
        moments, fractions = np.zeros((2, len(texts)), dtype=np.int64)
        read = np.zeros(len(texts), dtype=np.bool_)
        for places, found in _found(texts, self.forms):
            offsets, known = _offsets(found, self.zone)
            moments[places] = found.days * _SECONDS_OF_A_DAY + found.seconds - offsets
            fractions[places] = found.microseconds
            read[places] = found.read & known
        microseconds = (moments - _EPOCH_DAY * _SECONDS_OF_A_DAY) * 1_000_000 + fractions
        return _apart(
            columns, _canonical_moments(moments, fractions), copying.whole_numbers(microseconds, 64), read
        )


@dataclass(frozen=True)
class _Days:
    """How days are read."""

    forms: tuple[Form, ...]

    def __call__(self, columns: Sequence[Sequence[_Text]]) -> Sequence[Read]:
        texts = list(chain.from_iterable(columns))
        days = np.zeros(len(texts), dtype=np.int64)
        read = np.zeros(len(texts), dtype=np.bool_)
        for places, found in _found(texts, self.forms):
            days[places], read[places] = found.days, found.read
        canonical = _rows(len(texts), b"d", _written(days), END)
        return _apart(columns, canonical, copying.whole_numbers(days - _EPOCH_DAY, 32), read)


def _found(texts: Sequence[_Text], forms: Sequence[Form]) -> Iterator[tuple[_Ints, Found]]:
    """Yield where the texts stand that no form before could read, and what they say by the next one."""
    left = np.arange(len(texts))
    for form in forms:
        rest = texts if len(left) == len(texts) else [texts[at] for at in left.tolist()]
        found = date_forms.read(rest, form)
        if found is not None:
            yield left, found
            left = left[~found.read]


def _apart(
    columns: Sequence[Sequence[_Text]],
    canonical: list[bytes],
    fields: list[bytes],
    read: NDArray[np.bool_],
) -> Sequence[Read]:
    """Return what stands behind each other for all columns, for each of them."""
    found, end = [], 0
    for texts in columns:
        part = slice(end, end := end + len(texts))
        found.append(Read(canonical[part], fields[part], np.flatnonzero(~read[part]).tolist()))
    return found


def _offsets(found: Found, zone: ZoneInfo) -> tuple[_Ints | int, NDArray[np.bool_] | bool]:
    """Return how many seconds the clock of each text, or of all, is ahead of UTC, and whether that is known."""
    if found.offset is not None:
        return found.offset, True
    which, places = _different(found.days)
    offsets = [_offset(zone, day) for day in which.tolist()]
    known = np.array([offset is not None for offset in offsets])
    return np.array([offset or 0 for offset in offsets])[places], known[places]


@lru_cache(maxsize=4_096)
def _offset(zone: ZoneInfo, day: int) -> int | None:
    """Return how many seconds the zone's clock is ahead of UTC all through a day, or None if that changes."""
    start = datetime(1970, 1, 1, tzinfo=zone) + timedelta(days=day)
    offsets = {(start + timedelta(minutes=minutes)).utcoffset() for minutes in range(0, 24 * 60 + 1, 15)}
    (offset,) = offsets if len(offsets) == 1 else (None,)
    return None if offset is None or offset.microseconds else int(offset.total_seconds())


def _canonical_moments(moments: _Ints, fractions: _Ints) -> list[bytes]:
    days = moments // _SECONDS_OF_A_DAY
    minutes, seconds = np.divmod(moments - days * _SECONDS_OF_A_DAY, 60)
    hours, minutes = np.divmod(minutes, 60)
    whole = (b"m", _written(days), _HOURS[hours], _MINUTES[minutes], _MINUTES[seconds])
    rows = _rows(len(moments), *whole, _UTC)
    if fractions.any():
        digits = [_HUNDREDS[fractions // part % 100] for part in (10_000, 100, 1)]
        exact = _rows(len(moments), *whole, b".", *digits, _UTC)
        for place in np.flatnonzero(fractions).tolist():
            rows[place] = exact[place]
    return rows


_HUNDREDS = np.array([b"%02d" % number for number in range(100)])
_HOURS = np.array([b"T%02d" % number for number in range(24)])
_MINUTES = np.array([b":%02d" % number for number in range(60)])
_UTC = b"+00:00" + END


def _different(days: _Ints) -> tuple[_Ints, _Ints]:
    """Return the different days in order, and where among them each of the days is: as np.unique, without sorting."""
    at = days - days.min()
    there = np.zeros(at.max() + 1, dtype=np.bool_)
    there[at] = True
    which = np.flatnonzero(there)
    places = np.empty(len(there), dtype=np.int64)
    places[which] = np.arange(len(which))
    return which + days.min(), places[at]


def _written(days: _Ints) -> NDArray[np.bytes_]:
    """Return days since 1970 as yyyy-mm-dd."""
    which, places = _different(days)
    return np.datetime_as_string(which.astype("datetime64[D]")).astype("S10")[places]


@lru_cache(maxsize=64)
def _side_by_side(lengths: tuple[int, ...]) -> np.dtype[np.void]:
    return np.dtype([(f"{at}", f"S{length}") for at, length in enumerate(lengths)])


def _rows(size: int, *parts: bytes | NDArray[np.bytes_]) -> list[bytes]:
    """Return so many rows of parts, joined; a part is the same in all rows or as long in each."""
    form = _side_by_side(tuple(len(part) if isinstance(part, bytes) else part.itemsize for part in parts))
    data = np.empty(size, dtype=form)
    for name, part in zip(form.names or (), parts, strict=True):
        data[name] = part
    found: list[bytes] = data.view(f"V{form.itemsize}").tolist()
    return found
