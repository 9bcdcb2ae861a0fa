"""Servers whose certificates are right, and servers whose are not: real handshakes."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cchc.errors import SourceRefused
from cchc.sources.web.session import Http, Limits, Terms
from unit.sources.tiny_server import Tiny, answering, on_loopback, reply
from unit.sources.web.authority import Authority

LIMITS = Limits(connect=2, read=2, total=5, pause=0.01, tries=1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def asked(tiny: Tiny, bundle: Path | None, cert: Path | None = None, name: str = "127.0.0.1") -> Any:
    url = tiny.url.replace("127.0.0.1", name)
    terms = on_loopback(url, LIMITS)
    reach = replace(terms.reach, ca_bundle=bundle and str(bundle), client_cert=str(cert or ""))
    client = Http("x", Terms(LIMITS, reach), auth=("me", "hunter2"))
    try:
        return client.json("GET", url, where="page 1")
    finally:
        client.close()


def refusal(tls: ssl.SSLContext, bundle: Path | None, name: str = "127.0.0.1") -> str:
    with answering(lambda _: reply({"a": 1}), tls) as tiny:
        with pytest.raises(SourceRefused) as caught:
            asked(tiny, bundle, name=name)
        assert tiny.requests == [], "nothing was sent"
    return str(caught.value)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_certificate_of_the_provinces_own_authority_is_trusted(authority: Authority, name: str) -> None:
    tls = authority.server(authority.certificate("localhost", "127.0.0.1"))
    with answering(lambda _: reply({"a": 1}), tls) as tiny:
        assert asked(tiny, authority.bundle, name=name) == {"a": 1}


def test_an_unknown_authority_is_refused(authority: Authority) -> None:
    tls = authority.server(authority.certificate("localhost", "127.0.0.1"))
    assert "an authority that is not known here" in refusal(tls, None)
    assert "ca_bundle" in refusal(tls, None)


def test_an_expired_certificate_is_refused(authority: Authority) -> None:
    tls = authority.server(authority.certificate("127.0.0.1", days=-1))
    assert "certificate has expired" in refusal(tls, authority.bundle)


def test_a_certificate_of_another_name_is_refused(authority: Authority) -> None:
    tls = authority.server(authority.certificate("other.example"))
    assert "belongs to another name" in refusal(tls, authority.bundle, "localhost")
    assert "belongs to another address" in refusal(tls, authority.bundle)


def test_a_self_signed_certificate_is_refused(authority: Authority) -> None:
    tls = authority.server(authority.certificate("127.0.0.1", self_signed=True))
    assert "is self-signed" in refusal(tls, authority.bundle)


def test_an_address_without_tls_is_no_https(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):  # the client leaves as soon as it has read this
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                while connection.recv(65536):
                    pass

        server = threading.Thread(target=answer)
        server.start()
        with pytest.raises(SourceRefused, match="does not speak https"):
            asked(Tiny(f"https://127.0.0.1:{listener.getsockname()[1]}"), authority.bundle)
        server.join(5)


def test_a_server_that_asks_for_a_certificate_gets_ours(authority: Authority) -> None:
    tls = authority.server(authority.certificate("127.0.0.1"), asks=True)
    with answering(lambda _: reply({"a": 1}), tls) as tiny:
        assert asked(tiny, authority.bundle, authority.certificate("cchc.example")) == {"a": 1}
        with pytest.raises(SourceRefused, match="client_cert"):
            asked(tiny, authority.bundle)
