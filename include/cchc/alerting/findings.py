"""What went wrong in one night, read from the ledger and the quarantine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine

from cchc.alerting import reasons, refused, review, words
from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.quality import deliveries
from cchc.quality.deliveries import Held
from cchc.warehouse.sql import query

_SEVERAL = 2  # units: what fails for all of them is no mistake of one
PLACES_SHOWN = 30  # of refused records, for each source
ROWS_SHOWN = (
    10  # rows listed in one message; the counts by rule are always complete, the attached file has the rest
)


class Thing(NamedTuple):
    """What names one thing that is wrong, night after night; parts that do not apply are empty."""

    kind: str
    unit_code: str
    source_code: str = ""
    dataset: str = ""
    rule_code: str = ""


@dataclass(frozen=True)
class OfUnit:
    """Something a unit must act on: its code and its name."""

    unit_code: str
    unit: str
    source_code: str


class Wrong(OfUnit, ABC):
    """Something that is one and the same thing night after night, until it is mended."""

    @property
    @abstractmethod
    def thing(self) -> Thing:
        """What it is."""

    @property
    def cause(self) -> str:
        """Why, as far as it is told apart: another cause is news again."""
        return ""


@dataclass(frozen=True)
class Failure(Wrong):
    """A source without data of this night."""

    source: str
    held: bool
    ours: bool  # the unit can do nothing about it
    what: str
    action: str
    reason: str  # Vietnamese; empty where nothing but the detail is known
    detail: str  # for engineers
    sort: str  # class of the error, what is wrong with a file, rules that hold it
    deliveries: tuple[str, ...]  # held until a person decides

    @property
    def thing(self) -> Thing:
        """The source."""
        return Thing("source", self.unit_code, self.source_code)

    @property
    def cause(self) -> str:
        """What kind of failure it is, without numbers and places."""
        return self.sort


@dataclass(frozen=True)
class RuleCount(Wrong):
    """How many rows of one source have one thing wrong; a row may have several."""

    dataset_code: str
    dataset: str
    rule_code: str
    message: str
    owner: str  # who can mend it: unit, engineer or office
    rows: int
    new_rows: int  # that no night before saw

    @property
    def thing(self) -> Thing:
        """The rule in the source."""
        return Thing("rows", self.unit_code, self.source_code, self.dataset_code, self.rule_code)


@dataclass(frozen=True)
class Row(OfUnit):
    """One row to correct; `place` is where it stands in the source."""

    dataset: str
    record: str
    message: str
    place: str


@dataclass(frozen=True)
class Refusal(Wrong):
    """Records with a state-secret mark that stand in a networked system: how many, and where; nothing else is known."""

    count: int
    places: tuple[str, ...]  # Vietnamese

    @property
    def thing(self) -> Thing:
        """The source."""
        return Thing("secrecy", self.unit_code, self.source_code)

    @property
    def cause(self) -> str:
        """That it refused; forgotten once a night refuses nothing."""
        return "refused"


@dataclass(frozen=True)
class Findings:
    """Everything people must be told of one night, or the part of it that concerns some units."""

    day: date
    delivered: int
    expected: int
    failures: tuple[Failure, ...]
    rules: tuple[RuleCount, ...]
    rows: tuple[Row, ...]  # `ROWS_SHOWN` of each unit, of every mistake one before a second of any
    row_counts: dict[str, int]  # unit → rows to correct, all of them
    refusals: tuple[Refusal, ...]

    @property
    def row_count(self) -> int:
        """How many rows are to be corrected, also those beyond the listed ones."""
        return sum(self.row_counts.values())

    @property
    def refused_count(self) -> int:
        """How many records were refused for their secrecy mark."""
        return sum(refusal.count for refusal in self.refusals)

    def of_units(self, codes: Collection[str]) -> Findings:
        """Return what concerns these units."""
        return replace(
            self,
            failures=tuple(f for f in self.failures if f.unit_code in codes),
            rules=tuple(r for r in self.rules if r.unit_code in codes),
            rows=tuple(r for r in self.rows if r.unit_code in codes),
            row_counts={unit: rows for unit, rows in self.row_counts.items() if unit in codes},
            refusals=tuple(r for r in self.refusals if r.unit_code in codes),
        )

    def for_units(self, codes: Collection[str]) -> Findings:
        """Return what these units can do something about: their failures without those of the pipeline itself."""
        part = self.of_units(codes)
        return replace(part, failures=tuple(f for f in part.failures if not f.ours))

    def things(self) -> dict[Thing, str]:
        """Return what is wrong, each with its cause."""
        return {part.thing: part.cause for part in (*self.failures, *self.rules, *self.refusals)}

    def units(self) -> dict[str, str]:
        """Return code and name of the units that have something to mend, in the order of the codes."""
        parts: tuple[Wrong, ...] = (*self.failures, *self.rules, *self.refusals)
        return dict(sorted((part.unit_code, part.unit) for part in parts))


def unit_name(catalogue: Catalogue, code: str) -> str:
    """Return a unit's name, or the code where the catalogue has none."""
    try:
        return catalogue.unit(code).name
    except KeyError:
        return code


