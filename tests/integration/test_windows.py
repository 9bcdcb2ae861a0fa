"""Which days a night reads: the overlap, an outage, and now and then far back, each source on its own nights."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, text

from cchc import night
from cchc.catalogue.models import Source
from cchc.catalogue.profiles import Reread
from cchc.ops import ledger
from cchc.ops.ledger import SourceOutcome, State
from cchc.ops.windows import own_night, window_for
from cchc.sources.connector import Window
from cchc.warehouse.load import load_delivery
from integration.rows import delivery, good, new_run

DAY = date(2026, 11, 14)
FAR, OVERLAP = timedelta(days=400), timedelta(days=3)  # as province.yaml has them


def _source(code: str = "sgddt-motcua") -> Source:
    return night.catalogue().sources[code]


def _loaded(engine: Engine, source: Source, day: date, state: State = "loaded", kind: str = "sync") -> None:
    """Write down a night of a source that ended so; a good one moves its watermarks."""
    run_id = ledger.open_run(engine, day, kind, [source.code])
    now = datetime.now(UTC)
    ledger.record(engine, run_id, SourceOutcome(source.code, source.unit, state, "load", now, now))
    if state in ledger.GOOD:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "insert into ops.watermark (unit_code, source_code, dataset, complete_to, delivery_id)"
                    " values (:u, :s, 'dossier', :d, gen_random_uuid())"
                    " on conflict (unit_code, source_code, dataset) do update set complete_to = excluded.complete_to"
                ),
                {"u": source.unit, "s": source.code, "d": day},
            )


def _window(engine: Engine, source: Source, day: date) -> Window:
    return window_for(engine, night.catalogue(), source, day)


def _own_night(source: Source) -> date:
    return own_night(source, 7, DAY)


def test_a_night_reads_the_overlap_and_once_a_week_far_back(warehouse: Engine) -> None:
    source = _source()
    assert _window(warehouse, source, DAY) == Window(date(2022, 1, 1), DAY)  # its whole history
    long = []
    for number in range(30):
        day = DAY + timedelta(days=number)
        if number:
            window = _window(warehouse, source, day)
            assert window.end == day
            back = day - window.start
            assert back in (FAR, OVERLAP + timedelta(days=1))
            long += [day] if back == FAR else []
        _loaded(warehouse, source, day)
        assert _window(warehouse, source, day) == Window(day - OVERLAP, day)  # the same night again
    assert len(long) == 4
    assert {(after - before).days for before, after in pairwise(long)} == {7}
    assert all(day == own_night(source, 7, day) for day in long)


@pytest.mark.parametrize("state", ["failed", "held"])
def test_where_that_night_fails_the_next_one_reads_so_far_back(warehouse: Engine, state: State) -> None:
    source, own = _source(), _own_night(_source())
    _loaded(warehouse, source, own - timedelta(days=1))
    _loaded(warehouse, source, own, state)
    _loaded(warehouse, source, own, kind="replay")  # it reads nothing
    for later in (1, 2, 6):  # two of them were not run at all
        day = own + timedelta(days=later)
        assert _window(warehouse, source, day).start == day - FAR
    _loaded(warehouse, source, own + timedelta(days=2))
    assert _window(warehouse, source, own + timedelta(days=3)).start == own + timedelta(days=2) - OVERLAP


def test_an_outage_is_read_from_where_it_began_and_never_before_history(warehouse: Engine) -> None:
    source = _source()
    _loaded(warehouse, source, DAY - timedelta(days=500))
    assert _window(warehouse, source, DAY).start == DAY - timedelta(days=503)
    young = source.model_copy(update={"history_from": DAY - timedelta(days=20)})
    assert _window(warehouse, young, DAY).start == DAY - timedelta(days=20)
    asked_for = DAY - timedelta(days=30)
    assert _window(warehouse, young, asked_for) == Window(asked_for, asked_for)


def test_a_history_that_is_set_to_begin_earlier_is_read_from_there(warehouse: Engine) -> None:
    source = _source().model_copy(update={"history_from": DAY - timedelta(days=20)})
    earlier = source.model_copy(update={"history_from": DAY - timedelta(days=900)})

    def read(first: date, last: date) -> None:
        run_id = new_run(warehouse, last)
        days = (last - first).days + 1
        found = delivery(warehouse, run_id, "dossier", [good("dossier", 1)], window_to=last, days=days)
        load_delivery(warehouse, run_id, found, "m1")
        _loaded(warehouse, source, last)

    read(source.history_from, DAY)
    assert _window(warehouse, source, DAY).start == DAY - OVERLAP
    for day in (DAY, DAY + timedelta(days=1)):  # as long as that night fails
        assert _window(warehouse, earlier, day) == Window(earlier.history_from, day)
    # a night of long ago is asked for by hand: what lies between it and what was read is still to be read
    long_ago = DAY - timedelta(days=600)
    read(earlier.history_from, long_ago)
    _loaded(warehouse, source, DAY)
    assert _window(warehouse, earlier, DAY) == Window(long_ago - OVERLAP, DAY)
    read(long_ago + timedelta(days=1), DAY - timedelta(days=21))
    _loaded(warehouse, source, DAY)
    assert _window(warehouse, earlier, DAY).start == DAY - OVERLAP


def test_a_dataset_that_is_new_is_read_whole_whatever_another_was_read_before(warehouse: Engine) -> None:
    source = _source()
    _loaded(warehouse, source, DAY)
    with warehouse.begin() as connection:
        connection.execute(text("update ops.watermark set dataset = 'petition'"))
    assert _window(warehouse, source, DAY) == Window(source.history_from, DAY)
    _loaded(warehouse, source, DAY)
    with warehouse.begin() as connection:
        change = "update ops.watermark set complete_to = complete_to - 300 where dataset = 'petition'"
        connection.execute(text(change))
    assert _window(warehouse, source, DAY).start == DAY - OVERLAP  # nor is it kept back by that


def test_a_source_or_its_profile_may_say_otherwise(warehouse: Engine) -> None:
    known = night.catalogue()
    assert known.reread_of(_source()) == Reread(every_days=7, days=400)
    for code in ("snv-sotay", "snv-vanban"):  # whole every night; by arrival
        assert known.reread_of(_source(code)).days == 0
    source = _source().model_copy(update={"reread": Reread(every_days=1, days=60)})
    _loaded(warehouse, source, DAY - timedelta(days=1))
    assert _window(warehouse, source, DAY).start == DAY - timedelta(days=60)


def test_each_night_reads_a_share_of_the_sources_far_back() -> None:
    sources = [s for s in night.catalogue().sources.values() if night.catalogue().reread_of(s).days]
    turns = Counter(own_night(source, 7, DAY) for source in sources)
    assert len(turns) == 7
    assert max(turns.values()) < 2.5 * len(sources) / 7
