"""Make the documents, write them, and say where those in a folder differ from what would be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from sqlalchemy import Engine

from cchc.documents.data_dictionary import data_dictionary
from cchc.documents.rules import rules


@dataclass(frozen=True)
class Difference:
    """The first line of a document that is not what would be made; None: the line is not there."""

    path: Path
    line: int
    found: str | None
    made: str | None

    def sentence(self) -> str:
        """Return it as a person reads it."""
        return f"{self.path}, line {self.line}: {_short(self.found)} would be {_short(self.made)}"


def _short(line: str | None, limit: int = 160) -> str:
    if line is None:
        return "(no such line)"
    return repr(line if len(line) <= limit else line[: limit - 1] + "…")


def generated(engine: Engine) -> dict[str, str]:
    """Return every document by its file's name; `engine` is on a migrated warehouse. Errors as `data_dictionary`."""
    return {"data_dictionary.md": data_dictionary(engine), "rules.md": rules()}


def write(folder: Path, engine: Engine) -> list[Path]:
    """Write the documents into a folder and return those that changed."""
    changed = []
    for name, text in generated(engine).items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def differences(folder: Path, engine: Engine) -> list[Difference]:
    """Return for each document of a folder that is not what would be made its first differing line."""
    return [
        found
        for name, text in generated(engine).items()
        if (found := first_difference(folder / name, text)) is not None
    ]


def first_difference(path: Path, made: str) -> Difference | None:
    """Return the first line of a file that is not as made, or None; a file that is not there is an empty one."""
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    lines: Iterator[tuple[str | None, str | None]] = zip_longest(there.split("\n"), made.split("\n"))
    for number, (old, new) in enumerate(lines, start=1):
        if old != new:
            return Difference(path, number, old, new)
    return None