def source_name(catalogue: Catalogue, code: str) -> str:
    """Return a source's title, or the code where the catalogue has none."""
    source = catalogue.sources.get(code)
    if source is None:
        return code
    return source.title or catalogue.profile_of(source).title


def source_kind(catalogue: Catalogue, code: str) -> str:
    """Return what kind of system a source is, or nothing where the catalogue has none."""
    source = catalogue.sources.get(code)
    return catalogue.profile_of(source).kind if source else ""


def read(engine: Engine, catalogue: Catalogue, run_id: UUID) -> Findings:
    """Return the findings of a run's night, with the newest outcome of the sources that other runs of it read.

    Raises `ConfigurationError` for a run the ledger does not know.
    """
    with engine.connect() as connection:
        run = connection.execute(query("ops/run"), {"run_id": run_id}).one_or_none()
        if run is None:
            raise ConfigurationError(f"there is no run {run_id} in the ledger of this warehouse")
        day = {"day": run.reporting_day}
        outcomes = connection.execute(query("alerting/outcomes"), day).all()
        counts = connection.execute(query("alerting/rows_by_rule"), day).all()
        rows = connection.execute(query("alerting/rows_to_correct"), {**day, "most": ROWS_SHOWN}).all()
        places = refused.places(connection, run.reporting_day, PLACES_SHOWN)
    waiting = deliveries.held(engine)
    shared = _of_shared(catalogue, outcomes)

    return Findings(
        day=run.reporting_day,
        delivered=sum(row.state not in ("failed", "held") for row in outcomes),
        expected=len(outcomes),
        failures=tuple(
            _failure(catalogue, row, waiting, shared) for row in outcomes if row.state in ("failed", "held")
        ),
        rules=tuple(
            RuleCount(
                unit_code=row.unit_code,
                unit=unit_name(catalogue, row.unit_code),
                source_code=row.source_code,
                dataset_code=row.dataset,
                dataset=words.dataset(row.dataset),
                rule_code=row.rule_code,
                message=words.short(row.message),
                owner=review.owner(row.rule_code),
                rows=row.row_count,
                new_rows=row.new_count,
            )
            for row in counts
        ),
        rows=tuple(
            Row(
                unit_code=row.unit_code,
                unit=unit_name(catalogue, row.unit_code),
                source_code=row.source_code,
                dataset=words.dataset(row.dataset),
                record=words.short(words.record(row.dataset, row.record_key), 80),
                message=words.short(row.message),
                place=words.place(row.page, row.row_no),
            )
            for row in rows
        ),
        row_counts={row.unit_code: row.of_unit for row in rows},
        refusals=tuple(
            Refusal(
                unit_code=row.unit_code,
                unit=unit_name(catalogue, row.unit_code),
                source_code=row.source_code,
                count=row.refused,
                places=places.get(row.source_code, ()),
            )
            for row in outcomes
            if row.refused
        ),
    )


def _of_shared(catalogue: Catalogue, outcomes: Iterable[Any]) -> set[str]:
    """Return the sources whose failure is one of a system that several units share, not of their own.

    Of such a system no source gave anything this night, each for the same reason: it was down, or refused the login,
    which is the province's.
    """
    of_host: dict[str, list[Any]] = defaultdict(list)
    for row in outcomes:
        source = catalogue.sources.get(row.source_code)
        if source is not None and source.host is not None:
            of_host[source.host].append(row)
    return {
        row.source_code
        for rows in of_host.values()
        if len({row.unit_code for row in rows}) >= _SEVERAL
        and {(row.state, row.error_class) for row in rows}
        in ({("failed", "SourceUnavailable")}, {("failed", "SourceRefused")})
        for row in rows
    }


def _failure(catalogue: Catalogue, row: Any, waiting: Iterable[Held], shared: Collection[str]) -> Failure:
    kind, said, held = source_kind(catalogue, row.source_code), row.message or "", row.state == "held"
    is_shared = row.source_code in shared
    what, action = words.OF_SHARED if is_shared else words.cause(row.error_class, kind, said)
    reason = words.held(said) if held else reasons.reason(kind, said)
    return Failure(
        unit_code=row.unit_code,
        unit=unit_name(catalogue, row.unit_code),
        source_code=row.source_code,
        source=source_name(catalogue, row.source_code),
        held=held,
        ours=is_shared or words.is_ours(row.error_class, kind),
        what=what,
        action=action,
        reason=words.short(reason),
        detail="" if held else words.short(said),
        sort="; ".join(
            [row.error_class or "", *(row.held_by if held else (reasons.sort(reason),) if reason else ())]
        ),
        deliveries=tuple(str(d.delivery_id) for d in waiting if d.source_code == row.source_code),
    )
