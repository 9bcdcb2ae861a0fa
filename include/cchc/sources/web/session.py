"""HTTP as every connector needs it: pooled, bounded in time, size and rate, and strict about what comes back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import HTTPBasicAuth

from cchc.catalogue.models import Host
from cchc.errors import ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.formats.strict_json import BadJson, Body, parse
from cchc.sources.web import failures
from cchc.sources.web.addresses import Reach, reach_of, server_of
from cchc.sources.web.deadline import Deadline
from cchc.sources.web.meter import METER
from cchc.sources.web.pace import Pace, pace_of
from cchc.sources.web.transport import Road, RoadAdapter
from cchc.sources.web.unpacking import BadPacking, CutShort, TooLarge, unpacked

log = logging.getLogger(__name__)
# its warnings hold whole addresses, and so does all it says when somebody asks for details
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

T = TypeVar("T")

_CHUNK = 65_536
_BUSY = (408, 425, 429, 502, 503, 504)
_BOM = b"\xef\xbb\xbf"
#: headers of an answer whose end can be told
ENDING = ("Content-Length", "Transfer-Encoding", "Content-Encoding")
CREDENTIALS = "Check login and password of the connection and what they may read."

Consume = Callable[[requests.Response, Iterator[bytes]], T]
Parse = Callable[[Body], Any]  # a body of JSON; raises `BadJson`


@dataclass(frozen=True)
class Limits:
    """How long and how much; seconds and bytes."""

    connect: float = 10
    read: float = 30
    total: float = 600
    body: int = 64 * 1024 * 1024  # of one answer, on the wire and unpacked
    tries: int = 3  # of one request
    retries: int = 30  # of a whole pull: what fails that often is not worth more
    pause: float = 0.5  # before the second try; doubled before each further one
    longest_pause: float = 30  # however long a server asks us to wait


@dataclass(frozen=True)
class Terms:
    """On which terms a server is read: how long and how much, where to, how often."""

    limits: Limits
    reach: Reach = field(default_factory=lambda: Reach(frozenset()))
    pace: Pace = field(default_factory=Pace)


def terms_of(host: Host, *connections: Connection) -> Terms:
    """Return the terms that the catalogue sets for a host and its connections; raises as `reach_of` does."""
    limits = Limits(host.connect_seconds, host.read_seconds, host.total_seconds)
    return Terms(limits, reach_of(host, *connections), pace_of(host))


class Unauthorised(SourceRefused):
    """HTTP 401: the credentials, or a token made from them, are not accepted."""


class NoContent(ContractBroken):
    """HTTP 204: no data, which only a profile can call an answer."""


class NotThere(ContractBroken):
    """HTTP 404: there is nothing at this address, which behind the last page of a list is its end."""


class BadRequest(ContractBroken):
    """HTTP 400: not understood, or not accepted; where a token is asked for (OAuth2) so are wrong credentials."""


class _Again(Exception):
    """One try failed in a way another may not; `wait` is what the server asked for, in seconds."""

    def __init__(self, error: SourceError, wait: float = 0) -> None:
        self.error = error
        self.wait = wait
        super().__init__()


class _Session(requests.Session):
    """A session that does not so much as look where a redirect leads."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return nothing: no answer leads anywhere."""


