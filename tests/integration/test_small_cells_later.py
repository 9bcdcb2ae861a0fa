"""An attacker keeps the public builds of many days and lays them side by side: no small count follows from them.

What is carried over into a month is what was open at the end of the one before, the same on all its days, and a month
that has ended is told again by each release. Only what lies between two days of one month is theirs to see (ADR 30).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text

from cchc.indicators import periods
from cchc.publishing import public_counts, release
from cchc.publishing.content import Content, gather
from cchc.publishing.release import Release
from cchc.publishing.suppression import remembered
from cchc.publishing.suppression.public import Public, public
from cchc.warehouse import marts
from integration.test_forms import province
from integration.test_small_cells import (
    BEFORE,
    DIRECT,
    ONLINE,
    OVERDUE,
    SMALLEST,
    WITHIN,
    Count,
    Numbers,
    small_catalogue,
)

DAYS = tuple(
    map(
        date.fromisoformat,
        ("2026-10-14", "2026-11-05", "2026-11-06", "2026-11-14", "2026-11-15", "2026-12-14"),
    )
)


@dataclass(frozen=True)
class Published:
    """What was published on a day, and what is true."""

    day: date
    whole: Content
    made: Public


def _published(engine: Engine, days: Sequence[date]) -> list[Published]:
    catalogue = small_catalogue()
    ended: list[Any] = []
    to_date: list[Any] = []
    found = []
    for day in days:
        with engine.connect() as connection:
            whole = gather(connection, catalogue, day)
        made = public(whole, catalogue, remembered.merged(ended, to_date))
        ended.append(made.ended)
        to_date = [made.to_date]
        found.append(Published(day, whole, made))
    return found


class Facts:
    """The counts of all releases: the same count has one name, in whichever release it stands."""

    def __init__(self, releases: Sequence[Published]) -> None:
        self._numbers = {one.day: Numbers(one.whole) for one in releases}
        self._ends = {
            periods.month_of(one.day).label: one.day
            for one in releases
            if periods.month_of(one.day).end == one.day
        }
        self._procedures: dict[tuple[date, str], list[str]] = defaultdict(list)
        for one in releases:
            for row in one.whole.procedure_rows:
                self._procedures[one.day, row.unit_code].append(row.procedure_code)

    def read(self, day: date, content: Content) -> Iterator[tuple[frozenset[tuple[str, Count]], int | None]]:
        """Yield every number of a release as a sum of counts."""
        for members, value in self._numbers[day].read(content):
            yield frozenset(fact for count in members for fact in self._named(day, count)), value

    def _named(self, day: date, count: Count) -> Iterable[tuple[str, Count]]:
        unit, place, kind = count
        if not place.startswith("2026-"):
            return [(day.isoformat(), count)]
        end = self._ends.get(place)
        if end is None:
            return [(place, count)]
        return [(end.isoformat(), (unit, procedure, kind)) for procedure in self._procedures[end, unit]]

    def came(self, releases: Sequence[Published]) -> Iterator[tuple[frozenset[tuple[str, Count]], int]]:
        """Yield what came in by procedure, which no release says: what was to handle, less what was carried over."""
        for one in releases:
            for row in one.whole.procedure_rows:
                members = frozenset(
                    (one.day.isoformat(), (row.unit_code, row.procedure_code, kind))
                    for kind in (ONLINE, DIRECT)
                )
                yield members, (row.values["c4"] or 0) + (row.values["c5"] or 0)

    def balances(self) -> Iterator[tuple[list[tuple[str, Count]], list[tuple[str, Count]]]]:
        """Yield what is carried over, by unit and procedure, and what it is equal to: in sums of counts."""
        first: dict[tuple[str, str, str], list[tuple[str, Count]]] = {}
        for day in self._numbers:
            month = periods.month_of(day)
            for (its_day, unit), procedures in self._procedures.items():
                if its_day != day:
                    continue
                for procedure in procedures:
                    carried = [(day.isoformat(), (unit, procedure, BEFORE))]
                    key = (month.label, unit, procedure)
                    if key in first:
                        yield carried, first[key]
                    first.setdefault(key, carried)
        for day in self._ends.values():
            after = periods.month_of(date.fromordinal(day.toordinal() + 1)).label
            for (month, unit, procedure), carried in first.items():
                if month == after:
                    still = [(day.isoformat(), (unit, procedure, kind)) for kind in (WITHIN, OVERDUE)]
                    yield carried, still if procedure in self._procedures[day, unit] else []


@pytest.mark.parametrize("seed", range(2))
def test_no_small_count_follows_from_the_releases_of_many_days(warehouse: Engine, seed: int) -> None:
    province(warehouse, seed)
    marts.rebuild(warehouse)
    releases = _published(warehouse, DAYS)
    facts = Facts(releases)
    true = {m: v for one in releases for m, v in facts.read(one.day, one.whole) if v is not None}
    true |= dict(facts.came(releases))
    small = {members for members, value in true.items() if 0 < value < SMALLEST}
    known = {m: v for one in releases for m, v in facts.read(one.day, one.made.content) if v is not None}
    assert all(true[members] == value for members, value in known.items())
    counts = sorted({fact for members in true for fact in members})
    place = {fact: n for n, fact in enumerate(counts)}
    lines = []
    for members in known:
        line = np.zeros(len(counts))
        line[[place[fact] for fact in members]] = 1.0
        lines.append(line)
    for one in releases:
        for unit, procedure in {c[:2] for day, c in counts if day == one.day.isoformat()}:
            line = np.zeros(len(counts))
            for kind in range(10):
                if (fact := (one.day.isoformat(), (unit, procedure, kind))) in place:
                    line[place[fact]] = 1.0 if kind <= BEFORE else -1.0
            lines.append(line)
    for left, right in facts.balances():
        line = np.zeros(len(counts))
        for sign, side in ((1.0, left), (-1.0, right)):
            for fact in side:
                if fact in place:
                    line[place[fact]] += sign
        lines.append(line)
    basis = np.linalg.svd(np.array(lines), full_matrices=False)
    span = basis.Vh[: int((basis.S > 1e-9).sum())]
    told = []
    for members in small:
        wanted = np.zeros(len(counts))
        wanted[[place[fact] for fact in members]] = 1.0
        left = wanted - span.T @ (span @ wanted)
        if np.abs(left).max() <= 1e-6:
            told.append(members)
    assert len(small) > 100
    assert not told


def test_a_release_leaves_what_it_said_and_the_next_one_heeds_it(warehouse: Engine, tmp_path: Path) -> None:
    province(warehouse, 2)
    marts.rebuild(warehouse)
    catalogue = small_catalogue()
    days = date(2026, 11, 14), date(2026, 11, 15)

    def publish(day: date) -> Release:
        return release.publish(warehouse, catalogue, day, None, tmp_path / "releases")

    first, second = map(publish, days)
    assert (publish(days[0]).release_id, publish(days[1]).release_id) == (first.release_id, second.release_id)
    with warehouse.connect() as connection:
        kept = {
            row.release_id: row for row in connection.execute(text("select * from publish.public_counts"))
        }
        internal = {name: row.internal_sha256 for name, row in kept.items()}
        memory = public_counts.read(connection, days[1], internal[second.release_id])
        assert public_counts.read(connection, days[0], internal[first.release_id]) == remembered.NOTHING
        content = gather(connection, catalogue, days[1])
    assert kept.keys() == {first.release_id, second.release_id}
    (said,) = memory.to_date
    assert {one.key[-1] for one in said} == {"2026-11-14"}
    assert any(one.withheld for one in said)
    alone, heeding = public(content, catalogue), public(content, catalogue, memory)
    assert heeding.content != alone.content
    assert heeding.ended == kept[second.release_id].ended
    november = {tuple(key) for _, key, _ in heeding.ended["rows"] if key[-1] == "2026-11-14"}
    assert november >= {one.key for one in said}  # it ended with that day: the last word on it
