"""What an officer clicks in Airflow: the entries of its menu and the buttons of its tasks lead to our pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import ConsoleMessage, Page, Response, expect, sync_playwright

from demo.place import USER
from e2e.conftest import DAY
from e2e.stack import Stack

CHROMIUM = Path("/usr/bin/chromium")
OURS = re.compile(r"/cchc(-grid)?/")
PATIENCE = 60_000  # milliseconds until something must be there, on a machine that does other work too
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium (apt-get install chromium)"),
]


class Officer:
    """Somebody at a browser that nobody is logged in with."""

    def __init__(self, page: Page, stack: Stack) -> None:
        self.page = page
        self.stack = stack
        self.complaints: list[str] = []  # of our pages, not of Airflow's own
        page.on("console", self._console)
        page.on("response", self._response)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if OURS.search(message.location["url"]) or OURS.search(self.page.url):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _response(self, answer: Response) -> None:
        if answer.status >= 400 and OURS.search(answer.url):
            self.complaints.append(f"{answer.url}: {answer.status}")

    def open(self, path: str) -> None:
        """Type an address below Airflow's."""
        self.page.goto(self.stack.airflow.url + path)

    def log_in(self) -> None:
        """Fill in the form that is on the screen."""
        self.page.get_by_label("Username").fill(USER)
        self.page.get_by_label("Password").fill(self.stack.place.password())
        self.page.get_by_role("button", name="Sign in").click()

    def click(self, name: str) -> None:
        """Click a link, of the menu or of a page."""
        self.page.get_by_role("link", name=name, exact=True).click()

    def log_out(self) -> None:
        """Log out as Airflow's menu has it."""
        self.page.get_by_role("button", name="User").click()
        self.page.get_by_role("menuitem", name="Logout").click()
        self.page.get_by_role("button", name="Confirm").click()
        expect(self.page).to_have_url(re.compile("/auth/login"))

    def sees(self, heading: str, path: str) -> None:
        """Check that this is the page below Airflow's address, in the whole window, with its heading."""
        expect(self.page).to_have_url(self.stack.airflow.url + path)
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def click_of_task(self, name: str) -> None:
        """Click a button in a task's details; an entry of the menu may have the same name, but no whole address."""
        self.click("Details")
        self.page.locator(f"a[href^='{self.stack.airflow.url}']", has_text=name).click()


def _task(stack: Stack, dag: str, kind: str) -> str:
    """Return the path, in Airflow's UI, of a task of the DAG's first run: of SNV where it pulls."""
    run = quote(stack.airflow.runs(dag)[-1][0], safe="")
    found = stack.airflow._call("GET", f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances?limit=200")
    own = [
        task for task in found["task_instances"] if task["task_id"].endswith(kind) and task["map_index"] >= 0
    ]
    first = next((task for task in own if task["rendered_map_index"].startswith("snv-motcua")), own[0])
    return f"/dags/{dag}/runs/{run}/tasks/{first['task_id']}/mapped/{first['map_index']}"


@pytest.fixture
def officer(stack: Stack) -> Iterator[Officer]:
    """Return an officer with a real browser, and complain of what its console complained of."""
    if not stack.ask(f"select 1 from publish.release where reporting_day >= '{DAY}'"):
        stack.night("before_portal")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(locale="vi-VN")
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        coming = Officer(page, stack)
        yield coming
        browser.close()
    assert coming.complaints == []


def test_the_portal_and_the_grid_are_a_click_away_and_only_behind_the_login(officer: Officer) -> None:
    page, stack = officer.page, officer.stack
    unit = "/cchc/don-vi/SNV.html"
    officer.open(unit)
    expect(page).to_have_url(re.compile("/auth/login"))
    assert "Sở Nội vụ" not in page.content()
    officer.log_in()
    officer.sees("Sở Nội vụ", unit)

    officer.open("/")
    officer.click("Nhận số liệu")
    officer.sees("Nhận số liệu theo đơn vị và ngày báo cáo", "/cchc-grid/")

    officer.open(_task(stack, "publish_indicators", ".publish"))
    officer.click_of_task("Trang số liệu")
    (release,) = stack.ask("select release_id from publish.release order by published_at limit 1")
    officer.sees("Tổng quan", f"/cchc/ban-phat-hanh/{release}/")

    officer.open(_task(stack, "sync_units", ".pull"))
    officer.click_of_task("Trang số liệu")
    officer.sees("Sở Nội vụ", unit)
    page.go_back()
    officer.click_of_task("Nhận số liệu")
    officer.sees("Nhận số liệu theo đơn vị và ngày báo cáo", f"/cchc-grid/?to={DAY}#SNV")
    page.locator("tr#SNV td a").last.click()
    expect(page).to_have_url(re.compile("/dags/sync_units/runs/"))

    officer.click("CCHC")
    officer.sees("Tổng quan", "/cchc/")
    officer.open("/")
    officer.log_out()
    page.go_back()  # to the portal, which the browser has not kept
    expect(page).to_have_url(re.compile("/auth/login"))
