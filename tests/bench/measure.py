"""Times of interleaved rounds, and how they are told."""

from __future__ import annotations

import json
import os
import platform
import resource
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from sqlalchemy import Engine, text

T = TypeVar("T")


class Times:
    """Seconds of each operation at each size, in the order they were measured."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[str, int], list[float]] = {}

    def take(self, operation: str, size: int, work: Callable[[], T]) -> T:
        """Return what `work` returns; its wall time is kept."""
        started = time.perf_counter()
        result = work()
        self.add(operation, size, time.perf_counter() - started)
        return result

    def add(self, operation: str, size: int, seconds: float) -> None:
        """Keep a time measured elsewhere."""
        self._seconds.setdefault((operation, size), []).append(seconds)

    def __contains__(self, measured: tuple[str, int]) -> bool:
        """Whether an operation was measured at a size."""
        return measured in self._seconds

    def median(self, operation: str, size: int) -> float:
        """Return the median of an operation's seconds."""
        return median(self._seconds[operation, size])

    def rows(self) -> Iterable[dict[str, Any]]:
        """Yield operation, size, n, median, min, max and every single time."""
        for (operation, size), found in self._seconds.items():
            yield {
                "operation": operation,
                "dossiers": size,
                "n": len(found),
                "median": median(found),
                "min": min(found),
                "max": max(found),
                "seconds": found,
            }


def peak_mb() -> float:
    """Return the largest resident memory this process ever had, in MB (PostgreSQL's processes are others)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def machine(engine: Engine) -> dict[str, Any]:
    """Return what the times were measured on."""
    with engine.connect() as connection:
        version = connection.scalar(text("show server_version"))
        buffers = connection.scalar(text("show shared_buffers"))
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": version,
        "shared_buffers": buffers,
    }


def table(times: Times, ratios: Iterable[tuple[str, float, str]], facts: dict[str, Any]) -> str:
    """Return times, ratios against their goals and the machine as Markdown."""
    lines = ["| operation | dossiers | n | median s | min–max s |", "|---|---|---|---|---|"]
    for row in times.rows():
        spread = f"{row['min']:.2f}–{row['max']:.2f}"
        lines.append(
            f"| {row['operation']} | {row['dossiers']:,} | {row['n']} | {row['median']:.2f} | {spread} |"
        )
    lines += ["", "| ratio | measured | goal |", "|---|---|---|"]
    lines += [f"| {what} | {value:.2f} | {goal} |" for what, value, goal in ratios]
    lines += ["", ", ".join(f"{name}: {value}" for name, value in facts.items())]
    return "\n".join(lines) + "\n"


def write(output: Path, times: Times, ratios: list[tuple[str, float, str]], facts: dict[str, Any]) -> str:
    """Write `bench.json` and `bench.md` into a directory; returns the Markdown."""
    output.mkdir(parents=True, exist_ok=True)
    told = table(times, ratios, facts)
    (output / "bench.md").write_text(told, encoding="utf-8")
    kept = {
        "times": list(times.rows()),
        "ratios": [{"what": what, "measured": value, "goal": goal} for what, value, goal in ratios],
        "facts": facts,
    }
    (output / "bench.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    return told
