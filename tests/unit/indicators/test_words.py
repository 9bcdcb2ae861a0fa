"""What officers read about the shipped indicators."""

from __future__ import annotations

import unicodedata

import pytest

from cchc.catalogue.indicators import Indicator
from cchc.indicators import words
from cchc.indicators.explain import find
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
