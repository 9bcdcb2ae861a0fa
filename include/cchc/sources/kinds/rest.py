"""Any list over HTTP that a profile describes: no code for a vendor. The kinds `opencps` and `igate` are nothing else.

The options are those of `cchc.sources.web.options`; docs/guides/add_vendor.md tells how a profile is written.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote, urljoin, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import requests

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Profile, Source
from cchc.errors import ConfigurationError, ContractBroken, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection, RawPage, Window
from cchc.sources.formats.strict_json import BadJson, parse
from cchc.sources.web.auth import Authoriser
from cchc.sources.web.json_path import Lacking, find, find_each, first_text
from cchc.sources.web.options import Options, Pass, options_of
from cchc.sources.web.paging import (
    ByCursor,
    ByLink,
    ByNumber,
    ByOffset,
    Page,
    Record,
    Whole,
    next_link,
    next_of,
    pages,
    records_of,
    total_of,
)
from cchc.sources.web.repeats import Repeats
from cchc.sources.web.secrets import Secrets
from cchc.sources.web.session import Http, NoContent, Unauthorised
from cchc.sources.web.template import Value, fill

_ENDING = ("Content-Length", "Transfer-Encoding", "Content-Encoding")  # of an answer whose end can be told
_YES_NO = {"true": True, "1": True, "false": False, "0": False}


class Rest:
    """The lists of one source, one for each dataset of its profile that it has."""

    absent: Collection[DatasetName] = ()  # a server that answers says what there is
    options_model: ClassVar[type[Options]] = Options

    def __init__(
        self,
        source: Source,
        profile: Profile,
        wanted: Sequence[DatasetName],
        http: Http,
        connection: Connection,
    ) -> None:
        self._http = http
        self._lists = {
            name: _List(
                source,
                profile,
                options_of(profile, profile.datasets[name], self.options_model),
                http,
                connection,
            )
            for name in wanted
        }

    def read(self, window: Window) -> Generator[RawPage]:
        """Yield each record of the window once."""
        try:
            for dataset, listed in self._lists.items():
                for name, records in listed.read(window):
                    yield RawPage(dataset, name, [self.completed(r, listed.options) for r in records])
        finally:
            self._http.close()

    def totals(self) -> Mapping[DatasetName, int]:
        """Return what the lists state, less the records that came twice; nothing of a list that states none."""
        return {name: listed.total for name, listed in self._lists.items() if listed.total is not None}

    def completed(self, record: Record, options: Options) -> Record:
        """Return the record with what the profile derives from it."""
        if not options.derived:
            return record
        said = {name: first_text(record, paths) for name, paths in options.derived.items()}
        return record | {name: text for name, text in said.items() if text is not None}


class _List:
    """One list, read pass by pass and slice by slice."""

    def __init__(
        self, source: Source, profile: Profile, options: Options, http: Http, connection: Connection
    ) -> None:
        options.check(source.code, profile.code, source.params)
        if options.empty_left_out and options.total is None and options.total_header is None:
            text = "a list that was renamed looks the same: it needs total or total_header, which then says 0"
            raise ConfigurationError(f"profile {profile.code}: options.empty_left_out: {text}")
        self.options = options
        self.total: int | None = 0
        self._source = source.code
        self._params = source.params
        self._http = http
        self._base = connection.url
        self._local, self._zone = ZoneInfo(profile.zone), ZoneInfo(options.zone or profile.zone)
        self._secrets = Secrets(connection)
        check = partial(options.outcome.told, source.code, self._secrets) if options.outcome else None
        self._auth = Authoriser(
            source.code, options.auth, http, connection, source.params, self._secrets, check
        )

    def read(self, window: Window) -> Iterator[tuple[str, list[Record]]]:
        """Yield (name, records) of each page; a record that an earlier pass or slice gave is left out."""
        repeats = Repeats(self._source, self.options.identity)
        for step in self.options.passes:
            asked = self.options.model_copy(update={"passes": (step,)})
            dated = any(name in ("from", "after") for name, _ in asked.placeholders())
            days = self.options.slice_days if dated else None
            for part in slices(window, days):
                label = " ".join(filter(None, (step.name, part.start.isoformat() if days else "")))
                yield from self._walk(step, part, label, repeats)

    def _walk(
        self, step: Pass, window: Window, label: str, repeats: Repeats
    ) -> Iterator[tuple[str, list[Record]]]:
        repeats.next_walk()
        walk = _Walk(self, step, {**self._params, **self._moments(window)})
        numbered = isinstance(self.options.paging, ByNumber | ByOffset)
        for page in pages(self._source, walk.size, walk.fetch, f"{label} page".strip(), numbered):
            if page.number == 1:
                self.total = None if page.total is None or self.total is None else self.total + page.total
            where = f"{label} page {page.number}".strip()
            fresh = page.records
            if self.options.identity or not isinstance(self.options.paging, Whole):
                fresh = repeats.fresh(page.records, where)
            if self.total is not None:
                self.total -= len(page.records) - len(fresh)
            yield f"{label} {page.number}".strip(), self._detailed(fresh, walk.values(page.number), where)

    def _moments(self, window: Window) -> dict[str, Value]:
        """Return the first moment of the window's local days, the last one, and the first after it."""
        start = datetime.combine(window.start, time(), self._local)
        after = datetime.combine(window.end + timedelta(1), time(), self._local)
        last = datetime.combine(window.end, time.max, self._local)
        return {
            "from": start.astimezone(self._zone),
            "to": last.astimezone(self._zone),
            "after": after.astimezone(self._zone),
        }

    def _detailed(self, records: list[Record], values: Mapping[str, Value], where: str) -> list[Record]:
        """Return the records with the fields of their own answers beside those of the list."""
        detail = self.options.detail
        if detail is None or not records:
            return records
        quoted, headers = _quoted(values), _headers(self.options, values)
        named = self.options.identity or ""  # which a detail needs

        def ask(record: Record) -> Record:
            identity = first_text(record, (named,))
            place = f"{where}, id {self._secrets.shown(identity or 'none')}"
            if not identity:
                raise ContractBroken(self._source, f"field {named} is missing", where=place)
            path = fill(detail.path, {**quoted, "id": quote(identity, safe="")})
            answer, _, has_data = self.ask("GET", self._base + path, place, {"headers": headers})
            if not has_data:
                text = "the list names this record, of which the system then has no data: was it deleted meanwhile?"
                raise SourceUnavailable(self._source, text, where=place)
            found = find(answer, detail.record)
            if len(found) != 1 or not isinstance(found[0], dict):
                text = f"field {detail.record or '(all)'} is no object"
                raise ContractBroken(self._source, text, where=place)
            if first_text(found[0], (named,)) not in (None, "", identity):
                text = f"the system answers with another record: its field {named} is not the id asked for"
                raise ContractBroken(self._source, text, where=place)
            return record | found[0]

        with ThreadPoolExecutor(max_workers=detail.workers, thread_name_prefix="detail") as pool:
            return list(pool.map(ask, records))

    def allows(self, url: str) -> bool:
        """Return whether a request may go to `url`, as the source's host declares."""
        return self._http.allows(url)

    def ask(
        self, method: str, url: str, where: str, request: Mapping[str, Any]
    ) -> tuple[Any, requests.Response | None, bool]:
        """Return an answer, its response (headers), and whether it holds data; a token that is over is renewed once."""
        given = self._auth.credentials()
        try:
            return self._send(method, url, where, request, given.headers)
        except Unauthorised:
            if not self._auth.renew(given):
                raise
        return self._send(method, url, where, request, self._auth.credentials().headers)

    def _send(
        self, method: str, url: str, where: str, request: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[Any, requests.Response | None, bool]:
        heads: list[requests.Response] = []

        def keep(response: requests.Response, *_: Any, **__: Any) -> None:
            heads.append(response)

        asked = {
            **request,
            # as bytes: an error about a letter that Latin-1 has not would hold the password
            "headers": {**request["headers"], **{name: value.encode() for name, value in headers.items()}},
            "hooks": {"response": keep},
        }
        outcome = self.options.outcome
        answer: Any
        try:
            if self.options.format == "ndjson":
                lines = partial(self._lines, where, heads)
                answer = self._http.read(method, url, where=where, consume=lines, **asked)
            else:
                read = self._http.json if self.options.records or outcome else self._http.document
                answer = read(method, url, where=where, **asked)
        except NoContent:
            if outcome is None or "204" not in outcome.no_data:
                raise
            return {}, heads[-1], False
        has_data = outcome.has_data(self._source, self._secrets, answer, where) if outcome else True
        return answer, heads[-1] if heads else None, has_data

    def _lines(self, where: str, heads: list[requests.Response], chunks: Iterator[bytes]) -> list[Any]:
        """Read NDJSON: an object a line, each line ended, so that a cut one shows.

        A body that ends between two lines looks whole: its head (length, chunks, packing) or a total must prove it.
        """
        body = b"".join(chunks)
        if body and not body.endswith(b"\n"):
            raise SourceUnavailable(self._source, "the last line is cut short", where=where)
        if self.options.total_header is None:
            if not any(name in heads[-1].headers for name in _ENDING):
                text = "the answer may be cut short: neither its length nor a total is stated"
                raise SourceUnavailable(self._source, text, where=where)
            if not body.strip():
                text = "the answer is empty: only a total (total_header) says that there are no records"
                raise ContractBroken(self._source, text, where=where)
        try:
            return [parse(line) for line in body.split(b"\n") if line.strip()]
        except BadJson as bad:
            raise ContractBroken(self._source, f"a line cannot be read: {bad}", where=where) from None


class _Walk:
    """One way through a list: the requests of its pages, and what their answers say."""

    def __init__(self, listed: _List, step: Pass, values: Mapping[str, Value]) -> None:
        self._list = listed
        self._options = listed.options
        self._source, self._base = listed._source, listed._base
        self._step = step
        self._values = values
        self._cursor: str | None = None
        self._url: str | None = None
        self._asked = ""
        self._followed: set[str] = set()
        self._total: int | None = None

    @property
    def size(self) -> int | None:
        """Records a page may hold at most; None where pages are as long as the source likes."""
        return self._options.page_size

    def fetch(self, number: int, where: str) -> Page:
        """Return a page."""
        options = self._options
        self._asked, request = self._request(number)
        answer, head, has_data = self._list.ask(options.method, self._asked, where, request)
        if not has_data:
            self._total = 0 if number == 1 and options.total else self._total
            return Page(number, [], self._total, False)
        if options.total is not None:
            found = find(answer, options.total)
            self._total = total_of(self._source, where, options.total, found[0] if found else None)
        elif options.total_header is not None:
            stated = head.headers.get(options.total_header) if head is not None else None
            self._total = total_of(self._source, where, options.total_header, stated)
        records = self._records(answer, number, where)
        return Page(number, records, self._total, self._more(answer, head, number, where))

    def values(self, number: int) -> dict[str, Value]:
        """Return what the placeholders of a page's requests stand for."""
        size, first = self._options.page_size or 0, getattr(self._options.paging, "first", 1)
        start = (number - 1) * size
        values: dict[str, Value] = {**self._values, "page": number - 1 + first, "start": start}
        return values | {"end": start + size, "size": size, "cursor": self._cursor}

    def _request(self, number: int) -> tuple[str, dict[str, Any]]:
        options, values = self._options, self.values(number)
        request: dict[str, Any] = {"headers": _headers(options, values)}
        if self._url is not None:
            return self._url, request
        request["params"] = fill({**options.params, **self._step.params}, values)
        if options.body is not None or self._step.body:
            body = fill({**(options.body or {}), **self._step.body}, values)
            request["json" if options.body_as == "json" else "data"] = body
        return self._base + str(fill(options.path, _quoted(values))), request

    def _records(self, answer: Any, number: int, where: str) -> list[Record]:
        """Return the rows; some writers leave an empty list out, and a list of one without its brackets."""
        options, field = self._options, self._options.records or "(all)"
        try:
            values = find_each(answer, options.records)
        except Lacking as lacking:
            text = f"the list (records: {field}) is not whole: {lacking}"
            raise ContractBroken(self._source, text, where=where) from None
        if values is not None and "[" in options.records:
            values = [[row for v in values for row in (v if isinstance(v, list) else [v])]]
        left = None if self._total is None else self._total - (number - 1) * (options.page_size or 0)
        if not values and options.empty_left_out and left is not None and left <= 0:
            return []
        if options.single_as_object and values and isinstance(values[0], dict) and left in (None, 1):
            return [values[0]]
        return records_of(self._source, where, field, values[0] if values else None)

    def _more(self, answer: Any, head: requests.Response | None, number: int, where: str) -> bool | None:
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
            return number < total_of(self._source, where, options.total_pages, found[0] if found else None)
        for path, means in ((options.has_more, True), (options.last_page, False)):
            if path is not None:
                said = _YES_NO.get((first_text(answer, (path,)) or "").lower())
                if said is None:
                    raise ContractBroken(
                        self._source, f"field {path} is missing or not true or false", where=where
                    )
                return said is means
        return None

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
            url = urljoin(self._asked, link)
            there = urlsplit(url)
        except ValueError:
            text = "the address of the next page is no address"
            raise ContractBroken(self._source, text, where=where) from None
        if not self._list.allows(url):
            text = "the address of the next page is on another server; nothing is sent there."
            action = "If it is the vendor's, enter it under `also` of the host (hosts.yaml)."
            raise SourceRefused(self._source, text, where=where, action=action)
        # without the login that an address may have: it would go in the place of ours
        url = urlunsplit(there._replace(netloc=there.netloc.rpartition("@")[2].lower()))
        self._once(url, where)
        self._url = url
        return True

    def _once(self, next_page: str, where: str) -> None:
        if next_page in self._followed:
            raise ContractBroken(self._source, "the next page is one that was read already", where=where)
        self._followed.add(next_page)


def slices(window: Window, days: int | None) -> Iterator[Window]:
    """Yield the window in parts of at most so many days, in order, none twice; whole where `days` is None."""
    start: date = window.start
    while days is not None and start + timedelta(days - 1) < window.end:
        yield Window(start, start + timedelta(days - 1))
        start += timedelta(days)
    yield Window(start, window.end)


def _headers(options: Options, values: Mapping[str, Value]) -> dict[str, bytes]:
    """Return the headers of a request as bytes, which may hold any letter."""
    return {name: str(value).encode() for name, value in fill(options.headers, values).items()}


def _quoted(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: quote(v, safe="") if isinstance(v, str) else v for name, v in values.items()}
