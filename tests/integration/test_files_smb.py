"""Registers on a real Windows share, and servers that fail."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from impacket.smb3structs import SMB2_READ

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.store import Store
from integration.shared_folder import put
from integration.smb_server import LOGIN, PASSWORD, SHARE, Server, serving


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("smb")


@pytest.fixture(scope="module")
def smb(root: Path) -> Iterator[Server]:
    with serving(root) as server:
        yield server


def store(
    smb: Server, password: str = PASSWORD, share: str = SHARE, folder: str = "x", **of_host: Any
) -> Store:
    terms = {"private": True, "plain_http": True, "connect_seconds": 2, "read_seconds": 2}
    host = Host(code="h", connection="h", **terms | of_host)
    return Store(
        "s", host, Connection(f"smb://localhost:{smb.port}/{share}/sổ", LOGIN, password), folder
    ).open()


def read(smb: Server, pattern: str = "*.csv", **how: Any) -> dict[str, bytes]:
    """Return the files of a pattern, as a pull reads them."""
    found = {}
    with closing(store(smb, **how)) as kept:
        kept.check()
        for path in kept.find(pattern):
            name = path.rpartition("/")[2]
            with kept.opened(path, name) as file:
                found[name] = file.read()
    return found


def test_a_share_is_read_like_a_folder(root: Path, smb: Server) -> None:
    of_a_mac = unicodedata.normalize("NFD", "Sổ một cửa.csv")
    files = {of_a_mac: b"1", "a b+c #1%.csv": b"2", "empty.csv": b"", "long.csv": b"0123456789" * 300_000}
    kept = [put(root, name, content) for name, content in files.items()]
    kept += [put(root, "đợt 1/2/so.CSV", b"3"), put(root, "~$a.csv", b"4")]
    assert read(smb) == files
    assert read(smb, "**/so.csv") == {"so.CSV": b"3"}
    for path in kept:
        path.unlink()


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"password": "hunter2"}, SourceRefused, r"\[localhost\]: login or password is wrong"),
        ({"share": "KHAC"}, SourceUnavailable, r"\[KHAC/sổ/x\]: the server has no such folder \(share"),
        ({"folder": "y"}, SourceUnavailable, r"\[SOTINH/sổ/y\]: the server has no such folder"),
        (
            {"private": False},
            SourceRefused,
            "its address is of this machine, so nothing was asked of it. If that is right, declare private: true",
        ),
        ({"plain_http": False}, SourceRefused, r"does not encrypt its shares \(SMB 3\). Its administrator"),
    ],
)
def test_what_is_not_read(
    root: Path, smb: Server, how: dict[str, Any], error: type[Exception], words: str
) -> None:
    """Also while another pull of the same login is under way: its session is nobody else's."""
    put(root, "a.csv", b"a")
    with closing(store(smb)) as other:
        other.check()
        with pytest.raises(error, match=words) as caught:
            read(smb, **how)
    assert "hunter2" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_a_server_of_which_no_share_is_named() -> None:
    host = Host(code="h", connection="h")
    for url in ("smb://localhost", "smb://localhost/"):
        with pytest.raises(
            ConfigurationError, match="connection h: its address names a server and no share of it"
        ):
            Store("s", host, Connection(url, LOGIN, PASSWORD), "x")


def test_a_server_that_is_gone(smb: Server) -> None:
    with pytest.raises(SourceUnavailable, match="nothing answers at its address"):
        read(smb._replace(port=9))


def test_a_server_that_hangs_or_breaks_off(root: Path, smb: Server) -> None:
    put(root, "a.csv", b"a")

    def hang(connection: Any, server: Any, packet: Any) -> Any:
        time.sleep(1.5)
        return own(connection, server, packet)

    def breaks(_connection: Any, _server: Any, _packet: Any) -> Any:
        raise ConnectionAbortedError

    own = smb.own.hookSmb2Command(SMB2_READ, hang)
    try:
        with pytest.raises(SourceUnavailable, match="within the time that their host allows"):
            read(smb, total_seconds=0.5)
        with pytest.raises(SourceUnavailable, match=r"\[a.csv\]: .*no answer came in time"):
            read(smb, read_seconds=1)
        smb.own.hookSmb2Command(SMB2_READ, breaks)
        with pytest.raises(SourceUnavailable, match=r"\[a.csv\]: "):
            read(smb)
    finally:
        smb.own.hookSmb2Command(SMB2_READ, own)
    assert read(smb) == {"a.csv": b"a"}


def test_a_file_that_changes_while_it_is_read(root: Path, smb: Server) -> None:
    path = put(root, "a.csv", b"a" * 1000)

    def change(connection: Any, server: Any, packet: Any) -> Any:
        answer = own(connection, server, packet)
        path.write_bytes(b"b" * 1000)
        return answer

    own = smb.own.hookSmb2Command(SMB2_READ, change)
    try:
        with pytest.raises(SourceUnavailable, match=r"\[a.csv\]: the file changed while it was read"):
            read(smb)
    finally:
        smb.own.hookSmb2Command(SMB2_READ, own)
