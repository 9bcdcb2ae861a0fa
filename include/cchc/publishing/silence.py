"""What of a unit is not published, though it could be counted: a number that a silent source would make untrue.

Where one of a unit's sources has delivered nothing of the period and another has, a count is published with a note that
names the silent one. A share of what is there would be the share of other records, and a 0 would be nobody's count:
missing is never zero, so both are published as unknown, with the reason. The province's stay, as those of the units
that are there, with a note of what lacks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue
from cchc.catalogue.scores import ScoreSet
from cchc.indicators import delivered
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.delivered import Need, Sources, Watermarks
from cchc.indicators.periods import Period
from cchc.indicators.scoring.own import OwnPart
from cchc.indicators.sums import term_period
from cchc.publishing.forms.rows import Form
from cchc.publishing.procedures import ProcedureRow


@dataclass(frozen=True)
class Silence:
    """Which sources have delivered nothing of a period, and what is therefore unknown."""

    catalogue: Catalogue
    marks: Watermarks
    sources: Sources

    @classmethod
    def read(cls, connection: Connection, catalogue: Catalogue) -> Silence:
        """Return what the watermarks say, in the snapshot of `connection`."""
        return cls(catalogue, delivered.watermarks(connection, catalogue), Sources(catalogue))

    def heed(self, value: IndicatorValue, indicator: Indicator) -> IndicatorValue:
        """Return a value as it is published: as it is, or unknown with the reason."""
        if value.value is None or value.provenance == "reported":  # what the unit states is its own word
            return value
        if not indicator.denominator and value.value != 0:
            return value
        reason = self._reason(value.unit_code, indicator, value.period, value.lacking)
        if reason is None:
            return value
        return replace(
            value, value=None, numerator=None, denominator=None, printed=None, provenance=None, reason=reason
        )

    def heed_all(
        self, values: Iterable[IndicatorValue], indicators: Iterable[Indicator]
    ) -> list[IndicatorValue]:
        """Return values of some of a set's indicators as they are published."""
        by_code = {indicator.code: indicator for indicator in indicators}
        return [self.heed(value, by_code[value.indicator_code]) for value in values]

    def heed_part(self, part: OwnPart, index: ScoreSet, version: str, period: Period) -> OwnPart:
        """Return a component of an index as it is published: it is the share of a unit, or none."""
        share = index.own(part.group, part.component, version)
        if part.numerator is None or share is None:
            return part
        reason = self._reason(part.unit_code, share, period, part.lacking)
        if reason is None:
            return part
        return replace(part, numerator=None, denominator=None, ratio=None, score=None, reason=reason)

    def of_forms(self, forms: Iterable[Form]) -> dict[str, str]:
        """Return why a 0 in a unit's form is nobody's count (Vietnamese), for the units that have a silent source."""
        found = {}
        for form in forms:
            needs = [Need("dossier", {}, form.period)]
            silent = self._silent(form.unit_code, needs, form.coverage.lacking)
            if silent and form.unit_code != self.catalogue.province.code:
                found[form.unit_code] = _said(silent)
        return found

    def _reason(
        self, unit: str, indicator: Indicator, period: Period, lacking: Collection[str]
    ) -> str | None:
        """Return which of a unit's lacking sources have delivered nothing of the period (Vietnamese), or None."""
        if not lacking or unit == self.catalogue.province.code:
            return None
        needs = [
            delivered.need_of(self.catalogue, term, term_period(term, period)) for term in indicator.terms()
        ]
        silent = self._silent(unit, needs, lacking)
        return _said(silent) if silent else None

    def _silent(self, unit: str, needs: Iterable[Need], lacking: Collection[str]) -> dict[str, str]:
        """Return the lacking sources of a unit that have delivered nothing of what is needed, with their titles."""
        return {
            source.code: source.title or source.code
            for need in needs
            for source in self.sources.of([unit], need)
            if source.code in lacking and not delivered.has_delivered(self.marks, [source], need)
        }


def _said(silent: Mapping[str, str]) -> str:
    return f"chưa có số liệu nào của kỳ từ {', '.join(silent.values())}"


def heed_form(form: Form, reason: str | None) -> Form:
    """Return a form as it is published: with a `reason` (`Silence.of_forms`) a 0 is unknown."""
    if reason is None:
        return form
    rows = (
        replace(
            row,
            values={code: value or None for code, value in row.values.items()},
            reasons={**{code: reason for code, value in row.values.items() if value == 0}, **row.reasons},
        )
        for row in form.rows
    )
    return replace(form, rows=tuple(rows))


def heed_row(row: ProcedureRow) -> ProcedureRow:
    """Return a procedure's row of a unit that has a silent source as it is published: a 0 is unknown."""
    return replace(row, values={code: value or None for code, value in row.values.items()})
