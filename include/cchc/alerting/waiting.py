"""How many rows wait to be corrected in all: one night's are only those that it read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from cchc.alerting import words
from cchc.warehouse.sql import query


@dataclass(frozen=True)
class Waiting:
    """Rows to correct, also those of nights before, and how they differ from what was known after the night before."""

    in_all: int = 0
    come: int = 0  # that nobody knew of
    gone: int = 0  # that are corrected, or need not be

    def __add__(self, other: Waiting) -> Waiting:
        return Waiting(self.in_all + other.in_all, self.come + other.come, self.gone + other.gone)

    @property
    def text(self) -> str:
        """How many there are, in Vietnamese; empty where there are none and were none."""
        return words.waiting(self.in_all, self.come, self.gone) if self.in_all or self.gone else ""


def read(connection: Connection, day: date) -> Mapping[str, Waiting]:
    """Return what waits of each unit that has any, with what changed since the night before a reporting day's."""
    rows = connection.execute(query("alerting/rows_waiting"), {"day": day})
    return {row.unit_code: Waiting(row.in_all, row.come, row.gone) for row in rows}
