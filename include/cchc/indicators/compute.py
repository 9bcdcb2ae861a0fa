"""Indicators of units for a period: sums over the marts, then exact arithmetic with the declared rounding."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, Engine

from cchc.catalogue.indicators import Indicator, IndicatorSet, Measure, Term
from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.indicators import delivered, reported, words
from cchc.indicators.amounts import Amount, Amounts, Subject, stated_for
from cchc.indicators.delivered import Need, reporting_day
from cchc.indicators.numbers import percent, printed, rounded
from cchc.indicators.periods import Period
from cchc.indicators.provenance import Cell, Provenance, together

_SUMMED_GROUPS = ("department", "commune", "district")


@dataclass(frozen=True)
class IndicatorValue:
    """One published number; where it is not known, `value` and `printed` are None and `reason` says why."""

    unit_code: str
    set_code: str
    indicator_code: str
    period: Period
    value: Decimal | None  # rounded as declared; a share in percent
    numerator: Decimal | None
    denominator: Decimal | None
    printed: str | None  # "11.999", "95,3%", "1 ngày làm việc"
    reason: str | None  # Vietnamese; of a sum of reports that is known: how many units have not reported
    # share of expected sources whose data is in it, of a sum of reports of the units that owe one; None: nobody does
    coverage: Decimal | None
    fresh_to: date | None  # how far the stalest of them has delivered
    lacking: tuple[str, ...]  # source codes that have not delivered all of the period
    provenance: Provenance | None = None  # from records, from what units report, or from both
    # where the number is withheld from the public: between which it is, as `printed` says; `value` is None then
    bounds: tuple[Decimal, Decimal] | None = None


def subject_of(catalogue: Catalogue, unit_code: str, period: Period) -> Subject:
    """Return whose number it is: the province's code stands for every unit in office on a day of the period."""
    if unit_code != catalogue.province.code:
        if all(u.code != unit_code for u in catalogue.units):
            raise ConfigurationError(f"unit {unit_code} is not in units.yaml")
        return Subject(unit_code, (unit_code,))
    members = {
        u.code: None
        for u in catalogue.units
        if u.group in _SUMMED_GROUPS
        and u.valid_from <= period.end
        and (u.valid_to is None or u.valid_to >= period.start)
    }
    return Subject(unit_code, tuple(members), whole=True)


def compute(
    engine: Engine,
    catalogue: Catalogue,
    indicator_set: IndicatorSet,
    units: Collection[str],
    period: Period,
    *,
    day: date | None = None,
) -> list[IndicatorValue]:
    """Return the set's indicators of each unit, in the order of `units`, then of the set.

    The province's own code gives the sum of all its units. `day`: the reporting day that coverage is measured
    against (default: the newest night's). A period that goes on after the newest night is counted up to it: nobody
    knows yet which dossiers will be overdue. Raises `ConfigurationError` for a unit that is not in the catalogue.
    """
    with engine.connect() as connection:
        return compute_on(connection, catalogue, indicator_set, units, period, day=day)


def compute_on(
    connection: Connection,
    catalogue: Catalogue,
    indicator_set: IndicatorSet,
    units: Collection[str],
    period: Period,
    *,
    day: date | None = None,
) -> list[IndicatorValue]:
    """Do what `compute` does, in the snapshot of `connection`."""
    subjects = [subject_of(catalogue, code, period) for code in units]
    amounts = Amounts(connection, catalogue, period, subjects)
    amounts.fetch(indicator_set.indicators)
    through = day or reporting_day(connection, period)
    return [
        value_of(amounts, indicator_set.code, indicator, subject, through)
        for subject in subjects
        for indicator in indicator_set.indicators
    ]


def value_of(
    amounts: Amounts, set_code: str, indicator: Indicator, subject: Subject, day: date
) -> IndicatorValue:
    """Return one indicator of one subject from amounts that were fetched."""
    found = _Figure(amounts, indicator, subject)
    needs = [need for term in indicator.terms() for need in amounts.needs(term, subject)]
    if indicator.minimum is not None:
        needs.append(Need("procedure", {}, amounts.period))
    cover = delivered.coverage(amounts.sources, amounts.marks, subject.members, needs, day)
    return IndicatorValue(
        unit_code=subject.code,
        set_code=set_code,
        indicator_code=indicator.code,
        period=amounts.period,
        value=found.value,
        numerator=found.numerator,
        denominator=found.denominator,
        printed=found.printed,
        reason=found.reason or found.what_lacks(),
        coverage=found.covered(cover.share),
        fresh_to=cover.fresh_to,
        lacking=cover.lacking,
        provenance=found.provenance,
    )


