"""Rows of points from our own records: sums say what is open to the unit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cchc.catalogue.load import cached
from cchc.indicators.scoring.own import OwnPart, rows
from cchc.settings import SHIPPED_CATALOGUE

SCORES = cached(SHIPPED_CATALOGUE).score_set("qd766")


@pytest.mark.parametrize(("level", "online", "whole"), [("AGENCY", 10, 98), ("parent", 12, 100)])
def test_the_maximum_of_a_sum_is_what_the_unit_can_earn(level: str, online: int, whole: int) -> None:
    parts = [
        OwnPart("U", group, c, None, None, None, Decimal(c.max), None, None, ())
        for group in SCORES.groups
        for c in group.components
        if level in c.levels
    ]
    sums = {row["group"]: row for row in rows(SCORES, parts) if "component" not in row}
    assert (sums["online"]["score"], sums["online"]["max"]) == (online, online)
    assert (sums[""]["score"], sums[""]["max"]) == (whole, whole)
