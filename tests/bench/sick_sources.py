"""Two hundred sources on ten servers that answer after 50 ms; then ten are slow, or hang until their time is over.

All nights are pulled in this run by `night.pull_all`, with the night's own workers, slots and patience:

- *healthy*: the 190 alone; what matters is when the last of them ends.
- *slow*: ten more that answer ten times as late, twice: on the second night it is known which they are, and they are
  begun first. All 200 end within 1.3 times the end of the slowest healthy one.
- *hanging*: ten more that send a byte now and then. The healthy ones end within 1.3 times what they take alone, and
  the night at most its sources' `total_seconds` later.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Times
from bench.province import Say
from bench.slow_server import DOSSIERS
from cchc import night
from cchc.settings import SHIPPED_CATALOGUE, settings
from cchc.warehouse import embedded, migrate
from cchc.warehouse import engine as engines

SOURCES, SICK, HOSTS = 200, 10, 10
DEADLINE = 15.0  # total_seconds of every host
DAY = "2026-11-14"
HEALTHY = "190 healthy sources alone"
FIRST_ALL, FIRST_HEALTHY = (
    "200 sources, 10 slow, first night: all",
    "200 sources, 10 slow, first night: the healthy",
)
SLOW_ALL, SLOW_HEALTHY = "200 sources, 10 slow: all", "200 sources, 10 slow: the healthy"
HANG_ALL, HANG_HEALTHY = "200 sources, 10 hang: all", "200 sources, 10 hang: the healthy"


def measure(data: Path, times: Times, say: Say) -> list[tuple[str, float, str]]:
    """Pull the nights; return ratios and goals. Raises `AssertionError` where a source has another outcome."""
    with _server() as port, _installed(data, port):
        for kind, everything, healthy in (
            ("", HEALTHY, HEALTHY),
            ("slow", FIRST_ALL, FIRST_HEALTHY),
            ("slow", SLOW_ALL, SLOW_HEALTHY),
            ("drip", HANG_ALL, HANG_HEALTHY),
        ):
            say(f"{SOURCES} sources, {SICK} of them: {kind or 'left out'}")
            last, last_healthy = _pulled(data / f"catalogue-{kind or 'healthy'}", kind)
            times.add(everything, SOURCES, last)
            if healthy != everything:
                times.add(healthy, SOURCES, last_healthy)
    alone = times.median(HEALTHY, SOURCES)
    first = times.median(FIRST_ALL, SOURCES) / times.median(FIRST_HEALTHY, SOURCES)
    slow, hanging = times.median(SLOW_HEALTHY, SOURCES), times.median(HANG_HEALTHY, SOURCES)
    return [
        ("the same on the first night, when nobody knows which are slow", first, "–"),
        (
            "all of 200 sources, 10 slow ÷ the slowest healthy one",
            times.median(SLOW_ALL, SOURCES) / slow,
            "≤ 1.3",
        ),
        ("healthy sources beside 10 slow ÷ alone", slow / alone, "≤ 1.3"),
        ("healthy sources beside 10 that hang ÷ alone", hanging / alone, "≤ 1.3"),
        (
            "seconds after the healthy that 10 that hang end",
            times.median(HANG_ALL, SOURCES) - hanging,
            f"< {DEADLINE:g}",
        ),
    ]


def _pulled(catalogue: Path, kind: str) -> tuple[float, float]:
    """Pull one night; return seconds until its last source and until its last healthy source ended."""
    _write(catalogue, kind)
    os.environ["CCHC_CATALOGUE"] = str(catalogue)
    settings.cache_clear()
    run_id = night.open_run(night.date.fromisoformat(DAY))
    started = time.perf_counter()
    last = last_healthy = 0.0
    for outcome in night.pull_all(run_id):
        last = time.perf_counter() - started
        number = int(outcome.source_code.removeprefix("s"))
        if kind and _is_sick(number):
            assert (outcome.state == "failed") == (kind == "drip"), outcome
        else:
            last_healthy = last
            assert (outcome.state, outcome.received) == ("pulled", DOSSIERS), outcome
    night.close_run(run_id)
    return last, last_healthy


def _write(catalogue: Path, kind: str) -> None:
    """Write the catalogue."""
    catalogue.mkdir(parents=True, exist_ok=True)
    for name in ("province.yaml", "units.yaml", "holidays.yaml"):
        (catalogue / name).write_bytes((SHIPPED_CATALOGUE / name).read_bytes())
    hosts = [
        {
            "code": f"h{n}",
            "connection": f"bench{n}",
            "slots": 4,
            "total_seconds": DEADLINE,
            "private": True,
            "plain_http": True,
        }
        for n in range(HOSTS)
    ]
    sources: list[dict[str, Any]] = []
    for number in range(SOURCES):
        sick = _is_sick(number)
        if not sick or kind:
            site = f"{kind if sick else 'site'}-{number}"
            host = f"h{number // (SOURCES // HOSTS)}"
            sources.append({"code": f"s{number}", "host": host, "params": {"groupId": site}})
    defaults = {"unit": "SGDDT", "profile": "opencps-2", "history_from": "2026-10-15"}
    (catalogue / "hosts.yaml").write_text(yaml.safe_dump(hosts), encoding="utf-8")
    (catalogue / "sources.yaml").write_text(
        yaml.safe_dump([{"defaults": defaults, "sources": sources}]), encoding="utf-8"
    )


def _is_sick(number: int) -> bool:
    """Whether a source is sick: one of each server, here and there in the order of its sources."""
    of_host = SOURCES // SICK
    return number % of_host == number // of_host * 7 % of_host


@contextmanager
def _server() -> Iterator[int]:
    """Run the slow server in a process of its own; gives its port."""
    command = [sys.executable, "-m", "bench.slow_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate("")


@contextmanager
def _installed(data: Path, port: int) -> Iterator[None]:
    """Point the product's environment at a warehouse of its own and at the server; put it back afterwards."""
    before = dict(os.environ)
    os.environ |= {f"AIRFLOW_CONN_BENCH{n}": f"http://cchc:bench@127.0.0.1:{port}" for n in range(HOSTS)}
    os.environ["CCHC_HOME"] = str(data / "home")
    os.environ["CCHC_WAREHOUSE_DSN"] = embedded.dsn(data / "postgres", "sick_sources")
    settings.cache_clear()
    engines.engine.cache_clear()
    try:
        migrate.upgrade(engines.engine())
        yield
    finally:
        engines.engine().dispose()
        os.environ.clear()
        os.environ |= before
        settings.cache_clear()
        engines.engine.cache_clear()
