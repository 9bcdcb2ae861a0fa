"""Registers on a real SFTP server, and the servers that are not the one we know."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError, ContractBroken, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.registry import connect
from integration.sftp_server import LOGIN, PASSWORD, Server, serving
from unit.sources.formats import books
from unit.sources.profiles import WINDOW, profile, source

REGISTERS = profile("registers")
HEADINGS = ["Mã TTHC", "Lĩnh vực", "Mức độ", "Thời hạn", "Đơn vị thời hạn", "Hiệu lực từ", "Hiệu lực đến"]
PROCEDURE = ["1.000001", "GD", "4", "5", "ngày", "01/01/2022", ""]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sftp")


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Server]:
    (root / "so" / "x").mkdir(parents=True)
    put(root, "thu_tuc.xlsx", books.xlsx([HEADINGS, PROCEDURE], name="Thủ tục"))
    with serving(root) as found:
        yield found


def put(root: Path, name: str, content: bytes) -> Path:
    path = root / "so" / "x" / name
    path.write_bytes(content)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def read(server: Server, dataset: str = "procedure", password: str = PASSWORD, **of_host: Any) -> list[Any]:
    terms = {"private": True, "host_keys": (server.key,), "connect_seconds": 5, "read_seconds": 2, **of_host}
    host = Host(code="h", connection="h", **terms)
    found = connect(
        source("files", "x", datasets=dataset),
        REGISTERS,
        host,
        lambda _code: Connection(server.url, LOGIN, password),
    )
    return [record for page in found.read(WINDOW) for record in page.records]


def other_key() -> str:
    key = paramiko.ECDSAKey.generate()
    return f"{key.get_name()} {key.get_base64()}"


def test_a_workbook_and_a_long_text_are_read(root: Path, server: Server) -> None:
    assert [record["Mã TTHC"] for record in read(server)] == ["1.000001"]
    lines = b"".join(
        b'{"ma_van_ban": "%d"}\n' % n for n in range(60_000)
    )  # more than one reading of the network
    path = put(root, "so_van_ban_1.ndjson", lines)
    assert len(read(server, "document")) == 60_000
    path.unlink()


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"password": "wrong"}, SourceRefused, "login or password is wrong"),
        ({"host_keys": (other_key(),)}, SourceRefused, "the server's key is not one of host_keys"),
        ({"host_keys": ()}, ConfigurationError, "only read when its key is known"),
        ({"host_keys": ("ssh-ed25519",)}, ConfigurationError, "a key is written"),
        ({"private": False}, SourceRefused, "its address is of this machine"),
        ({"dataset": "petition, reported_measure"}, ContractBroken, "chi_tieu_bao_cao.xlsx]: the file is not there"),
    ],
)  # fmt: skip
def test_what_is_not_read(server: Server, how: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        read(server, **how)
    assert PASSWORD not in str(caught.value)


def test_a_key_of_a_kind_the_server_does_not_have(server: Server) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    with pytest.raises(SourceUnavailable, match="its keys are of another kind than host_keys"):
        read(server, host_keys=(key,))


def test_a_server_that_is_gone() -> None:
    with pytest.raises(SourceUnavailable, match=r"\[127\.0\.0\.1\]: the server cannot be reached"):
        read(Server("sftp://127.0.0.1:9/so", other_key()))


def test_a_file_that_grows_is_waited_for(root: Path, server: Server) -> None:
    path = root / "so" / "x" / "so_van_ban_2.ndjson"
    path.write_bytes(b'{"ma_van_ban": "1"}\n')

    def grow(times: int) -> threading.Thread:
        def write() -> None:
            for number in range(times):
                time.sleep(0.1)
                with path.open("ab") as file:
                    file.write(b'{"ma_van_ban": "g%d"}\n' % number)

        thread = threading.Thread(target=write)
        thread.start()
        return thread

    growing = grow(8)
    found = [record["ma_van_ban"] for record in read(server, "document")]
    growing.join()
    assert "g7" in found
    growing = grow(20)
    with pytest.raises(
        SourceUnavailable, match=r"so_van_ban_2\.ndjson\]: the file changed while it was read"
    ):
        read(server, "document", read_seconds=0.5)
    growing.join()
    path.unlink()


def test_a_server_that_ends_a_file_early(root: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of a line, so that nothing in the file shows it: only the size the server states does."""
    lines = b'{"ma_van_ban": "1"}\n' * 500
    path, end, whole = put(root, "so_van_ban_3.ndjson", lines), 20 * 200, paramiko.SFTPHandle.read

    def read_until(handle: Any, offset: int, length: int) -> Any:
        return paramiko.SFTP_EOF if offset >= end else whole(handle, offset, min(length, end - offset))

    monkeypatch.setattr(paramiko.SFTPHandle, "read", read_until)
    with pytest.raises(SourceUnavailable, match=r"ndjson\]: 4,000 bytes came of a file that has 10,000"):
        read(server, "document")
    monkeypatch.undo()
    assert len(read(server, "document")) == 500
    path.unlink()
