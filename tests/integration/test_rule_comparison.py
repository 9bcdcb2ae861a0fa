"""The same dossiers under two on-time rules, on a real PostgreSQL; and what the rules cost a refresh."""

from __future__ import annotations

from itertools import permutations

import pytest
from sqlalchemy import Engine, text

from cchc.errors import ConfigurationError
from cchc.indicators import periods, rule_comparison
from cchc.warehouse import marts
from integration.indicator_facts import at, counts, source, write

U = "SGDDT"
NOVEMBER = periods.parse("2026-11-01..2026-11-30")
DUE = {"due_at": at("2026-11-10", "16:00:00"), "status": "finished", "received_at": at("2026-11-02")}
DOSSIERS = [
    {**DUE, "dossier_code": "same", "finished_at": at("2026-11-09")},
    {**DUE, "dossier_code": "an hour late", "finished_at": at("2026-11-10", "17:00:00")},
    {
        **DUE,
        "dossier_code": "waited",
        "finished_at": at("2026-11-12"),
        "supplement_at": at("2026-11-03"),
        "supplement_completed_at": at("2026-11-06"),
    },
    {
        **DUE,
        "dossier_code": "handed over late",
        "finished_at": at("2026-11-09"),
        "returned_at": at("2026-11-20"),
    },
    {**DUE, "dossier_code": "of december", "finished_at": at("2026-12-01")},
    {**DUE, "dossier_code": "23:30 on the last day", "finished_at": at("2026-11-30", "23:30:00")},
    {**DUE, "dossier_code": "no due time", "due_at": None, "finished_at": at("2026-11-09")},
]


def _differ(
    engine: Engine, first: str, second: str
) -> tuple[dict[str, tuple[str, str, str]], rule_comparison.Tally]:
    tally = rule_comparison.Tally()
    rows = rule_comparison.compare(engine, [U], NOVEMBER, first, second, tally)
    return {r["dossier_code"]: (r["first"], r["second"], r["why"]) for r in rows}, tally


def test_the_dossiers_that_differ_are_named_with_the_reason(warehouse: Engine) -> None:
    source(warehouse, U, "s")
    write(warehouse, "dossier", U, "s", DOSSIERS)
    found, tally = _differ(warehouse, "date", "portal-766")
    assert {code: pair[:2] for code, pair in found.items()} == {
        "an hour late": ("đúng hạn", "quá hạn"),
        "waited": ("quá hạn", "trước hạn"),
    }
    assert "trừ 3,0 ngày chờ bổ sung" in found["waited"][2]
    assert "sau giờ hẹn trả" in found["an hour late"][2]
    assert (tally.compared, tally.differing) == (6, 2)
    assert "6 hồ sơ giải quyết xong trong kỳ, 2 hồ sơ khác nhau" in tally.sentence("date", "portal-766")
    found, _ = _differ(warehouse, "date", "returned-date")
    assert {code: pair[:2] for code, pair in found.items()} == {"handed over late": ("trước hạn", "quá hạn")}
    found, _ = _differ(warehouse, "opencps-live", "date")
    assert found["no due time"][0] == "trước hạn"


def test_a_rule_agrees_with_itself_and_every_difference_has_a_reason(warehouse: Engine) -> None:
    source(warehouse, U, "s")
    write(warehouse, "dossier", U, "s", DOSSIERS)
    for rule in rule_comparison.RULES:
        assert _differ(warehouse, rule, rule)[0] == {}
    for first, second in permutations(rule_comparison.RULES, 2):
        found, _ = _differ(warehouse, first, second)
        assert all(why for _, _, why in found.values()), (first, second, found)


@pytest.mark.parametrize("rule", rule_comparison.RULES)
def test_the_comparison_and_the_marts_count_the_same(warehouse: Engine, rule: str) -> None:
    source(warehouse, U, "s", rule)
    write(warehouse, "dossier", U, "s", DOSSIERS)
    marts.refresh(warehouse)
    _, tally = _differ(warehouse, rule, rule)
    november = counts(warehouse, U, NOVEMBER.end)
    for outcome in ("early", "on_time", "late"):
        assert november.get(f"finished_{outcome}", 0) == tally.pairs[outcome, outcome]


def test_a_rule_nobody_knows_is_refused(warehouse: Engine) -> None:
    with pytest.raises(ConfigurationError, match="no on-time rule 'mine'; there are: date, timestamp"):
        _differ(warehouse, "date", "mine")


def test_the_planner_puts_the_rule_in_place_of_the_call(warehouse: Engine) -> None:
    statement = text(
        "explain (verbose, costs off) select core.on_time_outcome('portal-766', d.due_at, d.finished_at,"
        " d.returned_at, d.supplement_at, d.supplement_completed_at, d.extended_at) from core.dossier as d"
    )
    with warehouse.connect() as connection:
        plan = "\n".join(connection.scalars(statement))
    assert "on_time_outcome" not in plan
