"""Open a cell of a form: its column's formula, what it must agree with, and the dossiers that are counted in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, text

from cchc.catalogue import indicators as defined
from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.indicators import as_of, listing
from cchc.indicators.compute import IndicatorValue, subject_of
from cchc.indicators.explanation import Explanation, SourceVersion, Term
from cchc.indicators.listing import Codes, Record
from cchc.indicators.numbers import printed
from cchc.indicators.periods import Period
from cchc.indicators.sql import query
from cchc.publishing.forms import wording
from cchc.publishing.forms.fields import Fields, by_field
from cchc.publishing.forms.layouts import Column, FormTerm, Layout
from cchc.publishing.forms.rows import Builder, Form, FormRow, count


def explain(
    engine: Engine,
    catalogue: Catalogue,
    layout: Layout,
    column_code: str,
    unit_code: str,
    period: Period,
    *,
    level: str | None = None,
    field: str | None = None,
    day: date | None = None,
    known_on: date | None = None,
    pseudonym_key: str | None = None,
) -> Explanation:
    """Return what stands behind a cell: the number of the records it yields is the cell's number.

    The row is the total, that of a `level`, or that of a `field` in it (its code, or its title as printed). `day`,
    `known_on` and `pseudonym_key` as of `cchc.indicators.explain.explain`. Raises `ConfigurationError` for a
    column, level, field or unit that is not in the form, `ReconciliationError` as the form itself does.
    """
    layout.check(catalogue)
    columns = {c.code: c for c in layout.columns}
    if column_code not in columns:
        raise ConfigurationError(
            f"form {layout.code} has no column {column_code}; there are: {', '.join(columns)}"
        )
    column = columns[column_code]
    subject = subject_of(catalogue, unit_code, period)
    connect = partial(as_of.connect, engine, known_on, subject.members)
    with connect() as connection:
        builder = Builder(connection, catalogue, layout, unit_code, period, day)
        form = builder.form()
        row = _row(form, level, field)
        cell = _Cell(connect, catalogue, layout, column, form, row, tuple(builder.delivered), builder.fields)
        units = [u for u in subject.members if row.level in ("total", catalogue.unit(u).group)]
        cover = builder.coverage(units)
        versions = connection.execute(
            query("versions"), {"sources": [s.code for s in builder.sources_of(units)]}
        )
        value = row.values[column.code]
        return Explanation(
            title=f"{layout.number}, cột {cell.name}, dòng “{row.title}”",
            unit_code=unit_code,
            period=period,
            figure=IndicatorValue(
                unit_code=unit_code,
                set_code=layout.code,
                indicator_code=column.code,
                period=period,
                value=None if value is None else Decimal(value),
                numerator=None,
                denominator=None,
                printed=None if value is None else printed(Decimal(value)),
                reason=row.reasons.get(column.code),
                coverage=cover.share,
                fresh_to=cover.fresh_to,
                lacking=cover.lacking,
                provenance=None if value is None else "records",
            ),
            formula=wording.formula(catalogue, layout, column),
            rounding="",
            basis=", ".join(part for part in (layout.number, layout.basis) if part),
            versions=tuple(SourceVersion(*version) for version in versions),
            terms=tuple(cell.terms(connection, builder)),
            opened=cell,
            codes=Codes(subject.whole, pseudonym_key),
            notes=tuple(cell.identities()),
            as_of=known_on,
        )


def _row(form: Form, level: str | None, field: str | None) -> FormRow:
    """Return the row that is asked for; where the form has one level, a field needs none named."""
    levels = [r.level for r in form.rows if r.kind == "level"]
    if level is not None and level not in levels:
        raise ConfigurationError(
            f"the form of {form.unit_code} has no level {level}; there are: {', '.join(levels)}"
        )
    if field is None:
        return next(r for r in form.rows if r.level == (level or "total") and r.kind != "field")
    if level is None and len(levels) > 1:
        raise ConfigurationError(f"field {field} can be in several levels: name one of {', '.join(levels)}")
    fields = [r for r in form.rows if r.kind == "field" and level in (None, r.level)]
    for row in fields:
        if field in (row.field_code, row.title):
            return row
    there = ", ".join(f"“{r.field_code or r.title}”" for r in fields) or "none"
    raise ConfigurationError(f"the form of {form.unit_code} has no row of field {field}; there are: {there}")


@dataclass(frozen=True)
class _Cell:
    """One column of one row."""

    connect: Callable[[], AbstractContextManager[Connection]]
    catalogue: Catalogue
    layout: Layout
    column: Column
    form: Form
    row: FormRow
    delivered: tuple[str, ...]
    fields: Fields

    @property
    def name(self) -> str:
        """The column as people know it: `(8) Số hồ sơ đã giải quyết – Trước hạn`."""
        return f"{wording.number(self.column.code)} {' – '.join(self.column.heads)}"

    def _form_terms(self) -> tuple[FormTerm, ...]:
        return wording.form_terms(self.layout, self.column)

    def _title(self, term: FormTerm) -> str:
        return wording.title(self.catalogue, term)

    def identities(self) -> Iterator[str]:
        """Yield what the cell must agree with in its row, with the numbers."""
        for identity in self.layout.identities:
            codes = (*identity.left, *identity.right)
            if self.column.code not in codes or any(self.row.values[code] is None for code in codes):
                continue
            names, values = (
                " = ".join(
                    " + ".join(shown(code) for code in side) for side in (identity.left, identity.right)
                )
                for shown in (wording.number, lambda code: printed(Decimal(self.row.values[code] or 0)))
            )
            yield f"Đối chiếu trong dòng: {names}: {values}"

    def _levels(self) -> list[str]:
        """Return the levels whose units are in the number."""
        if self.row.values[self.column.code] is None:
            return []
        return [
            r.level
            for r in self.form.rows
            if r.kind == "level"
            and self.row.level in ("total", r.level)
            and self.column.code not in r.reasons
        ]

    def _asked(self, terms: Sequence[defined.Term]) -> dict[str, Any]:
        levels = self._levels()
        units = [code for code in self.delivered if self.catalogue.unit(code).group in levels]
        return {
            **listing.wanted(self.catalogue, terms, self.form.period, units),
            "last_day": self.form.period.end,
            **self.fields.asked(),
            "by_field": self.row.kind == "field",
            "field": self.row.field_code,
        }

    def terms(self, connection: Connection, builder: Builder) -> Iterator[Term]:
        """Yield the cell's number with its sources and procedures; where it is made of several terms, each of them."""
        value = self.row.values[self.column.code]
        form_terms = self._form_terms()
        if value is None:
            reason = self.row.reasons[self.column.code]
            yield Term("value", self.name, self.form.period, None, reason)
            return

        def opened(role: str, title: str, amount: int, terms: Sequence[defined.Term]) -> Term:
            statement = text(by_field(listing.breakdown("dossier", terms), "form_opened"))
            rows = connection.execute(statement, self._asked(terms))
            by_source, by_procedure = listing.split(rows)
            agrees = sum(by_source.values()) == amount
            return Term(role, title, self.form.period, Decimal(amount), None, by_source, by_procedure, agrees)

        yield opened("value", self.name, value, [wording.as_term(t) for t in form_terms])
        if len(form_terms) > 1:
            for term in form_terms:
                plain = term.model_copy(update={"minus": False})
                amount = sum(
                    count(plain, counted)
                    for level in self._levels()
                    for field, rows in builder.counts[level].items()
                    if self.row.kind != "field" or field == self.row.field_code
                    for counted in rows
                )
                role = "minus" if term.minus else "plus"
                yield opened(role, self._title(term), amount, [wording.as_term(plain)])

    def records(self, role: str | None) -> Iterator[tuple[DatasetName, Record]]:
        """Yield each dossier that the cell counts once: what a minus takes away again is not in it."""
        if role not in (None, "value"):
            return
        terms = [wording.as_term(term) for term in self._form_terms()]
        asked = self._asked(terms)
        if not asked["units"]:
            return
        statement = text(by_field(listing.records("dossier", terms), "form_opened"))
        with (
            self.connect() as connection,
            connection.execute(statement, asked, execution_options=listing.STREAMED) as rows,
        ):
            for row in rows:
                yield "dossier", listing.counted(row, self.name, value=row.value)
