"""What a release leaves for those that follow, as the warehouse keeps it."""

from __future__ import annotations

import json

from cchc.publishing.suppression import remembered
from cchc.publishing.suppression.remembered import Memory, Said

RECEIVED, OPEN = "+1·received", "+1·in_process lúc cuối -1·overdue_in_process lúc cuối"
VECTORS = {RECEIVED: {"received": 1}, OPEN: {"in_process lúc cuối": 1, "overdue_in_process lúc cuối": -1}}
OCTOBER, NOVEMBER = ("SYT", "2026-09-15", "2026-10-14"), ("SYT", "2026-10-15", "2026-11-13")


def _kept(*said: Said) -> dict[str, object]:
    made: dict[str, object] = json.loads(json.dumps(remembered.document(said, VECTORS), ensure_ascii=False))
    return made


def test_what_was_said_comes_back_as_it_was() -> None:
    said = (
        Said("unit", NOVEMBER, {RECEIVED: 40, OPEN: 3}, frozenset({RECEIVED, OPEN}), frozenset({OPEN})),
        Said("unit", OCTOBER, {RECEIVED: 0}),
    )
    memory = remembered.merged([_kept(said[1])], [_kept(said[0])])
    assert memory == Memory(VECTORS, ((said[1],),), ((said[0],),))
    assert remembered.merged([], []) == remembered.NOTHING


def test_what_was_said_of_a_thing_again_is_kept_beside_what_was_said_first() -> None:
    first, later = Said("unit", OCTOBER, {RECEIVED: 40}), Said("unit", OCTOBER, {RECEIVED: 41})
    assert remembered.merged([_kept(first), _kept(later)], []).ended == ((first,), (later,))
    assert remembered.merged([_kept(first, later)], []).ended == ((first,), (later,))
    assert first.covers(first)
    assert not first.covers(later)
    assert not first.covers(Said("unit", OCTOBER, {RECEIVED: 40}, frozenset({RECEIVED})))
