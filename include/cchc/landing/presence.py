"""Does every page name the fields that must be there? A field gone from a whole page was renamed or removed."""

from __future__ import annotations

from collections.abc import Mapping

from cchc.catalogue.models import DatasetMap
from cchc.errors import ContractBroken

_ENOUGH = 2  # records: in a page of one, a field that is missing may be that record's own mistake


class Presence:
    """Watches the records of one dataset in the order of their pages."""

    def __init__(self, source: str, dataset_map: DatasetMap) -> None:
        self._source = source
        self._needed = frozenset(
            f.path for f in dataset_map.fields.values() if f.path is not None and (f.required or f.present)
        )
        self._page: str | None = None
        self._rows = 0
        self._missing: frozenset[str] = frozenset()

    def see(self, page: str, fields: Mapping[str, object]) -> None:
        """Take note of a record that passed the door; raises `ContractBroken` when an earlier page lacks a field."""
        if page != self._page:
            self.check()
            self._page, self._rows, self._missing = page, 0, self._needed
        self._rows += 1
        if self._missing:
            self._missing = self._missing.difference(fields)

    def check(self) -> None:
        """Judge the page seen last; raises `ContractBroken` naming page and field."""
        if self._page is not None and self._rows >= _ENOUGH and self._missing:
            names = ", ".join(sorted(self._missing))
            text = f"field {names} is in none of the {self._rows} records; was it renamed, or is it no text any more?"
            raise ContractBroken(self._source, text, where=f"page {self._page}")
