"""Targets: records, texts and values on their way from the door to staging."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any
from unicodedata import normalize

from cchc.catalogue.base import DatasetName
from cchc.catalogue.profiles import FieldMap
from cchc.landing.delivery import LandedRow
from cchc.sources.door import screen
from cchc.sources.door.allow_list import Admitted, Refused, flatten
from cchc.sources.door.secrecy import carries_mark, is_mark, tells_mark
from cchc.sources.formats.strict_json import BadJson, parse
from cchc.sources.texts import as_text, clean, label
from cchc.staging.mapping import compile_map
from cchc.staging.readers import Reader, Unreadable, reader
from cchc.warehouse.datasets import COLUMNS
from fuzz.promises import PERSON, door_of, held, quotes_nobody, through
from unit.sources.profiles import profile

_PROFILES: tuple[tuple[str, DatasetName], ...] = (
    ("opencps-2", "dossier"),
    ("national-hoso", "dossier"),
    ("registers", "document"),
    ("registers", "petition"),
    ("qcvn102-exchange", "document"),
)


def door(data: bytes) -> None:
    """Parsed JSON at the doors of several profiles: mapped paths alone, no mark of secrecy, masks once and for all."""
    try:
        record = parse(data)
    except BadJson:
        return
    if not isinstance(record, dict):
        return
    for code, dataset in _PROFILES:
        dataset_map = profile(code).datasets[dataset]
        mapped = {field.path for field in dataset_map.fields.values()}
        found = door_of(code, dataset).admit(record)
        texts = [value for _, value in flatten(record) if isinstance(value, str)]
        if any(tells_mark(text) for text in texts):
            held(isinstance(found, Refused), "a record with a mark of secrecy came in")
        if isinstance(found, Admitted):
            held(set(found.fields) <= mapped, "an unmapped path came in")
        through(door_of(code, dataset), record)


def texts(data: bytes) -> None:
    """Cleaning, marks and the screen: total, the same a second time, and the same however the letters are composed."""
    text = data.decode("utf-8", "surrogateescape" if data[:1] == b"S" else "replace")  # lone surrogates too
    cleaned = clean(text)
    held(clean(cleaned) == cleaned, "a clean text can be cleaned further")
    held(normalize("NFC", cleaned) == cleaned, "a clean text is not NFC")
    cleaned.encode()
    held(label(label(text)) == label(text), "a label has another label")
    held(as_text(text) == cleaned, "a text is not its clean text")
    decomposed = normalize("NFD", cleaned)
    held(carries_mark(cleaned) == carries_mark(decomposed), "a mark depends on how its letters are composed")
    held(not is_mark(cleaned) or carries_mark(cleaned), "a mark is none inside a text")
    held(not is_mark(cleaned) or tells_mark(cleaned), "a mark is none in any field")
    held(tells_mark(cleaned) == tells_mark(decomposed), "a mark depends on how its letters are composed")
    held(not carries_mark(cleaned) or carries_mark(cleaned.lower()), "a mark depends on its case")
    held(screen.shown(text) == screen.shown(screen.shown(text)), "what is shown is hidden a second time")
    for of_class in screen.rules().classes:
        kind = screen.find(cleaned, of_class)
        if kind is not None:
            mask = screen.mask(kind)
            held(screen.masked(mask) is not None, "a mask is not known as one")
            held(screen.find(mask, of_class) in (None, "words"), "a mask looks like a person's")


@cache
def _readers() -> dict[str, Reader]:
    fields = {
        f"{code} {dataset} {name}": field
        for code in ("opencps-2", "national-hoso", "registers", "qcvn102-exchange")
        for dataset, dataset_map in profile(code).datasets.items()
        for name, field in dataset_map.fields.items()
    }
    zone = "Asia/Ho_Chi_Minh"
    aware = FieldMap(path="x", type="timestamp", formats=("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"))
    day = aware.model_copy(update={"type": "date"})
    text = FieldMap(path="x", type="text")
    return {
        name: reader(f, zone) for name, f in ({"aware": aware, "day": day, "text": text} | fields).items()
    }


_TYPES = (str, int, bool, Decimal, datetime, date, time)


def readers(data: bytes) -> None:
    """Every field of every shipped profile: a value of its type, none, or `Unreadable` without the value."""
    text = clean(data.decode("utf-8", "replace"))
    for name, read in _readers().items():
        try:
            found = read(text)
        except Unreadable as wrong:
            held(len(text) < 12 or text not in str(wrong), f"{name}: an error quotes the value")
            quotes_nobody(wrong)
            continue
        held(found is None or isinstance(found, _TYPES), f"{name}: {type(found).__name__}")
        if isinstance(found, datetime):
            held(found.utcoffset() is not None, f"{name}: a moment without a zone")


def mapping(data: bytes) -> None:
    """Landed rows: each becomes a canonical row of all columns, with its errors named."""
    try:
        fields = parse(data)
    except BadJson:
        return
    if not isinstance(fields, dict):
        return
    landed = {
        str(path): as_text(value) for path, value in fields.items() if not isinstance(value, dict | list)
    }
    for code, dataset in _PROFILES:
        row = _map(code, dataset)(LandedRow(1, "page 1", landed))
        held(len(row.values) == len(COLUMNS[dataset]), "a row has not all its columns")
        for said in row.cast_errors:
            held(PERSON not in said, "an error quotes a personal number")


@cache
def _map(code: str, dataset: DatasetName) -> Callable[[LandedRow], Any]:
    return compile_map(dataset, profile(code))
