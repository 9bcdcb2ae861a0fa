"""The hash of a canonical row: it differs when any value differs, so a load writes only what changed."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time
from decimal import Decimal

from cchc.staging.readers import Value

HASH_SIZE = 16  # bytes
END = b"\x1f"  # of a canonical form; nothing else holds it
NOTHING = b"\x00" + END  # the canonical form of None

_NOTHING_AT_THE_END = END + NOTHING
_HASH = hashlib.blake2b(digest_size=HASH_SIZE)


def row_hash(values: tuple[Value, ...]) -> bytes:
    """Return 16 bytes that differ when any canonical value differs; equal numbers and moments are equal.

    Empty values at the end say nothing, so that a column added there changes no hash of older rows.
    """
    return hash_of(b"".join(map(canonical, values)))


def hash_of(joined: bytes) -> bytes:
    """Return the hash of a row whose canonical forms are joined already; those of None at its end may be missing."""
    while joined.endswith(_NOTHING_AT_THE_END):
        joined = joined[: -len(NOTHING)]
    found = _HASH.copy()  # takes less than a new one
    if joined != NOTHING:
        found.update(joined)
    return found.digest()


def canonical(value: Value) -> bytes:
    """Return the bytes that stand for a value: the same for equal values of a type, others for any other."""
    return NOTHING if value is None else _form(value) + END


def _form(value: str | int | Decimal | date | time) -> bytes:
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, datetime):
        return b"m" + value.astimezone(UTC).isoformat().encode()
    if isinstance(value, date | time):
        return b"d" + value.isoformat().encode()
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        return b"n" + format(number.normalize() if number else Decimal(0), "f").encode()
    return b"s" + value.replace("\x1f", " ").encode()
