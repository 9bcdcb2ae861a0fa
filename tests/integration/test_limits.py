"""No server outlives a pull's time or fills its memory, wherever in an answer it is slow or endless."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cchc.errors import ContractBroken, SourceError, SourceUnavailable
from cchc.sources.web.session import Http, Limits
from unit.sources.tiny_server import Request, Send, answering, on_loopback, reply, serving

SHORT = Limits(connect=0.12, read=0.12, total=0.15, pause=0.01, tries=2)
HEAD = b"HTTP/1.1 200 OK\r\n"
PACKED = HEAD + b"Content-Encoding: gzip\r\n\r\n"


def seconds_of(url: str, limits: Limits, error: type[SourceError], words: str) -> float:
    """Ask, expect an error, and return how long it took."""
    client = Http("x", on_loopback(url, limits))
    started = time.monotonic()
    try:
        with pytest.raises(error, match=words):
            client.json("GET", url, where="page 1")
    finally:
        client.close()
    return time.monotonic() - started


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b"H"),
        (HEAD, b"X: y\r\n"),
        (HEAD + b"X: ", b"a"),
        (HEAD + b"Content-Length: 99999\r\n\r\n", b"a"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (HEAD + b"\r\n", b"a"),
        (PACKED, gzip.compress(b"")),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status", "headers", "header", "length", "chunks", "until-close", "gzip", "100-continue"],
)
def test_what_drips_ends_with_the_total_time(first: bytes, drop: bytes) -> None:
    def drip(_request: Request, send: Send, stopping: threading.Event) -> None:
        send(first)
        while not stopping.wait(0.04):
            send(drop)

    with serving(drip) as tiny:
        assert seconds_of(tiny.url, SHORT, SourceUnavailable, "total_seconds") < 0.9


def test_tries_and_their_pauses_end_with_the_total_time() -> None:
    limits = Limits(read=0.1, total=0.25, pause=0.1, tries=50)
    with answering(lambda _: reply({}, "503 Busy", "Retry-After: 99999")) as tiny:
        assert seconds_of(tiny.url, limits, SourceUnavailable, "503") < 0.9


@contextmanager
def silent_port() -> Iterator[str]:
    """Give the address of a port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


def test_a_handshake_that_does_not_come_ends_with_the_time_to_connect() -> None:
    limits = Limits(connect=0.2, read=9, total=9, pause=0.01, tries=1)
    with silent_port() as url:
        assert seconds_of(url, limits, SourceUnavailable, r"no connection within 0\.2 s") < 0.9


def test_a_handshake_that_drips_ends_with_the_total_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                try:
                    for byte in b"\x16\x03\x03\x40\x00" + bytes(200):  # the beginning of a long record
                        connection.sendall(bytes([byte]))
                        time.sleep(0.02)
                except OSError:
                    pass  # shut, as it must be

        server = threading.Thread(target=drip)
        server.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        limits = Limits(connect=9, read=9, total=0.25, tries=1)
        assert seconds_of(url, limits, SourceUnavailable, "total_seconds") < 0.9
        server.join(5)


def _many_headers(send: Send, stopping: threading.Event) -> None:
    send(HEAD)
    while not stopping.is_set():
        send(b"X: y\r\n" * 50)


def _long_header(send: Send, stopping: threading.Event) -> None:
    send(HEAD + b"X: ")
    while not stopping.is_set():
        send(b"y" * 10_000)


@pytest.mark.parametrize("endless", [_many_headers, _long_header])
def test_an_endless_head_is_refused(endless: object) -> None:
    with serving(lambda _request, send, stopping: endless(send, stopping)) as tiny:  # type: ignore[operator]
        assert seconds_of(tiny.url, Limits(total=3, tries=1), SourceUnavailable, "head of the answer") < 2


def _plain(send: Send, stopping: threading.Event) -> None:
    send(HEAD + b"\r\n[")
    while not stopping.is_set():
        send(b"1," * 10_000)


def _bomb(send: Send, stopping: threading.Event) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    send(PACKED)
    while not stopping.is_set():
        send(packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_SYNC_FLUSH))


def _empty_members(send: Send, stopping: threading.Event) -> None:
    send(PACKED)
    while not stopping.is_set():
        send(gzip.compress(b"") * 1000)


@pytest.mark.parametrize("endless", [_plain, _bomb, _empty_members])
def test_an_endless_body_ends_at_the_cap(endless: object) -> None:
    with serving(lambda _request, send, stopping: endless(send, stopping)) as tiny:  # type: ignore[operator]
        limits = Limits(total=9, body=1024 * 1024)
        assert seconds_of(tiny.url, limits, ContractBroken, "larger than 1 MB") < 3


def test_a_bomb_takes_no_more_memory_than_a_chunk() -> None:
    bomb = gzip.compress(bytes(60_000_000), 1)

    def count(chunks: Iterator[bytes]) -> int:
        return sum(map(len, chunks))

    raw = reply(bomb, "200 OK", "Content-Encoding: gzip")
    with answering(lambda _: raw) as tiny:
        client = Http("x", on_loopback(tiny.url, Limits()))
        tracemalloc.start()
        try:
            assert client.read("GET", tiny.url, where="page 1", consume=count) == 60_000_000
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            client.close()
    assert peak < 2_000_000


@pytest.mark.parametrize("framed", [True, False], ids=["with-length", "until-close"])
def test_a_packed_body_that_is_cut_is_no_body(framed: bool) -> None:
    part = gzip.compress(b'{"total": 1}' + b" " * 100)[:-9]
    raw = reply(part, "200 OK", "Content-Encoding: gzip") if framed else PACKED + part
    with answering(lambda _: raw) as tiny:
        seconds_of(tiny.url, SHORT, SourceUnavailable, "cut short")
        assert len(tiny.requests) == 2


def test_packed_members_in_a_row_are_one_body() -> None:
    raw = reply(gzip.compress(b'{"a"') + gzip.compress(b": 1}"), "200 OK", "Content-Encoding: gzip")
    with answering(lambda _: raw) as tiny:
        client = Http("x", on_loopback(tiny.url, SHORT))
        assert client.json("GET", tiny.url, where="page 1") == {"a": 1}
        client.close()


def test_a_pull_has_a_budget_of_tries() -> None:
    with answering(lambda r: reply({"a": 1}) if r.number % 2 == 0 else reply({}, "503 Busy")) as tiny:
        client = Http("x", on_loopback(tiny.url, Limits(pause=0.001, retries=3)))
        for _ in range(3):
            client.json("GET", tiny.url, where="page 1")
        with pytest.raises(SourceUnavailable, match="503"):
            client.json("GET", tiny.url, where="page 4")
        client.close()
    assert len(tiny.requests) == 7
