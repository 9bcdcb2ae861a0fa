"""The amounts behind indicators, read in a few set-based queries for all units at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from cchc.catalogue.indicators import Indicator, Term
from cchc.catalogue.models import Catalogue
from cchc.indicators import delivered, periods, reported, words
from cchc.indicators.delivered import Need, Watermarks
from cchc.indicators.periods import Period
from cchc.indicators.provenance import Cell, Provenance, together
from cchc.indicators.reported import ReportedRow, Reports
from cchc.indicators.sql import query
from cchc.indicators.sums import Sums, term_period


@dataclass(frozen=True)
class Subject:
    """Whose number it is: one unit, or the whole province as the sum of its units."""

    code: str
    members: tuple[str, ...]
    whole: bool = False


def _unit(code: str) -> Subject:
    return Subject(code, (code,))


@dataclass(frozen=True)
class Amount:
    """One term's amount, or the reason it is not known (Vietnamese)."""

    value: Decimal | None
    reason: str | None = None
    provenance: Provenance | None = None


def stated_for(catalogue: Catalogue, term: Term) -> Term | None:
    """Return the reported count that is the same as a term's measure; None where there is none, or for a part of it."""
    measure = catalogue.measures[term.measure] if term.measure is not None else None
    part = term.where or term.rule or term.needs_result is not None or term.aggregate != "sum"
    if measure is None or measure.reported is None or part:
        return None
    return Term(reported=measure.reported, period=term.period)


