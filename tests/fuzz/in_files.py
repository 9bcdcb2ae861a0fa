"""Targets: files of units."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from cchc.catalogue.base import DatasetName
from cchc.sources.formats.cells import as_text as as_cell
from cchc.sources.formats.forms import printed
from cchc.sources.formats.isolated import books
from cchc.sources.formats.isolated.refusal import Refusal
from cchc.sources.formats.isolation import BadWorkbook, Broken
from cchc.sources.formats.layout import FormLayout, select
from cchc.sources.formats.lines import rows_of_ndjson
from cchc.sources.formats.separated import BadText, rows_of_csv
from cchc.sources.formats.strict_json import BadJson, parse
from cchc.sources.formats.tables import headings
from cchc.sources.formats.tables.headings import MissingHeading
from fuzz.promises import door_of, held, quotes_nobody, through
from unit.sources.profiles import WINDOW, profile


def register_csv(data: bytes) -> None:
    """A CSV register: rows with the line they end on, `BadText` or `MissingHeading`."""
    _register("dossier", lambda: rows_of_csv(io.BytesIO(data), profile("registers").datasets["dossier"]))


def register_ndjson(data: bytes) -> None:
    """An NDJSON register: rows with their line, or `BadText`."""
    _register("document", lambda: rows_of_ndjson(io.BytesIO(data)))


def _register(dataset: DatasetName, read: Callable[[], Iterator[tuple[int, dict[str, Any]]]]) -> None:
    before = 0
    try:
        for line, record in read():
            held(line > before, "lines go back")
            before = line
            through(door_of("registers", dataset), record)
    except (BadText, MissingHeading) as error:
        quotes_nobody(error)


def sheet(data: bytes) -> None:
    """Cells of a sheet, as a list under headings and as the printed form II.06a: records, or a documented error."""
    try:
        found = parse(data)
    except BadJson:
        return
    if not isinstance(found, list):
        return
    rows = [[_cell(cell) for cell in row] for row in found if isinstance(row, list)]
    merged = ((0, 0, 0, 1), (0, 1, 1, 1)) if len(data) % 2 else ()
    listed = profile("registers").datasets["procedure"]
    layout = _layout()
    try:
        first, heads = headings.find(rows, merged, listed)
        for cells in rows[first:]:
            for name, cell in heads.record(cells).items():
                for one in cell if isinstance(cell, list) else [cell]:  # whose heading stands more than once
                    held(isinstance(as_cell(one, listed.fields.get(name)), str), "a cell without a text")
    except MissingHeading as error:
        quotes_nobody(error)
    try:
        for place, record in printed.records(iter(rows), merged, layout, (WINDOW.start, WINDOW.end)):
            held(place.startswith(" column "), "a number without a place")
            through(door_of("report-ii06a", "reported_measure"), record)
    except (BadWorkbook, MissingHeading) as error:
        quotes_nobody(error)


def _cell(value: Any) -> Any:
    """Return a cell as a workbook gives it: JSON has no decimals and no cells without a value."""
    if isinstance(value, str) and value.replace(".", "", 1).isascii() and value.replace(".", "", 1).isdigit():
        return float(value[:300])
    return value if isinstance(value, str | int | bool) else Broken("error" if value is None else "formula")


@cache
def _layout() -> FormLayout:
    found = profile("report-ii06a")
    chosen = select(found.code, "reported_measure", found.datasets["reported_measure"].select)
    assert chosen.form is not None
    return chosen.form


_WORKBOOK = "xl/workbook.xml"
_LINK = '<Relationships><Relationship Id="r1" Type="x/{}" Target="{}"/></Relationships>'
_PARTS = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": _LINK.format("officeDocument", _WORKBOOK),
    "xl/_rels/workbook.xml.rels": _LINK.format("worksheet", "worksheets/s.xml"),
    _WORKBOOK: '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/worksheets/s.xml": "<worksheet><sheetData/></worksheet>",
    "content.xml": "<x/>",
}
_BROKEN_INTO = ("xl/worksheets/s.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "content.xml")


def workbook(data: bytes) -> None:
    """A workbook, or a part of one: nothing but `Refusal` from our own look at it.

    The cells are read by a library in Rust, in a process of its own with limits; what breaks there is another matter
    (test_fuzz.py sends every seed through it).
    """
    for content in workbooks(data):
        try:
            book = books.opened(io.BytesIO(content))
            for sheet in book.sheets():
                marks = book._scan(sheet["name"])
                held(all(min(at) >= 0 for at in marks.broken), "a cell before the first")
        except Refusal as refusal:
            quotes_nobody(refusal)
        except BaseException as error:  # that library's way to say that it broke down: the process would end
            if type(error).__name__ != "PanicException":
                raise


def workbooks(data: bytes) -> list[bytes]:
    """Return the bytes as a file, and as each part of a workbook that is sound otherwise."""
    found = [data]
    for part in _BROKEN_INTO:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            left_out = {"content.xml"} if part != "content.xml" else set(_PARTS) - {part}
            for name in _PARTS.keys() - left_out:
                archive.writestr(name, data if name == part else _PARTS[name])
        found.append(packed.getvalue())
    return found