class Http:
    """One source's session; its time starts with the first request. Close it."""

    def __init__(
        self, source: str, terms: Terms, *, auth: tuple[str, str] | None = None, connections: int = 4
    ):
        self._source = source
        self._limits = terms.limits
        self._reach = terms.reach
        self._pace = terms.pace
        self._deadline = Deadline(terms.limits.total)
        self._retries = terms.limits.retries
        self._lock = threading.Lock()
        self._session = _Session()
        self._session.trust_env = False  # no proxy and no .netrc of the machine's user
        if auth is not None:
            # as bytes: an error about a letter that Latin-1 has not would hold the password
            self._session.auth = HTTPBasicAuth(auth[0].encode(), auth[1].encode())
        self._session.verify = terms.reach.ca_bundle or True
        self._session.cert = terms.reach.client_cert or None
        self._session.headers["Accept-Encoding"] = "gzip"
        adapter = RoadAdapter(Road(terms.reach, self._deadline), connections)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def allows(self, url: str) -> bool:
        """Return whether a request may go to `url`: to a declared server, however its name is written."""
        return self._reach.allows(url)

    def close(self) -> None:
        """Let go of the connections."""
        self._deadline.cancel()
        self._session.close()

    def json(
        self, method: str, url: str, *, where: str, read: Parse = parse, **request: Any
    ) -> dict[str, Any]:
        """Return the JSON object a request is answered with; everything else is as in `document`."""
        found = self.document(method, url, where=where, read=read, **request)
        if not isinstance(found, dict):
            raise self._broken("the answer is not a JSON object", where)
        return found

    def document(self, method: str, url: str, *, where: str, read: Parse = parse, **request: Any) -> Any:
        """Return the JSON value a request is answered with.

        `where` is the place for error messages (`page 3`), `read` what reads the body; `request` goes to `requests`
        (params, data, headers).
        Raises `SourceUnavailable`, `SourceRefused` (`Unauthorised` for 401) or `ContractBroken`.
        """
        return self._asked(
            method,
            url,
            where,
            lambda answer, chunks: self._parsed(answer, self._whole(answer, chunks), where, read),
            request,
        )

    def read(
        self, method: str, url: str, *, where: str, consume: Callable[[Iterator[bytes]], T], **request: Any
    ) -> T:
        """Return what `consume` makes of the body's bytes; a try that fails halfway is begun anew.

        A body without a stated length may end early without a sign: `consume` must know its end, as JSON and XML do.
        """
        return self._asked(method, url, where, lambda _answer, chunks: consume(chunks), request)

    def _asked(self, method: str, url: str, where: str, consume: Consume[T], request: Mapping[str, Any]) -> T:
        self._deadline.start()
        for attempt in range(1, self._limits.tries + 1):
            self._await_turn(where)
            try:
                with METER.request(self._source):
                    return self._once(method, url, where, consume, request)
            except _Again as again:
                wait = max(again.wait, self._limits.pause * 2 ** (attempt - 1))
                wait = min(wait, self._limits.longest_pause)
                last = attempt == self._limits.tries or wait >= self._deadline.left
                if last or not self._may_try_again():
                    raise again.error from None
                time.sleep(wait)
        raise AssertionError("unreachable")

    def _await_turn(self, where: str) -> None:
        wait = self._pace.turn(self._deadline.left)
        if wait is None:
            raise self._out_of_time(where)
        if wait:
            time.sleep(wait)

    def _may_try_again(self) -> bool:
        with self._lock:
            self._retries -= 1
            return self._retries >= 0

    def _once(self, method: str, url: str, where: str, consume: Consume[T], request: Mapping[str, Any]) -> T:
        if not self._deadline.left:
            raise self._out_of_time(where)
        try:
            with self._session.request(
                method,
                url,
                stream=True,
                allow_redirects=False,
                timeout=(self._limits.connect, min(self._limits.read, self._deadline.left + 0.01)),
                **request,
            ) as response:
                METER.answered(self._source)
                self._check_status(response, where)
                return consume(response, self._chunks(response, where))
        except failures.OF_TRANSPORT as error:
            if not self._deadline.left:
                raise self._out_of_time(where) from None
            found, again = failures.in_words(error, self._source, where, self._limits)
            raise (_Again(found) if again else found) from None

    def _whole(self, response: requests.Response, chunks: Iterator[bytes]) -> Body:
        """Return a body; where its length is stated it goes into memory of that length, once."""
        stated = response.raw.length_remaining or 0
        if not 0 < stated <= self._limits.body:
            return b"".join(chunks)
        body, end = bytearray(stated), 0
        for chunk in chunks:
            body[end : end + len(chunk)] = chunk
            end += len(chunk)
        del body[end:]
        return body

    def _chunks(self, response: requests.Response, where: str) -> Iterator[bytes]:
        packing = response.headers.get("Content-Encoding", "")
        try:
            yield from unpacked(self._wire(response, where), packing, self._limits.body)
        except CutShort:
            raise self._cut_short(where) from None
        except TooLarge:
            limit = self._limits.body // 1024 // 1024
            raise self._broken(f"the answer is larger than {limit} MB", where) from None
        except BadPacking as bad:
            raise self._broken(str(bad), where) from None

    def _wire(self, response: requests.Response, where: str) -> Iterator[bytes]:
        """Yield the body as it comes; a shut socket looks like its end, so the time is looked at again."""
        while True:
            chunk = response.raw.read1(_CHUNK, decode_content=False)
            if not self._deadline.left:
                raise self._out_of_time(where)
            if not chunk:
                return
            METER.add(self._source, len(chunk))
            yield chunk

    def _check_status(self, response: requests.Response, where: str) -> None:
        status = response.status_code
        # some answer every POST with 201, as if a list or a token were made by it
        if status == 200 or (status == 201 and response.request.method == "POST"):
            return
        if status in _BUSY:
            error = SourceUnavailable(self._source, f"HTTP {status}: the system is busy or down", where=where)
            raise _Again(error, _retry_after(response))
        if status == 401:
            raise Unauthorised(self._source, "HTTP 401: not logged in.", where=where, action=CREDENTIALS)
        if status in (403, 407):
            raise SourceRefused(
                self._source, f"HTTP {status}: no permission.", where=where, action=CREDENTIALS
            )
        if 300 <= status < 400:
            raise self._sent_away(response, where)
        if status >= 500:
            raise SourceUnavailable(self._source, f"HTTP {status}: the system failed", where=where)
        if 200 < status < 300:
            kind = NoContent if status == 204 else ContractBroken
            text = f"HTTP {status}: an answer without data where data is expected"
            raise kind(self._source, text, where=where)
        text = f"HTTP {status}: the system does not know this request; has its address or version changed?"
        kinds: dict[int, type[ContractBroken]] = {400: BadRequest, 404: NotThere}
        raise kinds.get(status, ContractBroken)(self._source, text, where=where)

    def _sent_away(self, response: requests.Response, where: str) -> SourceRefused:
        """Return the error for a redirect, which is never followed; its address is not repeated."""
        location = urljoin(response.url, _location(response))
        asked, to = server_of(response.url), server_of(location)
        text = f"HTTP {response.status_code}: the system sends us to "
        if to == asked:
            here, there = urlsplit(response.url).path, urlsplit(location).path
            if here != there and here.rstrip("/") == there.rstrip("/"):
                text += f"the same address {'with' if there.endswith('/') else 'without'} a slash at its end."
                action = "Write it so in the path of the profile."
                return SourceRefused(self._source, text, where=where, action=action)
            text += "another address of its own, probably its login page."
            return SourceRefused(self._source, text, where=where, action=CREDENTIALS)
        if asked and to and (asked[0], asked[1], to[0]) == ("http", to[1], "https"):
            text += "its https address."
            action = "Give the connection's address as https://."
        else:
            text += "another server. Nothing was sent there."
            action = "Has the system moved? Then mend the connection's address."
        return SourceRefused(self._source, text, where=where, action=action)

    def _parsed(self, answer: requests.Response, body: Body, where: str, read: Parse) -> Any:
        self.refuse_page(body, where)
        if not body[:1024].strip(_BOM + b" \t\r\n"):
            if not {"Content-Length", "Transfer-Encoding"} & set(map(str.title, answer.headers)):
                raise self._cut_short(where)  # nothing says that this is all
            raise self._broken("the answer is empty where JSON is expected", where)
        if wrong := failures.of_content_type(answer.headers.get("Content-Type", "")):
            raise self._broken(wrong, where)
        if body.startswith(_BOM):
            log.info(
                "%s [%s]: the answer begins with a byte order mark, which is left out", self._source, where
            )
            body = body.lstrip(_BOM)  # a page that is put together of files has one of each
        try:
            return read(body)
        except BadJson as bad:
            if bad.cut_short:
                raise self._cut_short(where, f" ({bad})") from None
            raise self._broken(f"the answer cannot be read: {bad}", where) from None

    def refuse_page(self, body: Body, where: str) -> None:
        """Raise where a body is a page for people; a login page is told as one."""
        if body[:1024].lstrip(_BOM + b" \t\r\n")[:1] == b"<":
            if b"password" in body.lower():
                text = "the answer is a login page."
                raise SourceRefused(self._source, text, where=where, action=CREDENTIALS)
            raise self._broken("the answer is HTML or XML where JSON is expected", where)

    def _broken(self, message: str, where: str) -> ContractBroken:
        return ContractBroken(self._source, message, where=where)

    def _cut_short(self, where: str, why: str = "") -> _Again:
        return _Again(SourceUnavailable(self._source, f"the answer was cut short{why}", where=where))

    def _out_of_time(self, where: str) -> SourceUnavailable:
        text = f"the pull did not end within {self._limits.total:g} s (total_seconds of its host)"
        return SourceUnavailable(self._source, text, where=where)


def _retry_after(response: requests.Response) -> float:
    """Return the seconds a server asks us to wait; 0 where it does not say or not understandably."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():  # ² is a digit too, and no number
        return float(value[:6])
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return 0


def _location(response: requests.Response) -> str:
    """Return where a redirect leads, or nowhere where it does not say in a way that can be read."""
    try:
        urljoin(response.url, response.headers.get("Location", ""))
    except ValueError:
        return "nowhere:"
    return response.headers.get("Location", "nowhere:")
