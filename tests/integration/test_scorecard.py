"""The scorecard on a real PostgreSQL: each dimension against a case counted by hand, and where it must say nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from cchc import night
from cchc.catalogue.calendar import ZONE
from cchc.catalogue.indicators import Measure
from cchc.catalogue.models import Catalogue, Unit
from cchc.commands.scorecard import scorecard as command
from cchc.errors import ConfigurationError
from cchc.publishing.release import publish
from cchc.quality import scorecard
from cchc.quality.scorecard import UnitCard
from integration import rows, seed_unit
from integration.indicator_facts import at, source, watermark, write

LAST = date(2026, 11, 14)
RULE = "DOSSIER_NO_PROCEDURE"
_UNITS = tuple(
    Unit(code=code, name=f"Sở {code}", group="department", valid_from=date(2020, 1, 1)) for code in ("A", "B")
)
CATALOGUE: Catalogue = rows.catalogue().model_copy(
    update={
        "units": _UNITS,
        "measures": {
            code: Measure(code=code, title=code, unit="hồ sơ", dataset="dossier", reported=code)
            for code in ("received", "finished_late")
        },
    }
)


def add(engine: Engine, table: str, **values: Any) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(f"insert into {table} ({', '.join(values)}) values ({', '.join(':' + v for v in values)})"),
            values,
        )


def run(engine: Engine, day: date, *sources: str, kind: str = "sync", clock: str = "01:30:00") -> UUID:
    """Enter a run about `day` that began the day after."""
    run_id = uuid4()
    began = at(str(day + timedelta(days=1)), clock)
    add(
        engine,
        "ops.run",
        run_id=run_id,
        reporting_day=day,
        kind=kind,
        started_at=began,
        sources=list(sources),
    )
    return run_id


def outcome(
    engine: Engine, run_id: UUID, of: str, state: str, error: str | None = None, after: float = 0.5
) -> None:
    """Enter what came of a source of unit A, `after` so many hours."""
    began: datetime = rows.scalar(engine, "select started_at from ops.run where run_id = :run", run=run_id)
    add(
        engine,
        "ops.source_outcome",
        run_id=run_id,
        unit_code=of[0].upper(),
        source_code=of,
        state=state,
        stage="load",
        error_class=error,
        started_at=began,
        finished_at=began + timedelta(hours=after),
    )


def delivery(
    engine: Engine,
    run_id: UUID,
    of: str,
    days: tuple[date, date],
    state: str = "loaded",
    *,
    dataset: str = "dossier",
    received: int = 0,
    refused: int = 0,
    total: int | None = None,
    bad: int | None = None,
    held_by: tuple[str, ...] = (),
) -> UUID:
    """Enter a delivery that a run brought; `bad`: what its load kept out, None where it was not loaded."""
    delivery_id, unit = uuid4(), of[0].upper()
    add(
        engine, "landing.delivery", delivery_id=delivery_id, unit_code=unit, source_code=of, dataset=dataset,
        window_from=days[0], window_to=days[1], path="x", sha256="x", bytes=1, received=received, refused=refused,
        landed=received - refused, source_total=total, profile_code="p", pulled_at=at("2026-11-15"), state=state,
        held_by=list(held_by),
    )  # fmt: skip
    add(engine, "landing.run_delivery", run_id=run_id, delivery_id=delivery_id)
    if bad is not None:
        add(
            engine, "ops.load_ledger", delivery_id=delivery_id, mapping_version="m", pulled_at=at("2026-11-15"),
            unit_code=unit, run_id=run_id, received=received, inserted=received - refused - bad, updated=0,
            unchanged=0, quarantined=bad, refused=refused,
        )  # fmt: skip
    return delivery_id


def counted(engine: Engine, day: date = LAST, unit: str = "A") -> dict[str, tuple[int, int]]:
    """Write the cards of a day and return what a unit was marked by, where there was anything to judge."""
    scorecard.write(engine, CATALOGUE, day)
    (card,) = scorecard.read(engine, day, [unit])
    return {m.dimension.code: (m.numerator, m.denominator) for m in card.marks if m.denominator}


def mark(engine: Engine, dimension: str, day: date = LAST, unit: str = "A") -> scorecard.Mark:
    (card,) = scorecard.read(engine, day, [unit])
    return next(m for m in card.marks if m.dimension.code == dimension)


# --- nothing is nothing ------------------------------------------------------------------------------------------
def test_where_nothing_can_be_judged_there_is_no_mark(warehouse: Engine) -> None:
    source(warehouse, "A", "a-motcua")
    assert scorecard.write(warehouse, CATALOGUE, LAST) == 2
    cards = scorecard.read(warehouse, LAST)
    assert [card.unit_code for card in cards] == ["A", "B"]
    for card in cards:
        assert [m.dimension for m in card.marks] == list(scorecard.definitions().dimensions)
        assert {(m.share, m.band, m.change, m.oldest_nights) for m in card.marks} == {
            (None, None, None, None)
        }
    assert scorecard.read(warehouse, LAST - timedelta(days=1)) == []
    assert scorecard.read(warehouse, LAST, ["B"]) == cards[1:]


# --- completeness, timeliness ------------------------------------------------------------------------------------
def test_nights_are_counted_by_what_is_there_and_by_what_was_there_at_once(warehouse: Engine) -> None:
    source(warehouse, "A", "a-motcua")
    source(warehouse, "A", "a-phu")
    with warehouse.begin() as connection:
        connection.execute(text("update core.source set expected = false where source_code = 'a-phu'"))
    nights = [LAST - timedelta(days=n) for n in (4, 3, 2, 1, 0)]
    runs = [run(warehouse, day, "a-motcua", "a-phu") for day in nights]
    for run_id in runs:
        outcome(warehouse, run_id, "a-phu", "failed", "SourceUnavailable")  # of it nothing is expected
    outcome(warehouse, runs[0], "a-motcua", "loaded")
    delivery(warehouse, runs[0], "a-motcua", (nights[0], nights[0]))
    outcome(warehouse, runs[1], "a-motcua", "failed", "SourceUnavailable")
    outcome(warehouse, runs[2], "a-motcua", "unchanged")
    delivery(warehouse, runs[2], "a-motcua", (nights[1], nights[2]))  # catches up the night before
    outcome(warehouse, runs[3], "a-motcua", "held", "DeliveryHeld")
    held = delivery(
        warehouse, runs[3], "a-motcua", (nights[3], nights[3]), "held", held_by=("DELIVERY_EMPTY",)
    )
    outcome(warehouse, runs[4], "a-motcua", "failed", "Interrupted")  # ours: nobody was asked
    for kind in ("replay", "approval"):  # none is a night
        outcome(warehouse, run(warehouse, nights[4], "a-motcua", kind=kind), "a-motcua", "loaded")
    assert counted(warehouse) == {"completeness": (3, 4), "timeliness": (2, 4)}
    assert (mark(warehouse, "completeness").share, mark(warehouse, "completeness").band) == (75, "poor")
    assert counted(warehouse, nights[0]) == {"completeness": (1, 1), "timeliness": (1, 1)}
    assert counted(warehouse, unit="B") == {}

    approving = run(warehouse, nights[3], "a-motcua", kind="approval", clock="09:00:00")
    outcome(warehouse, approving, "a-motcua", "loaded")
    with warehouse.begin() as connection:
        approved = text("update landing.delivery set state = 'loaded' where delivery_id = :id")
        connection.execute(approved, {"id": held})
    assert counted(warehouse) == {"completeness": (4, 4), "timeliness": (2, 4)}


def test_a_night_needs_every_dataset_and_is_late_by_the_units_hours_not_by_ours(warehouse: Engine) -> None:
    source(warehouse, "A", "a-motcua")
    both, one, late, begun_late = (LAST - timedelta(days=n) for n in (3, 2, 1, 0))
    for day, clock, after in (
        (both, "01:30:00", 0.5),
        (one, "01:30:00", 0.5),
        (late, "01:30:00", 12.1),
        (begun_late, "15:00:00", 11.9),
    ):
        run_id = run(warehouse, day, "a-motcua", clock=clock)
        outcome(warehouse, run_id, "a-motcua", "loaded", after=after)
        delivery(warehouse, run_id, "a-motcua", (day, day))
        if day != one:
            delivery(warehouse, run_id, "a-motcua", (day, day), dataset="document")
    again = run(
        warehouse, late, "a-motcua", clock="16:00:00"
    )  # a night asked twice is one, from its first question on
    outcome(warehouse, again, "a-motcua", "unchanged")
    assert counted(warehouse) == {"completeness": (3, 4), "timeliness": (2, 4)}


# --- completeness_rows, validity ---------------------------------------------------------------------------------
def test_records_are_counted_by_delivery_and_night(warehouse: Engine) -> None:
    day, other = LAST, LAST - timedelta(days=1)
    first, second = run(warehouse, day, "a-motcua"), run(warehouse, day, "a-motcua", clock="05:00:00")
    short = delivery(warehouse, first, "a-motcua", (day, day), received=90, refused=2, total=100, bad=5)
    add(warehouse, "landing.run_delivery", run_id=second, delivery_id=short)  # the same night: once
    delivery(
        warehouse, first, "a-motcua", (day, day), dataset="document", received=50, bad=0
    )  # states no total
    more = run(warehouse, other, "a-motcua")
    delivery(warehouse, more, "a-motcua", (other, other), received=110, total=100, bad=10)
    delivery(warehouse, more, "a-sotay", (other, other), "landed", received=7)  # never judged
    delivery(warehouse, more, "a-khac", (other, other), "held", received=40, held_by=("DELIVERY_DROPPED",))
    for code, severity, broken in ((RULE, "critical", 30), ("DOSSIER_OTHER", "info", 35)):
        add(
            warehouse, "ops.rule_count", run_id=more, unit_code="A", source_code="a-khac", dataset="dossier",
            rule_code=code, severity=severity, broken=broken,
        )  # fmt: skip
    replayed = run(warehouse, day, "a-motcua", kind="replay")
    delivery(warehouse, replayed, "a-motcua", (day, day), received=1000, bad=1000, total=5000)
    good, judged = (88 - 5) + 50 + (110 - 10) + (40 - 30), 88 + 50 + 110 + 40
    assert counted(warehouse) == {"completeness_rows": (90 + 100, 200), "validity": (good, judged)}


def test_a_night_begun_again_counts_what_it_read_once(warehouse: Engine) -> None:
    first, second = run(warehouse, LAST, "a-motcua"), run(warehouse, LAST, "a-motcua", clock="05:00:00")
    month, days = (LAST - timedelta(days=30), LAST), (LAST - timedelta(days=3), LAST)
    delivery(warehouse, first, "a-motcua", month, received=900, total=900, bad=9)
    delivery(warehouse, second, "a-motcua", days, received=100, total=100, bad=0)
    # killed before its load, and another content when it was read again
    delivery(warehouse, first, "a-motcua", month, "landed", dataset="document", received=500, total=500)
    delivery(warehouse, second, "a-motcua", days, dataset="document", received=40, total=40, bad=4)
    once = {"completeness_rows": (940, 940), "validity": (900 - 9 + 40 - 4, 940)}
    assert counted(warehouse) == once
    third = run(warehouse, LAST, "a-motcua", clock="07:00:00")  # all of it once more, corrected
    corrected = delivery(warehouse, third, "a-motcua", month, received=901, total=901, bad=1)
    with warehouse.begin() as connection:
        later = text(
            "update landing.delivery set pulled_at = pulled_at + interval '1 hour' where delivery_id = :id"
        )
        connection.execute(later, {"id": corrected})
    assert counted(warehouse) == {"completeness_rows": (941, 941), "validity": (901 - 1 + 40 - 4, 941)}


# --- consistency -------------------------------------------------------------------------------------------------
def test_dossiers_in_two_systems_agree_as_exactly_as_both_state(warehouse: Engine) -> None:
    for place, code in enumerate(("a-motcua", "a-sotay"), start=1):
        source(warehouse, "A", code)
        with warehouse.begin() as connection:
            listed = text("update core.source set listed = :place where source_code = :code")
            connection.execute(listed, {"place": place, "code": code})
    received = at("2026-11-03", "08:15:23")
    here = {"received_at": received, "due_at": at("2026-11-06", "17:00:00"), "status": "processing"}
    to_the_minute = here | {"received_at": received.replace(second=0)}
    by_the_day = here | {"received_at": at("2026-11-03", "00:00:00"), "due_at": at("2026-11-06", "23:59:59")}
    second = {
        "same": here,
        "to-the-minute": to_the_minute,
        "by-the-day": by_the_day,
        "silent": here | {"due_at": None, "channel": "unknown"},
        "other-second": here | {"received_at": received.replace(second=24)},
        "other-minute": here | {"received_at": received.replace(minute=16, second=0)},
        "other-day": by_the_day | {"due_at": at("2026-11-07", "00:00:00")},
        "other-status": here | {"status": "returned"},
        "other-procedure": here | {"procedure_code": "1.000009"},  # is another dossier
    }
    old = here | {
        "dossier_code": "old",
        "received_at": at("2026-10-15", "23:59:58"),
    }  # of the day before the span
    write(warehouse, "dossier", "A", "a-motcua", [old, *({"dossier_code": code, **here} for code in second)])
    write(
        warehouse,
        "dossier",
        "A",
        "a-sotay",
        [old | {"status": "returned"}, *({"dossier_code": code, **other} for code, other in second.items())],
    )
    assert counted(warehouse) == {"consistency": (4, 8)}
    source(warehouse, "B", "b-motcua")
    write(warehouse, "dossier", "B", "b-motcua", [{"dossier_code": "same", **here}])
    assert counted(warehouse, unit="B") == {}  # the other unit's is no second system of its own


# --- consistency_reports -----------------------------------------------------------------------------------------
def test_reports_are_compared_where_the_records_of_their_period_are_all_there(warehouse: Engine) -> None:
    source(warehouse, "A", "a-motcua")
    watermark(warehouse, "A", "a-motcua", date(2026, 11, 14), "dossier")
    for day, measure, value in (("2026-10-15", "received", 30), ("2026-11-14", "received", 12)):
        add(
            warehouse, "mart.measure_day", unit_code="A", day=date.fromisoformat(day), measure_code=measure,
            procedure_code="1.000001", intake="one_stop", channel="direct", online_level="unknown",
            dataset="dossier", value=value,
        )  # fmt: skip

    def stated(measure: str, value: int, first: str, last: str, pulled: str = "2026-11-15") -> None:
        period = {"period_from": date.fromisoformat(first), "period_to": date.fromisoformat(last)}
        row = {"measure_code": measure, "value": value, "pulled_at": at(pulled), **period}
        write(warehouse, "reported_measure", "A", f"a-sotay-{pulled}", [row])

    stated("received", 41, "2026-10-15", "2026-11-14", "2026-11-01")  # corrected since
    stated("received", 42, "2026-10-15", "2026-11-14")
    stated("finished_late", 3, "2026-10-15", "2026-11-14")  # the records know of none
    stated("received", 12, "2026-11-01", "2026-11-15", "2026-11-16")  # not all there
    stated("staff", 9, "2026-10-15", "2026-11-14", "2026-11-18")  # is no measure of ours
    assert counted(warehouse) == {"consistency_reports": (1, 2)}
    assert counted(warehouse, date(2026, 11, 15)) == {"consistency_reports": (1, 2)}
    with warehouse.begin() as connection:
        connection.execute(text("update ops.watermark set complete_to = '2026-11-15'"))
    assert counted(warehouse, date(2026, 11, 15)) == {"consistency_reports": (2, 3)}


# --- corrections -------------------------------------------------------------------------------------------------
def test_rows_are_corrected_in_time_late_or_not(warehouse: Engine) -> None:
    for n in range(1, 15):
        run(warehouse, date(2026, 11, n), "a-motcua")
    replayed = uuid4()
    add(
        warehouse, "ops.run", run_id=replayed, reporting_day=date(2026, 12, 31), kind="replay",
        started_at=at("2026-11-05", "10:00:00"), sources=["a-motcua"],
    )  # fmt: skip

    def item(
        name: str, seen: int, closed: str | None = None, state: str = "corrected", rule: str = RULE
    ) -> None:
        """Enter a row found by the night of that day of November, at 02:00 of the day after."""
        by = {"closed_by": "Sở A", "closed_reason": "đúng"} if state == "waived" else {}
        add(
            warehouse, "quarantine.item", unit_code="A", source_code="a-motcua", dataset="dossier",
            record_key=name, rule_code=rule, severity="critical", message="x", row_data="{}", delivery_id=uuid4(),
            row_no=1, page="1", mapping_version="m", first_seen=at(f"2026-11-{seen + 1:02}", "02:00:00"),
            state=state, closed_at=datetime.fromisoformat(closed).replace(tzinfo=ZONE) if closed else None, **by,
        )  # fmt: skip

    item("in time", 1, "2026-11-09 02:00")  # by the night of the 8th, the seventh after
    item("late", 2, "2026-11-11 02:00")  # by the night of the 10th
    item("never", 3, state="open")
    item("not due yet", 8, state="open")
    item("let be", 1, "2026-11-03 02:00", state="waived")
    item("found late", 4, "2026-11-05 02:00")  # corrected in the night that found it
    item("ours to mend", 1, "2026-11-05 10:30")  # a replay mended it
    item("a rule of nobody", 1, state="open", rule="GONE")
    assert counted(warehouse) == {"corrections": (1, 3)}
    assert mark(warehouse, "corrections").oldest_nights == 11
    told = "Khắc phục: 33,3%, kém (1 trên 3 dòng; dòng chờ sửa lâu nhất đã 11 đêm)"
    assert scorecard.lines(scorecard.read(warehouse, LAST, ["A"])[0]) == [told]
    assert counted(warehouse, date(2026, 11, 8)) == {"corrections": (1, 1)}
    assert counted(warehouse, date(2026, 11, 3)) == {}
    assert mark(warehouse, "corrections", date(2026, 11, 3)).oldest_nights == 0


# --- trend -------------------------------------------------------------------------------------------------------
def test_a_change_is_against_the_span_before(warehouse: Engine) -> None:
    source(warehouse, "A", "a-motcua")
    before = LAST - timedelta(days=30)
    for day, state in (
        (before, "loaded"),
        (before - timedelta(days=1), "failed"),
        (before - timedelta(days=2), "loaded"),
        (before + timedelta(days=1), "loaded"),  # of this span, though its own card ends in the one before
        (LAST, "loaded"),
        (LAST + timedelta(days=60), "loaded"),
    ):
        run_id = run(warehouse, day, "a-motcua")
        outcome(warehouse, run_id, "a-motcua", state, "SourceRefused" if state == "failed" else None)
        if state == "loaded":
            delivery(warehouse, run_id, "a-motcua", (day, day), received=8, bad=0)
    for day in (before, before + timedelta(days=1), LAST):
        scorecard.write(warehouse, CATALOGUE, day)
    now = mark(warehouse, "completeness")
    assert (now.share, now.change) == (100, Decimal("33.3"))  # 2 of 3 before
    assert mark(warehouse, "validity").change == 0
    assert mark(warehouse, "corrections").change is None
    assert mark(warehouse, "completeness", before).change is None
    scorecard.write(warehouse, CATALOGUE, LAST + timedelta(days=60))
    later = mark(warehouse, "completeness", LAST + timedelta(days=60))
    assert (later.share, later.change) == (100, None)  # nobody counted the span before it
    assert mark(warehouse, "completeness", before).share == Decimal("66.6")


def test_a_unit_is_told_of_what_is_not_good(warehouse: Engine) -> None:
    run_id = run(warehouse, LAST, "a-motcua", "b-motcua")
    for code, found in (("a-motcua", 1234), ("b-motcua", 50)):
        source(warehouse, code[0].upper(), code)
        outcome(warehouse, run_id, code, "loaded")
        delivery(warehouse, run_id, code, (LAST, LAST), received=2000, total=2000, bad=found)
    before = run(warehouse, LAST - timedelta(days=30), "a-motcua")
    delivery(warehouse, before, "a-motcua", (LAST, LAST), received=100, bad=50)
    scorecard.write(warehouse, CATALOGUE, LAST - timedelta(days=30))
    scorecard.write(warehouse, CATALOGUE, LAST)
    one, other = scorecard.read(warehouse, LAST)
    assert scorecard.lines(one) == [
        "Hợp lệ: 38,3%, kém (766 trên 2.000 bản ghi; giảm 11,7 điểm phần trăm so với 30 đêm trước đó)"
    ]
    assert scorecard.lines(other) == ["Hợp lệ: 97,5%, cần chú ý (1.950 trên 2.000 bản ghi)"]
    good = UnitCard("A", LAST, 30, tuple(m for m in one.marks if m.band in ("good", None)))
    assert scorecard.lines(good) == ["Các mặt được đánh giá đều tốt: đầy đủ, đủ bản ghi, kịp thời."]
    silent = UnitCard("A", LAST, 30, tuple(m for m in one.marks if m.band is None))
    assert scorecard.lines(silent) == []


def test_written_again_it_is_the_same(warehouse: Engine) -> None:
    source(warehouse, "A", "a-motcua")
    outcome(warehouse, run(warehouse, LAST, "a-motcua"), "a-motcua", "failed", "ContractBroken")
    kept = text("select * from quality.scorecard order by unit_code, dimension")
    written = []
    for _ in range(2):
        scorecard.write(warehouse, CATALOGUE, LAST)
        with warehouse.connect() as connection:
            written.append(connection.execute(kept).all())
    assert written[0] == written[1]
    assert len(written[0]) == 2 * len(scorecard.definitions().dimensions)
    fewer = CATALOGUE.model_copy(update={"units": _UNITS[:1]})
    assert scorecard.write(warehouse, fewer, LAST) == 1
    assert [card.unit_code for card in scorecard.read(warehouse, LAST)] == ["A"]


# --- where it is shown, and where it is not ----------------------------------------------------------------------
def test_the_office_sees_scorecards_and_what_is_public_says_nothing_of_them(
    warehouse: Engine, tmp_path: Path
) -> None:
    seed_unit.load(warehouse)
    outcome(
        warehouse, run(warehouse, seed_unit.DAY, "sgddt-sotay"), "sgddt-sotay", "failed", "SourceUnavailable"
    )
    catalogue = seed_unit.catalogue()

    def published(name: str) -> tuple[dict[str, bytes], str]:
        """Return the files for citizens, and the unit's page for the office."""
        root = Path(publish(warehouse, catalogue, seed_unit.DAY, None, tmp_path / name).path)
        public = {
            str(file.relative_to(root / "public")): file.read_bytes()
            for file in (root / "public").rglob("*")
            if file.is_file()
        }
        return public, (root / "internal" / "don-vi" / f"{seed_unit.UNIT}.html").read_text(encoding="utf-8")

    without, page = published("without")
    assert "Chất lượng dữ liệu" not in page
    scorecard.write(warehouse, catalogue, seed_unit.DAY)
    (card,) = scorecard.read(warehouse, seed_unit.DAY, [seed_unit.UNIT])
    assert scorecard.lines(card)[0] == "Đầy đủ: 0%, kém (0 trên 1 lượt nguồn)"
    public, page = published("with")
    assert public == without
    assert "Chất lượng dữ liệu</h2>" in page
    assert all(
        f'#chat-luong-{mark.dimension.code}">{mark.dimension.title}</a></th>' in page for mark in card.marks
    )
    assert f"don-vi/{seed_unit.UNIT}.html" in public
    for name, body in public.items():
        for word in ("scorecard", "Chất lượng dữ liệu"):
            assert word.encode() not in body, name


