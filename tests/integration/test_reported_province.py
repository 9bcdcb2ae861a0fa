"""What units report about themselves, added up for the province: what is missing is named, and never a zero."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from cchc.catalogue.load import cached
from cchc.catalogue.models import Catalogue
from cchc.indicators import periods
from cchc.indicators.compute import IndicatorValue, compute
from cchc.indicators.explain import explain
from cchc.indicators.periods import Period
from cchc.indicators.scoring.own import OwnPart
from cchc.publishing import evidence, points, tables
from cchc.publishing.silence import Silence
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import marts
from integration.indicator_facts import at, source, watermark, write
from integration.seed_unit import DAY, UNIT, catalogue

NOVEMBER = periods.parse("2026-11")
MONTHS = tuple(periods.parse(f"2026-0{n}") for n in (1, 2, 3))
QUARTER = periods.parse("2026-Q1")
PROVINCE = "H14"


def _province() -> Catalogue:
    """Return four units, of which three keep a register of figures, and one of them sends form II.06a beside it."""
    stated = catalogue([]).model_dump()
    about = {"indicator_set": "cong-vu", "units": "province", "period": "ended_report_month"}
    stated["province"]["publications"] = [{"code": "all", "title": "", **about}]
    shipped = cached(SHIPPED_CATALOGUE)
    stated["profiles"]["report-ii06a"] = shipped.profiles["report-ii06a"].model_dump()
    for code, unit, profile, without in (
        ("syt-sotay", "SYT", "registers", ()),
        ("01273-sotay", "01273", "registers", ()),
        ("01273-bieu", "01273", "report-ii06a", ()),
        ("01288-sotay", "01288", "registers", ("reported_measure",)),
    ):
        keeps = {"code": code, "unit": unit, "profile": profile, "title": code, "without": without}
        stated["sources"][code] = {**keeps, "history_from": date(2022, 1, 1)}
    added = {"title": "", "basis": "", "unit": "hồ sơ"}
    mixed: dict[str, Any] = {
        "code": "mixed",
        "numerator": [{"reported": "m"}],
        "denominator": [{"measure": "received"}],
    }
    ratio: dict[str, Any] = {"code": "ratio", "value": [{"reported": "m", "part": "ratio"}]}
    own = {"code": "own", "title": "", "indicators": [{**added, **mixed}, {**added, **ratio}]}
    stated["indicator_sets"] |= {"cong-vu": shipped.indicator_sets["cong-vu"].model_dump(), "own": own}
    return Catalogue.model_validate(stated)


CATALOGUE = _province()


def _state(engine: Engine, unit: str, period: Period, source: str = "sotay", **figures: Any) -> None:
    """Write figures of a unit: a count, or a numerator and denominator."""
    rows = [
        {
            "measure_code": code,
            "period_from": period.start,
            "period_to": period.end,
            "evidence": f"Báo cáo của {unit}",
            **(dict(zip(("numerator", "denominator"), told, strict=True)) if isinstance(told, tuple)
               else {"value": told}),
        }
        for code, told in figures.items()
    ]  # fmt: skip
    write(engine, "reported_measure", unit, f"{unit.lower()}-{source}", rows)


def _values(engine: Engine, period: Period = NOVEMBER, unit: str = PROVINCE, set_code: str = "cong-vu"
            ) -> Mapping[str, IndicatorValue]:  # fmt: skip
    found = compute(engine, CATALOGUE, CATALOGUE.indicator_sets[set_code], [unit], period, day=period.end)
    return {value.indicator_code: value for value in found}


def _told(value: IndicatorValue) -> tuple[Any, ...]:
    return value.printed, value.coverage, value.reason


def test_a_count_is_the_sum_of_those_that_reported(warehouse: Engine) -> None:
    nobody = _values(warehouse)["discipline-checks"]
    assert _told(nobody) == (
        None,
        Decimal(0),
        f"chưa đơn vị nào trong 3 đơn vị có nguồn báo cáo gửi số liệu này cho kỳ {NOVEMBER.title()}",
    )
    assert (nobody.value, nobody.provenance) == (None, None)
    _state(warehouse, UNIT, NOVEMBER, discipline_checks=4)
    one = _values(warehouse)["discipline-checks"]
    assert _told(one) == (
        "4",
        Decimal("0.3333"),
        "1 trên 3 đơn vị có nguồn báo cáo đã gửi số liệu, thiếu 2 đơn vị; 1 đơn vị chưa có nguồn báo cáo",
    )
    _state(warehouse, "SYT", NOVEMBER, discipline_checks=0)
    assert _told(_values(warehouse)["discipline-checks"])[:2] == ("4", Decimal("0.6667"))
    _state(warehouse, "01273", NOVEMBER, discipline_checks=3)
    whole = _values(warehouse)["discipline-checks"]
    assert _told(whole) == ("7", Decimal(1), None)
    assert whole.provenance == "reported"
    # who keeps no such register owes nothing; what it states all the same is counted
    _state(warehouse, "01288", NOVEMBER, discipline_checks=5)
    assert _told(_values(warehouse)["discipline-checks"]) == ("12", Decimal(1), None)


def test_a_share_is_of_the_units_that_state_both_its_sides(warehouse: Engine) -> None:
    code = "archive-handed-over-share"
    _state(warehouse, UNIT, NOVEMBER, archive_handed_over_on_time=(9, 10))
    _state(warehouse, "SYT", NOVEMBER, archive_handed_over_on_time=(0, 90))
    _state(warehouse, "01273", NOVEMBER, archive_handed_over_on_time=(5, None))
    value = _values(warehouse)[code]
    assert _told(value) == (
        "9,0%",
        Decimal("0.6667"),
        "2 trên 3 đơn vị có nguồn báo cáo đã gửi số liệu, thiếu 1 đơn vị; 1 đơn vị chưa có nguồn báo cáo",
    )
    assert (value.numerator, value.denominator) == (Decimal(9), Decimal(100))
    assert _values(warehouse, unit="01273")[code].printed is None
    _state(warehouse, UNIT, NOVEMBER, archive_requests_answered=(0, 0))
    none = _values(warehouse)["archive-requests-answered-share"]
    assert (none.printed, none.denominator, none.coverage) == (None, Decimal(0), Decimal("0.3333"))
    assert (none.reason or "").startswith("mẫu số bằng 0 trong kỳ")


def test_a_unit_that_nothing_could_bring_it_from_owes_nothing(warehouse: Engine) -> None:
    late = f"đơn vị chưa báo cáo số liệu này cho kỳ {NOVEMBER.title()}"
    without = "đơn vị chưa có nguồn báo cáo số liệu này"
    for code in ("discipline-checks", "archive-handed-over-share"):
        assert _told(_values(warehouse, unit="SYT")[code]) == (None, Decimal(0), late)
        assert _told(_values(warehouse, unit="01288")[code]) == (None, None, without)
        opened = explain(warehouse, CATALOGUE, code, "01288", NOVEMBER)
        assert {term.reason for term in opened.terms} == {without}
    _state(warehouse, "01288", NOVEMBER, discipline_checks=2)
    assert _told(_values(warehouse, unit="01288")["discipline-checks"])[0] == "2"


def test_months_add_up_and_what_is_there_at_a_time_does_not(warehouse: Engine) -> None:
    for n, month in enumerate(MONTHS, 1):
        _state(warehouse, UNIT, month, directives_issued=n, staff_on_document_system=(50 + n, 100))
    _state(warehouse, "SYT", QUARTER, directives_issued=10, staff_on_document_system=(0, 47))
    _state(warehouse, "SYT", MONTHS[0], directives_issued=8)  # part of the quarter's: not added to it
    _state(warehouse, "01273", MONTHS[2], directives_issued=100)  # two months are lacking
    found = _values(warehouse, QUARTER)
    assert _told(found["directives-issued"])[:2] == ("16", Decimal("0.6667"))
    staff = found["staff-on-document-system-share"]
    assert (staff.numerator, staff.denominator) == (Decimal(53), Decimal(147))
    unit = _values(warehouse, QUARTER, UNIT)["staff-on-document-system-share"]
    assert (unit.numerator, unit.denominator, unit.printed) == (Decimal(53), Decimal(100), "53,0%")


def test_two_reports_of_a_unit_are_one(warehouse: Engine) -> None:
    _state(warehouse, "01273", NOVEMBER, discipline_checks=3)
    _state(warehouse, "01273", NOVEMBER, source="bieu", discipline_checks=3)
    value = _values(warehouse)["discipline-checks"]
    assert _told(value)[:2] == ("3", Decimal("0.3333"))
    # a form without that column owes nothing of it, so the unit's own register is all that is waited for
    watermark(warehouse, "01273", "01273-sotay", NOVEMBER.end, "reported_measure")
    assert _values(warehouse, unit="01273")["discipline-checks"].coverage == 1


def test_ratios_are_of_one_unit_and_add_up_with_none(warehouse: Engine) -> None:
    stated = {"measure_code": "m", "period_from": NOVEMBER.start, "period_to": NOVEMBER.end, "ratio": 40}
    write(warehouse, "reported_measure", UNIT, "sgddt-sotay", [stated])
    value = _values(warehouse, set_code="own")["ratio"]
    assert (value.value, value.reason) == (
        None,
        "đơn vị chỉ báo cáo tỷ lệ, không có tử số và mẫu số để cộng cho toàn tỉnh",
    )
    assert _values(warehouse, unit=UNIT, set_code="own")["ratio"].value == 40


def test_reports_over_records_are_of_the_same_units(warehouse: Engine) -> None:
    for unit, count in (("SYT", 4), ("01273", 6)):
        code = f"{unit.lower()}-motcua"
        source(warehouse, unit, code)
        taken = [{"dossier_code": str(n), "received_at": at("2026-11-02")} for n in range(count)]
        write(warehouse, "dossier", unit, code, taken)
        watermark(warehouse, unit, code, NOVEMBER.end, "dossier")
    marts.refresh(warehouse)
    _state(warehouse, "SYT", NOVEMBER, m=1)
    value = _values(warehouse, set_code="own")["mixed"]
    assert (value.numerator, value.denominator) == (Decimal(1), Decimal(4))
    assert value.coverage == Decimal("0.25")  # 2 of the 8 sources of dossiers: fewer than of reports


def test_it_opens_to_the_units_that_state_it(warehouse: Engine) -> None:
    _state(warehouse, UNIT, NOVEMBER, discipline_checks=4)
    _state(warehouse, "01273", NOVEMBER, discipline_checks=3)
    opened = explain(warehouse, CATALOGUE, "discipline-checks", PROVINCE, NOVEMBER, day=DAY)
    (term,) = opened.terms
    assert (term.value, term.by_unit) == (Decimal(7), {UNIT: Decimal(4), "01273": Decimal(3)})
    listed = [(r["unit_code"], r["value"], r["evidence"]) for r in opened.records()]
    assert listed == [(UNIT, 4, f"Báo cáo của {UNIT}"), ("01273", 3, "Báo cáo của 01273")]
    assert [(row["unit_code"], row["value"]) for row in opened.rows()] == [(None, 7), (UNIT, 4), ("01273", 3)]
    said = opened.text()
    assert "2 trên 3 đơn vị có nguồn báo cáo đã gửi số liệu, thiếu 1 đơn vị: SYT\n" in said
    assert "\n  đơn vị SGDDT: 4\n  đơn vị 01273: 3" in said
    assert "Độ phủ đơn vị: 67%" in said
    assert opened.codes.note is None  # nothing of it is of a citizen


@pytest.mark.parametrize(("count", "day"), [(0, DAY), (7, DAY), (7, DAY + timedelta(days=29))])
def test_it_is_published_as_it_was_counted(warehouse: Engine, count: int, day: date) -> None:
    _state(warehouse, UNIT, NOVEMBER, discipline_checks=count)
    with warehouse.connect() as connection:
        (table,) = tables.gather(connection, CATALOGUE, day)
        assert evidence.gather(connection, CATALOGUE, [table]) == {}  # that of each unit stands with the unit
        silence = Silence.read(connection, CATALOGUE)
    assert (table.period.label, table.period.end) == ("2026-11", DAY)  # the newest month that has ended
    (row,) = table.rows
    shown = {v.indicator_code: v for v in silence.heed_all(row.values, table.indicators)}
    assert _told(shown["discipline-checks"]) == (
        str(count),
        Decimal("0.3333"),
        "1 trên 3 đơn vị có nguồn báo cáo đã gửi số liệu, thiếu 2 đơn vị; 1 đơn vị chưa có nguồn báo cáo",
    )


def _merged() -> Catalogue:
    """Return the province in which 01288 takes the place of 01273 in the middle of the quarter."""
    made = CATALOGUE.model_dump()
    ends = {"01273": ("valid_to", date(2026, 2, 14)), "01288": ("valid_from", date(2026, 2, 15))}
    for unit in made["units"]:
        if unit["code"] in ends:
            name, day = ends[unit["code"]]
            unit[name] = day
    made["sources"]["01288-sotay"]["without"] = ()
    return Catalogue.model_validate(made)


def test_units_that_merge_are_counted_for_the_days_they_were_there(warehouse: Engine) -> None:
    merged = _merged()
    for month in MONTHS[:2]:
        _state(warehouse, "01273", month, discipline_checks=5, staff_on_document_system=(20, 20))
    _state(warehouse, "01288", MONTHS[2], discipline_checks=3, staff_on_document_system=(20, 20))
    found = {
        value.indicator_code: value
        for value in compute(
            warehouse, merged, merged.indicator_set("cong-vu"), [PROVINCE], QUARTER, day=QUARTER.end
        )
    }
    assert found["discipline-checks"].printed == "13"
    staff = found["staff-on-document-system-share"]
    assert (staff.numerator, staff.denominator) == (20, 20)  # the same people, who are now in the other unit


def test_what_one_unit_reports_earns_the_province_no_points(warehouse: Engine) -> None:
    made = CATALOGUE.model_dump()
    made["scores"] = {"qd766": cached(SHIPPED_CATALOGUE).score_set("qd766").model_dump()}
    scored = Catalogue.model_validate(made)

    def synced() -> OwnPart:
        with warehouse.connect() as connection:
            (own,) = points.gather(connection, scored, NOVEMBER.end, NOVEMBER)
        return next(p for p in own.by_unit[PROVINCE]["written"] if p.component.code == "DOSSIER_SYNC")

    _state(warehouse, UNIT, NOVEMBER, dossier_sync=(3, 3))
    part = synced()
    assert (part.numerator, part.denominator, part.score) == (3, 3, None)
    assert "1 trên 3 đơn vị" in (part.reason or "")
    for unit in ("SYT", "01273"):
        _state(warehouse, unit, NOVEMBER, dossier_sync=(4, 4))
    assert synced().score == 6
