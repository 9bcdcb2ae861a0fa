"""Which connector reads a source, and which of its profile's datasets a source has."""

from __future__ import annotations

import re

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Host, Source
from cchc.catalogue.profiles import Profile
from cchc.errors import ConfigurationError
from cchc.sources.connections import variable
from cchc.sources.connector import Connection, Connector, Resolver
from cchc.sources.kinds.database.connector import Database
from cchc.sources.kinds.edxml import Edxml
from cchc.sources.kinds.files import Files
from cchc.sources.kinds.national import National
from cchc.sources.kinds.portal766 import Portal766
from cchc.sources.kinds.rest import Rest
from cchc.sources.web.session import Http, terms_of

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OF_FILES = {"datasets", "folder", "named"}


def datasets(source: Source, profile: Profile) -> tuple[DatasetName, ...]:
    """Return the datasets a source delivers: its parameter `datasets` (comma-separated), else all of its profile's."""
    chosen = source.params.get("datasets")
    if chosen is None:
        return tuple(profile.datasets)
    names = [name.strip() for name in chosen.split(",")]
    unknown = [name for name in names if name not in profile.datasets]
    if unknown:
        raise ConfigurationError(
            f"source {source.code}: profile {profile.code} has no dataset {', '.join(unknown)}"
        )
    return tuple(name for name in profile.datasets if name in names)


def connect(source: Source, profile: Profile, host: Host | None, resolve: Resolver) -> Connector:
    """Return the connector of a source; nothing is asked of the source yet.

    Raises `ConfigurationError` for a source without a host, or without a parameter its kind or profile needs, and for
    a profile whose options cannot be read.
    """
    try:
        return _connector(source, profile, host, resolve)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # what fails before anything is asked is the profile; the error's own text may hold an address
        text = f"source {source.code}: the options of profile {profile.code} cannot be read ({type(error).__name__})"
        raise ConfigurationError(text) from None


def _connector(source: Source, profile: Profile, host: Host | None, resolve: Resolver) -> Connector:
    if host is None:
        raise ConfigurationError(f"source {source.code} needs a host, whose connection says where it is")
    connection = resolve(host.connection)
    if profile.kind == "files":
        if unknown := sorted(set(source.params) - _OF_FILES):
            text = f"source {source.code}: files have no parameter {', '.join(unknown)} (sources.yaml)"
            raise ConfigurationError(text)
        folder, named = _parameter(source, "folder"), source.params.get("named", "")
        return Files(source.code, profile, host, connection, folder, datasets(source, profile), named)
    if profile.kind == "database":
        return Database(source, profile, host, connection, datasets(source, profile))
    check_credentials(host, connection)
    terms = terms_of(host, connection)
    if profile.kind in ("rest", "opencps", "igate", "national"):
        web = National if profile.kind == "national" else Rest
        return web(source, profile, datasets(source, profile), Http(source.code, terms), connection)
    if profile.kind == "portal766":
        root = _parameter(source, "rootDepartmentId")
        return Portal766(source.code, profile, Http(source.code, terms, connections=1), connection, root)
    organ = _parameter(source, "organ")
    workers = int(profile.options.get("workers", 4))
    return Edxml(source.code, profile, Http(source.code, terms, connections=workers + 1), connection, organ)


def check_credentials(host: Host, connection: Connection) -> None:
    """Raise `ConfigurationError` where no request over HTTP can carry the login or password of a connection."""
    for what, text in (("login", connection.login), ("password", connection.password)):
        if _CONTROL.search(text):
            raise ConfigurationError(
                f"connection {host.connection}: its {what} has a line break or another character that no header can "
                f"carry: give {variable(host.connection)} without it (was it read from a file with its last line end?)"
            )


def _parameter(source: Source, name: str) -> str:
    value = source.params.get(name, "")
    if not value:
        raise ConfigurationError(f"source {source.code}: params need {name} (sources.yaml)")
    return value
