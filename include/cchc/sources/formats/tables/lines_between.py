"""Lines of a list that are no records: names of groups, totals, footers and signatures, numbers typed in advance."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cchc.catalogue.profiles import DatasetMap
from cchc.sources.formats.isolation import Cell
from cchc.sources.formats.tables.headings import Headings
from cchc.sources.formats.tables.totals import behind_total

_FEW = 2  # cells: a number and a name
_MANY = 5  # columns of which a record has more than one
# what numbers a group: I. II) A. 1. 1.1. - and behind it a name, whose first word has no digit, as a code has
_GROUP = re.compile(
    r"(?:(?:[IVX]+|[A-ZĐ]|\d{1,2}(?:\.\d{1,2})*)\s?[.):]|[-–—+*•])\s+[^\W\d]+(?:[\s:,]|$).*", re.DOTALL
)
_GROUP_NUMBER = re.compile(r"(?:[IVX]+|[A-ZĐ])[.)]?")  # in a cell of its own
_DIGIT = re.compile(r"\d")
_DATED = re.compile(r"\bngày\b.*\btháng\b.*\bnăm\b", re.IGNORECASE)


def is_total(cells: Sequence[Cell], totals: Sequence[str]) -> bool:
    """Whether a row begins as a total does."""
    if not totals:
        return False
    first = next((cell for cell in cells if isinstance(cell, str) and cell.strip()), "")
    return any(behind_total(first, text) is not None for text in totals)


class Lines:
    """Counts lines that no record can be: of what a record needs, they hold one text at most and it names nothing.

    They are left out, and how many is noted; as records each of them would wait in quarantine for ever.
    """

    def __init__(self, found: Headings, dataset_map: DatasetMap) -> None:
        fields = [f for f in dataset_map.fields.values() if f.path in found.names]
        paths = {f.path for f in fields}
        every = {f.path for f in fields if f.required or f.present}
        self._mapped = [at for at, name in enumerate(found.names) if name in paths]
        # a record has more than one text
        self._are_known = len(every) >= _FEW or len(self._mapped) >= _MANY
        self.after_total = False  # and no record since
        self.left_out = 0

    def leave_out(self, cells: list[Cell]) -> bool:
        """Whether a row is such a line; it is counted then."""
        filled = len(cells) - cells.count("")
        if not self._are_known or (filled > _FEW and not self.after_total):
            return False
        texts = [cells[at] for at in self._mapped if at < len(cells) and cells[at] != ""]
        if not _is_group(cells) and not self._is_line(
            filled, [text for text in texts if isinstance(text, str)], len(texts)
        ):
            return False
        self.left_out += 1
        return True

    def _is_line(self, filled: int, texts: list[str], mapped: int) -> bool:
        if len(texts) < mapped:  # a number or a date
            return False
        if self.after_total and filled <= _FEW and mapped <= 1:  # Trang 1/2
            return all(" " in text.strip() for text in texts)
        return (self.after_total or mapped <= 1) and not any(map(_may_be_a_code, texts))


def _is_group(cells: Sequence[Cell]) -> bool:
    """Whether all that a row holds is the number and the name of a group: `II. Hộ tịch (3 hồ sơ)`, `II` and a name."""
    match [cell for cell in cells if cell != ""]:
        case [str(name)]:
            return _GROUP.fullmatch(name.strip()) is not None
        case [str(number), str(name)]:
            return _GROUP_NUMBER.fullmatch(number.strip()) is not None and " " in name.strip()
    return False


def _may_be_a_code(text: str) -> bool:
    """Whether a text could be the number or code of a record: one word, or one with a digit that is no date's."""
    return " " not in text.strip() or (_DIGIT.search(text) is not None and not _DATED.search(text))
