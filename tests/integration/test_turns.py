"""Whose turn it is: hosts keep their slots, and a source that hangs keeps nobody waiting."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from cchc.sources.turns import in_turns
from cchc.sources.web.meter import METER


def test_a_host_is_read_by_no_more_than_its_slots_and_a_full_one_blocks_no_other() -> None:
    running: dict[str, int] = {"a": 0, "b": 0}
    most = dict(running)
    lock = threading.Lock()

    def work(code: str) -> str:
        with lock:
            running[code[0]] += 1
            most[code[0]] = max(most[code[0]], running[code[0]])
        time.sleep(0.03)
        with lock:
            running[code[0]] -= 1
        return code

    sources = [(f"a{n}", "a") for n in range(9)] + [("b0", "b"), ("b1", "b")]
    ended = list(in_turns(sources, work, {"a": 1, "b": 2}, workers=3))
    assert sorted(ended) == sorted(code for code, _ in sources)
    assert most == {"a": 1, "b": 2}
    assert {"b0", "b1"} <= set(ended[:4]), "the queue of a holds no place of b"


def test_one_host_whose_sources_trickle_does_not_take_all_workers() -> None:
    stopping = threading.Event()

    def work(code: str) -> str:
        if code.startswith("slow"):
            stopping.wait(10)  # at work, as far as anyone can tell
        return code

    sources = [(f"slow{n}", "h") for n in range(8)] + [(f"well{n}", "g") for n in range(20)]
    ended = []
    for code in in_turns(sources, work, {"h": 8, "g": 8}, workers=4):
        ended.append(code)
        if len(ended) == 20:
            stopping.set()
    assert all(code.startswith("well") for code in ended[:20])
    assert len(ended) == 28


def test_sources_that_hang_delay_none_and_are_bounded() -> None:
    stopping, hanging, most = threading.Event(), set[str](), 0
    lock = threading.Lock()

    def work(code: str) -> str:
        nonlocal most
        if code.startswith("sick"):
            with METER.request(code):
                with lock:
                    hanging.add(code)
                    most = max(most, len(hanging))
                stopping.wait(10)
            with lock:
                hanging.discard(code)
        else:
            time.sleep(0.03)
        return code

    sources = [(f"sick{n}", "h") for n in range(9)] + [(f"well{n}", "g") for n in range(20)]
    ended = []
    for code in in_turns(sources, work, {"h": 2, "g": 1}, workers=2, patience=0.2):
        ended.append(code)
        if len([c for c in ended if c.startswith("well")]) == 20:
            stopping.set()
    assert all(code.startswith("well") for code in ended[:20])
    assert len(ended) == 29
    assert most == 4, "twice the slots of their host, no more"


def test_what_goes_wrong_is_raised() -> None:
    def work(code: str) -> str:
        raise KeyError(code)

    with pytest.raises(KeyError):
        list(in_turns([("a", None)], work, {}))


def test_who_never_comes_back_is_left_behind_and_so_is_who_waits_for_its_host(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "share")
    begun: list[str] = []

    def work(code: str) -> str:
        begun.append(code)
        if code.startswith("dead"):
            (tmp_path / "share").read_bytes()  # nobody ever writes
        return code

    def left(code: str, seconds: float) -> str:
        return f"{code} {'given up' if seconds >= 0.3 else 'not begun'}"

    sources = [(f"dead{n}", "h") for n in range(4)] + [("well", "g")]
    ended = in_turns(sources, work, {"h": 2, "g": 1}, longest={"h": 0.3, "g": 9}, left=left, patience=2)
    assert list(ended) == ["well", *(f"dead{n} {'given up' if n < 2 else 'not begun'}" for n in range(4))]
    assert sorted(begun) == ["dead0", "dead1", "well"]
    os.close(os.open(tmp_path / "share", os.O_RDWR | os.O_NONBLOCK))  # lets the threads go


def test_the_time_of_a_pull_begins_with_it() -> None:
    def work(code: str) -> str:
        time.sleep(0.2)
        return code

    sources = [("a", "h"), ("b", "h"), ("c", "h")]
    ended = in_turns(
        sources, work, {"h": 1}, longest={"h": 0.4}, left=lambda code, _: f"{code} left", patience=0.5
    )
    assert list(ended) == ["a", "b", "c"]
