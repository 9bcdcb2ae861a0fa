"""A sample answer, file or table as records, for drafting a profile."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import python_calamine
import requests

from cchc.errors import ConfigurationError
from cchc.sources.formats.strict_json import BadJson, parse

_LARGEST = 64 * 1024 * 1024
_HEADING_WITHIN = 30  # rows of a sheet


@dataclass(frozen=True)
class Records:
    """The records of a sample, and where they stood in it; the values are for guessing and stay in memory."""

    format: str  # json, ndjson, csv, xlsx or table
    records: Sequence[Mapping[str, Any]] = field(repr=False)
    path: str = ""  # of the list in a JSON answer; the sheet of a workbook; the table
    total: str = ""  # path of the number of all records, where an answer states one
    key: tuple[str, ...] = ()  # as a database declares it


def read(sample: str) -> Records:
    """Return the records of a file, or of a URL's answer; raises `ConfigurationError` for what has none."""
    if sample.startswith(("http://", "https://")):
        return of_json(_fetched(sample))
    path = Path(sample)
    if not path.is_file():
        raise ConfigurationError(f"sample {sample} is no file, nor a URL")
    if path.stat().st_size > _LARGEST:
        raise ConfigurationError(
            f"sample {path.name} is over {_LARGEST // 1024 // 1024} MB: give a part of it"
        )
    data = path.read_bytes()
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xls", ".ods"):
        return _of_workbook(data, path.name)
    if suffix in (".ndjson", ".jsonl"):
        return Records(
            "ndjson", [row for line in data.splitlines() if line.strip() for row in [_parsed(line)]]
        )
    if suffix == ".json":
        return of_json(data)
    return _of_csv(data, path.name)


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


def _parsed(data: bytes) -> Any:
    try:
        return parse(data)
    except BadJson as bad:
        raise ConfigurationError(f"the sample is no JSON: {bad}") from None


def of_json(data: bytes) -> Records:
    """Return the longest list of objects of a JSON answer; raises `ConfigurationError` where there is none."""
    answer = _parsed(data)
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


def _of_csv(data: bytes, name: str) -> Records:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(f"sample {name} is not UTF-8: save it as CSV UTF-8") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter, restkey="", restval=""))
    if not rows:
        raise ConfigurationError(f"sample {name} has no rows")
    return Records("csv", [{k: v for k, v in row.items() if k} for row in rows])


def _of_workbook(data: bytes, name: str) -> Records:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = book.sheet_names[0]
        rows = book.get_sheet_by_name(sheet).to_python()
    except (python_calamine.CalamineError, OSError, IndexError):
        raise ConfigurationError(f"sample {name} cannot be opened as a workbook") from None
    texts = [sum(isinstance(c, str) and bool(c.strip()) for c in row) for row in rows[:_HEADING_WITHIN]]
    if not texts or not max(texts):
        raise ConfigurationError(f"sample {name}: sheet {sheet} has no row of headings")
    at = texts.index(max(texts))
    headings = [" ".join(str(cell).split()) for cell in rows[at]]
    body = [dict(zip(headings, row, strict=False)) for row in rows[at + 1 :] if any(c != "" for c in row)]
    return Records("xlsx", [{k: v for k, v in row.items() if k} for row in body], sheet)
