"""The records behind a number: which statements list and sum them, and under which codes they are shown."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from cchc.catalogue.base import DatasetName
from cchc.catalogue.indicators import Term
from cchc.catalogue.models import Catalogue
from cchc.indicators import amounts, words
from cchc.indicators.periods import Period
from cchc.warehouse.marts import over_events
from cchc.warehouse.sql import source

Record = dict[str, Any]  # keys as in explanation.RECORD_COLUMNS

#: Of a statement that may list millions of records.
STREAMED = {"stream_results": True, "max_row_buffer": 5000}

_OF_CITIZENS: tuple[DatasetName, ...] = ("dossier", "petition")  # their codes lead to a person's file
_DIGITS = 16


def records(dataset: DatasetName) -> str:
    """Return the statement that lists the records of terms; parameters as of `wanted`."""
    return over_events("records", dataset).text


def breakdown(dataset: DatasetName) -> str:
    """Return the statement that sums the records of terms by source and procedure; parameters as of `wanted`."""
    return f"with record as (\n{records(dataset)}\n)\n{source('mart/breakdown')}"


def wanted(
    catalogue: Catalogue, terms: Sequence[Term], period: Period, units: Sequence[str]
) -> dict[str, Any]:
    """Return what terms ask of the records of units: one list for each parameter; a `minus` term is taken away."""
    asked = [amounts.asked(catalogue, term, period) for term in terms]
    lists = {f"{name}s": [one[name] for one in asked] for name in (asked[0] if asked else ())}
    return {**lists, "signs": [-1 if term.minus else 1 for term in terms], "units": list(units)}


def split(rows: Iterable[Row[Any]]) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Return the sums of a breakdown by source and by procedure, '' being records that belong to none."""
    by_source: dict[str, Decimal] = {}
    by_procedure: dict[str, Decimal] = {}
    for row in rows:
        by_source[row.source_code] = by_source.get(row.source_code, Decimal(0)) + row.value
        by_procedure[row.procedure_code] = by_procedure.get(row.procedure_code, Decimal(0)) + row.value
    return by_source, by_procedure


def record(
    row: Row[Any],
    title: str,
    *,
    role: str,
    record_code: str,
    procedure_code: str,
    day: date,
    dates: dict[str, str | None],
    value: Decimal | None = None,
    evidence: str | None = None,
) -> Record:
    """Return a record as it is shown, with a role of `explanation.ROLES`.

    `row` has its unit, source, delivery and place in it.
    """
    return {
        "role": role,
        "term": title,
        "unit_code": row.unit_code,
        "source_code": row.source_code,
        "record_code": record_code,
        "procedure_code": procedure_code,
        "day": day,
        "dates": {name: text for name, text in dates.items() if text is not None},
        "value": value,
        "evidence": evidence,
        "delivery_id": str(row.delivery_id),
        "row_no": row.row_no,
    }


def counted(row: Row[Any], title: str, role: str = "value", value: Decimal | None = None) -> Record:
    """Return a row of `records` as it is shown."""
    return record(
        row,
        title,
        role=role,
        record_code=row.record_code,
        procedure_code=row.procedure_code,
        day=row.day,
        dates=row.dates,
        value=value,
    )


@dataclass(frozen=True)
class Codes:
    """Under which codes records are shown: their own to their unit, others where records of several units are listed.

    A dossier's code can be guessed, so a hash of it hides nothing: with a key it is HMAC-SHA256 (RFC 2104) under
    that key, without one the place in the list.
    """

    together: bool  # records of several units
    key: str | None = None

    def shown(self, dataset: DatasetName, found: Record, place: int) -> Record:
        """Return the record of a dataset with the code it is shown under; `place` counts from 1."""
        if not self.together or dataset not in _OF_CITIZENS:
            return found
        if self.key is None:
            return {**found, "record_code": f"{words.DATASETS[dataset]} {place}"}
        whose = "\0".join((found["unit_code"], found["source_code"], found["record_code"]))
        digest = hmac.new(self.key.encode(), whose.encode(), hashlib.sha256).hexdigest()
        return {**found, "record_code": f"{found['unit_code']}-{digest[:_DIGITS]}"}

    @property
    def note(self) -> str | None:
        """What is said of the codes (Vietnamese); None where they are the records' own."""
        if not self.together:
            return None
        if self.key is None:
            return (
                "Danh sách gồm nhiều đơn vị: mã hồ sơ được bỏ, thay bằng số thứ tự trong danh sách"
                " (chưa đặt CCHC_PSEUDONYM_KEY)."
            )
        return "Danh sách gồm nhiều đơn vị: mã hồ sơ là mã thay thế (HMAC-SHA256, khóa CCHC_PSEUDONYM_KEY)."
