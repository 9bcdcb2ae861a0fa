"""A sample answer, file or table as records, for drafting a profile: read as the connector of its kind will read it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

import requests

from cchc.catalogue.models import DatasetMap, FieldMap
from cchc.errors import ConfigurationError
from cchc.onboarding.headings import headings_of
from cchc.sources.door import screen
from cchc.sources.door.screen import shown
from cchc.sources.formats import encodings, unread
from cchc.sources.formats.encodings import UnknownLetters
from cchc.sources.formats.headings import MissingHeading
from cchc.sources.formats.isolation import BadWorkbook, opened
from cchc.sources.formats.layout import Select
from cchc.sources.formats.lines import rows_of_ndjson
from cchc.sources.formats.separated import BadText, rows_of_csv
from cchc.sources.formats.strict_json import BadJson, parse
from cchc.sources.formats.workbook import rows_of_workbook
from cchc.sources.texts import clean, label

Format = Literal["json", "ndjson", "csv", "workbook", "table"]

#: how the row of the total begins: it is no record
TOTAL = "Tổng cộng"

_LARGEST = 64 * 1024 * 1024
_TOP = 60  # rows in which titles and headings stand
_MOST = 5_000  # records: more tell no more
_LONGEST_LINE = 1_000_000
_DELIMITERS = ",;\t"
_SUFFIXES: dict[str, Format] = {
    ".xlsx": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
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
        except (BadWorkbook, MissingHeading, UnknownLetters) as bad:
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
    session = requests.Session()
    session.trust_env = False
    try:
        with session.get(url, timeout=30, allow_redirects=False, stream=True) as answer:
            body = answer.raw.read(_LARGEST + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise ConfigurationError(f"the sample's address does not answer: {type(error).__name__}") from None
    if answer.status_code != requests.codes.ok or len(body) > _LARGEST:
        raise ConfigurationError(
            f"the sample's address answers HTTP {answer.status_code} or too much: save an answer as a file instead"
        )
    return bytes(body)


def of_json(data: bytes) -> Records:
    """Return the longest list of objects of a JSON answer; raises `ConfigurationError` where there is none."""
    try:
        answer = parse(data)
    except BadJson as bad:
        raise ConfigurationError(f"the sample is no JSON: {bad}") from None
    lists = sorted(_lists(answer, ""), key=lambda found: -len(found[1]))
    if not lists:
        raise ConfigurationError("the sample holds no list of objects")
    path, records = lists[0]
    totals = [k for k, v in answer.items() if type(v) is int and v >= len(records)] if path else []
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
    encoding = encodings.encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        first = text.readline(_LONGEST_LINE)
    except UnicodeDecodeError:
        raise UnknownLetters("the file changes its encoding, or was cut off within a letter") from None
    finally:
        text.detach()
    try:
        cells = next(csv.reader([first], delimiter=max(_DELIMITERS, key=first.count)), [])
    except csv.Error:
        raise BadText("the quotes of the headings do not match", 1) from None
    rows = (_believed(row) for _, row in rows_of_csv(file, _map_of(cells, {})))
    return Records("csv", [row for row in islice(rows, _MOST) if any(row.values())])


def _of_workbook(file: BinaryIO, name: str) -> Records:
    with opened(file) as book:
        sheet = next((sheet for sheet in book.sheets if not sheet.hidden), None)
        if sheet is None:
            raise BadWorkbook("the workbook has no sheet that is shown")
        facts, rows = book.sheet(sheet.number)
        headings = headings_of(list(islice(rows, _TOP)), facts.merged)
    if not any(headings) or any(screen.masked(heading) for heading in headings):
        raise BadWorkbook(
            f"sheet {shown(sheet.name)} has no row of headings that can be told from its records"
        )
    select = Select(files="*", format="workbook", sheet=sheet.name, total=(TOTAL,))
    # a day is written with its hour, so that none is lost where a column has one
    found = rows_of_workbook(file, name, select, _map_of(headings, {"formats": (_MOMENT,)}))
    records = [_believed(row.record) for row in islice(found, _MOST)]
    for heading in headings:
        texts = [text for record in records if (text := record.get(heading))]
        if all(text.endswith(_MIDNIGHT) or len(text) <= len("31/12/2026") for text in texts):
            for record in records:
                record[heading] = record.get(heading, "").removesuffix(_MIDNIGHT)
    return Records("workbook", records, sheet.name)


def _map_of(headings: Sequence[str], more: Mapping[str, Any]) -> DatasetMap:
    """Return a map that needs every heading which stands once: the connector's reader then finds them itself."""
    labels = [label(heading) for heading in headings]
    names = [clean(h) for h, key in zip(headings, labels, strict=True) if key and labels.count(key) == 1]
    return DatasetMap(fields={name: FieldMap(path=name, **more) for name in names})


def _believed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without the cells that cannot be read."""
    return {key: "" if unread.why(str(text)) else text for key, text in record.items()}
