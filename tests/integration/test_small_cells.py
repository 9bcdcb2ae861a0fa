"""An attacker reads all numbers of the public build of a real warehouse and works out what he can: no small count.

He knows how every number is made of counts by unit, procedure and kind. What follows from the published ones by linear
algebra, and by what counts can be (whole, not below 0, not 0 where another number stands as withheld), is his.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine

from cchc.catalogue.load import load
from cchc.catalogue.models import Catalogue
from cchc.publishing.content import Content, gather
from cchc.publishing.open_data import edition
from cchc.publishing.suppression.opened import OTHER_FIELDS
from cchc.publishing.suppression.public import public, reason
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import dimensions, marts
from integration.indicator_facts import at, watermark, write
from integration.seed_unit import PUBLICATIONS, catalogue
from integration.test_forms import DAY, province

SMALLEST = 5
UNITS = ("SGDDT", "SYT", "01273", "01288")
ONLINE, DIRECT, BEFORE, EARLY, TIMELY, GONE, STOPPED, LATE, WITHIN, OVERDUE = range(10)
II06A = {
    "c3": (ONLINE, DIRECT, BEFORE), "c4": (ONLINE,), "c5": (DIRECT,), "c6": (BEFORE,),
    "c7": (EARLY, TIMELY, GONE, STOPPED, LATE), "c8": (EARLY,), "c9": (TIMELY, GONE, STOPPED), "c10": (LATE,),
    "c11": (WITHIN, OVERDUE), "c12": (WITHIN,), "c13": (OVERDUE,),
}  # fmt: skip
F07A = {
    "c3": (ONLINE, DIRECT, BEFORE), "c9": (BEFORE,), "c11": (EARLY, TIMELY, LATE), "c12": (EARLY, TIMELY),
    "c15": (WITHIN, OVERDUE), "c16": (WITHIN,), "c22": (STOPPED,), "c26": (GONE,),
}  # fmt: skip
INDICATORS = {
    "received": ((ONLINE, DIRECT),),
    "received-online-share": ((ONLINE,), (ONLINE, DIRECT), (DIRECT,)),
    "finished": ((EARLY, TIMELY, LATE),),
    "on-time-share": ((EARLY, TIMELY), (EARLY, TIMELY, LATE), (LATE,)),
    "overdue-in-process": ((OVERDUE,),),
}
Count = tuple[str, str, int]  # unit, procedure (or month), kind
Number = tuple[frozenset[Count], int]  # the counts it is the sum of, and the sum


def small_catalogue() -> Catalogue:
    made = catalogue(PUBLICATIONS[1:])
    portal = made.province.portal.model_copy(
        update={"indicator_set": "province-core", "months": 3, "forms": ("ii06a", "07a")}
    )
    return made.model_copy(update={"province": made.province.model_copy(update={"portal": portal})})


class Numbers:
    """All numbers of a release as sums of counts; `None` where one is not told."""

    def __init__(self, whole: Content) -> None:
        self._procedures: dict[tuple[str, str | None], list[str]] = defaultdict(list)
        for row in whole.procedure_rows:
            self._procedures[row.unit_code, row.field_code].append(row.procedure_code)
        self._level = {"department": UNITS[:2], "commune": UNITS[2:], "total": UNITS}

    def read(self, content: Content) -> Iterator[tuple[frozenset[Count], int | None]]:
        """Yield every number of a release that counts people's records."""
        for columns, code in ((II06A, "ii06a"), (F07A, "07a")):
            for form in content.forms[code]:
                for row in form.rows:
                    if row.title == OTHER_FIELDS:
                        continue  # what is left of the total follows from the rows that are there
                    units = self._level[row.level] if form.unit_code == "H14" else (form.unit_code,)
                    places = [
                        (unit, procedure)
                        for (unit, field), procedures in self._procedures.items()
                        if unit in units and (row.kind != "field" or field == row.field_code)
                        for procedure in procedures
                    ]
                    for column, kinds in columns.items():
                        yield frozenset((*p, k) for p in places for k in kinds), row.values[column]
        for line in content.procedure_rows:
            for column, kinds in II06A.items():
                place = (line.unit_code, line.procedure_code)
                yield frozenset((*place, k) for k in kinds), line.values[column]
        assert content.history is not None
        for month in content.history.months:
            now = month is content.history.current
            for (unit, code), value in month.values.items():
                told = (value.value,) if code in ("received", "finished", "overdue-in-process") else (
                    value.numerator, value.denominator,
                    None if None in (value.numerator, value.denominator) else value.denominator - value.numerator,
                )  # fmt: skip
                places = [
                    (one, procedure)
                    for one in (UNITS if unit == "H14" else (unit,))
                    for procedure in self._of(one, month.period.label, now)
                ]
                for kinds, number in zip(INDICATORS.get(code, ()), told, strict=False):
                    yield (
                        frozenset((*p, k) for p in places for k in kinds),
                        None if number is None else int(number),
                    )

    def _of(self, unit: str, month: str, now: bool) -> Iterable[str]:
        if not now:
            return (month,)
        return [p for (one, _), procedures in self._procedures.items() if one == unit for p in procedures]


def _same(places: Iterable[Count]) -> Iterator[frozenset[Count]]:
    """Yield, by unit and procedure, what came in and where it is now."""
    for unit, procedure in {(u, p) for u, p, _ in places}:
        yield frozenset((unit, procedure, k) for k in range(10))


