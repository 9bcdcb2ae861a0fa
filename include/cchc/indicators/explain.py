"""Open a number: its formula, its terms, the sources and procedures they come from, down to the records.

What is shown is read from core, not from the marts: if the two ever differ, `Term.agrees` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from cchc.catalogue import indicators as defined
from cchc.catalogue.base import DatasetName
from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.indicators import amounts, as_of, compute, delivered, listing, words
from cchc.indicators.amounts import Amounts, Subject
from cchc.indicators.explanation import (
    RECORD_COLUMNS,
    ROW_COLUMNS,
    Explanation,
    SourceVersion,
    Term,
)
from cchc.indicators.listing import Codes, Record
from cchc.indicators.periods import Period
from cchc.indicators.reported import ReportedRow, read
from cchc.indicators.sql import query
from cchc.indicators.sums import term_period

__all__ = ["RECORD_COLUMNS", "ROW_COLUMNS", "Explanation", "Record", "Term", "explain", "find"]


def explain(
    engine: Engine,
    catalogue: Catalogue,
    indicator_code: str,
    unit_code: str,
    period: Period,
    *,
    set_code: str | None = None,
    day: date | None = None,
    known_on: date | None = None,
    pseudonym_key: str | None = None,
) -> Explanation:
    """Return what stands behind an indicator of a unit for a period.

    `set_code` is needed only where two sets define a code differently. `known_on`: by what was known at the end of
    that day (default: now). `pseudonym_key`: see `listing.Codes`. Raises `ConfigurationError` for a code or unit
    nobody has, or for a day of which it is not on record what was known.
    """
    found_set, indicator = find(catalogue, indicator_code, set_code)
    subject = compute.subject_of(catalogue, unit_code, period)
    connect = partial(as_of.connect, engine, known_on, subject.members)
    with connect() as connection:
        known = Amounts(connection, catalogue, period, [subject])
        known.fetch([indicator])
        through = day or delivered.reporting_day(connection, period)
        alike = known.comparable(indicator, subject)
        # of a share that has no unit to compare, each side by itself is shown all the same
        opened = _Open(connect, known, indicator, alike if alike.members else subject)
        counted = [term for term in indicator.terms() if term.reported is None]
        sources = {
            source.code: None
            for term in (counted if subject.whole else indicator.terms())
            for source in known.sources.of(subject.members, known.need(term))
        }
        versions = connection.execute(query("versions"), {"sources": list(sources)})
        reports = known.reports(indicator, subject) or {}
        missing = [code for code, states in reports.items() if not states]
        return Explanation(
            title=indicator.title,
            unit_code=unit_code,
            period=known.period,
            figure=compute.value_of(known, found_set, indicator, subject, through),
            formula=words.formula(catalogue, indicator),
            rounding=words.rounding(indicator),
            basis=indicator.basis,
            versions=tuple(SourceVersion(*row) for row in versions),
            terms=tuple(opened.terms()),
            opened=opened,
            notes=(f"{words.partly_reported(reports)}: {', '.join(missing)}",) if missing else (),
            codes=Codes(subject.whole and bool(counted), pseudonym_key),
            as_of=known_on,
            rules=words.rules(indicator),
            own_rule=words.own_rule(catalogue, indicator),
        )


def find(catalogue: Catalogue, indicator_code: str, set_code: str | None = None) -> tuple[str, Indicator]:
    """Return the set and the indicator of that code; raises `ConfigurationError` naming the codes there are."""
    asked = (
        list(catalogue.indicator_sets.values()) if set_code is None else [catalogue.indicator_set(set_code)]
    )
    found = [(s.code, i) for s in asked for i in s.indicators if i.code == indicator_code]
    if not found:
        there = ", ".join(sorted({i.code for s in catalogue.indicator_sets.values() for i in s.indicators}))
        raise ConfigurationError(f"there is no indicator {indicator_code}; there are: {there}")
    if len({_shape(i) for _, i in found}) > 1:
        sets = ", ".join(code for code, _ in found)
        raise ConfigurationError(f"indicator {indicator_code} differs between {sets}: name the set")
    return found[0]


def _shape(indicator: Indicator) -> str:
    kept = {"value", "numerator", "denominator", "minimum", "decimals", "rounding"}
    return indicator.model_dump_json(include=kept)


@dataclass(frozen=True)
class _Open:
    """The terms of an indicator, and their records on demand."""

    connect: Callable[[], AbstractContextManager[Connection]]
    known: Amounts
    indicator: Indicator
    subject: Subject
    _splits: dict[str, tuple[dict[str, Decimal], dict[str, Decimal]]] = field(default_factory=dict)

    def _roles(self) -> Iterator[tuple[str, defined.Term]]:
        for role, terms in (
            ("value", self.indicator.value),
            ("numerator", self.indicator.numerator),
            ("denominator", self.indicator.denominator),
        ):
            for term in terms:
                yield role, term

    def terms(self) -> Iterator[Term]:
        """Yield each term with its value and breakdown."""
        for role, term in self._roles():
            amount = self.known.amount(term, self.subject)
            period = term_period(term, self.known.period)
            title = words.term(self.known.catalogue, term)
            role = _shown(role, term)
            if term.reported is not None and self.subject.whole:
                answers = self.known.stated_by(term, self.subject)
                by_unit = {code: answer.value or Decimal(0) for code, answer in answers.items()}
                yield Term(role, title, period, amount.value, amount.reason, by_unit=by_unit)
            elif term.reported is not None:
                by_source = _stated(self.known.reported(term, self.subject.code).rows, term.part)
                yield Term(role, title, period, amount.value, amount.reason, by_source)
            else:
                yield self._measured(role, title, period, term, amount)
        if self.indicator.minimum is not None:
            shortest = self.known.shortest(self.subject)
            title = words.formula(self.known.catalogue, self.indicator)
            if shortest is None:
                reason = self.known.why_no_shortest(self.subject)
                yield Term("minimum", title, self.known.period, None, reason)
            else:
                value = shortest.term_value
                yield Term(
                    "minimum",
                    title,
                    self.known.period,
                    value,
                    None,
                    {shortest.source_code: value},
                    {shortest.procedure_code: value},
                )

    def _measured(
        self, role: str, title: str, period: Period, term: defined.Term, amount: amounts.Amount
    ) -> Term:
        units, reported = self.known.served(term, self.subject)
        by_source, by_procedure = map(dict, self._split(term, units))
        for code, value in _stated(reported, "value").items():
            by_source[code] = by_source.get(code, Decimal(0)) + value
        total = sum(by_source.values(), Decimal(0))
        if term.aggregate == "procedures":
            total = Decimal(sum(1 for value in by_procedure.values() if value > 0))
        by_procedure.pop("", None)  # documents belong to no procedure
        agrees = total == (amount.value or 0)
        return Term(role, title, period, amount.value, amount.reason, by_source, by_procedure, agrees)

    def _split(
        self, term: defined.Term, units: Sequence[str]
    ) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        """Return a term's records summed by source and by procedure; one that stands above and below is read once."""
        key = term.model_dump_json(exclude={"minus"})
        if key not in self._splits:
            statement = text(listing.breakdown(self._dataset(term), [term]))
            rows = self.known.connection.execute(statement, self._where(term, units))
            self._splits[key] = listing.split(rows)
        return self._splits[key]

    def _dataset(self, term: defined.Term) -> DatasetName:
        return self.known.catalogue.measures[term.measure or ""].dataset

    def _where(self, term: defined.Term, units: Sequence[str]) -> dict[str, Any]:
        plain = term.model_copy(update={"minus": False})  # its records are listed as its own
        return listing.wanted(self.known.catalogue, [plain], self.known.period, units)

    def records(self, role: str | None) -> Iterator[tuple[DatasetName, Record]]:
        """Yield the records of every term of a role, or of all."""
        for own, term in self._roles():
            if role not in (None, own, _shown(own, term)):
                continue
            title = words.term(self.known.catalogue, term)
            as_role = _shown(own, term)
            if term.reported is None:
                dataset = self._dataset(term)
                units, reported = self.known.served(term, self.subject)
                yield from ((dataset, found) for found in self._measured_records(term, title, as_role, units))
                for row in reported:
                    yield "reported_measure", _reported_record(row, title, as_role, "value")
            elif self.known.amount(term, self.subject).value is not None:
                for answer in self.known.stated_by(term, self.subject).values():
                    for row in answer.rows:
                        yield "reported_measure", _reported_record(row, title, as_role, term.part)
        shortest = self.known.shortest(self.subject) if self.indicator.minimum else None
        if shortest is not None and role in (None, "minimum"):
            title = words.formula(self.known.catalogue, self.indicator)
            yield "procedure", _shortest_record(shortest, title)

    def _measured_records(
        self, term: defined.Term, title: str, role: str, units: Sequence[str]
    ) -> Iterator[Record]:
        statement = text(listing.records(self._dataset(term), [term]))
        with (
            self.connect() as connection,
            connection.execute(
                statement, self._where(term, units), execution_options=listing.STREAMED
            ) as rows,
        ):
            if term.aggregate == "procedures":
                for _, group in groupby(rows, key=lambda row: row.procedure_code):
                    yield listing.counted(next(group), title, role)
            else:
                for row in rows:
                    yield listing.counted(row, title, role)


def _shown(role: str, term: defined.Term) -> str:
    """Return the role under which a term is shown: what is taken away says so."""
    return f"{role}_minus" if term.minus else role


def _stated(rows: Iterable[ReportedRow], part: str) -> dict[str, Decimal]:
    """Return what each source states."""
    by_source: dict[str, Decimal] = {}
    for row in rows:
        stated = read(row, part) or Decimal(0)
        by_source[row.source_code] = by_source.get(row.source_code, Decimal(0)) + stated
    return by_source


def _reported_record(row: ReportedRow, title: str, role: str, part: str) -> Record:
    return listing.record(
        row,
        title,
        role=role,
        record_code=row.measure_code,
        procedure_code="",
        day=row.period_to,
        dates={"from": row.period_from.isoformat(), "to": row.period_to.isoformat()},
        value=read(row, part),
        evidence=row.evidence,
    )


def _shortest_record(row: Row[Any], title: str) -> Record:
    return listing.record(
        row,
        title,
        role="minimum",
        record_code=f"{row.procedure_code} {row.valid_from}",
        procedure_code=row.procedure_code,
        day=row.valid_from,
        dates={"valid_from": row.valid_from.isoformat()},
        value=row.term_value,
    )
