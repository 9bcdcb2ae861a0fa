"""Which addresses are stores, and which are refused: before anything is asked, whatever they would lead to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.registry import known_implementations

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.opening import _OPENED_BY, opener


def refused(url: str, **of_host: Any) -> str:
    host = Host(code="h", connection="h", **{"private": True, "plain_http": True} | of_host)
    with pytest.raises(ConfigurationError) as caught:
        opener("s", host, Connection(url, "me", "hunter2"))
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("local:///etc", "the program's own machine"),
        ("memory://x", "the program's own machine or memory"),
        ("data:,a", "the program's own machine or memory"),
        ("zip://a.csv::file:///tmp/a.zip", "one store through another"),
        ("sftp://h/a::file:///etc/passwd", "one store through another"),
        ("simplecache::s3://bucket/a", "one store through another"),
        ("dir://x", "one store through another"),
        ("reference://", "one store through another"),
        ("http://169.254.169.254/latest", "by addresses that nothing here checks"),
        ("https://h/a", "a list over HTTP: kind rest"),
        ("webhdfs://h/a", "by addresses that nothing here checks"),
        ("git://a", "runs programs of this machine"),
        ("github://a:b@", "does not name the server"),
        ("s3a://bucket/a", "does not name the server"),
        ("gs://bucket/a", "does not name the server"),
        ("nothing://h/a", "no such kind of address is known"),
        ("/tmp", "that is no address"),
        ("", "that is no address"),
        ("FILE:///etc", "that is no address"),
        ("smb:///share", "it names no server or bucket"),
        ("s3:///folder", "it names no server or bucket"),
    ],
)
def test_an_address_of_a_kind_that_is_not_read(url: str, reason: str) -> None:
    said = refused(url)
    assert "are not read: " in said
    assert reason in said
    assert "give file:///folder, sftp://login" in said


def test_whatever_else_fsspec_knows_is_refused_or_needs_a_package() -> None:
    for scheme in sorted(set(known_implementations) - set(_OPENED_BY) - {"file"}):
        said = refused(f"{scheme}://h/a")
        assert "are not read: " in said or "which is not installed" in said, said


@pytest.mark.parametrize(
    ("scheme", "package"), [("smb", "smbprotocol"), ("s3", "s3fs"), ("root", "fsspec_xrootd")]
)
def test_a_package_that_is_not_installed(scheme: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    room = f"cchc.sources.kinds.stores.{scheme}"
    for name in (package, f"fsspec.implementations.{scheme}", room):
        monkeypatch.setitem(sys.modules, name, None)  # as if it were not there
    monkeypatch.delitem(sys.modules["fsspec.registry"].__dict__["_registry"], scheme, raising=False)
    assert refused(f"{scheme}://h/a").endswith(f"need the package {package}, which is not installed")


@pytest.mark.parametrize(
    ("url", "of_host", "words"),
    [
        ("s3://bucket/x", {}, "and one only: also: [https://server:9000] (hosts.yaml)"),
        ("s3://bucket/x", {"also": ("https://h",), "ca_bundle": "nope.pem"}, "there is no such file of certificates"),
        ("ftps://h/x", {"ca_bundle": "nope.pem"}, "ca_bundle of host h: there is no such file of certificates"),
        ("ftp://h/x", {"plain_http": False}, "declare plain_http: true (hosts.yaml)"),
        ("sftp://h/x", {}, "give host_keys (hosts.yaml)"),
    ],
)  # fmt: skip
def test_what_shows_before_anything_is_asked(url: str, of_host: dict[str, Any], words: str) -> None:
    assert words in refused(url, **of_host)


def test_a_store_of_somebody_elses_that_names_no_server(tmp_path: Path) -> None:
    class Elsewhere(LocalFileSystem):  # type: ignore[misc]
        protocol = "elsewhere"

    fsspec.register_implementation("elsewhere", Elsewhere)
    assert "does not name the server that it goes to" in refused(f"elsewhere://{tmp_path}")
