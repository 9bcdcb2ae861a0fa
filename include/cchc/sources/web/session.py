"""HTTP as every connector needs it: pooled, bounded in time and size, and strict about what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import requests
import urllib3
from requests.exceptions import ConnectTimeout, ReadTimeout, SSLError

from cchc.errors import ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.formats.strict_json import BadJson, parse
from cchc.sources.web.deadline import Deadline, WatchedAdapter

T = TypeVar("T")

_CHUNK = 65_536
_BUSY = (429, 502, 503, 504)
_CREDENTIALS = "Check login and password of the connection and what they may read."


@dataclass(frozen=True)
class Limits:
    """How long and how much; seconds and bytes."""

    connect: float = 10
    read: float = 30
    total: float = 600
    body: int = 64 * 1024 * 1024
    tries: int = 3
    pause: float = 0.5  # before the second try; doubled before each further one
    longest_pause: float = 30  # however long a server asks us to wait


class Unauthorised(SourceRefused):
    """HTTP 401: the credentials, or a token made from them, are not accepted."""


class _Again(Exception):
    """One try failed in a way another may not; `wait` is what the server asked for, in seconds."""

    def __init__(self, error: SourceError, wait: float = 0) -> None:
        self.error = error
        self.wait = wait
        super().__init__()


class Http:
    """One source's session; its time starts with the first request. Close it."""

    def __init__(
        self, source: str, limits: Limits, *, auth: tuple[str, str] | None = None, connections: int = 4
    ):
        self._source = source
        self._limits = limits
        self._deadline = Deadline(limits.total)
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc of the machine's user
        self._session.auth = auth
        adapter = WatchedAdapter(self._deadline, connections)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def close(self) -> None:
        """Let go of the connections."""
        self._deadline.cancel()
        self._session.close()

    def json(self, method: str, url: str, *, where: str, **request: Any) -> dict[str, Any]:
        """Return the JSON object a request is answered with.

        `where` is the place for error messages (`page 3`); `request` goes to `requests` (params, data, headers).
        Raises `SourceUnavailable`, `SourceRefused` (`Unauthorised` for 401) or `ContractBroken`.
        """

        def consume(chunks: Iterator[bytes]) -> dict[str, Any]:
            return self._object(b"".join(chunks), where)

        return self.read(method, url, where=where, consume=consume, **request)

    def read(
        self, method: str, url: str, *, where: str, consume: Callable[[Iterator[bytes]], T], **request: Any
    ) -> T:
        """Return what `consume` makes of the body's bytes; a try that fails halfway is begun anew."""
        self._deadline.start()
        for attempt in range(1, self._limits.tries + 1):
            try:
                return self._once(method, url, where, consume, request)
            except _Again as again:
                wait = max(again.wait, self._limits.pause * 2 ** (attempt - 1))
                wait = min(wait, self._limits.longest_pause)
                if attempt == self._limits.tries or wait >= self._deadline.left:
                    raise again.error from None
                time.sleep(wait)
        raise AssertionError("unreachable")

    def _once(
        self,
        method: str,
        url: str,
        where: str,
        consume: Callable[[Iterator[bytes]], T],
        request: Mapping[str, Any],
    ) -> T:
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
                self._check_status(response, where)
                return consume(self._chunks(response, where))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if not self._deadline.left:
                raise self._out_of_time(where) from None
            raise self._in_words(error, where) from None

    def _chunks(self, response: requests.Response, where: str) -> Iterator[bytes]:
        size = 0
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            size += len(chunk)
            if size > self._limits.body:
                limit = self._limits.body // 1024 // 1024
                raise self._broken(f"the answer is larger than {limit} MB", where)
            if not self._deadline.left:
                raise self._out_of_time(where)
            yield chunk
        if not self._deadline.left:  # a shut socket looks like the end of the body
            raise self._out_of_time(where)

    def _check_status(self, response: requests.Response, where: str) -> None:
        status = response.status_code
        if status == 200:
            return
        if status in _BUSY:
            error = SourceUnavailable(self._source, f"HTTP {status}: the system is busy or down", where=where)
            raise _Again(error, _retry_after(response))
        if status == 401:
            raise Unauthorised(self._source, "HTTP 401: not logged in.", where=where, action=_CREDENTIALS)
        if status in (403, 407):
            raise SourceRefused(
                self._source, f"HTTP {status}: no permission.", where=where, action=_CREDENTIALS
            )
        if 300 <= status < 400:
            text = f"HTTP {status}: the system sends us to another address, probably its login page."
            raise SourceRefused(self._source, text, where=where, action=_CREDENTIALS)
        if status >= 500:
            raise SourceUnavailable(self._source, f"HTTP {status}: the system failed", where=where)
        text = f"HTTP {status}: the system does not know this request; has its address or version changed?"
        raise self._broken(text, where)

    def _object(self, body: bytes, where: str) -> dict[str, Any]:
        if body.lstrip()[:1] == b"<":
            if b"password" in body.lower():
                text = "the answer is a login page."
                raise SourceRefused(self._source, text, where=where, action=_CREDENTIALS)
            raise self._broken("the answer is HTML or XML where JSON is expected", where)
        try:
            found = parse(body)
        except BadJson as bad:
            if bad.cut_short:
                error = SourceUnavailable(self._source, f"the answer was cut short ({bad})", where=where)
                raise _Again(error) from None
            raise self._broken(f"the answer cannot be read: {bad}", where) from None
        if not isinstance(found, dict):
            raise self._broken("the answer is not a JSON object", where)
        return found

    def _broken(self, message: str, where: str) -> ContractBroken:
        return ContractBroken(self._source, message, where=where)

    def _out_of_time(self, where: str) -> SourceUnavailable:
        text = f"the pull did not end within {self._limits.total:g} s (total_seconds of its host)"
        return SourceUnavailable(self._source, text, where=where)

    def _in_words(self, error: Exception, where: str) -> Exception:
        """Return the error to raise: its own text is not repeated, it holds addresses."""
        if isinstance(error, SSLError):
            text = "the server's certificate is not trusted."
            action = "Install the province's certificate authority, or mend the server's certificate."
            return SourceRefused(self._source, text, where=where, action=action)
        if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
            return self._broken("the connection's address is not a URL", where)
        if isinstance(error, ConnectTimeout):
            text = f"no connection within {self._limits.connect:g} s"
        elif isinstance(error, ReadTimeout | urllib3.exceptions.ReadTimeoutError | TimeoutError):
            text = f"no answer within {self._limits.read:g} s"
        elif isinstance(error, urllib3.exceptions.HTTPError):
            text = "the answer was cut short"
        else:
            text = "cannot be reached: the connection was refused or closed without an answer"
        return _Again(SourceUnavailable(self._source, text, where=where))


def _retry_after(response: requests.Response) -> float:
    """Return the seconds a server asks us to wait; 0 where it does not say or not understandably."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value[:6])
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0
