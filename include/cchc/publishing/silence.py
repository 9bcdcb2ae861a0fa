"""What of a unit is not published, though it could be counted: a number that a silent source would make untrue.

Where one of a unit's sources has delivered nothing of the period and another has, a count is published with a note that
names the silent one. A share of what is there would be the share of other records, and a 0 would be nobody's count:
missing is never zero, so both are published as unknown, with the reason. The province's shares stay, as those of the
units that are there, with a note of what lacks; its 0 is nobody's count like any other, and the reason says how many
sources lack. What a source came too late for counts there as well: the month before is of those alone that reach back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue
from cchc.catalogue.scores import ScoreSet
from cchc.indicators import delivered
from cchc.indicators.compute import IndicatorValue, subject_of
from cchc.indicators.delivered import Need, Sources, Watermarks
from cchc.indicators.periods import Period
from cchc.indicators.scoring.own import OwnPart
from cchc.indicators.sums import term_period
from cchc.publishing.forms.rows import Form, FormRow
from cchc.publishing.procedures import ProcedureRow

Reasons = Mapping[str, str]  # by level of a form's rows (`FormRow.level`)


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
        if self._is_whole(value.unit_code) if indicator.denominator else value.value != 0:
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
        if part.numerator is None or share is None or self._is_whole(part.unit_code):
            return part
        reason = self._reason(part.unit_code, share, period, part.lacking)
        if reason is None:
            return part
        return replace(part, numerator=None, denominator=None, ratio=None, score=None, reason=reason)

    def of_forms(self, forms: Iterable[Form]) -> dict[str, Reasons]:
        """Return why a 0 in a unit's form is nobody's count (Vietnamese, by level), for those with a silent source."""
        found: dict[str, Reasons] = {}
        for form in forms:
            need = Need("dossier", {}, form.period)
            members = subject_of(self.catalogue, form.unit_code, form.period).members
            by_level = {"total": members}
            for row in form.rows:
                if row.kind == "level":
                    by_level[row.level] = tuple(
                        code for code in members if self.catalogue.unit(code).group == row.level
                    )
            reasons = {
                level: reason
                for level, units in by_level.items()
                if (reason := self._why(form.unit_code, units, [need], form.coverage.lacking))
            }
            if reasons:
                found[form.unit_code] = reasons
        return found

    def _is_whole(self, unit: str) -> bool:
        return unit == self.catalogue.province.code

    def _reason(
        self, unit: str, indicator: Indicator, period: Period, lacking: Collection[str]
    ) -> str | None:
        """Return which of the lacking sources have delivered nothing of the period (Vietnamese), or None."""
        if not lacking and not self._is_whole(unit):
            return None
        needs = [
            delivered.need_of(self.catalogue, term, term_period(term, period)) for term in indicator.terms()
        ]
        members = subject_of(self.catalogue, unit, period).members
        return self._why(unit, members, needs, lacking)

    def _why(
        self, unit: str, members: Sequence[str], needs: Iterable[Need], lacking: Collection[str]
    ) -> str | None:
        """Return the sources of members that are silent: by name, or of the province how many."""
        asked: set[str] = set()
        silent: dict[str, str] = {}
        for need in needs:
            speaking = self.sources.of(members, need)
            # a unit whose records begin later may owe a report instead, so it need not be among those that lack
            late = self.sources.begun_later(members, need) if self._is_whole(unit) else []
            nothing = [
                source
                for source in speaking
                if source.code in lacking and not delivered.has_delivered(self.marks, [source], need)
            ]
            asked |= {source.code for source in (*speaking, *late) if source.expected}
            silent |= {
                source.code: source.title or source.code for source in (*nothing, *late) if source.expected
            }
        if not silent:
            return None
        named = f"{len(silent)}/{len(asked)} nguồn" if self._is_whole(unit) else ", ".join(silent.values())
        return f"chưa có số liệu nào của kỳ từ {named}"


def heed_form(form: Form, reasons: Reasons | None) -> Form:
    """Return a form as it is published: with `reasons` (`Silence.of_forms`) a 0 is unknown."""
    if reasons is None:
        return form
    return replace(form, rows=tuple(_heed_form_row(row, reasons.get(row.level)) for row in form.rows))


def _heed_form_row(row: FormRow, reason: str | None) -> FormRow:
    if reason is None:
        return row
    unknown = {code: reason for code, value in row.values.items() if value == 0}
    return replace(
        row,
        values={code: value or None for code, value in row.values.items()},
        reasons={**unknown, **row.reasons},
    )


def heed_row(row: ProcedureRow) -> ProcedureRow:
    """Return a procedure's row of a unit that has a silent source as it is published: a 0 is unknown."""
    return replace(row, values={code: value or None for code, value in row.values.items()})
