"""A night that is published after later ones: its numbers and theirs, laid side by side, tell no small count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from cchc.publishing import public_counts, release
from cchc.publishing.content import gather
from cchc.publishing.suppression.public import public
from cchc.warehouse import marts
from integration.test_forms import province
from integration.test_small_cells import BEFORE, SMALLEST, small_catalogue
from integration.test_small_cells_later import Facts, Published


def told(releases: Sequence[Published]) -> list[frozenset[tuple[str, tuple[str, str, int]]]]:
    """Return the small counts that follow from these releases by linear algebra."""
    facts = Facts(releases)
    true = {m: v for one in releases for m, v in facts.read(one.day, one.whole) if v is not None}
    known = {m for one in releases for m, v in facts.read(one.day, one.made.content) if v is not None}
    counts = sorted({fact for members in true for fact in members})
    place = {fact: n for n, fact in enumerate(counts)}

    def line(*sides: tuple[float, Sequence[tuple[str, tuple[str, str, int]]]]) -> np.ndarray:
        made = np.zeros(len(counts))
        for sign, facts_of in sides:
            for fact in facts_of:
                if fact in place:
                    made[place[fact]] += sign
        return made

    lines = [line((1.0, list(members))) for members in known]
    for day, unit, procedure in {(day, *c[:2]) for day, c in counts if not c[1].startswith("2026-")}:
        kinds = [(day, (unit, procedure, kind)) for kind in range(10)]
        lines.append(line((1.0, kinds[: BEFORE + 1]), (-1.0, kinds[BEFORE + 1 :])))
    lines += [line((1.0, left), (-1.0, right)) for left, right in facts.balances()]
    basis = np.linalg.svd(np.array(lines), full_matrices=False)
    span = basis.Vh[: int((basis.S > 1e-9).sum())]
    small = [members for members, value in true.items() if 0 < value < SMALLEST]
    assert len(small) > 100
    wanted = [line((1.0, list(members))) for members in small]
    return [m for m, w in zip(small, wanted, strict=True) if np.abs(w - span.T @ (span @ w)).max() <= 1e-6]


@pytest.mark.parametrize("seed", range(2))
def test_a_night_that_is_published_after_the_next_tells_no_small_count(
    warehouse: Engine, tmp_path: Path, seed: int
) -> None:
    province(warehouse, seed)
    marts.rebuild(warehouse)
    catalogue = small_catalogue()
    made, ids = [], []
    for day in (date(2026, 11, 15), date(2026, 11, 14)):
        with warehouse.connect() as connection:
            whole = gather(connection, catalogue, day)
            memory = public_counts.read(connection, day, "")
        made.append(Published(day, whole, public(whole, catalogue, memory)))
        ids.append(release.publish(warehouse, catalogue, day, None, tmp_path / "releases").release_id)
    assert not told(sorted(made, key=lambda one: one.day))
    again = [release.publish(warehouse, catalogue, one.day, None, tmp_path / "releases") for one in made]
    assert [one.release_id for one in again] == ids
