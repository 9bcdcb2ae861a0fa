"""The register of inspections through a night, the findings of units as of a day, and what units state beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.load import cached
from cchc.indicators import inspections, periods
from cchc.indicators.compute import IndicatorValue, compute
from cchc.indicators.explain import explain
from cchc.settings import SHIPPED_CATALOGUE
from integration.conftest import Pool
from integration.indicator_facts import source, watermark, write
from integration.installation import installed, loaded
from integration.rows import DAY, scalar
from simulators import public_service, registers, seed2022
from simulators.inspections import SEED, findings, rows
from simulators.province import Running, only, running

CATALOGUE = cached(SHIPPED_CATALOGUE)
REGISTER, BOOKS = "snv-kiemtra", "snv-sotay"
UNITS = [unit.code for unit in CATALOGUE.units]


def _register(engine: Engine, unit: str | None, day: date) -> inspections.Register:
    with engine.connect() as connection:
        return inspections.register(connection, CATALOGUE, [unit] if unit else UNITS, day)


def _values(engine: Engine, unit: str, period: str) -> dict[str, IndicatorValue]:
    asked = periods.parse(period)
    found = compute(engine, CATALOGUE, CATALOGUE.indicator_sets["cong-vu"], [unit], asked, day=DAY)
    return {value.indicator_code: value for value in found}


def test_without_a_register_nothing_is_known(warehouse: Engine) -> None:
    assert _register(warehouse, "SGDDT", DAY).count("overdue") is None
    watermark(warehouse, "SNV", REGISTER, DAY, "inspection")
    assert _register(warehouse, "SGDDT", DAY).count("overdue") == 0


def test_a_finding_in_two_registers_is_one(warehouse: Engine) -> None:
    known = {
        "inspection_code": "KT-1",
        "finding_code": "KN-1",
        "inspected_unit": "SYT",
        "inspected_on": date(2026, 9, 9),
        "due_on": date(2026, 10, 1),
    }
    later = {"done_on": date(2026, 9, 30), "pulled_at": "2026-11-15 01:30+07"}
    write(warehouse, "inspection", "SNV", REGISTER, [known])
    write(warehouse, "inspection", "VPUBND", "vpubnd-kiemtra", [{**known, **later}])
    assert [f.state for f in _register(warehouse, "SYT", DAY).findings] == ["done"]


def test_what_the_article_said_in_words_has_its_figures(warehouse: Engine) -> None:
    source(warehouse, "SGDDT", "sgddt-sotay")
    stated = public_service.of_2022(seed2022.START, seed2022.END)
    write(
        warehouse,
        "reported_measure",
        "SGDDT",
        "sgddt-sotay",
        [
            {
                "measure_code": r.measure,
                "period_from": r.start,
                "period_to": r.end,
                **{
                    n: Decimal(v)
                    for n in ("value", "numerator", "denominator", "ratio")
                    if (v := getattr(r, n))
                },
                "evidence": r.evidence,
            }
            for r in stated
        ],
    )
    watermark(warehouse, "SGDDT", "sgddt-sotay", DAY, "reported_measure")
    values = _values(warehouse, "SGDDT", "2022-01-01..2022-10-13")
    assert [code for code, value in values.items() if value.value is None] == []
    assert values["procedures-posted-at-office-share"].printed == "100,0%"
    assert values["procedures-term-cut-2020"].printed == "42%"
    assert values["work-files-made-share"].printed == "83,9%"
    assert values["discipline-violations"].printed == "0"
    assert {value.coverage for value in values.values()} == {Decimal(1)}


# --- after a night (the tests above have given the warehouse back) ---------------------------------------------
@pytest.fixture(scope="module")
def night(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Running]]:
    """Return the warehouse after a night of Sở Nội vụ's registers, and the systems."""
    home = tmp_path_factory.mktemp("inspections")
    engine = pool.take()
    with ExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        systems = stack.enter_context(
            running(home / "systems", DAY, systems=only(REGISTER, BOOKS), faults={})
        )
        stack.enter_context(installed(monkeypatch, engine, home / "home", systems))
        summary = loaded(DAY, (REGISTER, BOOKS))
        assert {row.state for row in summary.rows} == {"loaded"}, [row.message for row in summary.rows]
        yield engine, systems
    engine.dispose()
    pool.give_back()


