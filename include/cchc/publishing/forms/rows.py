"""The rows of a form: one statement over the marts for all units, then exact sums by level, field and column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, text

from cchc.catalogue.indicators import Term
from cchc.catalogue.models import Catalogue, Source
from cchc.errors import ReconciliationError
from cchc.indicators import delivered
from cchc.indicators.amounts import Amounts, Subject
from cchc.indicators.compute import subject_of
from cchc.indicators.delivered import Coverage, Need, reporting_day
from cchc.indicators.periods import Period
from cchc.publishing.forms import fields
from cchc.publishing.forms.layouts import Column, FormTerm, Layout
from cchc.publishing.sql import query, source

_NOT_HELD = "các nguồn đã gửi số liệu không có thông tin này"
_LEVELS_OF_TODAY = (
    "partial",
    "full",
)  # Nghị định 42/2022/NĐ-CP; what the levels 1 to 4 of before are is not settled
_NO_LEVEL = "hồ sơ trực tuyến chưa rõ là toàn trình hay một phần"
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")


@dataclass(frozen=True)
class FormRow:
    """One printed row; a column without a known number holds None, and `reasons` says why (Vietnamese)."""

    kind: Literal["level", "field", "total"]
    level: str  # department, district, commune; total
    field_code: str | None  # `Fields`; None: a level or the total, or dossiers whose field nobody states
    number: str  # I, II …; 1, 2 …; empty for the total
    title: str
    values: Mapping[str, int | None]  # by column
    reasons: Mapping[str, str]  # by column that has no number

    @property
    def reason(self) -> str | None:
        """Why numbers are missing: one sentence where all are, else by column."""
        if not self.reasons:
            return None
        if len(self.reasons) == len(self.values) and len(set(self.reasons.values())) == 1:
            return next(iter(self.reasons.values()))
        columns: dict[str, list[str]] = defaultdict(list)
        for code, why in self.reasons.items():
            columns[why].append(f"({code.removeprefix('c')})")
        return "; ".join(f"cột {', '.join(codes)}: {why}" for why, codes in columns.items())


@dataclass(frozen=True)
class Form:
    """A form of one unit, or of the province, over a period."""

    layout: Layout
    unit_code: str
    unit_name: str
    period: Period
    rows: tuple[FormRow, ...]
    coverage: Coverage
    day: date  # the reporting day the coverage is measured against
    absent: tuple[str, ...]  # names of units that should have delivered and have not: in no number
    notes: tuple[str, ...]  # the layout's, and what is missing from single columns


def build(
    engine: Engine,
    catalogue: Catalogue,
    layout: Layout,
    unit_code: str,
    period: Period,
    *,
    day: date | None = None,
) -> Form:
    """Return a form of a unit; the province's own code gives all its units.

    `day`: the reporting day that coverage is measured against (default: the newest night's). Raises
    `ConfigurationError` for an unknown unit or measure, `ReconciliationError` naming row and numbers where columns
    that must agree do not.
    """
    layout.check(catalogue)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return Builder(connection, catalogue, layout, unit_code, period, day).form()


Cells = dict[str, int | None]
Reasons = dict[str, str]


class Builder:
    """One form in the making, in the snapshot of one connection."""

    def __init__(
        self,
        connection: Connection,
        catalogue: Catalogue,
        layout: Layout,
        unit_code: str,
        period: Period,
        day: date | None,
    ) -> None:
        self._connection, self._catalogue, self._layout = connection, catalogue, layout
        self._subject = subject_of(catalogue, unit_code, period)
        self._day = day or reporting_day(connection, period)
        self._amounts = Amounts(connection, catalogue, period, ())
        self._period = self._amounts.period
        self._need = Need("dossier", {}, self._period)
        self._amounts.fetch(())
        members = list(self._subject.members)
        stated = connection.execute(query("field_titles"), {"units": members})
        #: Under which row of fields each unit's codes stand.
        self.fields = fields.of_units(members, (tuple(row) for row in stated), layout.field_titles)
        self._by_level: dict[str, list[str]] = defaultdict(list)
        for code in members:
            self._by_level[catalogue.unit(code).group].append(code)
        #: Units that have delivered any of the period: what others sent before is in no number.
        self.delivered = [code for code in members if self._has_delivered([code])]
        #: What was counted, by level and field.
        self.counts = self._counts()

    def form(self) -> Form:
        """Return the whole form; raises `ReconciliationError`."""
        rows: list[FormRow] = []
        for level in self._layout.levels:
            if level.group in self._by_level:
                number = _ROMAN[sum(r.kind == "level" for r in rows)]
                rows += self._level_rows(level.group, number, level.title, self.counts[level.group])
        rows.append(self._total(rows))
        for row in rows:
            self._reconcile(row)
        members = self._subject.members
        return Form(
            layout=self._layout,
            unit_code=self._subject.code,
            unit_name=self._name(self._subject.code),
            period=self._period,
            rows=tuple(rows),
            coverage=self.coverage(members),
            day=self._day,
            absent=tuple(
                self._name(code)
                for code in members
                if code not in self.delivered
                and any(s.expected for s in self._amounts.sources.of([code], self._need))
            ),
            notes=(
                *self._layout.notes,
                *self.fields.note(row.field_code for row in rows),
                *self._beginnings(),
                *self._partial_columns(),
            ),
        )

    def coverage(self, units: Collection[str]) -> Coverage:
        """Return how much of what these units should have delivered is there."""
        return delivered.coverage(self._amounts.sources, self._amounts.marks, units, [self._need], self._day)

    def _name(self, code: str) -> str:
        province = self._catalogue.province
        return province.name if code == province.code else self._catalogue.unit(code).name

    def _has_delivered(self, units: Sequence[str]) -> bool:
        return delivered.has_delivered(
            self._amounts.marks, self._amounts.sources.of(units, self._need), self._need
        )

    def _counts(self) -> dict[str, dict[str | None, list[Row[Any]]]]:
        measures = sorted({t.measure for t in self._layout.terms()})
        found: dict[str, dict[str | None, list[Row[Any]]]] = defaultdict(lambda: defaultdict(list))
        rows = self._connection.execute(
            text(fields.by_field(source("form_counted"), "form_counts")),
            {
                "units": self.delivered,
                "levels": [self._catalogue.unit(code).group for code in self.delivered],
                "measures": measures,
                "stocks": [m for m in measures if self._catalogue.measures[m].kind == "stock"],
                "first_day": self._period.start,
                "last_day": self._period.end,
                **self.fields.asked(),
            },
        )
        for row in rows:
            found[row.level][row.field_code].append(row)
        return found

    def _level_rows(
        self, group: str, number: str, title: str, by_field: Mapping[str | None, Sequence[Row[Any]]]
    ) -> list[FormRow]:
        units = self._by_level[group]
        reasons = self._reasons(units)
        made: list[FormRow] = []
        for code in sorted(by_field, key=lambda c: (c is None, c or "")):
            values = self._cells(by_field[code], reasons)
            unclear = self._unclear(by_field[code], values)
            if any(values.values()) or unclear:
                name = self._layout.no_field if code is None else self.fields.titles.get(code, code)
                known = {c: None if c in unclear else value for c, value in values.items()}
                made.append(
                    FormRow("field", group, code, str(len(made) + 1), name, known, {**unclear, **reasons})
                )
        added, whys = _added(self._layout.columns, made, reasons)
        return [FormRow("level", group, None, number, title, added, whys), *made]

    def _total(self, rows: Sequence[FormRow]) -> FormRow:
        levels = [r for r in rows if r.kind == "level"]
        reasons = self._reasons(self._subject.members)
        values, whys = _added(self._layout.columns, levels, reasons)
        return FormRow("total", "total", None, "", self._layout.total, values, whys)

    def _reasons(self, units: Sequence[str]) -> Reasons:
        """Return why columns of rows about these units have no number."""
        whole = self._subject.whole
        asked = Subject(self._subject.code, tuple(units), whole=whole)
        nothing = self._amounts.amount(Term(measure="received"), asked)
        if nothing.value is None:
            return {c.code: nothing.reason or "" for c in self._layout.columns}
        reasons = {c.code: c.missing for c in self._layout.columns if c.missing}
        for column in self._layout.columns:
            if column.value and not any(self._holds(s, column) for s in self.sources_of(units)):
                reasons[column.code] = _NOT_HELD
        for column in self._layout.columns:
            if unknown := [code for code in column.sum if code in reasons]:
                reasons[column.code] = reasons[unknown[0]]
        return reasons

    def sources_of(self, units: Iterable[str]) -> list[Source]:
        """Return the sources of these units that have delivered any of the period."""
        found = self._amounts.sources.of(units, self._need)
        return [s for s in found if delivered.has_delivered(self._amounts.marks, [s], self._need)]

    def _holds(self, source: Source, column: Column) -> bool:
        """Whether a source can have dossiers that count in the column."""
        for term in column.value:
            fields = self._catalogue.measures[term.measure].needs
            need = Need("dossier", term.where.asked(), self._period, fields)
            if fields and source not in self._amounts.sources.of([source.unit], need):
                return False
        needs = (Need("dossier", term.where.asked(), self._period) for term in column.value)
        return any(source in self._amounts.sources.of([source.unit], need) for need in needs)

    def _beginnings(self) -> Iterable[str]:
        """Yield a note where sources were first read from a day on that leaves open what was carried over."""
        sources = self.sources_of(self._subject.members)
        late = [s for s in sources if s.history_from >= self._period.start]
        columns = [c.code for c in self._layout.columns if any(t.at == "before" for t in c.value)]
        if late and columns:
            begins = min(s.history_from for s in late)
            named = ", ".join(f"({code.removeprefix('c')})" for code in columns)
            yield (
                f"Cột {named}: {len(late)}/{len(sources)} nguồn được đọc từ {begins:%d/%m/%Y};"
                " hồ sơ nhận trước đó và chưa giải quyết xong có thể chưa đủ."
            )

    def _partial_columns(self) -> Iterable[str]:
        """Yield notes on the columns that some delivering sources cannot fill, and others do: those alike together."""
        sources = self.sources_of(self._subject.members)
        alike: dict[int, list[str]] = {}
        for column in self._layout.columns:
            if not column.value:
                continue
            lacking = [s for s in sources if not self._holds(s, column)]
            if lacking and len(lacking) < len(sources):
                alike.setdefault(len(lacking), []).append(f"({column.code.removeprefix('c')})")
        for count_of, columns in sorted(alike.items()):
            yield (
                f"Cột {', '.join(columns)} chưa gồm hồ sơ của {count_of}/{len(sources)} nguồn"
                " không có thông tin này."
            )

    def _unclear(self, counts: Sequence[Row[Any]], values: Cells) -> Reasons:
        """Return the columns by level in which nothing is counted, though there are dossiers that may belong there."""
        others = [row for row in counts if row.online_level not in _LEVELS_OF_TODAY]
        reasons: Reasons = {}
        for column in self._layout.columns:
            by_level = [t for t in column.value if t.where.online_level in _LEVELS_OF_TODAY]
            any_level = [t.model_copy(update={"where": t.where.any_level()}) for t in by_level]
            if values[column.code] == 0 and any(count(t, row) for t in any_level for row in others):
                reasons[column.code] = _NO_LEVEL
        return reasons

    def _cells(self, counts: Sequence[Row[Any]], reasons: Reasons) -> Cells:
        cells: Cells = {}
        for column in self._layout.columns:
            if column.value:
                cells[column.code] = sum(count(term, row) for term in column.value for row in counts)
        for column in self._layout.columns:
            if column.sum:
                cells[column.code] = sum(cells[code] or 0 for code in column.sum)
        return {c.code: None if c.code in reasons else cells[c.code] for c in self._layout.columns}

    def _reconcile(self, row: FormRow) -> None:
        """Raise `ReconciliationError` where an identity of the layout does not hold in a row."""
        for identity in self._layout.identities:
            left = [row.values[code] for code in identity.left]
            right = [row.values[code] for code in identity.right]
            if None in left or None in right:
                continue
            if sum(v or 0 for v in left) != sum(v or 0 for v in right):
                sides = (
                    " + ".join(
                        f"({code.removeprefix('c')})={value}"
                        for code, value in zip(codes, values, strict=True)
                    )
                    for codes, values in ((identity.left, left), (identity.right, right))
                )
                raise ReconciliationError(
                    f"{self._layout.number}, {self._name(self._subject.code)}, {self._period.title()}: dòng"
                    f" “{row.title}” ({row.level}) không khớp: {' ≠ '.join(sides)}"
                )


def count(term: FormTerm, row: Row[Any]) -> int:
    """Return what a counted row adds to a term."""
    if row.measure_code != term.measure:
        return 0
    if any(getattr(row, name) != wanted for name, wanted in term.where.asked().items()):
        return 0
    amounts = {"before": row.before, "within": row.within, "through": row.before + row.within}
    return -int(amounts[term.at]) if term.minus else int(amounts[term.at])


def _added(
    columns: Iterable[Column], rows: Sequence[FormRow], reasons: Reasons
) -> tuple[Cells, Mapping[str, str]]:
    """Return the sums of rows and why some are not known; of rows without a number for a column nothing is added.

    A sum of nothing over a row that is not known is not known either: it is not 0. A row without any number is of
    units that have not delivered: they are named (`Form.absent`), and the row of the others stays one row.
    """
    whys = dict(reasons)
    cells: Cells = {}
    rows = [row for row in rows if any(value is not None for value in row.values.values())] or rows
    for column in columns:
        total = sum(row.values[column.code] or 0 for row in rows)
        why = next((row.reasons[column.code] for row in rows if column.code in row.reasons), None)
        if not total and why is not None:
            whys.setdefault(column.code, why)
        cells[column.code] = None if column.code in whys else total
    return cells, whys
