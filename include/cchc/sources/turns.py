"""Whose turn it is to be pulled: so many at once, so many of one host, and none kept waiting by one that hangs.

Hosts take turns: the next source is of the one that has the fewest at work, so that one whose sources all trickle does
not keep those of others waiting.

A pull that waits for its server and gets next to nothing is not at work: soon another is begun in its stead. When that
has gone on for `patience`, it gives up the slot of its host too, and goes on beside the others until it is done or its
time is over. A host has at most as many pulls beside as it has slots; where more hang it is the server that is sick:
its sources wait, those of other hosts do not.

A pull that has not ended after `longest` (a folder of a dead share blocks whoever looks into it) is left behind: its
thread ends with the process, the night goes on. Where a host has had as many of these as it has slots, it is dead, and
the sources that still wait for it are not begun.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import TypeVar

from cchc.sources.web.meter import METER

T = TypeVar("T")

_STUCK_BYTES = 1024  # a second; what comes more slowly does not come
_THREADS = 4  # as many pulls may run, for every one that may be at work
_LOOK = 0.02  # of the patience: how often it is looked at what the pulls get


@dataclass
class _Pull:
    """One that runs; times are of `time.monotonic`."""

    source: str
    host: str | None
    begun: float
    since: float  # since when it has got next to nothing
    looked: float  # when its meter was last read
    moved: int = 0  # what that said
    beside: bool = False  # it gave its slot up

    def look(self, now: float) -> None:
        """Read the meter."""
        asking, moved = METER.of(self.source)
        if not asking or moved - self.moved > _STUCK_BYTES * (now - self.looked):
            self.since = now
        self.looked, self.moved = now, moved


class _Turns:
    """What runs, and who may run next."""

    def __init__(self, slots: Mapping[str, int], workers: int, patience: float) -> None:
        self._slots = slots
        self._workers = workers
        self._patience = patience
        self._look = patience * _LOOK
        self._left: Counter[str | None] = Counter()  # pulls that were left behind, by host

    def next(
        self, waiting: Iterable[tuple[str, str | None]], running: Collection[_Pull]
    ) -> list[tuple[str, str | None]]:
        """Return the sources that may start now: of the host that has the fewest at work, else in their order."""
        now = time.monotonic()
        at_work = sum(now - pull.since < self._look * 1.5 for pull in running)
        taken = Counter(pull.host for pull in running if not pull.beside)
        room = min(self._workers - at_work, self._workers * _THREADS - len(running))
        waits: dict[str | None, deque[str]] = {}
        for source, host in waiting:
            waits.setdefault(host, deque()).append(source)
        found: list[tuple[str, str | None]] = []
        while len(found) < room:
            free = [
                host for host in waits if waits[host] and (host is None or taken[host] < self._slots[host])
            ]
            if not free:
                break
            host = min(free, key=taken.__getitem__)
            taken[host] += 1
            found.append((waits[host].popleft(), host))
        return found

    def look(self, running: Collection[_Pull]) -> None:
        """Let pulls that have been stuck for long give their slot up; they do not get it back."""
        now = time.monotonic()
        beside = Counter(pull.host for pull in running if pull.beside)
        for pull in running:
            if now - pull.looked >= self._look:
                pull.look(now)
            long = now - pull.since >= self._patience
            if long and not pull.beside and pull.host and beside[pull.host] < self._slots[pull.host]:
                pull.beside = True
                beside[pull.host] += 1

    def leave(self, pull: _Pull) -> None:
        """Take note of a pull that is left behind."""
        self._left[pull.host] += 1

    def dead(self, host: str | None) -> bool:
        """Return whether a host has had so many pulls left behind that none more is begun."""
        return host is not None and self._left[host] >= self._slots[host]


def in_turns(
    sources: Iterable[tuple[str, str | None]],
    work: Callable[[str], T],
    slots: Mapping[str, int],
    *,
    longest: Mapping[str, float] | None = None,
    left: Callable[[str, float], T] | None = None,
    workers: int = 8,
    patience: float = 5,
) -> Iterator[T]:
    """Yield what `work` returns for each source, as they end; `sources` are codes and the code of their host.

    At most `workers` are at work at once, and of one host as many are pulled as `slots` says. `patience`: seconds that
    a pull may get next to nothing. `longest`: seconds that a pull of a host may last; of one that is left behind then,
    or was not begun because its host is dead, what `left` returns for it and the seconds it had is yielded. What
    `work` raises is raised here, once the pulls that run have ended.
    """
    waiting, turns = list(sources), _Turns(slots, workers, patience)
    running: dict[Future[T], _Pull] = {}

    def seconds(pull: _Pull) -> float:
        return (longest or {}).get(pull.host or "", math.inf) - (time.monotonic() - pull.begun)

    try:
        while waiting or running:
            for source, host in turns.next(waiting, running.values()):
                waiting.remove((source, host))
                METER.forget(source)
                now = time.monotonic()
                running[_begun(work, source)] = _Pull(source, host, now, now, now)
            done, _ = wait(running, timeout=patience * _LOOK, return_when=FIRST_COMPLETED)
            for future in done:
                del running[future]
                yield future.result()
            if left is not None:
                for future, pull in list(running.items()):
                    if seconds(pull) <= 0 and not future.done():
                        del running[future]
                        turns.leave(pull)
                        yield left(pull.source, time.monotonic() - pull.begun)
                for source, host in [found for found in waiting if turns.dead(found[1])]:
                    waiting.remove((source, host))
                    yield left(source, 0)
            turns.look(running.values())
    finally:
        while running and (most := max(map(seconds, running.values()))) > 0:
            done, _ = wait(running, timeout=min(most, threading.TIMEOUT_MAX), return_when=FIRST_COMPLETED)
            for future in done:
                del running[future]


def _begun(work: Callable[[str], T], source: str) -> Future[T]:
    """Begin a pull in a thread that the end of the process does not wait for."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work(source))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name=f"pull {source}", daemon=True).start()
    return future
