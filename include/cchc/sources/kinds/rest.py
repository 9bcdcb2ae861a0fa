"""Any list over HTTP that a profile describes: no code for a vendor. The kinds `opencps` and `igate` are nothing else.

The options are those of `cchc.sources.web.options`; docs/guides/add_vendor.md tells how a profile is written.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

import requests

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Source
from cchc.catalogue.profiles import Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceUnavailable
from cchc.sources.connector import Connection, RawPage, Window
from cchc.sources.door.allow_list import Door, Refused
from cchc.sources.formats.json_pages import reader_of
from cchc.sources.formats.strict_json import BadJson, parse
from cchc.sources.kinds.rest_walk import Walk, headers_of, quoted
from cchc.sources.texts import clean
from cchc.sources.web.auth import Authoriser
from cchc.sources.web.json_path import fields_of, find, first_text
from cchc.sources.web.options import Options, Pass, options_of
from cchc.sources.web.paging import ByNumber, ByOffset, Record, pages
from cchc.sources.web.repeats import Repeats
from cchc.sources.web.secrets import Secrets
from cchc.sources.web.session import ENDING, Http, NoContent, NotThere, Parse, Unauthorised
from cchc.sources.web.template import Value, fill


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
                name,
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
                    yield RawPage(dataset, name, self.completed(records, listed.options))
        finally:
            self._http.close()

    def totals(self) -> Mapping[DatasetName, int]:
        """Return what the lists state, less the records that came twice; nothing of a list that states none."""
        return {name: listed.total for name, listed in self._lists.items() if listed.total is not None}

    def completed(self, records: Sequence[Record], options: Options) -> Sequence[Record]:
        """Return records with what the profile derives from each."""
        return [record | _derived(record, options) for record in records] if options.derived else records


def _derived(record: Record, options: Options) -> Record:
    said = {name: first_text(record, paths) for name, paths in options.derived.items()}
    return {name: text for name, text in said.items() if text is not None}


class _List:
    """One list, read pass by pass and slice by slice."""

    def __init__(
        self,
        source: Source,
        profile: Profile,
        name: DatasetName,
        options: Options,
        http: Http,
        connection: Connection,
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
        self._door = Door(profile.datasets[name])
        keys = fields_of(options.records)
        self._read = parse if keys is None else reader_of(f"{profile.code} {name}", keys).parse
        self._auth = Authoriser(
            source.code, options.auth, http, connection, source.params, self._secrets, check
        )

    def read(self, window: Window) -> Iterator[tuple[str, Sequence[Record]]]:
        """Yield (name, records) of each page; a record that an earlier pass or slice gave is left out."""
        repeats = Repeats(self._source, self.options.identity) if self.options.identity else None
        for step in self.options.passes:
            asked = self.options.model_copy(update={"passes": (step,)})
            dated = any(name in ("from", "after") for name, _ in asked.placeholders())
            days = self.options.slice_days if dated else None
            for part in slices(window, days):
                label = " ".join(filter(None, (step.name, part.start.isoformat() if days else "")))
                yield from self._walk(step, part, label, repeats)

    def _walk(
        self, step: Pass, window: Window, label: str, repeats: Repeats | None
    ) -> Iterator[tuple[str, Sequence[Record]]]:
        if repeats is not None:
            repeats.next_walk()
        values = {**self._params, **self._moments(window)}
        walk = Walk(self, self._source, self._base, self.options, step, values, self._read)
        numbered = isinstance(self.options.paging, ByNumber | ByOffset)
        names = None if repeats is None else repeats.names
        for page in pages(self._source, walk.size, walk.fetch, f"{label} page".strip(), numbered, names):
            fresh = page.records if repeats is None else repeats.fresh(page)
            # the pages are as many as the total says, or it is an error
            self.total = None if page.total is None or self.total is None else self.total + len(fresh)
            where = f"{label} page {page.number}".strip()
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

    def _detailed(
        self, records: Sequence[Record], values: Mapping[str, Value], where: str
    ) -> Sequence[Record]:
        """Return the records with the fields of their own answers beside those of the list.

        What an answer states as null leaves what the list says, and a record that the list marks secret is not asked
        for: the door is to see its mark. Null and empty texts of a list mark nothing: the answer may say more.
        """
        detail = self.options.detail
        if detail is None or not records:
            return records
        in_path, headers = quoted(values), headers_of(self.options, values)
        named = self.options.identity or ""  # which a detail needs

        def ask(record: Record) -> Record:
            admitted = self._door.admit(_stated(record))
            if isinstance(admitted, Refused) and not admitted.unstated:
                return record
            identity = first_text(record, (named,))
            place = f"{where}, id {self._secrets.shown(identity or 'none')}"
            if not identity:
                raise ContractBroken(self._source, f"field {named} is missing", where=place)
            path = fill(detail.path, {**in_path, "id": quote(identity, safe="")})
            try:
                answer, _, has_data = self.ask("GET", self._base + path, place, {"headers": headers})
            except NotThere:
                has_data = False
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
            return record | {name: v for name, v in found[0].items() if v is not None or name not in record}

        with ThreadPoolExecutor(max_workers=detail.workers, thread_name_prefix="detail") as pool:
            return list(pool.map(ask, records))

    def allows(self, url: str) -> bool:
        """Return whether a request may go to `url`, as the source's host declares."""
        return self._http.allows(url)

    def ask(
        self, method: str, url: str, where: str, request: Mapping[str, Any], read: Parse = parse
    ) -> tuple[Any, requests.Response | None, bool]:
        """Return an answer as `read` reads it, its response (headers), and whether it holds data.

        A token that is over is renewed once.
        """
        given = self._auth.credentials()
        try:
            return self._send(method, url, where, request, read, given.headers)
        except Unauthorised:
            if not self._auth.renew(given):
                raise
        return self._send(method, url, where, request, read, self._auth.credentials().headers)

    def _send(
        self,
        method: str,
        url: str,
        where: str,
        request: Mapping[str, Any],
        read: Parse,
        headers: Mapping[str, str],
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
                ask = self._http.json if self.options.records or outcome else self._http.document
                answer = ask(method, url, where=where, read=read, **asked)
        except NoContent:
            if outcome is None or "204" not in outcome.no_data:
                raise
            return {}, heads[-1], False
        has_data = True
        if outcome is not None and self.options.format == "json":  # lines were looked at one by one
            has_data = outcome.has_data(self._source, self._secrets, answer, where)
        return answer, heads[-1] if heads else None, has_data

    def _lines(self, where: str, heads: list[requests.Response], chunks: Iterator[bytes]) -> list[Any]:
        """Read NDJSON: an object a line; the last one may lack its end, for one that was cut cannot be read.

        A body that ends between two lines looks whole: its head (length, chunks, packing) or a total must prove it.
        """
        body = b"".join(chunks)
        self._http.refuse_page(body, where)
        *lines, rest = body.split(b"\n")
        if rest.strip() and not _is_object(rest):
            raise SourceUnavailable(self._source, "the last line is cut short", where=where)
        if self.options.total_header is None:
            if not any(name in heads[-1].headers for name in ENDING):
                text = "the answer may be cut short: neither its length nor a total is stated"
                raise SourceUnavailable(self._source, text, where=where)
            if not body.strip():
                text = "the answer is empty: only a total (total_header) says that there are no records"
                raise ContractBroken(self._source, text, where=where)
        try:
            found = [parse(line) for line in (*lines, rest) if line.strip()]
        except BadJson as bad:
            raise ContractBroken(self._source, f"a line cannot be read: {bad}", where=where) from None
        outcome = self.options.outcome
        if outcome is None:
            return found
        # a stream that fails on its way can say so only in a line
        return [line for line in found if outcome.told(self._source, self._secrets, line, where)]


def _stated(value: Any) -> Any:
    """Return a value of JSON without what is null or an empty text in its objects."""
    if isinstance(value, list):
        return list(map(_stated, value))
    if not isinstance(value, dict):
        return value
    return {
        name: _stated(v)
        for name, v in value.items()
        if v is not None and (not isinstance(v, str) or clean(v))
    }


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(parse(line), dict)
    except BadJson:
        return False


def slices(window: Window, days: int | None) -> Iterator[Window]:
    """Yield the window in parts of at most so many days, in order, none twice; whole where `days` is None."""
    start: date = window.start
    while days is not None and start + timedelta(days - 1) < window.end:
        yield Window(start, start + timedelta(days - 1))
        start += timedelta(days)
    yield Window(start, window.end)
