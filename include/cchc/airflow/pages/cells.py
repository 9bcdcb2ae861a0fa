"""What the grid shows, worked out from the ledger and the catalogue: one cell a unit and reporting day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, Row

from cchc.alerting import words
from cchc.catalogue.models import Catalogue, Source, Unit
from cchc.warehouse.sql import query

State = Literal["failed", "held", "missing", "pulled", "loaded", "unchanged", "none"]

#: Worst first: the first that one of a unit's sources is in is the unit's own.
STATES: tuple[State, ...] = ("failed", "held", "missing", "pulled", "loaded", "unchanged", "none")
GROUPS = {
    "province": "Tỉnh",
    "department": "Sở, ban, ngành",
    "commune": "Xã, phường",
    "district": "Cấp huyện (đã sắp xếp lại)",
}
_GONE = "Không còn trong danh mục"


class Cell(NamedTuple):
    """One unit on one reporting day; a page has tens of thousands of them."""

    state: State
    title: str  # a line a source that did not deliver or took records out of the numbers (Vietnamese)
    run_id: UUID | None = None  # of the ledger; the run that the worst of it comes from
    lost: bool = False  # records left the numbers, since a source has them no more


@dataclass(frozen=True)
class UnitRow:
    """One unit over all days, oldest day first."""

    code: str
    name: str
    cells: tuple[Cell, ...]

    @property
    def badness(self) -> tuple[int, ...]:
        """Days in each bad state, worst first, then recent ones before old ones: sorts the worst row last."""
        states = [cell.state for cell in self.cells]
        newest = next((age for age, state in enumerate(reversed(states)) if state in STATES[:3]), len(states))
        return (*(states.count(state) for state in STATES[:3]), -newest)


@dataclass(frozen=True)
class Grid:
    """The whole page: rows in groups, and how many units are in each state a day."""

    days: tuple[date, ...]
    groups: tuple[tuple[str, tuple[UnitRow, ...]], ...]
    without_source: int  # units of the catalogue that no source is known of

    def count(self, place: int, state: State) -> int:
        """Return how many units are in a state on the day at `place`."""
        return self._counts[place][state]

    @property
    def units(self) -> int:
        """How many units have a row."""
        return sum(len(rows) for _title, rows in self.groups)

    @cached_property
    def _counts(self) -> list[Counter[State]]:
        rows = [row for _title, group in self.groups for row in group]
        return [Counter(row.cells[place].state for row in rows) for place in range(len(self.days))]


def read(
    engine: Engine,
    catalogue: Catalogue,
    yesterday: date,
    days: int,
    *,
    to: date | None = None,
    worst_first: bool = False,
) -> Grid:
    """Return the grid of the `days` reporting days that end with `to`.

    Without `to` it ends with yesterday, so that a night that is missing is seen, or with a later day that a night
    reported. Nothing is expected of days before the installation's first night.
    """
    with engine.connect() as connection:
        nights = connection.execute(query("grid/nights")).one()
        last = to or max(yesterday, nights.newest or yesterday)
        shown = tuple(last - timedelta(days=age) for age in range(days - 1, -1, -1))
        found = connection.execute(query("grid/cells"), {"first": shown[0], "last": last}).all()
    by_unit: dict[str, dict[date, Row[tuple[object, ...]]]] = defaultdict(dict)
    for row in found:
        by_unit[row.unit_code][row.reporting_day] = row
    sources: dict[str, list[Source]] = defaultdict(list)
    for source in catalogue.sources.values():
        sources[source.unit].append(source)

    units: dict[str, list[Unit]] = defaultdict(list)  # a unit may have been renamed: one row all the same
    for unit in catalogue.units:
        units[unit.code].append(unit)
    groups: dict[str, list[UnitRow]] = {title: [] for title in (*GROUPS.values(), _GONE)}
    for code, versions in units.items():
        if not (sources[code] or by_unit.get(code)):
            continue
        newest = max(versions, key=lambda u: u.valid_from)
        cells = _cells(shown, nights.first or last, by_unit.get(code, {}), versions, sources[code])
        if any(cell.state != "none" for cell in cells):
            groups[GROUPS[newest.group]].append(UnitRow(code, newest.name, cells))
    for code in sorted(set(by_unit) - set(units)):
        groups[_GONE].append(UnitRow(code, code, _cells(shown, last, by_unit[code], [], [])))
    if worst_first:
        for rows in groups.values():
            rows.sort(key=lambda row: row.badness, reverse=True)
    valid = {unit.code for unit in catalogue.units_on(last)}
    silent = sum(1 for code in valid if not sources[code] and code != catalogue.province.code)
    return Grid(shown, tuple((title, tuple(rows)) for title, rows in groups.items() if rows), silent)


def _cells(
    days: Sequence[date],
    first_night: date,
    found: Mapping[date, Row[tuple[object, ...]]],
    versions: Sequence[Unit],
    sources: Sequence[Source],
) -> tuple[Cell, ...]:
    return tuple(
        _cell(found.get(day), _expected(day, versions, sources) if day >= first_night else []) for day in days
    )


def _expected(day: date, versions: Sequence[Unit], sources: Sequence[Source]) -> list[str]:
    """Return the sources that a night of this day reads and waits for."""
    if not any(u.valid_from <= day and (u.valid_to is None or day <= u.valid_to) for u in versions):
        return []
    return [source.code for source in sources if source.expected and source.history_from <= day]


def _cell(row: Row[tuple[object, ...]] | None, expected: Sequence[str]) -> Cell:
    if row is None:
        return Cell("missing", "chưa chạy: " + ", ".join(expected)) if expected else _NOT_EXPECTED
    missing = [code for code in expected if code not in row.sources]
    found: State = row.state
    state: State = min((found, "missing"), key=STATES.index) if missing else found
    lines = [_line(*told) for told in row.said] + [_removal(*told) for told in row.removals]
    if missing:
        lines.append("chưa chạy: " + ", ".join(missing))
    if not (row.said or missing):
        lines.insert(0, ", ".join(sorted(row.sources)))
    return Cell(
        state, "\n".join(lines), row.run_id, lost=any(removed for _source, removed, _back in row.removals)
    )


def _line(source: str, state: str, error_class: str | None, message: str | None) -> str:
    what, _action = words.cause(error_class)
    told = words.short((message or "").removeprefix(source).lstrip(": "), 200)
    return f"{source}: {'bị giữ' if state == 'held' else 'lỗi'} – {what}" + (f" ({told})" if told else "")


def _removal(source: str, removed: int, came_back: int) -> str:
    return f"{source}: {words.removed(removed, came_back)}"


_NOT_EXPECTED = Cell("none", "")
