"""SFTP servers, each known by its key."""

from __future__ import annotations

import base64
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import fsspec
import paramiko

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.place import Opener, Place, addresses_of
from cchc.sources.web.addresses import bundle_of


class _WrongKey(paramiko.SSHException):
    """The server is not the one whose key the catalogue has."""


class _OnlyKnown(paramiko.MissingHostKeyPolicy):
    """Trusts the keys of the catalogue and no other; nothing is ever learned from a server."""

    def __init__(self, keys: frozenset[bytes]) -> None:
        self._keys = keys

    def missing_host_key(self, _client: Any, _hostname: str, key: paramiko.PKey) -> None:
        if key.asbytes() not in self._keys:
            raise _WrongKey


def opener(source: str, host: Host, connection: Connection) -> Opener:
    """Return what opens the folder on an SFTP server; raises `ConfigurationError` for a host without keys."""
    bundle_of(host, connection.client_cert)
    parts = urlsplit(connection.url)
    server = parts.hostname or "", parts.port or 22
    return Opener(partial(_opened, source, host, connection, _keys(host), server), server)


def _opened(
    source: str, host: Host, connection: Connection, keys: list[tuple[str, bytes]], server: tuple[str, int]
) -> Place:
    """Return the folder on an SFTP server; raises `SourceError`."""
    where, port = server
    address = addresses_of(source, host, where, port)[0]
    try:
        found = fsspec.filesystem(
            "sftp",
            skip_instance_cache=True,
            host=address,
            port=port,
            username=connection.login,
            password=connection.password or None,
            key_filename=connection.client_cert or None,
            allow_agent=False,
            look_for_keys=False,
            host_key_policy=_OnlyKnown(frozenset(key for _, key in keys)),
            disabled_algorithms={"keys": [name for name in _KEY_KINDS if name not in _signed_by(keys)]},
            timeout=host.connect_seconds,
            banner_timeout=host.connect_seconds,
            auth_timeout=host.connect_seconds,
        )
    except _WrongKey:
        text = "the server's key is not one of host_keys (hosts.yaml)"
        action = "Ask its administrator for the fingerprint before changing them: it may be another server."
        raise SourceRefused(source, text, where=where, action=action) from None
    except paramiko.AuthenticationException:
        raise SourceRefused(source, "login or password is wrong", where=where) from None
    except (paramiko.SSHException, OSError) as error:
        said = "its keys are of another kind than host_keys" if "no acceptable host key" in str(error) else ""
        text = f"the server cannot be reached: {said or getattr(error, 'strerror', None) or type(error).__name__}"
        raise SourceUnavailable(source, text, where=where) from None
    with suppress(AttributeError):
        found.ftp.get_channel().settimeout(host.read_seconds)
    return Place(found, unquote(urlsplit(connection.url).path), by_blocks=True, close=found.client.close)


_KEY_KINDS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-rsa",
)


def _signed_by(keys: list[tuple[str, bytes]]) -> set[str]:
    """Return the algorithms of the known keys; an RSA key signs by SHA-2, never by SHA-1."""
    kinds = {kind for kind, _ in keys}
    return (kinds - {"ssh-rsa"}) | ({"rsa-sha2-512", "rsa-sha2-256"} if "ssh-rsa" in kinds else set())


def _keys(host: Host) -> list[tuple[str, bytes]]:
    """Return kind and content of the host's known keys; raises `ConfigurationError`."""
    if not host.host_keys:
        raise ConfigurationError(
            f"host {host.code}: an SFTP server is only read when its key is known: give host_keys (hosts.yaml), "
            "each as `ssh-keyscan` prints it without the name: ssh-ed25519 AAAA…"
        )
    found = []
    for line in host.host_keys:
        kind, _, rest = line.partition(" ")
        try:
            found.append((kind, base64.b64decode(rest.split()[0], validate=True)))
        except (ValueError, IndexError):
            raise ConfigurationError(
                f"host {host.code}: host_keys: a key is written: ssh-ed25519 AAAA…"
            ) from None
    return found
