"""What releases said to the public, as the warehouse keeps it for other releases."""

from __future__ import annotations

import json
import logging
from datetime import date

from sqlalchemy import Connection

from cchc.publishing.sql import query
from cchc.publishing.suppression import remembered
from cchc.publishing.suppression.public import Public
from cchc.publishing.suppression.remembered import Memory

log = logging.getLogger(__name__)


def read(connection: Connection, day: date, internal_sha256: str) -> Memory:
    """Return what was said before the release of `day` with this internal build, or before now where there is none.

    So the same content published again is the same release, whatever was published since.
    """
    asked = {"day": day, "internal_sha256": internal_sha256}
    found = connection.execute(query("public_counts"), asked).all()
    return remembered.merged([row.ended for row in found], [row.to_date for row in found if row.to_date])


def enter(connection: Connection, release_id: str, internal_sha256: str, public: Public) -> None:
    """Keep what a release said, in the transaction that enters it."""
    connection.execute(
        query("insert_public_counts"),
        {
            "release_id": release_id,
            "internal_sha256": internal_sha256,
            "ended": json.dumps(public.ended, ensure_ascii=False),
            "to_date": json.dumps(public.to_date, ensure_ascii=False),
        },
    )
    if public.lost:
        log.warning(
            "no proof was found for %s small counts of release %s: what was published before may tell them",
            public.lost,
            release_id,
        )
