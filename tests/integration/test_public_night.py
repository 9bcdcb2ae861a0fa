"""What of a whole night the public reads: small counts go, what people come for stays, also where a source is down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cchc import night
from cchc.catalogue.load import load
from cchc.indicators import periods
from cchc.publishing.content import Content, gather
from cchc.publishing.forms import layouts
from cchc.publishing.forms.rows import Builder, Form
from cchc.publishing.suppression.public import public
from cchc.settings import SHIPPED_CATALOGUE
from integration.indicator_facts import write
from integration.installation import installed
from simulators.province import only, running

DAY = date(2026, 11, 14)
CATALOGUE = load(SHIPPED_CATALOGUE)
DOWN = "01288-dvcqg"  # whose unit keeps a register too
NATIONAL = [code for code in CATALOGUE.sources if code.endswith("-dvcqg")][:32]
READ = [
    *dict.fromkeys([*NATIONAL, DOWN]),
    "01288-sotay",
    "01273-sotay",
]  # units with more numbers than others
STATED = {"discipline_checks": 4, "discipline_violations": 1, "culture_checks": 2, "it_upgrades": 3}


@pytest.fixture
def published(
    tmp_path: Path, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Content, Form]]:
    """Return what is published of a night of units of which one has a silent source, and what of that is counted."""
    with (
        running(tmp_path / "systems", DAY, systems=only(*READ), faults={}) as systems,
        installed(monkeypatch, warehouse, tmp_path / "home", systems),
    ):
        systems.misbehave(DOWN, "refuse")
        night.run_night(DAY, READ)
        stated_of = {"period_from": date(2026, 10, 15), "period_to": DAY}
        stated = [{"measure_code": code, "value": value, **stated_of} for code, value in STATED.items()]
        write(warehouse, "reported_measure", "01288", "01288-sotay", stated)
        with warehouse.connect() as connection:
            month = periods.of_publication("report_month", DAY)
            layout = layouts.load(SHIPPED_CATALOGUE, "ii06a")
            counted = Builder(connection, CATALOGUE, layout, "01288", month, DAY).form()
            yield gather(connection, CATALOGUE, DAY), counted


def test_what_people_come_for_stays_public_and_nobodys_zero_is_unknown(
    published: tuple[Content, Form],
) -> None:
    content, counted = published
    shown = public(content, CATALOGUE).content
    assert content.history is not None
    assert shown.history is not None
    before, after = content.history.current.values, shown.history.current.values

    for code in ("received", "finished", "on-time-share"):
        assert after["H14", code] == before["H14", code], "the province's own numbers"
        known = [key for key, value in before.items() if key[1] == code and value.printed is not None]
        told = [key for key in known if after[key].printed is not None]
        assert len(known) > 20
        assert len(told) > 0.8 * len(known), code
    small = [
        key for key, value in before.items()
        if key[1] == "overdue-in-process" and value.value is not None and 0 < value.value < 5
    ]  # fmt: skip
    assert len(small) > 5
    assert all(after[key].value is None for key in small)
    assert len(shown.procedure_rows) > 100

    reported = [  # small counts of offices, which are nobody's
        [
            table.rows
            for table in build.tables
            if table.set_code == "cong-vu" and table.code != "cong-vu-gddt-2022"
        ]
        for build in (content, shown)
    ]
    assert reported[0] == reported[1]
    stated = [
        sorted(value.value for value in row.values if value.value)
        for rows in reported[1]
        for row in rows
        if row.unit_code == "01288"
    ]
    assert sorted(map(Decimal, STATED.values())) in stated

    (own,), (told_form,) = (
        [form for form in build.forms["ii06a"] if form.unit_code == "01288"] for build in (content, shown)
    )
    zeros = {code for code, value in counted.rows[-1].values.items() if value == 0}
    assert zeros
    for form in (own, told_form):
        total = form.rows[-1]
        assert all(total.values[code] is None for code in zeros)
        assert "Hồ sơ đồng bộ Cổng Dịch vụ công quốc gia" in total.reasons[min(zeros)]
    kept = {code: value for code, value in counted.rows[-1].values.items() if value}
    assert {code: own.rows[-1].values[code] for code in kept} == kept
