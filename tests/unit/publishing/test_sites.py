"""What is said of a site's place and of its files, without asking it anything."""

from __future__ import annotations

import pytest

from cchc.publishing.sites.copies import cache_control
from cchc.publishing.sites.place import Site, content_type


def test_a_place_is_shown_without_its_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://key:hunter2@minio.tinh.test:9000/")
    assert Site("public", "s3://cong/trang").shown == "s3://cong/trang at minio.tinh.test"
    assert Site("public", "sftp://cchc:hunter2@web:22/a?key=hunter2").shown == "sftp://web:22/a"
    assert Site("internal", "/srv/noi-bo").shown == "/srv/noi-bo"
    assert "hunter2" not in repr(Site("public", "sftp://cchc:hunter2@web/a"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("don-vi/SNV.html", "text/html; charset=utf-8"),
        ("assets/portal.css", "text/css; charset=utf-8"),
        ("bieu-do/1.SVG", "image/svg+xml"),
        ("du-lieu/dcat.jsonld", "application/ld+json"),
        ("du-lieu/so-lieu.parquet", "application/vnd.apache.parquet"),
        ("LICENSE", "application/octet-stream"),
    ],
)
def test_a_file_has_the_type_of_its_ending(name: str, kind: str) -> None:
    assert content_type(name) == kind


@pytest.mark.parametrize(
    ("name", "is_kept"),
    [
        ("du-lieu/2026-11-14-0123456789ab/so-lieu.csv", True),
        ("du-lieu/2026-11-14-0123456789ab.csv", False),
        ("du-lieu/index.html", False),
        ("don-vi/du-lieu/2026-11-14-0123456789ab/x", False),
    ],
)
def test_only_what_lies_in_an_edition_is_kept_for_ever(name: str, is_kept: bool) -> None:
    assert ("immutable" in cache_control(name)) == is_kept
