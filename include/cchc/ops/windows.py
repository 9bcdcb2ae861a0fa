"""Which days of a source a night reads."""

from __future__ import annotations

from datetime import date, timedelta
from zlib import crc32

from sqlalchemy import Engine

from cchc.catalogue.models import Catalogue, Source
from cchc.ops import ledger
from cchc.sources.connector import Window
from cchc.sources.registry import datasets


def window_for(engine: Engine, catalogue: Catalogue, source: Source, day: date) -> Window:
    """Return the days to read: from the watermark less the overlap, or from the beginning of history.

    From there where the source, or one of its datasets, is new or was never read from so early on (`history_from`).
    Now and then it is much longer, each source on its own nights (`reread`), so that what came late or is gone is
    found; where that night fails, the next one reads so far back. Of a day before the history that day alone.
    """
    held = datasets(source, catalogue.profile_of(source))
    complete = ledger.complete_to(engine, source, tuple(name for name in held if name not in source.without))
    if complete is None:
        return Window(min(source.history_from, day), day)
    start = min(complete, day) - timedelta(days=catalogue.province.overlap_days)
    reread = catalogue.reread_of(source)
    if reread.days and not ledger.was_read(engine, source, own_night(source, reread.every_days, day)):
        start = min(start, day - timedelta(days=reread.days))
    return Window(min(max(source.history_from, start), day), day)


def own_night(source: Source, every_days: int, day: date) -> date:
    """Return the last day up to `day` on which the source reads from far back: the same share of all on each night."""
    turn = crc32(source.code.encode()) % every_days
    return day - timedelta(days=(day.toordinal() - turn) % every_days)
