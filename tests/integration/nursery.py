"""A process that imports once and forks for each order, so that what is to be killed costs milliseconds a try."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path


class Nursery:
    """Forks of `python -m <module>`: it reads orders as JSON lines, and says ``pid N``, ``started``, ``exit CODE``."""

    def __init__(self, module: str) -> None:
        self.seconds = 0.0  # how long the last fork ran from its start
        self._module = module
        self._parent = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=Path(__file__).resolve().parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, order: Mapping[str, object], after: float | None = None) -> int:
        """Run one fork, killed `after` seconds from its start or by itself as the order says; its exit code."""
        assert self._parent.stdin is not None
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        pid, begun, started = 0, time.monotonic(), False
        while True:
            word, _, number = self._line().partition(" ")
            if word == "exit":
                self.seconds = time.monotonic() - begun
                return int(number)
            if word == "pid":
                pid = int(number)
            elif word == "started":
                begun, started = time.monotonic(), True
            if pid and started and after is not None:
                time.sleep(after)
                after = None
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _line(self) -> str:
        assert self._parent.stdout is not None
        line = self._parent.stdout.readline()
        assert line, f"the nursery of {self._module} ended"
        return line.strip()

    def close(self) -> None:
        """End it."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(10)
        self._parent.stdout.close()
