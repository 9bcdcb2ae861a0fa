"""How points came about: what the page writes can be worked out again, and what is not public is not in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from cchc.catalogue.scores import Component
from cchc.indicators.scoring.own import OwnPart
from cchc.indicators.scoring.points import points
from cchc.publishing import points as published
from cchc.publishing.points import Points
from cchc.publishing.portal import earned, units
from cchc.publishing.portal.view import View
from cchc.publishing.suppression.public import reason as withheld
from unit.publishing.portal.full import FEW, MISSING, release
from unit.publishing.portal.made import PERIOD, opened

INDEX = FEW.score_set("qd766")
NAMES = {"H14": "Tỉnh Cao Bằng", **{unit.code: unit.name for unit in FEW.units}}
_NUMBER = r"\d[\d.]*(?:,\d+)?%?"


def _part(unit: str, component: Component, version: str, above: int | None, below: int | None) -> OwnPart:
    """Return a component as it is scored; DOSSIER_SYNC has 3 of 4, which one rule multiplies by."""
    group, _ = INDEX.named(component.code)
    numerator, denominator = (None if n is None else Decimal(n) for n in (above, below))
    arithmetic = INDEX.versions[version].arithmetic
    made = points(component, version, arithmetic, numerator, denominator, Fraction(3, 4))
    return OwnPart(
        unit, group, component, numerator, denominator, made.ratio, made.score, made.reason, Decimal(1), ()
    )


def _value(text: str) -> Fraction:
    """Return what `3 × 3 / 4 (“…”) / 8 ÷ 50% × 6` is."""
    plain = re.sub(r" \(“.*?”\)", "", text).replace("÷", "/").replace("×", "*")
    found = Fraction(1)
    for sign, number in re.findall(rf"(^|[*/]) ?({_NUMBER})", plain):
        value = Fraction(number.rstrip("%").replace(".", "").replace(",", ".")) / (
            100 if number.endswith("%") else 1
        )
        found = found / value if sign == "/" else found * value
    return found


def _every_rule() -> Iterator[tuple[str, Component]]:
    yield from ((v, c) for v in INDEX.versions for g in INDEX.groups for c in g.components if c.max)


@pytest.mark.parametrize(("above", "below"), [(3, 8), (0, 66), (7, 7), (1234, 1300), (2, 3)])
def test_what_is_written_gives_the_points_again(above: int, below: int) -> None:
    sync = INDEX.named("DOSSIER_SYNC")[1]
    for version, component in _every_rule():
        part = _part("SNV", component, version, above, below)
        others = {"DOSSIER_SYNC": _part("SNV", sync, version, 3, 4)}
        assert part.score is not None
        said = earned.explained(INDEX, version, part, others)
        ratio = re.match(rf"tỷ lệ (.+?) = ({_NUMBER});", said)
        assert ratio is not None, said
        assert abs(_value(ratio[1]) - _value(ratio[2])) <= Fraction(1, 20_000), said
        if scale := re.search(rf"(?:; |: )điểm (.+?) = ({_NUMBER})", said):
            assert abs(_value(scale[1]) - _value(scale[2])) <= Fraction(5, 1000), said
            assert _value(scale[2]) == Fraction(part.score), said
        else:
            assert (f"đủ {component.max} điểm", part.score) == (
                said.split(": ")[1].split(";")[0],
                component.max,
            )
        lost = re.search(rf"mất ({_NUMBER}) điểm", said)
        assert (_value(lost[1]) if lost else 0) == component.max - Fraction(part.score), said
        if needed := re.search(rf"thêm ({_NUMBER}) mới đủ", said):
            enough = above + int(_value(needed[1]))
            assert _part("SNV", component, version, enough, below).score == component.max
            if below < 100:  # above that rounding may give the last step away
                less = _part("SNV", component, version, enough - 1, below).score
                assert less is not None
                assert less < component.max


def test_what_earns_nothing_or_is_not_known_says_why() -> None:
    on_time, watched = INDEX.named("on_time")[1], INDEX.named("PETITION_CLASSIFICATION_STAFF")[1]
    assert earned.explained(INDEX, "portal-2026", _part("SNV", on_time, "portal-2026", 0, 0), {}) == (
        "mẫu số bằng 0: theo quy tắc được 0 điểm; mất 20 điểm"
    )
    assert earned.explained(INDEX, "written", _part("SNV", on_time, "written", 0, 0), {}) == (
        "0 / 0; chưa biết điểm: mẫu số bằng 0"
    )
    copies = INDEX.named("ELECTRONIC_CERTIFIED_COPY")[1]
    assert earned.explained(INDEX, "portal-2026", _part("SNV", copies, "portal-2026", None, None), {}) == (
        "không có tử số và mẫu số: theo quy tắc được 2 điểm; không mất điểm"
    )
    said = earned.explained(INDEX, "written", _part("SNV", watched, "written", 1, 4), {})
    assert said == "để theo dõi, không tính điểm; 1 / 4 = 25%"
    frozen = replace(_part("SNV", on_time, "written", 3, 4), ratio=None)
    assert earned.explained(INDEX, "written", frozen, {}) == "3 / 4: được 15 điểm như lúc chốt; mất 5 điểm"
    unknown = replace(_part("SNV", on_time, "written", None, None), reason=MISSING)
    assert earned.explained(INDEX, "written", unknown, {}) == f"chưa biết điểm: {MISSING}"


def _points(**changed: tuple[int | None, int | None, str | None]) -> Points:
    """Return points of which SNV has 3 of 4 everywhere but where it is said otherwise; of others nothing is known."""
    parts = {}
    for version in INDEX.versions:
        made = []
        for unit in NAMES:
            for group in INDEX.groups:
                for component in group.components:
                    above, below, why = (
                        changed.get(component.code, (3, 4, None)) if unit == "SNV" else (None, None, MISSING)
                    )
                    part = _part(unit, component, version, above, below)
                    made.append(replace(part, ratio=None, score=None, reason=why) if why else part)
        parts[version] = tuple(made)
    return Points(INDEX, PERIOD, NAMES, parts)


def test_a_group_says_where_its_points_are_lost_and_every_number_leads_there() -> None:
    few = FEW.model_copy(update={"units": tuple(u for u in FEW.units if u.code == "SNV")})
    page = opened(units.pages(View(release(points=(_points(),)), few, "internal")))["don-vi/SNV.html"]
    assert "15 trên 20 điểm; Hồ sơ xử lý trước hạn, đúng hạn mất 5." in page.text
    ids = {f"gt-qd766-{one.code}" for group in INDEX.groups for one in (group, *group.components)}
    assert {"gt-qd766", *ids} <= set(page.ids)
    assert {f"#{one}" for one in ids} - {"#gt-qd766-" + g.code for g in INDEX.groups} <= set(page.links)
    assert {f"../phuong-phap.html#qd766-{c.code}" for g in INDEX.groups for c in g.components} <= set(
        page.links
    )


def test_what_is_withheld_has_no_counts_and_no_points() -> None:
    own = _points(DOSSIER_SYNC=(None, None, withheld(5)), on_time=(None, None, withheld(5)))
    lines = published.of_unit(own, "SNV")
    groups = {group.code: group for group in earned.of_unit(own, "SNV", lines, {})}
    (on_time,) = groups["progress"].components
    assert [step.text for step in on_time.steps] == [f"chưa biết điểm: {withheld(5)}"]
    # nor is it told by what is multiplied with it
    online = {one.component.code: one for one in groups["online"].components}["dossiers_online"]
    assert "3 × tỷ lệ “Hồ sơ đồng bộ lên Cổng Dịch vụ công quốc gia” / 4" in online.steps[0].text


def test_what_earns_no_points_says_nothing_of_how_whole_they_are() -> None:
    own = _points()
    watched = {
        version: tuple(
            replace(part, coverage=Decimal(0), lacking=("snv-sotay",)) if not part.component.max else part
            for part in parts
        )
        for version, parts in own.parts.items()
    }
    lines = published.of_unit(replace(own, parts=watched), "SNV")
    assert {line.coverage for line in lines} == {Decimal(1)}
    assert {cell.lacking for line in lines for cell in line.cells} == {()}
