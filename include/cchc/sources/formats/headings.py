"""Columns of a register, found by their headings and not by their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cchc.catalogue.models import DatasetMap
from cchc.sources.texts import clean, label


class MissingHeading(ValueError):
    """A heading the profile needs is not there, or stands twice; `found` of the needed ones are there."""

    def __init__(self, message: str, found: int) -> None:
        self.found = found
        super().__init__(message)


class Headings:
    """The heading row of a register. Raises `MissingHeading` naming what is missing."""

    def __init__(self, cells: Sequence[str], dataset_map: DatasetMap) -> None:
        needed = {label(name): name for name in _needed(dataset_map)}
        known = {label(name): name for name in _optional(dataset_map)} | needed
        labels = [label(cell) for cell in cells]
        while labels and not labels[-1]:
            labels.pop()
        missing = [name for key, name in needed.items() if key not in labels]
        found = len(needed) - len(missing)
        if missing:
            raise MissingHeading(f"heading {', '.join(missing)} is missing", found)
        twice = [name for key, name in known.items() if labels.count(key) > 1]
        if twice:
            raise MissingHeading(f"heading {', '.join(twice)} stands twice", found)
        self.width = len(cells)
        self._names = [known.get(key) or clean(cell) for key, cell in zip(labels, cells, strict=False)]

    @property
    def names(self) -> list[str]:
        """The headings in order, those the profile knows in the profile's writing."""
        return self._names

    def record(self, cells: Sequence[Any]) -> dict[str, Any]:
        """Return one row as heading → cell; cells under an empty heading are left out."""
        return {name: cell for name, cell in zip(self._names, cells, strict=False) if name}


def _needed(dataset_map: DatasetMap) -> list[str]:
    names = [f.path for f in dataset_map.fields.values() if f.path is not None and not f.optional]
    if dataset_map.secrecy is not None and dataset_map.secrecy.required:
        names += [dataset_map.secrecy.level] if dataset_map.secrecy.level else dataset_map.secrecy.paths
    return list(dict.fromkeys(names))


def _optional(dataset_map: DatasetMap) -> list[str]:
    return [f.path for f in dataset_map.fields.values() if f.path is not None and f.optional]
