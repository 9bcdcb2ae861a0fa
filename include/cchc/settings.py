"""The environment, read once.

================== ==================================================== =========================
variable           meaning                                              default
================== ==================================================== =========================
CCHC_HOME          everything this installation writes                  ``.cchc`` of this checkout
CCHC_WAREHOUSE_DSN SQLAlchemy/libpq URL of a PostgreSQL 16+ database    embedded server in HOME
CCHC_CATALOGUE     directory of the province's catalogue                the shipped Cao Bằng one
CCHC_LANDING       directory or fsspec URL of landing files             ``HOME/landing``
CCHC_RELEASES      directory releases are published into                ``HOME/releases``
CCHC_ANCHOR        file that releases and revisions are anchored in     beside the releases
CCHC_PUBLIC_SITE   directory or fsspec URL of the citizens' site        not copied
CCHC_INTERNAL_SITE the same of the office's own site                    not copied
CCHC_TSA_URL       RFC 3161 authority that timestamps the anchor        no timestamps
CCHC_TSA_CERT      PEM of its certificates, to check its signatures     only hashes are checked
CCHC_PSEUDONYM_KEY secret of the codes dossiers of several units have   their place in the list
CCHC_SMTP_*        HOST, PORT, USER, PASSWORD, FROM, TLS (starttls|tls|off)  no mail is sent
CCHC_NOTIFY_<NAME> Apprise URL of the channel NAME of the catalogue     its messages wait
CCHC_PORTAL_URL    address of the published page, linked in messages    no link
================== ==================================================== =========================

The defaults do not depend on the working directory; a relative path that a variable gives does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Literal, cast

from cchc.errors import ConfigurationError

_ROOT = Path(__file__).resolve().parents[2]  # the checkout that this command belongs to
SHIPPED_CATALOGUE = _ROOT / "include" / "catalogue"
_KEY_LENGTH = 32  # the least a secret of CCHC_PSEUDONYM_KEY has


@dataclass(frozen=True)
class Smtp:
    """How to reach the mail server; `host` is empty when no mail is to be sent."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = "cchc@localhost"
    tls: Literal["off", "starttls", "tls"] = "off"


@dataclass(frozen=True)
class Settings:
    """One installation's settings; see the module docstring for each variable."""

    home: Path
    warehouse_dsn: str | None = field(repr=False)  # None: the embedded server; may carry a password
    catalogue: Path
    landing: str
    releases: Path
    smtp: Smtp
    anchor: Path | None = None  # of the chain of releases and revisions; None: beside the releases
    tsa_url: str | None = None  # None: no timestamps
    tsa_cert: Path | None = None
    pseudonym_key: str | None = field(default=None, repr=False)  # None: no codes, places in the list
    notify: Mapping[str, str] = field(default_factory=dict, repr=False)  # NAME → Apprise URL, with its secret
    portal_url: str = ""  # empty: messages carry no link
    # where releases are copied to, each a folder or an fsspec URL, which may carry a login; empty: nowhere
    public_site: str = field(default="", repr=False)
    internal_site: str = field(default="", repr=False)

    @property
    def embedded_data(self) -> Path:
        """The data directory of the embedded PostgreSQL server."""
        return self.home / "postgres"

    @property
    def data_docs(self) -> Path:
        """The folder of Great Expectations' own pages about the newest night: for engineers, sums only."""
        return self.home / "data_docs"


def _smtp() -> Smtp:
    tls = os.environ.get("CCHC_SMTP_TLS", "off")
    if tls not in ("off", "starttls", "tls"):
        raise ConfigurationError(f"CCHC_SMTP_TLS is {tls!r}: use off, starttls or tls")
    port = os.environ.get("CCHC_SMTP_PORT", "25")
    if not port.isdigit():
        raise ConfigurationError(f"CCHC_SMTP_PORT is {port!r}: a port number is needed")
    return Smtp(
        host=os.environ.get("CCHC_SMTP_HOST", ""),
        port=int(port),
        user=os.environ.get("CCHC_SMTP_USER", ""),
        password=os.environ.get("CCHC_SMTP_PASSWORD", ""),
        sender=os.environ.get("CCHC_SMTP_FROM", "cchc@localhost"),
        tls=cast("Literal['off', 'starttls', 'tls']", tls),
    )


