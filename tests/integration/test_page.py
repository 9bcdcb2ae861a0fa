"""The published page in a real browser: what an officer sees, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine

from cchc.catalogue.load import load as load_catalogue
from cchc.publishing.release import publish
from cchc.settings import SHIPPED_CATALOGUE
from integration.indicator_facts import watermark
from integration.seed_unit import DAY, PRINTED, catalogue, load

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium (apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


@pytest.fixture
def address(warehouse: Engine, tmp_path: Path) -> str:
    load(warehouse)
    watermark(warehouse, "01273", "01273-motcua", DAY, "dossier")
    index = load_catalogue(SHIPPED_CATALOGUE).score_set("qd766")
    publish(warehouse, catalogue().model_copy(update={"scores": {"qd766": index}}), DAY, None, tmp_path)
    return (tmp_path / "current" / "index.html").as_uri()


def _open(browser: Browser, address: str, width: int) -> tuple[Page, list[str], list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 844}, locale="vi-VN")
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    return page, complaints, requests


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_shows_coverage_and_figures_and_asks_nobody(
    browser: Browser, address: str, width: int
) -> None:
    page, complaints, requests = _open(browser, address, width)
    assert page.title() == "Chỉ số cải cách hành chính – tỉnh Cao Bằng"
    banner = page.locator("#nguon")
    assert banner.locator("h2").inner_text() == "Có dữ liệu của 4/6 nguồn đến ngày 14/11/2026"
    failed = banner.locator("li")
    assert failed.count() == 2
    assert "Sở Y tế" in failed.nth(0).inner_text()
    assert "chưa có số liệu lần nào" in failed.nth(0).inner_text()

    rows = page.locator("#seed tbody tr")
    assert rows.count() == len(PRINTED)
    for number, shown in enumerate(PRINTED.values()):
        cell = rows.nth(number).locator("td.value")
        assert cell.is_visible()
        assert cell.inner_text().strip() == shown

    missing = page.locator("#departments tbody tr", has_text="Sở Y tế").locator("td").first
    assert missing.inner_text().startswith("–")
    note = missing.locator("sup a")
    target = page.locator(str(note.get_attribute("href")))
    assert target.inner_text() == "Chưa có dữ liệu hồ sơ từ Một cửa Sở Y tế."
    note.click()
    assert page.locator(":target").inner_text() == target.inner_text()
    unknown = page.locator("#diem-qd766 tbody tr", has_text="Cả bộ chỉ số").locator("td").first
    assert unknown.inner_text().startswith("–")
    why = page.locator(str(unknown.locator("sup a").get_attribute("href")))
    assert why.inner_text().startswith("Chưa có ")
    known = page.locator("#communes tbody tr", has_text="Thục Phán").locator("td").first
    assert known.inner_text().strip() == "0"

    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    assert all(url.startswith(("file:", "data:")) for url in requests)
    assert not complaints
    page.close()


def test_the_page_can_be_read_without_eyes_and_from_paper(browser: Browser, address: str) -> None:
    page, _, _ = _open(browser, address, 1280)
    assert page.locator("html").get_attribute("lang") == "vi"
    assert page.locator("h1").count() == 1
    assert page.locator("script").count() == 0
    for table in page.locator("table").all():
        assert table.locator("caption").inner_text()
        assert table.locator("thead th:not([scope=col])").count() == 0
        assert table.locator("tbody th:not([scope=row])").count() == 0
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    for link in page.locator("a[href^='#']").all():
        assert str(link.get_attribute("href"))[1:] in ids
    for link in page.locator("#tai-ve a").all():
        assert (Path(address.removeprefix("file://")).parent / str(link.get_attribute("href"))).exists()
    assert page.evaluate(_WEAK_CONTRAST) == []
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1030, "height": 720})  # A4 landscape within its margins
    assert page.evaluate("document.documentElement.scrollWidth") <= 1030
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000
    page.close()


# every text against the nearest painted ground, by the formula of WCAG 2 (AA: 4.5)
_WEAK_CONTRAST = """() => {
  const numbers = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = numbers(c).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor; const n = numbers(c);
    if (n.length === 3 || n[3] > 0) return c; } return 'rgb(255, 255, 255)'; };
  const weak = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.push(e.tagName + ' ' + ratio.toFixed(2) + ' ' + e.textContent.slice(0, 30));
  }
  return weak; }"""
