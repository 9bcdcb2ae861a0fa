"""The frozen numbers of closed periods as cells: those of the newest revision, and the counts of those before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue
from cchc.publishing.archive import ClosedPeriod
from cchc.publishing.revisions import Cell as Name
from cchc.publishing.suppression.cells import of_share, protected
from cchc.publishing.suppression.problem import Cell
from cchc.publishing.suppression.table import Cells, Table

_COUNT = re.compile(r"\d{1,3}(\.\d{3})*")


class Archived:
    """Where each frozen number about people stands in the table.

    A release says of an earlier revision only what a later one changed, and of a share only how it was printed. So the
    counts of every revision are worked out backwards, and what is changed in a share is never shown.
    """

    def __init__(
        self,
        table: Table,
        catalogue: Catalogue,
        archive: Sequence[ClosedPeriod],
        people: Mapping[str, Mapping[str, Indicator]],
    ) -> None:
        self._table = table
        self._people = people
        self._known = {
            code: {i.code for i in chosen.indicators} for code, chosen in catalogue.indicator_sets.items()
        }
        self._scores: dict[str, dict[str, Indicator | None]] = {}
        for index in catalogue.scores.values():
            for version in index.versions:
                shares = {c.code: index.own(g, c, version) for g in index.groups for c in g.components}
                self._scores[f"{index.code}-{version}"] = {
                    code: share if share and protected(catalogue, (share,)) else None
                    for code, share in shares.items()
                }
        self._cells: dict[tuple[int, int, Name], Cells] = {}  # closed period, place of the revision, number
        for closed in archive:
            self._enter(closed)

    def is_hidden(self, closed: ClosedPeriod, at: int, name: Name, withheld: Callable[[Cell], bool]) -> bool:
        """Return whether a number is withheld in the revision at a place, the newest at 0."""
        if not self._may_be_people(name):
            return False
        cells = self._cells.get((id(closed), at, name))
        if cells is None:  # what it was made of is not known, or there was no number
            indicator = self._indicator(name)
            return indicator is None or (at > 0 and not indicator.value)
        return any(map(withheld, cells.values()))

    def _indicator(self, name: Name) -> Indicator | None:
        _, set_code, code = name
        if set_code in self._scores:
            return self._scores[set_code].get(code)
        return self._people.get(set_code, {}).get(code)

    def _may_be_people(self, name: Name) -> bool:
        """Return whether a number counts people's records, or nobody can say: the catalogue has it no more."""
        _, set_code, code = name
        if set_code in self._scores:
            return code not in self._scores[set_code] or self._scores[set_code][code] is not None
        if set_code in self._known:
            return code in self._people[set_code] or code not in self._known[set_code]
        return True

    def _enter(self, closed: ClosedPeriod) -> None:
        counts: dict[Name, int] = {}
        for name, frozen in closed.values.items():
            indicator = self._indicator(name)
            if indicator is None:
                continue
            number = _count(frozen.printed) if indicator.value else None
            stated = None if number is None else Decimal(number)
            numbers = (stated, frozen.numerator, frozen.denominator)
            self._cells[id(closed), 0, name] = of_share(
                self._table, indicator, name[0], closed.period, *numbers, "archive"
            )
            if number is not None:
                counts[name] = number
        newer = counts
        for at, revision in enumerate(closed.revisions[:-1], start=1):
            older = dict(newer)
            for change in revision.changes:
                name = (change.unit_code, change.set_code, change.indicator_code)
                indicator = self._indicator(name)
                if indicator is None or not indicator.value:
                    continue
                before = _count(change.before)
                older.pop(name, None)
                if before is not None:
                    older[name] = before
            self._enter_counts(closed, at, older)
            newer = older

    def _enter_counts(self, closed: ClosedPeriod, at: int, counts: Mapping[Name, int]) -> None:
        version = f"{closed.slug} {at}"
        for name, number in counts.items():
            indicator = self._indicator(name)
            if indicator is None:
                continue
            cell = self._table.of_unit(
                name[0], closed.period, self._table.columns.of(indicator.value), number, version
            )
            self._cells[id(closed), at, name] = {"value": cell}
            newer = self._cells.get((id(closed), at - 1, name), {}).get("value")
            if newer is not None and self._table.value(newer) == number:
                self._table.add_up({cell[1]: newer}, [{cell[1]: cell}])  # it is the number still shown


def _count(text: str | None) -> int | None:
    """Return a count from how it was printed (`1.234`), None for anything else."""
    return int(text.replace(".", "")) if text and _COUNT.fullmatch(text) else None
