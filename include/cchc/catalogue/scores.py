"""Score sets (Bộ chỉ số 766) as data: components, points, and how each rule version turns a share into points."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from cchc.catalogue.base import Code, Model
from cchc.catalogue.indicators import Indicator, IndicatorSet, Term
from cchc.errors import ConfigurationError


class Outcome(Model):
    """What is printed where there is nothing to divide; None: not known."""

    ratio: Decimal | None = None  # percent
    score: Decimal | None = None


class Rule(Model):
    """How one version turns numerator over denominator into points."""

    full_at: Decimal | None = Field(default=None, gt=0, le=1)  # share that earns all points; None: the whole
    slope: Decimal | None = None  # points per whole share, where a version states it so
    quotient_first: bool = False  # in doubles: points × (n / d) instead of points × n / d
    percent_rounded_first: bool = False  # the share is rounded to 0.01 % before it earns points
    denominator: tuple[str, ...] = ()  # where the version divides by something else
    times: Code | None = None  # a metric whose share, at most the whole, the numerator is multiplied by
    zero: Outcome = Outcome()  # the denominator is 0
    absent: Outcome = Outcome()  # neither number is given

    @model_validator(mode="after")
    def _one_shape(self) -> Rule:
        if self.full_at is not None and self.slope is not None:
            raise ValueError("a rule has full_at or slope, not both")
        return self

    @property
    def factor_columns(self) -> tuple[str, ...]:
        """The two columns of the share that the numerator is multiplied by; none where it is not."""
        return (f"{self.times}.numerator", f"{self.times}.denominator") if self.times else ()


class Component(Model):
    """One line of a group."""

    code: Code
    title: str  # Vietnamese
    max: int = Field(ge=0)  # points; 0: shown for information
    confirmed: bool = True  # the points or the formula were read in an official text or in official answers
    levels: tuple[Literal["parent", "AGENCY", "COMMUNE"], ...] = ("parent", "AGENCY", "COMMUNE")
    numerator: tuple[str, ...] = ()  # columns that are added; empty in a group of metrics
    denominator: tuple[str, ...] = ()
    rules: dict[str, Rule]


class Group(Model):
    """Components that are read from one table and published together."""

    code: Code
    national_code: Code
    title: str
    max: int
    shape: Literal["columns", "metrics"]  # a row per unit, or a row per unit and metric
    score_column: str = "score"
    ratio_column: str = "ratio"
    max_column: str = "maxScore"
    components: tuple[Component, ...]

    @model_validator(mode="after")
    def _points_add_up(self) -> Group:
        total = sum(c.max for c in self.components)
        if total != self.max:
            raise ValueError(f"group {self.code}: components have {total} points, the group {self.max}")
        for component in self.components:
            if (self.shape == "columns") != bool(component.numerator and component.denominator):
                raise ValueError(f"component {component.code}: columns do not fit a group of {self.shape}")
        return self


class Version(Model):
    """A named set of rules and how its numbers are worked out."""

    arithmetic: Literal["exact", "double"]
    title: str


class Band(Model):
    """A class of results."""

    title: str  # Vietnamese: Xuất sắc
    least: Decimal = Field(ge=0, le=100)  # percent of the points that are open to a unit


class Bands(Model):
    """The classes of an index, the best first."""

    confirmed: bool  # names and bounds were read in an official text
    classes: tuple[Band, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order_down_to_nothing(self) -> Bands:
        bounds = [band.least for band in self.classes]
        if bounds != sorted(set(bounds), reverse=True) or bounds[-1] != 0:
            raise ValueError("bands stand from the best down to the one that begins at least: 0")
        return self

    def of(self, share: Decimal) -> Band:
        """Return the class of a share of points, in percent."""
        return next(band for band in self.classes if share >= band.least)


class ScoreSet(Model):
    """A whole index: groups, rule versions and the short names of its columns."""

    code: Code
    title: str
    basis: str
    versions: dict[str, Version]
    groups: tuple[Group, ...]
    names: dict[str, str] = Field(default_factory=dict)
    bands: Bands | None = None  # None: its results are not classed
    valid_from: date
    counts: dict[str, tuple[Term, ...]] = Field(
        default_factory=dict
    )  # column, or METRIC.numerator → our own measures

    @model_validator(mode="after")
    def _every_version_has_a_rule(self) -> ScoreSet:
        problems = list(self._missing())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _missing(self) -> Iterator[str]:
        columns = {"numerator", "denominator"}
        metrics = {c.code for g in self.groups if g.shape == "metrics" for c in g.components}
        for group in self.groups:
            for component in group.components:
                columns |= {*component.numerator, *component.denominator}
                columns |= {column for rule in component.rules.values() for column in rule.denominator}
                if set(component.rules) != set(self.versions):
                    yield f"component {component.code} has rules for {sorted(component.rules)}"
                for version, rule in component.rules.items():
                    if rule.times and rule.times not in metrics - {component.code}:
                        yield f"component {component.code}: rules: {version}: times: there is no metric {rule.times}"
        columns |= {
            f"{c.code}.{s}" for g in self.groups for c in g.components for s in ("numerator", "denominator")
        }
        for column in self.counts:
            if column not in columns:
                yield f"counts: no component reads {column}"
        for name, column in self.names.items():
            if column not in columns:
                yield f"name {name}: no component reads column {column}"

    def named(self, code: str) -> tuple[Group, Component]:
        """Return a component and its group; raises `KeyError` for a code that none has."""
        for group in self.groups:
            for component in group.components:
                if component.code == code:
                    return group, component
        raise KeyError(code)

    def own(self, group: Group, component: Component, version: str | None = None) -> Indicator | None:
        """Return a component's share as an indicator over our own measures; None where one of its counts has none.

        `version`: the rules whose denominator is meant; None: the written one.
        """
        above, below = component.numerator, component.denominator
        if group.shape == "metrics":
            above, below = (f"{component.code}.numerator",), (f"{component.code}.denominator",)
        elif version is not None:
            below = component.rules[version].denominator or below
        if not all(column in self.counts for column in (*above, *below)):
            return None
        return Indicator(
            code=component.code,
            title=component.title,
            unit="%",
            numerator=tuple(term for column in above for term in self.counts[column]),
            denominator=tuple(term for column in below for term in self.counts[column]),
            decimals=2,
            better="higher" if component.max else None,
            basis=f"{self.basis}, nhóm {group.title.lower()}",
            valid_from=self.valid_from,
        )

    def shares(self) -> IndicatorSet:
        """Return what our own measures can feed as an indicator set: counted, explained, ranked and closed like any."""
        found = (self.own(group, component) for group in self.groups for component in group.components)
        return IndicatorSet(code=self.code, title=self.title, indicators=tuple(i for i in found if i))

    def every_share(self) -> Iterator[Indicator]:
        """Yield the shares of every rule version; those that differ in nothing come again."""
        for group in self.groups:
            for component in group.components:
                for version in self.versions:
                    if share := self.own(group, component, version):
                        yield share

    def group(self, code: str) -> Group:
        """Return a group by its code or its national code; raises `ConfigurationError` naming those there are."""
        for group in self.groups:
            if code in (group.code, group.national_code):
                return group
        there = ", ".join(g.code for g in self.groups)
        raise ConfigurationError(f"{self.code} has no group {code!r}; there are: {there}")
