"""A second row of headings among the records: two tables were put together, and which column is which may change."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cchc.catalogue.profiles import DatasetMap
from cchc.sources.formats.headings import JOINT, Headings
from cchc.sources.formats.isolation import Cell
from cchc.sources.texts import label

REPEATED = (
    "the headings stand here again: two tables were put together; put each into a file or sheet of its own"
)

_DIGIT = re.compile(r"\d")


class Repeated:
    """Knows the headings of one table again, in whatever order they stand."""

    def __init__(self, headings: Headings, dataset_map: DatasetMap) -> None:
        names = headings.names
        self._known = {label(part) for name in names for part in (name, *name.split(JOINT)) if name}
        codes = [f.path for f in dataset_map.fields.values() if f.path is not None and f.type == "code"]
        # records have a digit there, nearly all; headings seldom: so hardly any row is looked at
        self._at = next((names.index(path) for path in codes if path in names), 0)

    def among(self, rows: Sequence[Sequence[str]]) -> int | None:
        """Return which of several rows (from 0) is nothing but headings, or None."""
        if self._known.isdisjoint({cells[self._at].strip().casefold() for cells in rows}):
            return None
        return next((number for number, cells in enumerate(rows) if self.stands_in(cells)), None)

    def stands_in(self, cells: Sequence[Cell]) -> bool:
        """Whether a row is nothing but headings."""
        one = cells[self._at] if self._at < len(cells) else ""
        if not isinstance(one, str) or (one not in self._known and _DIGIT.search(one)):
            return False
        texts = [cell for cell in cells if cell not in ("", None)]
        return len(texts) > 1 and all(isinstance(text, str) and label(text) in self._known for text in texts)
