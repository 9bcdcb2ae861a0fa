"""What releases said to the public, as the warehouse keeps it for those that follow."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta

from sqlalchemy import Connection

from cchc.catalogue.models import Catalogue
from cchc.indicators import periods
from cchc.publishing.sql import query
from cchc.publishing.suppression import remembered
from cchc.publishing.suppression.public import Public
from cchc.publishing.suppression.remembered import Memory

log = logging.getLogger(__name__)


def read(connection: Connection, catalogue: Catalogue, day: date) -> Memory:
    """Return what the releases of days before `day` said, as far back as the months that a release shows."""
    since = periods.month_of(day).start
    for _ in range(catalogue.province.portal.months):
        since = periods.month_of(since - timedelta(days=1)).start
    found = connection.execute(query("public_counts"), {"day": day, "since": since}).all()
    return remembered.merged([row.ended for row in found], [row.to_date for row in found if row.to_date])


def enter(connection: Connection, release_id: str, public: Public) -> None:
    """Keep what a release said, in the transaction that enters it."""
    connection.execute(
        query("insert_public_counts"),
        {
            "release_id": release_id,
            "ended": json.dumps(public.ended, ensure_ascii=False),
            "to_date": json.dumps(public.to_date, ensure_ascii=False),
        },
    )
    if public.lost:
        log.warning(
            "%s small counts of release %s follow from what earlier releases published, whatever it withholds",
            public.lost,
            release_id,
        )
