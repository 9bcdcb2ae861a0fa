"""The environment, read once.

================== ==================================================== =========================
variable           meaning                                              default
================== ==================================================== =========================
CCHC_HOME          everything this installation writes                  ``.cchc`` below the cwd
CCHC_WAREHOUSE_DSN SQLAlchemy/libpq URL of a PostgreSQL 16+ database    embedded server in HOME
CCHC_CATALOGUE     directory of the province's catalogue                the shipped Cao Bằng one
CCHC_LANDING       directory or fsspec URL of landing files             ``HOME/landing``
CCHC_RELEASES      directory releases are published into                ``HOME/releases``
CCHC_ANCHOR        file that the chain of releases is anchored in       beside the releases
CCHC_SMTP_*        HOST, PORT, USER, PASSWORD, FROM, TLS (starttls|tls|off)  no mail is sent
================== ==================================================== =========================
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, cast

from cchc.errors import ConfigurationError

SHIPPED_CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"


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
    anchor: Path | None = None  # of the chain of releases; None: beside them

    @property
    def embedded_data(self) -> Path:
        """The data directory of the embedded PostgreSQL server."""
        return self.home / "postgres"


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


def read() -> Settings:
    """Read the environment afresh; raises `ConfigurationError` naming the variable that is wrong."""
    home = Path(os.environ.get("CCHC_HOME") or ".cchc").resolve()
    return Settings(
        home=home,
        warehouse_dsn=os.environ.get("CCHC_WAREHOUSE_DSN") or None,
        catalogue=Path(os.environ.get("CCHC_CATALOGUE") or SHIPPED_CATALOGUE).resolve(),
        landing=os.environ.get("CCHC_LANDING") or str(home / "landing"),
        releases=Path(os.environ.get("CCHC_RELEASES") or home / "releases").resolve(),
        smtp=_smtp(),
        anchor=Path(os.environ["CCHC_ANCHOR"]).resolve() if os.environ.get("CCHC_ANCHOR") else None,
    )


@cache
def settings() -> Settings:
    """Return the settings of this process, read at first use."""
    return read()
