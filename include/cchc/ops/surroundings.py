"""What an installation stands on: its catalogue, its connections, its folders, its disk."""

from __future__ import annotations

import os
import queue
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import fsspec

from cchc.catalogue import calendar
from cchc.catalogue.models import Catalogue, Host, Source
from cchc.errors import ConfigurationError
from cchc.publishing.sites import copies, place
from cchc.settings import Settings, notify_name
from cchc.sources.connections import from_environment, variable
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores.opening import opener
from cchc.sources.registry import connect
from cchc.sources.web.addresses import Forbidden, check, resolve, server_of

Level = Literal["ok", "warn", "fail"]

_GIB = 1024**3
_SHORTEST_SECRET = 16  # characters; Airflow masks no shorter than 5 in its logs, and a short one is guessed
_RESOLVING = 2  # seconds that a name, or a share, may take
_STAND_INS = {
    "database": "postgresql://localhost/x",
    "files": "file:///x",
}  # of kinds that are not asked by https


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


def of_sources(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield why sources cannot be asked as profile and parameters say, each reason once; no connection is read."""
    wrong: dict[str, list[str]] = {}
    for source in catalogue.sources.values():
        if said := _wrong_with(catalogue, source):
            wrong.setdefault(said, []).append(source.code)
    if not wrong:
        yield Finding(
            "requests", "ok", f"profiles and parameters of all {len(catalogue.sources)} sources can be used"
        )
    for said, codes in wrong.items():
        action = f"mend it, then `cchc source check {codes[0]}`"
        yield Finding("requests", "fail", f"{names(codes)}: {said}", action)


def _wrong_with(catalogue: Catalogue, source: Source, place: tuple[Host, Connection] | None = None) -> str:
    """Return what a pull of a source would say before it asks anything, at its place or at any; empty for nothing."""
    profile = catalogue.profile_of(source)
    anywhere = Connection(_STAND_INS.get(profile.kind, "https://localhost"))
    host, there = place or (Host(code="x", connection="x") if source.host else None, anywhere)
    try:
        connect(source, profile, host, lambda _code: there)
    except ConfigurationError as error:
        return str(error).removeprefix(f"source {source.code}: ")
    return ""


def of_messages(settings: Settings, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield the ways to people that the catalogue names and this environment has not."""
    province = catalogue.province
    people = [*province.engineers, *province.office, *(u.contact for u in catalogue.units if u.contact)]
    if not settings.smtp.host and any(person.email for person in people):
        yield Finding("mail server", "warn", "CCHC_SMTP_HOST is not set: no mail is sent", "set it")
    for channel in sorted({channel for person in people for channel in person.channels}):
        name = notify_name(channel)
        if name not in settings.notify:
            missing = f"CCHC_NOTIFY_{name} is not set: what channel {channel} is to be told waits"
            yield Finding(
                f"channel {channel}", "warn", missing, "set it, or take the channel out of the catalogue"
            )


def of_connections(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield a finding for each server that sources are read from; values are never shown."""
    for host in catalogue.hosts.values():
        sources = [source for source in catalogue.sources.values() if source.host == host.code]
        if not sources:
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
            continue
        here = (_wrong_with(catalogue, s, (host, found)) for s in sources if not _wrong_with(catalogue, s))
        if said := next(filter(None, here), ""):
            yield Finding(name, "fail", said, f"mend {variable(host.connection)} or hosts.yaml")
        else:
            is_store = any(catalogue.profile_of(source).kind == "files" for source in sources)
            yield _of_connection(name, host, found, is_store=is_store)


def _of_connection(name: str, host: Host, found: Connection, *, is_store: bool) -> Finding:
    """Return whether a connection that can be used as its host declares is so far right, without asking its server."""
    if found.url.startswith("file://") and not _can_be_read(found.url.removeprefix("file://")):
        missing = f"{found.url.removeprefix('file://')} is no folder that can be read here"
        return Finding(
            name, "fail", missing, "see that the share is mounted and this user's, or mend the path"
        )
    at = opener("", host, found).server if is_store else (server_of(found.url) or ())[1:]
    if at:  # else a folder of this machine, or a database
        try:
            check(resolve(*at, _RESOLVING), private=host.private)
        except Forbidden as kind:
            return Finding(name, "fail", f"its server's address is {kind}", kind.action)
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


def _can_be_read(folder: str) -> bool:
    """Return whether a folder is there; a share that does not answer in time is not."""
    answers: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def ask() -> None:
        answers.put(os.path.isdir(folder) and os.access(folder, os.R_OK | os.X_OK))  # noqa: PTH112  raises nothing

    threading.Thread(target=ask, name="doctor", daemon=True).start()
    try:
        return answers.get(timeout=_RESOLVING)
    except queue.Empty:
        return False


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


def of_sites(settings: Settings) -> Iterator[Finding]:
    """Yield for each site that releases are copied to whether it shows the newest one; nothing is written."""
    newest = copies.current(settings.releases)
    for site in place.of(settings):
        if newest is None:
            yield Finding(f"{site.build} site", "ok", f"{site.shown}; nothing is published yet")
            continue
        found = copies.look(site, newest.name)
        if found.problem:
            yield Finding(
                f"{site.build} site", "fail", found.problem, "see docs/runbooks/site_not_delivered.md"
            )
        else:
            yield Finding(f"{site.build} site", "ok", f"{site.shown} shows {newest.name}")


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
