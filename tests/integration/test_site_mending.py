"""A copy makes a site what was published, whoever edited it; what goes wrong meanwhile leaves the site as it was."""

from __future__ import annotations

import json
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest
from sqlalchemy import Engine

from cchc.publishing.sites import copies
from cchc.publishing.sites.place import NotCopied, Site
from integration.copiers import point, release
from integration.s3_server import BUCKET, Fault, Server, answering
from integration.site_places import OF_A, OF_B, A, B, build, in_bucket, in_folder, shows, written

OLD = {f"du-lieu/{A}/so-lieu.csv": b"13"}


@pytest.fixture
def releases(warehouse: Engine, tmp_path: Path) -> Path:
    """Return a folder with two releases, the newer one out."""
    release(warehouse, tmp_path / "releases", A, OF_A)
    release(warehouse, tmp_path / "releases", B, OF_B)
    return tmp_path / "releases"


@pytest.fixture
def site(warehouse: Engine, releases: Path, tmp_path: Path) -> Path:
    """Return a folder that shows the newer release."""
    assert _copy(warehouse, releases, tmp_path / "site").problem == ""
    return tmp_path / "site"


def _copy(warehouse: Engine, releases: Path, to: Path | str) -> copies.Copied:
    (done,) = copies.copy(warehouse, releases, [Site("public", str(to))])
    return done


def test_an_edited_folder_is_made_what_was_published(
    warehouse: Engine, releases: Path, site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    page, own = site / "don-vi/SNV.html", site / "ghi-chu.txt"
    whole, times = in_folder(site), page.stat()
    page.write_bytes(page.read_bytes().replace(b"14/11", b"14/12"))
    os.utime(page, ns=(times.st_atime_ns, times.st_mtime_ns))  # neither its size nor its time tells
    (site / "index.html").unlink()
    (site / "assets/portal.css").write_bytes(b"")
    (site / f"du-lieu/{A}/so-lieu.csv").unlink()
    own.write_text("of the office's own")
    same = written(site / "thu-tuc/1.004.html")
    (behind,) = copies.behind(releases, [Site("public", str(site))])
    assert behind.problem == (
        f"CCHC_PUBLIC_SITE: {site} shows {B}, but 3 of its files are not as published; run `cchc release deliver`"
    )
    done = _copy(warehouse, releases, site)
    assert (done.problem, done.written, done.removed) == ("", 4, 0)
    assert in_folder(site) == whole | {"ghi-chu.txt": b"of the office's own"}
    assert written(site / "thu-tuc/1.004.html") == same
    assert caplog.messages == [
        f"{site} is not as it was delivered: 3 of its files, assets/portal.css, don-vi/SNV.html, index.html; "
        "written anew"
    ]
    assert copies.behind(releases, [Site("public", str(site))]) == []
    assert _copy(warehouse, releases, site).written == 0


def test_an_edited_bucket_is_made_what_was_published(warehouse: Engine, releases: Path, s3: Server) -> None:
    to = f"s3://{BUCKET}/cong"
    assert _copy(warehouse, releases, to).problem == ""
    whole = in_bucket(s3)
    s3.put("cong/don-vi/SNV.html", whole["don-vi/SNV.html"].replace(b"14/11", b"14/12"))
    s3.delete("cong/index.html", f"cong/du-lieu/{A}/so-lieu.csv")
    done = _copy(warehouse, releases, to)
    assert (done.problem, done.written) == ("", 3)
    assert in_bucket(s3) == whole

    s3.asked.clear()
    assert _copy(warehouse, releases, to).written == 0
    asked = {one for one in s3.asked if not one.endswith(".json")}
    assert asked == {f"GET /{BUCKET}"}, "a list tells that nothing was changed"
    _in_parts(
        s3, "cong/index.html", whole["index.html"]
    )  # its tag is no MD5, as where a store has a key of its own
    s3.asked.clear()
    assert _copy(warehouse, releases, to).written == 0
    assert f"GET /{BUCKET}/cong/index.html" in s3.asked, "what the list does not tell is read"
    _in_parts(s3, "cong/index.html", whole["index.html"].replace(b"14/11", b"14/12"))
    assert _copy(warehouse, releases, to).written == 1
    assert in_bucket(s3) == whole


def _in_parts(s3: Server, key: str, body: bytes) -> None:
    client: Any = boto3.client("s3", endpoint_url=s3.url)
    upload = client.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    part = client.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=body)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload=parts)


