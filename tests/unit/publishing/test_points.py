"""The sums of points: how whole what stands there is, and what is said where nothing does."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from cchc.indicators.scoring.own import OwnPart
from cchc.publishing import points
from cchc.publishing.points import Points
from unit.publishing.portal.full import FEW
from unit.publishing.portal.made import PERIOD

INDEX = FEW.score_set("qd766")
ONE, OTHER = INDEX.groups[:2]


def _points(*parts: OwnPart) -> Points:
    return Points(INDEX, PERIOD, {"SNV": "Sở Nội vụ"}, {"written": parts})


def _part(score: int | None, coverage: str, at: int = 0) -> OwnPart:
    earning = [component for component in ONE.components if component.max]
    known = None if score is None else Decimal(score)
    return OwnPart(
        "SNV", ONE, earning[at], None, None, None, known, None if score else "chưa có", Decimal(coverage), ()
    )


def test_what_is_not_known_does_not_say_how_whole_the_known_points_are() -> None:
    some = points.of_unit(_points(_part(4, "0.9"), _part(None, "0", 1)), "SNV")[0]
    assert some.coverage == Decimal("0.9")
    assert some.cells[0].reason is not None
    none = points.of_unit(_points(_part(None, "0.9"), _part(None, "0", 1)), "SNV")[0]
    assert (none.coverage, none.cells[0].reason) == (Decimal(0), "chưa có 2 chỉ số")


def test_a_group_that_earns_nothing_says_so_on_the_page_and_in_the_data() -> None:
    watched = next(c for group in INDEX.groups for c in group.components if not c.max)
    own = _points(replace(_part(None, "1"), component=watched))
    line = points.of_unit(own, "SNV")[0]
    assert (line.max, line.cells[0].printed, line.cells[0].reason) == (0, None, "không tính điểm")
    assert [row["reason"] for row in points.rows(own)][-1] == "không tính điểm"
