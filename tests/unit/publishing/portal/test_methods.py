"""The page of methods: an anchor for whatever other pages link to, and each rule in words."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from cchc.catalogue.scores import Component, Outcome, Rule
from cchc.indicators.scoring.points import points
from cchc.publishing.portal import methods, scored
from unit.publishing.portal.made import Page, catalogue, closed, dead_links, frozen, opened, view


def _page(**changed: Any) -> Page:
    return opened([methods.page(view(**changed))])["phuong-phap.html"]


def _of(page: Page, anchor: str) -> str:
    """Return the text of the entry with this id."""
    begun = page.html.index(f'id="{anchor}"')
    end = re.search(r"</div>|</tr>", page.html[begun:])
    assert end is not None
    return Page(f"<div {page.html[begun : begun + end.end()]}").text


def test_everything_that_is_shown_can_be_linked_to() -> None:
    page = _page(archive=(closed(values={("SNV", "par-index", "x"): frozen("1")}),))
    ids = set(page.ids)
    assert len(ids) == len(page.ids)
    for code in ("province-core", "par-index"):
        assert {f"{code}-{i.code}" for i in catalogue().indicator_sets[code].indicators} <= ids
    assert not any(one.startswith("cong-vu-") for one in ids)  # no page shows a number of it
    assert {f"ii06a-c{n}" for n in range(3, 14)} | {f"07a-c{n}" for n in range(3, 30)} <= ids
    index = catalogue().scores["qd766"]
    assert {f"qd766-{g.code}" for g in index.groups} | {
        f"qd766-{c.code}" for g in index.groups for c in g.components
    } <= ids
    assert {"so-nho", "da-chot", "hang", "do-phu", "dau-trong"} <= ids
    assert dead_links({"phuong-phap.html": page}, ()) == []
    assert len(page.html.encode()) < 300_000


def test_an_indicator_says_how_it_is_counted() -> None:
    said = _of(_page(), "province-core-on-time-share")
    assert "÷" in said
    assert "làm tròn đến 1 chữ số thập phân, số 5 làm tròn lên" in said
    assert "không tính, để dấu “–”" in said
    assert "quy tắc của từng nguồn" in said
    assert "Thông tư 01/2020/TT-VPCP" in said
    assert "Mẫu số" not in _of(_page(), "province-core-received")


def test_coverage_of_a_sum_of_reports_is_of_units() -> None:
    said = _of(_page(), "do-phu")
    assert "trong các đơn vị có nguồn báo cáo, tỷ lệ đơn vị đã gửi số liệu ấy cho kỳ" in said


def test_a_column_of_a_form_says_what_it_is_made_of() -> None:
    page = _page()
    assert page.row("(9)") == [
        "Số hồ sơ đã giải quyết – Đúng hạn",
        "Hồ sơ giải quyết đúng hạn, trong kỳ + Hồ sơ công dân rút, trong kỳ + Hồ sơ dừng xử lý, trong kỳ",
    ]
    assert page.row("(3)")[1].startswith("(4) + (5) + (6) = ")
    assert "(3) = (7) + (11)" in page.text
    assert "Không có số: các nguồn không ghi biên lai" in page.text


def test_what_is_not_confirmed_is_marked() -> None:
    page = _page()
    for group in catalogue().scores["qd766"].groups:
        for one in group.components:
            assert ("chưa xác nhận" in _of(page, f"qd766-{one.code}")) is not one.confirmed


def test_a_rule_version_with_its_own_denominator_says_so() -> None:
    said = _of(_page(), "qd766-procedures_paid_online")
    assert "điểm = tỷ lệ × 2,5, nhiều nhất 2 điểm" in said
    assert "mẫu số: số thủ tục có: thủ tục có phí hoặc lệ phí" in said
    assert "“Hồ sơ đồng bộ lên Cổng Dịch vụ công quốc gia”" in _of(_page(), "qd766-dossiers_online")
    assert "toàn tỉnh" in _of(_page(), "qd766-services_provided")
    assert "Chưa có cách tính" in _of(_page(), "qd766-ELECTRONIC_CERTIFIED_COPY")


@pytest.mark.parametrize(
    ("rule", "said", "share", "score"),
    [
        (Rule(), "điểm = tỷ lệ × 4", "0.5", "2"),
        (Rule(full_at=Decimal("0.8")), "tỷ lệ từ 80% được đủ 4 điểm", "0.8", "4"),
        (Rule(full_at=Decimal("0.8")), "thấp hơn thì điểm = tỷ lệ ÷ 80% × 4", "0.4", "2"),
        (Rule(slope=Decimal("2.5")), "điểm = tỷ lệ × 2,5, nhiều nhất 4 điểm", "1", "2.5"),
    ],
)
def test_the_words_say_what_the_points_are(rule: Rule, said: str, share: str, score: str) -> None:
    own = Component(code="X", title="X", max=4, rules={"v": rule})
    assert said in scored.rule(catalogue().scores["qd766"], own, rule)
    assert points(own, "v", "exact", Decimal(share) * 100, Decimal(100)).score == Decimal(score)


def test_the_words_of_nothing_to_divide() -> None:
    index = catalogue().scores["qd766"]
    rule = Rule(zero=Outcome(ratio=Decimal(0), score=Decimal(6)), absent=Outcome(score=Decimal(2)))
    said = scored.rule(index, Component(code="X", title="X", max=6, rules={"v": rule}), rule)
    assert "mẫu số bằng 0: tỷ lệ 0%, 6 điểm" in said
    assert "không có tử số và mẫu số: 2 điểm" in said
    none = Component(code="X", title="X", max=0, rules={"v": Rule()})
    assert scored.rule(index, none, Rule()) == "để theo dõi, không tính điểm; mẫu số bằng 0: không tính"


def test_small_numbers_are_explained_in_both_builds() -> None:
    assert "Bản nội bộ có mọi số. Trên trang công khai, số đếm" in _page().text
    public = opened([methods.page(view("public"))])["phuong-phap.html"]
    assert "Trên trang này, số đếm hồ sơ, phản ánh của công dân từ 1 đến 4" in public.text


def test_a_release_without_forms_and_history_has_the_page_too() -> None:
    page = _page(forms={}, history=None)
    assert "Xếp hạng" in page.text
    assert "ii06a-c3" not in page.ids
