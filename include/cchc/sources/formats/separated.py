"""CSV: rows under headings, in any of three delimiters; a row of another width is told and not guessed at."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

from cchc.catalogue.models import DatasetMap
from cchc.sources.formats import encodings, unread
from cchc.sources.formats.headings import Headings, MissingHeading

_DELIMITERS = (",", ";", "\t")
_LONGEST_LINE = 1_000_000


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
    number = 0
    try:
        lines = _Lines(text)
        first = next(lines, "")
        if not first.strip():
            raise BadText("the file is empty: not even its headings")
        delimiter, headings = _header(first, dataset_map)
        reader = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
        next(reader, None)
        number = reader.line_num
        ragged = _ragged(dataset_map)
        right = wrong = 0
        for cells in reader:
            number = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) == headings.width:
                right += 1
                yield number, headings.record(cells)
                continue
            wrong += 1
            said = f"the row has {len(cells)} cells, the heading has {headings.width}"
            if not lines.ended:
                raise BadText(f"{said}, and the file ends within it: it was cut off", number)
            if ragged is None:
                raise BadText(f"{said}, so its secrecy level is not known", number)
            yield number, dict(ragged)
        if wrong > right:
            text_of = f"{wrong} of {wrong + right} rows have more or fewer cells than the heading has"
            raise BadText(f"{text_of}: a text with {delimiter!r} in it stands without quotes?")
    except UnicodeDecodeError:
        raise BadText("the file changes its encoding, or was cut off within a letter") from None
    except csv.Error as error:
        if "field limit" in str(error):
            said = f"a cell is longer than {csv.field_size_limit()} characters"
        else:
            said = "the quotes of the file do not match, or it was cut off"
        raise BadText(said, number + 1) from None
    finally:
        text.detach()


def _opened(file: BinaryIO) -> io.TextIOWrapper:
    try:
        encoding = encodings.encoding_of(file)
    except encodings.UnknownLetters as unknown:
        raise BadText(str(unknown)) from None
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, newline="")


class _Lines:
    """The lines of a file, ends kept; `ended`: the last one had an end."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.ended = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self.ended = line.endswith(("\n", "\r"))
        return line


def _header(line: str, dataset_map: DatasetMap) -> tuple[str, Headings]:
    """Return the delimiter under which the first line holds the profile's headings, and the headings."""
    best: MissingHeading | None = None
    for delimiter in _DELIMITERS:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
            return delimiter, Headings(cells, dataset_map)
        except MissingHeading as missing:
            if best is None or missing.found > best.found:
                best = missing
    assert best is not None  # noqa: S101  there are delimiters, and each of them failed
    raise best


def _ragged(dataset_map: DatasetMap) -> dict[str, str] | None:
    """Return what lands of a ragged row; None where a row must state its secrecy level."""
    if dataset_map.secrecy is not None and (dataset_map.secrecy.required or dataset_map.secrecy.level):
        return None
    paths = (field.path for field in dataset_map.fields.values() if field.path is not None)
    return dict.fromkeys(paths, unread.mark("ragged"))
