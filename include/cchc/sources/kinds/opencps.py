"""OpenCPS one-stop software: `GET /o/rest/v2/dossiers`, one site (groupId) per unit, rows by start/end offsets.

There is no "changed since", so a window is read in several passes (received in it, released in it …) and a dossier
that two passes give is kept once. Profile options:

=========  ==========================================================================================
path       path of the list below the connection's address
page_size  rows of a page
passes     list of ``{from: <parameter>, to: <parameter>}``: the date filters of each pass (dd/MM/yyyy)
identity   the system's own id of a record, by which passes are joined
=========  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping
from typing import Any

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Profile
from cchc.errors import ConfigurationError, SourceUnavailable
from cchc.sources.contract import RawPage, Window
from cchc.sources.web.paging import Page, Record, pages, records_of, total_of
from cchc.sources.web.session import Http

_DAY = "%d/%m/%Y"


class OpenCps:
    """The dossiers of one site; `group_id` is the site's."""

    absent: Collection[DatasetName] = ()  # a server that answers says what there is

    def __init__(self, source: str, profile: Profile, http: Http, url: str, group_id: str) -> None:
        try:
            self._url = url + str(profile.options["path"])
            self._size = int(profile.options["page_size"])
            self._passes = [(str(p["from"]), str(p["to"])) for p in profile.options["passes"]]
            self._identity = str(profile.options["identity"])
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"profile {profile.code}: options need path, page_size, passes and identity ({error})"
            ) from None
        self._source = source
        self._http = http
        self._headers = {"groupId": group_id, "Accept": "application/json"}
        self._total = 0

    def read(self, window: Window) -> Generator[RawPage]:
        """Yield each dossier of the window once."""
        known: set[object] = set()  # ids of earlier passes
        try:
            for first, last in self._passes:
                yield from self._pass(window, first, last, known)
        finally:
            self._http.close()

    def totals(self) -> Mapping[DatasetName, int]:
        """Return the passes' totals, less the dossiers that more than one pass gave."""
        return {"dossier": self._total}

    def _pass(self, window: Window, first: str, last: str, known: set[object]) -> Iterator[RawPage]:
        dates = {first: window.start.strftime(_DAY), last: window.end.strftime(_DAY)}
        seen: set[object] = set()

        def fetch(number: int, where: str) -> Page:
            start = (number - 1) * self._size
            params: dict[str, Any] = {**dates, "start": start, "end": start + self._size}
            answer = self._http.json("GET", self._url, where=where, params=params, headers=self._headers)
            total = total_of(self._source, where, "total", answer.get("total"))
            rows = self._rows(answer, where, expected=min(self._size, total - start))
            return Page(number, rows, total)

        for page in pages(self._source, self._size, fetch, f"{first} page"):
            if page.number == 1:
                self._total += page.total
            fresh: list[Record] = []
            for row in page.records:
                identity = row.get(self._identity)
                if isinstance(identity, str | int) and identity != "":
                    key = str(identity)
                    if key in seen:
                        text = "a record came twice: the list moved while it was read"
                        raise SourceUnavailable(self._source, text, where=f"{first} page {page.number}")
                    seen.add(key)
                    if key in known:
                        self._total -= 1
                        continue
                fresh.append(row)
            yield RawPage("dossier", f"{first} {page.number}", fresh)
        known |= seen

    def _rows(self, answer: Mapping[str, Any], where: str, *, expected: int) -> list[Record]:
        """Return the rows; the vendor's JSON writer leaves an empty list out and a list of one unwrapped."""
        data = answer.get("data")
        if data is None and "data" not in answer and expected <= 0:
            return []
        if isinstance(data, dict) and expected == 1:
            return [data]
        return records_of(self._source, where, "data", data)
