"""A real FTP server over a folder, for tests: one login, in plain and after AUTH TLS."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aioftp

LOGIN, PASSWORD = "sotay", "p@ss:word/1"


class Server(aioftp.Server):
    """An FTP server that also takes up TLS; `fault` stands before what its commands do."""

    def __init__(self, root: Path, context: ssl.SSLContext | None) -> None:
        super().__init__([aioftp.User(LOGIN, PASSWORD, base_path=root)])
        self._context = context
        self.own = dict(self.commands_mapping)
        self.faults: dict[str, Callable[..., Coroutine[Any, Any, bool]]] = {}
        for name in self.own:
            self.commands_mapping[name] = self._behind(name)
        if context is not None:
            self.commands_mapping["auth"] = self._auth

    def _behind(self, name: str) -> Callable[..., Coroutine[Any, Any, bool]]:
        async def ask(connection: Any, rest: Any) -> bool:
            return await self.faults.get(name, self.own[name])(connection, rest)  # type: ignore[operator]

        return ask

    async def _auth(self, connection: Any, _rest: Any) -> bool:
        stream = connection.command_connection
        stream.writer.write(b"234 go on\r\n")
        assert self._context is not None
        await stream.writer.start_tls(self._context)
        self.ssl = self._context  # of data connections from now on
        return True

    async def _start_passive_server(self, connection: Any, handler: Any) -> Any:
        async def known(reader: Any, writer: Any) -> None:
            secure = writer.get_extra_info("ssl_object")
            if (
                secure is not None and not secure.session_reused
            ):  # as FileZilla and vsftpd have it: it may be anybody
                writer.close()
            else:
                await handler(reader, writer)

        return await super()._start_passive_server(connection, known)


@contextmanager
def serving(root: Path, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve a folder until the end, at `server_port` of this machine."""
    server = Server(root, context)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start("127.0.0.1"), loop).result(5)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
