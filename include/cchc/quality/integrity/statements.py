"""Which statements count a test and list its dossiers, and what they read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import TextClause

from cchc.quality.integrity.model import Span, Test, Tests
from cchc.quality.integrity.sql import query, source

#: What counts the dossiers of a test; the others count by themselves.
_COUNTS = {"share": "counts", "burst": "counts_by_day"}


def counting(test: Test) -> TextClause:
    """Return the statement of a test's counts by unit."""
    if test.statistic in _COUNTS:
        return query(_COUNTS[test.statistic], *_records(test))
    return query(test.code, *_records(test))


def listing(test: Test) -> TextClause | None:
    """Return the statement of the dossiers a test is about; none where it is about none."""
    records = _records(test)
    return query("dossiers", *records) if records else None


def values(known: Tests, test: Test, span: Span, units: Sequence[str]) -> dict[str, Any]:
    """Return what the statements of a test read of these units."""
    days = {"first": span.first, "last": span.until, "starts": span.starts, "ends": span.ends}
    return {**known.values(test), **days, "units": list(units)}


def _records(test: Test) -> tuple[str, ...]:
    """Return the statements of single dossiers, each picking from the next."""
    if test.statistic == "difference":
        return ()
    if test.statistic == "all":
        return ("ended",)
    return (test.code, "ended") if "{view}" in source(test.code) else (test.code,)
