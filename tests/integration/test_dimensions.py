"""The warehouse follows the catalogue: units with validity, codes, sources, and a changed on-time rule."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, text

from cchc.catalogue.models import Catalogue, Source, Unit, UnitEdge
from cchc.catalogue.profiles import FieldMap, Profile
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
    assert scalar(warehouse, "select count(*) from core.source where expected") == 0
    assert scalar(warehouse, "select on_time_rule from core.source") == "date"  # of what it once delivered


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
    assert scalar(warehouse, "select count(*) from ops.stale_mart") == 0
    dimensions.sync(warehouse, province("timestamp"))
    marts.refresh(warehouse)
    assert scalar(warehouse, late) == 1
    with warehouse.connect() as connection:
        assert connection.execute(text("select count(*) from ops.stale_mart")).scalar_one() == 0


def test_a_system_that_left_the_catalogue_counts_what_no_other_has(warehouse: Engine) -> None:
    """The unit changed its software: the new one took over one of two open dossiers."""
    old = province("date")
    new = old.sources["sgddt-motcua"].model_copy(update={"code": "sgddt-moi"})
    dimensions.sync(warehouse, old)
    run_id = new_run(warehouse)
    first = delivery(warehouse, run_id, "dossier", [good("dossier", 1), good("dossier", 2)])
    gate.run(warehouse, run_id, catalogue())
    load_delivery(warehouse, run_id, first, "m1")
    marts.refresh(warehouse)
    received = "select sum(value) from mart.measure_day where measure_code = 'received'"
    on_time = (
        "select sum(value) from mart.measure_day where measure_code like 'finished%' and measure_code !~ '@'"
    )
    assert (scalar(warehouse, received), scalar(warehouse, on_time)) == (2, 2)
    dimensions.sync(warehouse, old.model_copy(update={"sources": {new.code: new}}))
    with warehouse.begin() as connection:
        connection.execute(
            text(
                'insert into core.dossier select (jsonb_populate_record(d, \'{"source_code": "sgddt-moi"}\')).*'
                " from core.dossier as d where d.dossier_code = :code"
            ),
            {"code": good("dossier", 1)["dossier_code"]},
        )
    marts.refresh(warehouse)
    assert (scalar(warehouse, received), scalar(warehouse, on_time)) == (2, 2)
    dimensions.sync(warehouse, old.model_copy(update={"sources": {new.code: new}}))
    assert scalar(warehouse, "select count(*) from ops.stale_mart") == 0