def _bounds(known: list[Number], apart: set[frozenset[Count]], counts: set[Count]) -> dict[Count, list[int]]:
    """Return between which each count is, from sums that are known and those that are withheld and so not 0."""
    found = {count: [0, 10_000] for count in counts}
    sums = [(members, value, value) for members, value in known] + [(one, 1, 10_000) for one in apart]
    changed = True
    while changed:
        changed = False
        for members, least, most in sums:
            low, high = sum(found[m][0] for m in members), sum(found[m][1] for m in members)
            for m in members:
                own = found[m]
                new = [max(own[0], least - high + own[1]), min(own[1], most - low + own[0])]
                if new != own:
                    low, high = low + new[0] - own[0], high + new[1] - own[1]
                    found[m] = new
                    changed = True
    return found


@pytest.mark.parametrize("seed", range(4))
def test_no_small_count_can_be_worked_out(warehouse: Engine, seed: int) -> None:
    provinces = small_catalogue()
    province(warehouse, seed)
    marts.rebuild(warehouse)
    with warehouse.connect() as connection:
        whole = gather(connection, provinces, DAY)
    shown = public(whole, provinces).content
    numbers = Numbers(whole)
    true = {members: value for members, value in numbers.read(whole) if value is not None}
    told = list(numbers.read(shown))
    small = {members for members, value in true.items() if 0 < value < SMALLEST}
    known = [(members, value) for members, value in told if value is not None]
    assert len(small) > 20
    assert all(value == true[members] for members, value in known)
    assert not {m for m, _ in known} & small  # the same number under another name
    assert len(known) > len(true) / 8  # and not all is gone
    assert {r.unit_code for r in shown.procedure_rows}

    counts = sorted({count for members in true for count in members})
    place = {count: n for n, count in enumerate(counts)}
    current = {c for c in counts if not c[1].startswith("2026-")}
    lines = []
    for members, _ in known:
        lines.append([1.0 if c in members else 0.0 for c in counts])
    for one in _same(current):
        sign = {k: 1.0 if k <= BEFORE else -1.0 for k in range(10)}
        lines.append([sign[c[2]] if c in one else 0.0 for c in counts])
    basis = np.linalg.svd(np.array(lines))
    rank = int((basis.S > 1e-9).sum())
    span = basis.Vh[:rank]
    for members in small:
        wanted = np.zeros(len(counts))
        wanted[[place[c] for c in members]] = 1.0
        left = wanted - span.T @ (span @ wanted)
        assert np.abs(left).max() > 1e-6, sorted(members)

    nonzero = {members for members, value in told if value is None and true.get(members)}
    bounds = _bounds(known, nonzero, set(counts))
    for members in small:
        low, high = (sum(bounds[c][end] for c in members) for end in (0, 1))
        assert low < high, sorted(members)


def test_the_open_data_say_no_more_than_the_public_content(warehouse: Engine) -> None:
    provinces = small_catalogue()
    province(warehouse, 1)
    marts.rebuild(warehouse)
    with warehouse.connect() as connection:
        whole = gather(connection, provinces, DAY)
    shown = public(whole, provinces).content
    assert shown.cards == {}
    made = edition.files(shown, provinces, "public")
    assert {name.split("/")[1] for name in made} == {edition.edition_of(DAY, edition.data(shown, provinces))}
    (table,) = (body.decode("utf-8-sig") for name, body in made.items() if name.endswith("/procedures.csv"))
    for line in table.splitlines()[1:]:
        assert not {"1", "2", "3", "4"} & set(line.split(",")[8:])
    (indicators,) = (
        body.decode("utf-8-sig") for name, body in made.items() if name.endswith("/indicators.csv")
    )
    assert reason(SMALLEST) in indicators


def test_citizens_who_are_not_satisfied_are_not_the_difference_of_two_scores(warehouse: Engine) -> None:
    """Points for time and for satisfaction are shares of the same dossiers: between them lies a count of people."""
    shipped, units = load(SHIPPED_CATALOGUE), ("01273", "01288", "01438")
    kept = {code: s for code, s in shipped.sources.items() if code in {f"{unit}-sotay" for unit in units}}
    registers = shipped.model_copy(update={"sources": kept})
    dimensions.sync(warehouse, registers)
    for unit in units:
        rows = []
        for n in range(240):
            came = date(2026, 10, 16) + timedelta(n % 20)
            ends = came + timedelta(3 if n % 30 else 7)  # 8 of them late
            rows.append({
                "dossier_code": f"{unit}-{n}", "procedure_code": f"9.00{n % 6}", "field_code": f"F{n % 3}",
                "channel": "online" if n % 2 else "direct", "intake": "one_stop", "status": "finished",
                "received_at": at(str(came)), "due_at": at(str(came + timedelta(5))), "finished_at": at(str(ends)),
                "dissatisfied": n in (1, 2, 3),
            })  # fmt: skip
        write(warehouse, "dossier", unit, f"{unit}-sotay", rows)
        watermark(warehouse, unit, f"{unit}-sotay", date(2026, 11, 14), "dossier")
    marts.rebuild(warehouse)
    with warehouse.connect() as connection:
        whole = gather(connection, registers, date(2026, 11, 14))
    for content in (whole, public(whole, registers).content):
        (own,) = content.points
        parts = {(part.unit_code, part.component.code): part for part in own.parts["written"]}
        for unit in units:
            time, satisfied = parts[unit, "on_time"], parts[unit, "DOSSIER_RECEIVING_SATISFACTION"]
            told = None not in (time.numerator, satisfied.numerator)
            assert told == (content is whole), unit
