"""The records behind a number: which statements list and sum them, and under which codes they are shown."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from cchc.catalogue.base import DatasetName
from cchc.catalogue.indicators import Term
from cchc.catalogue.models import Catalogue
from cchc.indicators import sums, words
from cchc.indicators.periods import Period
from cchc.warehouse.marts import over_events
from cchc.warehouse.sql import source

Record = dict[str, Any]  # keys as in explanation.RECORD_COLUMNS

#: Of a statement that may list millions of records.
STREAMED = {"stream_results": True, "max_row_buffer": 5000}

# What of sql/mart/dossier.sql is narrowed to what is asked for.
_EVERY_DOSSIER = "from core.dossier as d\n"
_EVERY_EVENT = "\nwhere e.day is not null"
_EVENTS = re.compile(r"(?<=-- what happened whatever the rule\n)(.*)(\n    \) as e)(?=\nwhere )", re.DOTALL)
_NEXT_EVENT = "\n        union all\n"
_MEASURE = re.compile(r"\s*(?:--[^\n]*\n\s*)*select\s+'(\w+)'")

_OF_CITIZENS: tuple[DatasetName, ...] = ("dossier", "petition")  # their codes lead to a person's file
_DIGITS = 16


def records(dataset: DatasetName, terms: Sequence[Term] | None = None) -> str:
    """Return the statement that lists the records of terms; parameters as of `wanted`.

    `terms`: those it is run for; with them a statement that works out nothing else, without them one for any.
    """
    if dataset != "dossier":
        return over_events("records", dataset).text
    measures = None if terms is None else {term.measure or "" for term in terms}
    return f"with record_event as (\n{_dossier_events(measures)}\n)\n{source('mart/records')}"


def breakdown(dataset: DatasetName, terms: Sequence[Term] | None = None) -> str:
    """Return the statement that sums the records of terms by source and procedure; parameters as of `wanted`."""
    return f"with record as (\n{records(dataset, terms)}\n)\n{source('mart/breakdown')}"


def _dossier_events(measures: Collection[str] | None) -> str:
    """Return the events of dossiers, of these measures only (None: of all), for a list of terms.

    A dossier has dozens of events, under every on-time rule that is asked for, and a term is about one measure, rule
    and span of days. PostgreSQL would work out all of them, of all dossiers there are, before it looks at the term.
    """
    events = source("mart/dossier").rstrip()
    if events.count(_EVERY_DOSSIER) != 1 or not events.endswith(_EVERY_EVENT):
        raise ValueError(f"mart/dossier.sql must read {_EVERY_DOSSIER!r} once and end with {_EVERY_EVENT!r}")
    events = events.replace(_EVERY_DOSSIER, f"from (\n{source('mart/dossier_in_play')}\n) as d\n")
    events += " and e.measure_code = any(:plain_measures) and r.suffix = any(:suffixes)"
    if measures is None:
        return events
    found = _EVENTS.search(events)
    branches = found[1].split(_NEXT_EVENT) if found else []
    coded = [_MEASURE.match(branch) for branch in branches]
    if found is None or None in coded:
        raise ValueError("each event of mart/dossier.sql must begin with the measure it counts in")
    kept = [branch for branch, code in zip(branches, coded, strict=True) if code and code[1] in measures]
    if missing := set(measures) - {code[1] for code in coded if code}:
        raise ValueError(f"mart/dossier.sql has no event of {', '.join(sorted(missing))}")
    columns = " (measure_code, day, value)"
    return f"{events[: found.start(1)]}{_NEXT_EVENT.join(kept)}{found[2]}{columns}{events[found.end() :]}"


def wanted(
    catalogue: Catalogue, terms: Sequence[Term], period: Period, units: Sequence[str]
) -> dict[str, Any]:
    """Return what terms ask of the records of units: one list for each parameter; a `minus` term is taken away."""
    asked = [sums.asked(catalogue, term, period) for term in terms]
    lists = {f"{name}s": [one[name] for one in asked] for name in (asked[0] if asked else ())}
    by_kind = [
        (catalogue.measures[term.measure or ""].kind, one) for term, one in zip(terms, asked, strict=True)
    ]
    flows = [one for kind, one in by_kind if kind != "stock"]
    return {
        **lists,
        "signs": [-1 if term.minus else 1 for term in terms],
        "units": list(units),
        # by which the records are chosen before their events are worked out
        "plain_measures": sorted({term.measure or "" for term in terms}),
        "suffixes": sorted({term.counted_as.removeprefix(term.measure or "") for term in terms}),
        "flows_from": min((one["first_day"] for one in flows), default=None),
        "flows_to": max((one["last_day"] for one in flows), default=None),
        "stocks_on": min((one["last_day"] for kind, one in by_kind if kind == "stock"), default=None),
    }


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
