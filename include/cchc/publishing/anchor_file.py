"""The anchor: the file outside the database in which every link of the chain stands on a line of its own.

A line that a kill cut short stands after the last whole one; a line that begins with # is a person's word (`Word`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cchc.errors import CchcError
from cchc.settings import settings

_LINE = re.compile(rb"([0-9]{1,9}) ([!-~]+) ([0-9a-f]{64})")
_WORD = re.compile(rb"# ([0-9]{1,9})\t([!-~]+)\t([^\t]+)\t([^\t]+)")


class ChainBroken(CchcError):
    """What is in the database is not what was anchored."""


@dataclass(frozen=True)
class Line:
    """One line of the anchor."""

    chain_no: int
    name: str
    chain_sha256: str

    def __str__(self) -> str:
        return f"{self.chain_no} {self.name} {self.chain_sha256}\n"


@dataclass(frozen=True)
class Word:
    """A line of the anchor in which a person answers for links that it does not have."""

    chain_no: int  # of the line that follows them
    at: str
    by: str
    reason: str

    def __str__(self) -> str:
        return f"# {self.chain_no}\t{self.at}\t{self.by}\t{self.reason}\n"


@dataclass(frozen=True)
class Anchor:
    """What stands in an anchor."""

    lines: list[Line]
    words: dict[int, Word]
    size: int  # bytes of whole lines
    torn: bytes = b""  # what stands after them: a line that was cut short

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Yield the first missing number and that of the line after it."""
        expected = 1
        for line in self.lines:
            if line.chain_no > expected:
                yield expected, line.chain_no
            expected = max(expected, line.chain_no + 1)


def beside(releases: Path) -> Path:
    """Return where the anchor stands unless CCHC_ANCHOR says otherwise: beside the directory of releases."""
    return releases.with_name(f"{releases.name}.chain")


def own() -> Path:
    """Return the anchor of this installation."""
    return settings().anchor or beside(settings().releases)


def read(anchor: Path) -> Anchor:
    """Return what stands in the anchor; raises `ChainBroken` for a line that is none (a torn last one is apart)."""
    try:
        content = anchor.read_bytes()
    except FileNotFoundError:
        return Anchor([], {}, 0)
    except OSError as error:
        raise ChainBroken(f"{anchor} cannot be read: {error.strerror}") from error
    *whole, torn = content.split(b"\n")
    lines, words = [], {}
    for number, line in enumerate(whole, start=1):
        if word := _WORD.fullmatch(line):
            no, *rest = (part.decode(errors="backslashreplace") for part in word.groups())
            words[int(no)] = Word(int(no), *rest)
            continue
        parts = _LINE.fullmatch(line)
        if parts is None:
            said = line.decode(errors="backslashreplace").strip()[:80]
            raise ChainBroken(f"{anchor}, line {number}: this is no line of an anchor: {said!r}")
        lines.append(Line(int(parts[1]), parts[2].decode(), parts[3].decode()))
    # a person's word that was cut short was not given
    return Anchor(lines, words, len(content) - len(torn), b"" if torn.startswith(b"#") else torn)


def append(anchor: Path, size: int, fresh: Sequence[Line | Word]) -> None:
    """Write lines after the first `size` bytes, the whole lines that were read."""
    anchor.parent.mkdir(parents=True, exist_ok=True)
    with anchor.open("r+b" if anchor.exists() else "w+b") as out:
        out.truncate(size)  # what a killed publication tore off
        out.seek(size)
        out.write("".join(map(str, fresh)).encode(errors="backslashreplace"))
        out.flush()
        os.fsync(out.fileno())
