"""The drawings: what is not known is a gap, numbers are Vietnamese, and the same numbers give the same picture."""

from __future__ import annotations

import re
from decimal import Decimal

from cchc.publishing.portal import charts
from cchc.publishing.portal.charts import Bar, Series

MONTHS = ("9/2026", "10/2026", "11/2026")


def _numbers(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_a_month_that_is_not_known_breaks_the_line_and_has_no_point() -> None:
    whole = charts.trend(MONTHS, [Series("Đúng hạn", (Decimal(97), Decimal(98), Decimal(99)))], "%", text="x")
    broken = charts.trend(MONTHS, [Series("Đúng hạn", (Decimal(97), None, Decimal(99)))], "%", text="x")

    def points(svg: str) -> int:
        return len(re.findall(r'<path [^>]*transform="translate\([^)]*\)" d="M[^"]*A', svg))

    assert points(whole) - points(broken) == 1
    line = re.search(r'<g class="mark-line[^>]*>(.*?)</g>', broken)
    assert line is not None
    assert line.group(1).count("M") == 2


def test_what_is_not_known_has_no_bar() -> None:
    svg = charts.bars([Bar("A", Decimal(50), "5/10"), Bar("B", None, "chưa biết")], text="x")
    bars = re.search(r'<g class="mark-rect[^>]*>(.*?)</g>', svg)
    assert bars is not None
    assert bars.group(1).count("<path") == 1
    assert "chưa biết" in _numbers(svg)


def test_nothing_known_is_no_picture() -> None:
    assert charts.trend(MONTHS, [Series("A", (None, None, None))], "%", text="x") == ""
    assert charts.columns(MONTHS, (None, None, None), "hồ sơ", text="x") == ""
    assert charts.bars([Bar("A", None, "–")], text="x") == ""


def test_numbers_are_written_as_in_vietnamese() -> None:
    svg = charts.columns(MONTHS, (Decimal(12000), None, Decimal(9000)), "hồ sơ", text="x")
    assert "10.000" in _numbers(svg)
    assert _numbers(svg).count("?") == 1


def test_a_picture_has_one_name_and_says_nothing_that_runs() -> None:
    evil = 'A "quoted" <script>alert(1)</script>'
    svg = charts.trend(MONTHS, [Series(evil, (Decimal(1), Decimal(2), Decimal(3)))], "%", text=evil)
    assert "<script" not in svg
    assert svg.count("aria-label=") == 1
    assert svg.startswith('<svg role="img" aria-label="A &quot;quoted&quot; &lt;script')
    again = charts.trend(MONTHS, [Series(evil, (Decimal(1), Decimal(2), Decimal(3)))], "%", text=evil)
    assert svg == again
