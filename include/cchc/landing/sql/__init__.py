"""The statements of landing, one per file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text

_HERE = Path(__file__).parent


@cache
def query(name: str) -> TextClause:
    """Return `<name>.sql` of this folder as a statement with :parameters."""
    return text((_HERE / f"{name}.sql").read_text(encoding="utf-8"))
