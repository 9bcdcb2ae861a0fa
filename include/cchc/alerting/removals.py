"""What left the numbers because its source has it no more, and what came back: how much of which source, and which."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from cchc.alerting import words
from cchc.catalogue.models import Province
from cchc.warehouse.sql import query

RECORDS_SHOWN = 10  # removed records named for each source and dataset


@dataclass(frozen=True)
class Removal:
    """Records of one dataset of one source, counted; `known`: of how many that had to be there some were removed."""

    unit_code: str
    source_code: str
    dataset: str
    removed: int
    came_back: int
    known: int | None
    refuses: (
        bool  # the source refuses marked records: some of those that are gone may be such, so none is named
    )
    deliveries: tuple[str, ...]  # that proved it
    records: tuple[str, ...]  # the first `RECORDS_SHOWN` of those still gone, as their unit knows them

    @property
    def dataset_name(self) -> str:
        """The dataset in Vietnamese."""
        return words.dataset(self.dataset)

    @property
    def unnamed(self) -> int:
        """How many removed records are not named."""
        return self.removed - len(self.records) if len(self.records) == RECORDS_SHOWN else 0

    def is_large(self, province: Province) -> bool:
        """Whether so much is gone that the province is told, too."""
        return self.removed >= province.warn_drop_records and self.removed > province.warn_drop * (
            self.known or 0
        )


def read(connection: Connection, day: date) -> tuple[Removal, ...]:
    """Return what the nights that a reporting day's messages tell of removed, or found again."""
    rows = connection.execute(query("alerting/removals"), {"day": day, "most": RECORDS_SHOWN})
    return tuple(
        Removal(
            unit_code=row.unit_code,
            source_code=row.source_code,
            dataset=row.dataset,
            removed=row.removed,
            came_back=row.came_back,
            known=row.known,
            refuses=row.refuses,
            deliveries=tuple(str(delivery) for delivery in row.deliveries),
            records=tuple(words.short(words.record(row.dataset, key), 80) for key in row.record_keys),
        )
        for row in rows
    )


def of_reader(
    removals: Iterable[Removal], units: Collection[str], province: Province, *, above: bool
) -> list[Removal]:
    """Return what a reader is told of: all of the own units, and above them what is large."""
    return [r for r in removals if r.unit_code in units or (above and r.is_large(province))]


def counted(removals: Iterable[Removal]) -> str:
    """Return how many records are gone, or else came back, for a subject (Vietnamese)."""
    listed = list(removals)
    if removed := sum(r.removed for r in listed):
        return f"{words.count(removed)} bản ghi đã gỡ khỏi số liệu"
    return f"{words.count(sum(r.came_back for r in listed))} bản ghi được tính lại"
