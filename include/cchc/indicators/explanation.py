"""What stands behind one number, for a person and for a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from cchc.catalogue.base import DatasetName
from cchc.indicators import as_of, words
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.listing import Codes, Record
from cchc.indicators.numbers import printed
from cchc.indicators.periods import Period
from cchc.indicators.provenance import SERVES

#: Roles as officers read them; a term that is taken away has `_minus` behind its role.
ROLES = {
    "value": "Giá trị",
    "numerator": "Tử số",
    "denominator": "Mẫu số",
    "value_minus": "Giá trị (trừ)",
    "numerator_minus": "Tử số (trừ)",
    "denominator_minus": "Mẫu số (trừ)",
    "minimum": "Nhỏ nhất",
    "plus": "Cộng",
    "minus": "Trừ",
}

#: Columns of `Explanation.rows`: each term, then what each unit, source and procedure gives.
ROW_COLUMNS = (
    ("role", "Vai trò"),
    ("term", "Thành phần"),
    ("unit_code", "Đơn vị"),
    ("source_code", "Nguồn"),
    ("procedure_code", "Thủ tục"),
    ("value", "Giá trị"),
    ("reason", "Lý do trống"),
)
#: Columns of the mappings that `Explanation.records` yields.
RECORD_COLUMNS = (
    ("role", "Vai trò"),
    ("term", "Thành phần"),
    ("unit_code", "Đơn vị"),
    ("source_code", "Nguồn"),
    ("record_code", "Mã"),
    ("procedure_code", "Thủ tục"),
    ("day", "Ngày tính"),
    ("dates", "Các mốc"),
    ("value", "Giá trị"),
    ("evidence", "Căn cứ"),
    ("delivery_id", "Lần giao"),
    ("row_no", "Dòng"),
)


class Opened(Protocol):
    """Reads the records behind a number when they are asked for."""

    def records(self, role: str | None) -> Iterator[tuple[DatasetName, Record]]:
        """Yield the records of the terms of a role, or of all, each with its dataset."""
        ...


@dataclass(frozen=True)
class SourceVersion:
    """Under which rules a source is read."""

    source_code: str
    on_time_rule: str  # date | timestamp
    mapping_version: str | None  # None: nothing of it was ever loaded


@dataclass(frozen=True)
class Term:
    """One term of the formula with its value and where that comes from."""

    role: str  # of `ROLES`: value, numerator, denominator …; of a cell: value, then plus and minus
    title: str  # Vietnamese
    period: Period
    value: Decimal | None
    reason: str | None
    by_source: dict[str, Decimal] = field(default_factory=dict)
    by_procedure: dict[str, Decimal] = field(default_factory=dict)
    agrees: bool = True  # whether the records add up to the value that is published
    by_unit: dict[str, Decimal] = field(default_factory=dict)  # of a sum of what units report


@dataclass(frozen=True)
class Explanation:
    """Everything that stands behind one number."""

    title: str  # Vietnamese
    unit_code: str
    period: Period
    figure: IndicatorValue
    formula: str  # Vietnamese
    rounding: str  # Vietnamese; empty where nothing is rounded
    basis: str
    versions: tuple[SourceVersion, ...]
    terms: tuple[Term, ...]
    opened: Opened = field(repr=False, compare=False)
    codes: Codes = field(repr=False)  # under which the records are shown
    notes: tuple[str, ...] = ()  # Vietnamese
    rules: Mapping[str, str] = field(
        default_factory=dict
    )  # on-time rules its terms ask for, with their meaning
    own_rule: bool = True  # whether the sources' own on-time rules may count in it
    as_of: date | None = None  # what was known at the end of that day; None: what is known now

    def records(self, role: str | None = None) -> Iterator[Record]:
        """Yield the records behind each term (of one role, or all), streamed: there may be millions.

        A count is the number of its records exactly. A reported figure yields the rows that state it. Keys are
        those of `RECORD_COLUMNS`; `role` is one of `ROLES`, `day` is the day a record counts on (of a stock, the
        day it came in); the code
        is what `codes` says.
        """
        for place, (dataset, record) in enumerate(self.opened.records(role), start=1):
            yield self.codes.shown(dataset, record, place)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each term, then what each of its units, sources and procedures gives; keys as in `ROW_COLUMNS`."""
        for term in self.terms:
            nobody = dict.fromkeys(("unit_code", "source_code", "procedure_code"))
            row = {"role": term.role, "term": term.title, **nobody}
            yield {**row, "value": term.value, "reason": term.reason}
            for code, value in term.by_unit.items():
                yield {**row, "unit_code": code, "value": value, "reason": None}
            for code, value in term.by_source.items():
                yield {**row, "source_code": code, "value": value, "reason": None}
            for code, value in term.by_procedure.items():
                yield {**row, "procedure_code": code, "value": value, "reason": None}

    def text(self) -> str:
        """Return the explanation as an officer reads it (Vietnamese)."""
        figure = self.figure
        shown = figure.printed if figure.printed is not None else f"– ({figure.reason})"
        lines = [
            f"{self.title}: {shown}",
            f"Đơn vị {self.unit_code}, {self.period.title()}"
            + (f", {as_of.words(self.as_of)}" if self.as_of else ""),
            f"Công thức: {self.formula}" + (f"; {self.rounding}" if self.rounding else ""),
            f"Căn cứ: {self.basis}",
            *([f"Số liệu từ: {SERVES[figure.provenance]}"] if figure.provenance else []),
        ]
        lines += self.notes
        if figure.coverage is not None:
            fresh = f", số liệu đến {figure.fresh_to:%d/%m/%Y}" if figure.fresh_to else ""
            of = "đơn vị" if any(term.by_unit for term in self.terms) else "nguồn"
            lines.append(f"Độ phủ {of}: {printed(figure.coverage * 100, 0)}%{fresh}")
        if figure.lacking:
            lines.append(f"Nguồn chưa đủ số liệu: {', '.join(figure.lacking)}")
        for term in self.terms:
            value = printed(term.value) if term.value is not None else f"– ({term.reason})"
            lines += ["", f"{ROLES[term.role]}: {term.title} = {value}"]
            lines += [f"  đơn vị {code}: {printed(amount)}" for code, amount in term.by_unit.items()]
            lines += [f"  nguồn {code}: {printed(amount)}" for code, amount in term.by_source.items()]
            lines += [f"  thủ tục {code}: {printed(amount)}" for code, amount in term.by_procedure.items()]
            if not term.agrees:
                lines.append(
                    "  Chú ý: các bản ghi đã thay đổi sau lần tính gần nhất; số sẽ khớp khi tính lại."
                )
        if self.versions or self.rules:
            lines.append("")
        lines += [f"Quy tắc dùng để tính, {name}: {meaning}" for name, meaning in self.rules.items()]
        for version in self.versions:
            rule = words.ON_TIME_RULES.get(version.on_time_rule, version.on_time_rule)
            mapping = f", ánh xạ {version.mapping_version}" if version.mapping_version else ""
            unused = "" if self.own_rule or not self.rules else " (không dùng cho số này)"
            lines.append(f"Quy tắc của nguồn {version.source_code}{unused}: {rule}{mapping}")
        if self.codes.note:
            lines += ["", self.codes.note]
        return "\n".join(lines)
