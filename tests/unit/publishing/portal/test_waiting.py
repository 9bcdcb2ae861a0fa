"""Rows to correct on pages of units: for insiders alone, with the file that lists them."""

from __future__ import annotations

from datetime import date

from cchc.publishing.portal import site
from cchc.publishing.portal.view import Audience
from cchc.publishing.waiting import Kind, Waiting
from cchc.publishing.workbooks.corrections import Correction, Workload
from unit.publishing.portal.full import FEW, release
from unit.publishing.portal.made import EVIL, Page, dead_links, opened
from unit.publishing.workbooks.made import opened as book_of
from unit.publishing.workbooks.made import texts

SINCE = date(2026, 11, 12)
FILE = "bieu-mau/can-sua-SNV.xlsx"
ROW = Correction("Sở Nội vụ", "snv-motcua", "hồ sơ", "H-1", EVIL, "Đơn vị", "trang 2", "R", SINCE, None)


def _waiting(in_all: int = 1) -> Waiting:
    return Waiting(
        (Kind("snv-motcua", "hồ sơ", "R", EVIL, "Đơn vị", in_all, SINCE),), Workload((ROW,), in_all)
    )


def _site(audience: Audience, in_all: int = 1) -> dict[str, bytes]:
    return site.files(release(waiting={"SNV": _waiting(in_all), "OLD": _waiting()}), FEW, audience, {})


def _pages(made: dict[str, bytes]) -> dict[str, Page]:
    return opened((path, body) for path, body in made.items() if path.endswith(".html"))


def test_a_unit_says_what_waits_by_source_and_rule_and_links_the_list() -> None:
    made = _site("internal", 2500)
    pages = _pages(made)
    own = pages["don-vi/SNV.html"]
    assert "2.500 lỗi đang chờ sửa, lỗi cũ nhất thấy từ ngày 12/11/2026" in own.text
    assert "gồm 1 lỗi đầu" in own.text
    assert own.row("snv-motcuasnv-motcua") == ["Hồ sơ", f"{EVIL}R", "Đơn vị", "2.500", "12/11/2026"]
    assert f"../{FILE}" in own.links
    assert "<script>alert" not in own.html
    assert pages["don-vi/H14.html"].row("Sở Nội vụ") == ["2.500", "12/11/2026", "XLSX"]
    assert "Không có dòng nào chờ sửa; chỉ trong bản nội bộ." in pages["don-vi/STP.html"].text
    assert "#can-sua" in pages["don-vi/STP.html"].links
    assert [link for link in dead_links(pages, made) if "can-sua" in link] == []
    sheet = texts(book_of(made[FILE])["Cần sửa"])
    assert sheet[0][-2:] == [
        "Quy tắc",
        "Thấy lần đầu",
    ]  # no number of nights, which would change with the clock
    assert sheet[1][3] == "H-1"
    assert made == _site("internal", 2500)


def test_another_unit_does_not_change_a_units_files() -> None:
    one, other = _site("internal"), _site("internal", 2)
    changed = {path for path in one if one[path] != other[path]}
    assert changed == {"don-vi/SNV.html", "don-vi/H14.html", FILE}


def test_the_public_build_has_none_of_it() -> None:
    made = _site("public")
    assert not any("can-sua" in path for path in made)
    for path, page in _pages(made).items():
        assert "can-sua" not in page.html, path
        assert "chờ sửa" not in page.text, path
