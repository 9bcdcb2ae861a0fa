"""Report periods as data: the shipped series, and mistakes that are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from cchc.catalogue import report_periods
from cchc.errors import ConfigurationError
from cchc.indicators import periods
from cchc.settings import SHIPPED_CATALOGUE

SHIPPED = report_periods.load(SHIPPED_CATALOGUE)


def test_the_reports_on_reform_are_four_and_due_on_the_20th() -> None:
    reform = SHIPPED.of("cchc")
    assert (reform.periods, reform.due_day) == (("Q1", "H1", "Q3", "year"), 20)
    assert SHIPPED.of("government").due_day == 25


@pytest.mark.parametrize("code", list(SHIPPED.series))
def test_every_period_of_a_series_is_understood_and_ends_before_it_is_due(code: str) -> None:
    series = SHIPPED.of(code)
    ends = []
    for part in series.periods:
        span = periods.parse("2026" if part == "year" else f"2026-{part}")
        assert span.end.day == 14 < series.due_day
        ends.append(span.end)
    assert ends == sorted(ends)


def test_a_series_that_is_none_is_said() -> None:
    with pytest.raises(ConfigurationError, match="no series 'bnv'; there are: cchc, government"):
        SHIPPED.of("bnv")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("first_day: 5", "first_day: 8", "week: first_day: "),
        ("[Q1, H1, Q3, year]", "[Q5]", "series: cchc: periods: 0: "),
        ("due_day: 20", "due_day: 14", "series: cchc: due_day: "),
        ("  confirmed: false\n\nseries", "\nseries", "week: confirmed: "),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (SHIPPED_CATALOGUE / "periods.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "periods.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        report_periods.load(tmp_path)


def test_a_province_has_its_own_week(tmp_path: Path) -> None:
    text = (SHIPPED_CATALOGUE / "periods.yaml").read_text(encoding="utf-8")
    (tmp_path / "periods.yaml").write_text(text.replace("first_day: 5", "first_day: 1"), encoding="utf-8")
    own = report_periods.load(tmp_path).week.first_day
    assert periods.parse("2026-W47", first_day=own).start.isoformat() == "2026-11-16"
