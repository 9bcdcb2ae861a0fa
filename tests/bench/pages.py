"""How soon a page of the portal can be used: in Debian's chromium, from the disk, on a processor four times as slow."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
_SLOWER = 4
_READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
_BUSY = """() => new Promise(done => {
  const tasks = []; new PerformanceObserver(list => tasks.push(...list.getEntries().map(e => e.duration)))
    .observe({type: 'longtask', buffered: true});
  setTimeout(() => done(Math.max(0, ...tasks)), 300); })"""

Ratio = tuple[str, float, str]


def measure(build: Path) -> list[Ratio]:
    """Return how soon the first and the heaviest page can be used, and their weight; nothing without chromium."""
    if not CHROMIUM.exists():
        return []
    shared = sum(path.stat().st_size for path in (build / "assets").iterdir())
    heaviest = max(build.rglob("*.html"), key=lambda path: path.stat().st_size)
    found: list[Ratio] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, page_file, goals in (
            ("first", build / "index.html", ("< 1", "< 300")),
            ("heaviest", heaviest, "––"),
        ):
            page = browser.new_page()
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
            page.goto(page_file.as_uri())
            ready = page.evaluate(_READY) / 1000
            found += [
                (f"{name} page, seconds until it can be used", ready, goals[0]),
                (f"{name} page, longest task in seconds", page.evaluate(_BUSY) / 1000, "–"),
                (
                    f"{name} page with its styles and script, KB",
                    (page_file.stat().st_size + shared) / 1000,
                    goals[1],
                ),
            ]
            page.close()
        browser.close()
    return found
