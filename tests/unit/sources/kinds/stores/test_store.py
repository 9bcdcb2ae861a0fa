from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import fsspec
import pytest

from cchc.catalogue.models import Host
from cchc.errors import SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.store import Store
from unit.sources.kinds.registers import put


def test_who_comes_back_from_a_share_too_late_has_failed(tmp_path: Path) -> None:
    path = str(put(tmp_path, "a.csv", "a\n1\n"))
    host = Host(code="h", connection="h", slots=1, total_seconds=0.2)
    store = Store("s", host, Connection(f"file://{tmp_path}"), "x").open()
    store.check()
    assert store.find("*.csv") == [path]

    def read() -> None:
        with store.opened(path, "a.csv") as file:
            assert file.read() == b"a\n1\n"
            time.sleep(0.25)  # the share answers again while a file is read

    for ask in (read, store.check, lambda: store.find("*.csv")):
        with pytest.raises(SourceUnavailable, match="total_seconds"):
            ask()


def store(url: str, folder: str = "x") -> Store:
    return Store(
        "s", Host(code="h", connection="h", total_seconds=10), Connection(url, "me", "hunter2"), folder
    ).open()


def test_what_a_library_says_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local = fsspec.filesystem("file")
    path = str(put(tmp_path, "a.csv", "a"))
    found = store(f"file://{tmp_path}")

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("550 login hunter2 refused")

    def read() -> None:
        found.check()
        found.find("*.csv")
        with found.opened(path, "a.csv"):
            pass

    read()
    for name in ("isdir", "ls", "info"):
        with monkeypatch.context() as patch:
            patch.setattr(local, name, refuse)
            with pytest.raises(SourceUnavailable, match="cannot be read: RuntimeError") as caught:
                read()
        assert "hunter2" not in str(caught.value)


def test_names_as_people_write_them(tmp_path: Path) -> None:
    of_a_mac = unicodedata.normalize("NFD", "Sổ một cửa 1.csv")
    for name in (
        "SO_2.CSV",
        of_a_mac,
        "other.csv",
        "~$so_3.csv",
        "._so_2.csv",
        "so_5.csv.part",
        "đợt/so_4.csv",
    ):
        path = tmp_path / unicodedata.normalize("NFD", "snv[1] sở") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a\n")
    found = store(f"file://{tmp_path}", "snv[1] sở")
    found.check()

    def names(pattern: str) -> list[str]:
        return [Path(path).name for path in found.find(pattern)]

    assert names("so_*.csv") == ["SO_2.CSV"]
    assert names("so mot cua *.csv") == names("Sổ một cửa *.csv") == [of_a_mac]
    assert names("dot/*.csv") == ["so_4.csv"]
    assert sorted(names("**/so_*.csv")) == ["SO_2.CSV", "so_4.csv"]
    assert sorted(found.names()) == sorted(["SO_2.CSV", of_a_mac, "other.csv"])


def test_a_link_is_what_it_leads_to(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "a\n")
    (tmp_path / "x" / "b.csv").symlink_to(path)
    (tmp_path / "y").symlink_to(tmp_path / "x")
    assert [Path(p).name for p in store(f"file://{tmp_path}").find("*.csv")] == ["a.csv", "b.csv"]
    assert [Path(p).name for p in store(f"file://{tmp_path}", ".").find("y/b.csv")] == ["b.csv"]