@pytest.fixture
def cchc(warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return the command on this warehouse and these units."""
    source(warehouse, "A", "a-motcua")
    for n, state in enumerate(("loaded", "loaded", "failed")):
        day = LAST - timedelta(days=n)
        run_id = run(warehouse, day, "a-motcua")
        outcome(warehouse, run_id, "a-motcua", state, "SourceRefused" if state == "failed" else None)
        if state == "loaded":
            delivery(warehouse, run_id, "a-motcua", (day, day), received=1000, bad=25)
    monkeypatch.setattr(night, "catalogue", lambda: CATALOGUE)
    monkeypatch.setattr(night, "warehouse", lambda: warehouse)
    return lambda *arguments: CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_the_command_counts_and_shows(cchc: Callable[..., Result]) -> None:
    with pytest.raises(ConfigurationError, match="--again"):
        cchc("--day", "2026-11-14")
    done = cchc("--day", "2026-11-14", "--again", "--format", "csv")
    assert done.exit_code == 0
    assert "A,Sở A,completeness,Đầy đủ,66.6,kém,,2,3,lượt nguồn," in done.stdout
    assert "A,Sở A,validity,Hợp lệ,97.5,cần chú ý,,1950,2000,bản ghi," in done.stdout
    assert "B,Sở B,validity,Hợp lệ,,,,,,bản ghi," in done.stdout
    assert "Hợp lệ: Tỷ lệ bản ghi" in done.stderr
    wide = cchc("--day", "2026-11-14", "--wide", "--unit", "A", "--format", "csv").stdout.splitlines()
    assert len(wide) == 2
    assert wide[1].startswith("A,Sở A,66.6,,97.5,66.6,")
