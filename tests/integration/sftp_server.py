"""A real SFTP server over a folder, for tests: one login, one host key."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import paramiko

LOGIN, PASSWORD = "sotay", "p@ss:word/1"


class Server(NamedTuple):
    """Where it listens, and its key as hosts.yaml has it."""

    url: str
    key: str


class _Door(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (LOGIN, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Folder(paramiko.SFTPServerInterface):
    root = Path()

    def _path(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def list_folder(self, path: str) -> Any:
        try:
            return [
                paramiko.SFTPAttributes.from_stat(found.stat(), found.name)
                for found in self._path(path).iterdir()
            ]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        if flags & (os.O_WRONLY | os.O_RDWR):
            return paramiko.SFTP_PERMISSION_DENIED
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = self._path(path).open("rb")  # type: ignore[attr-defined]
        return handle


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    """Serve a folder over SFTP until the end."""
    key = paramiko.ECDSAKey.generate()
    handler = type("Folder", (_Folder,), {"root": root})
    listener = socket.create_server(("127.0.0.1", 0))
    transports: list[paramiko.Transport] = []

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transports.append(transport)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, handler)
            try:
                transport.start_server(server=_Door(), event=threading.Event())
            except paramiko.SSHException:
                continue

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield Server(
            f"sftp://127.0.0.1:{listener.getsockname()[1]}/so", f"{key.get_name()} {key.get_base64()}"
        )
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for transport in transports:
            transport.close()
        thread.join(timeout=5)
