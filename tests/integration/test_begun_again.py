"""A night that was killed and begun again marks a unit's data as the same night undisturbed does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cchc import night
from cchc.quality import scorecard
from integration.installation import installed, loaded
from simulators.faults import Fault
from simulators.province import only, running

DAY = date(2026, 11, 6)
SOURCES = ("01279-dvcqg",)


def _marks(engine: Engine) -> dict[str, tuple[int, int]]:
    scorecard.write(engine, night.catalogue(), DAY)
    (card,) = scorecard.read(engine, DAY, ["01279"])
    return {m.dimension.code: (m.numerator, m.denominator) for m in card.marks}


def test_the_marks_are_those_of_the_night_undisturbed(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = {SOURCES[0]: Fault("bad_rows", "14")}
    with (
        running(tmp_path / "systems", DAY, systems=only(*SOURCES), faults=faults) as systems,
        installed(monkeypatch, warehouse, tmp_path / "home", systems),
    ):
        cut_off = night.open_run(DAY, "sync", SOURCES)  # killed between pull and load
        night.pull_source(cut_off, SOURCES[0])
        (outcome,) = loaded(DAY, SOURCES).rows  # killed after the load: everything of the night is there
        undisturbed = _marks(warehouse)
        read = outcome.received - outcome.refused
        assert undisturbed["validity"] == (read - outcome.quarantined, read)
        assert outcome.quarantined > 0

        (again,) = loaded(DAY, SOURCES).rows
        assert 0 < again.received < outcome.received, "begun again it reads from the moved watermark on"
        assert _marks(warehouse) == undisturbed
