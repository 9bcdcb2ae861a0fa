"""Which sources a release calls fresh, where not every unit keeps every register."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from cchc.catalogue.models import Catalogue, DatasetMap
from cchc.publishing.content import gather
from integration.indicator_facts import watermark
from integration.seed_unit import DAY, UNIT, catalogue, load


def _with_petitions(expected: list[str] | None) -> Catalogue:
    shipped = catalogue([])
    registers = shipped.profiles["registers"]
    more = registers.model_copy(
        update={
            "datasets": registers.datasets | {"petition": DatasetMap(fields={})},
            "options": {} if expected is None else {"expected": expected},
        }
    )
    return shipped.model_copy(update={"profiles": shipped.profiles | {"registers": more}})


def _is_fresh(engine: Engine, province: Catalogue) -> bool:
    with engine.connect() as connection:
        states = {source.code: source for source in gather(connection, province, DAY).sources}
    return states["sgddt-sotay"].is_fresh


def test_a_register_that_is_not_expected_may_be_missing_but_not_stale(warehouse: Engine) -> None:
    load(warehouse)
    kept = ["dossier", "procedure", "procedure_review", "reported_measure"]
    assert _is_fresh(warehouse, _with_petitions(kept))
    assert not _is_fresh(warehouse, _with_petitions(None))
    assert not _is_fresh(warehouse, _with_petitions([*kept, "petition"]))
    watermark(warehouse, UNIT, "sgddt-sotay", DAY - timedelta(1), "petition")
    assert not _is_fresh(warehouse, _with_petitions(kept))
    watermark(warehouse, UNIT, "sgddt-sotay", DAY, "petition")
    assert _is_fresh(warehouse, _with_petitions(None))
