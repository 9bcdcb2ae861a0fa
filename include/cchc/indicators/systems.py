"""One system of a unit against another: which dossiers of a period only one of them has, and where the two differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection

from cchc.indicators.periods import Period
from cchc.indicators.sql import query
from cchc.warehouse.datasets import COLUMNS, NAMES

COLUMNS_OF_PAIR = (
    ("unit_code", "Đơn vị"),
    ("first_source", "Nguồn thứ nhất"),
    ("second_source", "Nguồn thứ hai"),
    ("both", "Có ở cả hai"),
    ("differing", "Trong đó khác nhau"),
    ("only_first", "Chỉ ở nguồn thứ nhất"),
    ("only_first_online", "Trong đó trực tuyến"),
    ("only_second", "Chỉ ở nguồn thứ hai"),
)
COLUMNS_OF_DOSSIER = (
    ("unit_code", "Đơn vị"),
    ("dossier_code", "Mã hồ sơ"),
    ("channel", "Kênh"),
    ("first_source", "Nguồn thứ nhất"),
    ("second_source", "Nguồn thứ hai"),
    ("found", "Chênh lệch"),
    ("differing", "Trường khác nhau"),
)
_FOUND = {
    "only_first": "chỉ có ở nguồn thứ nhất",
    "only_second": "chỉ có ở nguồn thứ hai",
    "both": "khác nhau",
}


@dataclass(frozen=True)
class Standing:
    """One dossier of a period in the two systems; `differing` are fields that both state, with other content."""

    unit_code: str
    first_source: str
    second_source: str
    dossier_code: str
    channel: str | None
    found: Literal["both", "only_first", "only_second"]
    differing: tuple[str, ...]

    @property
    def is_difference(self) -> bool:
        """Whether the two systems do not say the same of it."""
        return self.found != "both" or bool(self.differing)

    def row(self) -> dict[str, Any]:
        """Return it as an officer reads it."""
        fields = ", ".join(NAMES.get(name, name) for name in self.differing)
        return {**self.__dict__, "found": _FOUND[self.found], "differing": fields}


@dataclass
class Pair:
    """Two systems of one unit in a period; counts are dossiers."""

    unit_code: str
    first_source: str
    second_source: str
    both: int = 0
    differing: int = 0
    only_first: int = 0
    only_first_online: int = 0  # the part of only_first that another system for online dossiers should have
    only_second: int = 0
    dossiers: list[Standing] = field(default_factory=list)  # those that are a difference

    def add(self, standing: Standing) -> None:
        """Count one dossier."""
        self.both += standing.found == "both"
        self.differing += bool(standing.differing)
        self.only_first += standing.found == "only_first"
        self.only_first_online += standing.found == "only_first" and standing.channel == "online"
        self.only_second += standing.found == "only_second"
        if standing.is_difference:
            self.dossiers.append(standing)


def compare(connection: Connection, units: Collection[str], period: Period) -> list[Pair]:
    """Return each pair of dossier systems of the units with what was received in the period in either of them.

    The first of a pair is the one that the catalogue lists first, whose word counts where both have a dossier.
    """
    fields = [name for name in COLUMNS["dossier"] if name not in ("dossier_code", "intake")]
    values = {"units": list(units), "fields": fields, "start": period.start, "end": period.end}
    rows = connection.execute(query("systems"), values).mappings()
    return _paired(Standing(**dict(row) | {"differing": tuple(row["differing"])}) for row in rows)


def _paired(found: Iterable[Standing]) -> list[Pair]:
    pairs: dict[tuple[str, str, str], Pair] = {}
    for standing in found:
        key = (standing.unit_code, standing.first_source, standing.second_source)
        pairs.setdefault(key, Pair(*key)).add(standing)
    return list(pairs.values())
