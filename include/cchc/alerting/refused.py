"""Where the records stand that the door refused for their mark of secrecy, so that a unit finds and removes them.

Nothing of such a record is kept, neither its code nor its place. But the places of its neighbours are: a record has
the number that is free between theirs, and stands where a place is free between theirs. Their codes are not told: codes
are counted on, so two of them would tell the one between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import Connection, TextClause, text

from cchc.alerting import words
from cchc.warehouse.datasets import KEYS
from cchc.warehouse.sql import query, source

_NUMBERED = re.compile(r"(.+?)(?: page \d+)?(:| row )(\d+)")  # a line of a file, a row of a sheet or a table


@dataclass(frozen=True)
class Gap:
    """Refused records that follow each other: their numbers in the delivery, and the places beside them."""

    first: int
    last: int
    before: str | None  # place of the record before; None: they are the first
    after: str | None  # place of the record after; None: they are the last

    @property
    def count(self) -> int:
        """How many records they are."""
        return self.last - self.first + 1


def places(connection: Connection, day: date, most: int) -> dict[str, tuple[str, ...]]:
    """Return where the refused records stand that a reporting day tells of, by source (Vietnamese), `most` of each.

    A line names a stretch of records or, of a file, all those of it. Of deliveries whose staged rows were tidied there
    is none.
    """
    found: dict[str, list[str]] = {}
    for delivery in connection.execute(query("alerting/refusing_deliveries"), {"day": day}).all():
        rows = connection.execute(
            _between(delivery.dataset),
            {
                "run_id": delivery.run_id,
                "delivery_id": delivery.delivery_id,
                "received": delivery.received,
                "landed": delivery.landed,
            },
        )
        gaps = [
            Gap(
                first=row.first_no,
                last=row.last_no,
                before=row.before_page,
                after=row.after_page,
            )
            for row in rows
        ]
        said = found.setdefault(delivery.source_code, [])
        said += (f"{words.dataset(delivery.dataset)}: {line}" for line in in_words(gaps))
    return {code: _cut(lines, most) for code, lines in found.items()}


@cache
def _between(dataset: str) -> TextClause:
    """Return the statement for one dataset; only names of `cchc.warehouse.datasets` are put into it."""
    known = next(name for name in KEYS if name == dataset)
    return text(source("alerting/refused_between").format(dataset=known))


def _cut(lines: list[str], most: int) -> tuple[str, ...]:
    more = len(lines) - most
    return (*lines[:most], f"… và {words.count(more)} vị trí nữa") if more > 0 else tuple(lines)


def in_words(gaps: Iterable[Gap]) -> list[str]:
    """Return where the records stand, as a person looks for it: the lines of a file together, in their order."""
    lines: dict[str, list[str]] = {}
    for gap in gaps:
        known = _lines(gap)
        if known:
            file, first, last = known
            lines.setdefault(file, []).append(str(first) if first == last else f"{first}–{last}")
        else:
            lines[_beside(gap)] = []
    return [where if not numbers else _of_file(where, numbers) for where, numbers in lines.items()]


def _of_file(file: str, numbers: list[str]) -> str:
    first, *others = numbers
    start, dash, end = first.partition("–")
    return ", ".join([words.stretch(file + start) + dash + end, *others])


def _lines(gap: Gap) -> tuple[str, int, int] | None:
    """Return the file (as a place begins) and the lines where as many are free as there are records; else None."""
    before, after = (_NUMBERED.fullmatch(place or "") for place in (gap.before, gap.after))
    if not (before and after and before[1] == after[1] and before[2] == after[2]):
        return None
    first, last = int(before[3]) + 1, int(after[3]) - 1
    return (before[1] + before[2], first, last) if last - first + 1 == gap.count else None


def _beside(gap: Gap) -> str:
    """Return what is known where no lines of a file tell: the stretch of the source, and numbers."""
    numbers = words.count(gap.first) + (f"–{words.count(gap.last)}" if gap.count > 1 else "")
    before, after = (place and words.stretch(place) for place in (gap.before, gap.after))
    where = before if before == after else " – ".join([before or "đầu đợt dữ liệu", after or "hết"])
    return f"{where or 'toàn bộ đợt dữ liệu'}, bản ghi thứ {numbers}"
