"""A share that blocks whoever looks into it costs its own sources the night, and nobody else."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from cchc import night
from cchc.ops import pulls
from integration.installation import installed
from integration.rows import DAY, scalar

HEADINGS = "ma_phan_anh,loai,ngay_tiep_nhan,han_tra_loi,ngay_tra_loi,khong_hai_long,phan_anh_lai\n"


class _Shares:
    """What an installation needs to know of two folders."""

    def __init__(self, below: Path) -> None:
        self._below = below

    def environment(self) -> dict[str, str]:
        return {f"AIRFLOW_CONN_{name.upper()}": f"file://{self._below / name}" for name in ("dead", "well")}


def _catalogue(folder: Path) -> Path:
    folder.mkdir()
    files: dict[str, Any] = {
        "province.yaml": {"code": "H99", "name": "Tỉnh Khác"},
        "units.yaml": [{"code": "A1", "name": "Phường Một", "group": "commune", "valid_from": "2025-07-01"}],
        "hosts.yaml": [
            {"code": name, "connection": name, "slots": 1, "total_seconds": seconds}
            for name, seconds in (("dead", 0.3), ("well", 60))
        ],
        "sources.yaml": [
            {
                "defaults": {"profile": "registers", "unit": "A1", "history_from": "2026-10-15"},
                "sources": [
                    {"code": f"a1-{n}", "host": host, "params": {"folder": "a1", "datasets": "petition"}}
                    for n, host in ((1, "dead"), (2, "dead"), (3, "well"))
                ],
            }
        ],
    }
    for name, content in files.items():
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_dead_share_does_not_hold_the_night(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulls, "_BESIDE_READING", 0.7)
    for name in ("dead", "well"):
        (tmp_path / name / "a1").mkdir(parents=True)
    register = tmp_path / "dead" / "a1" / "so_phan_anh_2026.csv"
    os.mkfifo(register)  # opened, it blocks until somebody writes
    os.utime(register, (0, 0))
    (tmp_path / "well" / "a1" / register.name).write_text(HEADINGS, encoding="utf-8")
    shares: Any = _Shares(tmp_path)
    with installed(monkeypatch, warehouse, tmp_path / "home", shares, _catalogue(tmp_path / "catalogue")):
        run_id = night.open_run(DAY)
        started = time.monotonic()
        outcomes = {row.source_code: row for row in night.pull_all(run_id)}
        assert time.monotonic() - started < 5
        assert {code: row.state for code, row in outcomes.items()} == {
            "a1-1": "failed",
            "a1-2": "failed",
            "a1-3": "pulled",
        }
        assert outcomes["a1-1"].error_class == "SourceUnavailable"
        assert "does not answer; the pull was given up after 1 s" in str(outcomes["a1-1"].message)
        assert "was not begun" in str(outcomes["a1-2"].message)
        night.gate(run_id)
        night.load(run_id)
        assert night.close_run(run_id).state == "over_budget"

        # the share comes back at last: nothing of that pull is kept
        (pull,) = (thread for thread in threading.enumerate() if thread.name == "pull a1-1")
        os.close(os.open(register, os.O_RDWR | os.O_NONBLOCK))
        pull.join(5)
        assert not pull.is_alive()
        assert scalar(warehouse, "select count(*) from landing.delivery where source_code <> 'a1-3'") == 0
        kept = "select state from ops.source_outcome where source_code = 'a1-1'"
        assert scalar(warehouse, kept) == "failed"
