"""A delivery: what one source gave of one dataset for one window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from cchc.catalogue.base import DatasetName
from cchc.sources.door.columns import ABSENT, Absent

_NAMESPACE = UUID("6a1f0c5e-8d0b-5a52-9c0e-1f7d1c0f2b11")


@dataclass(frozen=True)
class Delivery:
    """One row of the manifest `landing.delivery`; received = refused + landed."""

    delivery_id: UUID
    unit_code: str
    source_code: str
    dataset: DatasetName
    window_from: date
    window_to: date
    path: str
    sha256: str  # of the unpacked file
    bytes: int  # of the packed file
    received: int
    refused: int
    landed: int
    source_total: int | None
    unknown_fields: tuple[str, ...]
    profile_code: str
    pulled_at: datetime
    state: str = "landed"
    reason: str | None = None


@dataclass(frozen=True)
class LandedRow:
    """One record as landed: its number among the records received, its place in the source, path → text."""

    row_no: int
    page: str
    fields: dict[str, str | None]


@dataclass(frozen=True)
class Block:
    """Landed rows by column: path → text, None (stated as null) or `ABSENT` (the record does not have it)."""

    row_no: Sequence[int]
    page: Sequence[str]
    columns: Mapping[str, Sequence[str | Absent | None]]

    def rows(self) -> Iterator[LandedRow]:
        """Yield the rows one by one."""
        for at, (row_no, page) in enumerate(zip(self.row_no, self.page, strict=True)):
            fields = {
                path: text for path, column in self.columns.items() if (text := column[at]) is not ABSENT
            }
            yield LandedRow(row_no, page, fields)

    @staticmethod
    def of(rows: Sequence[LandedRow]) -> Block:
        """Return rows by column."""
        paths = dict.fromkeys(path for row in rows for path in row.fields)
        return Block(
            [row.row_no for row in rows],
            [row.page for row in rows],
            {path: [row.fields.get(path, ABSENT) for row in rows] for path in paths},
        )


def identity(unit_code: str, source_code: str, dataset: str, start: date, end: date, sha256: str) -> UUID:
    """Return the delivery's id: the same content of the same window, for the same unit, is the same delivery."""
    return uuid5(_NAMESPACE, f"{unit_code}|{source_code}|{dataset}|{start}|{end}|{sha256}")
