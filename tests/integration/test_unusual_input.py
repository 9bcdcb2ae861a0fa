"""What docs/unusual_input.md says of input that is wrong or rare, each row of it on a real PostgreSQL."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, create_engine, text

from cchc.catalogue import calendar
from cchc.catalogue.models import Catalogue
from cchc.catalogue.profiles import FieldMap
from cchc.commands.reconcile import reconcile
from cchc.indicators import periods
from cchc.indicators.compute import IndicatorValue, compute
from cchc.indicators.twins import twins
from cchc.publishing import closing, revisions
from cchc.quality import gate
from cchc.settings import SHIPPED_CATALOGUE, settings
from cchc.staging.readers import reader
from cchc.warehouse import dimensions, marts, working_days
from cchc.warehouse.load import LoadCounts, load_delivery, rebuild_source
from integration import indicator_facts as facts
from integration import seed_unit
from integration.indicator_facts import at, counts, write
from integration.rows import DAY, delivery, good, new_run, scalar
from integration.rows import catalogue as empty_catalogue

U = seed_unit.UNIT
OPEN = {"status": "processing", "finished_at": None, "returned_at": None, "has_result": None}
ROOT = Path(__file__).parents[2]


def deliver(
    engine: Engine,
    rows: list[dict[str, Any]],
    *,
    source: str = "sgddt-motcua",
    unit: str = U,
    day: date = DAY,
) -> LoadCounts:
    """Take a delivery of dossiers through gate, load and marts; 30 good ones of October keep it from being held."""
    october = {
        "received_at": "2026-10-01 08:00+07",
        "due_at": "2026-10-02 17:00+07",
        "finished_at": "2026-10-02 09:00+07",
        "returned_at": "2026-10-02 10:00+07",
    }
    fillers = [good("dossier", n, dossier_code=f"{source}-{n:04d}", **october) for n in range(30)]
    run_id = new_run(engine, day)
    rows = [*rows, *fillers]
    later = timedelta(days=(day - DAY).days)
    one = delivery(engine, run_id, "dossier", rows, unit=unit, source=source, pulled=later, window_to=day)
    assert gate.run(engine, run_id, empty_catalogue()).held == ()
    done = load_delivery(engine, run_id, one, "m1")
    marts.refresh(engine)
    return done


def in_november(engine: Engine, unit: str = U) -> dict[str, int]:
    """Return what a unit's measures rose by from 1 November 2026 on."""
    before = counts(engine, unit, date(2026, 10, 31))
    after = counts(engine, unit)
    rises = {code: after.get(code, 0) - before.get(code, 0) for code in {*before, *after}}
    return {code: rise for code, rise in rises.items() if rise}


