"""The statements of integrity questions: what each test counts, and how what it found is kept, one per file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text

from cchc.warehouse.sql import counting_once

_HERE = Path(__file__).parent


@cache
def source(name: str) -> str:
    """Return the text of `<name>.sql` of this folder."""
    return counting_once((_HERE / f"{name}.sql").read_text(encoding="utf-8"))


@cache
def query(name: str, *of: str) -> TextClause:
    """Return `<name>.sql` as a statement with :parameters.

    `{view}` in it is the first of `of`, `{view}` in that the second, and so on: counts of a test's dossiers, which the
    test picks from those that ended.
    """
    statement = source(name)
    for inner in of:
        statement = statement.replace("{view}", f"(\n{source(inner)}\n)")
    return text(statement)
