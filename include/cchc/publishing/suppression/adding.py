"""Which rows add up to which: units to their level and to the province, months to a longer period.

In what other releases said as well, each by what was known then: where a release said nothing new of a unit, what was
said before stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol

from cchc.publishing.suppression.problem import Cell
from cchc.publishing.suppression.remembered import Key, Name

Rows = dict[Name, int]
Span = tuple[str, str]


class Sums(Protocol):
    """A table that sums are entered in."""

    def row(self, at: int) -> dict[str, Cell]:
        """Return the cells of a row by column."""

    def add_up(
        self, total: dict[str, Cell], parts: Sequence[dict[str, Cell]], *, over_days: bool = False
    ) -> None:
        """Enter that a total is the sum of parts."""


class _Known:
    """The newest row of each thing, as releases say one after the other."""

    def __init__(self) -> None:
        self.on: dict[Span, Rows] = defaultdict(dict)
        self.of: dict[str, dict[Span, int]] = defaultdict(dict)  # by unit, or the province

    def take(self, rows: Rows) -> None:
        for (kind, key), at in rows.items():
            name, first, last = key
            self.on[first, last][kind, key] = at
            if kind != "level":
                self.of[name][first, last] = at


class Adding:
    """Enters the sums of a table."""

    def __init__(
        self,
        table: Sums,
        province: str,
        groups: Mapping[str, str],
        members: Mapping[Span, Sequence[str]],
    ) -> None:
        self._table, self._province, self._groups, self._members = table, province, groups, members

    def of_release(self, rows: Mapping[tuple[str, Key, str], int], before: Sequence[Rows]) -> None:
        """Enter the sums of this release: of each part of it, and over days with what was said `before`."""
        parts: dict[tuple[Span, str], Rows] = defaultdict(dict)  # by days and origin
        of: dict[str, dict[Span, list[int]]] = defaultdict(lambda: defaultdict(list))
        for (kind, key, origin), at in rows.items():
            name, first, last = key
            parts[(first, last), origin][kind, key] = at
            if kind != "level":
                of[name][first, last].append(at)
        for (span, origin), own in parts.items():
            self._add_units(span, {**parts.get((span, origin.rstrip("'")), {}), **own}, own)
        known = _Known()
        for said in before:
            known.take(said)
        for name, spans in of.items():
            others = {span: [at] for span, at in known.of[name].items() if span not in spans}
            self._add_days({**spans, **others}, spans)

    def of_others(self, ended: Sequence[Rows], to_date: Sequence[Rows]) -> None:
        """Enter the sums of what other releases said, of periods that have ended and of those up to their day."""
        known = _Known()
        for said in ended:
            known.take(said)
            self._add_new(known, said)
        for said in to_date:
            own = _Known()
            for rows in (*known.on.values(), said):
                own.take(rows)
            self._add_new(own, said)

    def _add_new(self, known: _Known, new: Rows) -> None:
        """Enter the sums in which there is anything new."""
        for span in dict.fromkeys((first, last) for _, (_, first, last) in new):
            self._add_units(span, known.on[span], known.on[span])
        fresh: dict[str, set[Span]] = defaultdict(set)
        for kind, (name, first, last) in new:
            if kind != "level":
                fresh[name].add((first, last))
        for name, spans in fresh.items():
            own = {span: [at] for span, at in known.of[name].items()}
            wider = (s for s in own if any(s[0] <= one[0] and one[1] <= s[1] for one in spans))
            self._add_days(own, {span: own[span] for span in wider})

    def _add_units(self, span: Span, rows: Rows, totals: Rows) -> None:
        """Enter that units add up to their level, and units and levels to the province."""
        whole = totals.get(("province", (self._province, *span)))
        levels = {key[0]: at for (kind, key), at in totals.items() if kind == "level"}
        units = {key[0]: at for (kind, key), at in rows.items() if kind == "unit"}
        if whole is not None:
            self._add(whole, (units[code] for code in self._members[span] if code in units))
        for level, at in levels.items():
            self._add(at, (row for unit, row in units.items() if self._groups.get(unit) == level))
        if whole is not None and levels:
            self._add(whole, levels.values())

    def _add(self, total: int, parts: Iterable[int]) -> None:
        self._table.add_up(self._table.row(total), [self._table.row(at) for at in parts])

    def _add_days(self, spans: Mapping[Span, Sequence[int]], totals: Mapping[Span, Sequence[int]]) -> None:
        """Enter that a period is the sum of those in it; of a thing that has several rows the first says it."""
        for (first, last), rows in totals.items():
            inside = [spans[span] for span in _apart(s for s in spans if first <= s[0] and s[1] <= last)]
            parts = [
                {c: cell for at in reversed(own) for c, cell in self._table.row(at).items()} for own in inside
            ]
            for at in rows if parts else ():
                self._table.add_up(self._table.row(at), parts, over_days=True)


def _apart(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield periods within a longer one that do not overlap, the first and longest of them."""
    ordered = sorted(spans, key=lambda s: (s[0], -date.fromisoformat(s[1]).toordinal()))
    whole = (min(s[0] for s in ordered), max(s[1] for s in ordered))
    until = ""
    for first, last in ordered:
        if (first, last) != whole and first > until:
            yield first, last
            until = last
