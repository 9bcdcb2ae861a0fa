"""The queries of indicators: one .sql file each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text

from cchc.warehouse.sql import counting_once

_HERE = Path(__file__).parent


@cache
def source(name: str) -> str:
    """Return the text of `indicators/sql/<name>.sql`."""
    return counting_once((_HERE / f"{name}.sql").read_text(encoding="utf-8"))


@cache
def query(name: str) -> TextClause:
    """Return `indicators/sql/<name>.sql` as a statement with :parameters."""
    return text(source(name))
