"""Which servers a connection may be used for, and which addresses a name may stand for.

A name is resolved once for a whole pull and connected to by the address that was checked: a name that means another
address the next time it is asked (DNS rebinding) changes nothing. TLS still proves the name.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cchc.catalogue.models import Host
from cchc.errors import ConfigurationError
from cchc.settings import settings
from cchc.sources.connector import Connection

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Server = tuple[str, str, int]  # scheme, name in small letters, port

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# whose last 32 bits may be an IPv4 address: compatible, translated (SIIT), NAT64 of all and of one network's own
_WITH_IPV4 = (*map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48")), _NAT64)
_OPEN_IPV6 = ipaddress.IPv6Network("2000::/3")  # all that has been given out for the open internet
# where clouds tell a machine its own credentials; never a unit's system, whatever a host declares
_METADATA = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192"))
)
_OF_PRIVATE = ("private", "of this machine")  # kinds of addresses that a host may declare to have


class Forbidden(Exception):
    """An address that must not be connected to; the text says what kind it is."""

    @property
    def action(self) -> str:
        """What to do: whether its host can be declared to have such addresses, or nothing permits them."""
        if str(self) in _OF_PRIVATE:
            return "If that is right, declare private: true for its host (hosts.yaml)."
        return (
            "No host may have such an address, whatever it declares: is the server's name or address right?"
        )


@dataclass(frozen=True)
class Reach:
    """Where one connection may be used, by which roads, and how both sides prove who they are."""

    servers: frozenset[Server]
    private: bool = False
    ca_bundle: str | None = None  # PEM file; None: the authorities every browser knows
    client_cert: str = ""  # PEM file with our certificate and its key, for servers that ask for one

    def allows(self, url: str) -> bool:
        """Return whether a request may go to `url`."""
        return server_of(url) in self.servers


def reach_of(host: Host, *connections: Connection) -> Reach:
    """Return where a host's connections may be used: its own first, which may have a certificate of ours.

    Raises `ConfigurationError` where an address is no http(s) URL, or http without `plain_http`, or where a file of
    certificates is not there.
    """
    servers = set()
    for url in (*(connection.url for connection in connections), *host.also):
        server = server_of(url)
        if server is None:
            raise ConfigurationError(f"connection {host.connection}: its address is not an http(s) URL")
        if server[0] == "http" and not host.plain_http:
            raise ConfigurationError(
                f"host {host.code} is to be read over http, which anybody on the way can read: give the address of "
                f"connection {host.connection} as https://, or declare plain_http: true (hosts.yaml)"
            )
        servers.add(server)
    cert = connections[0].client_cert if connections else ""
    return Reach(frozenset(servers), host.private, bundle_of(host, cert), cert)


def bundle_of(host: Host, cert: str = "") -> str | None:
    """Return the path of the authority's certificate of a host, None for those that every browser knows.

    Raises `ConfigurationError` where it is not there, or `cert`, our own file for the host, is not.
    """
    bundle = str(settings().catalogue / host.ca_bundle) if host.ca_bundle else None
    for path, what in ((bundle, f"ca_bundle of host {host.code}"), (cert, "client_cert")):
        if path and not Path(path).is_file():
            raise ConfigurationError(
                f"connection {host.connection}: {what}: there is no such file of certificates: {path}"
            )
    return bundle


def server_of(url: str) -> Server | None:
    """Return the server a URL is of; None for one that is no http(s) URL."""
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not name:
        return None
    return parts.scheme, name, port or _PORTS[parts.scheme]


def is_same_by_http(url: str, asked: str) -> bool:
    """Return whether `url` is of the server that was asked by https, but by http: on that port, or on the usual one."""
    there, here = server_of(url), server_of(asked)
    if there is None or here is None or (there[0], here[0]) != ("http", "https"):
        return False
    usual = (_PORTS["http"], _PORTS["https"])
    return there[1] == here[1] and (there[2] == here[2] or (there[2], here[2]) == usual)


def resolve(name: str, port: int, seconds: float) -> list[Address]:
    """Return the addresses of a name, each once.

    Raises `OSError` where it has none, `TimeoutError` after `seconds`: the system's own resolver knows no limit, so it
    is asked in a thread that may be left behind.
    """
    try:
        return [ipaddress.ip_address(name.partition("%")[0])]  # without its scope it is compared
    except ValueError:
        pass
    answers: queue.SimpleQueue[list[Address] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
            found = (ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows)
            answers.put(list(dict.fromkeys(found)))
        except (OSError, ValueError) as error:  # ValueError: a name that cannot be one
            answers.put(error)

    threading.Thread(target=ask, name=f"dns {name}", daemon=True).start()
    try:
        answer = answers.get(timeout=max(0, seconds))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise OSError("no address") from None
    return answer


def check(addresses: list[Address], *, private: bool) -> None:
    """Raise `Forbidden` where any of a name's addresses is not one that may be connected to."""
    kinds = (_kind(meant) for address in addresses for meant in (address, *_within(address)))
    forbidden = sorted(filter(None, kinds), key=_OF_PRIVATE.__contains__)  # first what no host may have
    if forbidden and not (private and forbidden[0] in _OF_PRIVATE):
        raise Forbidden(forbidden[0])


def _within(address: Address) -> list[Address]:
    """Return the IPv4 addresses that an IPv6 address stands for: mapped, 6to4, Teredo and those of `_WITH_IPV4`."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _WITH_IPV4):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [inner for inner in found if inner is not None]


def _kind(address: Address) -> str:
    """Return what forbids an address; empty for one of the open internet."""
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address in _NAT64):
        return ""  # what it stands for decides
    if address in _METADATA:
        return "the one where a cloud keeps its secrets"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast or address.is_unspecified:
        return "no server's"
    if address.is_loopback:
        return "of this machine"
    if isinstance(address, ipaddress.IPv6Address) and address not in _OPEN_IPV6:
        return "private"
    return "" if address.is_global else "private"
