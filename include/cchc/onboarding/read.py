"""A sample answer, file or table as records, for drafting a profile: read as the connector of its kind will read it."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

from cchc.catalogue.profiles import DatasetMap, FieldMap
from cchc.errors import ConfigurationError, SourceError
from cchc.onboarding.fields import looks_like_data, readable
from cchc.onboarding.headings import headings_of
from cchc.sources import unread
from cchc.sources.door.screen import shown
from cchc.sources.formats.isolation import BadWorkbook, opened
from cchc.sources.formats.layout import Select
from cchc.sources.formats.lines import rows_of_ndjson
from cchc.sources.formats.names import WORKBOOKS, is_note
from cchc.sources.formats.separated import BadText, delimiters, rows_of_csv, top_of
from cchc.sources.formats.strict_json import BadJson, parse
from cchc.sources.formats.tables.headings import MissingHeading
from cchc.sources.formats.tables.lines_between import is_total
from cchc.sources.formats.workbook import TOP, rows_of_workbook
from cchc.sources.texts import clean, label
from cchc.sources.web.addresses import Reach, server_of
from cchc.sources.web.session import Http, Limits, Terms

Format = Literal["json", "ndjson", "csv", "workbook", "table"]

#: how the row of the total begins: it is no record
TOTALS = ("Tổng cộng", "Tổng số", "Cộng")

_LARGEST = 64 * 1024 * 1024
_SECONDS = 60  # that an address has for its whole answer
_MOST = 5_000  # records: more tell no more
_SURE = 3  # headings: a title has fewer
_FEW, _MANY = 2, 5  # cells of a line that is no record; columns of a register
_SUFFIXES: dict[str, Format] = {
    **dict.fromkeys(WORKBOOKS, "workbook"),
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
}
#: which formats the connector of a kind reads
_READ_BY: dict[str, tuple[Format, ...]] = {"files": ("csv", "ndjson", "workbook"), "rest": ("json", "ndjson")}
_MOMENT, _MIDNIGHT = "%d/%m/%Y %H:%M:%S", " 00:00:00"


@dataclass(frozen=True)
class Records:
    """The records of a sample, and where they stood in it; the values are for guessing and stay in memory."""

    format: Format
    records: Sequence[Mapping[str, Any]] = field(repr=False)
    path: str = ""  # of the list in a JSON answer; the sheet of a workbook; the table
    total: str = ""  # path of the number of all records, where an answer states one
    key: tuple[str, ...] = ()  # as a database declares it
    dates: frozenset[str] = frozenset()  # columns that are dates to a database
    bytes: tuple[str, ...] = ()  # columns that no connector reads, so that none of them was asked for
    twice: frozenset[str] = frozenset()  # labels of headings that stand twice


def read(sample: str, kind: str) -> Records:
    """Return the records of a file, or of a URL's answer, of a system of that kind (`rest`, `files`).

    Raises `ConfigurationError` for what has none, or is nothing that this kind reads.
    """
    if sample.startswith(("http://", "https://")):
        _refuse_other("the answer of an address", "json", kind)
        return of_json(_fetched(sample))
    path = Path(sample)
    if not path.is_file():
        raise ConfigurationError(f"sample {sample} is no file, nor a URL")
    if path.stat().st_size > _LARGEST:
        raise ConfigurationError(
            f"sample {path.name} is over {_LARGEST // 1024 // 1024} MB: give a part of it"
        )
    form = _SUFFIXES.get(path.suffix.lower(), "csv")
    _refuse_other(f"sample {path.name}", form, kind)
    readers = {"workbook": _of_workbook, "ndjson": _of_lines, "csv": _of_csv}
    with path.open("rb") as file:
        if form == "json":
            return of_json(file.read())
        try:
            found = readers[form](file, path.name)
        except BadText as bad:
            where = f"{path.name}:{bad.line}" if bad.line else path.name
            raise ConfigurationError(f"sample {where}: {bad}") from None
        except (BadWorkbook, MissingHeading) as bad:
            raise ConfigurationError(f"sample {path.name}: {bad}") from None
    if not found.records:
        raise ConfigurationError(f"sample {path.name} has no rows")
    return found


def _refuse_other(what: str, form: Format, kind: str) -> None:
    if form not in _READ_BY[kind]:
        others = " or ".join(other for other, forms in _READ_BY.items() if form in forms)
        raise ConfigurationError(
            f"{what} is read as {form}, and the kind {kind} reads {', '.join(_READ_BY[kind])}: "
            f"is the system of kind {others}?"
        )


def _fetched(url: str) -> bytes:
    server = server_of(url)
    terms = Terms(
        Limits(total=_SECONDS, body=_LARGEST, tries=1),
        Reach(frozenset({server} if server else ()), private=True),
    )
    http = Http("sample", terms, connections=1)
    try:
        return http.read("GET", url, where="", consume=b"".join)
    except SourceError as error:
        raise ConfigurationError(
            f"{error}. Where a browser gets an answer, save it as a file and give that"
        ) from None
    finally:
        http.close()


def of_json(data: bytes) -> Records:
    """Return the longest list of objects of a JSON answer; raises `ConfigurationError` where there is none."""
    try:
        answer = parse(data)
    except BadJson as bad:
        raise ConfigurationError(f"the sample is no JSON: {bad}") from None
    lists = sorted(_lists(answer, ""), key=lambda found: -len(found[1]))
    named = [found for found in lists if not looks_like_data(found[0]) and readable(found[0]) == found[0]]
    if not named:
        more = " but below names that look like data, so no profile can say where it stands" if lists else ""
        raise ConfigurationError(f"the sample holds no list of objects{more}")
    path, records = named[0]
    counts = [k for k, v in answer.items() if type(v) is int and v >= len(records)] if path else []
    totals = [name for name in counts if not looks_like_data(name)]
    return Records("json", records, path, next(iter(totals), ""))


def _lists(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    if isinstance(value, list) and value and all(isinstance(e, dict) for e in value):
        yield path, value
    elif isinstance(value, dict) and depth < 6:
        for key, inner in value.items():
            yield from _lists(inner, f"{path}.{key}".lstrip("."), depth + 1)


def _of_lines(file: BinaryIO, _name: str) -> Records:
    return Records("ndjson", [row for _, row in islice(rows_of_ndjson(file), _MOST)])


def _of_csv(file: BinaryIO, _name: str) -> Records:
    top = top_of(file)
    line, headings = _headings_in(top)
    no_headings = BadText("what stands there looks like a record, and no row above it like headings", line)
    if _are_data(headings, ()):  # what the connector says of them would name them
        raise no_headings
    rows = (_believed(row) for _, row in rows_of_csv(file, _map_of(headings, {})))
    records = [row for row in islice(rows, _MOST) if any(row.values())]
    if _are_data(headings, records):
        raise no_headings
    return Records("csv", records, twice=_twice(headings))


def _headings_in(top: Sequence[str]) -> tuple[int, list[str]]:
    """Return the headings of a text, and their line: the first that most columns have a text in; titles stand above."""
    delimiter = max(delimiters(top), key="".join(top).count)
    reader = csv.reader(top, delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    try:
        rows.extend((reader.line_num, cells) for cells in reader)
    except csv.Error:
        raise BadText("the quotes of the headings do not match", reader.line_num) from None
    width = max((len(cells) for _, cells in rows), default=0)
    filled = (row for row in rows if 2 * sum(bool(clean(cell)) for cell in row[1]) > width)
    return next(filled, (0, []))


def _of_workbook(file: BinaryIO, name: str) -> Records:
    sheet, headings = _register_in(file)
    told_apart = f"sheet {shown(sheet)} has no row of headings that can be told from its records"
    if not any(headings) or _are_data(headings, ()):
        raise BadWorkbook(told_apart)
    select = Select(files="*", format="workbook", sheet=sheet)
    # a day is written with its hour, so that none is lost where a column has one
    found = rows_of_workbook(file, name, select, _map_of(headings, {"formats": (_MOMENT,)}))
    rows = [_believed(row.record) for row in islice(found, _MOST)]
    records = [row for row in rows if not _is_line(row)] or rows
    if _are_data(headings, records):
        raise BadWorkbook(told_apart)
    for heading in headings:
        texts = [text for record in records if (text := record.get(heading))]
        if all(text.endswith(_MIDNIGHT) or len(text) <= len("31/12/2026") for text in texts):
            for record in records:
                record[heading] = record.get(heading, "").removesuffix(_MIDNIGHT)
    return Records("workbook", records, sheet, twice=_twice(headings))


def _register_in(file: BinaryIO) -> tuple[str, list[str]]:
    """Return the first sheet that has headings and rows below them, and the headings; a cover has neither."""
    best: tuple[int, str, list[str]] | None = None
    with opened(file) as book:
        for sheet in book.sheets:
            if sheet.hidden:
                continue
            facts, rows = book.sheet(sheet.number)
            top = list(islice(rows, TOP))
            headings = headings_of(top, facts.merged)
            named, lines = sum(map(bool, headings)), sum(any(cell != "" for cell in row) for row in top)
            sure = 0 if lines < _FEW or _are_data(headings, ()) else min(named, _SURE)
            if best is None or sure > best[0]:
                best = sure, sheet.name, headings
            if sure == _SURE:
                break
            deque(rows, maxlen=0)  # to their end, before another sheet is asked for
    if best is None:
        raise BadWorkbook("the workbook has no sheet that is shown")
    return best[1:]


def _is_line(record: Mapping[str, str]) -> bool:
    """Whether a row is no record: a total, or of many columns no more than a number and a text, as groups are."""
    filled = sum(map(bool, record.values()))
    return is_total(list(record.values()), TOTALS) or (filled <= _FEW and len(record) >= _MANY)


def _are_data(headings: Sequence[str], records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether headings are no headings but a record: one looks like data, or is a value of its own column."""
    names = [clean(heading) for heading in headings if clean(heading)]
    own = (record.get(name) == name for name in names for record in records)
    return any(map(looks_like_data, names)) or any(own)


def _twice(headings: Sequence[str]) -> frozenset[str]:
    labels = [label(heading) for heading in headings]
    return frozenset(key for key in labels if key and labels.count(key) > 1)


def _map_of(headings: Sequence[str], more: Mapping[str, Any]) -> DatasetMap:
    """Return a map that needs every heading which stands once: the connector's reader then finds them itself."""
    labels = [label(heading) for heading in headings]
    names = [clean(h) for h, key in zip(headings, labels, strict=True) if key and labels.count(key) == 1]
    return DatasetMap(fields={name: FieldMap(path=name, **more) for name in names})


def _believed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without the cells that cannot be read, and without notes."""
    fields = ((key, text) for key, text in record.items() if not is_note(key))
    return {key: "" if unread.why(str(text)) else text for key, text in fields}
