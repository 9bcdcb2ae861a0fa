"""CSV: rows under headings, in any of three delimiters; a row of another width is told and not guessed at.

Titles and empty lines may stand above the headings, and Excel's line `sep=;`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, BinaryIO

from cchc.catalogue.profiles import DatasetMap
from cchc.sources.formats import encodings, unread
from cchc.sources.formats.days import Days
from cchc.sources.formats.headings import Headings, MissingHeading
from cchc.sources.formats.headings import find as headings_in
from cchc.sources.formats.repeated import REPEATED, Repeated

_DELIMITERS = (",", ";", "\t")
_LONGEST_LINE = 1_000_000
_LOOKED_AT = 500  # rows looked at together
_TOP = 60  # lines in which titles and headings stand
_QUOTES = "the quotes of the file do not match, or it was cut off"
_SEPARATOR = re.compile('"?sep=(.)"?')


class BadText(ValueError):
    """The file cannot be read; `line` (from 1, 0: the whole file) says where."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.line = line
        super().__init__(message)


def rows_of_csv(file: BinaryIO, dataset_map: DatasetMap) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line on which the row ends, heading → text).

    A row with more or fewer cells than headings lands as marks: which cell is of which column is not known, so none of
    them is kept. Raises `BadText` or `MissingHeading`.
    """
    text = _opened(file)
    lines = _Lines(text)
    try:
        yield from _rows(lines, dataset_map)
    except UnicodeDecodeError:
        raise BadText("the file changes its encoding, or was cut off within a letter") from None
    except csv.Error as error:
        too_long = f"a cell is longer than {csv.field_size_limit()} characters"
        raise BadText(too_long if "field limit" in str(error) else _QUOTES, lines.whole + 1) from None
    finally:
        text.detach()


def _rows(lines: _Lines, dataset_map: DatasetMap) -> Iterator[tuple[int, dict[str, Any]]]:
    top = list(islice(lines, _TOP))
    if not any(line.strip() for line in top):
        raise BadText("the file is empty: not even its headings")
    delimiter, first, headings = _header(top, dataset_map)
    reader = csv.reader(chain(top, lines), delimiter=delimiter, strict=True)
    for _ in range(first):
        next(reader)
    seen = _Seen(headings, dataset_map)
    lines.whole = reader.line_num
    right = wrong = 0
    for cells in reader:
        lines.whole = number = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) == headings.width:
            right += 1
            seen.take(cells, number)
            yield number, headings.record(cells)
            continue
        if seen.repeated.stands_in(cells):
            raise BadText(REPEATED, number)
        wrong += 1
        said = f"the row has {len(cells)} cells, the heading has {headings.width}"
        if not lines.ended and number == lines.count:
            raise BadText(f"{said}, and the file ends within it: it was cut off", number)
        ragged = unread.ragged(dataset_map)
        if ragged is None:
            raise BadText(f"{said}, so its secrecy level is not known", number)
        yield number, ragged
    seen.look()
    if wrong > right:
        text_of = f"{wrong} of {wrong + right} rows have more or fewer cells than the heading has"
        raise BadText(f"{text_of}: a text with {delimiter!r} in it stands without quotes?")
    if problem := seen.days.problem():
        raise BadText(problem)


class _Seen:
    """Looks at rows, many together: whether the headings stand among them again, and what days are in them."""

    def __init__(self, headings: Headings, dataset_map: DatasetMap) -> None:
        self.days, self.repeated = Days(headings.names, dataset_map), Repeated(headings, dataset_map)
        self._rows: list[list[str]] = []
        self._places: list[int] = []

    def take(self, cells: list[str], line: int) -> None:
        self._rows.append(cells)
        self._places.append(line)
        if len(self._rows) == _LOOKED_AT:
            self.look()

    def look(self) -> None:
        if (found := self.repeated.among(self._rows)) is not None:
            raise BadText(REPEATED, self._places[found])
        self.days.see(self._rows)
        self._rows.clear()
        self._places.clear()


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
        return line


def _header(top: list[str], dataset_map: DatasetMap) -> tuple[str, int, Headings]:
    """Return the delimiter under which the top holds the profile's headings, how many rows end with them, and them."""
    best: MissingHeading | None = None
    broken: BadText | None = None
    first = next(line for line in top if line.strip())
    named = _SEPARATOR.fullmatch(first.strip())
    for delimiter in (named[1],) if named else _DELIMITERS:
        rows: list[list[str]] = []
        reader = csv.reader(top, delimiter=delimiter, strict=True)
        try:
            rows.extend(reader)
        except csv.Error:
            broken = BadText(_QUOTES, reader.line_num)
        try:
            return delimiter, *headings_in(rows, (), dataset_map)
        except MissingHeading as missing:
            if best is None or missing.found > best.found:
                best = missing
    assert best is not None  # noqa: S101  there are delimiters, and each of them failed
    raise broken if broken is not None and not best.found else best
