"""Which records of a list came already: in an earlier walk through it, or because it moved while it was read."""

from __future__ import annotations

from collections.abc import Sequence

from cchc.errors import ContractBroken, SourceUnavailable
from cchc.sources.web.json_path import first_texts
from cchc.sources.web.paging import Record


class Repeats:
    """The records that came, by the identity that the profile names, else by their whole content."""

    def __init__(self, source: str, identity: str | None) -> None:
        self._source, self._identity = source, identity
        self._before: set[str] = set()  # in the walks before
        self._here: set[str] = set()  # on the pages before of this walk

    def next_walk(self) -> None:
        """Begin to go through the list again: what came so far may come again."""
        self._before |= self._here
        self._here = set()

    def fresh(self, records: list[Record], where: str) -> list[Record]:
        """Return the records of the next page that no earlier walk gave; twins within the page stay.

        Raises `SourceUnavailable` for one that an earlier page of this walk gave (as it moved, another one may have
        gone over to a page that was read), `ContractBroken` where no record has the identity that the profile names.
        """
        names = self._names(records, where)
        different = set(names)
        if not self._here.isdisjoint(different):
            text = "a record of an earlier page came again: the list moved while it was read"
            raise SourceUnavailable(self._source, text, where=where)
        self._here |= different
        if self._before.isdisjoint(different):
            return records
        return [record for record, name in zip(records, names, strict=True) if name not in self._before]

    def _names(self, records: Sequence[Record], where: str) -> list[str]:
        if self._identity is None:
            return [_content(record) for record in records]
        texts = first_texts(records, self._identity)
        if records and not any(texts):
            text = f"field {self._identity} is in none of the {len(records)} records, or empty in all"
            text += "; it is their identity: was it renamed or removed?"
            raise ContractBroken(self._source, text, where=where)
        return [text or _content(record) for text, record in zip(texts, records, strict=True)]


def _content(record: Record) -> str:
    """Return what stands for the whole content of a record, short as it may be kept for each of a long list."""
    return f"={hash(repr(record))}"
