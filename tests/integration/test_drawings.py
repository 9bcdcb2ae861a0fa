"""Drawings, and the pages that hold them: gaps for what is not known, Vietnamese numbers, every number leads on.

The engine that draws takes longer to start than all other pages do, so that these are no unit tests.
"""

from __future__ import annotations

import re
from decimal import Decimal

from cchc.indicators import periods
from cchc.publishing.portal import charts, overview, site, units
from cchc.publishing.portal.charts import Bar, Series
from cchc.publishing.portal.view import View
from unit.publishing.portal.full import FEW, UNITS, count, release, share
from unit.publishing.portal.made import PERIOD, dead_links, opened

MONTHS = ("9/2026", "10/2026", "11/2026")
BEFORE = periods.month_of(PERIOD.start.replace(day=14))


def _numbers(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def _view(content: object) -> View:
    return View(content, FEW, "internal")  # type: ignore[arg-type]


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


def test_every_link_of_the_whole_site_leads_somewhere() -> None:
    own = release(count("H14", "received", 1240), share("SNV", "on-time-share", 327, 335))
    for audience in ("internal", "public"):
        made = site.files(own, FEW, audience, {})  # type: ignore[arg-type]
        pages = opened((path, html) for path, html in made.items() if path.endswith(".html"))
        assert len(pages) == len(UNITS) + 11
        books = {f"bieu-mau/{form}-{unit}.xlsx" for form in ("ii06a", "07a") for unit in UNITS}
        assert dead_links(pages, books) == []


def test_a_number_leads_to_its_explanation() -> None:
    own = release(share("SNV", "on-time-share", 327, 335, lacking=("snv-motcua",), coverage=Decimal("0.5")))
    page = opened(units.pages(_view(own)))["don-vi/SNV.html"]
    assert page.row("Trước hạn và đúng hạn")[:2] == ["97,6%2", "327 / 335"]
    assert 'href="#gt-on-time-share">97,6%</a>' in page.html
    assert "gt-on-time-share" in page.ids
    assert "Tử số / mẫu số: 327 / 335" in page.text.replace(" :", ":")
    assert "Độ phủ nguồn: 50%" in page.text.replace(" :", ":")


def test_shares_stand_beside_those_of_the_month_before_and_counts_do_not() -> None:
    own = release(
        share("H14", "on-time-share", 97, 100),
        share("H14", "on-time-share", 96, 100, BEFORE),
        count("H14", "received", 40),
        count("H14", "received", 4000, BEFORE),
    )
    page = opened([overview.page(_view(own))])["index.html"]
    assert "tháng trước 96,0%" in page.text
    assert "4.000" not in page.text.split("Số liệu của biểu đồ")[0]
    assert page.html.count("<svg") == 2
    assert "4.000" in page.text  # in the figures of the drawing


def test_the_pages_depend_on_nothing_but_the_content() -> None:
    own = release(count("H14", "received", 1240), count("H14", "received", 900, BEFORE))
    assert dict(units.pages(_view(own))) == dict(units.pages(_view(own)))
