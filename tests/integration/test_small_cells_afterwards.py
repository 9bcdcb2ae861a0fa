"""A night that is published after later ones, or again: laid side by side the releases tell no small count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

from cchc.publishing import public_counts, release
from cchc.publishing.content import Content, gather
from cchc.publishing.suppression.public import public
from cchc.warehouse import marts
from integration.test_forms import province
from integration.test_small_cells import BEFORE, SMALLEST, small_catalogue
from integration.test_small_cells_later import Facts, Published

LATE = "01288"


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


def _totals(content: Content) -> dict[tuple[str, str, str], int | None]:
    """Return the totals of the unit that comes late, of its level and of the province, by form and column."""
    found: dict[tuple[str, str, str], int | None] = {}
    for code, forms in content.forms.items():
        for form in forms:
            for row in form.rows:
                if row.kind == "total" and form.unit_code in ("H14", LATE):
                    found |= {(form.unit_code, code, column): value for column, value in row.values.items()}
                elif row.kind == "level" and form.unit_code == "H14":
                    found |= {(row.level, code, column): value for column, value in row.values.items()}
    return found


@pytest.mark.parametrize("seed", [0, 2])
def test_a_unit_that_comes_late_is_not_the_difference_of_two_releases_of_a_day(
    warehouse: Engine, tmp_path: Path, seed: int
) -> None:
    day, tables = date(2026, 11, 14), ("core.dossier", "ops.watermark")
    province(warehouse, seed)
    catalogue = small_catalogue()
    with warehouse.begin() as connection:
        for table in tables:
            kept = f"public.late_{table.split('.')[1]}"
            connection.execute(
                text(f"create table {kept} as select * from {table} where unit_code = '{LATE}'")
            )
            connection.execute(text(f"delete from {table} where unit_code = '{LATE}'"))
    marts.rebuild(warehouse)
    shown, ids = [], []
    try:
        for comes in (False, True):
            if comes:
                with warehouse.begin() as connection:
                    for table in tables:
                        kept = f"public.late_{table.split('.')[1]}"
                        connection.execute(text(f"insert into {table} select * from {kept}"))
                marts.rebuild(warehouse)
            with warehouse.connect() as connection:
                whole = gather(connection, catalogue, day)
                made = public(whole, catalogue, public_counts.read(connection, day, ""))
            shown.append(_totals(made.content))
            ids.append(release.publish(warehouse, catalogue, day, None, tmp_path / "releases").release_id)
        again = release.publish(warehouse, catalogue, day, None, tmp_path / "releases")
    finally:
        with warehouse.begin() as connection:
            connection.execute(text("drop table public.late_dossier, public.late_watermark"))
    assert again.release_id == ids[1] != ids[0]
    small = {
        key: v for key, v in _totals(whole).items() if key[0] == LATE and v is not None and 0 < v < SMALLEST
    }
    assert len(small) > 1
    for (_, form, column), value in small.items():
        for whose in ("H14", "commune"):
            before, after = (release_.get((whose, form, column)) for release_ in shown)
            assert before is None or after is None or after - before != value, (whose, form, column)
