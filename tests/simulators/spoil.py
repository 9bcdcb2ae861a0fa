"""Records gone wrong: how each fault of `faults` looks in the rows of a system or register."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from simulators.faults import Fault

Row = dict[str, Any]


@dataclass(frozen=True)
class Words:
    """How one kind of source calls the fields that `bad_rows` spoils, and how it writes a day."""

    key: str
    received: str
    finished: str  # "" where it has none
    status: str
    unknown_status: Any
    differing: tuple[str, Any]  # a field, and a value the original does not have there
    moment: str = "%d/%m/%Y %H:%M:%S"
    identity: str = ""  # the system's own id of a record, where it is not the key
    needed: str = ""  # the field that `missing_field`, `renamed_field` and `wrong_type` take when told none


def fields(rows: Sequence[Row], fault: Fault | None, words: Words) -> list[Row]:
    """Return the rows under missing_field, renamed_field and wrong_type; other faults leave them as they are."""
    if fault is None or fault.kind not in ("missing_field", "renamed_field", "wrong_type"):
        return list(rows)
    name = fault.value or words.needed or words.received
    changed = []
    for row in rows:
        row = dict(row)
        value = row.pop(name, None)
        if fault.kind == "renamed_field":
            row[f"{name}Moi"] = value
        elif fault.kind == "wrong_type":
            row[name] = {"value": value}
        changed.append(row)
    return changed


def bad_rows(rows: Sequence[Row], stride: int, words: Words, today: date) -> Iterator[tuple[int, Row]]:
    """Yield (index of the original, row); every `stride`-th row is wrong in one of seven ways, in turn.

    The last way yields the record twice with different content.
    """
    turn = 0
    for index, row in enumerate(rows):
        if stride <= 0 or index % stride != stride - 1:
            yield index, row
            continue
        way = _WAYS[turn % len(_WAYS)]
        turn += 1
        for spoiled in way(row, words, today):
            yield index, spoiled


def _unknown_status(row: Row, words: Words, today: date) -> Iterator[Row]:
    yield row | {words.status: words.unknown_status}


def _finished_before_received(row: Row, words: Words, today: date) -> Iterator[Row]:
    if not words.finished:  # the record has no such field
        yield from _unknown_status(row, words, today)
    else:
        yield row | {words.finished: date(2021, 1, 5).strftime(words.moment)}


def _received_in_the_future(row: Row, words: Words, today: date) -> Iterator[Row]:
    yield row | {words.received: (today + timedelta(500)).strftime(words.moment)}


def _no_key(row: Row, words: Words, today: date) -> Iterator[Row]:
    yield row | {words.key: ""}


def _no_such_day(row: Row, words: Words, today: date) -> Iterator[Row]:
    yield row | {words.received: "31/02/" + today.strftime(words.moment)[6:]}


def _not_received(row: Row, words: Words, today: date) -> Iterator[Row]:
    yield row | {words.received: ""}


def _twice_but_different(row: Row, words: Words, today: date) -> Iterator[Row]:
    yield row
    field, value = words.differing
    other = row | {field: value}
    if words.identity:
        other[words.identity] = 9_000_000_000 + int(row[words.identity])
    yield other


_WAYS: tuple[Callable[[Row, Words, date], Iterator[Row]], ...] = (
    _unknown_status,
    _finished_before_received,
    _received_in_the_future,
    _no_key,
    _no_such_day,
    _not_received,
    _twice_but_different,
)

LOGIN_PAGE = (
    "<!DOCTYPE html><html lang=vi><head><title>Đăng nhập</title></head>"
    "<body><form method=post action=/login><input name=username><input name=password type=password></form>"
    "</body></html>"
)


def envelope(answer: Mapping[str, Any], fault: Fault | None, total: str, records: str) -> Row:
    """Return the envelope of a page under total_mismatch and `wrong_type data`."""
    changed = dict(answer)
    if fault is not None and fault.kind == "total_mismatch" and total in changed:
        changed[total] = int(changed[total]) + 3
    if fault is not None and fault.kind == "wrong_type" and fault.value == "data":
        changed[records] = "không có dữ liệu"
    return changed
