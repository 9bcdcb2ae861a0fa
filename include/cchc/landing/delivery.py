"""A delivery: what one source gave of one dataset for one window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from cchc.catalogue.base import DatasetName

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


def identity(source_code: str, dataset: str, start: date, end: date, sha256: str) -> UUID:
    """Return the delivery's id: the same content of the same window is the same delivery."""
    return uuid5(_NAMESPACE, f"{source_code}|{dataset}|{start}|{end}|{sha256}")
