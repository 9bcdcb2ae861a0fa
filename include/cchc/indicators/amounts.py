"""The amounts behind indicators, read in a few set-based queries for all units at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from cchc.catalogue.models import Catalogue, Indicator, Term
from cchc.indicators import delivered, periods, reported, words
from cchc.indicators.delivered import Need, Watermarks
from cchc.indicators.periods import Period
from cchc.indicators.reported import ReportedRow
from cchc.indicators.sql import query

_BEGINNING = date(1900, 1, 1)  # a stock is everything that came and went so far
_TOGETHER = ""  # the unit code of sql/sums.sql where all units are summed


@dataclass(frozen=True)
class Subject:
    """Whose number it is: one unit, or the whole province as the sum of its units."""

    code: str
    members: tuple[str, ...]
    whole: bool = False


@dataclass(frozen=True)
class Amount:
    """One term's amount, or the reason it is not known (Vietnamese)."""

    value: Decimal | None
    reason: str | None = None


def term_period(term: Term, period: Period) -> Period:
    """Return the period a term is about: the asked one, or its own."""
    return periods.parse(term.period, "calendar") if term.period else period


def terms_of(indicator: Indicator) -> tuple[Term, ...]:
    """Return all terms of an indicator."""
    return (*indicator.value, *indicator.numerator, *indicator.denominator)


def days_of(catalogue: Catalogue, term: Term, period: Period) -> tuple[date, date]:
    """Return the first and last day whose marts make up a measure's term."""
    stock = catalogue.measures[term.measure or ""].kind == "stock"
    return (_BEGINNING if stock else period.start), period.end


def dimensions(term: Term) -> dict[str, str | None]:
    """Return the values of the three dimensions a term asks for; None: any."""
    return {
        "intake": term.where.get("intake"),
        "channel": term.where.get("channel"),
        "online_level": term.where.get("online_level"),
    }


Key = tuple[str, str, tuple[tuple[str, str], ...], str | None]


def _key(term: Term, subject: Subject) -> Key:
    return (
        subject.code,
        term.measure or "",
        tuple(sorted((str(k), v) for k, v in term.where.items())),
        term.period,
    )


@dataclass
class Amounts:
    """Everything one computation needs, fetched for all indicators and subjects before the arithmetic."""

    connection: Connection
    catalogue: Catalogue
    period: Period
    subjects: Sequence[Subject]
    sources: delivered.Sources = field(init=False)
    marks: Watermarks = field(default_factory=dict)
    _sums: dict[Key, Row[Any]] = field(default_factory=dict)
    _reported: dict[str, list[ReportedRow]] = field(default_factory=dict)
    _shortest: dict[str, Row[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sources = delivered.Sources(self.catalogue)

    def fetch(self, indicators: Iterable[Indicator]) -> None:
        """Read what these indicators are made of."""
        indicators = tuple(indicators)
        terms = [t for i in indicators for t in terms_of(i)]
        self.marks = delivered.watermarks(self.connection, self.catalogue)
        measured = [t for t in terms if t.measure is not None]
        single = [s for s in self.subjects if not s.whole]
        if single:
            self._fetch_sums(measured, {s.code: s for s in single}, [c for s in single for c in s.members])
        for subject in self.subjects:
            if subject.whole:
                self._fetch_sums(measured, {_TOGETHER: subject}, subject.members)
        members = sorted({code for s in self.subjects for code in s.members})
        codes = sorted({t.reported for t in terms if t.reported is not None})
        if codes:
            for row in self.connection.execute(query("reported"), {"units": members, "codes": codes}):
                self._reported.setdefault(row.unit_code, []).append(row)
        if any(i.minimum for i in indicators):
            shortest = self.connection.execute(
                query("shortest_term"), {"units": members, "day": self.period.end}
            )
            self._shortest = {row.unit_code: row for row in shortest}

    def _fetch_sums(self, terms: Sequence[Term], subjects: dict[str, Subject], units: Sequence[str]) -> None:
        spans = [days_of(self.catalogue, t, term_period(t, self.period)) for t in terms]
        found = self.connection.execute(
            query("sums"),
            {
                "nos": list(range(len(terms))),
                "measures": [t.measure for t in terms],
                "starts": [first for first, _ in spans],
                "ends": [last for _, last in spans],
                "intakes": [t.where.get("intake") for t in terms],
                "channels": [t.where.get("channel") for t in terms],
                "levels": [t.where.get("online_level") for t in terms],
                "units": list(units),
                "together": _TOGETHER in subjects,
            },
        )
        for row in found:
            self._sums[_key(terms[row.term_no], subjects[row.unit_code])] = row

    def amount(self, term: Term, subject: Subject) -> Amount:
        """Return a term's amount; never 0 where no source has delivered."""
        if term.reported is not None:
            if subject.whole:
                return Amount(None, "số liệu do từng đơn vị báo cáo, không cộng được cho toàn tỉnh")
            answered = self.reported(term, subject)
            return Amount(answered.value, answered.reason)
        row = self._sums.get(_key(term, subject))
        if row is not None:
            return Amount(Decimal(row.procedures if term.aggregate == "procedures" else row.total))
        need = self.need(term)
        sources = self.sources.of(subject.members, need)
        if delivered.has_delivered(self.marks, sources, need):
            return Amount(Decimal(0))
        return Amount(None, self._why_missing(need, subject))

    def reported(self, term: Term, subject: Subject) -> reported.Answer:
        """Return what the unit states."""
        return reported.answer(self._reported.get(subject.code, []), term, term_period(term, self.period))

    def shortest(self, subject: Subject) -> Row[Any] | None:
        """Return the procedure with the shortest term, as sql/shortest_term.sql orders them."""
        found = [self._shortest[code] for code in subject.members if code in self._shortest]
        return min(found, key=lambda row: row.days, default=None)

    def need(self, term: Term) -> Need:
        """Return what a term needs from its sources."""
        return delivered.need_of(self.catalogue, term, term_period(term, self.period))

    def why_no_shortest(self, subject: Subject) -> str:
        """Return why no shortest term is known."""
        need = Need("procedure", {}, self.period)
        sources = self.sources.of(subject.members, need)
        if delivered.has_delivered(self.marks, sources, need):
            return "danh mục thủ tục không ghi thời hạn giải quyết nào có hiệu lực ở ngày cuối kỳ"
        return self._why_missing(need, subject)

    def _why_missing(self, need: Need, subject: Subject) -> str:
        sources = self.sources.of(subject.members, need)
        what = words.DATASETS[need.dataset]
        if not sources:
            return f"không có nguồn nào cung cấp dữ liệu {what} cho kỳ này"
        if subject.whole:
            return f"chưa có dữ liệu {what} từ đơn vị nào trong {len({s.unit for s in sources})} đơn vị"
        return f"chưa có dữ liệu {what} từ {', '.join(s.title or s.code for s in sources)}"
