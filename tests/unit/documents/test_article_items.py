"""Every statement of the article has something that shows it, and everything named for it is there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from cchc.catalogue.load import cached
from cchc.settings import SHIPPED_CATALOGUE
from simulators.inspections import SEED, findings

TABLE = (Path(__file__).parents[3] / "docs" / "article_items.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in TABLE.splitlines() if line.startswith("| ")][1:]


def _named(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def test_every_indicator_and_finding_that_is_named_is_there_and_none_is_left_out() -> None:
    sets = cached(SHIPPED_CATALOGUE).indicator_sets
    indicators = {f"{code}/{i.code}" for code, found in sets.items() for i in found.indicators}
    register = {f"{row.code}:{row.finding}" for row in findings(date(2022, 10, 13))}
    named = {name for _, shown, _ in ROWS for name in _named(shown)}
    assert len(ROWS) > 40
    assert named - indicators - register == set()
    assert register <= named
    assert {row.split(":")[0] for row in register} == {SEED}
    assert {name for name in indicators if name.split("/")[0] in ("seed-2022", "cong-vu")} <= named


def test_each_statement_says_where_its_figures_come_from() -> None:
    catalogue = cached(SHIPPED_CATALOGUE)
    for statement, shown, stated in ROWS:
        found = set()
        for name in _named(shown):
            if ":" in name:
                found.add("register")
                continue
            code, indicator = name.split("/")
            (one,) = [i for i in catalogue.indicator_sets[code].indicators if i.code == indicator]
            reported = [term.reported is not None for term in one.terms()]
            found.add("reported" if any(reported) else "records")
        assert found == set(stated.split(", ")), statement


def test_what_units_state_is_a_count_or_a_share_with_a_basis() -> None:
    for indicator in cached(SHIPPED_CATALOGUE).indicator_sets["cong-vu"].indicators:
        assert len({term.reported for term in indicator.terms()}) == 1
        assert all(term.measure is None for term in indicator.terms())
        assert (indicator.unit == "%") == (not indicator.value or indicator.value[0].part == "ratio")