def notify_name(channel: str) -> str:
    """Return the NAME in CCHC_NOTIFY_<NAME> of a channel of the catalogue: `to-van-hanh` is TO_VAN_HANH."""
    return re.sub(r"[^0-9A-Z]", "_", channel.upper())


def _notify() -> dict[str, str]:
    prefix = "CCHC_NOTIFY_"
    return {
        name.removeprefix(prefix): value.strip()
        for name, value in os.environ.items()
        if name.startswith(prefix) and value.strip()
    }


def _portal_url() -> str:
    given = os.environ.get("CCHC_PORTAL_URL", "").strip()
    if given and not given.startswith(("https://", "http://")):
        raise ConfigurationError("CCHC_PORTAL_URL is not an address: it begins with https://")
    return given


def _sites(releases: Path, home: Path, landing: str) -> tuple[str, str]:
    """Return where the public and the internal build are copied to; raises where more is read there than that."""
    given = {
        f"CCHC_{name}_SITE": _place(os.environ.get(f"CCHC_{name}_SITE", ""))
        for name in ("PUBLIC", "INTERNAL")
    }
    places = {name: place for name, place in (*given.items(), ("CCHC_RELEASES", str(releases))) if place}
    for (one, outer), (other, inner) in permutations(places.items(), 2):
        if f"{inner}/".startswith(f"{outer}/"):
            raise ConfigurationError(
                f"{other} lies in the place of {one}: whoever reads the one could read the other; "
                "give each a place of its own"
            )
    for name, outer in given.items():
        for kept, inner in (("CCHC_HOME", str(home)), ("CCHC_LANDING", _place(landing))):
            if outer and f"{inner}/".startswith(f"{outer}/"):
                raise ConfigurationError(
                    f"{kept} lies in the place of {name}: whoever reads the site could read what was pulled; "
                    "give the site a place of its own"
                )
    return given["CCHC_PUBLIC_SITE"], given["CCHC_INTERNAL_SITE"]


def _place(given: str) -> str:
    """Return a folder as its whole path and a URL as it is, without slashes at the end."""
    place = given.strip().removeprefix("file://")
    return (place if not place or "://" in place else str(Path(place).resolve())).rstrip("/")


def _path(variable: str) -> Path | None:
    given = os.environ.get(variable)
    return Path(given).resolve() if given else None


def _pseudonym_key() -> str | None:
    key = os.environ.get("CCHC_PSEUDONYM_KEY") or None
    if key is not None and len(key) < _KEY_LENGTH:
        raise ConfigurationError(
            f"CCHC_PSEUDONYM_KEY has {len(key)} characters and can be guessed: use `openssl rand -hex 32`"
        )
    return key


def read() -> Settings:
    """Read the environment afresh; raises `ConfigurationError` naming the variable that is wrong."""
    home = Path(os.environ.get("CCHC_HOME") or _ROOT / ".cchc").resolve()
    releases = Path(os.environ.get("CCHC_RELEASES") or home / "releases").resolve()
    landing = os.environ.get("CCHC_LANDING") or str(home / "landing")
    public_site, internal_site = _sites(releases, home, landing)
    return Settings(
        home=home,
        warehouse_dsn=os.environ.get("CCHC_WAREHOUSE_DSN") or None,
        catalogue=Path(os.environ.get("CCHC_CATALOGUE") or SHIPPED_CATALOGUE).resolve(),
        landing=landing,
        releases=releases,
        smtp=_smtp(),
        anchor=_path("CCHC_ANCHOR"),
        tsa_url=os.environ.get("CCHC_TSA_URL") or None,
        tsa_cert=_path("CCHC_TSA_CERT"),
        pseudonym_key=_pseudonym_key(),
        notify=_notify(),
        portal_url=_portal_url(),
        public_site=public_site,
        internal_site=internal_site,
    )


@cache
def settings() -> Settings:
    """Return the settings of this process, read at first use."""
    return read()
