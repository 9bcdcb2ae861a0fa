"""Which release a report of a period is made of: later ones may have other numbers of the same days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, text

from cchc.indicators import periods
from cchc.publishing.reports import reading
from integration.seed_unit import catalogue

NOVEMBER = periods.parse("2026-11")
CATALOGUE = catalogue()


def _released(engine: Engine, day: date, *sets: str) -> None:
    """Enter a release with a number of each of these sets for November."""
    release = {"id": f"{day}-a", "day": day}
    with engine.begin() as connection:
        insert = (
            "insert into publish.release (release_id, reporting_day, content_sha256, path, sources_expected,"
            " sources_fresh) values (:id, :day, :id, '/nowhere', 1, 1)"
        )
        connection.execute(text(insert), release)
        insert = (
            "insert into publish.indicator_value (release_id, unit_code, set_code, indicator_code, period_from,"
            " period_to, value, printed, coverage) values (:id, 'H14', :set, 'c', :begins, :ends, 1, '1', 1)"
        )
        days = {"begins": NOVEMBER.start, "ends": NOVEMBER.end}
        connection.execute(text(insert), [{**release, **days, "set": code} for code in sets])


@pytest.mark.parametrize(
    ("main_set", "day"), [("province-core", 14), ("cong-vu", 20), ("seed-2022", 20), (None, 20)]
)
def test_a_report_is_of_the_newest_release_that_has_its_set(
    warehouse: Engine, main_set: str | None, day: int
) -> None:
    _released(warehouse, date(2026, 11, 13), "province-core")
    _released(warehouse, date(2026, 11, 14), "province-core", "cong-vu")
    _released(warehouse, date(2026, 11, 20), "cong-vu")  # units have reported since
    with warehouse.connect() as connection:
        chosen = reading.of_period(connection, CATALOGUE, NOVEMBER, main_set=main_set)
        named = reading.of_period(connection, CATALOGUE, NOVEMBER, "2026-11-13-a", main_set)
        december = replace(chosen, period=periods.parse("2026-12"))
        compared = reading.earlier(connection, CATALOGUE, december, main_set)
    assert compared is not None
    assert (chosen.day, compared.day, named.day) == (
        date(2026, 11, day),
        date(2026, 11, day),
        date(2026, 11, 13),
    )
