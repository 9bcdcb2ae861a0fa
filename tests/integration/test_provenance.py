"""One provenance a cell: records and reports of the same measure are never added, and both present are reconciled."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from sqlalchemy import Engine

from cchc import night
from cchc.catalogue.indicators import Indicator, IndicatorSet, Measure
from cchc.catalogue.models import Catalogue
from cchc.cli import app
from cchc.errors import ConfigurationError
from cchc.indicators import periods
from cchc.indicators.compute import IndicatorValue, compute, stated_twice
from cchc.indicators.explain import explain
from cchc.indicators.periods import Period
from cchc.settings import SHIPPED_CATALOGUE, settings
from cchc.warehouse import dimensions, marts
from integration.indicator_facts import at, source, watermark, write
from integration.installation import installed
from integration.seed_unit import PRINTED, SEED, UNIT, catalogue, load
from simulators.province import only, running

UNITS: dict[str, tuple[tuple[str, str], ...]] = {  # unit → its sources of dossiers and their intake
    UNIT: (("sgddt-motcua", "one_stop"), ("sgddt-sotay", "direct")),
    "SYT": (("syt-motcua", "one_stop"),),
    "01273": (("01273-motcua", "one_stop"),),
    "01288": (("01288-motcua", "one_stop"),),
}
MONTHS = tuple(periods.parse(f"2026-0{n}", "calendar") for n in (1, 2, 3))
QUARTER = periods.parse("2026-Q1", "calendar")
MARKS = (None, "2025-12-31", "2026-01-20", "2026-01-31", "2026-02-15", "2026-02-28", "2026-03-31")


def paired(prefer: str = "records") -> Catalogue:
    """Return the small catalogue, whose units state what they received; a set counts it and its share online."""
    plain = catalogue()
    stated = plain.measures["received"].model_copy(update={"reported": "received_total", "prefer": prefer})
    counted = {"title": "", "basis": "", "unit": "hồ sơ"}
    own = IndicatorSet(
        code="own",
        title="",
        indicators=(
            Indicator.model_validate({**counted, "code": "received", "value": [{"measure": "received"}]}),
            Indicator.model_validate(
                {
                    **counted,
                    "code": "direct",
                    "value": [{"measure": "received", "where": {"intake": "direct"}}],
                }
            ),
            Indicator.model_validate(
                {
                    **counted,
                    "code": "online",
                    "unit": "%",
                    "numerator": [{"measure": "received_online"}],
                    "denominator": [{"measure": "received"}],
                }
            ),
        ),
    )
    return plain.model_copy(
        update={
            "measures": {**plain.measures, "received": stated},
            "indicator_sets": {**plain.indicator_sets, "own": own},
        }
    )


def number(value: Decimal | None) -> int | None:
    """Return a count or a share as a plain number; none of those here has a fraction."""
    return None if value is None else int(value)


def values(
    engine: Engine, known: Catalogue, unit: str, period: Period, set_code: str = "own"
) -> Mapping[str, IndicatorValue]:
    found = compute(engine, known, known.indicator_sets[set_code], [unit], period, day=period.end)
    return {v.indicator_code: v for v in found}


def state(engine: Engine, unit: str, period: Period, value: int) -> None:
    row = {
        "measure_code": "received_total",
        "period_from": period.start,
        "period_to": period.end,
        "value": value,
        "evidence": f"Báo cáo {period.label}",
    }
    write(engine, "reported_measure", unit, f"{unit.lower()}-sotay", [row])


def receive(engine: Engine, unit: str, code: str, day: date, count: int, intake: str = "one_stop") -> None:
    rows = [
        {"dossier_code": f"{day}/{n}", "received_at": at(day.isoformat()), "intake": intake}
        for n in range(count)
    ]
    if rows:
        write(engine, "dossier", unit, code, rows)


@dataclass
class Made:
    """What was put in: how far each source delivered, its dossiers by month, and what was stated by month."""

    marks: dict[str, date | None]
    received: dict[tuple[str, str], int]
    stated: dict[tuple[str, str], int]

    def records(self, unit: str, span: Period) -> int | None:
        marks = [self.marks[code] for code, _ in UNITS[unit]]
        if not any(mark is not None and mark >= span.start for mark in marks):
            return None
        return sum(n for (u, label), n in self.received.items() if u == unit and label in within(span))

    def complete(self, unit: str, span: Period) -> bool:
        marks = [self.marks[code] for code, _ in UNITS[unit]]
        return all(mark is not None and mark >= span.end for mark in marks)

    def report(self, unit: str, span: Period) -> int | None:
        found = [self.stated.get((unit, label)) for label in within(span)]
        return None if None in found else sum(n for n in found if n is not None)

    def served(self, unit: str, span: Period, prefer: str) -> tuple[str | None, int | None]:
        records, report = self.records(unit, span), self.report(unit, span)
        by_records = records is not None and (
            report is None or (self.complete(unit, span) and prefer == "records")
        )
        if by_records:
            return "records", records
        return ("reported", report) if report is not None else (None, None)


def within(span: Period) -> list[str]:
    return [m.label for m in MONTHS if span.start <= m.start and m.end <= span.end]


def put_in(engine: Engine, chance: random.Random) -> Made:
    made = Made({}, {}, {})
    for unit, systems in UNITS.items():
        for code, intake in systems:
            source(engine, unit, code)
            mark = chance.choice(MARKS)
            made.marks[code] = reached = date.fromisoformat(mark) if mark else None
            if reached is not None:
                watermark(engine, unit, code, reached, "dossier")
            for month in MONTHS:
                count = chance.choice((0, 1, 4))
                if reached is None or reached < month.start:
                    continue
                day = chance.choice([month.start, min(reached, month.end)])
                receive(engine, unit, code, day, count, intake)
                made.received[unit, month.label] = made.received.get((unit, month.label), 0) + count
        for month in MONTHS:
            if chance.random() < 0.5:
                made.stated[unit, month.label] = number = chance.choice((0, 3, 50))
                state(engine, unit, month, number)
    marts.refresh(engine)
    return made


@pytest.mark.parametrize("seed", range(8))
def test_exactly_one_provenance_serves_a_cell(warehouse: Engine, seed: int) -> None:
    chance = random.Random(seed)
    prefer = chance.choice(("records", "records", "reported"))
    known = paired(prefer)
    made = put_in(warehouse, chance)
    for span in (*MONTHS, QUARTER):
        served = {unit: made.served(unit, span, prefer) for unit in UNITS}
        for unit, (provenance, amount) in served.items():
            value = values(warehouse, known, unit, span)["received"]
            assert (value.provenance, value.value) == (provenance, amount), (unit, span.label)
            assert (value.reason is None) == (amount is not None)
            if amount is None:  # neither is there
                assert set(value.lacking) == {code for code, _ in UNITS[unit]}
        whole = values(warehouse, known, "H14", span)["received"]
        there = [n for _, n in served.values() if n is not None]
        kinds = {kind for kind, _ in served.values() if kind is not None}
        assert whole.value == (sum(there) if there else None)
        assert whole.provenance == ("mixed" if len(kinds) > 1 else next(iter(kinds), None))
        with warehouse.connect() as connection:
            rows = stated_twice(connection, known, known.measures.values(), ["H14"], span)
        both = {
            unit
            for unit in UNITS
            if made.records(unit, span) is not None and made.report(unit, span) is not None
        }
        assert {row.unit_code for row in rows} == both
        for row in rows:
            assert (row.records, row.stated.value) == (
                made.records(row.unit_code, span),
                made.report(row.unit_code, span),
            )
            assert row.serves == served[row.unit_code][0]


def test_partly_delivered_records_give_way_to_a_report_and_come_back(warehouse: Engine) -> None:
    january = MONTHS[0]
    source(warehouse, "SYT", "syt-motcua")
    receive(warehouse, "SYT", "syt-motcua", date(2026, 1, 5), 4)
    watermark(warehouse, "SYT", "syt-motcua", date(2026, 1, 20), "dossier")
    marts.refresh(warehouse)
    known = paired()
    value = values(warehouse, known, "SYT", january)["received"]
    assert (number(value.value), value.provenance, number(value.coverage)) == (4, "records", 0)
    state(warehouse, "SYT", january, 9)
    value = values(warehouse, known, "SYT", january)["received"]
    assert (number(value.value), value.provenance) == (9, "reported")
    opened = explain(warehouse, known, "received", "SYT", january, set_code="own")
    assert all(term.agrees for term in opened.terms)
    assert [r["value"] for r in opened.records()] == [9]  # the reported row, not the records it stands in for
    assert "số liệu báo cáo" in opened.text()
    assert (value.coverage, value.lacking) == (None, ())  # a report needs no source of dossiers
    watermark(warehouse, "SYT", "syt-motcua", january.end, "dossier")
    value = values(warehouse, known, "SYT", january)["received"]
    assert (number(value.value), value.provenance, number(value.coverage)) == (4, "records", 1)
    assert values(warehouse, paired("reported"), "SYT", january)["received"].value == 9


def test_a_part_of_a_measure_is_not_what_the_unit_states_of_the_whole(warehouse: Engine) -> None:
    state(warehouse, UNIT, MONTHS[0], 9)
    found = values(warehouse, paired(), UNIT, MONTHS[0])
    assert found["received"].value == 9
    assert (found["direct"].value, found["direct"].provenance) == (None, None)
    assert found["direct"].reason == "chưa có dữ liệu hồ sơ từ Sổ tay Sở Giáo dục và Đào tạo"


def test_a_share_of_both_is_mixed(warehouse: Engine) -> None:
    source(warehouse, "SYT", "syt-motcua")
    receive(warehouse, "SYT", "syt-motcua", date(2026, 1, 5), 4)
    watermark(warehouse, "SYT", "syt-motcua", date(2026, 1, 20), "dossier")
    state(warehouse, "SYT", MONTHS[0], 8)
    marts.refresh(warehouse)
    value = values(warehouse, paired(), "SYT", MONTHS[0])["online"]
    assert (number(value.numerator), number(value.denominator), value.provenance) == (0, 8, "mixed")


def test_reports_that_do_not_tile_the_period_serve_nothing(warehouse: Engine) -> None:
    for month in (MONTHS[0], MONTHS[2]):
        state(warehouse, "SYT", month, 9)
    known = paired()
    quarter = values(warehouse, known, "SYT", QUARTER)["received"]
    assert (quarter.value, quarter.provenance) == (None, None)
    assert quarter.reason == "chưa có dữ liệu hồ sơ từ Một cửa Sở Y tế"
    state(warehouse, "SYT", MONTHS[1], 1)
    assert values(warehouse, known, "SYT", QUARTER)["received"].value == 19


def test_the_pairing_changes_none_of_the_seeds_figures(warehouse: Engine) -> None:
    load(warehouse)
    period = periods.parse(SEED)
    found = values(warehouse, paired(), UNIT, period, "seed-2022")
    assert {code: v.printed for code, v in found.items()} == PRINTED
    stated = {"units-on-document-system", "staff-official-mail", "procedures-term-cut-2019"}
    assert {code for code, v in found.items() if v.provenance == "reported"} == stated
    assert {v.provenance for code, v in found.items() if code not in stated} == {"records"}
    state(warehouse, UNIT, period, 12_500)  # the records are complete
    assert values(warehouse, paired(), UNIT, period, "seed-2022")["received"].printed == "11.999"


def test_a_stock_and_a_preference_for_nothing_are_refused() -> None:
    plain = {"code": "m", "title": "m", "unit": "hồ sơ", "dataset": "dossier"}
    with pytest.raises(ValueError, match="measure m is a stock"):
        Measure.model_validate({**plain, "kind": "stock", "reported": "r"})
    with pytest.raises(ValueError, match="names none: add reported"):
        Measure.model_validate({**plain, "prefer": "reported"})


@pytest.fixture
def installation(tmp_path: Path, warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Return the warehouse of a province whose measures.yaml pairs what units receive with what they report."""
    own = tmp_path / "catalogue"
    own.mkdir()
    for name in ("province", "units", "hosts", "sources"):
        (own / f"{name}.yaml").write_bytes((SHIPPED_CATALOGUE / f"{name}.yaml").read_bytes())
    shipped = yaml.safe_load((SHIPPED_CATALOGUE / "measures.yaml").read_text("utf-8"))
    pair = next(m for m in shipped if m["code"] == "received") | {"reported": "received_total"}
    (own / "measures.yaml").write_text(yaml.safe_dump([pair], allow_unicode=True), "utf-8")
    with (
        running(tmp_path / "systems", date(2026, 11, 14), systems=only("snv-motcua"), faults={}) as systems,
        installed(monkeypatch, warehouse, tmp_path / "home", systems),
    ):
        monkeypatch.setenv("CCHC_CATALOGUE", str(own))
        settings.cache_clear()
        dimensions.sync(warehouse, night.catalogue())
        yield warehouse


