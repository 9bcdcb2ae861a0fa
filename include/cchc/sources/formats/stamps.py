"""Marks of secrecy that a whole file or sheet bears, as paper bears a stamp: then none of its records may come in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from cchc.sources.door.secrecy import carries_mark, level_stated
from cchc.sources.formats.isolation import BadWorkbook, Cell
from cchc.sources.texts import clean, label

_TAKEN = "nothing of it was taken; the unit must take it away, or a mark that was set by mistake"
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SURELY = {"mật", "toi", "tuyet"}  # mat alone, without accents, is mặt, mất or mắt: giai_phong_mat_bang


def refuse_name(name: str) -> None:
    """Raise `BadWorkbook` where a file or sheet is called secret: `Sổ văn bản mật.csv`, `toi_mat.xlsx`."""
    said = " ".join(_BETWEEN_WORDS.split(clean(PurePosixPath(name).stem)))
    if not _SURELY.isdisjoint(said.casefold().split()) and carries_mark(said):
        raise BadWorkbook(f"its name bears a mark of secrecy: {_TAKEN}")


def refuse_stamp(above: Sequence[Sequence[Cell]], beside: Iterable[str]) -> None:
    """Raise `BadWorkbook` where a line is nothing but a mark: `MẬT`, `Độ mật: Tối mật`, not `trừ văn bản mật`.

    `above` stands above the headings, `beside` in comments, text boxes, page headers and footers. What names several
    levels lists what there is to choose from.
    """
    if _is_stamped(_lines(above)):
        raise BadWorkbook(f"a line above the headings is a mark of secrecy: {_TAKEN}")
    if any(_is_stamped(text.splitlines()) for text in beside):
        raise BadWorkbook(f"a comment, text box, page header or footer is a mark of secrecy: {_TAKEN}")


def _lines(rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    for row in rows:
        texts = [cell for cell in row if isinstance(cell, str) and cell.strip()]
        yield from (line for text in texts for line in text.splitlines())
        yield " ".join(texts)  # Độ mật: | Mật


def _is_stamped(lines: Iterable[str]) -> bool:
    return len({_BETWEEN_WORDS.sub("", label(level)) for level in map(level_stated, lines) if level}) == 1
