"""CSV: rows under headings, in any of three delimiters; a row of another width is told and not guessed at.

Titles and empty lines may stand above the headings, and Excel's line `sep=;`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO

from cchc.catalogue.profiles import DatasetMap
from cchc.sources import unread
from cchc.sources.formats import encodings, names
from cchc.sources.formats.isolation import BadWorkbook
from cchc.sources.formats.stamps import refuse_stamp
from cchc.sources.formats.tables.days import Days
from cchc.sources.formats.tables.headings import Headings, MissingHeading
from cchc.sources.formats.tables.headings import find as headings_in
from cchc.sources.formats.tables.repeated import REPEATED, Repeated

_DELIMITERS = (",", ";", "\t")
_LONGEST_LINE = 1_000_000
_LOOKED_AT = 500  # rows looked at together
_TOP = 60  # lines in which titles and headings stand
_QUOTES = "the quotes of the file do not match, or it was cut off"
_OTHER_LETTERS = "the file changes its encoding, or was cut off within a letter"
_SEPARATOR = re.compile('"?sep=(.)"?')
_MARK = "\ufeff"  # of UTF-8 and UTF-16: also within a file that was put together of two


if TYPE_CHECKING:
    from _csv import Reader


class BadText(ValueError):
    """The file cannot be read; `line` (from 1, 0: the whole file) says where."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.line = line
        super().__init__(message)


def rows_of_csv(file: BinaryIO, dataset_map: DatasetMap) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line on which the row ends, heading → text).

    A row with more or fewer cells than headings lands as marks: which cell is of which column is not known, so none of
    them is kept. Headings that stand again are left out where each stands in its own column; the last record carries as
    a field nobody knows how many. Raises `BadText` or `MissingHeading`.
    """
    text = _opened(file)
    lines = _Lines(text)
    try:
        yield from _rows(lines, dataset_map)
    except UnicodeDecodeError:
        raise BadText(_OTHER_LETTERS) from None
    except csv.Error as error:
        too_long = f"a cell is longer than {csv.field_size_limit()} characters"
        raise BadText(too_long if "field limit" in str(error) else _QUOTES, lines.whole + 1) from None
    finally:
        text.detach()


def top_of(file: BinaryIO) -> list[str]:
    """Return the first lines of a file, among which its headings stand; raises `BadText`."""
    text = _opened(file)
    try:
        return list(islice(_Lines(text), _TOP))
    except UnicodeDecodeError:
        raise BadText(_OTHER_LETTERS) from None
    finally:
        text.detach()


def delimiters(top: Sequence[str]) -> Sequence[str]:
    """Return the delimiters that a text with these first lines may have: one where Excel's line `sep=;` names it."""
    named = _SEPARATOR.fullmatch(next((line.strip() for line in top if line.strip()), ""))
    return (named[1],) if named else _DELIMITERS


def _rows(lines: _Lines, dataset_map: DatasetMap) -> Iterator[tuple[int, dict[str, Any]]]:
    top = list(islice(lines, _TOP))
    if not any(line.strip() for line in top):
        raise BadText("the file is empty: not even its headings")
    delimiter, first, headings = _header(top, dataset_map)
    reader = csv.reader(chain(top, lines), delimiter=delimiter, strict=True)
    for _ in range(first):
        next(reader)
    table = _Table(headings, dataset_map)
    last: list[tuple[int, dict[str, Any]]] = []  # wait: the last record carries the note
    for found in table.records(reader, lines):
        if found:
            yield from last
            last = found
    if last:
        line, record = last.pop()
        yield from last
        yield line, record | names.note_of_lines(table.left_out)


