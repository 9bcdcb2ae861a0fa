"""Who should have delivered what a term counts, and who has: missing is never zero."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, text

from cchc.catalogue.base import DatasetName
from cchc.catalogue.indicators import Term
from cchc.catalogue.models import Catalogue, Source
from cchc.catalogue.profiles import FieldMap
from cchc.indicators.numbers import rounded
from cchc.indicators.periods import Period
from cchc.indicators.sql import query

Watermarks = Mapping[tuple[str, str], date]  # (source code, dataset) → last complete day

# registers whose rows carry their own validity: what they say today is also about earlier years
_STATE_THE_PAST = ("procedure", "official_score", "reported_measure")


@dataclass(frozen=True)
class Need:
    """A dataset that a number needs from its sources, up to a day."""

    dataset: DatasetName
    where: Mapping[str, str]
    period: Period
    fields: tuple[str, ...] = ()  # that a source must state
    units: tuple[str, ...] | None = None  # whose sources are meant; None: those of every unit of the number
    known: bool = True  # False: it is not there, whatever its sources have delivered


@dataclass(frozen=True)
class Coverage:
    """The share of the expected sources whose data is in a number, and how fresh the stalest of them is."""

    share: Decimal | None  # None: no source is expected
    fresh_to: date | None
    lacking: tuple[str, ...]  # source codes that have not delivered all of the period


def need_of(catalogue: Catalogue, term: Term, period: Period) -> Need:
    """Return what a term needs."""
    if term.reported is not None:
        return Need("reported_measure", {"measure_code": term.reported}, period)
    where = {str(k): v for k, v in term.where.items()}
    measure = catalogue.measures[term.measure or ""]
    return Need(measure.dataset, where, period, measure.needs)


def watermarks(connection: Connection, catalogue: Catalogue) -> Watermarks:
    """Return how far every source of the catalogue has delivered each of its datasets, for its unit."""
    units = {source.code: source.unit for source in catalogue.sources.values()}
    rows = connection.execute(query("watermarks"), {"sources": list(units), "units": list(units.values())})
    return {(row.source_code, row.dataset): row.complete_to for row in rows}


def unclaimed(marks: Watermarks, source: Source, day: date) -> tuple[DatasetName, ...]:
    """Return the datasets that came from a source up to a day, though the catalogue says that its unit keeps none."""
    came = ((name, marks.get((source.code, name))) for name in source.without)
    return tuple(name for name, mark in came if mark is not None and mark >= day)


def newest_night(connection: Connection) -> date | None:
    """Return the newest day a night ran for; None where none ever ran."""
    newest: date | None = connection.scalar(text("select max(reporting_day) from ops.run"))
    return newest


def reporting_day(connection: Connection, period: Period) -> date:
    """Return the newest day a night ran for, or the period's end where none ever ran."""
    return newest_night(connection) or period.end


def _can_hold(field: FieldMap | None, value: str) -> bool:
    """Whether a source that reads `field` so can have records with that value."""
    if field is None:
        return True
    if field.constant is not None:
        return field.constant == value
    return field.type != "choice" or value in field.choices.values()


class Sources:
    """The catalogue's sources by unit; which of them hold the records that a need is about."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._by_unit: dict[str, list[Source]] = {}
        for source in catalogue.sources.values():
            self._by_unit.setdefault(source.unit, []).append(source)

    def of(self, units: Iterable[str], need: Need) -> list[Source]:
        """Return the sources of these units that can hold such records: a software holds no direct intake.

        One whose unit keeps no such register (`without`) is not among them: nothing of it can be lacking.
        """
        return [s for s in self._speaking(units, need) if need.dataset not in s.without]

    def not_kept(self, units: Iterable[str], need: Need) -> list[Source]:
        """Return the sources of these units that could hold such records, were the register kept."""
        return [s for s in self._speaking(units, need) if need.dataset in s.without]

    def silent(self, units: Iterable[str], need: Need) -> list[Source]:
        """Return the sources of these units that hold such records, and never state a field the need is about."""
        stating = {s.code for s in self.of(units, need)}
        return [s for s in self.of(units, replace(need, fields=())) if s.code not in stating]

    def begun_later(self, units: Iterable[str], need: Need) -> list[Source]:
        """Return the sources of these units that hold such records, and are read from a later day on only."""
        return [
            s
            for s in self._speaking(units, replace(need, period=replace(need.period, end=date.max)))
            if s.history_from > need.period.end
            and need.dataset not in _STATE_THE_PAST
            and need.dataset not in s.without
        ]

    def _speaking(self, units: Iterable[str], need: Need) -> Iterator[Source]:
        return (s for unit in units for s in self._by_unit.get(unit, []) if self._can_answer(s, need))

    def _can_answer(self, source: Source, need: Need) -> bool:
        maps = self._catalogue.profile_of(source).datasets.get(need.dataset)
        if maps is None:
            return False
        if need.dataset not in _STATE_THE_PAST and source.history_from > need.period.end:
            return False
        if any(name not in maps.fields for name in need.fields):
            return False
        form = maps.select.get("form")  # of which a number is in one column or in none
        if (
            form is not None
            and "measure_code" in need.where
            and need.where["measure_code"] not in form["columns"]
        ):
            return False
        return all(_can_hold(maps.fields.get(name), value) for name, value in need.where.items())


def has_delivered(marks: Watermarks, sources: Iterable[Source], need: Need) -> bool:
    """Whether any of the sources has delivered any of the period, so that no record means zero."""
    return any(
        (mark := marks.get((source.code, need.dataset))) is not None and mark >= need.period.start
        for source in sources
    )


def coverage(
    sources: Sources, marks: Watermarks, units: Collection[str], needs: Iterable[Need], day: date
) -> Coverage:
    """Return how much of what a number needs is there, up to the period's end or the reporting day."""
    complete: dict[str, bool] = {}
    silent: set[str] = set()
    found: list[date] = []
    for need in needs:
        through = min(need.period.end, day)
        whose = units if need.units is None else need.units
        for source in sources.of(whose, need):
            if not source.expected:
                continue
            mark = marks.get((source.code, need.dataset))
            found += [mark] if mark is not None else []
            # a year of which a source has read the last month only is not covered by it
            whole = need.dataset in _STATE_THE_PAST or source.history_from <= need.period.start
            reaches = need.known and mark is not None and mark >= through
            complete[source.code] = complete.get(source.code, True) and whole and reaches
        # the number lacks what was never read, as it lacks what failed
        complete |= {s.code: False for s in sources.begun_later(whose, need) if s.expected}
        silent |= {source.code for source in sources.silent(whose, need) if source.expected}
    counted = {*complete, *silent}
    if not counted:
        return Coverage(None, None, ())
    # what a source never states is missing from the number, though it delivered all it has
    share = rounded(Decimal(sum(complete[code] for code in complete if code not in silent)) / len(counted), 4)
    lacking = tuple(sorted(code for code, ok in complete.items() if not ok))
    return Coverage(share, min(found, default=None), lacking)
