"""The queries of reports: one .sql file each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text

_HERE = Path(__file__).parent


@cache
def query(name: str) -> TextClause:
    """Return `reports/sql/<name>.sql` as a statement with :parameters."""
    return text((_HERE / f"{name}.sql").read_text(encoding="utf-8"))
