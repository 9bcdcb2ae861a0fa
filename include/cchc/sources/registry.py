"""Which connector reads a source, and which of its profile's datasets a source has."""

from __future__ import annotations

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Host, Profile, Source
from cchc.errors import ConfigurationError
from cchc.sources.contract import Connector, Resolver
from cchc.sources.kinds.edxml import Edxml
from cchc.sources.kinds.files import Files
from cchc.sources.kinds.national import National
from cchc.sources.kinds.opencps import OpenCps
from cchc.sources.kinds.portal766 import Portal766
from cchc.sources.web.session import Http, Limits


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

    Raises `ConfigurationError` for a source without a host, or without the parameter its kind needs.
    """
    if host is None:
        raise ConfigurationError(f"source {source.code} needs a host, whose connection says where it is")
    connection = resolve(host.connection)
    if profile.kind == "files":
        return Files(
            source.code, profile, connection, source.params.get("folder", ""), datasets(source, profile)
        )
    limits = Limits(host.connect_seconds, host.read_seconds, host.total_seconds)
    if profile.kind == "opencps":
        site = _parameter(source, "groupId")
        http = Http(source.code, limits, auth=(connection.login, connection.password))
        return OpenCps(source.code, profile, http, connection.url, site)
    if profile.kind == "national":
        unit = _parameter(source, "maDonVi")
        return National(source.code, profile, Http(source.code, limits), connection, unit)
    if profile.kind == "portal766":
        root = _parameter(source, "rootDepartmentId")
        return Portal766(source.code, profile, Http(source.code, limits, connections=1), connection, root)
    organ = _parameter(source, "organ")
    workers = int(profile.options.get("workers", 4))
    return Edxml(source.code, profile, Http(source.code, limits, connections=workers + 1), connection, organ)


def _parameter(source: Source, name: str) -> str:
    value = source.params.get(name, "")
    if not value:
        raise ConfigurationError(f"source {source.code}: params need {name} (sources.yaml)")
    return value
