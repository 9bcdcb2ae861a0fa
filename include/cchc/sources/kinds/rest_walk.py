"""One way through a list of a REST source, page by page: what is asked, and what the answers say of the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import requests

from cchc.errors import ContractBroken, SourceRefused, SourceUnavailable
from cchc.sources.web.addresses import is_same_by_http
from cchc.sources.web.json_path import Lacking, find, find_each, first_text
from cchc.sources.web.options import Options, Pass
from cchc.sources.web.paging import (
    ByCursor,
    ByLink,
    Page,
    Record,
    Whole,
    next_link,
    next_of,
    records_of,
    total_of,
)
from cchc.sources.web.session import Parse
from cchc.sources.web.template import Value, fill

_YES_NO = {"true": True, "1": True, "false": False, "0": False}


class Asks(Protocol):
    """Who sends a list's requests."""

    def allows(self, url: str) -> bool:
        """Return whether a request may go to `url`, as the source's host declares."""
        ...

    def ask(
        self, method: str, url: str, where: str, request: Mapping[str, Any], read: Parse
    ) -> tuple[Any, requests.Response | None, bool]:
        """Return an answer as `read` reads it, its response (headers), and whether it holds data."""
        ...


class Walk:
    """One way through a list: the requests of its pages, and what their answers say."""

    def __init__(
        self,
        asks: Asks,
        source: str,
        base: str,
        options: Options,
        step: Pass,
        values: Mapping[str, Value],
        read: Parse,
    ) -> None:
        """Begin at the first page, each of which `read` reads.

        Paths follow `base`; `values` is what placeholders stand for on every page.
        """
        self._asks = asks
        self._read = read
        self._source, self._base = source, base
        self._options = options
        self._step = step
        self._values = values
        self._cursor: str | None = None
        self._url: str | None = None
        self._asked = ""
        self._followed: set[str] = set()
        self._total: int | None = None
        self._pages: int | None = None

    @property
    def size(self) -> int | None:
        """Records a page may hold at most; None where pages are as long as the source likes."""
        return self._options.page_size

    def fetch(self, number: int, where: str) -> Page:
        """Return a page; page 1 begins anew. After it an empty page need not state the total."""
        options = self._options
        if number == 1:
            self._cursor = self._url = None
            self._followed.clear()
        self._asked, request = self._request(number)
        answer, head, has_data = self._asks.ask(options.method, self._asked, where, request, self._read)
        if not has_data:
            self._total = 0 if number == 1 and (options.total or options.total_header) else self._total
            return Page(number, [], self._total, False)
        stated: Any = None
        field = options.total or options.total_header or ""
        if options.total is not None:
            stated = next(iter(find(answer, options.total)), None)
        elif options.total_header is not None and head is not None:
            stated = head.headers.get(options.total_header)
        if field and (number == 1 or stated is not None):
            self._total = total_of(self._source, where, field, stated)
        records = self._records(answer, number, where)
        if field and records:
            total_of(self._source, where, field, stated)
        total = None if stated is None else self._total
        return Page(number, records, total, self._more(answer, head, number, records, where))

    def values(self, number: int) -> dict[str, Value]:
        """Return what the placeholders of a page's requests stand for."""
        size, first = self._options.page_size or 0, getattr(self._options.paging, "first", 1)
        start = (number - 1) * size
        values: dict[str, Value] = {**self._values, "page": number - 1 + first, "start": start}
        return values | {"end": start + size, "size": size, "cursor": self._cursor}

    def _request(self, number: int) -> tuple[str, dict[str, Any]]:
        options, values = self._options, self.values(number)
        request: dict[str, Any] = {"headers": headers_of(options, values)}
        if self._url is not None:
            return self._url, request
        request["params"] = fill({**options.params, **self._step.params}, values)
        if options.body is not None or self._step.body:
            body = fill({**(options.body or {}), **self._step.body}, values)
            request["json" if options.body_as == "json" else "data"] = body
        return self._base + str(fill(options.path, quoted(values))), request

    def _records(self, answer: Any, number: int, where: str) -> Sequence[Record]:
        """Return the rows; some writers leave an empty list out, and a list of one without its brackets."""
        options, field = self._options, self._options.records or "(all)"
        try:
            values = find_each(answer, options.records)
        except Lacking as lacking:
            if not options.empty_left_out or self._total is None:  # else the total tells whether it was empty
                text = f"the list (records: {field}) is not whole: {lacking}"
                raise ContractBroken(self._source, text, where=where) from None
            values = find(answer, options.records)
        if values is not None and "[" in options.records:
            values = [[row for v in values for row in (v if isinstance(v, list) else [v])]]
        left = None if self._total is None else self._total - (number - 1) * (options.page_size or 0)
        if not values and options.empty_left_out and left is not None and left <= 0:
            return []
        if options.single_as_object and values and isinstance(values[0], dict) and left in (None, 1):
            return [values[0]]
        return records_of(self._source, where, field, values[0] if values else None)

    def _more(
        self, answer: Any, head: requests.Response | None, number: int, records: Sequence[Record], where: str
    ) -> bool | None:
        options, paging = self._options, self._options.paging
        if isinstance(paging, Whole):
            return False
        if isinstance(paging, ByLink) and paging.next is None:
            header = head.headers.get("Link", "") if head is not None else ""
            return self._follow(next_link(self._source, where, header), where)
        if isinstance(paging, ByCursor | ByLink):
            found = find(answer, paging.next or "")
            if not found and not paging.next_left_out:
                raise ContractBroken(self._source, f"field {paging.next} is missing", where=where)
            following = next_of(self._source, where, paging.next or "", found[0]) if found else None
            if isinstance(paging, ByLink):
                return self._follow(following, where)
            return self._to_cursor(following, where)
        if options.total_pages is not None:
            found = find(answer, options.total_pages)
            pages = total_of(self._source, where, options.total_pages, found[0] if found else None)
            return self._before_last(number, pages, bool(records), where)
        for path, means in ((options.has_more, True), (options.last_page, False)):
            if path is not None:
                said = _YES_NO.get((first_text(answer, (path,)) or "").lower())
                if said is None:
                    raise ContractBroken(
                        self._source, f"field {path} is missing or not true or false", where=where
                    )
                return said is means
        return None

    def _before_last(self, number: int, pages: int, has_records: bool, where: str) -> bool:
        """Return whether further pages follow; another number of them than before is another list."""
        if number == 1:
            self._pages = pages
        if pages != self._pages:
            text = f"the number of pages changed from {self._pages} to {pages} while the list was read"
            raise SourceUnavailable(self._source, text, where=where)
        if has_records and number > pages:
            text = f"the source states {pages} pages, and this one has records: does it count them from 0?"
            raise ContractBroken(self._source, text, where=where)
        return number < pages

    def _to_cursor(self, cursor: str | None, where: str) -> bool:
        if not cursor:
            return False
        self._once(cursor, where)
        self._cursor = cursor
        return True

    def _follow(self, link: str | None, where: str) -> bool:
        if not link:
            return False
        try:
            asked, there = urlsplit(self._asked), urlsplit(urljoin(self._asked, link))
        except ValueError:
            text = "the address of the next page is no address"
            raise ContractBroken(self._source, text, where=where) from None
        # without the login that an address may have: it would go in the place of ours
        there = there._replace(netloc=there.netloc.rpartition("@")[2].lower())
        url = urlunsplit(there)
        if not self._asks.allows(url) and is_same_by_http(url, self._asked):
            # a system behind a proxy that speaks TLS for it takes itself for one of http
            url = urlunsplit(there._replace(scheme="https", netloc=asked.netloc))
        if not self._asks.allows(url):
            text = "the address of the next page is on another server; nothing is sent there."
            action = "If it is the vendor's, enter it under `also` of the host (hosts.yaml)."
            raise SourceRefused(self._source, text, where=where, action=action)
        self._once(url, where)
        self._url = url
        return True

    def _once(self, next_page: str, where: str) -> None:
        if next_page in self._followed:
            raise ContractBroken(self._source, "the next page is one that was read already", where=where)
        self._followed.add(next_page)


def headers_of(options: Options, values: Mapping[str, Value]) -> dict[str, bytes]:
    """Return the headers of a request as bytes, which may hold any letter."""
    return {name: str(value).encode() for name, value in fill(options.headers, values).items()}


def quoted(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return values as they stand in a path."""
    return {name: quote(v, safe="") if isinstance(v, str) else v for name, v in values.items()}
