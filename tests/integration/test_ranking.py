"""Departments in the order of an indicator, from core rows to ranks, on a real PostgreSQL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.load import load
from cchc.errors import ConfigurationError
from cchc.indicators import periods, ranking
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import marts
from integration.indicator_facts import at, watermark, write

CATALOGUE = load(SHIPPED_CATALOGUE)
CORE = CATALOGUE.indicator_sets["province-core"]
MONTH = periods.parse("2026-11")


def _of_dossiers(unit: str) -> list[str]:
    return [
        s.code
        for s in CATALOGUE.sources.values()
        if s.unit == unit and s.expected and "dossier" in CATALOGUE.profile_of(s).datasets
    ]


def _unit(engine: Engine, unit: str, on_time: int, late: int) -> None:
    sources = [s for s in CATALOGUE.sources.values() if s.unit == unit]
    rows = [
        {
            "dossier_code": f"{unit}-{n}",
            "status": "finished",
            "received_at": at("2026-10-20"),
            "due_at": at("2026-11-05"),
            "finished_at": at("2026-11-04" if n < on_time else "2026-11-06"),
        }
        for n in range(on_time + late)
    ]
    if rows:
        write(engine, "dossier", unit, sources[0].code, rows)
    for source in sources:
        watermark(engine, unit, source.code, date(2026, 11, 14), "dossier")


def test_ties_share_a_place_and_silence_has_none(warehouse: Engine) -> None:
    departments = [
        u.code
        for u in CATALOGUE.units_on(MONTH.end)
        if u.group == "department" and any(s.unit == u.code for s in CATALOGUE.sources.values())
    ]
    best, second, tied, empty, *rest = departments
    _unit(warehouse, best, 10, 0)
    _unit(warehouse, second, 9, 1)
    _unit(warehouse, tied, 18, 2)
    _unit(warehouse, empty, 0, 0)
    marts.refresh(warehouse)
    found = ranking.rank(warehouse, CATALOGUE, CORE, "on-time-share", "department", MONTH)
    ranks = {p.unit_code: p.rank for p in found}
    assert (ranks[best], ranks[second], ranks[tied]) == (1, 2, 2)
    assert ranks[empty] is None  # it settled nothing: there is no share
    assert all(ranks[unit] is None for unit in rest)
    assert [p.unit_code for p in found][:3] == [best, *(u for u in departments if u in (second, tied))]
    assert all(p.value.reason for p in found if p.rank is None)
    overdue = ranking.rank(warehouse, CATALOGUE, CORE, "overdue-in-process", "department", MONTH)
    assert {p.unit_code: p.rank for p in overdue}[empty] == 1  # it delivered, and has none: that is known


def test_a_unit_whose_system_is_down_is_shown_and_not_ranked(warehouse: Engine) -> None:
    """Otherwise 3 of 3 from the one system that answers would stand before 9 of 10 from all."""
    with_two = [
        u.code
        for u in CATALOGUE.units_on(MONTH.end)
        if u.group == "department" and len(_of_dossiers(u.code)) == 2
    ]
    down, whole = (
        with_two[0],
        next(u.code for u in CATALOGUE.units_on(MONTH.end) if len(_of_dossiers(u.code)) == 1),
    )
    assert CATALOGUE.unit(whole).group == "department"
    _unit(warehouse, down, 3, 0)
    _unit(warehouse, whole, 9, 1)
    with warehouse.begin() as connection:
        gone = "delete from ops.watermark where source_code = :code"
        connection.execute(text(gone), {"code": _of_dossiers(down)[1]})
    marts.refresh(warehouse)
    found = {
        p.unit_code: p for p in ranking.rank(warehouse, CATALOGUE, CORE, "on-time-share", "department", MONTH)
    }
    assert found[whole].rank == 1
    shown = found[down].row()
    assert (shown["rank"], shown["printed"]) == (None, "100,0%")
    assert shown["reason"] == (
        f"mới có số liệu của 50% số nguồn (thiếu {_of_dossiers(down)[1]}); xếp hạng từ 100%"
    )
    lenient = CORE.model_copy(update={"rank_from_coverage": Decimal("0.5")})
    again = ranking.rank(warehouse, CATALOGUE, lenient, "on-time-share", "department", MONTH)
    assert {p.unit_code: p.rank for p in again}[down] == 1


def test_what_cannot_be_ranked_is_said(warehouse: Engine) -> None:
    with pytest.raises(ConfigurationError, match="these can: received-online-share, on-time-share"):
        ranking.rank(warehouse, CATALOGUE, CORE, "received", "department", MONTH)
    with pytest.raises(ConfigurationError, match="there is no indicator speed in province-core"):
        ranking.rank(warehouse, CATALOGUE, CORE, "speed", "department", MONTH)
