"""What of a release everybody may read: no small count of people's records, and nothing that tells one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue
from cchc.indicators.compute import IndicatorValue, subject_of
from cchc.indicators.numbers import percent, printed, rounded
from cchc.indicators.periods import Period
from cchc.indicators.scoring.own import OwnPart
from cchc.publishing.archive import Change, ClosedPeriod, Frozen
from cchc.publishing.content import Content
from cchc.publishing.forms.rows import Form, FormRow
from cchc.publishing.points import Points
from cchc.publishing.suppression.archived import Archived
from cchc.publishing.suppression.cells import Forms, of_share, of_value, protected
from cchc.publishing.suppression.opened import Opened
from cchc.publishing.suppression.problem import Cell
from cchc.publishing.suppression.remembered import NOTHING, Memory, document
from cchc.publishing.suppression.solver import Withheld, withhold
from cchc.publishing.suppression.table import Table, days

_EXACT = 4  # decimals of the ends of a range, so that 99,96% is before 100%
SMALL = "số nhỏ dưới {} hoặc suy ra được số nhỏ, không công bố riêng"


def reason(smallest: int) -> str:
    """Return why a number is not published (Vietnamese)."""
    return SMALL.format(smallest)


@dataclass(frozen=True)
class Public:
    """What everybody may read, and what other releases must remember of it."""

    content: Content
    ended: Mapping[
        str, Any
    ]  # of periods that have ended, what no release had said yet (`remembered.document`)
    to_date: Mapping[str, Any]  # of periods up to the day of the release
    lost: int  # small counts for which no proof was found: what was published before may tell them


def public(content: Content, catalogue: Catalogue, memory: Memory = NOTHING) -> Public:
    """Return the content for citizens: small counts of dossiers and petitions are withheld, with what would tell them.

    A count below `portal.smallest` is small. Nor do small counts follow from this release with others (`memory`).
    No scorecard, no rows to correct, nothing of inspections, no evidence of reports, and no name of who closed or
    reopened a period is in it.
    """
    made = _Public(content, catalogue, memory)
    shown = made.content()
    ended, to_date = made.said()
    return Public(shown, ended, to_date, made.lost)


class _Public:
    def __init__(self, content: Content, catalogue: Catalogue, memory: Memory) -> None:
        self._content, self._catalogue = content, catalogue
        self._smallest = catalogue.province.portal.smallest
        self._reason = reason(self._smallest)
        self._table = Table(catalogue)
        self._people = {
            code: protected(catalogue, chosen.indicators) for code, chosen in catalogue.indicator_sets.items()
        }
        self._shown = self._values()
        self._parts = self._scored()
        self._forms = Forms(self._table, catalogue, content)
        self._archived = Archived(self._table, catalogue, content.archive, self._people)
        self._table.remember(memory)
        forms = (form for of_code in content.forms.values() for form in of_code)
        self._begin = next((days(form.period)[0] for form in forms), "")
        # fields and procedures that were published on any day of the period
        self._opened = set(memory.opened.get(self._begin, ()))
        members = {
            span: subject_of(catalogue, catalogue.province.code, _period(*span)).members
            for span in self._table.spans()
        }
        self._table.add_up_units(members)
        self._withheld: Withheld = withhold(self._table.problem(self._smallest), self._smallest)
        self.lost = self._withheld.lost

    def said(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what `content` says of periods that have ended, and of those up to its day."""
        ended, to_date = self._table.said(self._content.day, self._withheld.cells, self._withheld.ranged)
        columns = {column for one in (*ended, *to_date) for column in one.counts}
        vectors = {column: self._table.columns.vector(column) for column in columns}
        opened = {self._begin: sorted(self._opened)} if self._opened else {}
        return document(ended, vectors), {**document(to_date, vectors), "opened": opened}

    def _values(self) -> dict[int, dict[str, Cell]]:
        """Return the cells of every value about people, by its identity."""
        found = {}
        for origin, value in self._every_value():
            indicator = self._people.get(value.set_code, {}).get(value.indicator_code)
            if indicator is not None:
                found[id(value)] = of_value(self._table, indicator, value, origin)
        return found

    def _every_value(self) -> Iterator[tuple[str, IndicatorValue]]:
        if self._content.history is not None:
            for month in reversed(self._content.history.months):
                yield from (("history", value) for value in month.values.values())
        for table in self._content.tables:
            for row in table.rows:
                yield from (("table", value) for value in row.values)

    def _scored(self) -> dict[int, dict[str, Cell]]:
        found = {}
        for own in self._content.points:
            for version, parts in own.parts.items():
                for part in parts:
                    share = own.index.own(part.group, part.component, version)
                    if share is not None and protected(self._catalogue, (share,)):
                        counts = (None, part.numerator, part.denominator)
                        found[id(part)] = of_share(
                            self._table, share, part.unit_code, own.period, *counts, "points"
                        )
        return found

    def content(self) -> Content:
        """Return the public content."""
        content = self._content
        history = content.history and replace(
            content.history,
            months=tuple(
                replace(month, values={key: self._value(value) for key, value in month.values.items()})
                for month in content.history.months
            ),
        )
        tables = tuple(
            replace(
                table,
                rows=tuple(replace(row, values=tuple(map(self._value, row.values))) for row in table.rows),
            )
            for table in content.tables
        )
        totals = {code: tuple(self._form(code, f) for f in forms) for code, forms in content.forms.items()}
        opened = Opened(content, totals, self._catalogue.province.code, self._smallest, self._opened)
        rows = opened.procedure_rows()
        self._opened |= opened.rows
        return replace(
            content,
            tables=tables,
            points=tuple(map(self._points, content.points)),
            history=history,
            forms={code: tuple(opened.form(code, form) for form in forms) for code, forms in totals.items()},
            procedure_rows=rows,
            procedures={row.procedure_code: content.procedures[row.procedure_code] for row in rows},
            inspections=None,
            evidence={},
            archive=tuple(map(self._closed, content.archive)),
            cards={},
            waiting={},
        )

    def _hidden(self, cells: Mapping[str, Cell]) -> bool:
        return any(map(self._is_withheld, cells.values()))

    def _is_withheld(self, cell: Cell) -> bool:
        return self._table.among(cell, self._withheld.cells)

    def _is_small(self, cell: Cell) -> bool:
        return self._table.among(cell, self._withheld.ranged)

    def _value(self, value: IndicatorValue) -> IndicatorValue:
        cells = self._shown.get(id(value), {})
        if not self._hidden(cells):
            return value
        indicator = self._people[value.set_code][value.indicator_code]
        bounds = self._bounds(cells, indicator)
        return replace(
            value,
            value=None,
            numerator=None,
            denominator=None,
            printed=None if bounds is None else _interval(bounds, indicator),
            reason=self._reason,
            bounds=bounds,
        )

    def _bounds(self, cells: Mapping[str, Cell], share: Indicator) -> tuple[Decimal, Decimal] | None:
        """Return between which a withheld share is: no more than its published denominator and a small count tell."""
        if "rest" not in cells or self._is_withheld(cells["denominator"]):
            return None
        whole = self._table.value(cells["denominator"])
        low, high = 1, whole - 1
        if self._is_small(cells["numerator"]):
            high = min(high, self._smallest - 1)
        if self._is_small(cells["rest"]):
            low = max(low, whole - self._smallest + 1)
        if (low, high) == (1, whole - 1) or low >= high:
            return None
        ends = (percent(Decimal(n), Decimal(whole)) / (1 if share.unit == "%" else 100) for n in (low, high))
        least, most = (rounded(end, _EXACT) for end in ends)
        return least, most

    def _form(self, code: str, form: Form) -> Form:
        return replace(form, rows=tuple(self._row(code, form, row) for row in form.rows))

    def _row(self, code: str, form: Form, row: FormRow) -> FormRow:
        values = self._known(row.values, self._forms.of_row(code, form, row))
        gone = {c: self._reason for c, value in values.items() if value is None and row.values[c] is not None}
        return replace(row, values=values, reasons={**row.reasons, **gone})

    def _known(self, values: Mapping[str, int | None], cells: Mapping[str, Cell]) -> dict[str, int | None]:
        return {c: None if c in cells and self._is_withheld(cells[c]) else v for c, v in values.items()}

    def _points(self, own: Points) -> Points:
        parts = {version: tuple(map(self._part, of_version)) for version, of_version in own.parts.items()}
        return replace(own, parts=parts)

    def _part(self, part: OwnPart) -> OwnPart:
        if not self._hidden(self._parts.get(id(part), {})):
            return part
        return replace(part, numerator=None, denominator=None, ratio=None, score=None, reason=self._reason)

    def _closed(self, closed: ClosedPeriod) -> ClosedPeriod:
        values = {cell: self._frozen(closed, cell, frozen) for cell, frozen in closed.values.items()}
        revisions = tuple(
            replace(
                revision,
                closed_by="",
                note=None,
                reopened_by=None,
                reason=None,
                changes=tuple(self._change(closed, at, change) for change in revision.changes),
            )
            for at, revision in enumerate(closed.revisions)
        )
        return replace(closed, revisions=revisions, values=values)

    def _frozen(self, closed: ClosedPeriod, cell: tuple[str, str, str], frozen: Frozen) -> Frozen:
        if not self._archived.is_hidden(closed, 0, cell, self._is_withheld):
            return frozen
        return Frozen(None, self._reason, None, None)

    def _change(self, closed: ClosedPeriod, at: int, change: Change) -> Change:
        cell = (change.unit_code, change.set_code, change.indicator_code)

        def side(text: str | None, revision: int) -> str | None:
            hidden = self._archived.is_hidden(closed, revision, cell, self._is_withheld)
            says = text is not None and any(letter.isdigit() for letter in text)  # a reason may say how many
            return self._reason if says and hidden else text

        return replace(change, before=side(change.before, at + 1), after=side(change.after, at))


def _interval(bounds: tuple[Decimal, Decimal], indicator: Indicator) -> str:
    """Return `99,6–99,9%`; one number where both ends are printed alike."""
    mark = "%" if indicator.unit == "%" else ""
    ends = (
        printed(rounded(end, indicator.decimals, indicator.rounding), indicator.decimals) for end in bounds
    )
    return "–".join(dict.fromkeys(ends)) + mark


def _period(first: str, last: str) -> Period:
    return Period(f"{first}..{last}", date.fromisoformat(first), date.fromisoformat(last), "report")
