"""What earlier releases said to the public, as far as later ones could tell more of it.

Small counts of a month must not follow from the releases of the next: what is carried over into a month is what was
open at the end of the one before, and a year is the sum of its months. So each release leaves what it said of every
period, and which numbers it withheld; the next ones withhold those again and treat the others as known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cchc.publishing.suppression.columns import name_of

Key = tuple[str, ...]  # whose numbers they are, and the first and last of their days
Row = tuple[str, str, str]  # of a form: unit, `field` or `procedure`, its code
Name = tuple[str, Key]  # with the kind of whose they are

_KNOWN, _WITHHELD, _RANGED = range(3)


@dataclass(frozen=True)
class Said:
    """The counts of one thing that a release published or withheld, by what they count."""

    kind: str
    key: Key
    counts: Mapping[str, int]  # by column
    withheld: frozenset[str] = frozenset()
    ranged: frozenset[str] = frozenset()  # of these, those that were said to be small

    def covers(self, later: Said) -> bool:
        """Return whether `later` says nothing of the same thing that this does not say."""
        columns = later.counts.keys()
        return (
            later.counts.items() <= self.counts.items()
            and later.withheld == self.withheld & columns
            and later.ranged == self.ranged & columns
        )


@dataclass(frozen=True)
class Memory:
    """What other releases said: of periods that have ended, release by release, and of those up to their day."""

    vectors: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by column: what it counts
    ended: tuple[tuple[Said, ...], ...] = ()  # of a thing each once in a release
    to_date: tuple[tuple[Said, ...], ...] = ()
    # fields and procedures that were published, by the first day of their period
    opened: Mapping[str, frozenset[Row]] = field(default_factory=dict)


NOTHING = Memory()


def document(said: Iterable[Said], vectors: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Return what was said as JSON: the columns, and each row's counts by the number of their column."""
    rows = sorted(said, key=lambda one: (one.kind, one.key))  # of one thing in the order they were said
    columns = sorted({column for row in rows for column in row.counts})
    place = {column: n for n, column in enumerate(columns)}
    return {
        "columns": [vectors[column] for column in columns],
        "rows": [
            [row.kind, list(row.key), [[place[c], v, _state(row, c)] for c, v in sorted(row.counts.items())]]
            for row in rows
        ],
    }


def _state(row: Said, column: str) -> int:
    return _RANGED if column in row.ranged else _WITHHELD if column in row.withheld else _KNOWN


def read(found: Mapping[str, Any]) -> tuple[dict[str, Mapping[str, int]], tuple[Said, ...]]:
    """Return the columns and the rows of a `document`."""
    names = [name_of(vector) for vector in found["columns"]]
    rows = []
    for kind, key, cells in found["rows"]:
        counts = {names[n]: value for n, value, _ in cells}
        withheld = frozenset(names[n] for n, _, state in cells if state != _KNOWN)
        ranged = frozenset(names[n] for n, _, state in cells if state == _RANGED)
        rows.append(Said(kind, tuple(key), counts, withheld, ranged))
    return dict(zip(names, found["columns"], strict=True)), tuple(rows)


def merged(ended: Sequence[Mapping[str, Any]], to_date: Sequence[Mapping[str, Any]]) -> Memory:
    """Return the memory of documents, the oldest release first."""
    vectors: dict[str, Mapping[str, int]] = {}

    def layers(documents: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Said, ...]]:
        for one in documents:
            columns, said = read(one)
            vectors.update(columns)
            made: list[dict[Name, Said]] = []
            for row in said:
                name = row.kind, row.key
                layer = next((layer for layer in made if name not in layer), None)
                if layer is None:
                    made.append(layer := {})
                layer[name] = row
            yield from (tuple(layer.values()) for layer in made)

    opened: dict[str, frozenset[Row]] = {}
    for one in to_date:
        for begin, rows in one.get("opened", {}).items():
            opened[begin] = opened.get(begin, frozenset()) | {(unit, what, code) for unit, what, code in rows}
    return Memory(vectors, tuple(layers(ended)), tuple(layers(to_date)), opened)


def day_after(day: str) -> str:
    """Return the next day, written alike."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def day_before(day: str) -> str:
    """Return the day before, written alike."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
