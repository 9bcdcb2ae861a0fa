"""Connections to the warehouse: any PostgreSQL 16+, or the embedded server where none is named."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url

from cchc.errors import ConfigurationError
from cchc.settings import settings
from cchc.warehouse import embedded


def url(dsn: str | None = None) -> URL:
    """Return the warehouse's URL with its driver named; starts the embedded server where no DSN is set."""
    dsn = dsn or settings().warehouse_dsn or embedded.dsn(settings().embedded_data, "cchc")
    try:
        parsed = make_url(dsn)
    except Exception:
        # the parser's own message would repeat the DSN, and with it the password
        raise ConfigurationError(
            "CCHC_WAREHOUSE_DSN is not a database URL: postgresql://user:password@host/db"
        ) from None
    if parsed.get_backend_name() != "postgresql":
        raise ConfigurationError(
            f"CCHC_WAREHOUSE_DSN names {parsed.get_backend_name()}: PostgreSQL 16+ is needed"
        )
    return parsed.set(drivername="postgresql+psycopg")


@cache
def engine() -> Engine:
    """Return this process's engine; times are shown and day boundaries fall in Asia/Ho_Chi_Minh."""
    return connect(url())


def connect(where: URL) -> Engine:
    """Return a new engine on `where`, set up as every connection of the product is."""
    return create_engine(
        where,
        pool_pre_ping=True,
        connect_args={
            # a command that is killed takes its query with it: PostgreSQL looks every 10 s if anybody waits for it
            "options": "-c timezone=Asia/Ho_Chi_Minh -c search_path=pg_catalog,public"
            " -c client_connection_check_interval=10s",
            "application_name": "cchc",
        },
    )
