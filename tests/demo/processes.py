"""The processes of a demonstration: start them, find them again, end them all.

Every process carries the demonstration's mark in its environment, and children inherit it. So all of them are found
again whoever started them and however that one ended, and no other process is ever touched.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from demo.place import LOOPBACK, MARK, Place, variable

_GENTLE = 10.0  # seconds to end by SIGTERM
_STARTED: list[
    subprocess.Popen[bytes]
] = []  # they outlive this program, which only collects those that end before


class NotStarted(Exception):
    """The demonstration cannot start, or one of its processes ended; the message says why and what to do."""


def start(name: str, command: list[str], environment: Mapping[str, str], logs: Path, cwd: Path) -> int:
    """Start a process in a session of its own with its output in `logs/<name>.log`; returns its pid."""
    with (logs / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _STARTED.append(process)
    return process.pid


def started_at(pid: int) -> float | None:
    """Return when a process started, or None where it is gone; pid and start together name a process for ever."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None


def of(place: Place) -> list[psutil.Process]:
    """Return every living process of the demonstration, children included, never the caller."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == str(place.home) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    own = {psutil.Process().pid, *(parent.pid for parent in psutil.Process().parents())}
    return [process for process in found if process.pid not in own]


def end(place: Place) -> int:
    """End every process of the demonstration, gently and then by force; returns how many there were.

    Raises `NotStarted` where one survives.
    """
    ended: set[int] = set()
    deadline = time.monotonic() + _GENTLE
    asked: set[int] = set()
    while left := of(place):
        force = time.monotonic() > deadline
        if force and time.monotonic() > deadline + _GENTLE:
            names = ", ".join(f"{p.pid}" for p in left)
            raise NotStarted(f"these processes do not end, not even by force: {names}")
        for process in left:
            ended.add(process.pid)
            with suppress(psutil.NoSuchProcess):
                if force:
                    process.kill()
                elif process.pid not in asked:
                    asked.add(process.pid)
                    process.terminate()
        time.sleep(0.2)
        _STARTED[:] = [process for process in _STARTED if process.poll() is None]
    return len(ended)


def check_ports(names: Iterable[str], ports: Mapping[str, int]) -> None:
    """Raise `NotStarted` naming each port that another program holds, and the variable that chooses another."""
    taken = [
        f"port {ports[name]} is taken{_by_whom(ports[name])}; choose another: {variable(name)}=…"
        for name in names
        if not _is_free(ports[name])
    ]
    if taken:
        raise NotStarted("\n".join(taken))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _by_whom(port: int) -> str:
    with suppress(psutil.Error, OSError):
        for held in psutil.net_connections("tcp"):
            if held.status == psutil.CONN_LISTEN and held.laddr.port == port and held.pid:
                return f" by {psutil.Process(held.pid).name()} (process {held.pid})"
    return ""
