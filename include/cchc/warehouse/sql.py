"""SQL lives in .sql files; this reads them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text

_HERE = Path(__file__).parent / "sql"


@cache
def source(name: str) -> str:
    """Return the text of `warehouse/sql/<name>.sql`."""
    return (_HERE / f"{name}.sql").read_text(encoding="utf-8")


@cache
def query(name: str) -> TextClause:
    """Return `warehouse/sql/<name>.sql` as a statement with :parameters."""
    return text(source(name))
