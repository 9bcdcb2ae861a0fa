"""The national portal's scores: from the simulated reporting API through a night into the warehouse."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cchc import night
from cchc.ops.ledger import SourceOutcome
from cchc.settings import SHIPPED_CATALOGUE
from integration.installation import installed, loaded
from integration.rows import scalar
from simulators.faults import FaultKind
from simulators.province import Running, only, running

DAY = date(2026, 11, 6)
PORTAL = "vpubnd-cong766"
SYSTEMS = (PORTAL, "01273-dvcqg", "snv-motcua", "sct-motcua", "stc-motcua")
OCTOBER = (
    "select {} from core.official_score where period_from = '2026-10-01' and department_code = :unit"
    " and group_code = :group and component_code = :component"
)


@pytest.fixture
def systems(tmp_path: Path, warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    impatient = tmp_path / "catalogue"  # it rests hardly at all between two requests
    shutil.copytree(SHIPPED_CATALOGUE, impatient)
    profile = impatient / "profiles" / "portal766.yaml"
    polite = profile.read_text(encoding="utf-8")
    assert "pause_seconds: 0.5" in polite
    profile.write_text(polite.replace("pause_seconds: 0.5", "pause_seconds: 0.01"), encoding="utf-8")
    with (
        running(tmp_path / "systems", DAY, systems=only(*SYSTEMS), faults={}) as found,
        installed(monkeypatch, warehouse, tmp_path / "home", found, impatient),
    ):
        yield found


def run() -> SourceOutcome:
    return loaded(DAY, (PORTAL,)).rows[0]


def test_a_night_loads_the_scores_and_a_second_changes_nothing(systems: Running, warehouse: Engine) -> None:
    first = night.run_night(DAY, (PORTAL,)).rows[0]
    assert (first.state, first.quarantined, first.refused) == ("loaded", 0, 0)
    # October and November; before them nothing is published: five departments and the province, 6 groups,
    # 23 components of which each row tells
    assert first.loaded == scalar(warehouse, "select count(*) from core.official_score")
    assert scalar(warehouse, "select count(distinct period_from) from core.official_score") == 2
    assert scalar(warehouse, "select count(distinct department_code) from core.official_score") == 5

    def said(column: str, unit: str, group: str, component: str) -> object:
        return scalar(warehouse, OCTOBER.format(column), unit=unit, group=group, component=component)

    whole, parts = (
        said("denominator", "H14", "progress", "on_time"),
        scalar(
            warehouse,
            "select sum(denominator) from core.official_score where period_from = '2026-10-01'"
            " and group_code = 'progress' and department_code <> 'H14'",
        ),
    )
    assert whole == parts
    assert whole > 0  # type: ignore[operator]
    # the counts of online services are published of the province only; one department's digitisation not at all
    assert said("denominator", "H14", "online", "dossiers_online") == whole
    assert said("denominator", "H14.02", "online", "dossiers_online") is None
    assert said("score", "H14", "digitization", "ELECTRONIC_CERTIFIED_COPY") == 2
    assert (
        scalar(
            warehouse, "select count(*) from core.official_score where score is null and component_code = ''"
        )
        == 2
    )
    assert said("quality", "H14", "transparency", "DOSSIER_SYNC") == "TEMP_NATIONAL_REPORT_DENOMINATOR"

    assert run().state == "unchanged"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("expired_token", "SourceRefused"),
        ("html_200", "SourceRefused"),
        ("error_in_200", "ContractBroken"),
        ("renamed_field", "ContractBroken"),
        ("total_mismatch", "ContractBroken"),
    ],
)
def test_trouble_is_told_and_nothing_is_loaded(
    systems: Running, warehouse: Engine, fault: FaultKind, error: str
) -> None:
    systems.misbehave(PORTAL, fault)
    row = run()
    assert (row.state, row.error_class) == ("failed", error)
    assert scalar(warehouse, "select count(*) from core.official_score") == 0


def test_too_many_requests_are_lived_with_and_one_page_is_never_asked_for_twice(
    systems: Running, warehouse: Engine
) -> None:
    systems.misbehave(PORTAL, "http_429", 1)
    assert run().state == "loaded"
    systems.misbehave(PORTAL, "repeated_page")
    assert run().state == "unchanged"


def test_a_unit_with_two_different_scores_waits_in_quarantine(systems: Running, warehouse: Engine) -> None:
    systems.misbehave(PORTAL, "bad_rows")
    row = run()
    assert row.quarantined > 0
    rules = "select string_agg(distinct rule_code, ',') from quarantine.item where source_code = :source"
    assert scalar(warehouse, rules, source=PORTAL) == "OFFICIAL_TWINS_DIFFER"