def reconciled(*arguments: str) -> list[dict[str, Any]]:
    asked = ["reconcile", "reported", "--period", "2026-11-01..2026-11-10", "--format", "json", *arguments]
    done = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_the_command_tells_both_numbers_and_which_one_serves(installation: Engine) -> None:
    span = periods.parse("2026-11-01..2026-11-10")
    for unit, code, to in (("STP", "stp-motcua", 10), ("STC", "stc-motcua", 5), ("SCT", "sct-motcua", 10)):
        receive(installation, unit, code, date(2026, 11, 2), 4)
        watermark(installation, unit, code, date(2026, 11, to), "dossier")
    for unit, number in (("STP", 3), ("STC", 9), ("SYT", 7)):  # SCT states nothing, SYT has no records
        state(installation, unit, span, number)
    marts.refresh(installation)
    rows = {row["unit_code"]: row for row in reconciled()}
    assert list(rows) == ["STP", "STC"]
    assert {k: rows["STP"][k] for k in ("measure", "serves", "evidence")} == {
        "measure": "received",
        "serves": "dữ liệu chi tiết",
        "evidence": f"Báo cáo {span.label}",
    }
    assert [Decimal(rows["STP"][k]) for k in ("records", "reported", "difference")] == [4, 3, 1]
    assert rows["STP"]["cause"].startswith("báo cáo ít hơn: báo cáo được chốt trước khi có hồ sơ muộn")
    assert [Decimal(rows["STC"][k]) for k in ("records", "reported", "difference")] == [4, 9, -5]
    assert rows["STC"]["serves"] == "số liệu báo cáo"
    assert rows["STC"]["cause"] == "nguồn chưa gửi đủ dữ liệu của kỳ: stc-motcua"
    assert [row["unit_code"] for row in reconciled("--unit", "STC", "--set", "province-core")] == ["STC"]
    state(installation, "STP", span, 4)
    assert [(r["difference"], r["cause"]) for r in reconciled("--unit", "STP")] == [("0", "")]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--set", "nope"), "there is no indicator set nope"),
        (("--unit", "X"), "unit X is not in the catalogue"),
    ],
)
def test_unknown_names_are_refused(installation: Engine, arguments: tuple[str, ...], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        reconciled(*arguments)


def test_a_catalogue_that_pairs_nothing_says_what_to_write(
    installation: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "unpaired"
    shutil.copytree(SHIPPED_CATALOGUE, folder)
    measures = folder / "measures.yaml"
    measures.write_text(re.sub(r", reported: \w+", "", measures.read_text("utf-8")), "utf-8")
    monkeypatch.setenv("CCHC_CATALOGUE", str(folder))
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match=r"of the indicator set seed-2022 .* add `reported: <code>`"):
        reconciled("--set", "seed-2022")
