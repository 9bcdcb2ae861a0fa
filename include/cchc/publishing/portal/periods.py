"""The closed periods: a list, and a page for each with its numbers as they were frozen and what every revision changed.

A page depends on its period alone, never on the reporting day: a night that closes nothing does not rewrite it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from cchc.catalogue.scores import ScoreSet
from cchc.indicators.numbers import printed
from cchc.publishing.archive import ClosedPeriod, Frozen
from cchc.publishing.history import NOT_FROZEN
from cchc.publishing.notes import Notes
from cchc.publishing.points import Cell
from cchc.publishing.portal.addresses import unit_page
from cchc.publishing.portal.changes import Named, Wording
from cchc.publishing.portal.methods import shown_sets
from cchc.publishing.portal.view import GROUPS, View, sentence

_PROVINCE, _OTHERS = "Toàn tỉnh", "Đơn vị khác"
_UNKNOWN = Frozen(None, NOT_FROZEN, None, None)


@dataclass(frozen=True)
class Head:
    """A column: what it is, and where it is explained (from the root; empty: nowhere)."""

    title: str
    unit: str
    href: str


@dataclass(frozen=True)
class Shown:
    """A number as printed, None where it is missing, and the number of its note."""

    text: str | None
    note: int | None


@dataclass(frozen=True)
class UnitLine:
    """A unit's numbers."""

    name: str
    href: str  # from the root; empty where the unit has no page
    cells: tuple[Shown, ...]


@dataclass(frozen=True)
class Matrix:
    """The numbers of one set, units by group."""

    code: str
    title: str
    heads: tuple[Head, ...]
    groups: tuple[tuple[str, tuple[UnitLine, ...]], ...]
    notes: Notes
    without: tuple[str, ...]  # sentences on indicators and units that have no number at all

    @property
    def is_empty(self) -> bool:
        """Whether no number of it is known."""
        return not self.groups


def pages(view: View) -> Iterator[tuple[str, bytes]]:
    """Yield the list of closed periods, then the page of each, newest first."""
    closed = view.content.archive
    zone = ZoneInfo(view.catalogue.province.zone)

    def at(moment: datetime) -> str:
        return f"{moment.astimezone(zone):%H:%M ngày %d/%m/%Y}"

    yield view.page("ky/index.html", "periods.html.j2", "Kỳ đã chốt", closed=closed, name_of=name_of, at=at)
    words = _Words(view)
    wording = Wording(view.names, words.named)
    for own in closed:
        yield from wording.files(own)
        yield view.page(
            f"ky/{own.slug}.html",
            "period.html.j2",
            f"Số liệu chốt {name_of(own)}",
            own=own,
            at=at,
            matrices=list(_Period(view, words, own).matrices()),
            changes=wording.of(own),
        )


def name_of(own: ClosedPeriod) -> str:
    """Return a period's title; in the ordinary calendar it says so."""
    title = own.period.title()
    return title if own.period.calendar == "report" else f"{title}, lịch thường"


