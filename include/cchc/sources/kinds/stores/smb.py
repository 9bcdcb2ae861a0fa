"""Windows shares as fsspec reads them, each pull by a connection and a login of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

import smbclient  # type: ignore[import-untyped]
from fsspec.implementations.smb import SMBFileSystem
from smbprotocol.connection import Connection  # type: ignore[import-untyped]

from cchc.sources.web.deadline import Deadline


class NotEncrypted(Exception):
    """The server knows no SMB 3."""


class FileSystem(SMBFileSystem):  # type: ignore[misc]
    """A server of shares: signed always, encrypted unless the host says that it need not be.

    Nothing is shared with other pulls: smbclient's own pool would take the session of whoever came first for another's
    password. Where the server leads to others (DFS) it is not followed.
    """

    def __init__(self, *, name: str, deadline: Deadline, connect_seconds: float, **options: Any) -> None:
        self._deadline, self._connect_seconds = deadline, connect_seconds
        self._open_ones: dict[str, Connection] = {}
        super().__init__(share_access="rwd", **options)  # others may have the file open

    def close(self) -> None:
        """Let go of the connection, whether or not its server answers any more."""
        for connection in self._open_ones.values():
            connection.disconnect(close=False)
        self._forget()
        self._open_ones.clear()

    def get_file(self, rpath: str, lpath: Any, **options: Any) -> None:
        """Write a file into an open one."""
        try:
            super().get_file(rpath, lpath, **options)
        except Exception:
            self._forget()
            raise

    def _forget(self) -> None:
        """Let go of what is open without asking the server: it may not answer."""
        for connection in self._open_ones.values():
            for session in connection.session_table.values():
                for file in session.open_table.values():
                    file._connected = False

    def _connect(self) -> None:
        smbclient.ClientConfig(skip_dfs=True)
        connection = Connection(smbclient.ClientConfig().client_guid, self.host, self._port)
        connection.connect(timeout=self._connect_seconds)
        self._open_ones[f"{self.host.lower()}:{self._port}"] = connection
        self._deadline.watch(connection.transport._sock)
        connection.receive = partial(connection.receive, timeout=self.timeout)
        try:
            if self.encrypt and not connection.supports_encryption:
                raise NotEncrypted
            smbclient.register_session(
                self.host,
                username=self.username,
                password=self.password,
                port=self._port,
                encrypt=self.encrypt,
                connection_cache=self._open_ones,
            )
        except Exception:
            self.close()
            raise

    def info(self, path: str, **options: Any) -> Any:
        """Return what is known of a file or folder."""
        return super().info(path, connection_cache=self._open_ones, **options)

    def ls(self, path: str, detail: bool = True, **options: Any) -> Any:
        """Return what stands in a folder."""
        return super().ls(path, detail, connection_cache=self._open_ones, **options)

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        return super()._open(path, mode, connection_cache=self._open_ones, **options)
