"""Addresses of files: what lies in the folder, and nothing else whatever is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from cchc.airflow.pages.folder import within


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two pages, a link within it and links that lead out."""
    root = tmp_path / "internal"
    (root / "don-vi").mkdir(parents=True)
    (root / "index.html").write_text("first")
    (root / "don-vi/index.html").write_text("units")
    (tmp_path / "public.html").write_text("not of this build")
    (root / "again.html").symlink_to("index.html")
    (root / "out.html").symlink_to(tmp_path / "public.html")
    (root / "up").symlink_to(tmp_path)
    return root


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("", "first"),
        ("index.html", "first"),
        ("don-vi/", "units"),
        ("again.html", "first"),
        ("don-vi/../index.html", "first"),
    ],
)
def test_what_lies_there_is_found(folder: Path, path: str, text: str) -> None:
    found = within(folder, path)
    assert found is not None
    assert found.read_text() == text


@pytest.mark.parametrize(
    "path",
    [
        "../public.html",
        "/etc/hostname",
        "don-vi",
        "no.html",
        "out.html",
        "up/public.html",
        "up/",
        "a\0b",
        "a" * 300,
        "a/" * 4000,
    ],
)
def test_nothing_else_is(folder: Path, path: str) -> None:
    assert within(folder, path) is None
