"""Each fault of a transport, from a real server on a real socket."""

from __future__ import annotations

import gc
import gzip
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from cchc.errors import ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.web.meter import METER
from cchc.sources.web.session import Http, Limits, Unauthorised
from unit.sources.tiny_server import Request, Send, answering, on_loopback, reply, serving

QUICK = Limits(connect=1, read=0.15, total=5, pause=0.01, longest_pause=0.05, body=100_000, tries=2)


@contextmanager
def http(url: str, limits: Limits = QUICK) -> Iterator[Http]:
    client = Http("x-motcua", on_loopback(url, limits), auth=("me", "hunter2"))
    try:
        yield client
    finally:
        client.close()


def failure(answer: Callable[[Request], bytes], limits: Limits = QUICK) -> SourceError:
    with answering(answer) as tiny, http(tiny.url, limits) as client, pytest.raises(SourceError) as caught:
        client.json("GET", f"{tiny.url}/list?secret=1", where="page 3")
    error = caught.value
    assert error.source == "x-motcua"
    assert error.where == "page 3"
    assert "hunter2" not in str(error)
    assert "secret" not in str(error)
    return error


def test_an_answer_is_returned() -> None:
    with answering(lambda _: reply({"total": 1})) as tiny, http(tiny.url) as client:
        assert client.json("GET", tiny.url, where="page 1", params={"a": "ậ"}) == {"total": 1}
    assert tiny.requests[0].query == {"a": "ậ"}
    assert tiny.requests[0].headers["authorization"].startswith("Basic ")


def test_a_post_may_be_answered_as_if_it_made_something() -> None:
    with answering(lambda _: reply({"total": 1}, "201 Created")) as tiny, http(tiny.url) as client:
        assert client.json("POST", tiny.url, where="page 1") == {"total": 1}


@pytest.mark.parametrize("marks", [1, 3])
def test_byte_order_marks_before_an_answer_are_left_out(marks: int) -> None:
    body = b"\xef\xbb\xbf" * marks + b'{"total": 1}'
    with answering(lambda _: reply(body)) as tiny, http(tiny.url) as client:
        assert client.json("GET", tiny.url, where="page 1") == {"total": 1}


def test_a_packed_answer_is_unpacked() -> None:
    body = gzip.compress(b'{"total": 1}')
    with (
        answering(lambda _: reply(body, "200 OK", "Content-Encoding: gzip")) as tiny,
        http(tiny.url) as client,
    ):
        assert client.json("GET", tiny.url, where="page 1") == {"total": 1}


def test_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with http(url) as client, pytest.raises(SourceUnavailable, match="refused"):
        client.json("GET", url, where="page 1")


def test_a_hang_ends_with_the_read_time() -> None:
    def hang(_request: Request, _send: Send, stopping: threading.Event) -> None:
        stopping.wait(5)

    with (
        serving(hang) as tiny,
        http(tiny.url) as client,
        pytest.raises(SourceUnavailable, match=r"within 0\.15 s"),
    ):
        client.json("GET", tiny.url, where="page 1")
    assert len(tiny.requests) == 2


@pytest.mark.parametrize("in_headers", [True, False])
def test_a_dripping_server_ends_with_the_total_time(in_headers: bool) -> None:
    def drip(_request: Request, send: Send, stopping: threading.Event) -> None:
        send(b"HTTP/1.1 200 OK\r\n" + (b"X: " if in_headers else b"Content-Length: 9999\r\n\r\n"))
        while not stopping.wait(0.05):
            send(b"a")

    limits = Limits(read=0.2, total=0.3, pause=0.01)
    started = time.monotonic()
    with (
        serving(drip) as tiny,
        http(tiny.url, limits) as client,
        pytest.raises(SourceUnavailable, match="total_seconds"),
    ):
        client.json("GET", tiny.url, where="page 1")
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    "raw",
    [
        b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"total": 1',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nB\r\n{"total": 1\r\n',
        b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"total": 1',
        b"HTTP/1.1 200 O",
        b"",
    ],
    ids=["length", "chunked", "until-close", "in-head", "nothing"],
)
def test_a_cut_answer_is_unavailable(raw: bytes) -> None:
    assert isinstance(failure(lambda _: raw), SourceUnavailable)


