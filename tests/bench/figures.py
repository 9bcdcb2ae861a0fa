"""The index 766 and form II.06a of a month, against one statement by hand and against recounting the dossiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from bench.measure import Times
from bench.province import source
from cchc.catalogue import load
from cchc.catalogue.models import Catalogue
from cchc.indicators import periods
from cchc.indicators.scoring import own
from cchc.publishing.forms import layouts, rows
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse.sql import source as warehouse_source

SET, SET_ONE, SET_BY_HAND = "index 766, both versions", "index 766, one version", "index 766 by hand"
FORM, FORMS, FORM_BY_HAND = "form II.06a, province", "form II.06a, every unit", "form II.06a by hand"
RECOUNT = "index 766 from the dossiers"

SCORES = load.cached(SHIPPED_CATALOGUE).score_set("qd766")
LAYOUT = layouts.load(SHIPPED_CATALOGUE, "ii06a")
MONTH = periods.parse("2026-11")  # 15 October to 14 November


def month(engine: Engine, catalogue: Catalogue, size: int, times: Times) -> None:
    """Work out the month by the product and by hand; raises `AssertionError` where they do not agree."""
    units = _units(engine)
    whole = catalogue.province.code

    def score(versions: Sequence[str]) -> None:
        with engine.connect() as connection:
            own.score_versions(connection, catalogue, SCORES, versions, [*units, whole], MONTH)

    times.take(SET_ONE, size, lambda: score(["written"]))
    by_hand = times.take(SET_BY_HAND, size, lambda: _set_by_hand(engine, catalogue))
    times.take(SET, size, lambda: score(list(SCORES.versions)))
    form = times.take(FORM, size, lambda: rows.build(engine, catalogue, LAYOUT, whole, MONTH))
    times.take(FORM_BY_HAND, size, lambda: _form_by_hand(engine, catalogue))
    forms = times.take(
        FORMS, size, lambda: [rows.build(engine, catalogue, LAYOUT, code, MONTH) for code in units]
    )
    _agree(by_hand, form, forms)


def recount(engine: Engine, catalogue: Catalogue, size: int, times: Times) -> None:
    """Count everything again from the records; raises `AssertionError` where the marts say something else."""
    events = "\nunion all\n".join(
        f"select unit_code, day, procedure_code, measure_code, value from ({warehouse_source(f'mart/{dataset}')}) as x"
        for dataset in ("dossier", "procedure")
    )
    again = times.take(RECOUNT, size, lambda: _set_by_hand(engine, catalogue, f"({events})"))
    counted = _set_by_hand(engine, catalogue)
    assert len(counted) > 1000
    assert [tuple(row) for row in again] == [tuple(row) for row in counted]


def _units(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("select unit_code from bench.place order by place_no")))


def _set_by_hand(
    engine: Engine, catalogue: Catalogue, counts: str = "mart.measure_day"
) -> Sequence[Row[Any]]:
    terms = [term for terms in SCORES.counts.values() for term in terms if term.measure]
    measures = {term.counted_as: term.measure for term in terms}
    measures |= {m: m for m in ("received_online", "in_process")}  # what the forms are compared by
    with engine.connect() as connection:
        return _counts(connection, catalogue, source("set_counts", counts=counts), measures)


def _form_by_hand(engine: Engine, catalogue: Catalogue) -> Sequence[Row[Any]]:
    with engine.connect() as connection:
        measures = {term.measure: term.measure for term in LAYOUT.terms()}
        return _counts(connection, catalogue, source("form_counts"), measures)


def _counts(
    connection: Connection, catalogue: Catalogue, statement: str, measures: dict[Any, Any]
) -> Sequence[Row[Any]]:
    asked = {
        "measures": sorted(measures),
        "stocks": sorted(code for code, of in measures.items() if catalogue.measures[of].kind == "stock"),
        "first_day": MONTH.start,
        "last_day": MONTH.end,
    }
    return connection.execute(text(statement), asked).all()


def _agree(by_hand: Sequence[Row[Any]], form: rows.Form, forms: Sequence[rows.Form]) -> None:
    """Compare received online in the month and in process at its end, of every unit and the province."""
    for one in (form, *forms):
        unit = "" if one is form else one.unit_code
        found = {"c4": 0, "c11": 0}
        for row in by_hand:
            if row.unit_code == unit and row.measure_code == "received_online":
                found["c4"] += row.within
            elif row.unit_code == unit and row.measure_code == "in_process":
                found["c11"] += row.before + row.within
        total = one.rows[-1].values
        assert found == {"c4": total["c4"], "c11": total["c11"]}, f"{one.unit_code}: {found} ≠ {total}"
    assert form.rows[-1].values["c4"], "nothing was received"
