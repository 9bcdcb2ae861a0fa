"""Runs targets one after another, each in a process with limits, and keeps what breaks them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

SEEDS = Path(__file__).parent / "corpus"
WORDS = Path(__file__).parent / "words.dict"

_SECONDS_OF_ONE = 5  # an input that takes longer is a flaw: time is bounded
_MEGABYTES = 1_000  # … and so is memory, that of Python (some 450) and of the instrumentation included
_LARGEST = 4_096  # bytes of an input


class Outcome(NamedTuple):
    """How a target went: inputs tried, branches covered, and the files of inputs that broke it."""

    target: str
    tried: int
    covered: int
    crashes: tuple[Path, ...]
    said: str  # what the process printed last

    @property
    def sound(self) -> bool:
        """Whether it ran, and nothing broke it."""
        return self.tried > 0 and not self.crashes


def run(target: str, seconds: float, crashes: Path, corpus: Path, *, inputs: int | None = None) -> Outcome:
    """Fuzz a target for some seconds, beginning with its seeds; inputs that reach new branches go into `corpus`.

    With `inputs` it tries so many, from the same seed at every run, unless the seconds are over before.
    """
    folder = crashes / target
    folder.mkdir(parents=True, exist_ok=True)
    corpus.mkdir(parents=True, exist_ok=True)
    before = set(folder.iterdir())
    seeds = SEEDS / target
    command = [
        *(sys.executable, "-m", "fuzz.one", target),
        *(str(place) for place in (corpus, seeds) if place.is_dir()),
        f"-max_total_time={max(1, round(seconds))}",
        *(() if inputs is None else (f"-runs={inputs}", "-seed=1")),
        f"-artifact_prefix={folder}/",
        f"-dict={WORDS}",
        f"-max_len={_LARGEST}",
        f"-timeout={_SECONDS_OF_ONE}",
        f"-rss_limit_mb={_MEGABYTES}",
        "-print_final_stats=1",
    ]
    done = subprocess.run(
        # by way of a shell: a process begins with the peak memory of the one that made it, which may be past the limit
        ["/bin/sh", "-c", '"$@"; exit $?', "sh", *command],
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": "include:tests", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
        capture_output=True,
        timeout=seconds + 120,
        check=False,
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    tried = re.findall(r"number_of_executed_units:\s*(\d+)", said)
    covered = re.findall(r"cov: (\d+)", said)
    found = sorted(set(folder.iterdir()) - before)
    if done.returncode and not found:  # it did not even begin
        tried = []
    return Outcome(
        target,
        int((tried or [0])[-1]),
        max(map(int, covered), default=0),
        tuple(found),
        done.stdout.decode("utf-8", "replace") or said[-600:],  # atheris prints an exception there
    )
