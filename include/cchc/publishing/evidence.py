"""What proves the numbers that units state about themselves: the documents and addresses they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from cchc.catalogue.models import Catalogue
from cchc.indicators import reported
from cchc.indicators.reported import ReportedRow
from cchc.indicators.sums import term_period
from cchc.publishing.tables import Table

Key = tuple[str, str, str]  # publication, unit, indicator


def gather(
    connection: Connection, catalogue: Catalogue, tables: Iterable[Table]
) -> Mapping[Key, tuple[str, ...]]:
    """Return the evidence of every published number that a unit states, in the order it was given."""
    asked = [
        (table, row.unit_code, indicator)
        for table in tables
        for row in table.rows
        for indicator in table.indicators
        if any(term.reported for term in indicator.terms())
    ]
    units = {unit for _, unit, _ in asked}
    codes = [
        (term.reported, term_period(term, table.period))
        for table, _, indicator in asked
        for term in indicator.terms()
        if term.reported
    ]
    by_unit: dict[str, list[ReportedRow]] = defaultdict(list)
    for found in reported.rows(connection, units, codes):
        by_unit[found.unit_code].append(found)
    named: dict[Key, tuple[str, ...]] = {}
    for table, unit, indicator in asked:
        rows = [
            row
            for term in indicator.terms()
            if term.reported
            for row in reported.answer(by_unit[unit], term, term_period(term, table.period)).rows
        ]
        texts = dict.fromkeys(row.evidence for row in rows if row.evidence)
        if texts:
            named[table.code, unit, indicator.code] = tuple(texts)
    return named
