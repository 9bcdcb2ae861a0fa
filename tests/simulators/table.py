"""A system's records as it serves them: written as JSON once, then only sliced."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from typing import Any

Row = dict[str, Any]


@dataclass
class Table:
    """Rows, and for each way of asking (`keys`) the day by which a row is found (None: never)."""

    rows: Sequence[Row]
    keys: dict[str, Sequence[date | None]]
    written: list[str] = field(init=False)
    _ordered: dict[str, list[tuple[date, int]]] = field(init=False)

    def __post_init__(self) -> None:
        self.written = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in self.rows]
        self._ordered = {
            key: sorted((day, n) for n, day in enumerate(days) if day is not None)
            for key, days in self.keys.items()
        }

    def select(self, key: str, start: date, end: date) -> list[int]:
        """Return which rows have their `key` day from `start` to `end` inclusive, in order of day."""
        found = self._ordered[key]
        low, high = bisect_left(found, (start, -1)), bisect_right(found, (end, len(self.rows)))
        return [n for _, n in found[low:high]]

    def page(self, numbers: Sequence[int]) -> str:
        """Return the rows as the inside of a JSON list."""
        return ",".join(self.written[n] for n in numbers)


class Tables:
    """Tables by what they were made for; each is made once, whichever thread asks first."""

    def __init__(self, keep: int = 400) -> None:
        self._made: dict[Any, Table] = {}
        self._keep = keep
        self._lock = Lock()

    def get(self, what: Any, make: Callable[[], Table]) -> Table:
        """Return the table made for `what`."""
        with self._lock:
            table = self._made.get(what)
            if table is None:
                while len(self._made) >= self._keep:
                    self._made.pop(next(iter(self._made)))
                table = self._made[what] = make()
            return table


def day_of(text: str | None, default: date) -> date:
    """Return a dd/MM/yyyy parameter as a day, or the default where it is missing; `ValueError` when it is no day."""
    return datetime.strptime(text, "%d/%m/%Y").date() if text else default  # noqa: DTZ007  # a day has no zone
