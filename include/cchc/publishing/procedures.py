"""The dossiers of every unit by procedure, in the columns of form II.06a: what a unit's numbers open to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, text

from cchc.catalogue.models import Catalogue
from cchc.indicators import words
from cchc.indicators.numbers import printed
from cchc.publishing.forms.fields import AS_CODED, by_field
from cchc.publishing.forms.layouts import Layout
from cchc.publishing.forms.rows import Form, count
from cchc.publishing.sql import query, source


@dataclass(frozen=True)
class Procedure:
    """A procedure as the registers of the units state it, newest word first; None: nobody states it."""

    code: str
    title: str | None
    field_code: str | None
    field_title: str | None
    online_level: str | None
    term: str | None  # as printed: 10 ngày làm việc

    @property
    def name(self) -> str:
        """The title, or the code where nobody states one."""
        return self.title or self.code


@dataclass(frozen=True)
class ProcedureRow:
    """The dossiers of one procedure of one unit in a period; by column of the form, None: not known."""

    unit_code: str
    procedure_code: str
    field_code: str | None
    values: Mapping[str, int | None]


def gather_rows(
    connection: Connection, catalogue: Catalogue, layout: Layout, forms: Sequence[Form]
) -> tuple[ProcedureRow, ...]:
    """Return a row for every procedure with dossiers of the units whose forms these are, by unit, then by code.

    The rows of a unit add up to the total of its form; a unit whose form has no numbers has no rows.
    """
    known = {
        form.unit_code: form for form in forms if any(v is not None for v in form.rows[-1].values.values())
    }
    if not known:
        return ()
    period = next(iter(known.values())).period
    measures = sorted({term.measure for term in layout.terms()})
    rows = connection.execute(
        text(by_field(source("form_counted"), "procedure_counts")),
        {
            "units": list(known),
            "measures": measures,
            "stocks": [m for m in measures if catalogue.measures[m].kind == "stock"],
            "first_day": period.start,
            "last_day": period.end,
            **AS_CODED.asked(),
        },
    )
    counted: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        counted[row.unit_code, row.procedure_code].append(row)
    found = []
    for (unit, code), own in sorted(counted.items()):
        values = _values(layout, own, known[unit].rows[-1].values)
        if any(values.values()):
            found.append(ProcedureRow(unit, code, own[0].field_code, values))
    return tuple(found)


def _values(
    layout: Layout, rows: Sequence[Row[Any]], total: Mapping[str, int | None]
) -> dict[str, int | None]:
    values: dict[str, int | None] = {}
    for column in layout.columns:
        if column.value:
            values[column.code] = sum(count(term, row) for term in column.value for row in rows)
    for column in layout.columns:
        if column.sum:
            values[column.code] = sum(values[code] or 0 for code in column.sum)
    # what is not known of the unit is not known of its procedures
    return {c.code: None if total[c.code] is None else values[c.code] for c in layout.columns}


def gather(connection: Connection, rows: Sequence[ProcedureRow]) -> dict[str, Procedure]:
    """Return what the registers state of the procedures that have rows, by code."""
    codes = sorted({row.procedure_code for row in rows})
    found = {}
    for row in connection.execute(query("procedure_facts"), {"codes": codes}):
        term = (
            None if row.term_value is None else f"{_number(row.term_value)} {words.TERM_UNITS[row.term_unit]}"
        )
        level = None if row.online_level in (None, "unknown") else row.online_level
        found[row.procedure_code] = Procedure(
            row.procedure_code, row.title, row.field_code, row.field_title, level, term
        )
    return {code: found.get(code, Procedure(code, None, None, None, None, None)) for code in codes}


def _number(value: Decimal) -> str:
    return printed(value)
