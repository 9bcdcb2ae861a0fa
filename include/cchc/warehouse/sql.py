"""SQL lives in .sql files; this reads them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text

_HERE = Path(__file__).parent / "sql"


@cache
def source(name: str) -> str:
    """Return the text of `warehouse/sql/<name>.sql`."""
    return counting_once((_HERE / f"{name}.sql").read_text(encoding="utf-8"))


def counting_once(statement: str) -> str:
    """Return a statement with `sql/mart/earlier_twin.sql` in place of `{earlier_twin}`: which of two records counts."""
    twin = (_HERE / "mart" / "earlier_twin.sql").read_text(encoding="utf-8")
    return statement.replace("{earlier_twin}", f"\n{twin}")


@cache
def query(name: str) -> TextClause:
    """Return `warehouse/sql/<name>.sql` as a statement with :parameters."""
    return text(source(name))
