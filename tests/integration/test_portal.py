"""Every page of both builds in a real browser: what an officer or a citizen sees, hears, prints and types.

Pages are compared with the pictures in `screens/`. Where a page was changed on purpose, make them anew and look:
`CCHC_RENEW_SCREENS=1 .venv/bin/pytest tests/integration/test_portal.py -k looks`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, sync_playwright

from integration import pictures
from integration.conftest import Pool
from integration.portal_site import KINDS, publish_site, served
from integration.portal_visitor import (
    FACTS,
    UNEXPLAINED,
    Visitor,
    beside_the_paper,
    dead_links,
    faults_of,
    focus,
    held_in,
    printed,
)
from integration.seed_unit import PRINTED

CHROMIUM = Path("/usr/bin/chromium")
SCREENS = Path(__file__).parent / "screens"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium (apt-get install chromium)"),
]
BUILDS = ("internal", "public")
WIDTHS = (1280, 390)
_APART = 0.2  # see `pictures.difference`


@pytest.fixture(scope="module")
def release(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    engine = pool.take()
    yield publish_site(engine, tmp_path_factory.mktemp("portal") / "releases")
    engine.dispose()
    pool.give_back()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(release: Path) -> Iterator[str]:
    with served(release) as served_at:
        yield served_at


@pytest.fixture(scope="module")
def page_of_all(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(locale="vi-VN", reduced_motion="reduce")
    yield page
    page.close()


@pytest.fixture
def visitor(page_of_all: Page, address: str) -> Iterator[Visitor]:
    visiting = Visitor(page_of_all, address)
    yield visiting
    visiting.leave()
    assert visiting.complaints == []


def _pages(release: Path, build: str) -> list[str]:
    return sorted(path.relative_to(release).as_posix() for path in (release / build).rglob("*.html"))


@pytest.mark.parametrize("build", BUILDS)
def test_every_page_is_whole_and_asks_nobody(visitor: Visitor, release: Path, build: str) -> None:
    paths = _pages(release, build)
    assert {f"{build}/{path}" for path in KINDS.values()} <= set(paths)
    facts: dict[str, Any] = {}
    faults: list[str] = []
    for path in paths:
        page = visitor.open(path)
        own = facts[path] = page.evaluate(FACTS)
        assert (own["lang"], own["h1"], own["unnamed"], own["drawings"]) == ("vi", 1, [], []), path
        assert own["title"].endswith("Chỉ số cải cách hành chính tỉnh Cao Bằng"), path
        assert len(own["ids"]) == len(set(own["ids"])), path
        assert own["wide"] <= own["width"], path
        faults += [f"{path}: {number} leads nowhere" for number in page.evaluate(UNEXPLAINED)]
        if (
            build == "internal"
        ):  # of the public build, which has the same templates, a page of each kind, below
            faults += faults_of(page, path)
    assert faults == []
    assert len({own["title"] for own in facts.values()}) == len(paths)  # tabs and bookmarks can be told apart
    assert [url for url in visitor.requests if not url.startswith((visitor.address, "data:"))] == []
    assert dead_links(release, facts) == []


@pytest.mark.parametrize("build", BUILDS)
def test_on_a_phone_only_tables_move_sideways(visitor: Visitor, build: str) -> None:
    faults: list[str] = []
    for path in KINDS.values():
        page = visitor.open(f"{build}/{path}", 390)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        if build == "public":
            faults += faults_of(page, path)
    assert faults == []


def test_pages_open_from_a_memory_stick(browser: Browser, release: Path) -> None:
    page = browser.new_page()
    visiting = Visitor(page, f"{release.as_uri()}/public/")
    for path in ("index.html", "don-vi/SGDDT.html", "xep-hang/xa-phuong.html"):
        page.goto(visiting.address + path)
        assert page.locator("h1").is_visible()
    assert page.locator("thead button").count() > 3  # the script came along
    assert all(url.startswith((release.as_uri(), "data:")) for url in visiting.requests)
    assert visiting.complaints == []
    page.close()


def test_the_first_page_says_how_whole_the_data_is(visitor: Visitor) -> None:
    page = visitor.open("internal/index.html")
    banner = page.locator("#nguon")
    assert banner.locator("h2").inner_text() == "Có dữ liệu của 6/7 nguồn đến ngày 14/11/2026"
    assert "Sở Y tế" in banner.locator("li").inner_text()
    assert "chưa có số liệu lần nào" in banner.locator("li").inner_text()
    assert page.locator(".inside").inner_text() == "Bản nội bộ"
    assert visitor.open("public/index.html").locator(".inside").count() == 0


def test_the_seeds_figures_stand_on_the_units_page(visitor: Visitor) -> None:
    rows = visitor.open("internal/don-vi/SGDDT.html").locator("#seed tbody tr")
    assert rows.locator("td.value").all_inner_texts() == list(PRINTED.values())


def test_what_is_not_known_is_a_dash_that_leads_to_its_reason(visitor: Visitor) -> None:
    page = visitor.open("internal/xep-hang/so-ban-nganh.html")
    missing = page.locator("#bang tbody tr", has_text="Sở Y tế").locator("td").first
    assert missing.inner_text().startswith("–")
    target = page.locator(str(missing.locator("sup a").get_attribute("href")))
    assert target.inner_text() == "Chưa có dữ liệu hồ sơ từ Một cửa Sở Y tế."
    missing.locator("sup a").click()
    assert page.locator(":target").inner_text() == target.inner_text()


def test_a_number_leads_to_its_explanation_and_that_to_the_method(visitor: Visitor) -> None:
    page = visitor.open("public/index.html")
    number = page.locator("#toan-tinh dd a.num").first
    assert re.fullmatch(r"Hồ sơ .+: [\d.]+, xem cách tính", str(number.get_attribute("aria-label")))
    number.click()
    target = page.locator(":target")
    assert target.is_visible()
    assert "Cách tính:" in target.inner_text()
    target.get_by_role("link").first.click()
    assert "Căn cứ:" in page.locator(":target").inner_text()


def test_points_lead_to_how_they_came_about_and_that_to_the_rule(visitor: Visitor) -> None:
    page = visitor.open("internal/index.html")
    page.locator("#diem-qd766 td a.num").first.click()
    target = page.locator(":target")
    assert page.url.endswith("don-vi/H14.html#gt-qd766-progress")
    assert target.is_visible()  # the part it stands in has opened
    own = page.locator("#gt-qd766-on_time")
    assert re.search(
        r"tỷ lệ 0 / \d+ = 0%; điểm 0 / \d+ × 20 = 0; mất 20 điểm: tử số phải thêm", own.inner_text()
    )
    own.get_by_role("link", name="Cách tính và căn cứ của").click()
    assert "Mẫu số:" in page.locator(":target").inner_text()


def test_rows_to_correct_are_for_the_office_alone(visitor: Visitor, release: Path) -> None:
    page = visitor.open("internal/don-vi/SGDDT.html")
    section = page.locator("#can-sua")
    assert section.locator("tbody td:nth-child(5)").all_inner_texts() == ["2", "1"]
    with page.expect_download() as download:
        section.get_by_role("link", name="danh sách cần sửa (XLSX)").click()
    book = load_workbook(BytesIO(download.value.path().read_bytes()))
    listed = [[cell.value for cell in row] for row in book["Cần sửa"].iter_rows(min_row=2)]
    assert [(row[3], row[7], row[8].date().isoformat()) for row in listed] == [
        ("a1", "DOSSIER_DUE_BEFORE_RECEIVED", "2026-11-12"),
        ("a1", "DOSSIER_FINISHED_BEFORE_RECEIVED", "2026-11-12"),
        ("a2", "DOSSIER_DUE_BEFORE_RECEIVED", "2026-11-14"),
    ]
    assert {row[6] for row in listed} == {None}  # a page of answers does not last
    # of the rows themselves nothing is in any file, and the public build knows of none
    files = {
        path.relative_to(release).as_posix(): held_in(path) for path in release.rglob("*") if path.is_file()
    }
    assert [path for path, body in files.items() if b"CANARY-VALUE" in body] == []
    told = {path for path, body in files.items() if b"can-sua" in body or b"DOSSIER_DUE_BEFORE" in body}
    assert told
    assert [path for path in told if path.startswith("public/")] == []


def test_the_keyboard_reaches_everything_in_order(visitor: Visitor) -> None:
    for path in ("xep-hang/xa-phuong.html", "don-vi/SGDDT.html", "thu-tuc/index.html"):
        page = visitor.open(f"internal/{path}")
        page.keyboard.press("Tab")
        assert focus(page) == "seen Đến nội dung"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page = visitor.open(f"internal/{path}")
        wanted = page.evaluate("""() => { const all = [...document.querySelectorAll(
          'a[href], button, input, summary, [tabindex="0"]')].filter(e => e.checkVisibility());
          all.forEach((e, i) => e.dataset.place = i); return all.length; }""")
        for place in range(wanted):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.dataset.place") == str(place), path
            assert focus(page).startswith("seen"), focus(page)


def test_a_table_is_sorted_by_the_keyboard_and_what_is_unknown_stays_last(visitor: Visitor) -> None:
    page = visitor.open("internal/xep-hang/so-ban-nganh.html")
    button = page.get_by_role("button", name="Hồ sơ tiếp nhận").first
    head = page.locator("th", has=button)
    rows = page.locator("#bang tbody th")
    button.focus()
    for wanted in ("ascending", "descending"):
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == wanted
        assert page.locator("th[aria-sort]").count() == 1
        assert rows.all_inner_texts()[-1] == "Sở Y tế"
    page = visitor.open("internal/xep-hang/xa-phuong.html")
    page.get_by_role("button", name="Hồ sơ tiếp nhận").first.press("Enter")
    assert page.locator("#bang tbody th").all_inner_texts() == ["Phường Tân Giang", "Phường Thục Phán"]
    page.get_by_role("button", name="Hồ sơ tiếp nhận").first.press("Enter")
    assert page.locator("#bang tbody th").all_inner_texts() == ["Phường Thục Phán", "Phường Tân Giang"]


def test_a_column_is_sorted_by_its_own_numbers_whatever_their_decimals(visitor: Visitor) -> None:
    page = visitor.open("internal/xep-hang/xa-phuong.html")
    cells = page.locator("#bang tbody tr td:nth-child(2)")
    cells.evaluate_all("cells => cells.forEach((cell, at) => { cell.dataset.sort = ['81', '75.9'][at]; })")
    page.locator("#bang thead th").nth(1).get_by_role("button").press("Enter")
    assert cells.evaluate_all("cells => cells.map(cell => cell.dataset.sort)") == ["75.9", "81"]
    page = visitor.open("internal/don-vi/SGDDT.html")  # its first column is headed in a row above the numbers
    page.locator("#thu-tuc tbody tr").evaluate_all(
        "rows => rows.forEach((row, at) => { [row.cells[1], row.cells[2]].forEach((cell, n) => {"
        " cell.textContent = n ? rows.length - at : at; }); })"
    )
    page.locator("#thu-tuc thead tr.order").get_by_role("button").nth(1).press("Enter")
    assert page.locator("#thu-tuc tbody td:nth-child(3)").all_inner_texts() == ["1", "2", "3"]


def test_search_finds_without_accents_and_says_how_many(visitor: Visitor) -> None:
    page = visitor.open("public/don-vi/index.html")
    page.get_by_role("searchbox", name="Tìm đơn vị").focus()
    page.keyboard.type("giao duc")
    assert page.locator("#don-vi li:visible").all_inner_texts() == ["Sở Giáo dục và Đào tạo"]
    assert page.get_by_role("status").inner_text() == "Tìm thấy 1"
    assert page.locator("#don-vi h2:visible").all_inner_texts() == ["Sở, ban, ngành (2)"]
    page.keyboard.type(" xyz")
    assert page.get_by_role("status").inner_text() == "Không tìm thấy"
    page.get_by_role("searchbox").fill("đức phổ")
    page.get_by_role("searchbox").fill("THỤC PHÁN")
    assert page.locator("#don-vi li:visible").all_inner_texts() == ["Phường Thục Phán"]
    page.get_by_role("searchbox").fill("")
    assert page.locator("#don-vi li:visible").count() == 5
    assert page.get_by_role("status").inner_text() == ""


def test_without_javascript_everything_is_there(browser: Browser, visitor: Visitor, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    for path in ("don-vi/index.html", "don-vi/SGDDT.html", "xep-hang/xa-phuong.html", "thu-tuc/index.html"):
        plain.goto(f"{address}internal/{path}")
        assert plain.locator("input:visible").count() == 0
        assert plain.locator("button").count() == 0
        said = "main :is(td, tbody th, h2, li, dd, figcaption)"
        assert plain.locator(said).all_text_contents() == (
            visitor.open(f"internal/{path}").locator(said).all_text_contents()
        )
    context.close()


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs Debian's poppler-utils")
def test_paper_has_everything_and_repeats_headings(visitor: Visitor, tmp_path: Path) -> None:
    for kind, path in KINDS.items():
        page = visitor.open(f"internal/{path}")
        paper = tmp_path / f"{kind}.pdf"
        paper.write_bytes(page.pdf(prefer_css_page_size=True))
        assert beside_the_paper(paper) == [], path
    first = printed(tmp_path / "tong-quan.pdf")
    assert "Có dữ liệu của 6/7 nguồn" in first
    unit = printed(tmp_path / "mot-don-vi.pdf")
    assert all(shown in unit for shown in PRINTED.values())
    assert re.search(r"Chỉ số\s+Trước\s+Sau", printed(tmp_path / "mot-ky.pdf"))  # folded away on the screen
    methods = printed(tmp_path / "cach-tinh.pdf").split("\f")
    assert sum("Tên cột" in sheet for sheet in methods) > 2  # a long table's headings on each of its sheets


def test_pages_are_light(visitor: Visitor, release: Path) -> None:
    for build in BUILDS:
        shared = sum(path.stat().st_size for path in (release / build / "assets").iterdir())
        assert shared + (release / build / "index.html").stat().st_size < 300_000
        assert [p for p in _pages(release, build) if shared + (release / p).stat().st_size > 400_000] == []
    visitor.open("internal/index.html")
    assert {Path(url).name for url in visitor.requests if url.startswith("http")} == {
        "index.html",
        "portal.css",
        "portal.js",
    }


@pytest.fixture(scope="module")
def scratch(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def _seen(visitor: Visitor, scratch: Page, path: str, width: int, changed: str = "") -> pictures.Picture:
    """Return the top of a page, after a script `changed` it."""
    page = visitor.open(path, width)
    page.set_viewport_size({"width": width, "height": max(width, 900)})
    if changed:
        page.evaluate(changed)
    return pictures.grey(scratch, page.screenshot())


def test_every_kind_of_page_looks_as_it_did(visitor: Visitor, scratch: Page, tmp_path: Path) -> None:
    changed = []
    for width in WIDTHS:
        for kind, path in KINDS.items():
            known = SCREENS / f"{kind}-{width}.png"
            seen = _seen(visitor, scratch, f"internal/{path}", width)
            if os.environ.get("CCHC_RENEW_SCREENS"):
                pictures.write(seen, known)
            apart = pictures.difference(seen, pictures.grey(scratch, known.read_bytes()))
            if apart > _APART:
                pictures.write(seen, tmp_path / known.name)
                changed.append(
                    f"{path} at {width} px: {apart:.3f} > {_APART}, now {tmp_path / known.name}, was {known}"
                )
    assert changed == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_comparison_looks_past_fonts_and_sees_a_broken_page(
    visitor: Visitor, scratch: Page, width: int
) -> None:
    path = "internal/don-vi/SGDDT.html"
    known = pictures.grey(scratch, (SCREENS / f"mot-don-vi-{width}.png").read_bytes())
    for font in ("font-family: serif", "font-size: 1.03rem"):
        assert (
            pictures.difference(
                _seen(visitor, scratch, path, width, f"document.body.style = '{font}'"), known
            )
            < _APART
        )
    assert pictures.difference(_seen(visitor, scratch, "internal/don-vi/index.html", width), known) > _APART
    bare = _seen(visitor, scratch, path, width, "document.querySelector('link[rel=stylesheet]').remove()")
    assert pictures.difference(bare, known) > 2 * _APART
