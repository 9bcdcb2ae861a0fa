"""What the README tells a reader to type names things that exist."""

from __future__ import annotations

import re
from pathlib import Path

from cchc.catalogue.load import cached
from cchc.indicators import periods
from cchc.settings import SHIPPED_CATALOGUE

README = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")


def test_the_commands_of_the_readme_name_what_the_catalogue_has() -> None:
    known = cached(SHIPPED_CATALOGUE)
    codes = {i.code for s in known.indicator_sets.values() for i in s.indicators}
    explained = re.findall(r"^cchc explain (\S+)", README, re.MULTILINE)
    assert explained
    assert set(explained) <= codes
    assert set(re.findall(r"indicators show --set (\S+)", README)) <= set(known.indicator_sets)
    assert set(re.findall(r"source check (\S+?)\s", README + "\n")) <= set(known.sources)
    assert set(re.findall(r"--unit (\S+)", README)) <= {u.code for u in known.units}
    for text in re.findall(r"--period (\S+)", README):
        periods.parse(text)
