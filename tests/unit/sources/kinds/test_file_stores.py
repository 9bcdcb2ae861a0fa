from __future__ import annotations

import time
from pathlib import Path

import pytest

from cchc.catalogue.models import Host
from cchc.errors import SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.kinds.file_stores import Store
from unit.sources.kinds.registers import put


def test_who_comes_back_from_a_share_too_late_has_failed(tmp_path: Path) -> None:
    path = str(put(tmp_path, "a.csv", "a\n1\n"))
    host = Host(code="h", connection="h", slots=1, total_seconds=0.2)
    store = Store("s", host, Connection(f"file://{tmp_path}"), "x")
    store.check()
    assert store.find("*.csv") == [path]

    def read() -> None:
        with store.opened(path, "a.csv") as file:
            assert file.read() == b"a\n1\n"
            time.sleep(0.25)  # the share answers again while a file is read

    for ask in (read, store.check, lambda: store.find("*.csv")):
        with pytest.raises(SourceUnavailable, match="total_seconds"):
            ask()
