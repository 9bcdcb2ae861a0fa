"""Measures and the indicators over them, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Literal

from pydantic import Field, model_validator

from cchc.catalogue.base import Code, DatasetName, Model, OnTimeRule


class Measure(Model):
    """An additive day-grain count (flow), or a running balance of one (stock: the sum of all days so far)."""

    code: Code
    title: str  # Vietnamese
    unit: str  # Vietnamese: hồ sơ, văn bản, thủ tục
    dataset: DatasetName
    kind: Literal["flow", "stock"] = "flow"
    needs: tuple[str, ...] = ()  # fields of a record that must be stated, or silence would mean no
    by_rule: bool = False  # depends on the on-time rule, so a term may ask for one of its own
    reported: Code | None = None  # what units state of the same: records or report serve a number, never both
    prefer: Literal["records", "reported"] = "records"  # which serves where both are complete

    @model_validator(mode="after")
    def _is_stated_as_a_count(self) -> Measure:
        if self.reported is not None and self.kind == "stock":
            raise ValueError(f"measure {self.code} is a stock: reported counts do not add up to a balance")
        if self.reported is None and self.prefer == "reported":
            raise ValueError(f"measure {self.code} prefers reports and names none: add reported: <code>")
        return self


class Term(Model):
    """One number an indicator is made of."""

    measure: Code | None = None  # from records (mart.measure_day) …
    reported: Code | None = None  # … or stated by the unit (core.reported_measure)
    where: dict[Literal["intake", "channel", "online_level"], str] = Field(default_factory=dict)
    rule: OnTimeRule | None = None  # counted under this on-time rule instead of the source's own
    needs_result: bool | None = (
        None  # only procedures that end with a written result, or only those that do not
    )
    at: Literal["end", "start"] = "end"  # of a stock: its balance at the period's end, or at its beginning
    minus: bool = False  # taken away instead of added
    aggregate: Literal["sum", "procedures"] = "sum"  # procedures: how many procedures have a count above 0
    among: Code | None = None  # a stock of procedures: only those that are in it at the end count
    part: Literal["value", "numerator", "denominator", "ratio"] = "value"  # of a reported row
    kind: Literal["flow", "stock"] = (
        "flow"  # of a reported one: rows that tile a period add up, or the newest is it
    )
    period: str | None = None  # a fixed period instead of the asked one (a figure about an earlier year)

    @model_validator(mode="after")
    def _one_provenance(self) -> Term:
        if (self.measure is None) == (self.reported is None):
            raise ValueError("a term has either a measure or a reported measure")
        if self.measure is None and (self.rule or self.needs_result is not None or self.at != "end"):
            raise ValueError("rule, needs_result and at are of measures, not of reported ones")
        if self.measure is not None and self.kind != "flow":
            raise ValueError(
                f"whether {self.measure} is a stock says measures.yaml: kind is of reported ones"
            )
        return self

    @property
    def counted_as(self) -> str:
        """The code under which the marts count it."""
        return f"{self.measure}@{self.rule}" if self.rule else self.measure or ""


class Indicator(Model):
    """A count or a ratio over measures, with its rounding and its legal basis."""

    code: Code
    title: str  # Vietnamese
    unit: str  # Vietnamese, or %
    value: tuple[Term, ...] = ()  # a count: the sum of its terms
    numerator: tuple[Term, ...] = ()
    denominator: tuple[Term, ...] = ()
    minimum: Literal["procedure_term"] | None = None  # the shortest term among procedures valid at the end
    decimals: int = Field(default=0, ge=0)
    rounding: Literal["half_up", "half_even"] = "half_up"
    when_denominator_zero: Literal["null"] = "null"
    better: Literal["higher", "lower"] | None = None  # what a ranking puts first; None: it is not ranked
    basis: str  # decree, article, or system the formula comes from
    valid_from: date = date(2000, 1, 1)
    valid_to: date | None = None

    @model_validator(mode="after")
    def _is_a_count_or_a_ratio(self) -> Indicator:
        shapes = [bool(self.value), bool(self.numerator or self.denominator), self.minimum is not None]
        if sum(shapes) != 1 or bool(self.numerator) != bool(self.denominator):
            raise ValueError(
                f"indicator {self.code} is either a value, a numerator over a denominator, or a minimum"
            )
        return self

    def terms(self) -> tuple[Term, ...]:
        """Return everything it is made of."""
        return (*self.value, *self.numerator, *self.denominator)

    def counted_twice(self, measures: Mapping[str, Measure]) -> Iterator[str]:
        """Yield a sentence for each two terms of a sum that are the same count: a measure and its reported one.

        A measure with `reported` is already served by the report where records lack; the report as a term of its own
        would be counted twice. Taking one from the other, or dividing one by the other, is no sum.
        """
        for name in ("value", "numerator", "denominator"):
            terms: tuple[Term, ...] = getattr(self, name)
            for term, stated in product(terms, terms):
                measure = measures.get(term.measure or "")
                if measure is None or measure.reported is None or measure.reported != stated.reported:
                    continue
                if (term.minus, term.period) == (stated.minus, stated.period):
                    yield (
                        f"indicator {self.code}: {name}: measure {term.measure} and reported {stated.reported} are "
                        "the same count and are added: keep one, or take one from the other with minus: true"
                    )


class IndicatorSet(Model):
    """A named list of indicators in the order people read them."""

    code: Code
    title: str
    rank_from_coverage: Decimal = Field(
        default=Decimal(1), ge=0, le=1
    )  # less of its sources: shown, not ranked
    indicators: tuple[Indicator, ...]
