"""What broke a parser once breaks it no more, and some thousand inputs more, guided by coverage.

They are chosen from the same seed at every run: looking for others is `make fuzz`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from cchc.sources.formats.isolation import BadWorkbook, Limits, opened
from fuzz import targets
from fuzz.in_files import workbooks
from fuzz.promises import quotes_nobody
from fuzz.run import SEEDS, run

INPUTS = 8_000  # a second for most targets, three for the slowest
SECONDS = 60  # never reached, unless the machine stands still
_FEW = 20  # branches: a target that reaches fewer is not instrumented


@pytest.mark.parametrize("name", targets.TARGETS)
def test_seeds_and_flaws_of_yesterday(name: str) -> None:
    seeds = sorted((SEEDS / name).iterdir())
    assert seeds
    for seed in seeds:
        assert seed.stat().st_size <= 8_192, f"{seed}: seeds are small"
        targets.TARGETS[name](seed.read_bytes())


@pytest.mark.parametrize("name", targets.TARGETS)
def test_thousands_of_inputs(name: str, tmp_path: Path) -> None:
    found = run(name, SECONDS, tmp_path / "crashes", tmp_path / "corpus", inputs=INPUTS)
    assert found.crashes == (), f"{found.said}\n{[path.read_bytes() for path in found.crashes]}"
    assert found.tried > 0, found.said
    assert found.covered >= _FEW, found.said


def test_a_flaw_that_only_coverage_leads_to_is_found_and_kept(tmp_path: Path) -> None:
    found = run("planted", 30, tmp_path / "crashes", tmp_path / "corpus")
    assert not found.sound
    (crash,) = found.crashes
    assert crash.read_bytes().startswith(b"mat!")
    assert "planted" in found.said


def test_a_workbook_breaks_nothing_but_the_process_that_reads_it() -> None:
    for seed in sorted((SEEDS / "workbook").iterdir()):
        for content in workbooks(seed.read_bytes())[:2]:
            with tempfile.TemporaryFile() as file:
                file.write(content)
                file.flush()
                try:
                    with opened(file, Limits(memory_mb=256, seconds=5)) as book:
                        for sheet in book.sheets:
                            list(book.sheet(sheet.number)[1])
                except BadWorkbook as bad:
                    quotes_nobody(bad)
