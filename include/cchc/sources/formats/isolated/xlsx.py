"""XLSX: the XML of a sheet, looked through for what is hidden, errors and formulas that were never worked out.

A program that works nothing out writes no result beside a formula, or 0, and for the workbook that all is to be
worked out when it is opened (fullCalcOnLoad), which a spreadsheet program takes out again. There no 0 of a formula is
believed.
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

from cchc.sources.formats.isolated.marks import BUILT_IN_SHARES, Marks, cut_off, is_percent, short_lines
from cchc.sources.formats.isolated.refusal import Refusal

_ROWS = 1_048_576
_LONGEST_ROW = 32 * 1024 * 1024
_CHUNK = 1024 * 1024
_SMALL_PART = 4 * 1024 * 1024
_DAMAGED = "the workbook is damaged"
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

_HIDDEN = re.compile(rb'<(?:\w+:)?row\s(?=[^>]*\bhidden=["\'](?:1|true)["\'])[^>]*[^/>]>')
_ERROR = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bt=["\']e["\'])([^>]*)>')
_FORMULA = (
    rb'<(?:\w+:)?c\s(?![^>]*\bt=["\']str["\'])([^>]*)>\s*'
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
)
_UNWORKED = re.compile(_FORMULA + rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>")
_UNWORKED_ZERO = re.compile(_FORMULA + rb"<(?:\w+:)?v>0(?:\.0*)?</(?:\w+:)?v>\s*</(?:\w+:)?c>")
_COLUMN = re.compile(rb'<(?:\w+:)?col\s(?=[^>]*\bhidden=["\'](?:1|true)["\'])[^>]*>')
_HEADER = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)\b[^<>]*>([^<]*)<")
_BESIDE = re.compile(r"xl/(?:threadedComments/|comments/?|drawings/)[^/]*\.xml")
_BLOCK_END = re.compile(rb"</(?:\w+:)?(?:comment|threadedComment|txBody)>")
_PARAGRAPH_END = re.compile(rb"</(?:\w+:)?p>")
_RUN = re.compile(rb"<(?:\w+:)?(?:t|text)(?:\s[^<>]*)?>([^<]*)(?=<)")
_NUMBER_FORMAT = re.compile(rb"\bnumFmtId=[\"'](\d{1,5})[\"']")
_FORMAT_ELEMENT = re.compile(rb"<(?:\w+:)?numFmt\s[^<>]*>")
_FORMAT_CODE = re.compile(rb"\bformatCode=(?:\"([^\"]*)\"|'([^']*)')")
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b[^<>]*>")
_CELL_STYLES_END = re.compile(rb"</(?:\w+:)?cellXfs>")
_STYLE = re.compile(rb"<(?:\w+:)?xf\s[^<>]*>")
_STYLED = re.compile(rb"<(?:\w+:)?c\s([^<>]*\bs=[\"'](\d{1,5})[\"'][^<>]*)>")
_MIN, _MAX = re.compile(rb'\bmin=["\'](\d{1,5})["\']'), re.compile(rb'\bmax=["\'](\d{1,5})["\']')
_ADDRESS = re.compile(rb'\br=["\']([A-Z]{1,3})(\d{1,7})["\']')
_LAST_ROW = re.compile(
    rb'<(?:\w+:)?row\s(?=[^>]*\br="1048576")[^>]*[^/>]>.*<(?:\w+:)?(?:v|is)[ >]', re.DOTALL
)


class Parts:
    """The parts of an XLSX file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._patterns: list[tuple[re.Pattern[bytes], str]] = [(_ERROR, "error"), (_UNWORKED, "formula")]
        self._shares = self._share_styles()
        self._paths = self._sheets()
        self._beside = self._notes()

    def marks(self, name: str) -> Marks:
        """Look through a sheet; raises `Refusal`, also where the sheet is as long as a sheet can be."""
        found = Marks(self._beside)
        path = self._paths.get(name)
        if path is None:
            raise Refusal(_DAMAGED)
        try:
            with self._archive.open(path) as stream:
                for number, piece in enumerate(_pieces(stream)):
                    if number == 0:  # columns are described above the rows
                        _look_at_columns(piece, found)
                    self._look(piece, found)
        except (KeyError, zipfile.BadZipFile, EOFError, OSError):
            raise Refusal(_DAMAGED) from None
        return found

    def _look(self, piece: bytes, found: Marks) -> None:
        found.hidden_rows += len(_HIDDEN.findall(piece))
        for text in _HEADER.findall(piece, max(piece.rfind(b"sheetData"), 0)):  # it stands below the rows
            found.beside.add(short_lines(_text(text)))
        for pattern, why in self._patterns:
            for attributes in pattern.findall(piece):
                address = _ADDRESS.search(attributes)
                if address is None:
                    raise Refusal("a cell with an error or a formula does not say where it stands")
                found.mark(int(address[2]) - 1, _column(address[1]), why)
        for attributes, style in _STYLED.findall(piece) if self._shares else ():
            if style in self._shares and (address := _ADDRESS.search(attributes)):
                found.mark_percent(int(address[2]) - 1, _column(address[1]))
        if b'r="1048576"' in piece and _LAST_ROW.search(piece):
            raise cut_off(_ROWS)

    def _sheets(self) -> dict[str, str]:
        """Return sheet name → path of its part."""
        try:
            targets = {
                item.get("Id"): item.get("Target", "")
                for item in self._tree("xl/_rels/workbook.xml.rels").iter()
                if item.tag.endswith("}Relationship")
            }
            workbook = list(self._tree("xl/workbook.xml").iter())
            if any(item.get("fullCalcOnLoad") in ("1", "true") for item in workbook):
                self._patterns.append((_UNWORKED_ZERO, "formula"))
            return {
                item.get("name", ""): _absolute(targets.get(item.get(f"{_RELATIONS}id"), ""))
                for item in workbook
                if item.tag.endswith("}sheet")
            }
        except (KeyError, ElementTree.ParseError, zipfile.BadZipFile, EOFError, OSError):
            raise Refusal("the workbook is damaged, or it is no XLSX workbook") from None

    def _share_styles(self) -> set[bytes]:
        """Return the numbers of the cell styles that show 0.955 as 95,5%."""
        if "xl/styles.xml" not in self._archive.namelist():
            return set()
        try:
            styles = self._archive.read("xl/styles.xml")
        except (zipfile.BadZipFile, EOFError, OSError):
            raise Refusal(_DAMAGED) from None
        shares = set(BUILT_IN_SHARES)
        for element in _FORMAT_ELEMENT.findall(styles):
            number, code = _NUMBER_FORMAT.search(element), _FORMAT_CODE.search(element)
            if number and code and is_percent(_text(code[1] or code[2] or b"")):
                shares.add(int(number[1]))
        _, *rest = _CELL_STYLES.split(styles, maxsplit=1)
        of_cells = _CELL_STYLES_END.split(rest[0], maxsplit=1)[0] if rest else b""
        numbers = map(_NUMBER_FORMAT.search, _STYLE.findall(of_cells))
        return {b"%d" % at for at, number in enumerate(numbers) if number and int(number[1]) in shares}

    def _notes(self) -> set[str]:
        """Return the lines of each comment and text box of the workbook."""
        found: set[str] = set()
        for path in filter(_BESIDE.fullmatch, self._archive.namelist()):
            try:
                blocks = _BLOCK_END.split(self._archive.read(path))
            except (zipfile.BadZipFile, EOFError, OSError):
                raise Refusal(_DAMAGED) from None
            for block in blocks:
                lines = (b"".join(_RUN.findall(line)) for line in _PARAGRAPH_END.split(block))
                found.add(short_lines(_text(b"\n".join(lines))))
        return found

    def _tree(self, path: str) -> ElementTree.Element:
        if self._archive.getinfo(path).file_size > _SMALL_PART:
            raise Refusal("the workbook unpacks to more than is sensible")
        return ElementTree.fromstring(self._archive.read(path))  # noqa: S314  DTDs were refused before


def _text(escaped: bytes) -> str:
    return html.unescape(escaped.decode("utf-8", "replace"))


def _absolute(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the sheet in pieces that end with a row."""
    held = b""
    while chunk := stream.read(_CHUNK):
        held += chunk
        cut = held.rfind(b"row>") + len(b"row>")
        if cut >= len(b"row>"):
            yield held[:cut]
            held = held[cut:]
        elif len(held) > _LONGEST_ROW:
            raise Refusal("a row is longer than is sensible")
    yield held


def _look_at_columns(piece: bytes, found: Marks) -> None:
    for column in _COLUMN.findall(piece[: piece.find(b"sheetData")]):
        first, last = _MIN.search(column), _MAX.search(column)
        if first and last:
            found.hidden_columns.append((int(first[1]) - 1, int(last[1]) - 1))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
