"""What officers read about the shipped indicators."""

from __future__ import annotations

import unicodedata

import pytest

from cchc.catalogue.indicators import Indicator, Term
from cchc.catalogue.load import cached
from cchc.indicators import periods, words
from cchc.indicators.explain import find
from cchc.settings import SHIPPED_CATALOGUE
from integration.seed_unit import catalogue

CATALOGUE = catalogue()
SHIPPED = [(s.code, i) for s in CATALOGUE.indicator_sets.values() for i in s.indicators]


@pytest.mark.parametrize(("set_code", "indicator"), SHIPPED, ids=lambda v: getattr(v, "code", v))
def test_every_shipped_indicator_can_be_read_and_found(set_code: str, indicator: Indicator) -> None:
    formula = words.formula(CATALOGUE, indicator)
    assert formula
    assert bool(words.denominator(CATALOGUE, indicator)) == bool(indicator.denominator)
    assert bool(words.rounding(indicator)) == (indicator.unit == "%")
    assert unicodedata.is_normalized("NFC", formula + indicator.title + indicator.basis)
    # a code means the same in every set, so that `cchc explain CODE` needs no set
    _, found = find(CATALOGUE, indicator.code)
    assert (found.value, found.numerator, found.denominator) == (
        indicator.value,
        indicator.numerator,
        indicator.denominator,
    )


def test_a_formula_names_its_terms_and_their_conditions() -> None:
    formulas = {i.code: words.formula(CATALOGUE, i) for code, i in SHIPPED if code == "seed-2022"}
    assert formulas["received-one-stop"] == "Hồ sơ tiếp nhận (trên phần mềm một cửa)"
    assert formulas["procedures-with-dossiers"] == "số thủ tục có: hồ sơ tiếp nhận"
    assert formulas["procedures-term-cut-2019"] == (
        "tỷ lệ do đơn vị báo cáo (share_procedures_term_cut), từ 01/01/2019 đến 31/12/2019"
    )


def test_a_formula_tells_what_is_taken_away_when_a_stock_is_counted_and_under_which_rule() -> None:
    shipped = cached(SHIPPED_CATALOGUE)
    _, satisfied = find(shipped, "DOSSIER_RECEIVING_SATISFACTION")
    said = words.formula(shipped, satisfied)
    assert said.startswith("(Hồ sơ tiếp nhận + Hồ sơ đang giải quyết, tồn đầu kỳ − ")
    assert "đã quá hạn (theo quy tắc portal-766), tồn cuối kỳ − Hồ sơ có phản ánh" in said
    assert list(words.rules(satisfied)) == ["portal-766"]
    assert not words.own_rule(shipped, satisfied)
    _, announced = find(shipped, "PUBLISH_ON_TIME")
    assert "công bố − số thủ tục có: thủ tục công bố quá hạn" in words.formula(shipped, announced)
    _, own = find(shipped, "on-time-share")
    assert words.own_rule(shipped, own)
    assert words.rules(own) == {}


def test_a_reported_stock_says_that_the_newest_report_counts() -> None:
    told = words.term(CATALOGUE, Term(reported="staff_on_document_system", part="numerator", kind="stock"))
    assert told == "tử số do đơn vị báo cáo (staff_on_document_system), theo báo cáo mới nhất trong kỳ"
    with pytest.raises(ValueError, match=r"whether received is a stock says measures\.yaml"):
        Term(measure="received", kind="stock")


def test_who_has_not_reported_is_counted() -> None:
    told = "1 trên 3 đơn vị có nguồn báo cáo đã gửi số liệu, thiếu 2 đơn vị"
    reports = {"A": True, "B": False, "C": False}
    assert words.partly_reported(reports) == told
    assert words.partly_reported(reports, 60) == f"{told}; 60 đơn vị chưa có nguồn báo cáo"
    assert words.unreported(3, periods.parse("2026-11"), 60) == (
        "chưa đơn vị nào trong 3 đơn vị có nguồn báo cáo gửi số liệu này cho kỳ tháng 11/2026 "
        "(15/10/2026 – 14/11/2026); 60 đơn vị chưa có nguồn báo cáo"
    )
