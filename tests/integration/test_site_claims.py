"""A place that is not ours is not written to: a wrong address costs an error, never somebody's files."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cchc import settings
from cchc.ops import surroundings
from cchc.publishing.sites import copies
from cchc.publishing.sites.place import Site
from integration.copiers import release
from integration.nursery import Nursery
from integration.s3_server import BUCKET, Server
from integration.site_places import OF_A, OF_B, A, B, in_bucket, in_folder, shows


@pytest.fixture
def releases(warehouse: Engine, tmp_path: Path) -> Path:
    """Return a folder with a release that is out."""
    release(warehouse, tmp_path / "releases", B, OF_B)
    return tmp_path / "releases"


def _problem(warehouse: Engine, releases: Path, url: str, build: str = "public") -> str:
    site = Site("internal" if build == "internal" else "public", url)
    (done,) = copies.copy(warehouse, releases, [site])
    return done.problem


def test_a_folder_with_files_of_others_is_left_alone(
    warehouse: Engine, releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    for name in (
        ".bashrc",
        "index.html",
        "manifest.json",
        "Documents/Nguyen Van A.odt",
        "Tran Thi B.pdf",
        "c",
        "du-lieu/x.csv",
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text('{"name": "an app of others", "icons": []}')
    before = in_folder(home)
    told = (
        f"CCHC_PUBLIC_SITE: {home} is not empty and is no site of cchc: it holds 7 files and folders, among them "
        ".bashrc, Documents, index.html, manifest.json. Nothing was written or removed. Correct the address, or empty "
        'the place; if the site shall lie among these files, put a file cchc-site.json with {"build": "public"} there; '
        "then run `cchc release deliver`"
    )
    for everything in (False, True):
        (refused,) = copies.copy(warehouse, releases, [Site("public", str(home))], everything=everything)
        assert (refused.problem, refused.written) == (told, 0)
    assert in_folder(home) == before
    monkeypatch.setenv("CCHC_RELEASES", str(releases))
    monkeypatch.setenv("CCHC_PUBLIC_SITE", str(home))
    (doctors,) = surroundings.of_sites(settings.read())
    assert (doctors.level, doctors.message) == ("fail", told)
    (told_at_night,) = copies.behind(releases, [Site("public", str(home))])
    assert told_at_night.problem == told

    (home / "cchc-site.json").write_text('{"build": "internal"}')
    assert "holds the internal build" in _problem(warehouse, releases, str(home))
    (home / "cchc-site.json").write_text('{"build": "public"}')
    assert _problem(warehouse, releases, str(home)) == "", "a person has said that this is the place"
    after = in_folder(home)
    assert after["index.html"] == OF_B["public/index.html"]
    ours = {"index.html", "manifest.json"}
    assert {name: after[name] for name in before if name not in ours} == {
        name: body for name, body in before.items() if name not in ours
    }


def test_an_empty_place_may_hold_what_is_nobodys(warehouse: Engine, releases: Path, tmp_path: Path) -> None:
    to = tmp_path / "site"
    (to / "lost+found").mkdir(parents=True)
    (to / ".well-known").mkdir()
    (to / "robots.txt").write_text("x")
    (to / ".cchc-part").write_text("what an earlier version left when it was killed at its first file")
    assert _problem(warehouse, releases, str(to)) == ""
    assert shows(in_folder(to), OF_B, B) == {"robots.txt": b"x"}


def test_a_prefix_with_objects_of_others_is_left_alone(warehouse: Engine, releases: Path, s3: Server) -> None:
    s3.put("anh/logo.png", b"x")
    for url in (f"s3://{BUCKET}", f"s3://{BUCKET}/anh"):
        assert "is no site of cchc: it holds 1 file or folder. Nothing" in _problem(warehouse, releases, url)
    assert {key for key in s3.asked if not key.startswith(("GET", "HEAD"))} == set()
    s3.put("cong/", b"")  # what a console makes of a new folder
    s3.put("cong-khac/x", b"x")
    assert _problem(warehouse, releases, f"s3://{BUCKET}/cong") == ""
    there = in_bucket(s3)
    assert there.pop("") == b""
    assert shows(there, OF_B, B) == {"anh/logo.png": b"x", "cong-khac/x": b"x"}
    assert _problem(warehouse, releases, f"s3://{BUCKET}/cong") == ""


def test_a_site_of_an_earlier_version_goes_on(warehouse: Engine, releases: Path, tmp_path: Path) -> None:
    to = tmp_path / "site"
    assert _problem(warehouse, releases, str(to)) == ""
    whole = in_folder(to)
    (to / "cchc-site.json").unlink()  # it had none
    release(warehouse, releases, A, OF_A)
    assert _problem(warehouse, releases, str(to)) == ""
    assert set(shows(in_folder(to), OF_A, A, B)) == {n for n in whole if B in n}
    (to / "cchc-site.json").unlink()
    manifest = to / "manifest.json"  # the first copy was cut off: only what it was at is told
    manifest.rename(to / "manifest.under-way.json")
    assert _problem(warehouse, releases, str(to)) == ""
    assert set(shows(in_folder(to), OF_A, A, B)) == {n for n in whole if B in n}
    manifest.write_text("}")  # the marker stands for what was damaged or lost
    assert _problem(warehouse, releases, str(to)) == ""
    assert set(shows(in_folder(to), OF_A, A, B)) == {n for n in whole if B in n}
    manifest.unlink()
    assert "holds the public build" in _problem(warehouse, releases, str(to), "internal")


def test_the_site_of_another_province_is_left_alone(
    warehouse: Engine, releases: Path, tmp_path: Path
) -> None:
    to = tmp_path / "site"
    assert _problem(warehouse, releases, str(to)) == ""
    before = in_folder(to)
    listed = json.loads((releases / B / "manifest.json").read_text())
    (releases / B / "manifest.json").write_text(json.dumps(listed | {"province": "H01"}))
    assert f"{to} holds the site of H14, this is H01: nothing was written" in _problem(
        warehouse, releases, str(to)
    )
    assert in_folder(to) == before


def test_a_first_copy_that_was_killed_is_continued(warehouse: Engine, releases: Path, tmp_path: Path) -> None:
    nursery, cut_off = Nursery("integration.copiers"), 0
    order = {"dsn": warehouse.url.render_as_string(hide_password=False), "releases": str(releases)}
    try:
        for step in range(1, 60, 3):
            to = tmp_path / str(step)
            order |= {"site": str(to)}
            if nursery.order(order | {"dies_at": step}) != -signal.SIGKILL:
                break  # it has fewer steps
            cut_off += not (to / "manifest.json").exists()
            assert not (to / "index.html").exists() or (to / "thu-tuc/1.004.html").exists(), (
                "the first page is last"
            )
            assert nursery.order(order) == 0
            assert shows(in_folder(to), OF_B, B) == {}
    finally:
        nursery.close()
    assert cut_off >= 8, "the kills must hit first copies"


def test_swapped_addresses_write_nothing(warehouse: Engine, releases: Path, tmp_path: Path) -> None:
    public, internal = str(tmp_path / "cong"), str(tmp_path / "noi-bo")
    copies.copy(warehouse, releases, [Site("public", public), Site("internal", internal)])
    before = in_folder(tmp_path / "cong"), in_folder(tmp_path / "noi-bo")
    release(warehouse, releases, A, OF_A)
    swapped = [Site("public", internal), Site("internal", public)]
    told = [done.problem for done in copies.copy(warehouse, releases, swapped, everything=True)]
    assert "holds the internal build" in told[0]
    assert "holds the public build" in told[1]
    assert (in_folder(tmp_path / "cong"), in_folder(tmp_path / "noi-bo")) == before


def test_a_place_within_another_is_refused_however_it_is_spelled(
    warehouse: Engine, releases: Path, tmp_path: Path, s3: Server
) -> None:
    www = tmp_path / "www"
    www.mkdir()
    (tmp_path / "also").symlink_to(www)
    pairs = [
        (str(www), str(www)),
        (str(www), f"{www}/noi-bo"),
        (f"{www}/cong", str(www)),
        (str(www), f"{tmp_path}/also/noi-bo"),
        (f"local://{www}", f"{tmp_path}/www/../also/noi-bo/"),
        (f"s3://{BUCKET}/cong", f"s3a://{BUCKET}/cong/noi-bo"),
        (f"s3://{BUCKET}", f"s3://{BUCKET}/noi-bo"),
        ("sftp://cchc:hunter2@web/srv", "ssh://web/srv/noi-bo"),
        (str(releases.parent), str(www)),
        (str(www), f"{os.path.relpath(releases)}/site"),
    ]
    for public, internal in pairs:
        sites = [Site("public", public), Site("internal", internal)]
        done = copies.copy(warehouse, releases, sites)
        for one in done:
            assert "whoever reads the one could read the other. Nothing was written" in one.problem
            assert "hunter2" not in one.problem
        assert len(copies.behind(releases, sites)) == 2
    assert list(www.iterdir()) == []
    assert s3.asked == []
    apart = [Site("public", f"{www}/cong"), Site("internal", f"{www}/cong-noi-bo")]
    assert [done.problem for done in copies.copy(warehouse, releases, apart)] == ["", ""]
