"""Which addresses are stores, and which are refused: before anything is asked, whatever they would lead to."""

from __future__ import annotations

import sys
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.registry import known_implementations

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.opening import _OPENED_BY, opened


def refused(url: str) -> str:
    host = Host(code="h", connection="h", private=True, plain_http=True)
    with pytest.raises(ConfigurationError) as caught:
        opened("s", host, Connection(url, "me", "hunter2"))
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


def test_a_store_of_somebody_elses_that_names_no_server(tmp_path: Path) -> None:
    class Elsewhere(LocalFileSystem):  # type: ignore[misc]
        protocol = "elsewhere"

    fsspec.register_implementation("elsewhere", Elsewhere)
    assert "does not name the server that it goes to" in refused(f"elsewhere://{tmp_path}")
