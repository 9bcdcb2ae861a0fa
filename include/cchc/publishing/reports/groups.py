"""The units that a sentence names: the best and the worst, those beyond a bound, those that lack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from cchc.catalogue.models import Unit
from cchc.indicators import words
from cchc.indicators.numbers import percent, printed, rounded
from cchc.indicators.ranking import is_ranked, places
from cchc.publishing.reports.figures import Silent
from cchc.publishing.reports.model import Lacking, Rank, Units
from cchc.publishing.reports.said import Counted, Said
from cchc.publishing.reports.speaker import Speaker

_GROUPS = {group: title[0].lower() + title[1:] for group, title in words.GROUPS.items()}


class Groups:
    """Says which units of an edition stand where, in the words of a speaker."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker

    def _members(self, groups: Iterable[str]) -> list[Unit]:
        wanted = set(groups)
        return [
            u for u in self._speaker.catalogue.units_on(self._speaker.edition.period.end) if u.group in wanted
        ]

    def _of_units(self, wanted: str, groups: Iterable[str]) -> list[Said]:
        found = (self._speaker.look_up(wanted, unit.code) for unit in self._members(groups))
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
        chosen = self._speaker.catalogue.indicator_set(set_code)
        better = next(i.better for i in chosen.indicators if i.code == code)
        if better is None:
            raise self._speaker.wrong(f"rank: indicator {code} does not say whether more is better")
        able = [said for said in saids if is_ranked(said.use.figure, chosen.rank_from_coverage)]
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
                self._speaker.trace,
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
            self._speaker.fill(
                self._speaker.phrases.place,
                unit=said.use.unit_name,
                figure=said,
                rank=Counted(self._speaker.trace, f"Xếp hạng: {what} – {said.use.unit_name}", place),
            )
            for place, said in standing
        )

    def _tied(self, standing: Sequence[tuple[int, Said]], what: str) -> str:
        place, said = standing[0]
        count = Counted(self._speaker.trace, f"Số đơn vị cùng hạng {place}: {what}", len(standing))
        return self._speaker.fill(self._speaker.phrases.tied, count=count, figure=said, rank=place)

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
            self._speaker.fill(self._speaker.phrases.item, unit=s.use.unit_name, figure=s)
            for _, s in found[: units.most]
        ]
        unknown = sum(not said.known for said in saids)
        return {
            "title": saids[0].title,
            "units": self._listed(texts, len(found), what),
            "count": Counted(self._speaker.trace, f"Số đơn vị: {what}", len(found)),
            "unknown": Counted(
                self._speaker.trace, f"Số đơn vị chưa có số liệu: {saids[0].use.meaning.title}", unknown
            ),
            "asked": len(saids),
        }

    def _listed(self, texts: Sequence[str], count: int, what: str, noun: str = "đơn vị") -> str:
        left = count - len(texts)
        if left:
            others = Counted(self._speaker.trace, f"Số {noun} không nêu tên: {what}", left)
            texts = [*texts, self._speaker.fill(self._speaker.phrases.others, count=others, noun=noun)]
        return "; ".join(texts)

    def unreported(self, lacking: Lacking) -> dict[str, Any] | None:
        """Return `units` and `count` of those that state no number of a set, though a source of theirs could.

        And `without`: how many have no source that could. None where the catalogue does not have the set.
        """
        chosen = self._speaker.catalogue.indicator_sets.get(lacking.set)
        if chosen is None:
            return None
        found, without = [], 0
        edition = self._speaker.edition
        for unit in self._members(lacking.groups):
            own = [edition.of(unit.code, lacking.set, i.code) for i in chosen.indicators]
            if all(f.value is None and f.denominator is None for f in own) and any(
                f.coverage is not None for f in own
            ):
                found.append(unit.name)
            elif all(f.value is None and f.coverage is None for f in own):
                without += any(f.key in edition.figures for f in own)  # of the others nothing was published
        what = f"Đơn vị chưa có số liệu nào: {chosen.title}"
        return {
            "units": self._listed(found[: lacking.most], len(found), what),
            "count": Counted(self._speaker.trace, f"Số đơn vị: {what}", len(found)),
            "without": Counted(
                self._speaker.trace, f"Số đơn vị chưa có nguồn báo cáo: {chosen.title}", without
            ),
        }

    def uncovered(self, lacking: Lacking) -> dict[str, Any] | None:
        """Return `units` and `count` of those whose sources are not all in the numbers of a set; None: no such set."""
        chosen = self._speaker.catalogue.indicator_sets.get(lacking.set)
        if chosen is None:
            return None
        found: list[tuple[Decimal, str, str]] = []
        for unit in self._members(lacking.groups):
            stated = [
                self._speaker.edition.of(unit.code, lacking.set, i.code).coverage for i in chosen.indicators
            ]
            known = [share for share in stated if share is not None]
            if known and min(known) < 1:
                share = f"{printed(rounded(percent(min(known), Decimal(1)), 0), 0)}%"
                found.append((min(known), unit.name, share))
        found.sort(key=lambda row: row[0])
        texts = [
            self._speaker.fill(
                self._speaker.phrases.covered,
                unit=name,
                share=self._speaker.trace.derive(f"Tỷ lệ nguồn có số liệu – {name}", share),
            )
            for _, name, share in found[: lacking.most]
        ]
        what = "Số đơn vị chưa có đủ số liệu"
        return {
            "units": self._listed(texts, len(found), what),
            "count": Counted(self._speaker.trace, what, len(found)),
        }

    def sources(self, most: int = 8) -> Mapping[str, Any]:
        """Return what is known of the sources: `expected`, `complete`, `lacking` and, where named, `silent`."""
        own = self._speaker.edition
        lacking = None if own.expected is None or own.complete is None else own.expected - own.complete
        silent: Sequence[Silent] = own.silent or ()
        texts = [
            self._speaker.fill(
                self._speaker.phrases.source, source=s.title, unit=s.unit_name, problem=s.problem
            )
            for s in silent[:most]
        ]
        return {
            "expected": Counted(self._speaker.trace, "Số nguồn phải có số liệu", own.expected),
            "complete": Counted(self._speaker.trace, "Số nguồn có đủ số liệu", own.complete),
            "lacking": Counted(self._speaker.trace, "Số nguồn chưa có đủ số liệu", lacking),
            "silent": self._listed(texts, len(silent), "chưa có đủ số liệu", "nguồn") if silent else "",
        }
