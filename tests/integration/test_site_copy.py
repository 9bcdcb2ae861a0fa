"""Sites on a real folder and a real S3 server: only what changed, whole or as before, whoever kills or edits."""

from __future__ import annotations

import json
import random
import signal
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc import settings
from cchc.alerting import digest, urgent
from cchc.cli import app
from cchc.errors import CchcError
from cchc.ops import surroundings
from cchc.publishing.sites import copies
from cchc.publishing.sites.place import Site
from cchc.warehouse import engine as engines
from integration.copiers import point, release
from integration.mailing import DAY, catalogue, night, outbox_rows, rows
from integration.nursery import Nursery
from integration.s3_server import BUCKET, Server, answering
from integration.site_places import OF_A, OF_B, A, B, build, in_bucket, in_folder, shows, written


@pytest.fixture
def releases(warehouse: Engine, tmp_path: Path) -> Path:
    """Return a folder with two releases, the newer one out."""
    root = tmp_path / "releases"
    release(warehouse, root, A, OF_A)
    release(warehouse, root, B, OF_B)
    return root


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    made = Nursery("integration.copiers")
    yield made
    made.close()


def test_a_site_gets_what_changed_and_keeps_every_edition(warehouse: Engine, tmp_path: Path) -> None:
    root, to = tmp_path / "releases", tmp_path / "site"
    sites = [Site("public", str(to)), Site("internal", str(tmp_path / "noi-bo"))]
    release(warehouse, root, A, OF_A)
    first = copies.copy(warehouse, root, sites)
    assert [(one.release_id, one.written, one.problem) for one in first] == [(A, 5, ""), (A, 1, "")]
    assert in_folder(tmp_path / "noi-bo")["index.html"] == OF_A["internal/index.html"]
    again = copies.copy(warehouse, root, sites)
    assert [(one.written, one.removed) for one in again] == [(0, 0), (0, 0)]

    (to / "robots.txt").write_text("of the office's own")
    same = written(to / "assets/portal.css")
    release(warehouse, root, B, OF_B)
    assert {one.problem for one in copies.copy(warehouse, root, sites)} == {""}
    left = shows(in_folder(to), OF_B, A, B)
    assert left == {f"du-lieu/{A}/so-lieu.csv": b"13", "robots.txt": b"of the office's own"}
    assert written(to / "assets/portal.css") == same, "an unchanged file is not written"
    assert copies.behind(root, sites) == []


def test_what_was_published_while_a_site_was_not_there_comes_later(
    warehouse: Engine, releases: Path, tmp_path: Path
) -> None:
    site = Site("public", str(tmp_path / "share" / "site"))
    (failed,) = copies.copy(warehouse, releases, [site])
    assert failed.problem.startswith(
        f"CCHC_PUBLIC_SITE: {tmp_path}/share/site cannot be used: it is not there"
    )
    assert "run `cchc release deliver`" in failed.problem
    assert not (tmp_path / "share").exists(), "a share that is not mounted is not made up for by a folder"
    (tmp_path / "share").mkdir()
    (done,) = copies.copy(warehouse, releases, [site])
    assert (done.problem, done.written) == ("", 7)
    assert shows(in_folder(tmp_path / "share" / "site"), OF_B, A, B) == {f"du-lieu/{A}/so-lieu.csv": b"13"}


def test_data_of_the_office_never_comes_to_lie_in_the_public_site(
    warehouse: Engine, releases: Path, tmp_path: Path
) -> None:
    """Editions are for ever, so a place that once held the internal build must not become the citizens'."""
    place = str(tmp_path / "site")
    (done,) = copies.copy(warehouse, releases, [Site("internal", place)])
    assert done.problem == ""
    before = in_folder(tmp_path / "site")
    for everything in (False, True):
        (refused,) = copies.copy(warehouse, releases, [Site("public", place)], everything=everything)
        assert "holds the internal build" in refused.problem
        assert in_folder(tmp_path / "site") == before
    (tmp_path / "site/manifest.json").rename(tmp_path / "site/manifest.under-way.json")  # it was cut off
    (refused,) = copies.copy(warehouse, releases, [Site("public", place)])
    assert "holds the internal build" in refused.problem


def test_an_object_store_says_what_the_files_are(warehouse: Engine, releases: Path, s3: Server) -> None:
    (done,) = copies.copy(warehouse, releases, [Site("public", f"s3://{BUCKET}/cong")])
    assert done.problem == ""
    assert done.place == f"s3://{BUCKET}/cong at localhost"
    assert shows(in_bucket(s3), OF_B, A, B) == {f"du-lieu/{A}/so-lieu.csv": b"13"}
    keys: Any = s3._store.get_bucket(BUCKET).keys
    said = {
        name.removeprefix("cong/"): (key.metadata["Content-Type"], key.metadata["Cache-Control"])
        for name, key in keys.items()
    }
    forever = "max-age=31536000, immutable"
    assert said["index.html"] == ("text/html; charset=utf-8", "max-age=300")
    assert said["assets/portal.css"] == ("text/css; charset=utf-8", "max-age=300")
    assert said[f"du-lieu/{B}/so-lieu.csv"] == ("text/csv; charset=utf-8", forever)
    assert said[f"du-lieu/{B}/so-lieu.parquet"] == ("application/vnd.apache.parquet", forever)
    assert said["manifest.json"] == ("application/json", "no-cache")
    puts = [asked for asked in s3.asked if asked.startswith("PUT")]
    s3.asked.clear()
    copies.copy(warehouse, releases, [Site("public", f"s3://{BUCKET}/cong")])
    assert len(puts) == 11
    assert not [asked for asked in s3.asked if asked.startswith("PUT")], "unchanged: nothing is written"


