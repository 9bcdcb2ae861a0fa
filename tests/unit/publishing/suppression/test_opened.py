"""Fields and procedures of a form as the public reads them: what an identity tells of a row counts as told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cchc.indicators import periods
from cchc.indicators.delivered import Coverage
from cchc.publishing.content import Content
from cchc.publishing.forms import layouts
from cchc.publishing.forms.rows import Form, FormRow
from cchc.publishing.procedures import ProcedureRow
from cchc.publishing.suppression.opened import OTHER_FIELDS, Opened
from cchc.settings import SHIPPED_CATALOGUE

LAYOUT = layouts.load(SHIPPED_CATALOGUE, "ii06a")
OF = {"A": (13, 9), "B": (50, 40), "C": (20, 12)}  # by field: to handle, finished


def _values(came: int, finished: int) -> Mapping[str, int | None]:
    known = {
        "c3": came,
        "c4": came,
        "c7": finished,
        "c8": finished,
        "c11": came - finished,
        "c12": came - finished,
    }
    return {column.code: known.get(column.code, 0) for column in LAYOUT.columns}


def _form() -> Form:
    rows = [FormRow("field", "commune", code, "1", code, _values(*of), {}) for code, of in OF.items()]
    came, finished = (sum(of[n] for of in OF.values()) for n in (0, 1))
    rows.append(FormRow("total", "total", None, "", "Tổng cộng", _values(came, finished), {}))
    period = periods.parse("2026-11")
    return Form(LAYOUT, "01273", "Xã", period, tuple(rows), Coverage(None, None, ()), period.end, (), ())


def test_what_is_still_open_is_not_told_by_what_came_and_what_is_finished() -> None:
    form = _form()
    procedures = tuple(ProcedureRow("01273", f"1.{code}", code, _values(*of)) for code, of in OF.items())
    content = Content(
        "H14", "Tỉnh", date(2026, 11, 14), (), (), forms={"ii06a": (form,)}, procedure_rows=procedures
    )
    opened = Opened(content, {"ii06a": (form,)}, "H14", 5)
    fields = [row for row in opened.form("ii06a", form).rows if row.kind == "field"]
    told = {row.title: tuple(row.values[c] for c in ("c3", "c7", "c11")) for row in fields}
    assert told == {"B": (50, 40, 10), OTHER_FIELDS: (33, 21, 12)}  # A has 4 open, and C alone would tell it
    assert {row.procedure_code for row in opened.procedure_rows()} == {"1.B"}
    shown = [row.values for row in fields] + [row.values for row in opened.procedure_rows()]
    assert all(values["c4"] is None for values in shown)