def test_nothing_is_written_or_removed_through_a_link(
    warehouse: Engine, releases: Path, site: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "ngoai"
    for name in ("SNV.html", "SYT.html", "index.html", "css", "deep/1.004.html"):
        (outside / name).parent.mkdir(parents=True, exist_ok=True)
        (outside / name).write_text("of others")
    before = in_folder(outside)

    def link(name: str, to: str) -> None:
        (site / name).unlink(missing_ok=True)
        (site / name).symlink_to(outside / to)

    link("index.html", "index.html")
    link("assets/portal.css", "css")
    link("don-vi/SYT.html", "deep")  # the release of A has such a page
    link("thu-tuc/1.004.html", "nowhere")  # that of A has none
    link(".cchc-part", "css")
    link("assets/.cchc-part-0", "css")
    assert _copy(warehouse, releases, site).problem == ""
    point(releases, A)
    assert _copy(warehouse, releases, site).problem == ""
    assert set(shows(in_folder(site), OF_A, A, B)) == {n for n in build(OF_B) if B in n}
    assert not [path for path in site.rglob("*") if path.is_symlink()]
    link("don-vi/SNV.html", "SNV.html")
    (site / "thu-tuc").symlink_to(outside / "deep")
    assert _copy(warehouse, releases, site).written == 1
    assert in_folder(outside) == before

    point(releases, B)
    shown = in_folder(site)
    told = _copy(warehouse, releases, site).problem
    assert told.startswith(
        f"CCHC_PUBLIC_SITE: {site} cannot be used: thu-tuc in it is a link or something else that is not ours, and "
        "nothing is written through a link: move it away. What was published stands"
    )
    assert in_folder(outside) == before
    assert {name: now for name, now in in_folder(site).items() if "under-way" not in name} == shown
    (site / "thu-tuc").unlink()
    (site / "index.html").unlink()
    (site / "index.html").mkdir()
    assert "index.html in it is a link or something else" in _copy(warehouse, releases, site).problem
    (site / "index.html").rmdir()
    point(releases, A)  # its pages are there, behind a link by now
    assert _copy(warehouse, releases, site).problem == ""
    (site / "don-vi").rename(outside / "don-vi")
    (site / "don-vi").symlink_to(outside / "don-vi")
    before = in_folder(outside)
    point(releases, B)
    assert "don-vi in it is a link" in _copy(warehouse, releases, site).problem
    assert in_folder(outside) == before


@contextmanager
def _no_file_above(size: int) -> Iterator[None]:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_disk_that_takes_no_more_leaves_the_site_as_it_was(
    warehouse: Engine, releases: Path, site: Path
) -> None:
    before = in_folder(site)
    more = OF_A | {"public/don-vi/STC.html": b"x" * 300_000}
    release(warehouse, releases, A, more)
    with _no_file_above(200_000):
        told = _copy(warehouse, releases, site).problem
    assert f"{site} cannot be used: File too large (OSError). What was published stands" in told
    after = in_folder(site)
    assert json.loads(after.pop("manifest.under-way.json"))["build"] == "public"
    assert after == before, "not one page is of the release that did not come"
    assert _copy(warehouse, releases, site).problem == ""
    assert set(shows(in_folder(site), more, A, B)) == {n for n in build(OF_B) if B in n}


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Who may write everything is nobody meanwhile."""
    usual = os.geteuid()
    if usual == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(usual)


def test_a_folder_that_may_only_be_read_is_told(warehouse: Engine, releases: Path) -> None:
    with TemporaryDirectory() as reached:  # by anybody, as those of pytest are not
        Path(reached).chmod(0o755)
        site = Path(reached, "site")
        assert _copy(warehouse, releases, site).problem == ""
        site.chmod(0o555)
        there, before = Site("public", str(site)), in_folder(site)
        with _as_nobody():
            assert (site / "index.html").read_bytes() == OF_B["public/index.html"]
            with pytest.raises(NotCopied) as told, there.opened() as place:
                place.write([("x.html", b"x")], {"x.html": ""})
        assert "cannot be used: Permission denied (PermissionError). What was published" in str(told.value)
        assert in_folder(site) == before
        site.chmod(0o755)
        assert _copy(warehouse, releases, site).problem == ""


def _after(puts: int, fault: Fault) -> Fault:
    """Stand in the door once so many objects were written."""
    seen = count(1)

    def act(environ: dict[str, Any], start: Any, own: Any) -> Any:
        is_page = environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].endswith(".html")
        return fault(environ, start, own) if is_page and next(seen) > puts else None

    return act


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        ("500 Internal Server Error", "InternalError", "it answers with a failure of its own"),
        ("403 Forbidden", "AccessDenied", "it refuses the credentials of the environment"),
        ("507 Insufficient Storage", "QuotaExceeded", "it answers with a failure of its own"),
    ],
)
def test_a_store_that_fails_on_the_way_is_told_and_mended(
    warehouse: Engine, releases: Path, s3: Server, status: str, code: str, words: str
) -> None:
    to = f"s3://{BUCKET}/cong"
    point(releases, A)
    assert _copy(warehouse, releases, to).problem == ""
    point(releases, B)
    s3.fault = _after(1, answering(status, code))
    told = _copy(warehouse, releases, to).problem
    assert told.startswith(f"CCHC_PUBLIC_SITE: {to} at localhost cannot be used: {words}")
    assert "hunter2" not in told
    there = in_bucket(s3)
    listed = json.loads(there["manifest.json"])
    assert listed["release_id"] == A
    assert set(listed["files"]) <= set(there), "no page leads to what is not there"
    for name in build(OF_A):
        assert there[name] in (build(OF_A)[name], build(OF_B).get(name)), "each file is whole"
    assert there["index.html"] == OF_A["public/index.html"], "the first page is last"
    s3.fault = None
    assert _copy(warehouse, releases, to).problem == ""
    assert shows(in_bucket(s3), OF_B, A, B) == OLD


def test_what_was_cut_off_before_it_was_published_goes_to_nobody(
    warehouse: Engine, releases: Path, tmp_path: Path
) -> None:
    left = "2026-11-15-" + "c" * 12
    shutil.copytree(
        releases / A, releases / left
    )  # its pages are there, and no row says that it was published
    data = releases / left / "public" / "du-lieu"
    for edition in list(data.iterdir()):
        edition.rename(data / left)
    manifest = releases / left / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(A, left), encoding="utf-8")
    done = _copy(warehouse, releases, tmp_path / "site")
    assert done.problem == ""
    assert {path.name for path in (tmp_path / "site" / "du-lieu").iterdir()} == {A, B}
