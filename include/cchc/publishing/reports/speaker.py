"""Looks figures up and says them: sentences, and rows of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.indicators.numbers import printed
from cchc.publishing.reports.figures import WHOLE, Edition
from cchc.publishing.reports.model import Phrases, wrong
from cchc.publishing.reports.said import Said, Trace, Use, meaning_of


class Speaker:
    """Says the figures of an edition about one unit, beside those of the period before."""

    def __init__(
        self,
        catalogue: Catalogue,
        phrases: Phrases,
        edition: Edition,
        previous: Edition | None,
        *,
        subject: str,
        main_set: str,
        code: str,
        names: Mapping[str, str] | None = None,
        compare_from: Decimal = Decimal(1),
    ) -> None:
        self.trace = Trace()
        self._catalogue, self._phrases = catalogue, phrases
        self._edition, self._previous = edition, previous
        self._subject, self._main_set, self._code = subject, main_set, code
        self._names, self._compare_from = names or {}, compare_from
        self._jinja = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        self.common: dict[str, Any] = {}

    def fill(self, text: str, **names: Any) -> str:
        """Return a text with its figures; raises `ConfigurationError` naming the text that cannot be filled in."""
        try:
            filled = self._jinja.from_string(text).render(self.common | names)
        except TemplateError as error:
            raise self.wrong(f"{text.strip()!r} cannot be filled in: {error.message}") from None
        return " ".join(filled.split())

    def holds(self, condition: str, **names: Any) -> bool:
        """Return whether a condition holds; raises `ConfigurationError` naming one that is none."""
        try:
            return bool(self._jinja.compile_expression(condition)(self.common | names))
        except TemplateError as error:
            raise self.wrong(f"when: {condition!r}: {error.message}") from None

    def wrong(self, why: str) -> ConfigurationError:
        """Return the error of a text of the report that cannot be filled in."""
        return wrong(self._code, why)

    def look_up(self, wanted: str, unit: str | None = None) -> Said | None:
        """Return an indicator (`code` or `set/code`) of a unit, known or missing; None: the catalogue has none such."""
        set_code, _, code = wanted.rpartition("/")
        unit = unit or self._subject
        sets = [set_code] if set_code else [self._main_set, *self._catalogue.indicator_sets]
        there = [name for name in sets if meaning_of(self._catalogue, name, code) is not None]
        if not there:
            return None
        # the report's own set first; a set that was not published stands behind one that was
        chosen = next((n for n in there if (unit, n, code) in self._edition.figures), there[0])
        return self._said(unit, chosen, code)

    def _said(self, unit: str, set_code: str, code: str) -> Said:
        meaning = meaning_of(self._catalogue, set_code, code)
        if meaning is None:
            raise self.wrong(f"the catalogue has no {set_code}/{code}")
        named = self._names.get(f"{set_code}/{code}")
        if named is None and set_code == self._main_set:
            named = self._names.get(code)
        if named is not None:
            meaning = replace(meaning, title=named)
        name = self.unit_name(unit)
        own = Use(self._edition.of(unit, set_code, code), meaning, self._edition, name)
        earlier = None
        if self._previous is not None:
            earlier = Use(self._previous.of(unit, set_code, code), meaning, self._previous, name)
        return Said(self.trace, own, earlier, self._by, self._compare_from)

    def _by(self, said: Said, amount: str, share: str | None) -> str:
        phrase = self._phrases.by_points if said.use.meaning.unit == "%" else self._phrases.by
        return self.fill(phrase, amount=amount, unit=said.unit, share=share)

    @property
    def catalogue(self) -> Catalogue:
        """The province."""
        return self._catalogue

    @property
    def phrases(self) -> Phrases:
        """What all reports say in the same words."""
        return self._phrases

    @property
    def edition(self) -> Edition:
        """Where the figures stand."""
        return self._edition

    def unit_name(self, code: str) -> str:
        """Return a unit's name; the province's own code is the province."""
        return (
            self._catalogue.province.name
            if code == self._catalogue.province.code
            else self._catalogue.unit(code).name
        )

    def compared(self, said: Said) -> str:
        """Return how a figure changed as a sentence; empty where it or the one before is not known."""
        change = said.change
        if change is None or (
            not change and said.zero
        ):  # nothing before, nothing now: there is nothing to compare
            return ""
        phrase = self._phrases.up if change > 0 else self._phrases.down if change < 0 else self._phrases.same
        return self.fill(phrase, what=said.title, figure=said)

    def alone(self, said: Said) -> str:
        """Return a known figure by itself."""
        return self.fill(self._phrases.known, what=said.use.meaning.title, figure=said)

    def partial_zero(self, said: Said) -> str:
        """Return that nothing was counted by the sources that are in a number, and that others are not in it."""
        what, covered = said.use.meaning.title, said.use.figure.covered
        if said.use.figure.reason is not None:  # units are lacking, which it names
            return self.partly(self.fill(self._phrases.known, what=what, figure=said), [said])
        return self.fill(self._phrases.partial_zero, what=what, figure=said, covered=covered)

    def partly(self, text: str, saids: Iterable[Said]) -> str:
        """Return a sentence, and of how many units its figures are where not all that owe a report have sent it."""
        saids = [said for said in saids if said.known]
        lacking = [said for said in saids if said.use.figure.reason is not None]
        if not text or not lacking:
            return text
        told = {said.title: self._phrases.short(said.reason) for said in lacking}
        alike = len(set(told.values())) == 1 and len(lacking) == len(saids)
        covered = (
            next(iter(told.values())) if alike else "; ".join(f"{what}: {why}" for what, why in told.items())
        )
        return self.fill(self._phrases.partly, sentence=text.removesuffix("."), covered=covered)

    def lacks(self, missing: Sequence[Said]) -> list[str]:
        """Return sentences that say which figures are missing and why: one for each reason."""
        by_reason: dict[str, list[Said]] = {}
        for said in missing:
            by_reason.setdefault(self._phrases.short(said.reason), []).append(said)
        found = []
        for reason, of_reason in by_reason.items():
            phrase = self._phrases.missing if len(of_reason) == 1 else self._phrases.several
            what = "; ".join(dict.fromkeys(said.title for said in of_reason))
            found.append(self.fill(phrase, what=what, reason=reason))
        return found

    def points(self, set_code: str) -> list[Said]:
        """Return the points of an index's groups and their sum, under a rule version, `qd766-written`."""
        for index in self._catalogue.scores.values():
            for version in index.versions:
                if set_code == f"{index.code}-{version}":
                    codes = [*(f"group:{group.code}" for group in index.groups), WHOLE]
                    return [self._said(self._subject, set_code, code) for code in codes]
        return []

    def row(self, said: Said) -> tuple[str, str, str, str, str]:
        """Return a table's row: title, measured in, now, before, change with its sign."""
        most = said.use.figure.most
        unit = said.use.meaning.unit
        if most is not None:
            unit = f"điểm (tối đa {printed(most)})"
        before = said.previous
        change, signed = said.change, ""
        if change is not None:
            places_ = said.use.meaning.decimals or None
            what = f"Chênh lệch so với kỳ trước: {said.use.meaning.title} – {said.use.unit_name}"
            amount = self.trace.derive(what, printed(abs(change), places_))
            signed = amount if not change else f"{'+' if change > 0 else '−'}{amount}"
        return (
            said.use.meaning.title,
            unit,
            self._cell(said),
            self._cell(before) if before else "–",
            signed or "–",
        )

    def _cell(self, said: Said) -> str:
        if not said.known:
            return self.fill(self._phrases.no_figure, reason=self._phrases.short(said.reason))
        if said.zero and not said.use.figure.is_whole:
            return self.fill(self._phrases.partial_figure, figure=said, covered=said.use.figure.covered)
        return str(said)
