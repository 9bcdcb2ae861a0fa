"""A second row of headings among the records: of the same columns on the next page, or of another table put below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cchc.catalogue.profiles import DatasetMap
from cchc.sources.formats.isolation import Cell
from cchc.sources.formats.tables.headings import JOINT, Headings
from cchc.sources.texts import label

REPEATED = (
    "the headings stand here again, and not each in its own column: two tables were put together; "
    "put each into a file or sheet of its own"
)

_DIGIT = re.compile(r"\d")


class Repeated:
    """Knows the headings of one table again, in whatever order they stand."""

    def __init__(self, headings: Headings, dataset_map: DatasetMap) -> None:
        names = headings.names
        self._own = [{label(part) for part in (name, *name.split(JOINT))} for name in names]
        self._known = {text for own in self._own for text in own if text}
        if any(JOINT in name for name in names):  # headings of several rows leave cells empty
            self._own = [own | {""} for own in self._own]
        codes = [f.path for f in dataset_map.fields.values() if f.path is not None and f.type == "code"]
        # records have a digit there, nearly all; headings seldom: so hardly any row is looked at
        self._at = next((names.index(path) for path in codes if path in names), 0)
        digits = "".join(sorted({found[0] for text in self._known if (found := _DIGIT.search(text))}))
        self._may_be_one = re.compile(rf"\D*+(?:\Z|[{digits}])" if digits else r"\D*+\Z").match

    def among(self, rows: Sequence[Sequence[str]]) -> list[int]:
        """Return which of several rows (from 0) are nothing but headings."""
        texts = filter(self._may_be_one, {cells[self._at] for cells in rows})
        if not any(not (said := label(text)) or said in self._known for text in texts):
            return []
        return [number for number, cells in enumerate(rows) if self.stands_in(cells)]

    def stands_in(self, cells: Sequence[Cell]) -> bool:
        """Whether a row is nothing but headings."""
        one = cells[self._at] if self._at < len(cells) else ""
        if not isinstance(one, str) or not self._may_be_one(one):
            return False
        texts = [cell for cell in cells if not isinstance(cell, str) or label(cell)]
        return len(texts) > 1 and all(isinstance(text, str) and label(text) in self._known for text in texts)

    def is_in_place(self, cells: Sequence[Cell]) -> bool:
        """Whether each heading of such a row stands in its own column: the columns below it are the same ones."""
        said = [label(cell) if isinstance(cell, str) else None for cell in cells]
        said += [""] * (len(self._own) - len(said))
        own = self._own + [{""}] * (len(said) - len(self._own))
        return all(text in known for text, known in zip(said, own, strict=True))
