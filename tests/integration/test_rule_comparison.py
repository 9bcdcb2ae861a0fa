"""The same dossiers under two on-time rules, on a real PostgreSQL; and what the rules cost a refresh."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue import calendar
from cchc.errors import ConfigurationError
from cchc.indicators import periods, rule_comparison
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import marts, working_days
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


def test_each_pair_of_rules_has_its_own_reason_where_nothing_was_promised(warehouse: Engine) -> None:
    source(warehouse, U, "s")
    with warehouse.begin() as connection:
        working_days.sync(connection, calendar.load(SHIPPED_CATALOGUE))
    term = {"procedure_code": "1.000001", "valid_from": date(2020, 1, 1), "term_value": 6}
    write(warehouse, "procedure", U, "s", [{**term, "term_unit": "working_day"}])
    write(warehouse, "dossier", U, "s", DOSSIERS)
    marts.refresh(warehouse)  # works out the due time of each dossier's own term
    asked, live = _differ(warehouse, "date", "portal-766")[0], _differ(warehouse, "opencps-live", "date")[0]
    # received on Monday 2 November, six working days: Tuesday the 10th
    assert asked["no due time"][:2] == ("đúng hạn", "trước hạn")
    assert asked["no due time"][2].startswith(
        "không có ngày hẹn trả: portal-766 xét theo thời hạn của thủ tục, đến"
    )
    assert "10/11/2026; quy tắc kia không có hạn để xét nên tính là đúng hạn" in asked["no due time"][2]
    assert live["no due time"][2] == "không có ngày hẹn trả: opencps-live tính là trước hạn"
    # two days late by any clock: only the wait explains it
    assert asked["waited"][2] == "portal-766 trừ 3,0 ngày chờ bổ sung giấy tờ"
    for first, second in permutations(rule_comparison.RULES, 2):
        for _, _, why in _differ(warehouse, first, second)[0].values():
            named = {rule for rule in rule_comparison.RULES if "-" in rule and rule in why}
            assert named <= {first, second}, (first, second, why)


def test_a_dossier_in_two_systems_of_a_unit_is_compared_once(warehouse: Engine) -> None:
    for code in ("s", "t"):
        source(warehouse, U, code)
    with warehouse.begin() as connection:
        places = "update core.source set listed = case source_code when 't' then 1 else 2 end"
        connection.execute(text(places))
    write(warehouse, "dossier", U, "s", DOSSIERS)
    write(warehouse, "dossier", U, "t", DOSSIERS[1:])
    tally = rule_comparison.Tally()
    found = list(rule_comparison.compare(warehouse, [U], NOVEMBER, "date", "portal-766", tally))
    assert (tally.compared, tally.differing) == (6, 2)
    assert {row["source_code"] for row in found} == {"t"}


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
