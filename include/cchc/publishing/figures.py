"""Every number of a period as a closing freezes it: indicators, points and the cells of forms, in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from cchc.catalogue.models import Catalogue
from cchc.indicators.compute import IndicatorValue, compute_on, subject_of
from cchc.indicators.numbers import printed
from cchc.indicators.periods import Period
from cchc.indicators.scoring import own
from cchc.publishing.forms import layouts
from cchc.publishing.forms.rows import Builder, Form
from cchc.publishing.silence import Silence, heed_form
from cchc.settings import settings
from cchc.warehouse import marts

FORMS = ("ii06a", "07a")  # whose cells are frozen with the numbers
_FORM = "form:"  # begins the set code of a form's cells


def of_period(
    connection: Connection, catalogue: Catalogue, period: Period, day: date
) -> list[IndicatorValue]:
    """Return every number of all units and the province: indicators, points under each rule version, cells of forms.

    Raises `ReconciliationError` where more is loaded than the numbers count.
    """
    members = subject_of(catalogue, catalogue.province.code, period).members
    marts.check_in_step(connection, members)
    units = [*members, catalogue.province.code]
    silence = Silence.read(connection, catalogue)
    found = [
        value
        for chosen in catalogue.indicator_sets.values()
        for value in silence.heed_all(
            compute_on(connection, catalogue, chosen, units, period, day=day), chosen.indicators
        )
    ]
    for scores in catalogue.scores.values():
        by_version = own.score_versions(
            connection, catalogue, scores, tuple(scores.versions), units, period, day=day
        )
        for version, parts in by_version.items():
            known = [silence.heed_part(part, scores, version, period) for part in parts]
            found += own.values(scores, version, known, period)
    for code in FORMS:
        layout = layouts.load(settings().catalogue, code)
        layout.check(catalogue)
        for unit in units:  # in this snapshot, which `rows.build` would not be
            form = Builder(connection, catalogue, layout, unit, period, day).form()
            found += _cells_of(heed_form(form, silence.of_forms([form]).get(unit)))
    return found


def _cells_of(form: Form) -> Iterator[IndicatorValue]:
    """Yield the cells of a form: `department/c3` is of a level, `department/GD/c3` of a field, `total/c3` of all.

    A field that nobody states has an empty name: `department//c3`.
    """
    for row in form.rows:
        place = f"{row.level}/{row.field_code or ''}" if row.kind == "field" else row.level
        for column, value in row.values.items():
            number = None if value is None else Decimal(value)
            yield IndicatorValue(
                unit_code=form.unit_code,
                set_code=f"{_FORM}{form.layout.code}",
                indicator_code=f"{place}/{column}",
                period=form.period,
                value=number,
                numerator=None,
                denominator=None,
                printed=None if number is None else printed(number),
                reason=row.reasons.get(column) if number is None else None,
                coverage=form.coverage.share,
                fresh_to=form.coverage.fresh_to,
                lacking=form.coverage.lacking,
            )


def is_of_form(set_code: str) -> bool:
    """Return whether a value of that set is the cell of a form."""
    return set_code.startswith(_FORM)


def numbers_of_forms() -> list[str]:
    """Return the official numbers of the forms whose cells are frozen."""
    return [layouts.load(settings().catalogue, code).number for code in FORMS]
