"""Which servers and which addresses a connection may be used for."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.web.addresses import Forbidden, check, is_same_by_http, reach_of, resolve, server_of
from cchc.sources.web.session import Http, Limits, Terms, terms_of
from unit.sources.tiny_server import Tiny, answering, reply

LIMITS = Limits(connect=1, read=1, total=5, pause=0.01, tries=2)


def host(**fields: Any) -> Host:
    return Host.model_validate({"code": "h", "connection": "motcua", "slots": 4, **fields})


def refused(url: str, reached: Host, connection: str, error: type[SourceError] = SourceRefused) -> str:
    terms = Terms(LIMITS, reach_of(reached, Connection(connection, "me", "hunter2")))
    client = Http("x", terms, auth=("me", "hunter2"))
    try:
        with pytest.raises(error) as caught:
            client.json("GET", url, where="page 2", headers={"X-Api-Key": "hunter2"})
    finally:
        client.close()
    assert "hunter2" not in str(caught.value)
    assert url not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def tiny() -> Iterator[Tiny]:
    with answering(lambda _: reply({"a": 1})) as server:
        yield server


LOOPBACK = host(private=True, plain_http=True)


def test_another_server_gets_nothing(tiny: Tiny) -> None:
    assert "`also`" in refused(f"{tiny.url}/next?token=hunter2", LOOPBACK, "http://127.0.0.1:1")
    for trick in (
        f"http://127.0.0.1:1@{tiny.url[7:]}",
        f"http://127.0.0.1:1\\@{tiny.url[7:]}",
        f"{tiny.url}.",
    ):
        refused(trick, LOOPBACK, "http://127.0.0.1:1", SourceError)
    assert tiny.requests == []


def test_a_declared_server_is_reached(tiny: Tiny) -> None:
    declared = host(private=True, plain_http=True, also=[tiny.url])
    client = Http("x", terms_of(declared, Connection("http://127.0.0.1:1")))
    assert client.json("GET", tiny.url, where="token") == {"a": 1}
    client.close()


def test_a_redirect_is_not_followed(tiny: Tiny) -> None:
    away = reply({}, "302 Found", f"Location: {tiny.url}/steal?token=hunter2")
    with answering(lambda _: away) as first:
        assert "another server. Nothing was sent there" in refused(first.url, LOOPBACK, first.url)
        assert len(first.requests) == 1
    assert tiny.requests == []


def test_an_undeclared_private_address_gets_nothing(tiny: Tiny) -> None:
    said = refused(tiny.url, host(plain_http=True), tiny.url)
    assert "of this machine" in said
    assert "private: true" in said
    name = tiny.url.replace("127.0.0.1", "localhost")
    assert "of this machine" in refused(name, host(plain_http=True), name)
    assert tiny.requests == []


@pytest.mark.parametrize(
    ("address", "of_a_host_that_is_private"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("fd12::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("2002:7f00:1::", False),
        *((address, False) for address in ("::127.0.0.1", "64:ff9b:1::7f00:1", "::ffff:0:127.0.0.1", "fec0::1")),
        *((address, False) for address in ("64:ff9b:1::808:808", "4000::1", "5f00::1")),
        *((address, None) for address in ("::169.254.169.254", "64:ff9b:1::a9fe:a9fe", "::ffff:0:169.254.169.254")),
        *((address, None) for address in ("0.0.0.0", "::", "169.254.169.254", "169.254.0.9", "fe80::1")),
        *((address, None) for address in ("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::")),
        *((address, None) for address in ("fd00:ec2::254", "100.100.100.200", "224.0.0.1", "ff02::1")),
    ],
)  # fmt: skip
def test_which_addresses_may_be_connected_to(address: str, of_a_host_that_is_private: bool | None) -> None:
    """True: always; False: where the host is declared private; None: never."""
    found = [ipaddress.ip_address(address)]
    good = ipaddress.ip_address("8.8.8.8")
    for private in (False, True):
        if of_a_host_that_is_private or (of_a_host_that_is_private is False and private):
            check(found, private=private)
        else:
            with pytest.raises(Forbidden) as caught:
                check([good, *found], private=private)
            assert ("private: true" in caught.value.action) == (of_a_host_that_is_private is False)


@pytest.mark.parametrize("literal", ["fd00:ec2::254%1", "fe80::1%eth0", "169.254.169.254"])
def test_a_scope_hides_no_address(literal: str) -> None:
    with pytest.raises(Forbidden):
        check(resolve(literal, 80, 1), private=True)


def test_a_name_is_resolved_once_and_stays_what_it_was(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means another address the next time: the resolver is the one thing a test has to stand in for."""
    asked: list[str] = []

    def rebinding(name: str, port: int, **_: Any) -> list[Any]:
        asked.append(name)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    url = tiny.url.replace("127.0.0.1", "motcua.example")
    client = Http("x", Terms(LIMITS, reach_of(LOOPBACK, Connection(url))))
    for page in ("page 1", "page 2"):
        assert client.json("GET", url, where=page) == {"a": 1}
    client.close()
    assert len(tiny.requests) == 2
    assert asked == ["motcua.example"]
    assert tiny.requests[1].headers["host"].startswith("motcua.example:")


