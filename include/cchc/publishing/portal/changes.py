"""What revisions of a closed period changed: the greatest changes on its page, in a file all where they are many."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cchc.publishing.archive import Change, ClosedPeriod, Revision
from cchc.publishing.open_data import formats

SHOWN = 300  # of one revision, about 60 KB
_OF_ALL = 600  # of all revisions of a page
_FEWEST = 20
_NUMBER = re.compile(r"-?\d{1,3}(\.\d{3})*(,\d+)?%?|-?\d+(,\d+)?%?")
_COLUMNS = ("unit_code", "unit_name", "set_code", "indicator_code", "title", "before", "after")


@dataclass(frozen=True)
class Named:
    """What a number is called, and where it is explained (from the root; empty: nowhere)."""

    title: str
    href: str


@dataclass(frozen=True)
class Changed:
    """A number that a revision changed, in words."""

    unit: str
    title: str
    href: str
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """What a revision changed: all of it in the order of units, or the greatest first and a file with all."""

    shown: tuple[Changed, ...]
    in_all: int
    file: str  # from the root; empty: all are shown


class Wording:
    """What units and numbers of closed periods are called."""

    def __init__(self, units: Mapping[str, str], names: Mapping[tuple[str, str], Named]) -> None:
        self._units, self._names = units, names

    def of(self, own: ClosedPeriod) -> dict[int, Changes]:
        """Return what each revision of a period changed, by its number."""
        most = min(SHOWN, max(_FEWEST, _OF_ALL // len(own.revisions)))
        return {revision.number: self._changes(own, revision, most) for revision in own.revisions}

    def files(self, own: ClosedPeriod) -> Iterator[tuple[str, bytes]]:
        """Yield a CSV of all changes of each revision that the page does not show whole."""
        for revision, changes in zip(own.revisions, self.of(own).values(), strict=True):
            if changes.file:
                yield changes.file, formats.text(_COLUMNS, map(self._row, revision.changes))

    def _changes(self, own: ClosedPeriod, revision: Revision, most: int) -> Changes:
        shown: Sequence[Change] = revision.changes
        cut = len(shown) > most
        if cut:
            shown = sorted(shown, key=lambda change: -size(change))[:most]
        file = f"ky/{own.slug}-ban-{revision.number}.csv" if cut else ""
        return Changes(tuple(map(self._changed, shown)), len(revision.changes), file)

    def _named(self, change: Change) -> Named:
        key = change.set_code, change.indicator_code
        return self._names.get(key, Named(change.indicator_code, ""))

    def _unit(self, change: Change) -> str:
        return self._units.get(change.unit_code, change.unit_code)

    def _changed(self, change: Change) -> Changed:
        named = self._named(change)
        return Changed(self._unit(change), named.title, named.href, change.before or "–", change.after or "–")

    def _row(self, change: Change) -> dict[str, object]:
        return {
            "unit_code": change.unit_code,
            "unit_name": self._unit(change),
            "set_code": change.set_code,
            "indicator_code": change.indicator_code,
            "title": self._named(change).title,
            "before": change.before,
            "after": change.after,
        }


def size(change: Change) -> Decimal:
    """Return how much a number changed, 0 to 1: a share by its points, a count by the part of it that is new or gone.

    One that became known, or is no more, changed wholly; where neither side is a number nothing did.
    """
    before, after = _number(change.before), _number(change.after)
    if before is None or after is None:
        return Decimal(before is not after)
    apart = abs(after - before)
    if "%" in f"{change.before}{change.after}":
        return apart / 100
    return apart / max(abs(before), abs(after), Decimal(1))


def _number(text: str | None) -> Decimal | None:
    if text is None or not _NUMBER.fullmatch(text):
        return None
    return Decimal(text.replace(".", "").replace(",", ".").removesuffix("%"))
