"""Bodies as they come over the wire: unpacked within limits, whole, or an error.

What urllib3 unpacks on its own ends a gzip body that was cut as if it were whole, and hands an unknown packing on as if
it were none.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_CHUNK = 65_536


class TooLarge(Exception):
    """More bytes than allowed, on the wire or unpacked."""


class CutShort(Exception):
    """The packed body ends before its end."""


class BadPacking(Exception):
    """The body is not packed as it says, or in a way we did not offer; the text says which."""


def unpacked(chunks: Iterator[bytes], packing: str, most: int) -> Iterator[bytes]:
    """Yield the bytes of a body whose `Content-Encoding` is `packing`, at most 64 KB at a time.

    Never more than `most` bytes are taken from the wire or given on. Raises `TooLarge`, `CutShort` or `BadPacking`.
    """
    packing = packing.strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise BadPacking("the answer is packed in a way that was not offered (Content-Encoding); gzip was")
    wire = _within(chunks, most)
    yield from _within(_gunzipped(wire), most) if packing.endswith("gzip") else wire


def _within(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise TooLarge
        yield chunk


def _gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack gzip members one after another; memory stays constant whatever they unpack to."""
    member, begun = zlib.decompressobj(16 + zlib.MAX_WBITS), False
    for chunk in chunks:
        rest = chunk
        while rest:
            if member.eof:
                member, begun = zlib.decompressobj(16 + zlib.MAX_WBITS), False
            begun = True
            try:
                if found := member.decompress(rest, _CHUNK):
                    yield found
            except zlib.error:
                raise BadPacking("the answer is not the gzip it says it is") from None
            rest = member.unconsumed_tail or member.unused_data
            while not rest and not member.eof and (found := _held(member)):
                yield found
    if begun and not member.eof:
        raise CutShort


def _held(member: zlib._Decompress) -> bytes:
    """Return what a member still holds back although all of its input was taken."""
    return member.decompress(b"", _CHUNK)
