"""What docs/bad_inputs.md says is proven: every number is there once, and every test it names."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in (ROOT / "docs" / "bad_inputs.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d", line)
]


def test_every_number_is_there_once_and_in_order() -> None:
    numbers = [int(row[0]) for row in ROWS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 110


def test_each_row_says_what_comes_what_happens_and_who_proves_it() -> None:
    there = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        there |= set(re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))
    wrong = []
    for row in ROWS:
        named = re.findall(r"`(test_\w+)`", row[-1])
        if len(row) != 4 or not all(row) or not named or set(named) - there:
            wrong.append((row[0], sorted(set(named) - there)))
    assert wrong == []
