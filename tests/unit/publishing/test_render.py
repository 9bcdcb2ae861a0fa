"""The page of a release from content made by hand: escaping and notes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from cchc.indicators import periods
from cchc.indicators.compute import IndicatorValue
from cchc.publishing import render
from cchc.publishing.content import Content, SourceState
from cchc.publishing.tables import Row, Table
from integration.seed_unit import catalogue

DAY = date(2026, 11, 14)
PERIOD = periods.parse("2026-11")
CATALOGUE = catalogue()
INDICATORS = CATALOGUE.indicator_sets["province-core"].indicators[:2]


def _value(code: str, **fields: Any) -> IndicatorValue:
    stated: dict[str, Any] = {
        "unit_code": "U",
        "set_code": "province-core",
        "indicator_code": code,
        "period": PERIOD,
        "value": Decimal(7),
        "numerator": None,
        "denominator": None,
        "printed": "7",
        "reason": None,
        "coverage": Decimal(1),
        "fresh_to": DAY,
        "lacking": (),
    }
    return IndicatorValue(**{**stated, **fields})


def _content(name: str, *values: IndicatorValue, problem: str | None = None) -> Content:
    rows = (Row("U", name, values), Row("V", "Xã V", values))
    table = Table("t", "Bảng", "province-core", "Bộ", PERIOD, INDICATORS, rows)
    state = SourceState("s", "Một cửa", "U", name, problem is None, DAY, problem)
    return Content("H14", "Tỉnh Cao Bằng", DAY, (state,), (table,))


def test_names_from_outside_are_escaped() -> None:
    content = _content(
        "=cmd|'<script>alert(1)</script>'", _value("received"), _value("received-online-share")
    )
    page = render.page(content, CATALOGUE).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_missing_number_is_a_dash_with_its_reason_once_per_table() -> None:
    missing = _value("received", value=None, printed=None, reason="chưa có dữ liệu từ X")
    page = render.page(_content("Xã U", missing, _value("received-online-share")), CATALOGUE).decode()
    assert page.count("Chưa có dữ liệu từ X.") == 1
    assert page.count('href="#t-1"') == 2


def test_a_number_without_all_its_sources_says_which() -> None:
    partly = _value("received", lacking=("s",), coverage=Decimal("0.5"))
    many = _value("received-online-share", lacking=tuple("abcd"))
    page = render.page(_content("Xã U", partly, many, problem="không có"), CATALOGUE).decode()
    assert "Chưa gồm đủ số liệu của Một cửa (Xã U)." in page
    assert "Chưa gồm đủ số liệu của 4 nguồn; xem danh sách ở đầu trang." in page
    assert "Có dữ liệu của 0/1 nguồn" in page
    assert "Không có; số liệu có đến ngày 14/11/2026" in page


def test_all_is_well_is_said_too() -> None:
    page = render.page(
        _content("Xã U", _value("received"), _value("received-online-share")), CATALOGUE
    ).decode()
    assert "Có dữ liệu của 1/1 nguồn" in page
    assert "Tất cả các nguồn đã có dữ liệu" in page