class _Words:
    """What codes of a closed period mean, also those that are no more."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.sets = {own.code: own for own in shown_sets(view)}
        self.named = {
            (s.code, i.code): Named(i.title, f"phuong-phap.html#{s.code}-{i.code}")
            for s in self.sets.values()
            for i in s.indicators
        }
        #: Set code of frozen points → the index and the title of the rule version.
        self.indexes: dict[str, tuple[ScoreSet, str]] = {}
        for index in view.catalogue.scores.values():
            for version, rules in index.versions.items():
                code = f"{index.code}-{version}"
                self.indexes[code] = index, rules.title
                for group in index.groups:
                    for one in group.components:
                        title = f"{one.title} (điểm {rules.title})"
                        self.named[code, one.code] = Named(title, f"phuong-phap.html#{index.code}-{one.code}")
        self.groups = {unit.code: unit.group for unit in view.catalogue.units}
        self.paged = {view.content.province_code, *(unit.code for unit in view.units)}

    def unit(self, code: str) -> str:
        return self._view.names.get(code, code)

    def href(self, unit: str) -> str:
        return unit_page(unit) if unit in self.paged else ""

    def group(self, unit: str) -> str:
        if unit == self._view.content.province_code:
            return _PROVINCE
        return GROUPS.get(self.groups.get(unit, ""), _OTHERS)

    @cached_property
    def order(self) -> dict[str, int]:
        """Where a unit stands: the province, then the units of the catalogue group by group."""
        titles = [_PROVINCE, *GROUPS.values(), _OTHERS]
        codes = dict.fromkeys(
            [self._view.content.province_code, *(u.code for u in self._view.catalogue.units)]
        )
        ordered = sorted(codes, key=lambda code: titles.index(self.group(code)))
        return {code: place for place, code in enumerate(ordered)}


class _Period:
    """One closed period, its numbers by set."""

    def __init__(self, view: View, words: _Words, own: ClosedPeriod) -> None:
        self._view, self._words = view, words
        self._values: dict[str, dict[str, dict[str, Frozen]]] = defaultdict(lambda: defaultdict(dict))
        for (unit, set_code, indicator), frozen in own.values.items():
            self._values[set_code][unit][indicator] = frozen

    def matrices(self) -> Iterator[Matrix]:
        """Yield the matrix of each set: the portal's, the points of each index, then the others."""
        first = self._view.content.history.set_code if self._view.content.history else None
        order = [first, *self._words.indexes, *self._words.sets, *sorted(self._values)]
        for code in dict.fromkeys(order):
            if code is None or code not in self._values:
                continue
            if code in self._words.indexes:
                yield self._points(code, *self._words.indexes[code])
            else:
                yield self._matrix(code)

    def _matrix(self, code: str) -> Matrix:
        known = self._words.sets.get(code)
        rows = self._values[code]
        heads = (
            {i.code: Head(i.title, i.unit, f"phuong-phap.html#{code}-{i.code}") for i in known.indicators}
            if known
            else {}
        )
        for indicator in sorted({one for row in rows.values() for one in row}):
            heads.setdefault(indicator, Head(indicator, "", ""))
        cells = {unit: {one: _cell(row.get(one, _UNKNOWN)) for one in heads} for unit, row in rows.items()}
        return self._made(code, known.title if known else code, heads, cells)

    def _points(self, code: str, index: ScoreSet, version: str) -> Matrix:
        """Return the sums of each group and of the whole index."""
        heads = {
            group.code: Head(
                group.title, f"tối đa {group.max}", f"phuong-phap.html#{index.code}-{group.code}"
            )
            for group in index.groups
        }
        most = sum(group.max for group in index.groups)
        cells = {
            unit: {
                **{g.code: _sum([row[c.code] for c in g.components if c.code in row]) for g in index.groups},
                "": _sum(list(row.values())),
            }
            for unit, row in self._values[code].items()
        }
        return self._made(
            code,
            f"Điểm {version}: {index.title}",
            {**heads, "": Head("Cả bộ", f"tối đa {most}", f"phuong-phap.html#chi-so-{index.code}")},
            cells,
        )

    def _made(
        self, code: str, title: str, heads: Mapping[str, Head], cells: Mapping[str, Mapping[str, Cell]]
    ) -> Matrix:
        """Return a matrix of what is known; what has no number at all is named below it, with the reason."""
        some = [one for one in heads if any(row[one].printed is not None for row in cells.values())]
        order = self._words.order
        units = sorted(cells, key=lambda unit: (order.get(unit, len(order)), unit))
        known = [unit for unit in units if any(cells[unit][one].printed is not None for one in some)]
        notes = self._view.notes(f"gc-{code}", is_closed=True)
        groups: dict[str, list[UnitLine]] = defaultdict(list)
        for unit in known:
            shown = tuple(Shown(c.printed, notes.number(c)) for c in (cells[unit][one] for one in some))
            groups[self._words.group(unit)].append(
                UnitLine(self._words.unit(unit), self._words.href(unit), shown)
            )
        without = (
            [
                f"{heads[one].title}: không có số nào ({_reason([row[one] for row in cells.values()])})"
                for one in heads
                if one not in some
            ]
            if known
            else []
        )
        without += [
            f"{self._words.unit(unit)}: không có số nào ({_reason(list(cells[unit].values()))})"
            for unit in units
            if unit not in known
        ]
        return Matrix(
            code,
            title,
            tuple(heads[one] for one in some),
            tuple((group, tuple(lines)) for group, lines in groups.items()),
            notes,
            tuple(map(sentence, without)),
        )


def _cell(frozen: Frozen) -> Cell:
    return Cell(None, frozen.printed, frozen.reason, (), frozen.coverage)


def _sum(parts: Sequence[Frozen]) -> Cell:
    """Return the sum of points; missing where one of them is: missing is not zero."""
    if not parts:
        return Cell(None, None, "không có chỉ số nào cho đơn vị này", ())
    missing = [part for part in parts if part.printed is None]
    if missing:
        return Cell(None, None, f"chưa có {len(missing)}/{len(parts)} chỉ số", ())
    total = sum((_number(part.printed or "") for part in parts), Decimal(0))
    shares = [part.coverage for part in parts if part.coverage is not None]
    return Cell(total, printed(total), None, (), min(shares, default=None))


def _number(text: str) -> Decimal:
    """Return a number that was printed with as many places as it needs."""
    return Decimal(text.replace(".", "").replace(",", "."))


def _reason(cells: Sequence[Cell]) -> str:
    """Return the reason that most of these missing numbers have; that nothing was frozen only where all have it."""
    counted = Counter(cell.reason or "không rõ lý do" for cell in cells)
    return max(counted, key=lambda reason: (reason != _UNKNOWN.reason, counted[reason]))
