"""What a visitor of the portal sees and hears, and what is wrong with it: requests, complaints, links, WCAG, paper."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin
from zipfile import ZipFile

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import ConsoleMessage, Error, Page, Request

_AXE = Axe()
_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "preload": False,  # axe would fetch the style sheet, which the page's own rules forbid
    "resultTypes": ["violations"],
}  # fmt: skip

#: Facts of a page, as a script that returns them.
FACTS = """() => ({
  lang: document.documentElement.lang, title: document.title, h1: document.querySelectorAll('h1').length,
  ids: [...document.querySelectorAll('[id]')].map(e => e.id),
  links: [...document.querySelectorAll('[href], [src]')].map(e => e.getAttribute('href') ?? e.getAttribute('src')),
  unnamed: [...document.querySelectorAll('table')].filter(t => !t.caption?.textContent.trim()
    || t.querySelector('thead th:not([scope]), tbody th:not([scope])')).map(t => t.outerHTML.slice(0, 99)),
  drawings: [...document.querySelectorAll('svg')].filter(s => s.getAttribute('role') !== 'img'
    || (s.getAttribute('aria-label') ?? '').length < 20).map(s => s.outerHTML.slice(0, 99)),
  wide: document.documentElement.scrollWidth, width: innerWidth })"""

#: Numbers of tables and tiles that lead to nothing that explains them: no link of their own, none of their row's or
#: column's heading, to the page of methods or to a place of a unit's page that leads there.
UNEXPLAINED = r"""() => {
  const explains = link => /phuong-phap[.]html#|#gt-|#diem-|#tt-|#don-vi-title/.test(link.getAttribute('href'));
  const leads = cell => cell && [...cell.querySelectorAll('a[href]')].some(explains);
  const number = /^[-–]?[\d.,]+( ?[–\/;] ?[\d.,]+)*%?$/;
  const beside = node => node.matches?.('sup, .rank');
  const said = cell => [...cell.childNodes].filter(n => !beside(n)).map(n => n.textContent).join('').trim();
  const found = [];
  for (const table of document.querySelectorAll('main table')) {
    const last = table.tHead.rows[table.tHead.rows.length - 1];
    for (const cell of table.querySelectorAll('tbody td:not(.text)')) {
      if (!number.test(said(cell)) || /\d\/\d+\/\d/.test(said(cell))) continue; // days explain themselves
      const row = cell.parentElement;
      const heading = last.cells[cell.cellIndex - (row.cells.length - last.cells.length)];
      if (leads(cell) || leads(heading) || [...row.querySelectorAll('th')].some(leads)) continue;
      found.push(`${table.caption.textContent}: ${row.cells[0].textContent}: ${said(cell)}`);
    }
  }
  for (const tile of document.querySelectorAll('.tiles div')) {
    if (/\d/.test(tile.textContent) && !leads(tile)) found.push(tile.textContent);
  }
  return found; }"""


class Visitor:
    """One page of one browser, with everything it asked for and complained of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("requestfailed", self._failed)
        page.on("request", self._asked)

    def _console(self, message: ConsoleMessage) -> None:
        self.complaints.append(message.text)

    def _error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _failed(self, request: Request) -> None:
        self.complaints.append(f"failed: {request.url}")

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    def leave(self) -> None:
        """Listen no more: the page is another visitor's now."""
        self.page.remove_listener("console", self._console)
        self.page.remove_listener("pageerror", self._error)
        self.page.remove_listener("requestfailed", self._failed)
        self.page.remove_listener("request", self._asked)

    def open(self, path: str, width: int = 1280) -> Page:
        """Open a page of the release, `internal/index.html`, as wide as said."""
        self.page.set_viewport_size({"width": width, "height": 900})
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status in (200, 304), path
        return self.page


def faults_of(page: Page, where: str) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA and against good practice, one line a rule."""
    found = _AXE.run(page, options=_RULES).response["violations"]
    return [f"{where}: {one['id']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])})" for one in found]


def dead_links(release: Path, facts: Mapping[str, Any]) -> list[str]:
    """Return the links of pages that lead to no file of the same build, or to no place on its page."""
    dead = []
    for path, own in facts.items():
        for link in own["links"]:
            if link.startswith(("https://", "http://", "data:")):
                continue
            target, anchor = map(unquote, urldefrag(urljoin(path, link)))
            inside = target.split("/")[0] == path.split("/")[0] and (release / target).is_file()
            if not inside or (anchor and anchor not in facts[target]["ids"]):
                dead.append(f"{path}: {link}")
    return dead


def held_in(path: Path) -> bytes:
    """Return what a file holds; of a workbook what is in it."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with ZipFile(path) as book:
        return b"".join(map(book.read, book.namelist()))


def focus(page: Page) -> str:
    """Return what has the focus: whether a frame around it can be seen, and its text."""
    return str(
        page.evaluate("""() => { const e = document.activeElement, s = getComputedStyle(e);
          const seen = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
          return `${seen ? 'seen' : 'UNSEEN'} ${e.textContent.trim().slice(0, 40)}`; }""")
    )


def printed(path: Path, *options: str) -> str:
    """Return the text of a PDF as poppler reads it."""
    command = ["pdftotext", *(options or ("-layout",)), str(path), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def beside_the_paper(path: Path) -> list[str]:
    """Return the words of a PDF that do not stand within the margins of A4 landscape (842 by 595 points)."""
    said = printed(path, "-bbox")
    sheets = re.findall(r'<page width="([\d.]+)" height="([\d.]+)">', said)
    assert {(round(float(w)), round(float(h))) for w, h in sheets} == {(842, 595)}
    words = re.findall(
        r'<word xMin="([\d.-]+)" yMin="[\d.-]+" xMax="([\d.-]+)" yMax="[\d.-]+">(.*?)</word>', said
    )
    assert len(words) > 50
    return [word for left, right, word in words if float(left) < 30 or float(right) > 812]
