"""The fields and procedures of units as the public reads them: their sums, in the first form alone.

What a small field has online or overdue is small nearly everywhere, so only the columns that are sums are published of
fields and procedures. One form alone: two that count nearly the same would tell what lies between them.

What was open at the end of a period is carried over into the next, so who has both forms knows what came in between: it
is judged as if it stood there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from cchc.publishing.content import Content
from cchc.publishing.forms.layouts import Layout
from cchc.publishing.forms.rows import Form, FormRow
from cchc.publishing.procedures import ProcedureRow
from cchc.publishing.suppression.details import Numbers, published

Row = tuple[str, str, str]  # unit, `field` or `procedure`, its code
OTHER_FIELDS = "Các lĩnh vực khác"
ONLY_SUMS = "từng lĩnh vực chỉ công bố các cột tổng số"
_REST = "\0"  # the fields of a unit that are not published, together


class Opened:
    """Which fields and procedures of each unit are published.

    Of the province the levels are published and not its fields: those of a unit would be told by it, where those of all
    others are published.
    """

    def __init__(
        self,
        content: Content,
        totals: Mapping[str, Sequence[Form]],
        province: str,
        smallest: int,
        before: Collection[Row] = (),
    ) -> None:
        self._content, self._province, self._smallest = content, province, smallest
        self._before = before  # published on an earlier day of the same period
        self.rows: set[Row] = set()  # that are published now
        self._first = next((code for code, forms in content.forms.items() if forms), "")
        self._shown = {form.unit_code: form.rows[-1].values for form in totals.get(self._first, ())}
        self._told: dict[str, dict[str | None, bool]] = {}
        self._rests: dict[str, Numbers] = {}
        for form in content.forms.get(self._first, ()):
            if form.unit_code != province:
                self._decide(form)

    def _columns(self, unit: str, layout: Layout) -> tuple[str, ...]:
        """Return the columns that fields and procedures of a unit are published in."""
        shown = self._shown[unit]
        return tuple(code for code in layout.sums if shown[code] is not None)

    def _decide(self, form: Form) -> None:
        """Settle which fields of a unit are published."""
        columns = self._columns(form.unit_code, form.layout)
        fields = [row for row in form.rows if row.kind == "field"]
        rows = [_told(form.layout, row.values, columns) for row in fields]
        names = [(form.unit_code, "field", row.field_code or "") for row in fields]
        told, rest = self._published(_told(form.layout, form.rows[-1].values, columns), rows, names)
        self._told[form.unit_code] = {row.field_code: one for row, one in zip(fields, told, strict=True)}
        self._rests[form.unit_code] = rest

    def form(self, code: str, form: Form) -> Form:
        """Return a form with the rows that are published; the rest of a unit's fields is one row."""
        others = tuple(row for row in form.rows if row.kind != "field")
        if form.unit_code == self._province or code != self._first:
            return replace(form, rows=others)
        fields = [row for row in form.rows if row.kind == "field"]
        told = self._told[form.unit_code]
        columns = self._columns(form.unit_code, form.layout)
        kept = [_summed(row, _only(row.values, columns)) for row in fields if told[row.field_code]]
        if kept and len(kept) < len(fields):
            rest = replace(fields[0], field_code=None, title=OTHER_FIELDS)
            kept.append(_summed(rest, _only(self._rests[form.unit_code], columns)))
        numbered = [replace(row, number=str(place)) for place, row in enumerate(kept, start=1)]
        return replace(form, rows=(*others[:-1], *numbered, others[-1]))

    def _published(
        self, total: Numbers, rows: Sequence[Numbers], names: Sequence[Row]
    ) -> tuple[list[bool], Numbers]:
        """Return which rows are published, and the rest.

        A small number of the total itself is withheld there; its rows are judged by it, but no rest can hide it.
        """
        small = {column for column, value in total.items() if 0 < (value or 0) < self._smallest}
        gone = [any(0 < (row[column] or 0) < self._smallest for column in small) for row in rows]
        beside = {column: value for column, value in total.items() if column not in small}
        told, rest = published(beside, rows, self._smallest, gone, [name in self._before for name in names])
        self.rows.update(name for name, is_told in zip(names, told, strict=True) if is_told)
        return told, rest

    def procedure_rows(self) -> tuple[ProcedureRow, ...]:
        """Return the procedures that are published: within each field that is, and within the rest of the others."""
        if not self._content.procedure_rows:
            return ()
        layout = self._content.forms[self._first][0].layout
        groups: dict[tuple[str, str | None], list[ProcedureRow]] = defaultdict(list)
        for row in self._content.procedure_rows:
            is_told = self._told[row.unit_code].get(row.field_code)
            groups[row.unit_code, row.field_code if is_told else _REST].append(row)
        found: list[ProcedureRow] = []
        for (unit, _), rows in groups.items():
            columns = self._columns(unit, layout)
            values = [_told(layout, row.values, columns) for row in rows]
            total = {column: _sum(one[column] for one in values) for column in values[0]}
            told, _rest = self._published(
                total, values, [(unit, "procedure", row.procedure_code) for row in rows]
            )
            nothing = dict.fromkeys(rows[0].values)
            found += [
                replace(row, values={**nothing, **_only(own, columns)})
                for row, own, is_told in zip(rows, values, told, strict=True)
                if is_told and columns
            ]
        return tuple(sorted(found, key=lambda row: (row.unit_code, row.procedure_code)))


def _told(layout: Layout, values: Numbers, columns: Collection[str]) -> dict[str, int | None]:
    """Return the columns of a row, what they tell of others, and what came in since the form of the period before."""
    found = dict(_only(values, layout.told_by(columns)))
    for whole, carried in layout.begun:
        if whole in columns:
            found[f"{whole}-{carried}"] = _sum((values[whole], -(values[carried] or 0)))
    return found


def _only(values: Numbers, columns: Iterable[str]) -> Numbers:
    return {column: values[column] for column in columns}


def _summed(row: FormRow, values: Numbers) -> FormRow:
    """Return a row with these columns alone."""
    kept = {**dict.fromkeys(row.values), **values}
    reasons = {column: row.reasons.get(column, ONLY_SUMS) for column, value in kept.items() if value is None}
    return replace(row, values=kept, reasons=reasons)


def _sum(values: Iterable[int | None]) -> int | None:
    known = list(values)
    return None if None in known else sum(value or 0 for value in known)
