"""The cells of an index's points: sums, shares and classes as formulas over the sheet of components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from xlsxwriter.utility import xl_rowcol_to_cell

from cchc.catalogue.scores import Group, ScoreSet
from cchc.indicators.numbers import percent, rounded
from cchc.indicators.scoring import own
from cchc.indicators.scoring.own import OwnPart
from cchc.publishing.points import Points
from cchc.publishing.workbooks.book import COUNT, GRID, POINTS, TITLE, WRAP, Look, Place, Sheet

COMPONENTS = "Chỉ tiêu thành phần"  # the sheet that the sums are of
SCORE, MOST = 9, 10  # its columns


@dataclass
class Scored:
    """An index's points, and where those of each component stand."""

    points: Points
    groups: Mapping[str, str]  # unit code → department, commune …
    day: date
    withheld: str = ""  # the reason of points that are known and not public
    lines: dict[tuple[str, str, str], int] = field(default_factory=dict)  # version, unit, component → row
    classes: str = ""  # where the bounds and titles of the classes are, as a formula looks them up
    _parts: dict[tuple[str, str, str], list[OwnPart]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for version, parts in self.points.parts.items():
            for part in parts:
                self._parts.setdefault((version, part.unit_code, part.group.code), []).append(part)

    @property
    def index(self) -> ScoreSet:
        """The index."""
        return self.points.index

    @property
    def province(self) -> str:
        """The province's code."""
        return next(iter(self.points.names))

    @property
    def versions(self) -> tuple[str, ...]:
        """The rule versions, in the order of the index."""
        return tuple(self.points.parts)

    @property
    def footer(self) -> str:
        """What stands below each page."""
        return f"{self.points.period.title()}, ngày báo cáo {self.day:%d/%m/%Y}"

    def parts(self, version: str, unit: str, group: Group) -> list[OwnPart]:
        """Return a unit's components of a group."""
        return self._parts.get((version, unit, group.code), [])

    def groups_of(self, unit: str) -> list[Group]:
        """Return the groups that a unit has components of."""
        return [g for g in self.index.groups if any(self.parts(v, unit, g) for v in self.versions)]

    def head(self, sheet: Sheet, title: str) -> int:
        """Write what a sheet is about; returns the row of its headings."""
        index, period = self.index, self.points.period
        where = self.points.names[self.province]
        sheet.across(0, index.title, TITLE)
        told = f"{title} – {where}, {period.title()}, ngày báo cáo {self.day:%d/%m/%Y}"
        sheet.across(1, told, {**WRAP, "bold": True, "align": "center"})
        sheet.across(
            2, f"Căn cứ: {index.basis}. Điểm tự tính từ số liệu của các đơn vị.", {**WRAP, "align": "center"}
        )
        return 4

    def score(
        self, sheet: Sheet, at: Place, version: str, parts: Sequence[OwnPart], look: Look = GRID
    ) -> None:
        """Write the points of components together; unknown where one of them is."""
        found = [(self._place(version, p, SCORE), p.score) for p in parts if p.component.max]
        sheet.sum(*at, found, own.total(parts), every=True, number_format=POINTS, look=look, sheet=COMPONENTS)

    def most(
        self, sheet: Sheet, at: Place, version: str, parts: Sequence[OwnPart], look: Look = GRID
    ) -> None:
        """Write the points that can be reached with components together."""
        found = [(self._place(version, p, MOST), p.component.max) for p in parts if p.component.max]
        sheet.sum(*at, found, most(parts), every=True, look=look, sheet=COMPONENTS)

    def share(
        self, sheet: Sheet, at: Place, above: Place, below: Place, parts: Sequence[OwnPart], look: Look = GRID
    ) -> None:
        """Write the share of the points that are reached, in percent."""
        sheet.share(*at, above, below, share(parts), 2, look)

    def group_class(self, sheet: Sheet, at: Place, of: Place, parts: Sequence[OwnPart]) -> None:
        """Write the class of a share; none where it is not known."""
        reached, bands = share(parts), self.index.bands
        named = None if reached is None or bands is None else bands.of(reached).title
        cell = xl_rowcol_to_cell(*of)
        sheet.formula(
            *at,
            f'=IF(ISNUMBER({cell}),LOOKUP({cell},{self.classes}),"")',
            named,
            COUNT,
            {**GRID, "align": "center"},
        )

    def _place(self, version: str, part: OwnPart, column: int) -> Place:
        return self.lines[version, part.unit_code, part.component.code], column


def most(parts: Sequence[OwnPart]) -> int:
    """Return the points that can be reached with components together."""
    return sum(p.component.max for p in parts)


def share(parts: Sequence[OwnPart]) -> Decimal | None:
    """Return the points of components together in percent of those that can be reached, to two places, half up."""
    total = own.total(parts)
    return None if total is None else rounded(percent(total, Decimal(most(parts))), 2)
