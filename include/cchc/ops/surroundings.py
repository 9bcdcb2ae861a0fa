"""What an installation stands on: its catalogue, its connections, its folders, its disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import fsspec

from cchc.catalogue import calendar
from cchc.catalogue.models import Catalogue, Host
from cchc.errors import ConfigurationError
from cchc.settings import Settings
from cchc.sources.connections import from_environment, variable
from cchc.sources.connector import Connection
from cchc.sources.web.addresses import Forbidden, check, reach_of, resolve, server_of

Level = Literal["ok", "warn", "fail"]

_GIB = 1024**3
_SHORTEST_SECRET = 16  # characters; Airflow masks no shorter than 5 in its logs, and a short one is guessed
_RESOLVING = 2  # seconds that a name may take


@dataclass(frozen=True)
class Finding:
    """One thing that was examined; `action` is empty where nothing is to be done."""

    check: str
    level: Level
    message: str
    action: str = ""


def of_working_days(settings: Settings, today: date) -> Finding:
    """Return for which years days off are known, and how many of them nobody has confirmed."""
    try:
        days = calendar.load(settings.catalogue)
    except ConfigurationError as error:
        return Finding("working days", "fail", str(error), "mend holidays.yaml")
    years = days.years()
    message = f"days off are listed for {years[0]} to {years[-1]}"
    if today.year not in years:
        return Finding(
            "working days", "fail", message, f"enter {today.year} in holidays.yaml: no term can be worked out"
        )
    if today.month >= 10 and today.year + 1 not in years:
        return Finding(
            "working days", "warn", message, f"enter {today.year + 1} in holidays.yaml from its notice"
        )
    guessed = sorted({day for entry in days.unconfirmed() for day in entry.days() if day.year >= today.year})
    if guessed:
        message += f"; {len(guessed)} of them from {today.year} on are not confirmed"
        return Finding(
            "working days", "ok", message, "compare them with the official notice, then set confirmed: true"
        )
    return Finding("working days", "ok", message, "")


def of_catalogue(catalogue: Catalogue) -> Finding:
    """Return what the catalogue holds, and which units nobody is named for."""
    message = f"{catalogue.province.name}: {len(catalogue.sources)} sources, {len(catalogue.units)} units"
    told = [
        u.code
        for u in catalogue.units
        if u.contact is None and u.valid_to is None and _reads(catalogue, u.code)
    ]
    if told:
        return Finding(
            "catalogue",
            "warn",
            f"{message}; without a contact who is told of failures: {names(told)}",
            "enter `contact` in units.yaml",
        )
    return Finding("catalogue", "ok", message)


def _reads(catalogue: Catalogue, unit: str) -> bool:
    return any(source.unit == unit for source in catalogue.sources.values())


def of_connections(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield a finding for each server that sources are read from; values are never shown."""
    used = {source.host for source in catalogue.sources.values()}
    for host in catalogue.hosts.values():
        if host.code not in used:
            continue
        name = f"connection {host.connection}"
        try:
            found = from_environment(host.connection)
        except ConfigurationError as error:
            if os.environ.get(variable(host.connection)):
                yield Finding(name, "fail", str(error), f"mend {variable(host.connection)}")
            else:
                yield Finding(
                    name,
                    "warn",
                    f"{variable(host.connection)} is not in this environment",
                    "set it, or see that Airflow has a connection of that name",
                )
        else:
            yield _of_connection(name, host, found)


def _of_connection(name: str, host: Host, found: Connection) -> Finding:
    """Return whether a connection that is set can be used as its host declares, without asking its server."""
    if found.url.partition("://")[0] in ("http", "https"):
        try:
            reach_of(host, found)
        except ConfigurationError as error:
            return Finding(name, "fail", str(error), f"mend {variable(host.connection)} or hosts.yaml")
        server, port = (server_of(found.url) or ("", "", 0))[1:]
        try:
            check(resolve(server, port, _RESOLVING), private=host.private)
        except Forbidden as kind:
            return Finding(
                name,
                "fail",
                f"its server's address is {kind}",
                "mend it, or declare private: true (hosts.yaml)",
            )
        except OSError:
            return Finding(
                name,
                "warn",
                "its server's name has no address here (DNS)",
                "see the name, and this machine's DNS",
            )
    if found.password and len(found.password) < _SHORTEST_SECRET:
        return Finding(
            name,
            "warn",
            f"is set; its password has fewer than {_SHORTEST_SECRET} characters",
            "ask the vendor for a longer one",
        )
    return Finding(name, "ok", "is set")


def _existing(path: Path) -> Path:
    """Return the path or its nearest parent that exists."""
    while not path.exists():
        path = path.parent
    return path


def _writable(check: str, path: Path, setting: str) -> Finding:
    base = _existing(path)
    if base.is_dir() and os.access(base, os.W_OK | os.X_OK):
        return Finding(check, "ok", str(path))
    return Finding(
        check, "fail", f"{path} cannot be written to", f"give this user the folder, or set {setting}"
    )


def of_landing(settings: Settings) -> Finding:
    """Return whether landing files can be written."""
    if "://" not in settings.landing or settings.landing.startswith("file://"):
        return _writable("landing", Path(settings.landing.removeprefix("file://")), "CCHC_LANDING")
    try:
        files, root = fsspec.core.url_to_fs(settings.landing)
        probe = f"{root.rstrip('/')}/.doctor"
        files.pipe_file(probe, b"")
        files.rm_file(probe)
    except Exception as error:
        message = f"{settings.landing} cannot be written to: {type(error).__name__}"
        return Finding("landing", "fail", message, "see CCHC_LANDING and the store's credentials")
    return Finding("landing", "ok", settings.landing)


def of_releases(settings: Settings) -> Finding:
    """Return whether releases can be written and the newest is there."""
    found = _writable("releases", settings.releases, "CCHC_RELEASES")
    current = settings.releases / "current"
    if found.level == "ok" and current.is_symlink() and not current.exists():
        gone = f"{current} leads to a release that is not there"
        return Finding("releases", "fail", gone, "`cchc publish` writes the newest anew")
    return found


def of_disk(settings: Settings) -> Finding:
    """Return whether the disk has room."""
    space = shutil.disk_usage(_existing(settings.home))
    free = f"{space.free / _GIB:.1f} GiB free for {settings.home}"
    if space.free < _GIB:
        return Finding("disk", "fail", free, "make room: a full disk stops the night")
    if space.free < 5 * _GIB:
        return Finding("disk", "warn", free, "make room soon")
    return Finding("disk", "ok", free)


def names(items: Sequence[str], most: int = 5) -> str:
    """Return the first items in one text, and how many more there are."""
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more
