"""The internal portal in Airflow: only with the login, nothing but the release, and the tasks lead there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dags.conftest import DAY, DOWN, SOURCES, Night
from dags.processes import run_json
from integration.copiers import lay

VIEWER = ["xem", "viewer"]
OLD, NEW = "2026-11-13-aaaaaaaaaaaa", "2026-11-14-bbbbbbbbbbbb"
PAGE = "<p>Sở Nội vụ"


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two releases; one has a link that leads out of it."""
    root = tmp_path_factory.mktemp("releases")
    (root / "secret.txt").write_text("hunter2")
    lay(root, OLD, {"internal/index.html": b"<p>13/11", "public/index.html": b"<p>"})
    files = {
        "internal/index.html": PAGE.encode(),
        "internal/don-vi/index.html": b"<p>don vi",
        "internal/don-vi/SNV.html": b"<p>SNV",
        "internal/assets/portal.css": b"p{}",
        "internal/bieu-mau/ii06a.xlsx": b"PK",
        "public/index.html": b"<p>public",
    }
    (lay(root, NEW, files) / "internal" / "out.txt").symlink_to(root / "secret.txt")
    return root


ENTERING: dict[str, list[Any]] = {
    "anonymous": ["/cchc/", "", None],
    "deep": ["/cchc/don-vi/SNV.html?x=1", "", None],
    "stranger": ["/cchc/", "khach", None],
    "opener": ["/cchc/mo.js", "", None],
    "home": ["/cchc/", *VIEWER],
    "part": ["/cchc/don-vi/", *VIEWER],
    "style": ["/cchc/assets/portal.css", *VIEWER],
    "known": ["/cchc/assets/portal.css", *VIEWER, "GET", {"If-None-Match": "etag"}],
    "sheet": ["/cchc/bieu-mau/ii06a.xlsx", *VIEWER, "HEAD"],
    "of OLD": [f"/cchc/ban-phat-hanh/{OLD}/", *VIEWER],
    "posted": ["/cchc/", *VIEWER, "POST"],
}
OUTSIDE = (
    "public/index.html",
    "..%2Fpublic%2Findex.html",
    "%2e%2e/manifest.json",
    "out.txt",
    "assets",
    "a%00b",
    "ban-phat-hanh/..%2F..%2F/etc/passwd",
    f"ban-phat-hanh/{NEW}/..%2F..%2Fsecret.txt",
    "ban-phat-hanh/current/index.html",
    "ban-phat-hanh/2026-01-01-cccccccccccc/index.html",
    "x" * 300 + ".html",
)
_TASK = "/api/v2/dags/{}/dagRuns/$run/taskInstances/{}/links?map_index=0"
TASKS = {
    "publish": _TASK.format("publish_indicators", "one_run.publish"),
    "review": _TASK.format("publish_indicators", "one_run.review"),
}


@pytest.fixture(scope="module")
def answers(night: Night, releases: Path) -> dict[str, dict[str, Any]]:
    """Return what Airflow's web application answers, asked once: it takes seconds to start."""
    asked = {
        **ENTERING,
        **{path: [f"/cchc/{path}", *VIEWER] for path in OUTSIDE},
        **{task: [path, *VIEWER] for task, path in TASKS.items()},
        "@1": [f"@{OLD}"],
        "after": ["/cchc/", *VIEWER],
        "@2": ["@2026-01-01-cccccccccccc"],
        "without": ["/cchc/", *VIEWER],
    }
    environment = {**night.environment, "CCHC_RELEASES": str(releases)}
    said = run_json("ask_grid.py", environment, json.dumps(list(asked.values())))
    return dict(zip((name for name in asked if not name.startswith("@")), said, strict=True))


