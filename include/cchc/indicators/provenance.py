"""Which of two provenances serves a number: the records of a unit, or what the unit states of the same.

A measure that names a reported count (`reported` in measures.yaml) is known twice. A cell (unit, measure, period) is
served by exactly one of the two, never by their sum; where both are there, their difference is a line to reconcile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from cchc.catalogue.indicators import Measure
from cchc.indicators.reported import Answer

Provenance = Literal["records", "reported", "mixed"]
SERVES: dict[Provenance, str] = {
    "records": "dữ liệu chi tiết",
    "reported": "số liệu báo cáo",
    "mixed": "dữ liệu chi tiết, nơi thiếu là số liệu báo cáo",
}
COLUMNS = (
    ("unit_code", "Đơn vị"),
    ("measure", "Mã"),
    ("title", "Chỉ tiêu"),
    ("records", "Từ dữ liệu chi tiết"),
    ("reported", "Đơn vị báo cáo"),
    ("difference", "Chênh lệch"),
    ("serves", "Số được dùng"),
    ("cause", "Nguyên nhân có thể"),
    ("evidence", "Văn bản báo cáo"),
)


def together(found: Iterable[Provenance | None]) -> Provenance | None:
    """Return where a number comes from whose parts come from `found`; None: from nowhere."""
    known = {one for one in found if one is not None}
    if len(known) > 1:
        return "mixed"
    return known.pop() if known else None


@dataclass(frozen=True)
class Cell:
    """One measure of one unit in one period, from its records and as the unit states it."""

    unit_code: str
    measure: Measure
    records: Decimal | None
    reason: str | None  # why the records give no number (Vietnamese)
    lacking: tuple[str, ...]  # sources that hold such records and have not delivered all of the period
    complete: bool  # every source that holds such records has delivered all of the period
    stated: Answer

    @property
    def serves(self) -> Literal["records", "reported"] | None:
        """Which of the two is the number; None where neither is there.

        Complete records serve before a report (`prefer: reported` turns it round), a report before incomplete records.
        """
        if self.records is None or self.stated.value is None:
            if self.records is not None:
                return "records"
            return "reported" if self.stated.value is not None else None
        return "records" if self.complete and self.measure.prefer == "records" else "reported"

    @property
    def value(self) -> Decimal | None:
        """The number: that of the one that serves."""
        return self.records if self.serves == "records" else self.stated.value

    @property
    def difference(self) -> Decimal | None:
        """What the records have more than the report; None where only one of them is there."""
        if self.records is None or self.stated.value is None:
            return None
        return self.records - self.stated.value

    def row(self) -> dict[str, Any]:
        """Return what `COLUMNS` names."""
        return {
            "unit_code": self.unit_code,
            "measure": self.measure.code,
            "title": self.measure.title,
            "records": self.records,
            "reported": self.stated.value,
            "difference": self.difference,
            "serves": SERVES[self.serves] if self.serves else None,
            "cause": cause(self),
            "evidence": "; ".join(dict.fromkeys(r.evidence for r in self.stated.rows if r.evidence)) or None,
        }


def cause(cell: Cell) -> str:
    """Return why records and report are likely to differ, in Vietnamese; empty where they agree."""
    unit = cell.measure.unit
    if not cell.difference:
        return ""
    if cell.difference > 0:
        return f"báo cáo ít hơn: báo cáo được chốt trước khi có {unit} muộn, hoặc {unit} có ở hai nguồn"
    if cell.lacking:
        return f"nguồn chưa gửi đủ dữ liệu của kỳ: {', '.join(cell.lacking)}"
    return f"báo cáo nhiều hơn: có {unit} ngoài các nguồn được đọc, hoặc bị cách ly"