def stated_twice(
    connection: Connection,
    catalogue: Catalogue,
    measures: Iterable[Measure],
    units: Sequence[str],
    period: Period,
) -> list[Cell]:
    """Return each of these measures of each unit that records and a report both count, in the order of `units`.

    The province's own code stands for every unit of it. Measures that name no reported count are passed over.
    """
    terms = [Term(measure=measure.code) for measure in measures]
    subjects = [subject_of(catalogue, code, period) for code in units]
    amounts = Amounts(connection, catalogue, period, subjects)
    amounts.fetch([Indicator(code="both", title="", unit="", value=(term,), basis="") for term in terms])
    pairs = [(term, stated) for term in terms if (stated := stated_for(catalogue, term)) is not None]
    members = dict.fromkeys(code for subject in subjects for code in subject.members)
    cells = (amounts.cell(term, stated, unit) for unit in members for term, stated in pairs)
    return [cell for cell in cells if cell.difference is not None]


class _Figure:
    """The arithmetic of one number."""

    def __init__(self, amounts: Amounts, indicator: Indicator, subject: Subject) -> None:
        self.value: Decimal | None = None
        self.numerator: Decimal | None = None
        self.denominator: Decimal | None = None
        self.printed: str | None = None
        self.reason: str | None = None
        self.provenance: Provenance | None = None
        self._amounts, self._indicator = amounts, indicator
        self._asked, self._subject = subject, amounts.comparable(indicator, subject)
        self._reports = amounts.reports(indicator, subject)
        last = amounts.period.end
        if last < indicator.valid_from or (indicator.valid_to is not None and last > indicator.valid_to):
            self.reason = "chỉ số không có hiệu lực trong kỳ này"
        elif subject.members and not self._subject.members:
            self.reason = amounts.why_not_comparable(indicator, subject)
        elif indicator.minimum is not None:
            self._take_shortest_term()
        elif indicator.value:
            self._print(self._sum(indicator.value))
        else:
            self._divide()

    def what_lacks(self) -> str | None:
        """Return how many units are not in a number that is known; None where none is lacking."""
        reports, amounts = self._reports, self._amounts
        if not reports or all(reports.values()):
            return None
        members, last = self._asked.members, amounts.period.end
        return words.partly_reported(
            reports, reported.without_source(amounts.catalogue, members, reports, last)
        )

    def covered(self, of_sources: Decimal | None) -> Decimal | None:
        """Return the number's coverage; `of_sources` is that by the sources of all its terms."""
        if self._reports is None:
            return of_sources
        if not self._reports:
            return None
        share = rounded(Decimal(sum(self._reports.values())) / len(self._reports), 4)
        only = all(term.reported is not None for term in self._indicator.terms())
        return share if only or of_sources is None else min(share, of_sources)

    def _sum(self, terms: Sequence[Term]) -> Decimal | None:
        total = Decimal(0)
        for term in terms:
            amount: Amount = self._amounts.amount(term, self._subject)
            if amount.value is None:
                self.reason = self.reason or amount.reason
                return None
            self.provenance = together((self.provenance, amount.provenance))
            total += -amount.value if term.minus else amount.value
        return total

    def _divide(self) -> None:
        self.numerator = self._sum(self._indicator.numerator)
        self.denominator = self._sum(self._indicator.denominator)
        if self.numerator is None or self.denominator is None:
            return
        if self.denominator == 0:
            title = words.denominator(self._amounts.catalogue, self._indicator)
            self.reason = f"mẫu số bằng 0 trong kỳ: {title}"
            return
        share = percent(self.numerator, self.denominator)
        self._print(share if self._indicator.unit == "%" else share / 100)

    def _print(self, value: Decimal | None) -> None:
        if value is None:
            return
        places = self._indicator.decimals
        self.value = rounded(value, places, self._indicator.rounding)
        self.printed = printed(self.value, places) + ("%" if self._indicator.unit == "%" else "")

    def _take_shortest_term(self) -> None:
        row = self._amounts.shortest(self._subject)
        if row is None:
            self.reason = self._amounts.why_no_shortest(self._subject)
            return
        self.value = row.term_value
        self.provenance = "records"
        self.printed = f"{printed(row.term_value)} {words.TERM_UNITS[row.term_unit]}"
