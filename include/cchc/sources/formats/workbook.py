"""Sheets of an XLSX workbook as rows of text: codes keep their zeros, days are written as the profile writes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from cchc.catalogue.models import DatasetMap, FieldMap
from cchc.sources.formats.headings import Headings, MissingHeading
from cchc.sources.texts import clean, label

_HEADING_WITHIN = 30  # rows: titles and notes may stand above the headings
_LARGEST_INSIDE = 200 * 1024 * 1024
_WHOLE = 2**53  # above this a float no longer holds every whole number


class BadWorkbook(ValueError):
    """The workbook cannot be read; the text says why."""


def rows_of_sheet(
    content: bytes, sheet: str, dataset_map: DatasetMap
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (row number as Excel shows it, heading → text) of a sheet.

    Raises `BadWorkbook`, or `MissingHeading` where no row holds all headings of the profile.
    """
    _check_size(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [name for name in book.sheet_names if label(name) == label(sheet)]
        if len(names) != 1:
            raise BadWorkbook(f"the workbook has no sheet {sheet}")
        rows: list[list[Any]] = book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False)
    except CalamineError:
        raise BadWorkbook("the workbook is damaged or has a password") from None
    at, headings = _find_headings(rows, dataset_map)
    fields = {f.path: f for f in dataset_map.fields.values() if f.path is not None}
    for number, cells in enumerate(rows[at + 1 :], at + 2):
        if any(cell != "" for cell in cells):
            record = headings.record(cells)
            yield number, {name: _text(cell, fields.get(name)) for name, cell in record.items()}


def _check_size(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise BadWorkbook("this is not an XLSX workbook, or it was cut off") from None
    if size > _LARGEST_INSIDE:
        raise BadWorkbook("the workbook unpacks to more than is sensible")


def _find_headings(rows: list[list[Any]], dataset_map: DatasetMap) -> tuple[int, Headings]:
    best: MissingHeading | None = None
    for at, cells in enumerate(rows[:_HEADING_WITHIN]):
        try:
            return at, Headings([cell if isinstance(cell, str) else "" for cell in cells], dataset_map)
        except MissingHeading as missing:
            if best is None or missing.found > best.found:
                best = missing
    if best is None:
        Headings([], dataset_map)  # an empty sheet: names every heading
    assert best is not None  # noqa: S101  a profile without headings finds them in the first row
    raise best


def _text(cell: Any, field: FieldMap | None) -> str:
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime | date):
        if field is not None and field.formats:
            return cell.strftime(field.formats[0])
        return cell.isoformat()
    if isinstance(cell, float | int):
        return _number(cell, field)
    return cell.isoformat() if isinstance(cell, time) else str(cell)


def _number(value: float, field: FieldMap | None) -> str:
    """Write a number cell exactly; in a number column with the decimal comma people write there."""
    if float(value).is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    text = format(Decimal(repr(value)), "f")
    return text.replace(".", ",") if field is not None and field.type == "number" else text
