"""A form as its unit states it, beside the same form counted from the records of its dossiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, Row

from cchc.catalogue.models import Catalogue
from cchc.indicators import reported
from cchc.indicators.periods import Period
from cchc.publishing.forms.layouts import Column, Layout
from cchc.publishing.forms.rows import build

COLUMNS = (
    ("unit_code", "Đơn vị"),
    ("cell", "Ô"),
    ("title", "Chỉ tiêu"),
    ("counted", "Từ dữ liệu chi tiết"),
    ("stated", "Đơn vị báo cáo"),
    ("difference", "Chênh lệch"),
    ("reason", "Lý do trống"),
    ("evidence", "Văn bản báo cáo"),
)


@dataclass(frozen=True)
class Pair:
    """One column of a unit's total row: what we count, and what the unit states for the very same period."""

    unit_code: str
    form_code: str
    column: Column
    counted: int | None
    reason: str | None  # why nothing is counted (Vietnamese)
    stated: Decimal
    evidence: str | None

    @property
    def difference(self) -> Decimal | None:
        """What is counted more than stated; None where nothing is counted."""
        return None if self.counted is None else self.counted - self.stated

    def row(self) -> dict[str, Any]:
        """Return what `COLUMNS` names."""
        return {
            "unit_code": self.unit_code,
            "cell": f"{self.form_code}:{self.column.code}",
            "title": ", ".join(self.column.heads),
            "counted": self.counted,
            "stated": self.stated,
            "difference": self.difference,
            "reason": self.reason,
            "evidence": self.evidence,
        }


def compare(
    engine: Engine, catalogue: Catalogue, layout: Layout, units: Sequence[str], period: Period
) -> list[Pair]:
    """Return each column that a unit states for exactly this period, in the order of `units`, then of the form.

    Of a column that a unit states several times the newest word counts. Raises as `rows.build` does.
    """
    columns = {column.reported: column for column in layout.columns if column.reported is not None}
    stated: dict[tuple[str, str], Row[Any]] = {}
    with engine.connect() as connection:
        for row in reported.rows(
            connection, units, ((code, period) for code in columns)
        ):  # the newest word last
            if (row.period_from, row.period_to) == (period.start, period.end) and row.value is not None:
                stated[row.unit_code, row.measure_code] = row
    found: list[Pair] = []
    for unit in units:
        of_unit = {code: row for (whose, code), row in stated.items() if whose == unit}
        if not of_unit:
            continue
        total = build(engine, catalogue, layout, unit, period).rows[-1]
        found += [
            Pair(
                unit,
                layout.code,
                column,
                total.values[column.code],
                total.reasons.get(column.code),
                of_unit[code].value,
                of_unit[code].evidence,
            )
            for code, column in columns.items()
            if code in of_unit
        ]
    return found
