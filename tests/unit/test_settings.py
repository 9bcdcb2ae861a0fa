"""Where an installation keeps its things does not depend on where its command is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cchc import settings

ROOT = Path(__file__).resolve().parents[2]


def test_the_home_is_that_of_the_checkout_from_every_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("CCHC_HOME", "CCHC_LANDING", "CCHC_RELEASES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    found = settings.read()
    assert found.home == ROOT / ".cchc"
    assert found.embedded_data == ROOT / ".cchc" / "postgres"
    assert found.landing == str(ROOT / ".cchc" / "landing")
    assert found.releases == ROOT / ".cchc" / "releases"


def test_a_relative_path_that_is_given_starts_at_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CCHC_HOME", "mine")
    monkeypatch.setenv("CCHC_RELEASES", "published")
    found = settings.read()
    assert (found.home, found.releases) == (tmp_path / "mine", tmp_path / "published")