@dataclass
class Amounts:
    """Everything one computation needs, fetched for all indicators and subjects before the arithmetic."""

    connection: Connection
    catalogue: Catalogue
    period: Period
    subjects: Sequence[Subject]
    sources: delivered.Sources = field(init=False)
    _newest: date = field(init=False)
    marks: Watermarks = field(default_factory=dict)
    _sums: Sums = field(init=False)
    _reports: Reports = field(default_factory=Reports)
    _shortest: dict[str, Row[Any]] = field(default_factory=dict)
    # by term, which is kept beside it so that no other one gets its id: asked for by each indicator, unit and province
    _cells: dict[tuple[int, str], tuple[Term, Cell]] = field(default_factory=dict)

    # by unit: its first and last day, of all the times it was in office
    _days: dict[str, tuple[date, date]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for unit in self.catalogue.units:
            first, last = self._days.get(unit.code, (date.max, date.min))
            self._days[unit.code] = min(first, unit.valid_from), max(last, unit.valid_to or date.max)
        self.sources = delivered.Sources(self.catalogue)
        self._sums = Sums(self.connection, self.catalogue)
        # days that no night has reached yet are in no number
        self._newest = delivered.reporting_day(self.connection, self.period)
        self.period = periods.until(self.period, self._newest)

    def fetch(self, indicators: Iterable[Indicator]) -> None:
        """Read what these indicators are made of."""
        self._cells.clear()
        indicators = tuple(indicators)
        terms = [t for i in indicators for t in i.terms()]
        self.marks = delivered.watermarks(self.connection, self.catalogue)
        measured = [t for t in terms if t.measure is not None]
        stated = [(t, stated_for(self.catalogue, t)) for t in terms]
        paired = [t for t, same in stated if same is not None]
        members = sorted({code for s in self.subjects for code in s.members})
        alone = sorted(s.code for s in self.subjects if not s.whole)
        # what units state is read first: a share of the province is over those that state their part of it
        wanted = [t for pair in stated for t in pair if t is not None]
        codes = [(t.reported, term_period(t, self.period)) for t in wanted if t.reported is not None]
        self._reports.fetch(self.connection, members, codes)
        # of a paired measure each unit is served by its own provenance, so the province needs every one of them
        self._fetch_sums(measured, members if paired else alone)
        if not paired:
            narrowed = [t for i in indicators if self._is_narrowed(i) for t in i.terms()]
            self._fetch_sums([t for t in narrowed if t.measure is not None], members)
        self._fetch_silent(measured)
        if any(i.minimum for i in indicators):
            shortest = self.connection.execute(
                query("shortest_term"), {"units": members, "day": self.period.end}
            )
            self._shortest = {row.unit_code: row for row in shortest}

    def _is_narrowed(self, indicator: Indicator) -> bool:
        return any(s.whole and self.comparable(indicator, s) != s for s in self.subjects)

    def reports(self, indicator: Indicator, subject: Subject) -> Mapping[str, bool] | None:
        """Return the province's units that owe the reports an indicator is a sum of: whether each has stated them all.

        A unit owes them where a source of it could bring them; one that states them unasked is counted too. None where
        the number is no sum of reports: a single unit's own, or one of ratios, which do not add up.
        """
        terms = [term for term in indicator.terms() if term.reported is not None]
        if not subject.whole or not terms or any(term.part == "ratio" for term in terms):
            return None
        needs = [self.need(term) for term in terms]
        members = subject.members
        if any(
            term.kind == "stock" for term in terms
        ):  # what a unit had when it ended, its successor has now
            there = {unit.code for unit in self.catalogue.units_on(self.period.end)}
            members = tuple(code for code in members if code in there)
        found = {}
        for unit in members:
            states = all(self.reported(term, unit).value is not None for term in terms)
            if states or any(self._owes(unit, need) for need in needs):
                found[unit] = states
        return found

    def _owes(self, unit: str, need: Need) -> bool:
        return any(source.expected for source in self.sources.of([unit], need))

    def comparable(self, indicator: Indicator, subject: Subject) -> Subject:
        """Return the subject with those of its units that can be in the number.

        Of a sum of reports: the units that state all of it, so that both sides of a share are of the same ones. Of a
        share of dossiers: the units of which both sides are about all their records. Where one system of a unit never
        states a field, its records are in the denominator and can never be in the numerator: silence would be counted
        as no. Or they are on neither side, and a register of a few dossiers would speak for a whole unit. That the
        system failed to deliver changes nothing.
        """
        reports = self.reports(indicator, subject)
        members = tuple(code for code in subject.members if reports is None or reports.get(code))
        if indicator.denominator:
            members = tuple(code for code in members if not self._silence(indicator, code))
        return subject if members == subject.members else replace(subject, members=members)

    def why_not_comparable(self, indicator: Indicator, subject: Subject) -> str:
        """Return why no unit of the subject is in the number (Vietnamese)."""
        reports = self.reports(indicator, subject)
        if reports is not None and not any(reports.values()):
            return self._why_unreported(reports)
        needs = [need for term in indicator.terms() if (need := self.need(term)).fields]
        fields = sorted({name for need in needs for name in need.fields})
        # a unit of which no system states it has nothing to compare
        partly = [u for u in subject.members if any(self.sources.of([u], need) for need in needs)]
        codes = {code for unit in partly for code in self._silence(indicator, unit)}
        if not codes:
            return words.not_stated(fields)
        named = sorted({self.catalogue.sources[code].title or code for code in codes})
        return words.not_comparable(named, fields)

    def _silence(self, indicator: Indicator, unit: str) -> set[str]:
        """Return the sources of a unit's dossiers that never state a field which a share is made of."""
        found: set[str] = set()
        for term in indicator.terms():
            need = self.need(term)
            stated = stated_for(self.catalogue, term) if need.dataset == "dossier" else None
            if need.dataset != "dossier" or (
                stated is not None and self.cell(term, stated, unit).serves == "reported"
            ):
                continue
            told = replace(need, fields=())
            found |= {
                source.code
                for source in self.sources.silent([unit], need)
                if source.expected or delivered.has_delivered(self.marks, [source], told)
            }
        return found

    def _fetch_sums(self, terms: Sequence[Term], single: Sequence[str]) -> None:
        """Read the sums of every unit of `single`, and of all units of the province together where it is asked for."""
        whole = next((subject for subject in self.subjects if subject.whole), Subject("", ()))
        self._sums.fetch(terms, self.period, single, whole.code, whole.members)

    def _fetch_silent(self, terms: Iterable[Term]) -> None:
        """Find out, where nothing was counted, whether the dossiers say no or say nothing."""
        uncounted = {
            unit
            for term in terms
            if self.catalogue.measures[term.measure or ""].needs
            for subject in self.subjects
            if self._sums.of(subject.code, term) is None
            for unit in subject.members
        }
        self._sums.fetch_unstated(uncounted, self.period)

    def amount(self, term: Term, subject: Subject) -> Amount:
        """Return a term's amount; never 0 where no source has delivered."""
        if term.reported is not None:
            if subject.whole:
                return self._stated_by_all(term, subject)
            answered = self.reported(term, subject.code)
            return Amount(answered.value, answered.reason, None if answered.value is None else "reported")
        stated = stated_for(self.catalogue, term)
        if stated is None:
            return self._records(term, subject)
        cells = [self.cell(term, stated, code) for code in subject.members]
        values = [cell.value for cell in cells if cell.value is not None]
        if not values:
            why = self._why_missing(self.need(term), subject) if subject.whole else cells[0].reason
            return Amount(None, why)
        return Amount(sum(values, Decimal(0)), None, together(cell.serves for cell in cells))

    def _stated_by_all(self, term: Term, subject: Subject) -> Amount:
        """Return the sum of what the units of the province state; a ratio is of one unit and adds up with none."""
        if term.part == "ratio":
            return Amount(None, "đơn vị chỉ báo cáo tỷ lệ, không có tử số và mẫu số để cộng cho toàn tỉnh")
        answers = self.stated_by(term, subject).values()
        if answers:
            return Amount(sum((a.value or Decimal(0) for a in answers), Decimal(0)), None, "reported")
        owing = self.sources.of(subject.members, self.need(term))
        return Amount(None, self._why_unreported({s.unit for s in owing if s.expected}))

    def stated_by(self, term: Term, subject: Subject) -> Mapping[str, reported.Answer]:
        """Return what the units of a subject state of a reported term; those that state nothing are not in it."""
        answers = ((code, self.reported(term, code)) for code in subject.members)
        return {code: answer for code, answer in answers if answer.value is not None}

    def _why_unreported(self, owing: Collection[str]) -> str:
        if not owing:
            return f"không có nguồn nào cung cấp {words.DATASETS['reported_measure']} cho kỳ này"
        return words.unreported(len(owing), self.period)

    def cell(self, term: Term, stated: Term, unit: str) -> Cell:
        """Return a measure of one unit from its records and as the unit states it (`stated_for` the term)."""
        found = self._cells.get((id(term), unit))
        if found is None or found[0] is not term:
            found = self._cells[id(term), unit] = (term, self._cell(term, stated, unit))
        return found[1]

    def _cell(self, term: Term, stated: Term, unit: str) -> Cell:
        subject = _unit(unit)
        records = self._records(term, subject)
        need = self.need(term)
        cover = delivered.coverage(self.sources, self.marks, (unit,), [need], need.period.end)
        return Cell(
            unit_code=unit,
            measure=self.catalogue.measures[term.measure or ""],
            records=records.value,
            reason=records.reason,
            lacking=cover.lacking,
            complete=cover.share == 1,
            stated=self.reported(stated, unit),
        )

    def served(self, term: Term, subject: Subject) -> tuple[list[str], tuple[ReportedRow, ...]]:
        """Return the units whose records make up a measure's amount, and the reported rows that serve for others."""
        stated = stated_for(self.catalogue, term)
        if stated is None:
            return list(subject.members), ()
        cells = [self.cell(term, stated, code) for code in subject.members]
        by_report = (row for cell in cells if cell.serves == "reported" for row in cell.stated.rows)
        return [cell.unit_code for cell in cells if cell.serves != "reported"], tuple(by_report)

    def needs(self, term: Term, subject: Subject) -> Iterator[Need]:
        """Yield what must be delivered for a term: each unit's own of records and report, of which one serves.

        A unit that keeps no such register and reports none either owes nothing.
        """
        need = self.need(term)
        stated = stated_for(self.catalogue, term)
        if stated is None:
            yield need
            return
        for unit in subject.members:
            serves = self.cell(term, stated, unit).serves
            silent = serves is None and not self.sources.of([unit], need)
            if silent and self.sources.not_kept([unit], need):
                continue
            by_report = serves == "reported" or silent
            asked = self.need(stated) if by_report else need
            yield replace(asked, units=(unit,), known=serves is not None)

    def _records(self, term: Term, subject: Subject) -> Amount:
        need = self.need(term)
        rows = [row for code in self._counted_by(subject) if (row := self._sums.of(code, term))]
        if rows and need.period.start <= self._newest:  # of a period to come not even a stock is known
            counts = (row.procedures if term.aggregate == "procedures" else row.total for row in rows)
            return Amount(Decimal(sum(counts)), None, "records")
        sources = self.sources.of(subject.members, need)
        if not delivered.has_delivered(self.marks, sources, need):
            return Amount(None, self._why_missing(need, subject))
        unstated = [f for f in need.fields if all(self._sums.is_unstated(u, f) for u in subject.members)]
        if unstated:
            return Amount(None, words.not_stated(unstated))
        return Amount(Decimal(0), None, "records")

    def _counted_by(self, subject: Subject) -> tuple[str, ...]:
        """Return the codes whose sums make up a subject's: its own, or those of the units it was narrowed to."""
        asked = next((s for s in self.subjects if s.code == subject.code), subject)
        return (subject.code,) if asked.members == subject.members else subject.members

    def reported(self, term: Term, unit: str) -> reported.Answer:
        """Return what a unit states of a period, or of the part of it that the unit was there for."""
        period = term_period(term, self.period)
        begins, ends = self._days.get(unit, (period.start, period.end))
        first, last = max(begins, period.start), min(ends, period.end)
        if first <= last and (first, last) != (period.start, period.end):
            period = replace(period, start=first, end=last)
        return self._reports.answer(unit, term, period, owes=self._owes(unit, self.need(term)))

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
        if not sources and self.sources.silent(subject.members, need):
            return words.not_stated(need.fields)
        if not sources and not subject.whole and self.sources.not_kept(subject.members, need):
            return words.not_kept([need.dataset])
        if not sources:
            return f"không có nguồn nào cung cấp dữ liệu {what} cho kỳ này"
        if subject.whole:
            return f"chưa có dữ liệu {what} từ đơn vị nào trong {len({s.unit for s in sources})} đơn vị"
        return f"chưa có dữ liệu {what} từ {', '.join(s.title or s.code for s in sources)}"
