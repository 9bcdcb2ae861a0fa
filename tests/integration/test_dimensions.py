"""The warehouse follows the catalogue: units with validity, codes, sources, and a changed on-time rule."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, text

from cchc.catalogue.models import Catalogue, FieldMap, Profile, Source, Unit, UnitEdge
from cchc.quality import gate
from cchc.warehouse import dimensions, marts
from cchc.warehouse.load import load_delivery
from integration.rows import catalogue, delivery, good, new_run, scalar


def province(rule: str = "date") -> Catalogue:
    profile = Profile.model_validate(
        {
            "code": "p",
            "kind": "opencps",
            "title": "t",
            "on_time_rule": rule,
            "datasets": {"dossier": {"fields": {"intake": FieldMap(constant="one_stop")}}},
        }
    )
    units = (
        Unit(
            code="SGDDT",
            name="Sở GD&ĐT",
            group="department",
            valid_from=date(2000, 1, 1),
            codes={"qcvn102": "H14.05"},
        ),
        Unit(
            code="H", name="Huyện", group="district", valid_from=date(2000, 1, 1), valid_to=date(2025, 6, 30)
        ),
        Unit(
            code="01273", name="Phường", group="commune", valid_from=date(2025, 7, 1), codes={"gso": "01273"}
        ),
    )
    source = Source(code="sgddt-motcua", unit="SGDDT", profile="p", history_from=date(2022, 1, 1))
    return catalogue().model_copy(
        update={
            "units": units,
            "profiles": {"p": profile},
            "sources": {source.code: source},
            "edges": (
                UnitEdge(
                    predecessor="H", successor="01273", effective=date(2025, 7, 1), evidence="nghị quyết"
                ),
            ),
        }
    )


def test_sync_writes_what_the_catalogue_says_and_removes_the_rest(warehouse: Engine) -> None:
    dimensions.sync(warehouse, province())
    dimensions.sync(warehouse, province())
    assert scalar(warehouse, "select count(*) from core.unit") == 3
    assert scalar(warehouse, "select unit_code from core.unit_code where code_system = 'gso'") == "01273"
    assert scalar(warehouse, "select evidence from core.unit_edge") == "nghị quyết"
    fewer = province().model_copy(update={"units": province().units[:1], "edges": (), "sources": {}})
    dimensions.sync(warehouse, fewer)
    assert scalar(warehouse, "select count(*) from core.unit") == 1
    assert scalar(warehouse, "select count(*) from core.unit_edge") == 0
    assert scalar(warehouse, "select count(*) from core.source") == 0


def test_a_changed_on_time_rule_recounts_the_days_its_dossiers_ended(warehouse: Engine) -> None:
    dimensions.sync(warehouse, province("date"))
    run_id = new_run(warehouse)
    # on the day due, but after the hour due: on time by the day, late to the second
    row = good("dossier", due_at="2026-11-06 08:00+07", finished_at="2026-11-06 09:00+07")
    one = delivery(warehouse, run_id, "dossier", [row])
    gate.run(warehouse, run_id, catalogue())
    load_delivery(warehouse, run_id, one, "m1")
    marts.refresh(warehouse)
    late = "select coalesce(sum(value), 0) from mart.measure_day where measure_code = 'finished_late'"
    assert scalar(warehouse, late) == 0
    dimensions.sync(warehouse, province("date"))
    assert scalar(warehouse, "select count(*) from ops.touched_day") == 0
    dimensions.sync(warehouse, province("timestamp"))
    marts.refresh(warehouse)
    assert scalar(warehouse, late) == 1
    with warehouse.connect() as connection:
        assert connection.execute(text("select count(*) from ops.touched_day")).scalar_one() == 0
