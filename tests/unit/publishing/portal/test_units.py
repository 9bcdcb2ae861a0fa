"""The first page, rankings and pages of units: what is not known is a dash with its reason; every number leads on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from cchc.indicators import periods
from cchc.indicators.scoring.own import OwnPart
from cchc.publishing.archive import ClosedPeriod
from cchc.publishing.points import Points
from cchc.publishing.portal import overview, publications, ranking, site, units
from cchc.publishing.portal.view import View
from cchc.publishing.suppression.public import reason as withheld
from cchc.publishing.tables import Row, Table
from cchc.quality.scorecard import Mark, UnitCard, definitions
from unit.publishing.portal.full import FEW, MISSING, SET, release, share, source, value
from unit.publishing.portal.made import DAY, EVIL, PERIOD, closed, dead_links, opened


def _view(content: object = None, audience: str = "internal") -> View:
    return View(content or release(), FEW, audience)  # type: ignore[arg-type]


def test_what_is_not_known_is_a_dash_with_its_reason_once() -> None:
    page = opened(units.pages(_view()))["don-vi/SNV.html"]
    assert page.row("Hồ sơ tiếp nhận")[0].startswith("–")
    assert page.html.count('<li id="gc-1">Chưa có dữ liệu hồ sơ từ Phần mềm một cửa.</li>') == 1
    assert 'id="gc-2"' not in page.html
    assert "<svg" not in page.html


def test_what_a_known_number_lacks_is_a_note_and_no_reason_for_an_empty_one() -> None:
    lacks = share("SNV", "on-time-share", 99, 100)
    own = release(replace(lacks, reason="thiếu 1 đơn vị"))
    said = opened(units.pages(_view(own)))["don-vi/SNV.html"].text
    assert "Ghi chú: thiếu 1 đơn vị" in said
    assert f"Lý do trống: {MISSING}" in said


def test_the_notes_of_the_form_stand_below_it() -> None:
    own = release()
    form = replace(own.forms["ii06a"][0], notes=(f"Cột (9) gồm cả {EVIL}.",))
    page = opened(units.pages(_view(replace(own, forms={"ii06a": (form,)}))))["don-vi/H14.html"]
    assert f"Cột (9) gồm cả {EVIL}. Ô trống là chưa có số liệu: {MISSING}." in page.text


def test_of_the_province_the_quality_is_shown_only_where_anything_of_it_was_judged() -> None:
    dimension = definitions().dimensions[0]
    nothing, judged = Mark(dimension, 0, 0, None), Mark(dimension, 9, 10, None)
    cards = {unit: UnitCard(unit, DAY, 30, (nothing,)) for unit in ("H14", "SNV")}
    pages = opened(units.pages(_view(release(cards=cards))))
    assert "chat-luong" not in pages["don-vi/H14.html"].ids
    assert "không có gì để đánh giá" in pages["don-vi/SNV.html"].text
    own = release(cards={"H14": UnitCard("H14", DAY, 30, (nothing, judged))})
    assert "chat-luong" in opened(units.pages(_view(own)))["don-vi/H14.html"].ids


def _begun_on(day: date, archive: tuple[ClosedPeriod, ...] = (), audience: str = "internal") -> str:
    """Return what the first page says of the month of a day, which the release knows the month before of."""
    month = periods.until(periods.month_of(day), day)
    before = periods.month_of(month.start - timedelta(days=1))
    history = release().history
    assert history is not None
    months = tuple(
        replace(known, period=period)
        for known, period in zip(history.months[-2:], (before, month), strict=True)
    )
    own = release(day=day, archive=archive, history=replace(history, months=months))
    lines = overview.page(_view(own, audience))[1].decode().splitlines()
    return next((line for line in lines if "mới có số liệu" in line), "")


def test_a_month_that_has_just_begun_leads_to_the_one_before() -> None:
    said = _begun_on(date(2026, 11, 16))
    assert "Tháng báo cáo 12/2026 mới có số liệu 2 ngày (từ 15/11/2026); số của tháng 11/2026 ở cột" in said
    assert 'href="don-vi/H14.html#chi-so"' in said
    for audience in ("internal", "public"):
        after = _begun_on(date(2026, 11, 16), (closed(),), audience)
        assert 'ở trang <a href="ky/2026-11.html">kỳ đã chốt</a>' in after
    assert "mới có số liệu 6 ngày" in _begun_on(date(2026, 11, 20))
    assert not _begun_on(date(2026, 11, 21))


def test_units_with_the_same_number_share_a_rank_and_those_without_enough_have_none() -> None:
    own = release(
        share("SNV", "on-time-share", 99, 100),
        share("STP", "on-time-share", 99, 100),
        share("STC", "on-time-share", 98, 100),
        share("SCT", "on-time-share", 100, 100, coverage=Decimal("0.5"), lacking=("sct-motcua",)),
    )
    page = opened(ranking.pages(_view(own)))["xep-hang/so-ban-nganh.html"]
    order = [cells[0] for cells in page.rows[1:]]
    assert order[:3] == ["Sở Nội vụ", "Sở Tư pháp", "Sở Tài chính"]
    on_time = 0  # what the table is sorted by stands first
    ranks = [page.row(name)[on_time] for name in order[:3]]
    assert ranks == ["99,0%hạng 1", "99,0%hạng 1", "98,0%hạng 3"]
    assert "hạng" not in page.row("Sở Công Thương")[on_time]
    assert page.row("Sở Công Thương")[on_time].startswith("100,0%")


def _ranks_of_points(audience: str, scores: dict[str, Decimal | str]) -> list[str]:
    """Return what the ranking says in its last column of units with these points, or the reason there are none."""
    index, names = FEW.score_set("qd766"), {unit.code: unit.name for unit in FEW.units}
    group = index.groups[0]
    parts = []
    for unit in names:
        stated = scores.get(unit, MISSING)
        score, why = (None, stated) if isinstance(stated, str) else (stated, None)
        part = OwnPart(unit, group, group.components[0], None, None, None, score, why, Decimal(1), ())
        parts += [part, replace(part, group=index.groups[1], component=index.groups[1].components[0])]
    own = release(points=(Points(index, PERIOD, names, {"written": tuple(parts)}),))
    page = opened(ranking.pages(_view(own, audience)))["xep-hang/so-ban-nganh.html"]
    return [page.row(names[unit])[-1] for unit in scores]


def test_points_that_are_not_public_may_be_in_any_place() -> None:
    known: dict[str, Decimal | str] = {
        "SNV": Decimal(10),
        "STP": Decimal(9),
        "STC": Decimal(8),
        "SCT": Decimal(8),
    }
    all_units = known | {"SYT": MISSING}
    assert _ranks_of_points("internal", all_units) == ["20hạng 1", "18hạng 2", "16hạng 3", "16hạng 3", "–"]
    assert _ranks_of_points("public", all_units | {"STP": withheld(5)}) == [
        "20hạng 1–2",
        "–",
        "16hạng 2–3",
        "16hạng 2–3",
        "–",
    ]


def test_the_first_page_says_which_sources_lack_and_that_all_is_well() -> None:
    lacking = release(sources=(source("SNV", "Sở Nội vụ"), source("STP", EVIL, "không kết nối được")))
    page = opened([overview.page(_view(lacking))])["index.html"]
    assert "Có dữ liệu của 1/2 nguồn đến ngày 09/12/2026" in page.text
    assert "Không kết nối được; số liệu có đến ngày 09/12/2026" in page.text
    assert "<script>alert" not in page.html
    well = opened([overview.page(_view(release(sources=(source("SNV", "Sở Nội vụ"),))))])["index.html"]
    assert "Tất cả các nguồn đã có dữ liệu đến ngày báo cáo." in well.text


def test_a_publication_of_many_units_has_a_page_unless_the_month_says_it_already() -> None:
    row = Row("SNV", "Sở Nội vụ", tuple(value("SNV", i.code) for i in SET.indicators))
    two = (row, Row("X", EVIL, row.values))
    year = Table("nam", "Cả năm", SET.code, SET.title, periods.parse("2026"), SET.indicators, two)
    month = Table("thang", "Tháng", SET.code, SET.title, PERIOD, SET.indicators, two)
    own = _view(release(tables=(year, month)))
    pages = opened(publications.pages(own))
    assert list(pages) == ["cong-bo/nam.html"]
    assert "<script>alert" not in pages["cong-bo/nam.html"].html
    assert "cong-bo/nam.html" in opened([overview.page(own)])["index.html"].links


def test_a_province_without_a_set_for_every_unit_has_pages_too() -> None:
    bare = replace(release(), history=None, forms={}, procedure_rows=(), procedures={})
    made = site.files(bare, FEW, "public", {})
    pages = opened((path, html) for path, html in made.items() if path.endswith(".html"))
    assert dead_links(pages, ()) == []
    assert DAY.strftime("%d/%m/%Y") in pages["index.html"].text
