"""Looks figures up and says them: sentences, lists of units, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from cchc.catalogue.models import Catalogue, Unit
from cchc.indicators import words
from cchc.indicators.numbers import percent, printed, rounded
from cchc.indicators.ranking import places
from cchc.publishing.reports.figures import WHOLE, Edition, Silent
from cchc.publishing.reports.model import Lacking, Phrases, Rank, Units, wrong
from cchc.publishing.reports.said import Counted, Said, Trace, Use, meaning_of

_GROUPS = {group: title[0].lower() + title[1:] for group, title in words.GROUPS.items()}


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
            raise wrong(self._code, f"{text.strip()!r} cannot be filled in: {error.message}") from None
        return " ".join(filled.split())

    def holds(self, condition: str, **names: Any) -> bool:
        """Return whether a condition holds; raises `ConfigurationError` naming one that is none."""
        try:
            return bool(self._jinja.compile_expression(condition)(self.common | names))
        except TemplateError as error:
            raise wrong(self._code, f"when: {condition!r}: {error.message}") from None

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
            raise wrong(self._code, f"the catalogue has no {set_code}/{code}")
        if set_code == self._main_set and code in self._names:
            meaning = replace(meaning, title=self._names[code])
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
        figure = said.use.figure
        return self.fill(
            self._phrases.partial_zero, what=said.use.meaning.title, figure=said, covered=figure.covered
        )

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

    # -- units -------------------------------------------------------------------------------------------------------

    def _members(self, groups: Iterable[str]) -> list[Unit]:
        wanted = set(groups)
        return [u for u in self._catalogue.units_on(self._edition.period.end) if u.group in wanted]

    def _of_units(self, wanted: str, groups: Iterable[str]) -> list[Said]:
        found = (self.look_up(wanted, unit.code) for unit in self._members(groups))
        return [said for said in found if said is not None]

    def ranked(self, rank: Rank) -> dict[str, Any] | None:
        """Return `best`, `worst` and `unranked` for a sentence; `best` is empty where nobody has a rank.

        None where the catalogue does not have the indicator. A number over too few of a unit's sources has no rank,
        as in `cchc indicators rank`. Raises `ConfigurationError` for an indicator that is not ranked.
        """
        saids = self._of_units(rank.of, [rank.group])
        if not saids:
            return None
        set_code, code = saids[0].use.figure.set_code, saids[0].use.figure.code
        chosen = self._catalogue.indicator_set(set_code)
        better = next(i.better for i in chosen.indicators if i.code == code)
        if better is None:
            raise wrong(self._code, f"rank: indicator {code} does not say whether more is better")
        able = [
            said
            for said in saids
            if said.known
            and (said.use.figure.coverage is None or said.use.figure.coverage >= chosen.rank_from_coverage)
        ]
        ranks = places([said.use.figure.value for said in able], better)
        standing = sorted(
            ((place, said) for place, said in zip(ranks, able, strict=True) if place is not None),
            key=lambda pair: pair[0],
        )
        return {
            "group": _GROUPS[rank.group],
            "title": saids[0].title,
            **self._ends(standing, rank, f"{saids[0].use.meaning.title}, khối {_GROUPS[rank.group]}"),
            "unranked": Counted(
                self.trace,
                f"Đơn vị không xếp hạng: {saids[0].use.meaning.title}, khối {_GROUPS[rank.group]}",
                len(saids) - len(able),
            ),
        }

    def _ends(self, standing: list[tuple[int, Said]], rank: Rank, what: str) -> dict[str, str]:
        """Return the best and the worst of a ranking; where more share an end than are to be named, how many do."""
        if not standing:
            return {"best": "", "worst": ""}
        top = [pair for pair in standing if pair[0] == 1]
        best = self._tied(top, what) if len(top) > rank.first else self._named(standing[: rank.first], what)
        rest = standing[max(rank.first, len(top)) :]
        last_place = rest[-1][0] if rest else 0
        bottom = [pair for pair in rest if pair[0] == last_place]
        if not rest or not rank.last:
            worst = ""
        elif len(bottom) > rank.last:
            worst = self._tied(bottom, what)
        else:
            worst = self._named(rest[-rank.last :], what)
        return {"best": best, "worst": worst}

    def _named(self, standing: Iterable[tuple[int, Said]], what: str) -> str:
        return "; ".join(
            self.fill(
                self._phrases.place,
                unit=said.use.unit_name,
                figure=said,
                rank=Counted(self.trace, f"Xếp hạng: {what} – {said.use.unit_name}", place),
            )
            for place, said in standing
        )

    def _tied(self, standing: Sequence[tuple[int, Said]], what: str) -> str:
        place, said = standing[0]
        count = Counted(self.trace, f"Số đơn vị cùng hạng {place}: {what}", len(standing))
        return self.fill(self._phrases.tied, count=count, figure=said, rank=place)

    def bounded(self, units: Units) -> dict[str, Any] | None:
        """Return `units`, `count` and `unknown` for a sentence; None where the catalogue has no such indicator."""
        saids = self._of_units(units.of, units.groups)
        if not saids:
            return None
        found: list[tuple[Decimal, Said]] = []
        for said in saids:
            value = said.use.figure.value
            if value is None:
                continue
            if units.under is not None and value < units.under:
                found.append((value, said))
            elif units.over is not None and value > units.over:
                found.append((-value, said))
        found.sort(key=lambda pair: pair[0])
        below = units.under is not None
        bound = (
            f"{'dưới' if below else 'trên'} {printed((units.under if below else units.over) or Decimal(0))}"
        )
        what = f"{saids[0].use.meaning.title} {bound}"
        texts = [
            self.fill(self._phrases.item, unit=s.use.unit_name, figure=s) for _, s in found[: units.most]
        ]
        unknown = sum(not said.known for said in saids)
        return {
            "title": saids[0].title,
            "units": self._listed(texts, len(found), what),
            "count": Counted(self.trace, f"Số đơn vị: {what}", len(found)),
            "unknown": Counted(
                self.trace, f"Số đơn vị chưa có số liệu: {saids[0].use.meaning.title}", unknown
            ),
            "asked": len(saids),
        }

    def _listed(self, texts: Sequence[str], count: int, what: str, noun: str = "đơn vị") -> str:
        left = count - len(texts)
        if left:
            others = Counted(self.trace, f"Số {noun} không nêu tên: {what}", left)
            texts = [*texts, self.fill(self._phrases.others, count=others, noun=noun)]
        return "; ".join(texts)

    def uncovered(self, lacking: Lacking) -> dict[str, Any] | None:
        """Return `units` and `count` of those whose sources are not all in the numbers of a set; None: no such set."""
        chosen = self._catalogue.indicator_sets.get(lacking.set)
        if chosen is None:
            return None
        found: list[tuple[Decimal, str, str]] = []
        for unit in self._members(lacking.groups):
            stated = [self._edition.of(unit.code, lacking.set, i.code).coverage for i in chosen.indicators]
            known = [share for share in stated if share is not None]
            if known and min(known) < 1:
                share = f"{printed(rounded(percent(min(known), Decimal(1)), 0), 0)}%"
                found.append((min(known), unit.name, share))
        found.sort(key=lambda row: row[0])
        texts = [
            self.fill(
                self._phrases.covered,
                unit=name,
                share=self.trace.derive(f"Tỷ lệ nguồn có số liệu – {name}", share),
            )
            for _, name, share in found[: lacking.most]
        ]
        what = "Số đơn vị chưa có đủ số liệu"
        return {
            "units": self._listed(texts, len(found), what),
            "count": Counted(self.trace, what, len(found)),
        }

    def sources(self, most: int = 8) -> Mapping[str, Any]:
        """Return what is known of the sources: `expected`, `complete`, `lacking` and, where named, `silent`."""
        own = self._edition
        lacking = None if own.expected is None or own.complete is None else own.expected - own.complete
        silent: Sequence[Silent] = own.silent or ()
        texts = [
            self.fill(self._phrases.source, source=s.title, unit=s.unit_name, problem=s.problem)
            for s in silent[:most]
        ]
        return {
            "expected": Counted(self.trace, "Số nguồn phải có số liệu", own.expected),
            "complete": Counted(self.trace, "Số nguồn có đủ số liệu", own.complete),
            "lacking": Counted(self.trace, "Số nguồn chưa có đủ số liệu", lacking),
            "silent": self._listed(texts, len(silent), "chưa có đủ số liệu", "nguồn") if silent else "",
        }

    # -- tables ------------------------------------------------------------------------------------------------------

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