def test_the_portal_is_behind_airflows_login(answers: dict[str, dict[str, Any]]) -> None:
    anonymous, deep, stranger = (answers[name] for name in ("anonymous", "deep", "stranger"))
    assert (anonymous["status"], deep["status"], stranger["status"]) == (307, 307, 403)
    assert anonymous["to"].startswith("/auth/login?next=")
    assert deep["to"].endswith("cchc%2Fdon-vi%2FSNV.html%3Fx%3D1")
    assert stranger["text"] == "Tài khoản này không có quyền xem số liệu (publish_indicators)."
    for refused in (anonymous, deep, stranger):
        assert "Sở Nội vụ" not in refused["text"]
    assert answers["posted"]["status"] == 405


def test_the_script_of_the_entry_runs_also_when_the_login_has_run_out(
    answers: dict[str, dict[str, Any]],
) -> None:
    opener = answers["opener"]
    assert (opener["status"], opener["headers"]["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "import.meta.url" in opener["text"]


def test_files_are_sent_as_a_browser_wants_them(answers: dict[str, dict[str, Any]]) -> None:
    home = answers["home"]
    assert (home["status"], home["text"]) == (200, PAGE)
    assert home["headers"]["content-type"] == "text/html; charset=utf-8"
    assert home["headers"]["cache-control"] == "no-store"  # "back" after a logout shows no page
    assert home["headers"]["x-content-type-options"] == "nosniff"
    for rule in ("default-src 'none'", "script-src 'self';", "frame-ancestors 'self'"):
        assert rule in home["policy"]
    assert (answers["known"]["status"], answers["known"]["text"]) == (304, "")
    assert answers["part"]["text"] == "<p>don vi"
    style = answers["style"]["headers"]
    assert (style["content-type"], style["cache-control"]) == ("text/css; charset=utf-8", "private, no-cache")
    sheet = answers["sheet"]
    assert (sheet["status"], sheet["text"]) == (200, "")
    assert sheet["headers"]["content-disposition"] == 'attachment; filename="ii06a.xlsx"'
    assert "spreadsheetml" in sheet["headers"]["content-type"]


def test_each_release_is_there_and_the_newest_is_seen_at_once(answers: dict[str, dict[str, Any]]) -> None:
    assert answers["of OLD"]["text"] == "<p>13/11"
    assert answers["after"]["text"] == "<p>13/11"
    assert answers["without"]["status"] == 503
    assert "Chưa có bản phát hành nào." in answers["without"]["text"]
    assert answers["without"]["headers"]["cache-control"] == "no-store"


def test_nothing_but_the_internal_build_is_served(answers: dict[str, dict[str, Any]]) -> None:
    assert {path: answers[path]["status"] for path in OUTSIDE} == dict.fromkeys(OUTSIDE, 404)
    assert "hunter2" not in json.dumps(answers)
    assert "Không còn bản phát hành 2026-01-01-cccccccccccc ở đây." in answers[OUTSIDE[-2]]["text"]
    assert re.search(r'href="[^"]*/cchc/"', answers[OUTSIDE[0]]["text"])


def test_a_task_leads_to_its_release(night: Night, answers: dict[str, dict[str, Any]]) -> None:
    released = night.ask("select release_id from publish.release order by published_at limit 1")[0][0]
    publish, review = (json.loads(answers[task]["text"])["extra_links"] for task in TASKS)
    assert publish["Trang số liệu"].endswith(f"/cchc/ban-phat-hanh/{released}/")
    assert publish["Nhận số liệu"] is None
    assert set(review.values()) == {None}


def test_a_pull_leads_to_its_unit_also_when_it_failed(night: Night) -> None:
    leads = {
        name.partition("[")[2].partition(" ")[0]: task["leads"]
        for name, task in night.runs[0]["tasks"].items()
        if ".pull[" in name
    }
    assert set(leads) == set(SOURCES)
    unit = {"snv-motcua": "SNV", "snv-sotay": "SNV", DOWN: "01288"}
    for source, (portal, grid) in leads.items():
        assert portal.endswith(f"/cchc/don-vi/{unit[source]}.html")
        assert grid.endswith(f"/cchc-grid/?to={DAY}#{unit[source]}")
