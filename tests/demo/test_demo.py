"""The demonstration's own promises: no process is left, none of another is touched, a taken port is named."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from cchc.errors import ConfigurationError
from demo import processes, stack
from demo.place import DAY, MARK, PORTS, Place, base_environment, variable
from demo.processes import NotStarted

# A server as Airflow's are: it forks a child, renames both, and the child leaves the session.
SERVER = """
import os, time, setproctitle
if os.fork() == 0:
    os.setsid()
    setproctitle.setproctitle("a child with a very long title " + "x" * 500)
    time.sleep(600)
setproctitle.setproctitle("a parent with a very long title " + "x" * 500)
time.sleep(600)
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "home", DAY, dict(PORTS))
    place.prepare()
    yield place
    processes.end(place)


def start(place: Place, program: str) -> int:
    return processes.start(
        "server", [sys.executable, "-c", program], base_environment(place), place.logs, place.home
    )


def wait_for_processes(place: Place, number: int) -> list[psutil.Process]:
    until = time.monotonic() + 20
    while len(found := processes.of(place)) != number and time.monotonic() < until:
        time.sleep(0.1)
    assert len(found) == number
    return found


def test_children_that_left_and_renamed_themselves_are_ended_too(place: Place) -> None:
    start(place, SERVER)
    wait_for_processes(place, 2)
    assert processes.end(place) == 2
    assert processes.of(place) == []


def test_orphans_of_a_killed_parent_are_ended(place: Place) -> None:
    parent = start(place, SERVER)
    wait_for_processes(place, 2)
    os.kill(parent, signal.SIGKILL)
    wait_for_processes(place, 1)
    assert processes.end(place) == 1


def test_what_does_not_listen_is_ended_by_force(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_GENTLE", 1.0)
    start(place, "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)")
    wait_for_processes(place, 1)
    time.sleep(1.0)  # until the signal is ignored
    assert processes.end(place) == 1


def test_another_demonstration_is_left_alone(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "home2", DAY, dict(PORTS))  # its folder begins with the same letters
    other.prepare()
    start(other, "import time; time.sleep(600)")
    try:
        wait_for_processes(other, 1)
        assert processes.end(place) == 0
        assert len(processes.of(other)) == 1
    finally:
        assert processes.end(other) == 1


def test_a_taken_port_is_named_with_its_holder_and_its_variable(place: Place) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(
            NotStarted, match=f"port {port} is taken.*process {os.getpid()}.*CCHC_PORT_PAGE="
        ) as told:
            processes.check_ports(["page"], {"page": port})
    assert variable("page") in str(told.value)


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CCHC_PORT_AIRFLOW", text)
    with pytest.raises(ConfigurationError, match="CCHC_PORT_AIRFLOW"):
        Place.read()


def test_two_parts_on_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_PORT_AIRFLOW", "8000")
    with pytest.raises(ConfigurationError, match="the same port"):
        Place.read()


def test_secrets_are_made_once_and_are_the_owners(place: Place) -> None:
    before = place.secret("jwt"), place.password()
    place.prepare()
    assert (place.secret("jwt"), place.password()) == before
    modes = {path.name: path.stat().st_mode & 0o077 for path in place.passwords.parent.iterdir()}
    assert set(modes.values()) == {0}, modes


def test_settings_of_the_user_do_not_reach_the_demonstration(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONN_MOTCUA", "http://real.example")
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", "postgresql://production")
    found = base_environment(place)
    assert [name for name in found if name.startswith(("AIRFLOW", "CCHC_")) and name != MARK] == []


def test_another_day_or_port_is_another_demonstration(place: Place) -> None:
    same = Place(place.home, place.day, place.ports)
    later = Place(place.home, date(2026, 11, 15), place.ports)
    moved = Place(place.home, place.day, {**place.ports, "page": 8001})
    assert same.fingerprint() == place.fingerprint()
    assert len({p.fingerprint() for p in (place, later, moved)}) == 3


def test_a_second_up_in_the_same_folder_waits_for_nobody(place: Place) -> None:
    with stack.alone(place), pytest.raises(NotStarted, match="another"), stack.alone(place):
        pass


def test_down_where_nothing_runs(place: Place) -> None:
    for _ in range(2):
        assert stack.down(place) == (0, False)
    done = subprocess.run(
        [sys.executable, "-m", "demo", "down"],
        env={**base_environment(place), "CCHC_HOME": str(place.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "nothing was running" in done.stdout
