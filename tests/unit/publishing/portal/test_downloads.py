"""The page of downloads: each file with what it is for, and what may be done with it."""

from __future__ import annotations

from dataclasses import replace

from cchc.catalogue.models import Licence
from cchc.publishing.portal import downloads
from cchc.publishing.portal.view import Audience, Download
from unit.publishing.portal.made import EVIL, Page, dead_links, opened, view

EDITION = "2026-12-09-0123456789ab"
OFFERED = {
    "Dữ liệu mở": [
        Download(f"du-lieu/{EDITION}/indicators.csv", "Chỉ số của mọi đơn vị", 1_234_567),
        Download(f"du-lieu/{EDITION}/SHA256SUMS", "Mã kiểm tra", 300),
    ],
    "Biểu mẫu": [Download("bieu-mau/ii06a.xlsx", EVIL, 45_678)],
    "Báo cáo": [],
}


def _page(audience: Audience = "public", licence: Licence | None = None) -> Page:
    own = view(audience, OFFERED)
    if licence is not None:
        portal = own.catalogue.province.portal.model_copy(
            update={"licence": licence, "address": "https://cchc.caobang.example/"}
        )
        province = own.catalogue.province.model_copy(update={"portal": portal})
        own = replace(own, catalogue=own.catalogue.model_copy(update={"province": province}))
    return opened([downloads.page(own)])["tai-ve.html"]


def test_every_file_is_there_with_what_it_is_for() -> None:
    page = _page()
    assert [
        "Chỉ số của mọi đơn vịindicators.csv",
        "mở bằng Excel, LibreOffice hoặc phần mềm thống kê",
        "CSV",
        "1,2 MB",
    ] in (page.rows)
    assert ["Mã kiểm traSHA256SUMS", "kiểm tra tệp tải về có nguyên vẹn không", "TXT", "1 KB"] in page.rows
    offered = {file.path for files in OFFERED.values() for file in files}
    assert dead_links({"tai-ve.html": page}, {*offered, "phuong-phap.html#so-nho"}) == []
    assert "Báo cáo" not in [cells[0] for cells in page.rows]
    assert page.html.count("<table") == 2  # a heading without files is left out


def test_the_edition_is_named_where_it_is_cited() -> None:
    page = _page(licence=Licence(title="CC BY 4.0", url="https://creativecommons.org/licenses/by/4.0/"))
    assert page.text.count(EDITION) == 2
    assert f"số liệu đến ngày 09/12/2026, bản {EDITION}, https://cchc.caobang.example/." in page.text
    assert "https://creativecommons.org/licenses/by/4.0/" in page.links


def test_what_is_for_the_office_is_no_open_data() -> None:
    assert "không phải dữ liệu mở" in _page("internal").text
    assert "không phải dữ liệu mở" not in _page().text


def test_titles_are_text() -> None:
    page = _page()
    assert page.tags.count("script") == 1
    assert EVIL in page.text


def test_without_files_the_page_says_so() -> None:
    page = opened([downloads.page(view("public"))])["tai-ve.html"]
    assert "Chưa có tệp nào để tải" in page.text
    assert page.rows == []
    assert "sha256sum" not in page.text
