"""The rules of an index in words: what a component is made of, and how each rule version turns it into points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from cchc.catalogue.indicators import Term
from cchc.catalogue.models import Catalogue
from cchc.catalogue.scores import Component, Group, Outcome, Rule, ScoreSet
from cchc.indicators import words
from cchc.indicators.numbers import printed

ARITHMETIC = {
    "exact": "tính chính xác; tỷ lệ và điểm làm tròn đến 2 chữ số thập phân, số 5 làm tròn lên",
    "double": "tính bằng số thực nhị phân như phần mềm của Cổng; tỷ lệ và điểm làm tròn đến 2 chữ số thập phân",
}
_LEVELS = {"parent": "toàn tỉnh", "AGENCY": "sở, ban, ngành", "COMMUNE": "xã, phường"}


@dataclass(frozen=True)
class RuleWords:
    """The rule of one version."""

    version: str  # title
    text: str
    denominator: str  # where the version divides by something else


@dataclass(frozen=True)
class ComponentWords:
    """One component as officers read it (Vietnamese); without a numerator it is not counted from our records."""

    component: Component
    numerator: str
    denominator: str
    only: str  # whose component it is, where it is not everybody's
    rules: tuple[RuleWords, ...]


def component(catalogue: Catalogue, index: ScoreSet, group: Group, own: Component) -> ComponentWords:
    """Return a component in words."""
    share = index.own(group, own)
    below = words.denominator(catalogue, share) if share else ""
    return ComponentWords(
        own,
        _sum(catalogue, share.numerator) if share else "",
        below,
        "" if len(own.levels) == len(_LEVELS) else ", ".join(_LEVELS[one] for one in own.levels),
        tuple(_rules(catalogue, index, group, own, below)),
    )


def _rules(
    catalogue: Catalogue, index: ScoreSet, group: Group, own: Component, below: str
) -> Iterator[RuleWords]:
    for code, version in index.versions.items():
        share = index.own(group, own, code)
        other = words.denominator(catalogue, share) if share else ""
        yield RuleWords(version.title, rule(index, own, own.rules[code]), "" if other == below else other)


def _sum(catalogue: Catalogue, terms: tuple[Term, ...]) -> str:
    return words.signed((t.minus, words.term(catalogue, t)) for t in terms)


def rule(index: ScoreSet, own: Component, wanted: Rule) -> str:
    """Return how a version turns the share of a component into points, in words (Vietnamese)."""
    said = [_points(own, wanted)]
    if wanted.times:
        said.append(f"tử số nhân với tỷ lệ “{index.named(wanted.times)[1].title}”, nhiều nhất 100%")
    if wanted.percent_rounded_first:
        said.append("tỷ lệ làm tròn đến 0,01% trước khi tính điểm")
    said.append(f"mẫu số bằng 0: {_outcome(wanted.zero)}")
    if wanted.absent != Outcome():
        said.append(f"không có tử số và mẫu số: {_outcome(wanted.absent)}")
    return "; ".join(said)


def _points(own: Component, wanted: Rule) -> str:
    if not own.max:
        return "để theo dõi, không tính điểm"
    if wanted.slope is not None:
        return f"điểm = tỷ lệ × {printed(wanted.slope)}, nhiều nhất {own.max} điểm"
    if wanted.full_at is not None and wanted.full_at != 1:
        enough = printed(plain(100 * wanted.full_at))
        return f"tỷ lệ từ {enough}% được đủ {own.max} điểm; thấp hơn thì điểm = tỷ lệ ÷ {enough}% × {own.max}"
    return f"điểm = tỷ lệ × {own.max}"


def _outcome(outcome: Outcome) -> str:
    known = [f"tỷ lệ {printed(plain(outcome.ratio))}%"] if outcome.ratio is not None else []
    known += [f"{printed(plain(outcome.score))} điểm"] if outcome.score is not None else []
    return ", ".join(known) or "không tính"


def plain(value: Decimal) -> Decimal:
    """Return a number without zeros at its end."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
