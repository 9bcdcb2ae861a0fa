"""XLS (BIFF8): the records of a sheet, looked through for hidden rows and errors.

Formats: [MS-CFB] for the container, [MS-XLS] for the records. Values are read by python-calamine; this knows only what
it does not tell. Excel writes the result beside every formula, so there is no formula without one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from cchc.sources.formats.isolated.child import Refusal
from cchc.sources.formats.isolated.marks import Marks, cut_off

_ROWS = 65_536
_LAST = 0xFFFFFFFA  # sector numbers from here on are signs
_BOF, _EOF, _BOUNDSHEET, _FILEPASS = 0x0809, 0x000A, 0x0085, 0x002F
_ROW, _FORMULA, _BOOLERR = 0x0208, 0x0006, 0x0205
_VALUES = {_FORMULA, _BOOLERR, 0x00FD, 0x0204, 0x0203, 0x027E, 0x00BD}  # texts, numbers, formulas
_IS_HIDDEN = 0x20
_DAMAGED = "the workbook is damaged, or it was cut off"


class Stream:
    """The workbook stream of an XLS file, in memory."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        try:
            self._data = _workbook(file.read())
            self._sheets = dict(self._bound())
        except (struct.error, IndexError, ValueError):
            raise Refusal(_DAMAGED) from None

    def marks(self, name: str) -> Marks:
        """Look through a sheet; raises `Refusal`, also where the sheet is as long as a sheet can be."""
        found = Marks()
        try:
            for kind, body in self._records(self._sheets[name]):
                _look(kind, body, found)
        except (struct.error, IndexError, KeyError):
            raise Refusal(_DAMAGED) from None
        return found

    def _bound(self) -> Iterator[tuple[str, int]]:
        for kind, body in self._records(0):
            if kind == _FILEPASS:
                raise Refusal("the workbook has a password; save it without one")
            if kind == _BOUNDSHEET:
                (at,) = struct.unpack_from("<I", body)
                wide, text = body[7] & 1, body[8:]
                size = body[6] * (2 if wide else 1)
                yield text[:size].decode("utf-16-le" if wide else "latin-1"), at

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        """Yield (kind, content) of one substream, without those of charts within it."""
        depth = 0
        while at + 4 <= len(self._data):
            kind, size = struct.unpack_from("<HH", self._data, at)
            if kind == _BOF:
                depth += 1
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    return
            elif depth == 1:
                yield kind, self._data[at + 4 : at + 4 + size]
            at += 4 + size
        raise Refusal(_DAMAGED)


def _look(kind: int, body: bytes, found: Marks) -> None:
    if kind == _ROW:
        (flags,) = struct.unpack_from("<I", body, 12)
        (first, behind_last) = struct.unpack_from("<HH", body, 2)
        found.hidden_rows += bool(flags & _IS_HIDDEN and behind_last > first)
    elif kind in _VALUES:
        row, column = struct.unpack_from("<HH", body)
        if row == _ROWS - 1:
            raise cut_off(_ROWS)
        is_error = kind == _BOOLERR and body[7] == 1
        if is_error or (kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2):
            found.mark(row, column, "error")


def _workbook(data: bytes) -> bytes:
    """Return the stream called Workbook of a compound file; raises `Refusal`."""
    sector = 1 << struct.unpack_from("<H", data, 0x1E)[0]
    if sector not in (512, 4096):
        raise Refusal(_DAMAGED)

    def at(number: int) -> bytes:
        found = data[(number + 1) * sector : (number + 2) * sector]
        if not found:
            raise Refusal(_DAMAGED)
        return found

    def numbers(block: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4]))

    tables = [n for n in struct.unpack_from("<109I", data, 0x4C) if n < _LAST]
    more, seen = struct.unpack_from("<I", data, 0x44)[0], 0
    while more < _LAST and seen < len(data) // sector:
        *block, more = numbers(at(more))
        tables += [n for n in block if n < _LAST]
        seen += 1
    fat = [number for table in tables for number in numbers(at(table))]

    def chain(number: int) -> bytes:
        parts: list[bytes] = []
        while number < _LAST:
            parts.append(at(number))
            number = fat[number]
            if len(parts) > len(fat):
                raise Refusal(_DAMAGED)
        return b"".join(parts)

    directory = chain(struct.unpack_from("<I", data, 0x30)[0])
    (smallest,) = struct.unpack_from("<I", data, 0x38)
    streams: dict[str, tuple[int, int]] = {}
    for entry in (directory[n : n + 128] for n in range(0, len(directory) - 127, 128)):
        (length,) = struct.unpack_from("<H", entry, 0x40)
        name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace")
        streams[name] = struct.unpack_from("<II", entry, 0x74)
    if "EncryptedPackage" in streams:
        raise Refusal("the workbook has a password; save it without one")
    start, size = streams.get("Workbook") or streams.get("Book") or (0, 0)
    if size < smallest:
        raise Refusal("this is no workbook, or one of a kind that is not read here; save it as .xlsx")
    return chain(start)[:size]
