"""A host is asked no more often than it says, by all threads and processes of a machine together."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cchc.errors import SourceUnavailable
from cchc.sources.web.pace import Pace
from cchc.sources.web.session import Http, Limits, Terms
from unit.sources.tiny_server import answering, on_loopback, reply

ASK = "import sys; from pathlib import Path; from cchc.sources.web.pace import Pace; "
ASK += "p = Pace(10, Path(sys.argv[1])); print([p.turn(60) for _ in range(10)])"


def test_processes_stand_in_one_queue(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ASK, str(tmp_path / "pace" / "h")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    Pace(10, tmp_path / "pace" / "h").turn(60)
    started = time.time()
    waits = [float(w) for p in running for w in p.communicate(timeout=20)[0].strip("[]\n").split(",")]
    assert len(waits) == 20
    # twenty places of 0.1 s each: the last is due about two seconds after the first, however they started
    assert max(waits) > 1.8 - (time.time() - started)
    assert len({round(w, 4) for w in waits}) > 15


def test_threads_of_one_host_together_keep_its_rate(tmp_path: Path) -> None:
    arrivals: list[float] = []

    def answer(_request: object) -> bytes:
        arrivals.append(time.monotonic())
        return reply({"a": 1})

    with answering(answer) as tiny:
        terms = on_loopback(tiny.url, Limits())
        clients = [
            Http(f"x{n}", Terms(terms.limits, terms.reach, Pace(50, tmp_path / "h"))) for n in range(2)
        ]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: clients[n % 2].json("GET", tiny.url, where="page 1"), range(12)))
        for client in clients:
            client.close()
    assert max(arrivals) - min(arrivals) > 11 / 50 - 0.03


def test_a_queue_longer_than_the_time_left_is_not_stood_in(tmp_path: Path) -> None:
    pace = Pace(1, tmp_path / "h")
    assert pace.turn(9) == 0
    assert pace.turn(0.5) is None
    assert pace.turn(9) == pytest.approx(1, abs=0.1), "who went away took no place"
    with answering(lambda _: reply({})) as tiny:
        terms = on_loopback(tiny.url, Limits(total=0.5))
        client = Http("x", Terms(terms.limits, terms.reach, pace))
        with pytest.raises(SourceUnavailable, match="total_seconds"):
            client.json("GET", tiny.url, where="page 1")
        client.close()
    assert tiny.requests == []


def test_a_queue_of_many_is_stood_in_by_all(tmp_path: Path) -> None:
    pace = Pace(10, tmp_path / "h", longest=60)
    waits = [wait for _ in range(500) if (wait := pace.turn(60)) is not None]
    assert len(waits) == 500
    assert waits == pytest.approx([n / 10 for n in range(500)], abs=0.5)


@pytest.mark.parametrize(
    "held",
    [b"", b"short", b"\xff" * 8, (10**9 * 9).to_bytes(8, "big"), struct.pack("d", time.time() + 7_000)],
    ids=["empty", "short", "no number", "far ahead", "another clock"],
)
def test_a_file_of_another_clock_or_of_nonsense_is_begun_anew(tmp_path: Path, held: bytes) -> None:
    (tmp_path / "h").write_bytes(held)
    assert Pace(1, tmp_path / "h").turn(9) == 0
    (tmp_path / "h").unlink()
    assert Pace(None, tmp_path / "h").turn(0) == 0
    assert not (tmp_path / "h").exists()
