"""What PostgreSQL needs that no other database does: how a session begins, and dates that Python has none of.

`infinity`, years before 1 and after 9999, and 24:00 cannot be held, and one of them would cost the whole page. They are
read as texts, as they stand there, which nobody takes for a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from psycopg import DataError
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.datetime import DateLoader, TimeLoader, TimestampLoader, TimestamptzLoader, TimetzLoader
from sqlalchemy.dialects.postgresql import DOMAIN


class _OrText(Loader):
    """Gives the text of the database for a value that Python does not have."""

    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)  # type: ignore[safe-super]  # a loader's, which stands behind this class
        except DataError:
            return bytes(data).decode()


class _Date(_OrText, DateLoader): ...


class _Timestamp(_OrText, TimestampLoader): ...


class _Timestamptz(_OrText, TimestamptzLoader): ...


class _Time(_OrText, TimeLoader): ...


class _Timetz(_OrText, TimetzLoader): ...


_LENIENT = {
    "date": _Date,
    "timestamp": _Timestamp,
    "timestamptz": _Timestamptz,
    "time": _Time,
    "timetz": _Timetz,
}


def beginning(read_seconds: float, total_seconds: float) -> dict[str, str]:
    """Return what the driver says to the server as it connects."""
    statement = int(read_seconds * 1000)
    said = {
        "statement_timeout": statement,
        "lock_timeout": statement,
        "idle_in_transaction_session_timeout": int(total_seconds * 1000),
        "default_transaction_read_only": "on",
        # dates and numbers as the driver reads them, whatever the database's own way
        "DateStyle": "ISO",
        "IntervalStyle": "postgres",
        "extra_float_digits": 3,
    }
    options = " ".join(f"-c {name}={value}" for name, value in said.items())
    # a server of another encoding tells and hears letters; one of none (SQL_ASCII) would tell bytes
    return {"application_name": "cchc", "client_encoding": "utf8", "options": options}


def plain(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Return a type, of a domain the one that it is made of."""
    while isinstance(kind, DOMAIN):
        kind = kind.data_type
    return kind


def rows(opened: sa.Connection, query: sa.Select[*tuple[Any, ...]]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Return the rows of a query, of any database; raises what its driver raises."""
    try:
        return opened.execute(query).all()
    except sa.exc.DataError as error:
        # the driver's own error, not the server's: the transaction goes on. The ordinary page is read at C's speed
        if opened.dialect.driver != "psycopg" or getattr(error.orig, "sqlstate", None) is not None:
            raise
    adapters: Any = opened.connection.driver_connection
    for name, loader in _LENIENT.items():
        adapters.adapters.register_loader(name, loader)
    return opened.execute(query).all()
