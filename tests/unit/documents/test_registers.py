"""The guide to the shipped registers names every heading that is read, and every figure that may be stated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cchc.catalogue.load import cached
from cchc.settings import SHIPPED_CATALOGUE

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "registers.md").read_text(encoding="utf-8")
CATALOGUE = cached(SHIPPED_CATALOGUE)


@pytest.mark.parametrize("code", ["registers", "inspections"])
def test_every_heading_is_there_as_it_is_read(code: str) -> None:
    for found in CATALOGUE.profiles[code].datasets.values():
        (line,) = [
            row
            for row in GUIDE.splitlines()
            if row.startswith(f"| `{found.select['files']}` | {found.select.get('sheet', '')} |")
        ]
        headings = [f for f in found.fields.values() if f.path is not None]
        assert set(re.findall(r"`([^`]+)`", line)) == {f.path for f in headings} | {
            found.select["files"],
            *found.personal,
        }
        assert set(re.findall(r"\*\*`([^`]+)`\*\*", line)) == {f.path for f in headings if f.required}


def test_every_figure_that_may_be_stated_is_there() -> None:
    stated = {
        term.reported
        for code in ("seed-2022", "cong-vu")
        for indicator in CATALOGUE.indicator_sets[code].indicators
        for term in indicator.terms()
        if term.reported
    }
    assert set(re.findall(r"^\| `([a-z_0-9]+)` \|", GUIDE, re.MULTILINE)) == stated
