"""Where an installation keeps its things does not depend on where its command is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cchc import settings
from cchc.errors import ConfigurationError

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


@pytest.mark.parametrize(
    ("public", "internal", "said"),
    [
        ("/srv/www", "/srv/www", "lies in the place of"),
        ("/srv/www", "file:///srv/www/noi-bo/", "CCHC_INTERNAL_SITE lies in the place of CCHC_PUBLIC_SITE"),
        (
            "s3://tinh/noi-bo/cong",
            "s3://tinh/noi-bo",
            "CCHC_PUBLIC_SITE lies in the place of CCHC_INTERNAL_SITE",
        ),
        ("/srv", "", "CCHC_RELEASES lies in the place of CCHC_PUBLIC_SITE"),
        ("", "/srv/releases/site", "CCHC_INTERNAL_SITE lies in the place of CCHC_RELEASES"),
        ("/var/cchc", "", "CCHC_HOME lies in the place of CCHC_PUBLIC_SITE"),
        ("", "s3://tinh/kho", "CCHC_LANDING lies in the place of CCHC_INTERNAL_SITE"),
    ],
)
def test_no_site_is_read_through_another(
    monkeypatch: pytest.MonkeyPatch, public: str, internal: str, said: str
) -> None:
    monkeypatch.setenv("CCHC_HOME", "/var/cchc/home")
    monkeypatch.setenv("CCHC_LANDING", "s3://tinh/kho/tho")
    monkeypatch.setenv("CCHC_RELEASES", "/srv/releases")
    monkeypatch.setenv("CCHC_PUBLIC_SITE", public)
    monkeypatch.setenv("CCHC_INTERNAL_SITE", internal)
    with pytest.raises(ConfigurationError, match=said):
        settings.read()


def test_sites_are_places_of_their_own_and_their_logins_are_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CCHC_PUBLIC_SITE", " site/ ")
    monkeypatch.setenv("CCHC_INTERNAL_SITE", "sftp://cchc:hunter2@web/site-noi-bo/")
    found = settings.read()
    assert (found.public_site, found.internal_site) == (
        str(tmp_path / "site"),
        "sftp://cchc:hunter2@web/site-noi-bo",
    )
    assert "hunter2" not in repr(found)
