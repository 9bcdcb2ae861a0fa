"""Registers on a real FTP server, in plain where that is declared and over TLS, and servers that fail."""

from __future__ import annotations

import asyncio
import os
import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.ftp import FTPFileSystem

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.store import Store
from integration.ftp_server import LOGIN, PASSWORD, Server, serving
from integration.shared_folder import put
from unit.sources.web.authority import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ftp")


@pytest.fixture(scope="module")
def serves(root: Path, authority: Authority) -> Iterator[Server]:
    with serving(root, authority.server(authority.certificate("localhost"))) as server:
        yield server


@pytest.fixture
def ftp(serves: Server) -> Iterator[Server]:
    serves.ssl = None
    yield serves
    serves.faults.clear()


def store(
    ftp: Server,
    scheme: str = "ftp",
    password: str = PASSWORD,
    name: str = "localhost",
    folder: str = "x",
    **of_host: Any,
) -> Store:
    terms = {"private": True, "plain_http": scheme != "ftps", "connect_seconds": 2, "read_seconds": 1}
    host = Host(code="h", connection="h", **terms | of_host)
    return Store(
        "s", host, Connection(f"{scheme}://{name}:{ftp.server_port}/sổ", LOGIN, password), folder
    ).open()


def read(ftp: Server, pattern: str = "*.csv", scheme: str = "ftp", **how: Any) -> dict[str, bytes]:
    """Return the files of a pattern, as a pull reads them."""
    found = {}
    with closing(store(ftp, scheme, **how)) as kept:
        kept.check()
        for path in kept.find(pattern):
            name = path.rpartition("/")[2]
            with kept.opened(path, name) as file:
                found[name] = file.read()
    return found


@pytest.mark.parametrize("scheme", ["ftp", "ftps"])
def test_a_server_is_read_like_a_folder(root: Path, ftp: Server, authority: Authority, scheme: str) -> None:
    of_a_mac = unicodedata.normalize("NFD", "Sổ một cửa.csv")
    long = b"0123456789" * 300_000
    files = {of_a_mac: b"1", "a b+c #1?50%.csv": b"2", "empty.csv": b"", "long.csv": long}
    kept = [put(root, name, content) for name, content in files.items()]
    kept += [put(root, "đợt 1/2/so.CSV", b"3"), put(root, "~$a.csv", b"4")]
    ahead = time.time() + 3600
    os.utime(kept[0], (ahead, ahead))  # by the clock of the server
    how = {"ca_bundle": str(authority.bundle)} if scheme == "ftps" else {}
    assert read(ftp, scheme=scheme, **how) == files
    assert read(ftp, "**/so.csv", scheme=scheme, **how) == {"so.CSV": b"3"}
    for path in kept:
        path.unlink()


