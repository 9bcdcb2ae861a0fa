"""What a report says, as data: `reports/unit.yaml`, `reports/periodic.yaml` and `reports/phrases.yaml` of a catalogue.

A sentence is Jinja text over figures. What is known is said, what is zero may have words of its own, what is missing
is said to be missing with its reason; nothing else is ever put in a number's place.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from cchc.catalogue.base import Code, Model
from cchc.catalogue.files import read
from cchc.errors import ConfigurationError

Group = Literal["department", "commune"]
_KINDS = ("rank", "units", "lacking", "unreported")


class Rank(Model):
    """The units of a group in the order of an indicator."""

    of: str  # an indicator: `on-time-share`, or with its set `province-core/on-time-share`
    group: Group
    first: int = Field(default=3, ge=1)
    last: int = Field(default=3, ge=0)


class Units(Model):
    """The units whose number is below or above a bound, the farthest from it first."""

    of: str
    groups: tuple[Group, ...] = ("department", "commune")
    under: Decimal | None = None
    over: Decimal | None = None
    most: int = Field(default=8, ge=1)  # that are named; of the others how many

    @model_validator(mode="after")
    def _one_bound(self) -> Units:
        if (self.under is None) == (self.over is None):
            raise ValueError("either under or over is needed")
        return self


class Lacking(Model):
    """The units of which not every expected source is in the numbers of a set, or that state no number of it."""

    set: Code
    groups: tuple[Group, ...] = ("department", "commune")
    most: int = Field(default=8, ge=1)


class Sentence(Model):
    """One sentence and what it says in which case."""

    about: tuple[str, ...] = ()  # indicators; in the text `received-one-stop` is `received_one_stop`
    say: str  # where all of them are known, and, of a list of units, where there is one
    zero: str | None = None  # instead, where the first of them is zero
    missing: str | None = None  # instead of the common words, where one of them is not known
    compare: bool = False  # say how the first of them changed against the period before, where that is known
    when: str | None = None  # a condition; where it does not hold nothing is said
    none: str | None = None  # instead, where no unit is in the list
    rank: Rank | None = None
    units: Units | None = None
    lacking: Lacking | None = None
    unreported: Lacking | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Sentence:
        if sum(getattr(self, kind) is not None for kind in _KINDS) > 1:
            raise ValueError(f"a sentence has one of {', '.join(_KINDS)}")
        if (self.zero or self.compare or self.missing) and not self.about:
            raise ValueError("zero, missing and compare are of the indicators in about")
        return self


class Table(Model):
    """Figures beside those of the period before."""

    title: str
    about: tuple[str, ...] = ()
    points: str | None = None  # an index under a rule version: its groups and its sum: `qd766-portal-2026`

    @model_validator(mode="after")
    def _has_rows(self) -> Table:
        if bool(self.about) == bool(self.points):
            raise ValueError("a table has about or points")
        return self


class Findings(Model):
    """What inspections found, from the register of inspections, as of the period's last day: a paragraph for each."""

    kinds: tuple[Literal["finding", "recommendation", "commendation"], ...]
    states: tuple[Literal["open", "overdue", "done", "noted"], ...] = ("open", "overdue", "done", "noted")
    during: bool = False  # only of inspections within the period
    most: int = Field(default=15, ge=0)  # that are told one by one
    by: str | None = None  # before those of one inspection: {{ inspector }}, {{ inspected }}
    say: str  # before them: {{ count }}, {{ open }}, {{ overdue }}, {{ done }}
    item: str
    others: str  # where there are more than `most`: {{ count }}
    none: str  # where there is none
    missing: str  # instead of `say`, where a register of inspections has not delivered; {{ partly }}: another one has


class Block(Model):
    """A paragraph, a table, or what inspections found."""

    sentences: tuple[Sentence, ...] = ()
    table: Table | None = None
    findings: Findings | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Block:
        if bool(self.sentences) + (self.table is not None) + (self.findings is not None) != 1:
            raise ValueError("a block has sentences, a table or findings")
        return self


class Part(Model):
    """A numbered part."""

    title: str
    when: str | None = None  # a condition; where it does not hold the part is left out: `'cong-vu' in sets`
    blocks: tuple[Block, ...]


class Head(Model):
    """What stands around the text by Nghị định 30/2020/NĐ-CP, before the office edits it."""

    parent: str  # cơ quan chủ quản; empty: none
    agency: str  # in capitals
    issuer: str  # the same inside a sentence
    notation: str  # after the number: BC-SNV
    place: str
    kind: str  # tên loại
    subject: str  # trích yếu
    to: str = ""  # Kính gửi; empty: none
    recipients: tuple[str, ...]
    signer: tuple[str, ...]  # quyền hạn, chức vụ: a line each
    notations: dict[str, str] = Field(default_factory=dict)  # unit code → its short name in notations


class Report(Model):
    """One report."""

    head: Head
    numbering: Literal["roman", "arabic"]
    indicator_set: Code | None = (
        None  # where indicators without a set are looked for first; None: the publication's
    )
    names: dict[str, str] = Field(
        default_factory=dict
    )  # indicator (of `indicator_set`, or set/code) → what it is called here, where not by its title
    compare_from: Decimal = Field(
        default=Decimal(1), ge=0, le=1
    )  # coverage that two figures need to be compared
    opening: str
    closing: str
    parts: tuple[Part, ...]


class Phrases(Model):
    """What all reports say in the same words."""

    missing: str
    several: str  # `missing` of several figures for one reason
    known: str  # a figure by itself, beside one that is missing
    up: str
    down: str
    same: str
    by: str
    by_points: str  # of a percentage
    place: str
    tied: str
    item: str
    covered: str
    others: str
    source: str
    partial_zero: (
        str  # nothing counted, and not all sources are in it: {{ what }}, {{ figure }}, {{ covered }}
    )
    partly: (
        str  # of figures that not all units have reported: {{ sentence }} without its point, {{ covered }}
    )
    no_figure: str  # in a table's cell
    partial_figure: str  # a zero of not all sources, in a table's cell: {{ figure }}, {{ covered }}
    reasons: dict[str, str] = Field(
        default_factory=dict
    )  # a reason (regular expression, whole) → its short form; \1 is what its first group found

    @model_validator(mode="after")
    def _reasons_are_expressions(self) -> Phrases:
        for pattern in self.reasons:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"reasons: {pattern!r} is no regular expression: {error}") from None
        return self

    def short(self, reason: str) -> str:
        """Return a reason as the text says it; the appendix has the whole of it."""
        for pattern, said in self.reasons.items():
            if found := re.fullmatch(pattern, reason):
                return found.expand(said)
        return reason


@cache
def report(directory: Path, code: str) -> Report:
    """Return a report of the province's catalogue, or the shipped one; raises `ConfigurationError`."""
    return read(directory, f"reports/{code}.yaml", f"report {code}", Report)[0]


@cache
def phrases(directory: Path) -> Phrases:
    """Return the province's phrases, or the shipped ones; raises `ConfigurationError`."""
    return read(directory, "reports/phrases.yaml", "phrases of reports", Phrases)[0]


def wrong(code: str, why: str) -> ConfigurationError:
    """Return the error of a text that cannot be filled in."""
    return ConfigurationError(f"reports/{code}.yaml: {why}")
