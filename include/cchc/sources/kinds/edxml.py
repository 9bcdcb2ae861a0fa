"""A document exchange that lists and serves QCVN 102:2016 messages, in and out, with the status messages that answer.

Profile options: path (of the list), page_size, workers (messages fetched at once), directions, ok_status, and
refused_codes and busy_codes as for the national system. Lists are read page by page, the messages of a page in
parallel over the source's pooled session, and yielded in the order of the list.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any
from urllib.parse import quote

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection, RawPage, Window
from cchc.sources.door.screen import shown
from cchc.sources.formats.edxml_message import BadMessage, as_record, header
from cchc.sources.texts import as_text
from cchc.sources.web.paging import Page, Record, pages, records_of, total_of
from cchc.sources.web.session import Http

_DATASETS: Mapping[str, DatasetName] = {"edoc": "document", "status": "document_status"}
_STATUS_CODE = "MessageHeader.StatusCode"
_LONGEST_ID = 200


class Edxml:
    """The messages of one organ (its code on the exchange)."""

    absent: Collection[DatasetName] = ()  # a server that answers says what there is

    def __init__(self, source: str, profile: Profile, http: Http, connection: Connection, organ: str) -> None:
        try:
            self._url = connection.url + str(profile.options["path"])
            self._size = int(profile.options["page_size"])
            self._workers = int(profile.options["workers"])
            self._directions = [str(d) for d in profile.options["directions"]]
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"profile {profile.code}: options need path, page_size, workers and directions ({error})"
            ) from None
        self._refused = {str(code) for code in profile.options.get("refused_codes", ())}
        self._busy = {str(code) for code in profile.options.get("busy_codes", ())}
        self._source = source
        self._http = http
        self._organ = organ
        self._headers = {"X-SystemId": connection.login, "X-SecretKey": connection.password}
        self._totals: dict[DatasetName, int] = {"document": 0, "document_status": 0}

    def read(self, window: Window) -> Generator[RawPage]:
        """Yield each message of the window: documents and status messages."""
        pool = ThreadPoolExecutor(max_workers=self._workers, thread_name_prefix="edxml")
        try:
            for direction in self._directions:
                yield from self._direction(window, direction, pool)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            self._http.close()

    def totals(self) -> Mapping[DatasetName, int]:
        """Return how many messages of each kind the lists name."""
        return self._totals

    def _direction(self, window: Window, direction: str, pool: ThreadPoolExecutor) -> Iterator[RawPage]:
        def fetch(number: int, where: str) -> Page:
            params: dict[str, Any] = {
                "organ": self._organ,
                "direction": direction,
                "from": window.start.isoformat(),
                "to": window.end.isoformat(),
                "page": number,
                "size": self._size,
            }
            answer = self._http.json("GET", self._url, where=where, params=params, headers=self._headers)
            if answer.get("status") != "OK":
                raise self._own_error(answer, where)
            total = total_of(self._source, where, "total", answer.get("total"))
            return Page(number, records_of(self._source, where, "documents", answer.get("documents")), total)

        for page in pages(self._source, self._size, fetch, f"{direction} page"):
            where = f"{direction} page {page.number}"
            listed = [self._listed(entry, where) for entry in page.records]
            messages = pool.map(
                self._message, [doc_id for doc_id, _ in listed], repeat(direction), repeat(where)
            )
            read: dict[DatasetName, list[dict[str, object]]] = {"document": [], "document_status": []}
            rows: dict[DatasetName, list[str]] = {"document": [], "document_status": []}
            for (doc_id, dataset), record in zip(listed, messages, strict=True):
                self._check_kind(record, dataset, doc_id, where)
                read[dataset].append(record)
                rows[dataset].append(f" docId {shown(doc_id)}")
            for dataset, records in read.items():
                self._totals[dataset] += len(records)
                if records:
                    yield RawPage(dataset, f"{direction} {page.number}", records, rows[dataset])

    def _listed(self, entry: Record, where: str) -> tuple[str, DatasetName]:
        doc_id = as_text(entry.get("docId")) if not isinstance(entry.get("docId"), dict | list) else None
        if not doc_id or len(doc_id) > _LONGEST_ID:
            raise ContractBroken(self._source, "field docId is missing or not an id", where=where)
        dataset = _DATASETS.get(str(entry.get("messageType")))
        if dataset is None:
            text = f"field messageType of docId {shown(doc_id)} is neither {' nor '.join(_DATASETS)}"
            raise ContractBroken(self._source, text, where=where)
        return doc_id, dataset

    def _message(self, doc_id: str, direction: str, where: str) -> dict[str, object]:
        place = f"{where}, docId {shown(doc_id)}"
        try:
            fields = self._http.read(
                "GET",
                f"{self._url}/{quote(doc_id, safe='')}",
                where=place,
                consume=header,
                headers=self._headers,
            )
        except BadMessage as bad:
            raise ContractBroken(self._source, f"the message cannot be read: {bad}", where=place) from None
        return as_record(fields, direction)

    def _check_kind(
        self, record: Mapping[str, object], dataset: DatasetName, doc_id: str, where: str
    ) -> None:
        if (_STATUS_CODE in record) != (dataset == "document_status"):
            text = "field messageType of the list contradicts the message (StatusCode)"
            raise ContractBroken(self._source, text, where=f"{where}, docId {shown(doc_id)}")

    def _own_error(self, answer: Mapping[str, Any], where: str) -> SourceError:
        if "status" not in answer:
            return ContractBroken(self._source, "field status is missing", where=where)
        code = shown(as_text(answer.get("errorCode")) or "none", 20)
        text = f"the exchange answers with its error code {code} (field errorCode) instead of data"
        if code in self._refused:
            return SourceRefused(self._source, text, where=where)
        if code in self._busy:
            return SourceUnavailable(self._source, text, where=where)
        return ContractBroken(self._source, text, where=where)
