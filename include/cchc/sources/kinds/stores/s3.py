"""Buckets of S3, on the server that the host declares."""

from __future__ import annotations

import os
import re
import socket
from functools import cache, partial
from typing import Any
from urllib.parse import unquote, urlsplit

import s3fs  # type: ignore[import-untyped]
from aiobotocore.httpsession import AIOHTTPSession  # type: ignore[import-untyped]
from aiobotocore.session import AioSession  # type: ignore[import-untyped]
from aiohttp.abc import AbstractResolver, ResolveResult

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.place import Opener, Place, addresses_of
from cchc.sources.web.addresses import Reach, Server, reach_of, server_of

_TRIES = 2  # of a request, within what a server may be silent; the night tries a source again later
_LISTED = 256 * 1024 * 1024  # bytes of lists and errors in one pull, about half a million names
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")


class DeclaresEntities(Exception):
    """An answer that is more than the XML of S3."""


class _Pinned(AbstractResolver):
    """Knows the addresses of one server, which were checked."""

    def __init__(self, name: str, port: int, addresses: list[str]) -> None:
        self._name, self._port, self._addresses = name, port, addresses

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        """Return the addresses; raises `OSError` for any other server."""
        if host.lower().rstrip(".") != self._name:
            raise OSError("not the declared server")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Let go of nothing."""

    def connect(self, address: tuple[Any, ...]) -> socket.socket:
        """Return a socket to an address; raises `OSError` for another server's, where a redirect may lead."""
        family, kind, protocol, _, (host, port, *_) = address
        if host not in self._addresses or port != self._port:
            raise OSError("not the declared server")
        return socket.socket(family, kind, protocol)


class _Bounded(AIOHTTPSession):  # type: ignore[misc]
    """Takes no more of lists and errors than is sensible; objects are read as they come."""

    _left = _LISTED

    async def send(self, request: Any) -> Any:
        """Return the answer to a request, whose body is read here unless it is an object's."""
        streams, request.stream_output = request.stream_output, True
        answer = await super().send(request)
        if not streams or answer.status_code >= 300:
            try:
                answer._content = await self._whole(answer.raw.content)
            except BaseException:
                answer.raw.close()
                raise
        return answer

    async def _whole(self, content: Any) -> bytes:
        body = bytearray()
        async for chunk in content.iter_any():
            body += chunk
            self._left -= len(chunk)
            if self._left < 0:
                raise OverflowError
        if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
            raise DeclaresEntities
        return bytes(body)


class _Buckets(s3fs.S3FileSystem):  # type: ignore[misc]
    """Takes the name of an object as it is: `?versionId=` in it is no version."""

    retries = _TRIES

    def split_path(self, path: str) -> tuple[str, str, None]:
        """Return the bucket, the name in it, and no version."""
        bucket, _, key = path.lstrip("/").partition("/")
        return bucket, key, None


@cache
def _session() -> AioSession:
    """Return what clients are made from; nothing of the machine's user is in it, neither credentials nor servers."""
    # name → in a file, in the environment, what it is, how it is read
    variables = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return AioSession(session_vars=variables)


def opener(source: str, host: Host, connection: Connection) -> Opener:
    """Return what opens the folder in a bucket.

    Raises `ConfigurationError` for a bucket without a name or a key, and where the host declares no server for it.
    """
    parts = urlsplit(connection.url)
    if not _BUCKET.fullmatch(parts.netloc):
        raise ConfigurationError(
            f"connection {host.connection}: a bucket is given as s3://key:secret@bucket/folder, its server in the "
            "host's also (hosts.yaml)"
        )
    if not connection.login or not connection.password:
        raise ConfigurationError(
            f"connection {host.connection}: a bucket is read with a key and its secret: give both, as "
            "s3://key:secret@bucket/folder (in Airflow: login and password)"
        )
    server = server_of(host.also[0]) if len(host.also) == 1 else None
    if server is None:
        raise ConfigurationError(
            f"host {host.code}: a bucket is read from the server that its host declares, and one only: "
            "also: [https://server:9000] (hosts.yaml)"
        )
    reach = reach_of(host, Connection(host.also[0], client_cert=connection.client_cert))
    return Opener(partial(_opened, source, host, connection, server, reach), server[1:])


def _opened(source: str, host: Host, connection: Connection, server: Server, reach: Reach) -> Place:
    """Return the folder in a bucket; raises `SourceError` for a server that may not be asked."""
    parts = urlsplit(connection.url)
    scheme, name, port = server
    pinned = _Pinned(name, port, addresses_of(source, host, name, port))
    fs = _Buckets(
        skip_instance_cache=True,
        key=connection.login,
        secret=connection.password,
        endpoint_url=host.also[0],
        use_ssl=scheme == "https",
        session=_session(),
        client_kwargs={"verify": reach.ca_bundle or True, "region_name": "us-east-1"},
        config_kwargs={
            "connect_timeout": host.connect_seconds,
            "read_timeout": host.read_seconds,
            "retries": {"max_attempts": 0},
            "s3": {"addressing_style": "path"},  # the bucket is no server's name
            "proxies": {},
            "client_cert": connection.client_cert or None,
            "connector_args": {"resolver": pinned, "socket_factory": pinned.connect},
            "http_session_cls": _Bounded,
        },
    )

    def close() -> None:
        if fs._s3 is not None:
            fs.close_session(fs.loop, fs._s3creator)

    return Place(fs, parts.netloc + unquote(parts.path), is_whole=True, close=close)
