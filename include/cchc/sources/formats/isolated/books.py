"""A workbook of any of the three formats: what kind it is, its sheets, and the cells that the reader would lose."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import count
from typing import Any, BinaryIO, NamedTuple, Protocol

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from cchc.sources.formats.isolated import ods, xls, xlsx
from cchc.sources.formats.isolated.marks import Marks
from cchc.sources.formats.isolated.refusal import Refusal

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LARGEST_INSIDE = 1024 * 1024 * 1024
_RATIO, _RATIO_FROM = 150, 20 * 1024 * 1024  # a part so much larger than packed, from this size on, is a bomb
_MOST_PARTS = 10_000
_PROLOG = 64 * 1024
_MOST_MERGED = 10_000


class Sheet(NamedTuple):
    """Facts of a sheet, its rows from the first row and column on, why cells are broken by row and column from 0."""

    facts: dict[str, Any]
    rows: Iterable[list[Any]]
    broken: dict[int, dict[int, str]]


class _Scan(Protocol):
    def __call__(self, name: str) -> Marks: ...


class Book:
    """An opened workbook."""

    def __init__(self, book: Any, scan: _Scan) -> None:
        self._book = book
        self._scan = scan

    def sheets(self) -> list[dict[str, Any]]:
        """Return name and visibility of every sheet, in order."""
        return [
            {"name": sheet.name, "hidden": sheet.visible != SheetVisibleEnum.Visible}
            for sheet in self._book.sheets_metadata
        ]

    def sheet(self, number: int) -> Sheet:
        """Return one sheet; raises `Refusal`."""
        name = self._book.sheets_metadata[number].name
        marks = self._scan(name)  # first: it tells a sheet that was cut off before all of it is in memory
        try:
            found = self._book.get_sheet_by_name(name)
        except CalamineError:
            raise Refusal("the workbook is damaged") from None
        merged = (marks.merged or found.merged_cell_ranges or [])[:_MOST_MERGED]
        facts = {
            "hidden_rows": marks.hidden_rows,
            "hidden_columns": [list(columns) for columns in marks.hidden_columns[:_MOST_MERGED]],
            "merged": [[*first, *last] for first, last in merged],
            "beside": sorted(marks.beside - {""}),
        }
        broken: dict[int, dict[int, str]] = {}
        for (row, column), why in marks.broken.items():
            broken.setdefault(row, {})[column] = why
        rows = _with_percents(_from_first_column(found, broken), marks.percent)
        return Sheet(facts, _reaching(rows, broken), broken)


def _from_first_column(sheet: Any, broken: dict[int, dict[int, str]]) -> Iterator[list[Any]]:
    """Yield the rows; of one with a number that the reader cannot make a moment of no cell is known: all are broken."""
    if sheet.start is None:
        return
    left, rows = [""] * sheet.start[1], iter(sheet.iter_rows())
    for number in count():
        try:
            row = next(rows)
        except StopIteration:
            return
        except BaseException as error:
            if not _is_beyond_time(error):
                raise
            row = [""] * sheet.width
            broken[number] = dict.fromkeys(range(len(left) + len(row)), "error")
        yield left + row


def _with_percents(rows: Iterator[list[Any]], percent: dict[int, list[int]]) -> Iterator[list[Any]]:
    """Yield the rows; a share is the text that people see, 95,5%, for as a number it may be 0.955 or 95.5."""
    for number, cells in enumerate(rows):
        for at in percent.get(number, ()):
            if at < len(cells) and type(cells[at]) in (float, int):
                cells[at] = format((Decimal(repr(cells[at])) * 100).normalize(), "f").replace(".", ",") + "%"
        yield cells


def _is_beyond_time(error: BaseException) -> bool:
    """Whether the reader gave up a cell; what its native code panics with has no class one could import."""
    return isinstance(error, OverflowError) or type(error).__name__ == "PanicException"


def _reaching(rows: Iterator[list[Any]], broken: dict[int, dict[int, str]]) -> Iterator[list[Any]]:
    """Yield the rows, made so long and so many that each broken cell is within them."""
    widths = {row: max(columns) + 1 for row, columns in broken.items()}
    number = -1
    for number, cells in enumerate(rows):
        yield cells + [""] * (widths.get(number, 0) - len(cells))
    for later in range(number + 1, max(widths, default=-1) + 1):
        yield [""] * widths.get(later, 0)


def opened(file: BinaryIO) -> Book:
    """Return the workbook in a file, whatever the file is called; raises `Refusal` that says what it is instead."""
    file.seek(0)  # the descriptor is shared: whoever wrote the file stands at its end
    head = file.read(4096)
    file.seek(0)
    if head.startswith(_ZIP):
        return _zipped(file)
    if head.startswith(_OLE):
        found = xls.Stream(file)
        return Book(_calamine(file), found.marks)
    raise Refusal(_what_it_is(head))


def _zipped(file: BinaryIO) -> Book:
    try:
        archive = zipfile.ZipFile(file)
        names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Refusal("the workbook is damaged, or it was cut off") from None
    _check_parts(archive)
    if "xl/workbook.bin" in names:
        raise Refusal("this is a binary workbook (.xlsb); save it as .xlsx")
    if "xl/workbook.xml" in names or "[Content_Types].xml" in names:
        parts = xlsx.Parts(archive)
        return Book(_calamine(file), parts.marks)
    if "content.xml" in names:
        content = ods.Content(archive)
        return Book(_calamine(file), content.marks)
    raise Refusal("this is a ZIP archive, not a workbook")


def _calamine(file: BinaryIO) -> Any:
    file.seek(0)
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
    except PasswordError:
        raise Refusal("the workbook has a password; save it without one") from None
    except CalamineError:
        raise Refusal(
            "the workbook is damaged, or not of a kind that is read here (.xlsx, .xls, .ods)"
        ) from None


def _check_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_INSIDE:
        raise Refusal("the workbook unpacks to more than is sensible")
    for part in parts:
        if part.flag_bits & 1:
            raise Refusal("the workbook has a password; save it without one")
        if part.file_size > _RATIO_FROM and part.file_size > _RATIO * max(part.compress_size, 1):
            raise Refusal("the workbook unpacks to more than is sensible")
        if part.filename.endswith((".xml", ".rels")):
            _check_prolog(archive, part)


def _check_prolog(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a DTD: entities are declared there, and no spreadsheet program writes one."""
    try:
        with archive.open(part) as stream:
            start = stream.read(_PROLOG)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError):
        raise Refusal("the workbook is damaged, or it was cut off") from None
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refusal("a part of the workbook is not UTF-8")
    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
        raise Refusal("the workbook declares a DTD or an entity, which is not allowed")


def _what_it_is(head: bytes) -> str:
    if not head:
        return "the file is empty"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "this is an XML spreadsheet of 2003; save it as .xlsx"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<table", b"<meta", b"<?xml")):
        return "this is a page (HTML or XML), not a workbook; save it as .xlsx"
    if head.startswith(b"PK"):
        return "the workbook is empty, or it was cut off"
    if b"\0" not in head and any(sign in head for sign in b",;\t"):
        return "this is a text (CSV), not a workbook; save it as .xlsx, or declare format: csv"
    return "this is not a workbook (.xlsx, .xls, .ods)"