def test_a_kind_of_store_that_nobody_here_knows(root: Path, ftp: Server) -> None:
    """Any protocol of fsspec whose address names a server, without a line for it."""
    fsspec.register_implementation("tram", FTPFileSystem)
    path = put(root, "a.csv", b"a")
    assert read(ftp, scheme="tram") == {"a.csv": b"a"}
    with pytest.raises(ConfigurationError, match="tram: is spoken without encryption"):
        read(ftp, scheme="tram", plain_http=False)
    with pytest.raises(SourceRefused, match="its address is of this machine"):
        read(ftp, scheme="tram", private=False)
    path.unlink()


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        (
            {"password": "hunter2"},
            SourceRefused,
            r"\[localhost\]: login or password is wrong. Ask the server's",
        ),
        ({"plain_http": False}, ConfigurationError, "ftp: is spoken without encryption"),
        (
            {"private": False},
            SourceRefused,
            "its address is of this machine, so nothing was asked of it. If that is right, declare private: true",
        ),
        (
            {"name": "169.254.169.254"},
            SourceRefused,
            "where a cloud keeps its secrets, .*No host may have such",
        ),
        (
            {"folder": "y"},
            SourceUnavailable,
            r"\[sổ/y\]: the server has no such folder .* Is it spelt as there",
        ),
        ({"name": "kho.invalid"}, SourceUnavailable, "its name is not known"),
        ({"scheme": "ftps"}, SourceUnavailable, "its certificate is of no authority that is known here"),
    ],
)
def test_what_is_not_read(ftp: Server, how: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        read(ftp, **how)
    assert "hunter2" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_a_server_whose_certificate_is_of_another_name(ftp: Server, authority: Authority) -> None:
    with pytest.raises(SourceUnavailable, match="or of another name"):
        read(ftp, scheme="ftps", name="127.0.0.1", ca_bundle=str(authority.bundle))


def test_a_server_that_is_gone(ftp: Server) -> None:
    class Gone:
        server_port = 9

    with pytest.raises(SourceUnavailable, match=r"\[localhost\]: .*nothing answers at its address"):
        read(Gone())  # type: ignore[arg-type]


def test_a_file_that_changes_or_goes_or_breaks_off(root: Path, ftp: Server) -> None:
    path = put(root, "a.csv", b"a" * 1_000_000)

    def before_it(act: Any) -> Any:
        async def ask(connection: Any, rest: Any) -> bool:
            act()
            return bool(await ftp.own["retr"](connection, rest))

        return ask

    ftp.faults["retr"] = before_it(lambda: path.write_bytes(b"b" * 999_999))
    with pytest.raises(SourceUnavailable, match=r"\[a.csv\]: the file changed while it was read"):
        read(ftp)
    ftp.faults["retr"] = before_it(path.unlink)
    with pytest.raises(SourceUnavailable, match=r"\[a.csv\]: .*has no such file or folder"):
        read(ftp)
    put(root, "a.csv", b"a" * 1_000_000)

    async def broken(connection: Any, rest: Any) -> bool:
        connection.response("150", "here it comes")
        stream = await connection.future.data_connection
        await stream.write(b"a" * 1_000)
        stream.close()
        connection.response("226", "hunter2")
        return True

    ftp.faults["retr"] = broken
    with pytest.raises(SourceUnavailable, match=r"\[a.csv\]: 1,000 bytes came of a file that has 1,000,000"):
        read(ftp)


def test_a_server_that_hangs_dies_or_says_too_much(root: Path, ftp: Server) -> None:
    put(root, "a.csv", b"a")

    async def hang(_connection: Any, _rest: Any) -> bool:
        await asyncio.sleep(2)
        return True

    async def die(connection: Any, _rest: Any) -> bool:
        connection.command_connection.close()
        return False

    async def talk(connection: Any, _rest: Any) -> bool:
        connection.response("550", "login hunter2 refused")
        return True

    for fault, words in (
        (hang, "does not answer in time"),
        (die, "broke it off"),
        (talk, "has no such folder"),
    ):
        ftp.faults = {"mlsd": fault, "list": fault}
        with pytest.raises(SourceUnavailable, match=words) as caught:
            read(ftp, read_seconds=0.5)
        assert "hunter2" not in str(caught.value)


def test_a_server_that_trickles(root: Path, ftp: Server) -> None:
    put(root, "a.csv", b"a")

    async def drip(connection: Any, _rest: Any) -> bool:
        connection.response("150", "here it comes")
        stream = await connection.future.data_connection
        with suppress(ConnectionError):
            for _ in range(30):
                await stream.write(b"type=file;size=1; ")
                await asyncio.sleep(0.1)
        return True

    ftp.faults["mlsd"] = drip
    started = time.monotonic()
    with pytest.raises(SourceUnavailable, match="within the time that their host allows"):
        read(ftp, total_seconds=0.5)
    assert time.monotonic() - started < 1.5


def test_a_server_that_is_older_than_lists_for_programs(root: Path, ftp: Server) -> None:
    put(root, "a b.csv", b"a")

    async def unknown(connection: Any, _rest: Any) -> bool:
        connection.response("500", "what is MLSD?")
        return True

    ftp.faults["mlsd"] = unknown
    assert read(ftp)["a b.csv"] == b"a"