@pytest.mark.parametrize("kind", ["folder", "store"])
def test_killed_anywhere_and_run_again_is_the_same(
    warehouse: Engine, releases: Path, tmp_path: Path, s3: Server, nursery: Nursery, kind: str
) -> None:
    to = tmp_path / "site"
    order = {
        "dsn": warehouse.url.render_as_string(hide_password=False),
        "releases": str(releases),
        "site": str(to) if kind == "folder" else f"s3://{BUCKET}/cong",
    }

    def there() -> dict[str, bytes]:
        return in_folder(to) if kind == "folder" else in_bucket(s3)

    only_a = range(30 if kind == "folder" else 3)
    more = {f"public/ky/{number}.html": b"<p>" for number in only_a}
    for release_id, files in ((A, OF_A | more), (B, OF_B)):
        release(warehouse, releases, release_id, files)
        assert nursery.order(order) == 0
    usual, moment, kills = nursery.seconds, random.Random(766), 0
    wanted = 15 if kind == "folder" else 4
    for turn in range(wanted * 3):
        if kills == wanted:
            break
        point(releases, (A, B)[turn % 2])
        kills += nursery.order(order, after=moment.uniform(0, usual)) == -signal.SIGKILL
        now = there()
        assert set(json.loads(now["manifest.json"])["files"]) <= set(now), "it names a file that is not there"
        assert now["index.html"] in (OF_A["public/index.html"], OF_B["public/index.html"]), "a torn page"
        release_id, files = moment.choice(((A, OF_A | more), (B, OF_B)))
        point(releases, release_id)
        assert nursery.order(order) == 0
        left = shows(there(), files, A, B)
        assert set(left) == {name for name in build({**OF_A, **OF_B}) if "du-lieu" in name} - set(
            build(files)
        )
    assert kills == wanted, "the kills must hit live copies"


