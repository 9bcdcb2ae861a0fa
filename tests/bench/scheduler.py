"""A night of many sources under the real scheduler, beside the same night without one: what a source costs in tasks.

Both read the same systems, a day apart; the first night, which reads the whole history, is not counted.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Times
from dags.small_province import SHIPPED
from e2e.stack import Stack, standing
from simulators.model import System
from simulators.province import invented

ALONE, SCHEDULED = "night without a scheduler", "night under the scheduler"
_FIRST = date(2026, 11, 1)


def nights(sources: int, rounds: int, times: Times, say: Callable[[str], None]) -> None:
    """Run each kind of night `rounds` times in turns; times are kept under the number of sources."""
    with standing(_FIRST, lambda catalogue: _write(catalogue, sources), {}) as stack:
        _sync(stack, _FIRST)
        for number in range(rounds):
            day = _FIRST + timedelta(2 * number + 1)
            say(f"round {number + 1}: a night of {sources} sources without the scheduler, and one under it")
            times.take(ALONE, sources, lambda day=day: _sync(stack, day))  # type: ignore[misc]
            times.take(SCHEDULED, sources, lambda day=day: _scheduled(stack, day + timedelta(1)))  # type: ignore[misc]


def overhead(sources: int, times: Times) -> float:
    """Return the seconds that the scheduler adds for each source."""
    return (times.median(SCHEDULED, sources) - times.median(ALONE, sources)) / sources


def _sync(stack: Stack, day: date) -> None:
    command = [sys.executable, "-m", "cchc", "sync", "--day", day.isoformat()]
    subprocess.run(command, env=dict(stack.environment), check=True, stdout=subprocess.DEVNULL)


def _scheduled(stack: Stack, day: date) -> None:
    states = stack.night(f"bench-{day}", seconds=900, day=day.isoformat())
    if set(states.values()) != {"success"}:
        raise RuntimeError(f"the night of {day} did not succeed: {states}")


def _write(directory: Path, sources: int) -> Sequence[System]:
    """Write a catalogue of as many communes with a system each, and return the systems."""
    shutil.copytree(SHIPPED, directory, dirs_exist_ok=True)
    systems = invented(sources)
    units = yaml.safe_load((SHIPPED / "units.yaml").read_text(encoding="utf-8"))
    like = next(unit for unit in units if unit["group"] == "commune")
    units += [{**_plain(like), "code": s.unit, "name": f"Xã {s.unit}"} for s in systems]
    entries = [{"code": s.source, "unit": s.unit, "params": {"maDonVi": s.key}} for s in systems]
    defaults = {"profile": "national-hoso", "host": "dvcqg", "history_from": date(2026, 10, 15)}
    _dump(directory / "units.yaml", units)
    _dump(directory / "sources.yaml", [{"defaults": defaults, "sources": entries}])
    return systems


def _plain(unit: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in unit.items() if key not in ("codes", "contact")}


def _dump(path: Path, value: Any) -> None:
    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")
