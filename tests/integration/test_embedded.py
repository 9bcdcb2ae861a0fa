"""The embedded server after a crash: what its pid file names is believed only where it is that server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from cchc.warehouse import embedded
from dags.processes import not_waiting_for_the_disk


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "postgres"
    found.mkdir()
    yield found
    embedded.stop(found)


@contextmanager
def _named_alike(folder: Path, runs_in: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program that is called postgres and is none."""
    folder.mkdir()
    shutil.copy(shutil.which("sleep") or "/bin/sleep", folder / "postgres")
    process = subprocess.Popen([folder / "postgres", "60"], cwd=runs_in)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _names(data: Path, pid: int) -> None:
    (data / "postmaster.pid").write_text(f"{pid}\n{data}\n", encoding="utf-8")


def test_a_dead_server_that_nobody_has_buried_yet_does_not_run(data: Path, tmp_path: Path) -> None:
    with _named_alike(tmp_path / "bin", runs_in=data) as process:
        _names(data, process.pid)
        assert embedded.is_running(data)
        process.kill()
        while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
            pass
        assert not embedded.is_running(data)
        assert not (data / "postmaster.pid").exists()


def test_another_folders_server_is_not_this_one(data: Path, tmp_path: Path) -> None:
    with _named_alike(tmp_path / "bin", runs_in=tmp_path) as process:
        _names(data, process.pid)
        assert not embedded.is_running(data)


def test_a_killed_server_is_started_again_at_once(tmp_path: Path) -> None:
    data = tmp_path / "home" / "postgres"
    try:
        dsn = embedded.dsn(data, "cchc")
        not_waiting_for_the_disk(dsn)
        for _ in range(3):
            os.kill(int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0]), signal.SIGKILL)
            with psycopg.connect(embedded.dsn(data, "cchc")) as connection:
                assert connection.execute("select 1").fetchone() == (1,)
    finally:
        embedded.stop(data)