def test_an_edited_site_is_mended_by_the_command(
    warehouse: Engine, releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "site"
    monkeypatch.setenv("CCHC_RELEASES", str(releases))
    monkeypatch.setenv("CCHC_PUBLIC_SITE", str(to))
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", warehouse.url.render_as_string(hide_password=False))
    for cached in (settings.settings, engines.engine):
        cached.cache_clear()
    try:
        said = CliRunner().invoke(app, ["release", "deliver", "--format", "json"])
        assert said.exit_code == 0, said.output
        assert json.loads(said.stdout)[0]["written"] == 7
        (to / "index.html").write_bytes(b"<p>edited")
        (to / f"du-lieu/{A}/so-lieu.csv").unlink()
        assert CliRunner().invoke(app, ["release", "deliver"]).exit_code == 0
        assert shows(in_folder(to), OF_B, A, B) == {f"du-lieu/{A}/so-lieu.csv": b"13"}

        (to / "manifest.json").write_text('{"files": {"../../x": "1", "/etc/x": "1"}, "editions": 3}')
        assert CliRunner().invoke(app, ["release", "deliver"]).exit_code == 0
        assert shows(in_folder(to), OF_B, A, B) == {f"du-lieu/{A}/so-lieu.csv": b"13"}

        (releases / B / "public/don-vi/SNV.html").write_bytes(b"<p>another number")
        refused = CliRunner().invoke(app, ["release", "deliver", "--all", "--format", "json"])
        assert refused.exit_code == 1
        assert "SNV.html is not what was published" in json.loads(refused.stdout)[0]["problem"]
        assert (to / "don-vi/SNV.html").read_bytes() == OF_B["public/don-vi/SNV.html"]
    finally:
        engines.engine().dispose()
        for cached in (settings.settings, engines.engine):
            cached.cache_clear()


def test_two_at_once_write_one_after_the_other(warehouse: Engine, releases: Path, s3: Server) -> None:
    site = Site("public", f"s3://{BUCKET}/cong")
    done: list[copies.Copied] = []

    def copy() -> None:
        done.extend(copies.copy(warehouse, releases, [site]))

    threads = [threading.Thread(target=copy) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(one.written for one in done) == [0, 7]
    assert [one.problem for one in done] == ["", ""]
    # the server lets go of a lock when it has noticed that its session is closed
    until = time.monotonic() + 10
    while (held := _locks(warehouse)) and time.monotonic() < until:
        time.sleep(0.05)
    assert held == 0, "the lock goes with the copy"


def _locks(engine: Engine) -> int:
    """Return how many advisory locks sessions of this database hold."""
    held = text(
        "select count(*) from pg_locks where locktype = 'advisory'"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    with engine.connect() as connection:
        return int(connection.execute(held).scalar_one())


def test_a_site_that_cannot_be_used_is_told_without_a_secret(
    warehouse: Engine, releases: Path, tmp_path: Path, s3: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, good = Site("public", f"s3://{BUCKET}/cong"), Site("internal", str(tmp_path / "noi-bo"))

    def problem(of: Site = site) -> str:
        failed, other = copies.copy(warehouse, releases, [of, good])
        assert other.problem == "", "one site's trouble keeps no other back"
        assert s3.url.rpartition(":")[2] not in failed.problem or "localhost" in failed.problem
        return failed.problem

    s3.fault = answering("503 Slow Down", "SlowDown", of="cong/")
    assert "hunter2" not in problem()
    s3.fault = None
    assert "it is not there" in problem(Site("public", "s3://no-such-bucket/cong"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.reader.key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.reader.secret)
    refused = problem()
    assert "it refuses the credentials of the environment (PermissionError)" in refused
    assert s3.reader.key not in refused
    assert "cannot be used" in problem(Site("public", "gopher://key:hunter2@x/y"))
    assert "hunter2" not in problem(Site("public", "gopher://key:hunter2@x/y?token=hunter2"))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        down = problem()
    assert down.startswith(f"CCHC_PUBLIC_SITE: s3://{BUCKET}/cong at 127.0.0.1 cannot be used: no answer")
    assert "the next night tries again" in down


def test_engineers_and_the_doctor_are_told_of_a_site_that_is_behind(
    warehouse: Engine, releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_RELEASES", str(releases))
    monkeypatch.setenv("CCHC_PUBLIC_SITE", str(tmp_path / "site"))
    monkeypatch.setenv("CCHC_INTERNAL_SITE", str(tmp_path / "noi-bo"))
    own = settings.read()
    point(releases, A)
    copies.copy(warehouse, releases, [Site("public", own.public_site)])
    point(releases, B)
    public, internal = surroundings.of_sites(own)
    assert (public.level, internal.level) == ("fail", "fail")
    assert public.message == (
        f"CCHC_PUBLIC_SITE: {tmp_path}/site shows {A}, published is {B}; run `cchc release deliver`"
    )
    assert f"shows no release, published is {B}" in internal.message

    behind = [state.problem for state in copies.behind(releases, [Site("public", own.public_site)])]
    run_id = night(warehouse, 0)
    for _ in range(2):
        urgent.put(warehouse, catalogue(), run_id, troubles={}, publish_tried=False, behind=behind)
    (told,) = outbox_rows(warehouse)
    assert (told.recipient, told.subject) == (
        "kysu@tinh.test",
        "[CCHC] KHẨN: Trang công bố chưa được cập nhật – 14/11/2026",
    )
    assert f"shows {A}" in told.body_text


def test_nothing_published_is_nothing_to_copy(warehouse: Engine, tmp_path: Path) -> None:
    site = Site("public", str(tmp_path / "site"))
    assert copies.copy(warehouse, tmp_path, []) == []
    assert copies.behind(tmp_path, [site]) == []
    with pytest.raises(CchcError, match="nothing is published"):
        copies.copy(warehouse, tmp_path, [site])
    assert list(tmp_path.iterdir()) == []


def test_a_site_that_stays_behind_is_one_alert_until_it_shows_the_release(warehouse: Engine) -> None:
    for number, behind in enumerate((["CCHC_PUBLIC_SITE: …"], ["CCHC_PUBLIC_SITE: …"], [])):
        run_id = night(warehouse, number)
        for _ in range(2):  # a night that is begun again tells it once
            urgent.put(warehouse, catalogue(), run_id, troubles={}, publish_tried=False, behind=behind)
            digest.compose(warehouse, catalogue(), run_id)
    told = [(row.recipient, row.subject) for row in outbox_rows(warehouse)]
    assert told == [
        ("kysu@tinh.test", "[CCHC] KHẨN: Trang công bố chưa được cập nhật – 14/11/2026"),
        ("kysu@tinh.test", "[CCHC] KHẨN: Trang công bố chưa được cập nhật – 15/11/2026"),
        ("kysu@tinh.test", "[CCHC] 16/11/2026: đã khắc phục"),
    ]
    first, second, last = (row.body_text for row in outbox_rows(warehouse))
    assert "đêm thứ" not in first
    assert second.startswith("tỉnh Cao Bằng, ngày báo cáo 15/11/2026 (đêm thứ 2).")
    assert "- tỉnh Cao Bằng – trang công bố chưa được cập nhật" in last
    (alert,) = rows(warehouse)
    assert (alert.kind, alert.since, alert.last_day, alert.closed_day) == (
        "not-delivered",
        DAY,
        DAY + timedelta(days=1),
        DAY + timedelta(days=2),
    )
