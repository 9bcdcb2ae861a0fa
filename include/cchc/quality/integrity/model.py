"""The tests as data, and what comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from cchc.catalogue.base import Model
from cchc.catalogue.calendar import ZONE
from cchc.catalogue.files import parsed

_HERE = Path(__file__).parent

Verdict = Literal["asked", "quiet", "not_judged"]
State = Literal["open", "answered", "withdrawn"]
#: What an officer calls the state of a question (Vietnamese).
STATES: dict[State, str] = {"open": "chờ trả lời", "answered": "đã trả lời", "withdrawn": "đã rút"}


class Number(Model):
    """A number a test depends on, and why it is that."""

    value: float = Field(ge=0)
    reason: str = Field(min_length=1)  # Vietnamese


class Parameter(Model):
    """What the statement of a test reads, and why it is that."""

    value: int | float | str
    reason: str = Field(min_length=1)  # Vietnamese


class Judging(Model):
    """What all tests are judged by."""

    month_ends_on: Parameter  # the last day of a month of reports
    false_questions: Number  # Benjamini-Hochberg level over all tests and units of a night
    least_peers: Number  # units of the group, with data, besides the one that is judged
    least_of_peers: Number  # records those have together
    least_marked: Number  # records of the unit that show the pattern
    settles_in: Number  # days after its end that a span is still judged again
    clamped: Number  # share of the peers, at either end, that is drawn in when their spread is estimated
    allowance: Number  # by what the estimated spread is multiplied
    growth: Number  # by how much of itself an answered size must grow to be asked about again


class Test(Model):
    """One pattern.

    `statistic` says what the statement counts and how it is judged: a `share` of a unit's records against the share of
    its peers; `burst`, the same, where the pattern is only there on a day that is busier than the unit's other days;
    `all`, where it is only there when nothing is missing; a `difference` of two numbers that must be one, which no
    chance explains.
    """

    __test__ = False  # no test of the test suite

    code: str = Field(pattern=r"^[a-z][a-z_]{2,40}$")
    title: str
    statistic: Literal["share", "burst", "all", "difference"]
    counted: str  # Vietnamese: the numerator, of what
    moment: str = "Kết thúc"  # Vietnamese: what happened at the moment that a dossier is asked about
    question: str  # Vietnamese, with {placeholders}
    innocent: tuple[str, ...] = Field(min_length=1)  # Vietnamese: what else may explain it
    parameters: dict[str, Parameter]
    peers: Literal["unit_group"] = "unit_group"  # the other units of the group, pooled
    whole_span: bool = False  # says nothing before the span is over
    least: int = Field(ge=0)  # records a unit must have to be judged
    least_ratio: float = Field(default=1, ge=1)  # a smaller share, in shares of the peers, is not asked about
    least_excess: float = Field(default=0, ge=0, lt=1)  # nor one that is above theirs by less
    origin: str  # where the idea comes from


class Tests(Model):
    """The content of `tests.yaml`."""

    __test__ = False

    judging: Judging
    tests: tuple[Test, ...]

    @model_validator(mode="after")
    def _once(self) -> Tests:
        if len({test.code for test in self.tests}) != len(self.tests):
            raise ValueError("tests.yaml: a code stands twice")
        return self

    def of(self, code: str) -> Test | None:
        """Return the test of that code; none where there is none (any more)."""
        return next((test for test in self.tests if test.code == code), None)

    def values(self, test: Test) -> dict[str, int | float | str]:
        """Return what the test's statement and sentence read, by name."""
        own = {name: parameter.value for name, parameter in test.parameters.items()}
        return {"month_ends_on": self.judging.month_ends_on.value, **own}


@cache
def tests() -> Tests:
    """Return the tests as they are shipped."""
    return Tests.model_validate(parsed(_HERE / "tests.yaml"))


def test_of(code: str) -> Test | None:
    """Return the test of that code; none where there is none any more."""
    return tests().of(code)


@dataclass(frozen=True)
class Span:
    """A month of reports, `first` to `last` inclusive, counted up to `until`."""

    first: date
    last: date
    until: date

    @property
    def starts(self) -> datetime:
        """When its first day begins."""
        return datetime.combine(self.first, datetime.min.time(), ZONE)

    @property
    def ends(self) -> datetime:
        """When the day after the last counted one begins."""
        return datetime.combine(self.until + timedelta(days=1), datetime.min.time(), ZONE)

    @property
    def is_over(self) -> bool:
        """Whether all its days are counted."""
        return self.until == self.last

    def up_to(self, day: date | None) -> Span:
        """Return it counted up to that day where that is later."""
        return self if day is None else replace(self, until=min(max(self.until, day), self.last))


def span_of(day: date) -> Span:
    """Return the month of reports a day falls in, counted up to that day (NĐ 09/2019/NĐ-CP, Điều 12)."""
    closing = int(tests().judging.month_ends_on.value)
    this = day.replace(day=closing)
    if day > this:
        first = this + timedelta(days=1)
        return Span(first, (first + timedelta(days=31)).replace(day=closing), day)
    before = (this.replace(day=1) - timedelta(days=1)).replace(day=closing)
    return Span(before + timedelta(days=1), this, day)


def spans_of(day: date) -> list[Span]:
    """Return what is to be judged on a day: its month of reports, after the one before while its data still arrives."""
    this = span_of(day)
    before = span_of(this.first - timedelta(days=1))
    return [before, this] if (day - before.last).days <= tests().judging.settles_in.value else [this]


class Figures(Model):
    """What a unit is judged by: `n` of `d` against its peers' `peers_n` of `peers_d`.

    Of a difference: `n` is stated at the start, `d` at the end before, and the peers are counted, not their records.
    """

    n: int
    d: int
    peers: int = 0  # how many peers have data
    peers_n: int = 0
    peers_d: int = 0
    tail: float | None = (
        None  # how likely as much or more is of a unit like its peers, with the spread they have
    )
    recomputed: int | None = None  # what our records say, of a difference

    @property
    def share(self) -> float:
        """The unit's share, from 0 to 1."""
        return self.n / self.d if self.d else 0.0

    @property
    def peers_share(self) -> float:
        """The share of the peers together, from 0 to 1."""
        return self.peers_n / self.peers_d if self.peers_d else 0.0

    @property
    def ratio(self) -> float | None:
        """How many times the peers' share the unit's is; none where theirs is zero."""
        return self.share / self.peers_share if self.peers_n else None


@dataclass(frozen=True)
class Judgement:
    """What came of one test for one unit; `reason` (Vietnamese) where it could not be judged."""

    unit_code: str
    test_code: str
    verdict: Verdict
    reason: str | None
    figures: Figures | None


@dataclass(frozen=True)
class Question:
    """A question to a unit, and its answer where it has one."""

    question_id: int
    unit_code: str
    test_code: str
    span: Span
    sentence: str
    figures: Figures
    state: State
    asked_at: datetime
    answered_by: str | None
    answer: str | None
    answered_at: datetime | None

    @property
    def may_be(self) -> tuple[str, ...]:
        """What may explain it (Vietnamese)."""
        test = tests().of(self.test_code)
        return test.innocent if test else ()

    def row(self) -> Mapping[str, object]:
        """Return it as a person reads it."""
        span = {"first": self.span.first, "last": self.span.last, "reporting_day": self.span.until}
        figures = {**self.figures.model_dump(), "ratio": self.figures.ratio}
        return {**self.__dict__, **span, **figures, "may_be": list(self.may_be)}
