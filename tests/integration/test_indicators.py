"""Indicators and their explanations on a real PostgreSQL, with the seed's figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.indicators import IndicatorSet
from cchc.catalogue.load import cached
from cchc.errors import ConfigurationError
from cchc.indicators import delivered, periods
from cchc.indicators.compute import IndicatorValue, compute
from cchc.indicators.explain import RECORD_COLUMNS, ROW_COLUMNS, explain
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import marts
from integration.indicator_facts import at, source, watermark, write
from integration.seed_unit import DAY, PRINTED, SEED, UNIT, catalogue, load

CATALOGUE = catalogue()
NOVEMBER = periods.parse("2026-11")


def _values(
    engine: Engine, set_code: str, unit: str, period: periods.Period, day: date = DAY
) -> dict[str, IndicatorValue]:
    found = compute(engine, CATALOGUE, CATALOGUE.indicator_sets[set_code], [unit], period, day=day)
    return {v.indicator_code: v for v in found}


@pytest.fixture
def seeded(warehouse: Engine) -> Engine:
    load(warehouse)
    return warehouse


def test_the_seeds_figures_come_out_and_each_opens_to_its_records(seeded: Engine) -> None:
    period = periods.parse(SEED)
    values = _values(seeded, "seed-2022", UNIT, period)
    assert {code: v.printed for code, v in values.items()} == PRINTED
    assert list(values) == list(PRINTED)  # in the order of the article
    assert values["documents-out-signed-share"].numerator == 2299
    assert values["documents-out-signed-share"].denominator == 2412
    assert {v.coverage for v in values.values()} == {Decimal(1)}
    assert {v.fresh_to for v in values.values()} == {DAY}
    for code, value in values.items():
        opened = explain(seeded, CATALOGUE, code, UNIT, period, day=DAY, set_code="seed-2022")
        assert opened.figure == value
        assert opened.formula
        assert opened.basis
        assert all(term.agrees for term in opened.terms)
        for term in opened.terms:
            records = list(opened.records(term.role))
            if "do đơn vị báo cáo" in term.title:
                assert [r["value"] for r in records] == [term.value]
            elif term.role == "minimum":
                assert [(r["procedure_code"], r["value"]) for r in records] == [("1.000010", Decimal(1))]
            else:
                assert len(records) == term.value
                assert len({(r["source_code"], r["record_code"]) for r in records}) == len(records)


def test_an_explanation_says_where_a_number_comes_from(seeded: Engine) -> None:
    period = periods.parse(SEED)
    opened = explain(seeded, CATALOGUE, "received", UNIT, period)
    (term,) = opened.terms
    assert term.by_source == {"sgddt-motcua": 1237, "sgddt-sotay": 10762}
    assert len(term.by_procedure) == 13
    assert sum(term.by_procedure.values()) == 11999
    assert [(v.source_code, v.on_time_rule) for v in opened.versions] == [
        ("sgddt-motcua", "date"),
        ("sgddt-sotay", "date"),
    ]
    record = next(opened.records())
    assert set(record["dates"]) == {"received", "due", "finished"}
    assert record["row_no"] > 0
    assert list(record) == [key for key, _ in RECORD_COLUMNS]
    share = explain(seeded, CATALOGUE, "documents-out-signed-share", UNIT, period)
    assert share.formula == "(Văn bản đi được ký số) ÷ (Văn bản đi) × 100"
    assert share.rounding == "làm tròn đến 1 chữ số thập phân, số 5 làm tròn lên"
    rows = list(opened.rows())
    assert all(list(row) == [key for key, _ in ROW_COLUMNS] for row in rows)
    assert len(rows) == 1 + 2 + 13
    text = share.text()
    for part in (
        "Tỷ lệ văn bản đi được ký số: 95,3%",
        "Tử số: Văn bản đi được ký số = 2.299",
        "Độ phủ nguồn: 100%",
    ):
        assert part in text
    stated = next(explain(seeded, CATALOGUE, "staff-official-mail", UNIT, period).records())
    assert (stated["source_code"], stated["evidence"]) == ("sgddt-sotay", "Báo cáo 120/BC-SGDĐT")


def test_an_explanation_tells_when_marts_lag_behind_the_records(seeded: Engine) -> None:
    late = {"dossier_code": "late", "received_at": at("2022-05-05"), "procedure_code": "1.000010"}
    write(seeded, "dossier", UNIT, "sgddt-sotay", [{**late, "intake": "direct"}])
    opened = explain(seeded, CATALOGUE, "received", UNIT, periods.parse(SEED))
    assert [t.agrees for t in opened.terms] == [False]
    marts.refresh(seeded)
    opened = explain(seeded, CATALOGUE, "received", UNIT, periods.parse(SEED))
    assert [(t.agrees, t.value) for t in opened.terms] == [(True, Decimal(12000))]


def test_missing_is_never_zero(warehouse: Engine) -> None:
    values = _values(warehouse, "province-core", "SYT", NOVEMBER)
    assert {v.value for v in values.values()} == {None}
    assert values["received"].reason == "chưa có dữ liệu hồ sơ từ Một cửa Sở Y tế"
    assert values["received"].coverage == 0
    assert values["received"].lacking == ("syt-motcua",)
    assert values["documents-in"].reason == "không có nguồn nào cung cấp dữ liệu văn bản cho kỳ này"
    assert values["documents-in"].coverage is None
    # an old delivery says nothing about this month
    watermark(warehouse, "SYT", "syt-motcua", date(2026, 10, 14), "dossier")
    assert _values(warehouse, "province-core", "SYT", NOVEMBER)["received"].value is None
    # nor does what its source delivered for the unit that had it before
    watermark(warehouse, "SXD", "syt-motcua", DAY, "dossier")
    assert _values(warehouse, "province-core", "SYT", NOVEMBER)["received"].value is None
    # a delivery of nothing does
    watermark(warehouse, "SYT", "syt-motcua", DAY, "dossier")
    values = _values(warehouse, "province-core", "SYT", NOVEMBER)
    assert (values["received"].printed, values["received"].coverage) == ("0", Decimal(1))
    assert values["on-time-share"].printed is None
    assert values["on-time-share"].reason is not None
    assert values["on-time-share"].reason.startswith("mẫu số bằng 0 trong kỳ: Hồ sơ giải quyết trước hạn")
    assert values["on-time-share"].denominator == 0


def test_a_silent_software_is_not_zero_because_the_register_spoke(warehouse: Engine) -> None:
    watermark(warehouse, UNIT, "sgddt-sotay", DAY, "dossier")
    source(warehouse, UNIT, "sgddt-sotay")
    taken = {"dossier_code": "a", "received_at": at("2026-11-02"), "intake": "direct"}
    write(warehouse, "dossier", UNIT, "sgddt-sotay", [taken])
    marts.refresh(warehouse)
    values = _values(warehouse, "seed-2022", UNIT, NOVEMBER)
    assert values["received-direct"].printed == "1"
    assert values["received-one-stop"].printed is None
    assert values["received-one-stop"].reason == "chưa có dữ liệu hồ sơ từ Một cửa Sở Giáo dục và Đào tạo"
    assert (values["received"].printed, values["received"].coverage) == ("1", Decimal("0.5"))
    assert values["received"].lacking == ("sgddt-motcua",)


def test_coverage_reaches_to_the_periods_end_or_the_reporting_day(warehouse: Engine) -> None:
    watermark(warehouse, "01273", "01273-motcua", date(2026, 11, 10), "dossier")
    for day, share in ((date(2026, 11, 9), 1), (date(2026, 11, 10), 1), (date(2026, 11, 11), 0)):
        value = _values(warehouse, "province-core", "01273", NOVEMBER, day)["received"]
        assert (value.coverage, value.fresh_to) == (Decimal(share), date(2026, 11, 10))
    with warehouse.begin() as connection:  # without a day: the newest night's
        connection.execute(
            text(
                "insert into ops.run (run_id, reporting_day, kind, sources)"
                " values (gen_random_uuid(), '2026-11-10', 'sync', '{}')"
            )
        )
    found = compute(warehouse, CATALOGUE, CATALOGUE.indicator_sets["province-core"], ["01273"], NOVEMBER)
    assert found[0].coverage == 1


def test_a_period_that_begins_before_a_sources_history_is_not_covered(warehouse: Engine) -> None:
    """The sources of the small catalogue read from 1 January 2022 on; the report year begins on 15 December."""
    watermark(warehouse, "01273", "01273-motcua", DAY, "dossier")
    for label, share in (("2022", 0), ("2022-01-01..2022-12-14", 1)):
        value = _values(warehouse, "province-core", "01273", periods.parse(label))["received"]
        assert (value.printed, value.coverage) == ("0", Decimal(share))
    before = _values(warehouse, "province-core", "01273", periods.parse("2021"))["received"]
    assert before.reason == "không có nguồn nào cung cấp dữ liệu hồ sơ cho kỳ này"


def test_the_province_is_the_sum_of_its_units_of_the_period(warehouse: Engine) -> None:
    for unit, code in (("SYT", "syt-motcua"), ("01273", "01273-motcua"), ("D040", "d-motcua")):
        source(warehouse, unit, code)
        rows = [
            {
                "dossier_code": str(n),
                "received_at": at("2025-06-20"),
                "channel": "online" if n == 0 else "direct",
                "procedure_code": "p",
                "status": "finished",
                "finished_at": at("2025-06-21"),
            }
            for n in range(3)
        ]
        write(warehouse, "dossier", unit, code, rows)
        if unit != "D040":
            watermark(warehouse, unit, code, date(2025, 6, 30), "dossier")
    marts.refresh(warehouse)
    quarter = periods.parse("2025-06-01..2025-06-30")
    values = _values(warehouse, "province-core", "H14", quarter)
    assert values["received"].printed == "9"  # the district counts while it was in office
    assert values["received-online-share"].printed == "33,3%"
    assert values["on-time-share"].printed == "100,0%"
    assert _values(warehouse, "seed-2022", "H14", quarter)["procedures-with-dossiers"].printed == "1"
    whole = explain(warehouse, CATALOGUE, "received", "H14", quarter)
    assert len(list(whole.records())) == 9
    stated = _values(warehouse, "seed-2022", "H14", quarter)["staff-official-mail"]
    assert stated.reason == "đơn vị chỉ báo cáo tỷ lệ, không có tử số và mẫu số để cộng cho toàn tỉnh"
    later = _values(warehouse, "province-core", "H14", periods.parse("2025-07-01..2025-07-31"))
    assert later["received"].printed is None  # nobody has delivered July


def _reported_set(part: str) -> IndicatorSet:
    return IndicatorSet.model_validate(
        {
            "code": "s",
            "title": "s",
            "indicators": [
                {
                    "code": "x",
                    "title": "x",
                    "unit": "hồ sơ",
                    "value": [{"reported": "m", "part": part}],
                    "basis": "b",
                }
            ],
        }
    )


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ([("2026-01-01", "2026-03-31", 7)], 7),
        ([("2026-01-01", "2026-01-31", 1), ("2026-02-01", "2026-03-31", 4)], 5),
        ([("2026-01-01", "2026-01-31", 1), ("2026-02-02", "2026-03-31", 4)], None),  # a gap
        ([("2026-01-01", "2026-02-10", 1), ("2026-02-01", "2026-03-31", 4)], None),  # an overlap
        ([("2025-12-31", "2026-03-31", 7)], None),
        # the quarter and its months: counted once
        (
            [
                ("2026-01-01", "2026-01-31", 1),
                ("2026-02-01", "2026-03-31", 4),
                ("2026-01-01", "2026-03-31", 5),
            ],
            5,
        ),
    ],
)
def test_a_reported_count_needs_rows_that_tile_the_period(
    warehouse: Engine, rows: list[tuple[str, str, int]], value: int | None
) -> None:
    stated = [
        {
            "measure_code": "m",
            "period_from": date.fromisoformat(start),
            "period_to": date.fromisoformat(end),
            "value": v,
        }
        for start, end, v in rows
    ]
    write(warehouse, "reported_measure", UNIT, "sgddt-sotay", stated)
    period = periods.parse("2026-Q1", "calendar")
    (found,) = compute(warehouse, CATALOGUE, _reported_set("value"), [UNIT], period)
    assert found.value == value
    assert (found.reason is None) == (value is not None)


def test_a_reported_share_is_the_newest_within_the_period(warehouse: Engine) -> None:
    months = [
        ("2026-01-01", "2026-01-31", 40),
        ("2026-02-01", "2026-02-28", 50),
        ("2026-04-01", "2026-04-30", 90),
    ]
    stated = [
        {
            "measure_code": "m",
            "period_from": date.fromisoformat(start),
            "period_to": date.fromisoformat(end),
            "ratio": v,
        }
        for start, end, v in months
    ]
    write(warehouse, "reported_measure", UNIT, "sgddt-sotay", stated)
    period = periods.parse("2026-Q1", "calendar")
    (found,) = compute(warehouse, CATALOGUE, _reported_set("ratio"), [UNIT], period)
    assert found.value == 50


def test_unknown_names_are_refused_with_what_there_is(warehouse: Engine) -> None:
    with pytest.raises(ConfigurationError, match="unit X is not in units"):
        _values(warehouse, "province-core", "X", NOVEMBER)
    with pytest.raises(ConfigurationError, match=r"no indicator nope; there are: .*received"):
        explain(warehouse, CATALOGUE, "nope", UNIT, NOVEMBER)
    with pytest.raises(ConfigurationError, match=r"no indicator set nope; there are: .*seed-2022"):
        explain(warehouse, CATALOGUE, "received", UNIT, NOVEMBER, set_code="nope")


def test_the_shortest_term_is_that_of_the_version_in_force(warehouse: Engine) -> None:
    versions = [
        {"procedure_code": "p", "valid_from": date(2020, 1, 1), "term_value": 1, "term_unit": "hour"},
        {"procedure_code": "p", "valid_from": date(2025, 1, 1), "term_value": 2, "term_unit": "working_day"},
        {
            "procedure_code": "q",
            "valid_from": date(2020, 1, 1),
            "term_value": Decimal("0.5"),
            "term_unit": "month",
        },
    ]
    write(warehouse, "procedure", UNIT, "sgddt-sotay", versions)
    for period, expected in (("2022", "1 giờ"), ("2026", "2 ngày làm việc")):
        value = _values(warehouse, "seed-2022", UNIT, periods.parse(period))["shortest-term"]
        assert value.printed == expected


def test_a_source_that_never_states_a_field_is_not_in_the_number_and_owes_nothing() -> None:
    sources = delivered.Sources(CATALOGUE)
    day = date(2026, 11, 14)
    period = periods.parse("2026-10")
    whole = delivered.Need("dossier", {}, period)
    unstated = delivered.Need("dossier", {}, period, ("paid_online",))

    def cover(complete_to: date, *needs: delivered.Need) -> delivered.Coverage:
        marks = {(code, "dossier"): complete_to for code in ("sgddt-motcua", "sgddt-sotay")}
        return delivered.coverage(sources, marks, [UNIT], needs, day)

    assert cover(day, whole).share == 1
    assert (cover(day, whole, unstated).share, cover(day, whole, unstated).lacking) == (0, ())
    assert cover(date(2026, 9, 1), whole, unstated).lacking == ("sgddt-motcua", "sgddt-sotay")


def _night(engine: Engine, day: date) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.run (run_id, reporting_day, kind, sources)"
                " values (gen_random_uuid(), :day, 'sync', '{}')"
            ),
            {"day": day},
        )


def test_a_period_that_is_not_over_is_counted_up_to_the_newest_night(warehouse: Engine) -> None:
    """Nobody knows yet which of the open dossiers will be overdue when it ends."""
    source(warehouse, "SYT", "syt-motcua")
    dossier = {"received_at": at("2026-11-02"), "procedure_code": "p", "status": "processing"}
    due = (("a", "2026-11-04"), ("b", "2026-11-10"), ("c", "2026-12-01"))
    rows = [{**dossier, "dossier_code": code, "due_at": at(day, "17:00:00")} for code, day in due]
    write(warehouse, "dossier", "SYT", "syt-motcua", rows)
    watermark(warehouse, "SYT", "syt-motcua", date(2026, 11, 6), "dossier")
    marts.refresh(warehouse)
    _night(warehouse, date(2026, 11, 6))
    values = _values(warehouse, "province-core", "SYT", NOVEMBER)
    assert values["overdue-in-process"].printed == "1"
    assert values["overdue-in-process"].period.end == date(2026, 11, 6)
    opened = explain(warehouse, CATALOGUE, "overdue-in-process", "SYT", NOVEMBER)
    assert [r["record_code"] for r in opened.records()] == ["a"]
    to_come = _values(warehouse, "province-core", "SYT", periods.parse("2027-06"))
    assert {v.value for v in to_come.values()} == {None}
    assert to_come["overdue-in-process"].reason
    _night(warehouse, date(2026, 12, 14))
    assert _values(warehouse, "province-core", "SYT", NOVEMBER)["overdue-in-process"].printed == "2"


def test_a_share_is_not_made_of_records_that_one_side_cannot_count(warehouse: Engine) -> None:
    """The one-stop software of SYT never says whether data were used again; its register does."""
    dossier = {"received_at": at("2026-11-02"), "procedure_code": "p", "status": "processing"}
    for unit, code, count in (("SYT", "syt-motcua", 9), ("SYT", "syt-sotay", 2), ("01288", "01288-dvcqg", 4)):
        source(warehouse, unit, code)
        rows = [{**dossier, "dossier_code": f"{code}-{n}", "data_reused": n == 0} for n in range(count)]
        rows = [{k: v for k, v in row.items() if code != "syt-motcua" or k != "data_reused"} for row in rows]
        write(warehouse, "dossier", unit, code, rows)
        watermark(warehouse, unit, code, date(2026, 11, 14), "dossier")
    marts.refresh(warehouse)
    shipped = cached(SHIPPED_CATALOGUE)
    found = compute(warehouse, shipped, shipped.indicator_sets["qd766"], ["SYT", "H14"], NOVEMBER, day=DAY)
    unit, whole = (v for v in found if v.indicator_code == "REUSED_DIGITIZED_DATA")
    assert (unit.value, unit.numerator, unit.denominator) == (None, None, None)
    assert unit.reason is not None
    assert unit.reason.startswith("Phần mềm một cửa không ghi sử dụng lại")
    assert unit.reason.endswith("tỷ lệ không tính được trên toàn bộ hồ sơ")
    assert (whole.numerator, whole.denominator) == (1, 4)  # of the units whose systems say it
    assert whole.coverage is not None
    assert whole.coverage < 1
    sides = explain(warehouse, shipped, "REUSED_DIGITIZED_DATA", "SYT", NOVEMBER)
    assert sides.figure == unit
    assert [term.value for term in sides.terms] == [1, 11]
    opened = explain(warehouse, shipped, "REUSED_DIGITIZED_DATA", "H14", NOVEMBER)
    assert [term.value for term in opened.terms] == [1, 4]
    assert all(term.agrees for term in opened.terms)


@pytest.mark.parametrize("fails", [False, True], ids=["delivered", "failed"])
def test_a_register_of_a_few_dossiers_does_not_speak_for_the_unit(warehouse: Engine, fails: bool) -> None:
    """The one-stop software of SYT states neither duty nor dissatisfaction; whether it came tonight is no matter."""
    dossier = {"received_at": at("2026-11-02"), "procedure_code": "p", "status": "processing"}
    stated = {"has_duty": True, "paid_online": True, "dissatisfied": False}
    for code, count, fields in (("syt-motcua", 9, {}), ("syt-sotay", 2, stated)):
        source(warehouse, "SYT", code)
        if code == "syt-sotay" or not fails:
            rows = [{**dossier, "dossier_code": f"{code}-{n}", **fields} for n in range(count)]
            write(warehouse, "dossier", "SYT", code, rows)
            watermark(warehouse, "SYT", code, date(2026, 11, 14), "dossier")
    marts.refresh(warehouse)
    shipped = cached(SHIPPED_CATALOGUE)
    codes = ("dossiers_paid_online", "DOSSIER_RECEIVING_SATISFACTION")
    found = compute(warehouse, shipped, shipped.indicator_sets["qd766"], ["SYT", "H14"], NOVEMBER, day=DAY)
    shown = [v for v in found if v.indicator_code in codes]
    assert len(shown) == 4
    assert {(v.value, v.numerator, v.denominator) for v in shown} == {(None, None, None)}
    assert all(v.reason for v in shown)
    assert all(
        "không tính được trên toàn bộ hồ sơ" in (v.reason or "") for v in shown if v.unit_code == "SYT"
    )


def test_a_time_before_most_systems_were_read_is_hardly_covered(warehouse: Engine) -> None:
    """SGDDT is read from 2022 on, every other unit from October 2026."""
    source(warehouse, "SGDDT", "sgddt-motcua")
    write(
        warehouse,
        "dossier",
        "SGDDT",
        "sgddt-motcua",
        [{"dossier_code": "a", "received_at": at("2025-03-03")}],
    )
    watermark(warehouse, "SGDDT", "sgddt-motcua", date(2026, 11, 14), "dossier")
    marts.refresh(warehouse)
    shipped = cached(SHIPPED_CATALOGUE)
    march = periods.parse("2025-03")
    found = compute(
        warehouse, shipped, shipped.indicator_sets["province-core"], ["H14", "SGDDT", "SNV"], march, day=DAY
    )
    by_unit = {v.unit_code: v for v in found if v.indicator_code == "overdue-in-process"}
    assert by_unit["H14"].value == 0
    assert by_unit["H14"].coverage is not None
    assert by_unit["H14"].coverage < Decimal("0.05")
    assert "snv-motcua" in by_unit["H14"].lacking
    assert (by_unit["SNV"].value, by_unit["SNV"].coverage) == (None, 0)
    assert by_unit["SNV"].reason
