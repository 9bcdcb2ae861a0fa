"""FTP as fsspec speaks it, by the address that was checked, and over TLS that is verified."""

from __future__ import annotations

import ftplib
import socket
import ssl
from typing import Any

from fsspec.implementations.ftp import FTPFileSystem

from cchc.sources.web.deadline import Deadline


class _Watched(ftplib.FTP):
    """Its sockets are shut when the time of the pull is over."""

    deadline: Deadline

    def watch(self) -> None:
        """Watch the connection of commands."""
        if self.sock is not None:
            self.deadline.watch(self.sock)

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """Return a connection for what a command sends, and its size where it is known."""
        opened = super().ntransfercmd(cmd, rest)
        self.deadline.watch(opened[0])
        return opened


class _Secure(_Watched, ftplib.FTP_TLS):
    """Also shows that data connections are ours, by the session of the first: many servers ask for that."""

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """Return a connection for what a command sends, and its size where it is known."""
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321
        self.deadline.watch(plain)
        first = self.sock
        session = first.session if isinstance(first, ssl.SSLSocket) else None
        opened = self.context.wrap_socket(plain, server_hostname=self.host, session=session)
        self.deadline.watch(opened)
        return opened, size


class FileSystem(FTPFileSystem):  # type: ignore[misc]
    """An FTP server; with a context it is spoken to over TLS (AUTH TLS), which proves its name."""

    def __init__(
        self, *, name: str, deadline: Deadline, context: ssl.SSLContext | None = None, **options: Any
    ) -> None:
        self._name, self._deadline, self._context = name, deadline, context
        self.ftp: ftplib.FTP = ftplib.FTP()  # noqa: S321  only where the host declares plain_http
        super().__init__(**options)

    def close(self) -> None:
        """Let go of the connection."""
        self.ftp.close()

    def _connect(self) -> None:
        terms: dict[str, Any] = {"timeout": self.timeout, "encoding": self.encoding}
        self.ftp = ftp = _Secure(context=self._context, **terms) if self._context else _Watched(**terms)
        ftp.deadline = self._deadline
        ftp.connect(self.host, self.port)
        ftp.host = self._name
        ftp.watch()
        if isinstance(ftp, _Secure):
            ftp.auth()
            ftp.watch()  # another socket, since it is TLS's
        ftp.login(*self.cred)
        if isinstance(ftp, _Secure):
            ftp.prot_p()
