"""Reading a list page by page, and proving at the end that it was read whole and once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cchc.errors import ContractBroken, SourceUnavailable

Record = dict[str, Any]

_MOST_RECORDS = 100_000_000  # what is longer is no count, and may be a number of a person: not repeated


@dataclass(frozen=True)
class Page:
    """One page as the source gave it: its number from 1, its records, and the total it states."""

    number: int
    records: list[Record]
    total: int


def records_of(source: str, where: str, field: str, value: Any) -> list[Record]:
    """Return the list of records in an answer's field; raises `ContractBroken` for any other type."""
    if not isinstance(value, list):
        found = "missing" if value is None else f"of type {_kind(value)}"
        raise ContractBroken(source, f"field {field} is {found}, a list is expected", where=where)
    for number, record in enumerate(value, 1):
        if not isinstance(record, dict):
            text = f"record {number} in field {field} is of type {_kind(record)}, an object is expected"
            raise ContractBroken(source, text, where=where)
    return value


def total_of(source: str, where: str, field: str, value: Any) -> int:
    """Return the total an answer states, a whole number or its digits; raises `ContractBroken` otherwise."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST_RECORDS:
        found = "missing" if value is None else f"of type {_kind(value)}, negative or out of all proportion"
        raise ContractBroken(
            source, f"field {field} is {found}, a number of records is expected", where=where
        )
    return value


def pages(source: str, size: int, fetch: Callable[[int, str], Page], place: str = "page") -> Iterator[Page]:
    """Yield the pages 1, 2 … that `fetch` returns, until the stated total is reached.

    Raises `ContractBroken` where a page repeats an earlier one, is short or too long, and `SourceUnavailable`
    where the total moves meanwhile (pages by offset would then skip or repeat records: read again).
    """
    seen: set[bytes] = set()
    total, received, number = -1, 0, 0
    while number == 0 or received < total:
        number += 1
        where = f"{place} {number}"
        page = fetch(number, where)
        if total not in (-1, page.total):
            text = f"the total changed from {total} to {page.total} while the list was read"
            raise SourceUnavailable(source, text, where=where)
        total = page.total
        expected = min(size, total - received)
        if page.records:
            print_ = hashlib.blake2b(
                json.dumps(page.records, sort_keys=True, default=str).encode("utf-8", "replace"),
                digest_size=16,
            ).digest()
            if print_ in seen:
                raise ContractBroken(source, "the page repeats an earlier page", where=where)
            seen.add(print_)
        if len(page.records) != expected:
            text = (
                f"the source states a total of {total} records, so this page must hold {expected}, "
                f"but it holds {len(page.records)}"
            )
            raise ContractBroken(source, text, where=where)
        received += len(page.records)
        yield page


def _kind(value: object) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "true/false", int: "number"}
    return names.get(type(value), type(value).__name__)