@pytest.mark.parametrize("head", ["Content-Length: 90000", "Transfer-Encoding: chunked", "Connection: close"])
def test_what_has_come_of_an_answer_is_counted_before_the_rest_comes(head: str) -> None:
    """Else a pull that gets its answer slowly would be taken for one that hangs."""
    counted: list[int] = []

    def respond(_request: Request, send: Send, stopping: threading.Event) -> None:
        METER.forget("x-motcua")
        chunk = b"15F90\r\n" if "chunked" in head else b""  # 90,000
        send(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + chunk + b"x" * 70_000)
        stopping.wait(0.1)
        counted.append(METER.of("x-motcua")[1])

    limits = Limits(read=3, tries=1, body=100_000)
    with serving(respond) as tiny, http(tiny.url, limits) as client, pytest.raises(SourceError):
        client.json("GET", tiny.url, where="page 1")
    assert counted[0] >= 70_000 + 65_000  # and what the beginning of an answer counts


def test_a_cut_answer_is_asked_for_again() -> None:
    whole = reply({"total": 1})
    with answering(lambda r: whole[:-3] if r.number == 1 else whole) as tiny, http(tiny.url) as client:
        assert client.json("GET", tiny.url, where="page 1") == {"total": 1}


@pytest.mark.parametrize(
    ("raw", "error", "words"),
    [
        (reply(b"<html><form><input type=PASSWORD></form></html>"), SourceRefused, "login page"),
        (reply(b"<?xml version='1.0'?><a/>"), ContractBroken, "HTML or XML"),
        (reply(b"OK"), ContractBroken, "not JSON"),
        (reply([1, 2]), ContractBroken, "not a JSON object"),
        (reply(b'{"a":1,"a":2}'), ContractBroken, "twice"),
        (reply(b'{"a":NaN}'), ContractBroken, "NaN"),
        (reply(b'{"a":"' + b"x" * 100_000 + b'"}'), ContractBroken, "larger"),
        (
            reply(gzip.compress(b"0" * 30_000_000, 1), "200 OK", "Content-Encoding: gzip"),
            ContractBroken,
            "larger",
        ),
        (reply({}, "401 Unauthorized"), Unauthorised, "401"),
        (reply({}, "403 Forbidden"), SourceRefused, "403"),
        (reply({}, "302 Found", "Location: http://127.0.0.1:1/login"), SourceRefused, "another server"),
        (reply({}, "302 Found", "Location: /login?secret=hunter2"), SourceRefused, "its login page"),
        (
            reply({}, "301 Moved", "Location: /list/?a=hunter2"),
            SourceRefused,
            "with a slash at its end. Write it so",
        ),
        (reply({}, "302 Found", "Location: http://169.254.169.254/"), SourceRefused, "another server"),
        (reply({}, "302 Found", "Location: http://[broken"), SourceRefused, "another server"),
        (reply(b"", "204 No Content"), ContractBroken, "without data"),
        (reply(b""), ContractBroken, "empty"),
        (reply({}, "200 OK", "Content-Type: text/csv"), ContractBroken, "no JSON"),
        (
            reply({}, "200 OK", "Content-Type: application/json; charset=windows-1258"),
            ContractBroken,
            "cp1258",
        ),
        (reply('{"a":"\u1ead"}'.encode("utf-16"), "200 OK"), ContractBroken, "not UTF-8"),
        (reply({}, "201 Created"), ContractBroken, "without data"),
        (reply({}, "200 OK", "Content-Encoding: br"), ContractBroken, "not offered"),
        (reply({}, "200 OK", "Content-Encoding: gzip"), ContractBroken, "not the gzip"),
        (reply({}, "404 Not Found"), ContractBroken, "404"),
        (reply({}, "500 Internal Server Error"), SourceUnavailable, "500"),
        (reply({}, "503 Service Unavailable"), SourceUnavailable, "503"),
    ],
)
def test_answers_that_are_no_data(raw: bytes, error: type[SourceError], words: str) -> None:
    found = failure(lambda _: raw)
    assert isinstance(found, error)
    assert words in str(found)


def test_an_answer_of_two_lengths_is_no_mistake_of_ours() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # urllib3 leaves its socket to the collector
        found = failure(lambda _: reply({}, "200 OK", "Content-Length: 9"))
        gc.collect()
    assert isinstance(found, ContractBroken)
    assert "the head of the answer contradicts itself" in str(found)


def test_a_busy_server_is_asked_again_after_what_it_says_but_no_longer_than_we_like() -> None:
    def answer(request: Request) -> bytes:
        if request.number == 1:
            return reply({}, "429 Too Many Requests", "Retry-After: 3600")
        return reply({"total": 1})

    started = time.monotonic()
    with answering(answer) as tiny, http(tiny.url) as client:
        assert client.json("GET", tiny.url, where="page 1") == {"total": 1}
    assert time.monotonic() - started < 1


def test_the_environment_gives_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with answering(lambda _: reply({"total": 1})) as tiny, http(tiny.url) as client:
        assert client.json("GET", tiny.url, where="page 1") == {"total": 1}