def test_what_was_found_is_shown_of_each_unit_as_of_a_day(night: tuple[Engine, Running]) -> None:
    engine, _ = night
    assert scalar(engine, "select count(*) from quarantine.item where dataset = 'inspection'") == 0
    then = _register(engine, "SGDDT", date(2022, 10, 13))
    assert {f.inspection_code for f in then.findings} == {SEED}
    assert {f.inspected_on for f in then.findings} == {date(2022, 10, 13)}
    assert (then.count("open"), then.count("overdue"), then.count("done"), then.count("noted")) == (
        12,
        0,
        0,
        7,
    )
    assert {f.kind for f in then.findings if f.state == "noted"} == {"commendation"}

    now = _register(engine, "SGDDT", DAY)
    assert now.complete_to == DAY
    assert [f.inspection_code for f in now.findings[:3]] == ["KT-2026-04"] * 3  # the newest inspection first
    by_code = {(f.inspection_code, f.finding_code): f for f in now.findings}
    assert [by_code["KT-2026-04", code].state for code in ("KL-01", "KL-02", "KL-03")] == [
        "done",
        "overdue",
        "open",
    ]
    assert now.count("done", "recommendation") == 13
    late = [f.finding_code for f in now.findings if f.is_done_late]
    assert late == ["KN-05", "KN-12"]
    done = by_code["KT-2026-04", "KL-01"]
    assert done.evidence == "https://kiemtra.caobang.example/kt-2026-04/1"
    assert done.inspector == "Đoàn kiểm tra của Sở Nội vụ"

    province = _register(engine, None, DAY)
    assert sum(sum(states.values()) for states in province.by_unit().values()) == len(findings(DAY))
    assert province.by_unit()["01273"] == {"done": 1, "overdue": 1, "open": 1}
    # the day after its last day, and not on it
    assert _register(engine, "01273", date(2026, 11, 10)).count("overdue") == 0
    assert _register(engine, "01273", date(2026, 11, 11)).count("overdue") == 1


def test_names_of_procedures_come_with_them(night: tuple[Engine, Running]) -> None:
    engine, _ = night
    with engine.connect() as connection:
        named = connection.execute(text("select title, field_title from core.procedure")).all()
    assert len(named) > 10
    assert all(row.title and row.field_title for row in named)
    assert ("Cấp chứng chỉ hành nghề lưu trữ", "Lưu trữ") in {tuple(row) for row in named}


def test_what_a_unit_states_has_its_evidence_and_what_it_does_not_is_missing(
    night: tuple[Engine, Running],
) -> None:
    engine, _ = night
    values = _values(engine, "SNV", "2026-11")
    stated = {code for code, value in values.items() if value.value is not None}
    assert 20 < len(stated) < len(values)
    assert all(values[code].reason for code in values.keys() - stated)
    opened = explain(
        engine,
        CATALOGUE,
        "work-files-made-share",
        "SNV",
        periods.parse("2026-11"),
        day=DAY,
        set_code="cong-vu",
    )
    (record,) = opened.records("numerator")
    assert record["evidence"] == "https://snv.caobang.example/bao-cao/2026-11#work_files_made"
    nobody = _values(engine, "STP", "2026-11")
    assert {value.value for value in nobody.values()} == {None}


def test_a_row_that_is_wrong_waits_and_one_that_is_taken_out_counts_no_more(
    night: tuple[Engine, Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, systems = night
    kept = findings(DAY)
    sheet = rows(kept)
    names = {heading: column for column, heading in enumerate(sheet[0])}

    def other(row: int, **cells: str) -> None:
        sheet[row] = [*sheet[row]]
        for heading, value in cells.items():
            sheet[row][names[heading.replace("_", " ")]] = value

    other(1, Mã_đơn_vị="SGD")
    other(2, Cơ_quan_kiểm_tra="Ông Nguyễn Văn Thử, trưởng đoàn")
    other(3, Kết_luận="Tài liệu (Mật) để ngoài tủ")
    del sheet[-2]  # not the last of the day: that of a later one could still be to come
    folder = systems.registers / "snv-kiemtra"
    (folder / "so_kiem_tra.xlsx").write_bytes(registers.workbook({"Kết luận": sheet}))
    (summary,) = loaded(DAY, (REGISTER,)).rows
    assert (summary.state, summary.quarantined, summary.refused) == ("loaded", 2, 1)
    with engine.connect() as connection:
        told = {
            row.rule_code: row.message
            for row in connection.execute(
                text(
                    "select rule_code, message from quarantine.item where dataset = 'inspection' and state = 'open'"
                )
            )
        }
        kept_texts = connection.execute(text("select i::text from stg.inspection as i")).scalars().all()
    assert told["INSPECTION_UNIT_UNKNOWN"].endswith("danh mục đơn vị của tỉnh: SGD")
    assert "cơ quan, đoàn kiểm tra: có nội dung giống họ tên" in told["INSPECTION_UNREADABLE"]
    assert not [row for row in kept_texts if "Nguyễn Văn" in row or "ngoài tủ" in row]
    gone = kept[-2]
    left = {(f.inspection_code, f.finding_code) for f in _register(engine, None, DAY).findings}
    assert (gone.code, gone.finding) not in left
    # what was good and is bad now stays as it was; what is secret now does not
    assert len(left) == len(kept) - 2
