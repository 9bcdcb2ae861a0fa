"""ODS: content.xml, walked for what is hidden, merged cells, errors and formulas never worked out."""

from __future__ import annotations

import zipfile
from typing import Any
from xml.parsers import expat

from cchc.sources.formats.isolated.child import Refusal
from cchc.sources.formats.isolated.marks import Marks, cut_off

_ROWS = 1_048_576
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_MOST_ERRORS_REPEATED = 1_000


class Content:
    """The content of an ODS file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        manifest = (
            archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in archive.namelist() else b""
        )
        if b"encryption-data" in manifest:
            raise Refusal("the workbook has a password; save it without one")
        self._archive = archive
        self._found: dict[str, Marks] | None = None

    def marks(self, name: str) -> Marks:
        """Return what was seen in a table; raises `Refusal`."""
        if self._found is None:
            walk = _Walk()
            try:
                with self._archive.open("content.xml") as stream:
                    walk.parser.ParseFile(stream)
            except (expat.ExpatError, zipfile.BadZipFile, EOFError, OSError):
                raise Refusal("the workbook is damaged") from None
            self._found = walk.tables
        return self._found.get(name, Marks())


class _Walk:
    """Counts rows and columns as the tables go by."""

    def __init__(self) -> None:
        self.tables: dict[str, Marks] = {}
        self._now: Marks | None = None
        self._row = self._column = 0
        self._rows_repeated = 1
        self._filled = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, given: dict[str, Any]) -> None:
        if name == f"{_TABLE}table":
            self._now = self.tables[given.get(f"{_TABLE}name", "")] = Marks()
            self._row = self._column = 0
        elif name == f"{_TABLE}table-column" and self._now is not None:
            first, self._column = self._column, self._column + _count(given, "number-columns-repeated")
            if given.get(f"{_TABLE}visibility", "visible") != "visible":
                self._now.hidden_columns.append((first, self._column - 1))
        elif name == f"{_TABLE}table-row":
            self._column, self._filled = 0, False
            self._rows_repeated = _count(given, "number-rows-repeated")
            self._hidden = given.get(f"{_TABLE}visibility", "visible") != "visible"
        elif name in _CELLS and self._now is not None:
            self._cell(self._now, given)
        elif name.startswith(_TEXT):
            self._filled = True

    def _cell(self, marks: Marks, given: dict[str, Any]) -> None:
        repeated = _count(given, "number-columns-repeated")
        rows, columns = _count(given, "number-rows-spanned"), _count(given, "number-columns-spanned")
        if (rows, columns) != (1, 1):
            marks.merged.append(
                ((self._row, self._column), (self._row + rows - 1, self._column + columns - 1))
            )
        self._filled = self._filled or f"{_OFFICE}value-type" in given
        is_error = given.get(f"{_CALC}value-type") == "error"
        unworked = f"{_TABLE}formula" in given and f"{_OFFICE}value-type" not in given
        if is_error or unworked:
            for row in range(min(self._rows_repeated, _MOST_ERRORS_REPEATED)):
                for column in range(min(repeated, _MOST_ERRORS_REPEATED)):
                    marks.mark(self._row + row, self._column + column, "error" if is_error else "formula")
        self._column += repeated

    def _end(self, name: str) -> None:
        if name == f"{_TABLE}table-row" and self._now is not None:
            self._row += self._rows_repeated
            if self._filled and self._hidden:
                self._now.hidden_rows += self._rows_repeated
            if self._filled and self._row >= _ROWS:
                raise cut_off(_ROWS)


def _count(given: dict[str, Any], name: str) -> int:
    text = str(given.get(_TABLE + name, "1"))
    return int(text) if text.isdigit() and len(text) < 9 else 1