def test_a_name_nobody_has() -> None:
    url = "http://no-such-name.invalid"
    assert "(DNS)" in refused(url, host(plain_http=True), url, SourceUnavailable)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: [stopping.wait(5)][1:])
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        resolve("motcua.example", 443, 0.1)
    assert time.monotonic() - started < 1
    stopping.set()


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://Motcua.Example./o?x=1", ("https", "motcua.example", 443)),
        ("http://me:hunter2@h:81", ("http", "h", 81)),
        ("https://[::1]:8443/", ("https", "::1", 8443)),
        ("ftp://h", None),
        ("https://", None),
        ("http://h:port", None),
        ("http://[", None),
    ],
)
def test_the_server_of_an_address(url: str, server: object) -> None:
    assert server_of(url) == server


def test_http_must_be_declared() -> None:
    with pytest.raises(ConfigurationError, match="plain_http: true") as caught:
        reach_of(host(), Connection("http://motcua.example/?key=hunter2"))
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ConfigurationError, match=r"not an http\(s\) URL"):
        reach_of(host(), Connection("s3://bucket"))


def test_files_of_certificates_must_be_there(tmp_path: Path) -> None:
    secure = Connection("https://motcua.example", client_cert=str(tmp_path / "no.pem"))
    with pytest.raises(ConfigurationError, match=r"client_cert: there is no such file .*no\.pem"):
        reach_of(host(), secure)
    with pytest.raises(ConfigurationError, match="ca_bundle of host h"):
        reach_of(host(ca_bundle="authority.pem"), Connection("https://motcua.example"))


@pytest.mark.parametrize(
    ("url", "asked", "same"),
    [
        ("http://A.vn/list?page=2", "https://a.vn/list", True),
        ("http://a.vn:80/list", "https://a.vn:443/list", True),
        ("http://a.vn:443/list", "https://a.vn/list", True),  # the proxy hands on the name with its port
        ("http://a.vn:8443/list", "https://a.vn:8443/list", True),
        ("http://a.vn/list", "https://a.vn:8443/list", False),
        ("http://a.vn:8080/list", "https://a.vn/list", False),
        ("http://b.vn/list", "https://a.vn/list", False),
        ("https://a.vn/list", "http://a.vn/list", False),
        ("http://a.vn/list", "http://a.vn:8080/list", False),
        ("ftp://a.vn/list", "https://a.vn/list", False),
    ],
)
def test_a_server_may_take_itself_for_one_of_http(url: str, asked: str, same: bool) -> None:
    assert is_same_by_http(url, asked) is same
