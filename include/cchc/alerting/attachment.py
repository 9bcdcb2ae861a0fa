"""The rows to correct that go with a mail, as a workbook."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection

from cchc.alerting import review, words
from cchc.alerting.findings import unit_name
from cchc.catalogue.models import Catalogue
from cchc.publishing.workbooks import corrections
from cchc.publishing.workbooks.corrections import Correction
from cchc.publishing.workbooks.corrections import Workload as Workload  # read here, rendered there
from cchc.warehouse.sql import query

ROWS_ATTACHED = 10_000  # a workbook of this many rows has about half a megabyte


def read(
    connection: Connection,
    catalogue: Catalogue,
    units: Collection[str] | None,
    most: int = ROWS_ATTACHED,
) -> Workload:
    """Return the open rows of these units (None: of all), those of the nights before too; one line per broken rule."""
    values = {
        "everything": units is None,
        "units": sorted(units or ()),
        "zone": catalogue.province.zone,
        "most": most,
    }
    found = connection.execute(query("alerting/rows_attached"), values).all()
    rows = tuple(
        Correction(
            unit=unit_name(catalogue, row.unit_code),
            source=row.source_code,
            dataset=words.dataset(row.dataset),
            record=words.record(row.dataset, row.record_key),
            message=row.message,
            owner=words.OWNERS[review.owner(row.rule_code)],
            place=words.place(row.page, row.row_no),
            rule=row.rule_code,
            first_seen=row.first_seen,
            nights=row.nights,
        )
        for row in found
    )
    return Workload(rows, found[0].in_all if found else 0)


def workbook(load: Workload, day: date) -> bytes:
    """Return the rows as an .xlsx file."""
    return corrections.render(load, day, words.NOT_COUNTED)
