"""ODS: content.xml, walked for what is hidden, merged cells, errors and formulas never worked out."""

from __future__ import annotations

import zipfile
from typing import Any
from xml.parsers import expat

from cchc.sources.formats.isolated.marks import Marks, cut_off, short_lines
from cchc.sources.formats.isolated.refusal import Refusal

_ROWS = 1_048_576
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
_STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
_ASIDE = (
    *(f"{_OFFICE}annotation", f"{_STYLE}header", f"{_STYLE}footer"),
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0 ",
)
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_MOST_REPEATED = 1_000


class Content:
    """The content of an ODS file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        manifest = (
            archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in archive.namelist() else b""
        )
        if b"encryption-data" in manifest:
            raise Refusal("the workbook has a password; save it without one")
        self._archive = archive
        self._beside = _page_texts(archive)
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
        found = self._found.get(name)
        if found is None:
            raise Refusal("the workbook is damaged")
        found.beside |= self._beside
        return found


def _page_texts(archive: zipfile.ZipFile) -> set[str]:
    """Return the lines of page headers and footers."""
    if "styles.xml" not in archive.namelist():
        return set()
    walk = _Walk()
    try:
        with archive.open("styles.xml") as stream:
            walk.parser.ParseFile(stream)
    except (expat.ExpatError, zipfile.BadZipFile, EOFError, OSError):
        raise Refusal("the workbook is damaged") from None
    return walk.beside


class _Walk:
    """Counts rows and columns as the tables go by."""

    def __init__(self) -> None:
        self.tables: dict[str, Marks] = {}
        self._now: Marks | None = None
        self._row = self._column = 0
        self._rows_repeated = 1
        self._filled = False
        self._texts: list[str] = []
        self._aside = 0  # within so many comments, text boxes, page headers
        self.beside: set[str] = set()
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
        elif name.startswith(_ASIDE):
            self._aside += 1
            self.parser.CharacterDataHandler = self._texts.append

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
        is_share = given.get(f"{_OFFICE}value-type") == "percentage"
        if is_error or unworked or is_share:
            for row in range(min(self._rows_repeated, _MOST_REPEATED)):
                for column in range(min(repeated, _MOST_REPEATED)):
                    at = self._row + row, self._column + column
                    if is_share:
                        marks.mark_percent(*at)
                    if is_error or unworked:
                        marks.mark(*at, "error" if is_error else "formula")
        self._column += repeated

    def _end(self, name: str) -> None:
        if name == f"{_TABLE}table-row" and self._now is not None:
            self._row += self._rows_repeated
            if self._filled and self._hidden:
                self._now.hidden_rows += self._rows_repeated
            if self._filled and self._row >= _ROWS:
                raise cut_off(_ROWS)
        elif self._aside:
            self._end_aside(name)

    def _end_aside(self, name: str) -> None:
        ends_line = name in (f"{_TEXT}p", f"{_TEXT}line-break")
        if ends_line or not name.startswith(_TEXT):  # also the author and the date of a comment
            self._texts.append("\n")
        if name.startswith(_ASIDE):
            self._aside -= 1
            if not self._aside:
                self.parser.CharacterDataHandler = None
                beside = self.beside if self._now is None else self._now.beside
                beside.add(short_lines("".join(self._texts)))
                self._texts.clear()


def _count(given: dict[str, Any], name: str) -> int:
    text = str(given.get(_TABLE + name, "1"))
    return int(text) if text.isdigit() and len(text) < 9 else 1