def told(engine: Engine) -> list[tuple[str, str]]:
    """Return the open rows that units are asked to correct: record and rule."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("select record_key, rule_code from quarantine.item where state = 'open' order by 1, 2")
        )
        return [tuple(row) for row in rows]


def noticed(engine: Engine, rule: str) -> int:
    """Return how many rows of all runs broke a rule."""
    return int(scalar(engine, "select count(*) from stg.violation where rule_code = :rule", rule=rule))


def register(engine: Engine, *versions: dict[str, Any]) -> None:
    write(engine, "procedure", U, "sgddt-sotay", versions)


def test_a_procedure_no_register_lists_counts_and_is_noticed(warehouse: Engine) -> None:
    unlisted = good("dossier", 1, procedure_code="1.999999", **OPEN, due_at=None)
    deliver(warehouse, [unlisted])
    assert noticed(warehouse, "DOSSIER_PROCEDURE_NOT_LISTED") == 0  # without a register nobody can say
    register(warehouse, {"procedure_code": "1.012766", "valid_from": date(2021, 1, 1)})
    deliver(warehouse, [unlisted], day=DAY + timedelta(1))
    assert noticed(warehouse, "DOSSIER_PROCEDURE_NOT_LISTED") == 1
    assert told(warehouse) == []
    # it is open and never overdue: a term that nobody set cannot run out
    assert in_november(warehouse) == {
        "received": 1,
        "received_online": 1,
        "in_process": 1,
        "in_process_within_term": 1,
    }
    assert scalar(warehouse, "select own_due_at from core.dossier where procedure_code = '1.999999'") is None


def _province(to: date | None) -> Catalogue:
    full = seed_unit.catalogue()
    units = tuple(u.model_copy(update={"valid_to": to}) if u.code == "D040" else u for u in full.units)
    return full.model_copy(update={"units": units})


def test_a_dossier_of_an_abolished_unit_waits_for_a_person(warehouse: Engine) -> None:
    dimensions.sync(warehouse, _province(date(2025, 6, 30)))
    last, after = "2025-06-30 16:59:00+00", "2025-06-30 17:01:00+00"  # one minute either side of midnight
    rows = [
        good("dossier", n, received_at=received, **OPEN, due_at=None)
        for n, received in enumerate((last, after))
    ]
    # what it received while in office counts, whenever it comes
    for row in rows:
        row["dossier_code"] = f"D040-{row['dossier_code']}"
    run_id = new_run(warehouse)
    good_ones = [good("dossier", n, received_at="2025-06-02 08:00+07") for n in range(10, 40)]
    one = delivery(warehouse, run_id, "dossier", [*rows, *good_ones], unit="D040", source="d040-motcua")
    gate.run(warehouse, run_id, empty_catalogue())
    done = load_delivery(warehouse, run_id, one, "m1")
    marts.refresh(warehouse)
    assert (done.inserted, done.quarantined) == (31, 1)
    assert told(warehouse) == [(rows[1]["dossier_code"], "DOSSIER_UNIT_ABOLISHED")]
    assert counts(warehouse, "D040")["received"] == 31
    # the catalogue was wrong: the unit lived on, and the same dossier comes in
    dimensions.sync(warehouse, _province(None))
    again = new_run(warehouse)
    two = delivery(
        warehouse, again, "dossier", rows, unit="D040", source="d040-motcua", pulled=timedelta(days=1)
    )
    gate.run(warehouse, again, empty_catalogue())
    load_delivery(warehouse, again, two, "m1")
    marts.refresh(warehouse)
    assert told(warehouse) == []
    assert counts(warehouse, "D040")["received"] == 32


def test_due_before_receipt_is_kept_out_and_told(warehouse: Engine) -> None:
    received = "2026-11-03 08:00+07"
    day_alone = good("dossier", 1, received_at=received, due_at="2026-11-03 00:00+07", **OPEN)
    done_that_day = good(
        "dossier", 2, received_at=received, due_at="2026-11-03", finished_at="2026-11-03", returned_at=None
    )
    an_hour = good("dossier", 3, received_at=received, due_at="2026-11-03 07:00+07", **OPEN)
    day_before = good("dossier", 4, received_at=received, due_at="2026-11-02 00:00+07", **OPEN)
    done = deliver(warehouse, [day_alone, done_that_day, an_hour, day_before])
    assert done.quarantined == 2
    assert told(warehouse) == [
        (an_hour["dossier_code"], "DOSSIER_DUE_BEFORE_RECEIVED"),
        (day_before["dossier_code"], "DOSSIER_DUE_BEFORE_RECEIVED"),
    ]
    assert in_november(warehouse)["received"] == 2


def test_asked_twice_for_papers_is_overdue_by_the_portal_rule_alone(warehouse: Engine) -> None:
    facts.source(warehouse, U, "sgddt-motcua", "portal-766")
    with warehouse.begin() as connection:
        connection.execute(text("insert into core.asked_rule values ('date')"))
    asked = {**OPEN, "status": "supplement", "supplement_at": "2026-11-05 09:00+07"}
    rows = [good("dossier", n, **asked, supplement_requests=n) for n in (1, 2)]
    deliver(warehouse, rows)
    assert told(warehouse) == []
    found = in_november(warehouse)
    assert (found["received"], found["waiting_for_supplement"]) == (2, 2)
    assert found["overdue_in_process"] == 1  # the second time, from the day it was asked
    assert "overdue_in_process@date" not in found
    assert counts(warehouse, U, date(2026, 11, 4)).get("overdue_in_process", 0) == 0
    assert counts(warehouse, U, date(2026, 11, 5))["overdue_in_process"] == 1


def test_an_end_without_a_receipt_is_kept_out_and_told(warehouse: Engine) -> None:
    ended = good("dossier", 1, received_at=None)
    registered = good("dossier", 2, received_at=None, **OPEN | {"status": "registered"}, due_at=None)
    done = deliver(warehouse, [ended, registered])
    assert (done.quarantined, done.inserted) == (1, 31)  # what is only registered was never received
    assert told(warehouse) == [(ended["dossier_code"], "DOSSIER_NO_RECEPTION")]
    assert in_november(warehouse) == {}
    deliver(warehouse, [{**ended, "received_at": "2026-11-03 08:00+07"}], day=DAY + timedelta(1))
    assert told(warehouse) == []
    assert in_november(warehouse)["received"] == 1


def test_a_dossier_moved_between_units_counts_in_each_and_is_listed(warehouse: Engine) -> None:
    moved = good("dossier", 1, **OPEN)
    deliver(warehouse, [moved])
    deliver(warehouse, [{**moved, "status": "received"}], unit="SYT", source="syt-motcua")
    assert [in_november(warehouse, unit)["received"] for unit in (U, "SYT")] == [1, 1]
    with warehouse.connect() as connection:
        for unit in (U, "SYT"):
            (pair,) = twins(connection, [unit])
            assert (pair["unit_code"], pair["other_unit"], pair["differing"]) == (U, "SYT", "status")
            assert pair["counted"] == "tính ở cả hai đơn vị"
        assert twins(connection, ["01273"]) == []


def test_a_renumbered_procedure_counts_under_both_numbers(warehouse: Engine) -> None:
    with warehouse.begin() as connection:
        working_days.sync(connection, calendar.load(SHIPPED_CATALOGUE))
    term = {"term_unit": "working_day", "online_level": "full"}
    register(
        warehouse,
        {"procedure_code": "1.000001", "valid_from": date(2021, 1, 1), "valid_to": date(2026, 11, 8)}
        | {**term, "term_value": 5},
        {"procedure_code": "2.000001", "valid_from": date(2026, 11, 9), **term, "term_value": 3},
    )
    rows = [
        good(
            "dossier", n, procedure_code=code, received_at=f"2026-11-{day:02d} 08:00+07", due_at=None, **OPEN
        )
        for n, (code, day) in enumerate((("1.000001", 5), ("2.000001", 10), ("1.000001", 10)))
    ]
    deliver(warehouse, rows)
    assert in_november(warehouse)["received"] == 3
    for day in (8, 9):  # never two of it, never none
        assert counts(warehouse, U, date(2026, 11, day))["procedures_listed"] == 1
    with warehouse.connect() as connection:
        terms = connection.execute(
            text(
                "select (own_due_at at time zone 'Asia/Ho_Chi_Minh')::date from core.dossier"
                " where procedure_code <> '1.012766' order by dossier_code"
            )
        )
        # by the number in force on the day it came; under a number that was over, no term is made up
        assert list(terms.scalars()) == [date(2026, 11, 12), date(2026, 11, 13), None]


def _shown(engine: Engine, code: str, unit: str = U, period: str = "2026-11") -> IndicatorValue:
    known = seed_unit.catalogue()
    found = compute(engine, known, known.indicator_sets["province-core"], [unit], periods.parse(period))
    return next(value for value in found if value.indicator_code == code)


def test_nothing_to_divide_by_is_no_share_and_no_data_is_no_zero(warehouse: Engine) -> None:
    new_run(warehouse)
    for source in ("sgddt-motcua", "sgddt-sotay"):
        facts.watermark(warehouse, U, source, DAY, "dossier")
    share = _shown(warehouse, "on-time-share")
    assert share.value is None
    assert share.printed is None
    assert share.denominator == 0
    assert share.reason is not None
    assert share.reason.startswith("mẫu số bằng 0 trong kỳ")
    received = _shown(warehouse, "received")  # it delivered, and there was nothing
    assert received.value == 0
    assert received.printed == "0"
    silent = _shown(warehouse, "received", "SYT")
    assert silent.value is None
    assert silent.printed is None
    assert silent.reason


def test_the_29th_of_february(warehouse: Engine) -> None:
    with warehouse.begin() as connection:
        working_days.sync(connection, calendar.load(SHIPPED_CATALOGUE))
    months = [("2024-01-31", 1), ("2024-02-29", 1), ("2024-02-29", 12), ("2023-01-31", 1)]
    register(
        warehouse,
        *(
            {"procedure_code": f"3.00000{n}", "valid_from": date(2021, 1, 1)}
            | {"term_value": term, "term_unit": "month"}
            for n, (_day, term) in enumerate(months)
        ),
    )
    rows = [
        good("dossier", n, procedure_code=f"3.00000{n}", received_at=f"{day} 23:30+07", due_at=None, **OPEN)
        for n, (day, _term) in enumerate(months)
    ]
    deliver(warehouse, rows)
    with warehouse.connect() as connection:
        dues = connection.execute(
            text(
                "select (own_due_at at time zone 'Asia/Ho_Chi_Minh')::date from core.dossier"
                " where procedure_code like '3.%' order by procedure_code"
            )
        )
        assert list(dues.scalars()) == [
            date(2024, 2, 29),
            date(2024, 3, 29),
            date(2025, 2, 28),
            date(2023, 2, 28),
        ]
    for source in ("sgddt-motcua", "sgddt-sotay"):
        facts.watermark(warehouse, U, source, DAY, "dossier")

    def received(label: str, kind: periods.Calendar) -> Any:
        known = seed_unit.catalogue()
        found = compute(
            warehouse, known, known.indicator_sets["province-core"], [U], periods.parse(label, kind)
        )
        return next(value.value for value in found if value.indicator_code == "received")

    assert [received(label, "calendar") for label in ("2024-01", "2024-02", "2024-03")] == [1, 2, 0]
    assert [received(label, "report") for label in ("2024-02", "2024-03", "2024-04")] == [1, 2, 0]
    # a 29th that does not exist is a value that cannot be read, not the 28th or the 1st
    read = reader(FieldMap(path="x", type="timestamp", formats=("%d/%m/%Y",)), "Asia/Ho_Chi_Minh")
    assert read("29/02/2024")
    with pytest.raises(ValueError, match="không đọc được"):
        read("29/02/2026")


def test_a_day_is_a_local_day_whatever_the_zone_it_was_written_in(warehouse: Engine) -> None:
    facts.source(warehouse, U, "sgddt-motcua")
    moments = [
        "2026-11-14 23:30:00+07",  # the last half hour of the report month
        "2026-11-14T16:30:00Z",  # the same
        "2026-11-14T17:00:00Z",  # midnight: the next month
        "2026-11-14T19:59:00+03",  # 23:59
        "2026-10-14T17:00:00Z",  # the first moment of it
        "2026-10-14T16:59:59Z",  # the last of the month before
    ]
    rows = [
        good("dossier", n, received_at=moment, due_at=None, **OPEN)
        for n, moment in enumerate(moments, start=1)
    ]
    deliver(warehouse, rows, day=DAY + timedelta(1))
    for source in ("sgddt-motcua", "sgddt-sotay"):
        facts.watermark(warehouse, U, source, DAY + timedelta(1), "dossier")
    by_month = [_shown(warehouse, "received", period=label).value for label in ("2026-11", "2026-12")]
    assert by_month == [4, 1]
    # the session's own zone has no say
    abroad = create_engine(warehouse.url, connect_args={"options": "-c timezone=America/New_York"})
    assert scalar(abroad, "show timezone") == "America/New_York"
    marts.rebuild(abroad)
    assert [_shown(abroad, "received", period=label).value for label in ("2026-11", "2026-12")] == by_month
    abroad.dispose()
    # no hour is skipped or doubled in a year
    hours = (
        "select count(*) from generate_series(date '2024-01-01', '2028-12-31', '1 day') as d (day)"
        " where (d.day::date + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'"
        " - d.day::date::timestamp at time zone 'Asia/Ho_Chi_Minh' <> interval '24 hours'"
    )
    assert scalar(warehouse, hours) == 0


def test_a_holiday_announced_afterwards_is_a_difference_and_then_a_revision(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_ANCHOR", str(tmp_path / "anchor"))
    settings.cache_clear()
    known, november = seed_unit.catalogue(), periods.parse("2026-11")
    facts.source(warehouse, U, "sgddt-motcua", "portal-766")
    with warehouse.begin() as connection:
        working_days.sync(connection, calendar.load(SHIPPED_CATALOGUE))
    register(
        warehouse,
        {"procedure_code": "1.000001", "valid_from": date(2021, 1, 1)}
        | {"term_value": 3, "term_unit": "working_day"},
    )
    ended = {"received_at": at("2026-11-05"), "finished_at": at("2026-11-11"), "status": "finished"}
    promised = {"due_at": at("2026-11-10", "17:00:00")}
    write(
        warehouse,
        "dossier",
        U,
        "sgddt-motcua",
        [{"dossier_code": "by the term", **ended}, {"dossier_code": "promised", **ended, **promised}],
    )
    new_run(warehouse)
    for source in ("sgddt-motcua", "sgddt-sotay"):
        facts.watermark(warehouse, U, source, DAY, "dossier", "procedure")
    marts.refresh(warehouse)
    assert _shown(warehouse, "on-time-share").printed == "0,0%"
    closing.close(warehouse, known, november, "A")

    shipped = (SHIPPED_CATALOGUE / "holidays.yaml").read_text(encoding="utf-8")
    line = '    - {day: 2026-05-01, kind: holiday, title: "Ngày Quốc tế lao động"'
    mourning = (
        "    - {day: 2026-11-10, kind: swapped_off, title: Quốc tang, basis: thông báo, confirmed: true}\n"
    )
    (tmp_path / "holidays.yaml").write_text(shipped.replace(line, mourning + line), encoding="utf-8")
    with warehouse.begin() as connection:
        assert working_days.sync(connection, calendar.load(tmp_path)) == (date(2026, 11, 10),)
    marts.refresh(warehouse)
    # what was promised stands; the term moved by a day
    assert _shown(warehouse, "on-time-share").printed == "50,0%"
    apart = {r["cell"]: (r["before"], r["after"]) for r in revisions.diff(warehouse, known, november)}
    assert ("0,0%", "50,0%") in apart.values()
    assert revisions.listed(warehouse, november)[0].revision == 0

    closing.reopen(warehouse, november, "B", "ngày Quốc tang 10/11")
    assert closing.close(warehouse, known, november, "B").revision == 1
    assert list(revisions.diff(warehouse, known, november)) == []
    settings.cache_clear()


def _two_systems(*, reverse: bool = False) -> Catalogue:
    full = seed_unit.catalogue()
    order = sorted(full.sources, reverse=reverse)  # motcua, sotay, vanban; the last has no dossiers
    return full.model_copy(update={"sources": {code: full.sources[code] for code in order}})


def test_a_dossier_in_two_systems_of_a_unit_counts_once(warehouse: Engine) -> None:
    dimensions.sync(warehouse, _two_systems())
    counted = good("dossier", 1, **OPEN)
    late = {"received_at": "2026-11-04 08:00+07", "finished_at": "2026-11-12 09:00+07", "returned_at": None}
    other = {**counted, **late, "status": "finished", "intake": "direct", "has_result": True}
    alone = good("dossier", 2, dossier_code="sotay-alone")
    elsewhere = good("dossier", 3, procedure_code="1.000003")
    deliver(warehouse, [other, alone, elsewhere], source="sgddt-sotay")
    assert in_november(warehouse)["received"] == 3
    assert in_november(warehouse)["finished_late"] == 1  # the register's, while it is all there is

    deliver(warehouse, [counted, {**elsewhere, "procedure_code": "1.000004"}])
    found = in_november(warehouse)
    # one dossier, as the software has it; those of two procedures are two
    assert (found["received"], found["in_process"]) == (4, 1)
    assert "finished_late" not in found
    assert scalar(warehouse, "select count(*) from core.dossier where received_at > '2026-11-01'") == 5
    with warehouse.connect() as connection:
        pairs = {pair["dossier_code"]: pair for pair in twins(connection, [U])}
    assert set(pairs) == {counted["dossier_code"], elsewhere["dossier_code"]}
    pair = pairs[counted["dossier_code"]]
    assert (pair["source_code"], pair["other_source"]) == ("sgddt-motcua", "sgddt-sotay")
    assert pair["counted"] == "tính một lần, theo nguồn đứng trước trong danh mục"
    assert pair["differing"] == "status, received_at, finished_at, has_result"
    assert pairs[elsewhere["dossier_code"]]["counted"].startswith("tính ở cả hai nguồn: khác thủ tục")
    assert pairs[elsewhere["dossier_code"]]["differing"] == "procedure_code"

    # the other one listed first: the register's days count instead
    dimensions.sync(warehouse, _two_systems(reverse=True))
    marts.refresh(warehouse)
    found = in_november(warehouse)
    assert (found["received"], found["finished_late"]) == (4, 1)
    assert "in_process" not in found
    # a source that leaves the catalogue comes after those that are in it
    without = _two_systems(reverse=True)
    kept = {code: s for code, s in without.sources.items() if code != "sgddt-sotay"}
    dimensions.sync(warehouse, without.model_copy(update={"sources": kept}))
    marts.refresh(warehouse)
    found = in_november(warehouse)
    assert (found["received"], found["in_process"]) == (4, 1)
    with warehouse.connect() as connection:
        how = {pair["dossier_code"]: pair["counted"] for pair in twins(connection, [U])}
    assert how[counted["dossier_code"]].startswith("tính một lần")
    assert how[elsewhere["dossier_code"]].startswith("tính ở cả hai nguồn")


def test_a_dossier_that_goes_from_the_first_system_counts_in_the_other(warehouse: Engine) -> None:
    dimensions.sync(warehouse, _two_systems())
    here = good("dossier", 1, **OPEN)
    deliver(warehouse, [here])
    deliver(warehouse, [{**here, "received_at": "2026-11-04 08:00+07"}], source="sgddt-sotay")
    assert counts(warehouse, U, date(2026, 11, 3))["received"] == 61
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "update landing.delivery set state = 'held', held_by = array['DELIVERY_REJECTED']"
                " where source_code = 'sgddt-motcua'"
            )
        )
    run_id = new_run(warehouse)
    left = delivery(warehouse, run_id, "dossier", [good("dossier", 99)], pulled=timedelta(days=2))
    rebuild_source(warehouse, run_id, "sgddt-motcua", [left], "m2")  # as a rejection of the others does
    marts.refresh(warehouse)
    assert counts(warehouse, U, date(2026, 11, 3))["received"] == 31
    assert counts(warehouse, U, date(2026, 11, 4))["received"] == 32


def test_a_dossier_whose_two_systems_state_other_days_is_noticed(warehouse: Engine) -> None:
    dimensions.sync(warehouse, _two_systems())
    rule = "DOSSIER_DIFFERS_IN_ANOTHER_SYSTEM"
    here = good("dossier", 1, **OPEN)
    deliver(warehouse, [here])
    same_day = {**here, "received_at": "2026-11-03 15:00+07", "channel": "post", "due_at": None}
    deliver(
        warehouse, [same_day], source="sgddt-sotay"
    )  # an hour, a channel and what it does not state are no days
    assert noticed(warehouse, rule) == 0
    deliver(warehouse, [{**here, "due_at": "2026-11-07 17:00+07"}], source="sgddt-sotay")
    assert noticed(warehouse, rule) == 1
    deliver(warehouse, [{**here, "received_at": "2026-11-02 08:00+07"}], unit="SNV", source="snv-motcua")
    assert noticed(warehouse, rule) == 1, "of another unit it is another question"


def test_officers_can_list_dossiers_of_two_systems(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    dimensions.sync(warehouse, _two_systems())
    here = good("dossier", 1, **OPEN)
    deliver(warehouse, [here])
    deliver(warehouse, [{**here, "channel": "post"}], source="sgddt-sotay")
    monkeypatch.setattr("cchc.night.ready_warehouse", lambda: warehouse)
    done = CliRunner().invoke(reconcile, ["dossiers", "--unit", U, "--format", "json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == [
        {
            "dossier_code": here["dossier_code"],
            "unit_code": U,
            "source_code": "sgddt-motcua",
            "other_unit": U,
            "other_source": "sgddt-sotay",
            "counted": "tính một lần, theo nguồn đứng trước trong danh mục",
            "differing": "channel",
        }
    ]
    assert "1 cặp, 1 cặp khác nội dung" in done.stderr


def test_every_proof_that_the_document_names_is_there() -> None:
    document = (ROOT / "docs" / "unusual_input.md").read_text(encoding="utf-8")
    rows = [line for line in document.splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 13
    there = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        there |= set(re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= there, row