class _Table:
    """Reads the rows below headings, looking at many together: whether the headings stand again, what days there are.

    `left_out` headings that stood again in their own columns were left out.
    """

    def __init__(self, headings: Headings, dataset_map: DatasetMap) -> None:
        self._headings, self._map = headings, dataset_map
        self._days, self._repeated = Days(headings.names, dataset_map), Repeated(headings, dataset_map)
        self._rows: list[list[str]] = []
        self._places: list[int] = []
        self.left_out = 0

    def records(self, reader: Reader, lines: _Lines) -> Iterator[list[tuple[int, dict[str, Any]]]]:
        """Yield records with their lines, many together; raises `BadText`."""
        width = self._headings.width
        right = wrong = 0
        lines.whole = reader.line_num
        for cells in reader:
            lines.whole = number = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) == width:
                right += 1
                self._rows.append(cells)
                self._places.append(number)
                if len(self._rows) == _LOOKED_AT:
                    yield self._looked_at()
                continue
            wrong += 1
            ragged = self._ragged(cells, number, ends=not lines.ended and number == lines.count)
            yield self._looked_at()
            yield [(number, ragged)]
        yield self._looked_at()
        right -= self.left_out
        if wrong > right:
            text_of = f"{wrong} of {wrong + right} rows have more or fewer cells than the heading has"
            sign = reader.dialect.delimiter
            raise BadText(f"{text_of}: a text with {sign!r} in it stands without quotes?")
        if problem := self._days.problem():
            raise BadText(problem)

    def _looked_at(self) -> list[tuple[int, dict[str, Any]]]:
        for found in reversed(self._repeated.among(self._rows)):
            if not self._repeated.is_in_place(self._rows[found]):
                raise BadText(REPEATED, self._places[found])
            del self._rows[found], self._places[found]
            self.left_out += 1
        self._days.see(self._rows)
        records = list(zip(self._places, map(self._headings.record, self._rows), strict=True))
        self._rows.clear()
        self._places.clear()
        return records

    def _ragged(self, cells: list[str], number: int, *, ends: bool) -> dict[str, str]:
        """Return what lands of a row of another width; `ends`: the file ends within its line."""
        width = self._headings.width
        # the last line of a file without an end takes the headings of the next one
        if any(map(self._repeated.stands_in, (cells, cells[width:]))):
            raise BadText(REPEATED, number)
        said = f"the row has {len(cells)} cells, the heading has {width}"
        if ends:
            raise BadText(f"{said}, and the file ends within it: it was cut off", number)
        ragged = unread.ragged(self._map)
        if ragged is None:
            raise BadText(f"{said}, so its secrecy level is not known", number)
        return ragged


def _opened(file: BinaryIO) -> io.TextIOWrapper:
    try:
        encoding = encodings.encoding_of(file)
    except encodings.UnknownLetters as unknown:
        raise BadText(str(unknown)) from None
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, newline="")


class _Lines:
    """The lines of a file, ends kept.

    `count` were read, up to `whole` they were read as rows; `ended`: the last one read had an end.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.count = self.whole = 0
        self.ended = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self.count += 1
        self.ended = line.endswith(("\n", "\r"))
        return line.lstrip(_MARK) if line[0] == _MARK else line


def _header(top: list[str], dataset_map: DatasetMap) -> tuple[str, int, Headings]:
    """Return the delimiter under which the top holds the profile's headings, how many rows end with them, and them."""
    best: MissingHeading | None = None
    broken: BadText | None = None
    for delimiter in delimiters(top):
        rows: list[list[str]] = []
        reader = csv.reader(top, delimiter=delimiter, strict=True)
        try:
            rows.extend(reader)
        except csv.Error:
            broken = BadText(_QUOTES, reader.line_num)
        try:
            first, found = headings_in(rows, (), dataset_map)
        except MissingHeading as missing:
            if best is None or missing.found > best.found:
                best = missing
            continue
        try:
            refuse_stamp(rows[: first - found.depth], ())
        except BadWorkbook as bad:
            raise BadText(str(bad)) from None
        return delimiter, first, found
    assert best is not None  # noqa: S101  there are delimiters, and each of them failed
    raise broken if broken is not None and not best.found else best
