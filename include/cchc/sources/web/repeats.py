"""Which records of a list came already in an earlier walk through it, by the identity that the profile names."""

from __future__ import annotations

from collections.abc import Sequence

from cchc.errors import ContractBroken
from cchc.sources.web.json_path import first_texts
from cchc.sources.web.paging import Page, Record, names_of


class Repeats:
    """The records that came; one without the identity is known by its whole content."""

    def __init__(self, source: str, identity: str) -> None:
        self._source, self._identity = source, identity
        self._before: set[str] = set()  # in the walks before
        self._here: set[str] = set()  # in this one

    def next_walk(self) -> None:
        """Begin to go through the list again: what came so far may come again."""
        self._before |= self._here
        self._here = set()

    def fresh(self, page: Page) -> Sequence[Record]:
        """Return the records of the next page that no earlier walk gave; twins within the walk stay."""
        self._here.update(page.names)
        if self._before.isdisjoint(page.names):
            return page.records
        return [page.records[n] for n, name in enumerate(page.names) if name not in self._before]

    def names(self, records: Sequence[Record], where: str) -> list[str]:
        """Return what tells records apart; raises `ContractBroken` where none of a page has the identity."""
        texts = first_texts(records, self._identity)
        if records and not any(texts):
            text = f"field {self._identity} is in none of the {len(records)} records, or empty in all"
            text += "; it is their identity: was it renamed or removed?"
            raise ContractBroken(self._source, text, where=where)
        if all(texts):
            return [text for text in texts if text]
        return [text or names_of([records[number]])[0] for number, text in enumerate(texts)]
