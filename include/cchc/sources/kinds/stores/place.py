"""A store that was opened, and the one check that every server's address has to pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cchc.catalogue.models import Host
from cchc.errors import SourceRefused, SourceUnavailable
from cchc.sources.web.addresses import Forbidden, check, resolve


def _nothing() -> None:
    """Let go of nothing."""


class Place(NamedTuple):
    """An open file system of fsspec and the connection's folder in it."""

    fs: Any
    base: str
    is_local: bool = False  # files are opened where they lie
    is_whole: bool = False  # only whole files are ever seen: none is still being written
    by_blocks: bool = False  # a file is opened and read on, rather than fetched in one go
    close: Callable[[], None] = _nothing


class Opener(NamedTuple):
    """What opens a folder, before anything was asked of the server."""

    open: Callable[[], Place]  # raises `SourceError` where it cannot be reached or lets nobody in
    server: tuple[str, int] | None = None  # its name and port; None: a folder of this machine


def addresses_of(source: str, host: Host, name: str, port: int) -> list[str]:
    """Return the addresses of a server, all of which the host allows; those of IPv4 first.

    Raises `SourceRefused` for one that it does not, `SourceUnavailable` where the name has none.
    """
    try:
        addresses = resolve(name, port, host.connect_seconds)
        check(addresses, private=host.private)
    except Forbidden as forbidden:
        text = f"its address is {forbidden}, so nothing was asked of it"
        raise SourceRefused(source, text, where=name, action=forbidden.action) from None
    except OSError as error:
        said = "its name was not told in time" if isinstance(error, TimeoutError) else "its name is not known"
        raise SourceUnavailable(source, f"the server cannot be reached: {said}", where=name) from None
    return [str(address) for address in sorted(addresses, key=lambda address: address.version)]
