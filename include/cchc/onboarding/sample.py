"""The first pages of every dataset of a source, through the door and the profile's map; nothing is stored."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field

import orjson

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Catalogue, Source
from cchc.catalogue.profiles import FieldMap, Profile
from cchc.landing.contract import Shape, Watch
from cchc.landing.delivery import LandedRow
from cchc.onboarding.guess import may_be_shown
from cchc.sources.connector import RawPage, Resolver, Window
from cchc.sources.door import screen
from cchc.sources.door.allow_list import Door, Refused
from cchc.sources.registry import connect, datasets
from cchc.staging.mapping import StagedRow, compile_map
from cchc.warehouse.datasets import NAMES

_FEW = 2  # pages to read at least, so that one that is the last is known as such
_PATIENCE = 2.0  # seconds
_LONGEST = 60  # characters of a value that is shown


@dataclass
class Sample:
    """What the first pages of one dataset gave. Bytes are those of the records as JSON, seconds those of waiting."""

    profile: Profile
    dataset: DatasetName
    rows: list[tuple[str, StagedRow]] = field(default_factory=list)  # place in the source, row
    unread: Counter[tuple[str, str, str]] = field(
        default_factory=Counter
    )  # column, path, value or its pattern
    unknown: set[str] = field(default_factory=set)
    seen: int = 0
    refused: int = 0
    unstated: int = 0
    pages: int = 0
    seconds: float = 0
    bytes: int = 0
    total: int | None = None  # as the source states it, of the passes that were read
    is_complete: bool = False  # there is no more in the window
    is_absent: bool = False  # the source says nothing of it
    shape: Shape = field(default_factory=lambda: Shape({}))

    @property
    def personal(self) -> list[str]:
        """Personal and free-text fields that the records have and that were dropped."""
        known = self.profile.datasets[self.dataset].personal
        return [p for p in known if any(f"{path}.".startswith(f"{p}.") for path in self.shape.kinds)]

    @property
    def bad(self) -> int:
        """How many rows hold a value that cannot be read."""
        return sum(1 for _, row in self.rows if row.cast_errors)


def sample(
    catalogue: Catalogue, source: Source, window: Window, resolve: Resolver, least: int
) -> dict[DatasetName, Sample]:
    """Read whole pages until each dataset has `least` rows, or to its end.

    Raises the connector's `SourceError` or `ConfigurationError`, and `ContractBroken` for what would be misread.
    """
    profile = catalogue.profile_of(source)
    wanted = datasets(source, profile)
    found = {name: Sample(profile, name) for name in wanted}
    for name in wanted:
        if found[name].seen >= least or found[name].is_complete:
            continue
        # one dataset at a time, so that a long first one is not read to its end for the sake of the second
        only = source.model_copy(update={"params": source.params | {"datasets": name}})
        connector = connect(only, profile, catalogue.host_of(source), resolve)
        taking = _Taking(source.code, found[name])
        with closing(connector.read(window)) as pages:
            taking.read(pages, least)
        found[name].is_absent = name in connector.absent
        found[name].total = connector.totals().get(name)
        found[name].shape = taking.watch.finish()
    return found


class _Taking:
    """One dataset's pages on their way through door, watch and map."""

    def __init__(self, source: str, into: Sample) -> None:
        dataset_map = into.profile.datasets[into.dataset]
        self._into = into
        self._door = Door(dataset_map)
        self._read = compile_map(into.dataset, into.profile)
        self._fields = {NAMES[name]: entry for name, entry in dataset_map.fields.items()}
        self._unread: Counter[tuple[str, str | None]] = Counter()  # column, value
        self.watch = Watch(source, dataset_map, into.profile.contract)

    def read(self, pages: Generator[RawPage], least: int) -> None:
        self._read_pages(pages, least)
        for (column, text), count in self._unread.items():
            entry = self._fields[column]
            self._into.unread[column, entry.path or "", told(entry, text, count)] += count

    def _read_pages(self, pages: Generator[RawPage], least: int) -> None:
        into = self._into
        # a register states no total: it is read on for a moment, for most end within it
        patience = _PATIENCE if into.profile.kind == "files" else 0
        while into.seen < least or into.pages < _FEW or into.seconds < patience:
            started = time.perf_counter()
            page = next(pages, None)
            into.seconds += time.perf_counter() - started
            if page is None:
                into.is_complete = True
                return
            if page.dataset == into.dataset:
                self._take(page)

    def _take(self, page: RawPage) -> None:
        into = self._into
        self.watch.see(page)
        into.pages += 1
        for number, payload in enumerate(page.records):
            into.seen += 1
            into.bytes += len(orjson.dumps(payload, default=str))
            admitted = self._door.admit(payload)
            if isinstance(admitted, Refused):
                into.refused += not admitted.unstated
                into.unstated += admitted.unstated
                continue
            into.unknown |= admitted.unknown
            row = self._read(LandedRow(into.seen, page.place(number), admitted.fields))
            into.rows.append((page.place(number), row))
            for error in row.cast_errors:
                column = error.partition(": ")[0]
                self._unread[column, admitted.fields.get(self._fields[column].path or "")] += 1


def told(entry: FieldMap, text: str | None, count: int) -> str:
    """Return a value that `count` records have and that cannot be read, as it may be shown.

    One of a list as it is where it is none of a person; any other as its pattern.
    """
    if not text:
        return "(trống)"
    personal = screen.masked(text)
    if personal is not None:
        return f"(giống {personal}, đã che)"
    if entry.type in ("choice", "flag") and may_be_shown(text, count):
        return text
    return pattern(text)


def pattern(text: str) -> str:
    """Return a text with every digit as 9 and every letter as a: 01/02/2026 is 99/99/9999."""
    return "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in text[:_LONGEST])
