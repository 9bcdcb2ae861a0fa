"""A document exchange that lists and serves QCVN 102:2016 messages, in and out, with the status messages that answer.

Profile options: path (of the list), page_size, workers (messages fetched at once), directions, ok_status, and
refused_codes and busy_codes as for the national system. Lists are read page by page, the messages of a page in
parallel over the source's pooled session, and yielded in the order of the list; those about other documents come last,
in the order of their moments. A message that cannot be read is a record without content, which waits in quarantine.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any
from urllib.parse import quote

import requests

from cchc.catalogue.base import DatasetName
from cchc.catalogue.profiles import Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources import unread
from cchc.sources.connector import Connection, RawPage, Window
from cchc.sources.formats.edxml_message import (
    BadMessage,
    EndsEarly,
    NoMessage,
    as_record,
    header,
    moment_of,
    newest_trace,
)
from cchc.sources.texts import as_text
from cchc.sources.web.paging import Page, pages, records_of, total_of
from cchc.sources.web.secrets import Secrets
from cchc.sources.web.session import ENDING, Http, NotThere

log = logging.getLogger(__name__)

_DATASETS: Mapping[str, DatasetName] = {"edoc": "document", "status": "document_status"}
_STATUS_CODE = "MessageHeader.StatusCode"
_LONGEST_ID = 200
_PROMULGATED = (  # what one document of a sender has in each of its messages
    "MessageHeader.DocumentId",
    "MessageHeader.From.OrganId",
    "MessageHeader.PromulgationInfo.PromulgationDate",
)
_MAY_LACK = (  # the number stands in the id as well, and a new document need not say that it is one
    "MessageHeader.Code.CodeNumber",
    "MessageHeader.Code.CodeNotation",
    "TraceHeaderList.Bussiness.BussinessDocType",
    "@concerns",
)
_REST = 16  # chunks behind a header that are read, so that the connection serves the next message; longer ones cost it
_FEW = 2  # messages that cannot be read, or ids with one message, say nothing of all, whatever else there is
_DAY = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?!\d)")
#: the column that tells records without content apart: rows of the same content are one
_APART: Mapping[DatasetName, str] = {"document": "document_type", "document_status": "responder"}
_NO_DIGITS = str.maketrans(
    "0123456789", "ghijklmnop"
)  # a number might look like one of a person, and be masked
_NOT_UNDERSTOOD = "?"  # a level of secrecy that says more than its text: no list of ordinary ones has it


@dataclass(frozen=True)
class _Asked:
    """A message that a list names; `name` is its docId as it may be shown, `page` the page of its direction.

    `days` are the days that the list says of it, as they are written.
    """

    doc_id: str
    name: str
    dataset: DatasetName
    direction: str
    page: int
    days: frozenset[str]

    @property
    def place(self) -> str:
        return f"{self.direction} page {self.page}, docId {self.name}"


@dataclass(frozen=True)
class _Message:
    """A message as a record, when it was last handed on, and what tells it from every other (None: nobody knows)."""

    record: dict[str, object]
    moment: tuple[int, ...]
    print: int | None
    unread: str = ""  # why it could not be read


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
        self._secrets = Secrets(connection)
        # as bytes: an error about a letter that Latin-1 has not would hold the password
        self._headers = {"X-SystemId": connection.login.encode(), "X-SecretKey": connection.password.encode()}
        self._maps = profile.datasets
        self._unread: list[tuple[_Asked, str]] = []
        self._served: dict[int, list[_Asked]] = {}  # the ids that were answered with one message
        self._totals: dict[DatasetName, int] = {"document": 0, "document_status": 0}
        self._first: dict[int, object] = {}  # of each document: its first receiver, or when it first came

    def read(self, window: Window) -> Generator[RawPage]:
        """Yield each message of the window: documents and status messages."""
        pool = ThreadPoolExecutor(max_workers=self._workers, thread_name_prefix="edxml")
        try:
            for direction in self._directions:
                yield from self._direction(window, direction, pool)
            self._need_most_to_be_read()
            self._need_each_its_own()
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
            documents = records_of(self._source, where, "documents", answer.get("documents"))
            if answer.get("total") is None and not documents and number > 1:
                return Page(number, [], None)
            return Page(number, documents, total_of(self._source, where, "total", answer.get("total")))

        listed: set[str] = set()
        late: list[tuple[_Asked, _Message]] = []
        for page in pages(self._source, self._size, fetch, f"{direction} page"):
            asked = self._asked(page, direction, listed)
            now: list[tuple[_Asked, _Message]] = []
            for one, message in zip(asked, pool.map(self._message, asked), strict=True):
                self._note(one, message)
                self._of_one_document(one, message)
                self._totals[one.dataset] += 1
                (late if message.record.get("@concerns") else now).append((one, message))
            yield from self._pages(f"{direction} {page.number}", "", now)
        late.sort(key=lambda found: found[1].moment)
        yield from self._pages(direction, "{page} ", late)

    def _pages(self, name: str, page: str, messages: list[tuple[_Asked, _Message]]) -> Iterator[RawPage]:
        for dataset in _DATASETS.values():
            of_it = [(one, message.record) for one, message in messages if one.dataset == dataset]
            rows = [f" {page.format(page=one.page)}docId {one.name}" for one, _ in of_it]
            if of_it:
                yield RawPage(dataset, name, [record for _, record in of_it], rows)

    def _asked(self, page: Page, direction: str, listed: set[str]) -> list[_Asked]:
        """Return what a page of the list names, none of it twice: where the list moves, others are not seen at all."""
        where = f"{direction} page {page.number}"
        found = []
        here: set[str] = set()
        for entry in page.records:
            doc_id = as_text(entry.get("docId")) if not isinstance(entry.get("docId"), dict | list) else None
            if not doc_id or len(doc_id) > _LONGEST_ID:
                raise ContractBroken(self._source, "field docId is missing or not an id", where=where)
            name = self._secrets.shown(doc_id)
            dataset = _DATASETS.get(str(entry.get("messageType")))
            if dataset is None:
                text = f"field messageType of docId {name} is neither {' nor '.join(_DATASETS)}"
                raise ContractBroken(self._source, text, where=where)
            if doc_id in here:
                raise ContractBroken(self._source, f"the page names docId {name} twice", where=where)
            if doc_id in listed:
                text = f"docId {name} came twice: the list moved while it was read"
                raise SourceUnavailable(self._source, text, where=where)
            here.add(doc_id)
            days = frozenset(
                day[0] for v in entry.values() if (day := _DAY.match(v if isinstance(v, str) else ""))
            )
            found.append(_Asked(doc_id, name, dataset, direction, page.number, days))
        listed |= here
        return found

    def _message(self, asked: _Asked) -> _Message:
        """Return a message, without content where the exchange has it no more.

        One that breaks off, or that is none at all, is an error of the exchange.
        """

        def consume(chunks: Iterator[bytes]) -> dict[str, list[str]]:
            fields = header(chunks)
            for _ in islice(chunks, _REST):
                pass
            return fields

        heads: list[requests.Response] = []
        try:
            fields = self._http.read(
                "GET",
                f"{self._url}/{quote(asked.doc_id, safe='')}",
                where=asked.place,
                consume=consume,
                headers=self._headers,
                hooks={"response": lambda response, **_: heads.append(response)},
            )
        except NotThere:
            return self._without_content(asked, "the exchange has none under this id (HTTP 404)")
        except NoMessage as bad:
            text = f"the message cannot be read: {bad}"
            raise ContractBroken(self._source, text, where=asked.place) from None
        except BadMessage as bad:
            if isinstance(bad, EndsEarly) and not any(name in heads[-1].headers for name in ENDING):
                text = "the message is cut short, and nothing says that it was made so"
                raise SourceUnavailable(self._source, text, where=asked.place) from None
            return self._without_content(asked, str(bad))
        print_ = hash(tuple((path, *texts) for path, texts in fields.items()))
        if (_STATUS_CODE in fields) != (asked.dataset == "document_status"):
            why = "field messageType of the list contradicts it (StatusCode)"
            return self._without_content(asked, why, print_)
        secrecy = self._maps[asked.dataset].secrecy if asked.dataset in self._maps else None
        if secrecy and secrecy.level and any(path.startswith(f"{secrecy.level}.") for path in fields):
            fields.setdefault(secrecy.level, []).append(_NOT_UNDERSTOOD)
        return _Message(as_record(fields, asked.direction), moment_of(newest_trace(fields)), print_)

    def _note(self, asked: _Asked, message: _Message) -> None:
        """Keep what could not be read, and which ids have the same message: one sent to several, or once more."""
        if message.print is not None:
            self._served.setdefault(message.print, []).append(asked)
        if message.unread:
            self._unread.append((asked, message.unread))
            log.warning("%s [%s]: the message cannot be read: %s", self._source, asked.place, message.unread)

    def _of_one_document(self, asked: _Asked, message: _Message) -> None:
        """Let each message of one document name its first receiver, or the moment when it first came.

        In a register it is one, to however many it was sent, and came once, though it was sent once more. Whatever else
        they say differently remains, and is a conflict for the rules.
        """
        record, path = message.record, "@counterpart" if asked.direction == "out" else "@registered_on"
        told = [record.get(name) for name in _PROMULGATED]
        if asked.dataset == "document" and record.get(path) and all(told):
            document = hash(repr((asked.direction, told, [record.get(name) for name in _MAY_LACK])))
            record[path] = self._first.setdefault(document, record[path])

    def _without_content(self, asked: _Asked, why: str, print_: int | None = None) -> _Message:
        """Return a message that stands in its place and says, in place of its code, that and why it says nothing."""
        record: dict[str, object] = {}
        for column, field in self._maps[asked.dataset].fields.items() if asked.dataset in self._maps else ():
            if field.path is not None:
                told = {
                    "document_code": unread.mark("message"),
                    _APART[asked.dataset]: _letters(asked.doc_id),
                }
                record[field.path] = told.get(column)
        return _Message(record | {"@direction": asked.direction}, (), print_, why)

    def _need_most_to_be_read(self) -> None:
        """Raise where it is not a few messages that cannot be read: then it is not they that are wrong."""
        bad, all_ = len(self._unread), sum(self._totals.values())
        if bad > _FEW and 2 * bad > all_:
            asked, why = self._unread[0]
            text = f"the message cannot be read: {why}; so it is with {bad} of {all_}"
            raise ContractBroken(self._source, text, where=asked.place)

    def _need_each_its_own(self) -> None:
        """Note the ids with a message of another; raise where one message answers most and the list tells them apart.

        It does so where it calls them documents and status messages, or names more than two days of them.
        """
        all_ = sum(self._totals.values())
        for same in self._served.values():
            kinds, days = {one.dataset for one in same}, {one.days for one in same}
            if len(same) > _FEW and 2 * len(same) > all_ and (len(kinds) > 1 or len(days) > _FEW):
                of = "both messageTypes" if len(kinds) > 1 else "different days"
                text = f"the exchange answers {len(same)} of {all_} docIds, which its list says are of {of}, with "
                text += "one and the same message: the others are not given"
                raise ContractBroken(self._source, text, where=same[1].place)
        copies = [one for same in self._served.values() for one in same[1:]]
        if copies:
            text = "%s [%s]: %d of %d docIds have the message of another one, which counts once; this is the first"
            log.warning(text, self._source, copies[0].place, len(copies), all_)

    def _own_error(self, answer: Mapping[str, Any], where: str) -> SourceError:
        if "status" not in answer:
            return ContractBroken(self._source, "field status is missing", where=where)
        code = as_text(answer.get("errorCode")) or "none"
        told = self._secrets.shown(code, 20)
        text = f"the exchange answers with its error code {told} (field errorCode) instead of data"
        if code in self._refused:
            return SourceRefused(self._source, text, where=where)
        if code in self._busy:
            return SourceUnavailable(self._source, text, where=where)
        return ContractBroken(self._source, text, where=where)


def _letters(doc_id: str) -> str:
    return blake2b(doc_id.encode(errors="replace"), digest_size=8).hexdigest().translate(_NO_DIGITS)
