"""The pages of closed periods: frozen numbers, what a revision changed, and no trace of the day they are made on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from cchc.publishing.portal import methods, periods
from unit.publishing.portal.made import EVIL, closed, dead_links, frozen, opened, revision, view

PEOPLE = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường")
PAGE = "ky/2026-11.html"


def test_the_numbers_stand_as_they_were_closed() -> None:
    own = opened(periods.pages(view(archive=(closed(),))))[PAGE]
    assert own.row("Sở Nội vụ") == ["1.234"]
    assert own.row("Tỉnh Cao Bằng") == ["1.240"]
    assert own.row("Phường Thục Phán") == ["6"]
    assert "Sở Tư pháp: không có số nào (chưa có dữ liệu hồ sơ từ Một cửa Sở Tư pháp)." in own.text
    titles = re.findall(r'id="bo-([a-z0-9-]+)"', own.html)
    assert titles == ["province-core", "qd766-written", "gone-set"]  # what is shown of every unit comes first


def test_an_indicator_nobody_has_is_named_with_its_reason() -> None:
    own = opened(periods.pages(view(archive=(closed(),))))[PAGE]
    assert "Trước hạn và đúng hạn: không có số nào (mẫu số bằng 0)." in own.text
    assert "Nộp trực tuyến: không có số nào (không có trong số liệu đã chốt của kỳ)." in own.text
    partly = closed()
    partly = replace(
        partly, values={**partly.values, ("H14", "province-core", "on-time-share"): frozen("96,5%")}
    )
    own = opened(periods.pages(view(archive=(partly,))))[PAGE]
    assert own.row("Sở Nội vụ") == ["1.234", "–1"]
    assert "Mẫu số bằng 0." in own.text
    assert own.ids.count("gc-province-core-1") == 1


def test_points_add_up_only_where_all_are_known() -> None:
    own = opened(periods.pages(view(archive=(closed(),))))[PAGE]
    rows = [cells for cells in own.rows if cells[0] == "Sở Nội vụ"]
    assert rows[1] == ["Sở Nội vụ", "9,25"]  # 5,25 and 4; the whole lacks the points of a group
    assert "Cả bộ: không có số nào (chưa có 1/3 chỉ số)." in own.text
    whole = closed(
        values={
            ("SNV", "qd766-written", "PUBLISH_ON_TIME"): frozen("5,25"),
            ("SNV", "qd766-written", "on_time"): frozen("17,5"),
        }
    )
    assert opened(periods.pages(view(archive=(whole,))))[PAGE].row("Sở Nội vụ") == ["5,25", "17,5", "22,75"]


def test_a_revision_says_what_it_changed() -> None:
    pages = opened(periods.pages(view(archive=(closed(),))))
    own = pages[PAGE]
    assert ["Sở Nội vụ", "Hồ sơ tiếp nhận", "1.233", "1.234"] in own.rows
    assert ["Sở Nội vụ", "Hồ sơ xử lý trước hạn, đúng hạn (điểm theo văn bản)", "17,5", "–"] in own.rows
    assert "Ngoài ra 14 ô của các biểu mẫu đã đổi." in own.text
    assert "08:05 ngày 20/11/2026" in own.text
    listed = pages["ky/index.html"].row("Tháng 11/2026 (15/10/2026 – 14/11/2026)")
    assert listed == [
        "1",
        "08:05 ngày 20/11/2026",
        "Nguyễn Văn An",
        "18 / 20",
        "1 lần; lần gần nhất: Sở Y tế gửi bổ sung 12 hồ sơ",
    ]


def test_a_period_that_is_open_again_says_so() -> None:
    first = closed().revisions[1]
    pages = opened(periods.pages(view(archive=(closed(revisions=(first,)),))))
    assert "đang mở lại, chưa chốt bản mới" in pages["ky/index.html"].text
    assert "Kỳ đang mở lại, chưa chốt bản mới." in pages[PAGE].text
    quiet = opened(periods.pages(view(archive=(closed(revisions=(revision(1), first)),))))[PAGE]
    assert "Không số nào khác bản trước." in quiet.text


def test_the_public_build_names_nobody() -> None:
    for path, page in opened(periods.pages(view("public", archive=(closed(),)))).items():
        assert not [name for name in PEOPLE if name in page.text], path
        assert "cchc period" not in page.text
    inside = opened(periods.pages(view(archive=(closed(),))))[PAGE]
    assert all(name in inside.text for name in PEOPLE)


def test_pages_do_not_depend_on_the_reporting_day() -> None:
    assert dict(periods.pages(view(archive=(closed(),)))) == dict(
        periods.pages(view(archive=(closed(),), day=date(2026, 12, 10)))
    )


def test_every_link_leads_somewhere() -> None:
    for audience in ("internal", "public"):
        own = view(audience, archive=(closed(),))
        pages = opened([*periods.pages(own), methods.page(own)])
        units = {f"don-vi/{code}.html" for code in ("H14", "SNV", "01273", "STP")}
        assert dead_links(pages, units) == []
        assert all(len(page.ids) == len(set(page.ids)) for page in pages.values())
    assert "../don-vi/OLD.html" not in pages[PAGE].links  # a unit that is no more has no page


def test_texts_from_outside_are_text() -> None:
    evil = closed(
        revisions=(revision(0, note=EVIL, closed_by=EVIL),), values={(EVIL, EVIL, EVIL): frozen(EVIL)}
    )
    for page in opened(periods.pages(view(archive=(evil,)))).values():
        assert page.tags.count("script") == 1
    assert opened(periods.pages(view(archive=(evil,))))[PAGE].row(EVIL) == [EVIL]


def test_before_anything_is_closed_the_list_says_how_it_will_be() -> None:
    pages = opened(periods.pages(view()))
    assert list(pages) == ["ky/index.html"]
    assert "Chưa có kỳ nào được chốt" in pages["ky/index.html"].text
    assert "cchc period close" in pages["ky/index.html"].text
