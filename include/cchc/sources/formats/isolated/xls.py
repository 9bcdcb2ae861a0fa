"""XLS (BIFF8): the records of a sheet, looked through for what is hidden, errors and formulas never worked out.

Formats: [MS-CFB] for the container, [MS-XLS] for the records. Values are read by python-calamine; this knows only what
it does not tell. A result stands beside every formula, but a program that works nothing out writes the empty text
there, as Excel does where the result is one. So an empty result is believed where the workbook has any other, and a
sheet that says itself that it waits to be worked out (UNCALCED) is not believed in its zeros either. LibreOffice, whose
name stands in the file, writes 0 for a text that it has not worked out since the workbook was opened.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cached_property
from typing import BinaryIO

from cchc.sources.formats.isolated.formulas import may_be_text
from cchc.sources.formats.isolated.marks import BUILT_IN_SHARES, Marks, cut_off, is_percent, short_lines
from cchc.sources.formats.isolated.refusal import Refusal

_ROWS = 65_536
_LAST = 0xFFFFFFFA  # sector numbers from here on are signs
_SHORT = 6  # short sectors have 2 to this power of bytes
_BOF, _EOF, _BOUNDSHEET, _FILEPASS = 0x0809, 0x000A, 0x0085, 0x002F
_WRITER = 0x005C  # WRITEACCESS: who wrote the file
_HEADER, _FOOTER, _BOX, _CONTINUE = 0x0014, 0x0015, 0x01B6, 0x003C
_ROW, _FORMULA, _BOOLERR, _COLINFO, _UNCALCED = 0x0208, 0x0006, 0x0205, 0x007D, 0x005E
_FORMAT, _STYLE, _ROW_OF_NUMBERS = 0x041E, 0x00E0, 0x00BD
_NUMBERS = {_FORMULA, _ROW_OF_NUMBERS, 0x0203, 0x027E}
_VALUES = {_FORMULA, _BOOLERR, 0x00FD, 0x0204, 0x0203, 0x027E, 0x00BD}  # texts, numbers, formulas
_IS_HIDDEN, _IS_HIDDEN_COLUMN = 0x20, 0x01
_EMPTY, _ZERO = 3, bytes(8)  # results: the kind of one that is no number, and 0 as a number
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
        doubted: dict[str, list[tuple[int, int]]] = {"empty": [], "zero": [], "text": []}
        waits, before = False, 0
        try:
            for kind, body in self._records(self._sheets[name]):
                _look(kind, body, found)
                if kind in _NUMBERS and self._shares:
                    _look_for_shares(kind, body, self._shares, found)
                elif kind in (_HEADER, _FOOTER):
                    found.beside.add(short_lines(_letters(body[2:])))
                elif (before, kind) == (_BOX, _CONTINUE):  # of a text box or a comment
                    found.beside.add(short_lines(_letters(body)))
                before = kind
                waits = waits or kind == _UNCALCED
                if kind == _FORMULA and (result := _result(body)) in doubted:
                    doubted[result].append(struct.unpack_from("<HH", body))
                    if result == "zero" and self._is_of_libreoffice and may_be_text(body):
                        doubted["text"].append(struct.unpack_from("<HH", body))
            if doubted["empty"] and (waits or not self._is_worked_out):
                for place in doubted["empty"]:
                    found.mark(*place, "formula")
            for place in doubted["zero" if waits else "text"]:
                found.mark(*place, "formula")
        except (struct.error, IndexError, KeyError):
            raise Refusal(_DAMAGED) from None
        return found

    @cached_property
    def _shares(self) -> frozenset[int]:
        """The styles of cells whose number is shown as 95,5%."""
        shares, styles = set(BUILT_IN_SHARES), []
        for kind, body in self._records(0):
            if kind == _FORMAT and is_percent(_letters(body[4:])):
                shares.add(struct.unpack_from("<H", body)[0])
            elif kind == _STYLE:
                styles.append(struct.unpack_from("<H", body, 2)[0])
        return frozenset(at for at, number in enumerate(styles) if number in shares)

    @cached_property
    def _is_of_libreoffice(self) -> bool:
        records = self._records(0)
        return any(kind == _WRITER and _letters(body[2:]).rstrip() == "Calc" for kind, body in records)

    @cached_property
    def _is_worked_out(self) -> bool:
        """Whether any formula of the workbook has a result beside the empty text."""
        return any(
            kind == _FORMULA and _result(body) != "empty"
            for at in self._sheets.values()
            for kind, body in self._records(at)
        )

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
        if is_error or (kind == _FORMULA and _result(body) == "error"):
            found.mark(row, column, "error")
    elif kind == _COLINFO:
        first, last, _, _, column_flags = struct.unpack_from("<HHHHH", body)
        if column_flags & _IS_HIDDEN_COLUMN:
            found.hidden_columns.append((first, last))


def _look_for_shares(kind: int, body: bytes, shares: frozenset[int], found: Marks) -> None:
    row, first = struct.unpack_from("<HH", body)
    last = len(body) - 2 if kind == _ROW_OF_NUMBERS else 6
    for place, at in enumerate(range(4, last, 6)):  # of each cell its style, and four bytes more
        if struct.unpack_from("<H", body, at)[0] in shares:
            found.mark_percent(row, first + place)


def _letters(body: bytes) -> str:
    """Return a text of which the first byte says whether its letters take two bytes."""
    return body[1:].decode("utf-16-le" if body[:1] == b"\x01" else "latin-1", "replace")


def _result(body: bytes) -> str:
    """Return what stands beside a formula: `error`, `empty` (a text without letters), `zero` or `other`."""
    if body[12:14] == b"\xff\xff":
        return {2: "error", _EMPTY: "empty"}.get(body[6], "other")
    return "zero" if body[6:14] == _ZERO else "other"


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

    tables = [n for n in struct.unpack_from("<109I", data, 0x4C) if n < _LAST]
    more, seen = struct.unpack_from("<I", data, 0x44)[0], 0
    while more < _LAST and seen < len(data) // sector:
        *block, more = _numbers(at(more))
        tables += [n for n in block if n < _LAST]
        seen += 1
    fat = [number for table in tables for number in _numbers(at(table))]

    def chain(number: int) -> bytes:
        parts: list[bytes] = []
        while number < _LAST:
            parts.append(at(number))
            number = fat[number]
            if len(parts) > len(fat):
                raise Refusal(_DAMAGED)
        return b"".join(parts)

    streams = _streams(chain(struct.unpack_from("<I", data, 0x30)[0]))
    (smallest,) = struct.unpack_from("<I", data, 0x38)
    if "EncryptedPackage" in streams:
        raise Refusal("the workbook has a password; save it without one")
    start, size = streams.get("Workbook") or streams.get("Book") or (0, 0)
    if not size:
        raise Refusal("this is no workbook, or one of a kind that is not read here; save it as .xlsx")
    if size >= smallest:
        return chain(start)[:size]
    (shift,), (table,) = struct.unpack_from("<H", data, 0x20), struct.unpack_from("<I", data, 0x3C)
    if shift != _SHORT or "Root Entry" not in streams:
        raise Refusal(_DAMAGED)
    return _short(chain(streams["Root Entry"][0]), _numbers(chain(table)), start)[:size]


def _streams(directory: bytes) -> dict[str, tuple[int, int]]:
    """Return name → first sector and size of the streams of a directory."""
    found: dict[str, tuple[int, int]] = {}
    for entry in (directory[n : n + 128] for n in range(0, len(directory) - 127, 128)):
        (length,) = struct.unpack_from("<H", entry, 0x40)
        name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace")
        found[name] = struct.unpack_from("<II", entry, 0x74)
    return found


def _short(data: bytes, follows: list[int], sector: int) -> bytes:
    """Return one of the short streams, which share a long one in sectors of their own."""
    parts: list[bytes] = []
    while sector < _LAST:
        parts.append(data[sector << _SHORT : (sector + 1) << _SHORT])
        sector = follows[sector]
        if len(parts) > len(follows):
            raise Refusal(_DAMAGED)
    return b"".join(parts)


def _numbers(block: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4]))
