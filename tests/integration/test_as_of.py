"""What was known on a day, asked later, against what the product said on that day; on a real PostgreSQL."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.base import DATASETS, DatasetName
from cchc.errors import ConfigurationError
from cchc.indicators import as_of, periods
from cchc.indicators import sql as indicator_sql
from cchc.indicators.compute import IndicatorValue, compute, compute_on, subject_of
from cchc.indicators.explain import explain
from cchc.publishing.forms import cells, rows
from cchc.quality import gate
from cchc.warehouse import event_days, marts, migrate
from cchc.warehouse.load import load_delivery, rebuild_source
from cchc.warehouse.sql import source as warehouse_sql
from integration.indicator_facts import source
from integration.rows import catalogue as no_sources
from integration.rows import delivery, good, new_run, scalar, stage_rows
from integration.seed_unit import catalogue
from integration.test_forms import F07A, II06A

CATALOGUE = catalogue()
UNIT, CODE = "SGDDT", "sgddt-motcua"
NOVEMBER = periods.parse("2026-11-01..2026-11-30")
REPORTED = "share_staff_official_mail"
HALF = periods.parse("2026-01-01..2026-06-30")


class Days:
    """A warehouse whose loads are put on days of their own: the stored moments of each are moved there."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.loaded: dict[DatasetName, list[uuid.UUID]] = {}

    def night(self, day: date, window_to: date, **batches: list[dict[str, Any]]) -> None:
        """Load one delivery a dataset, as on the evening of a day (Asia/Ho_Chi_Minh)."""
        run_id = new_run(self.engine, window_to)
        pulled = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - datetime(
            2026, 11, 15, 1, 30, tzinfo=UTC
        )
        ids = []
        for name, batch in batches.items():
            dataset: DatasetName = name  # type: ignore[assignment]
            code = CODE if dataset == "dossier" else "sgddt-sotay"
            one = delivery(
                self.engine, run_id, dataset, batch, source=code, pulled=pulled, window_to=window_to
            )
            ids.append(one)
            self.loaded.setdefault(dataset, []).append(one)
        gate.run(self.engine, run_id, no_sources())
        before = self._now()
        for one in ids:
            load_delivery(self.engine, run_id, one, "m1")
        self._move(before, day, run_id)

    def rebuild(self, day: date, mapping: str, **kept: list[dict[str, Any]]) -> None:
        """Rebuild the dossiers' source from other rows for its first delivery, as on the evening of a day."""
        run_id = uuid.uuid4()
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "insert into ops.run (run_id, reporting_day, kind, sources) values (:r, :d, 'replay', '{}')"
                ),
                {"r": run_id, "d": day},
            )
        ids = self.loaded["dossier"]
        with self.engine.begin() as connection:
            for one, batch in zip(ids, kept.values(), strict=True):
                stage_rows(connection, run_id, one, "dossier", batch, UNIT, CODE)
                connection.execute(
                    text("insert into landing.run_delivery values (:r, :d)"), {"r": run_id, "d": one}
                )
                connection.execute(
                    text("update landing.delivery set landed = :n, received = :n where delivery_id = :d"),
                    {"n": len(batch), "d": one},
                )
        gate.run(self.engine, run_id, no_sources())
        before = self._now()
        rebuild_source(self.engine, run_id, CODE, ids, mapping)
        self._move(before, day, run_id)

    def _now(self) -> datetime:
        found: datetime = scalar(self.engine, "select clock_timestamp()")
        return found

    def _move(self, before: datetime, day: date, run_id: uuid.UUID) -> None:
        """Put what was written since `before` on the evening of a day, and refresh the marts."""
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        with self.engine.begin() as connection:
            for statement in (
                *(f"update core.{d} set known_since = :at where known_since >= :before" for d in DATASETS),
                "update core.change_history set changed_at = :at where changed_at >= :before",
                "update ops.load_ledger set loaded_at = :at where loaded_at >= :before",
            ):
                connection.execute(text(statement), {"at": at, "before": before})
            connection.execute(
                text("update ops.run set started_at = :at where run_id = :r"), {"at": at, "r": run_id}
            )
            connection.execute(
                text(
                    "insert into ops.source_outcome (run_id, unit_code, source_code, state, stage, started_at,"
                    " finished_at) select distinct b.run_id, d.unit_code, d.source_code, 'loaded', 'load',"
                    " cast(:at as timestamptz), cast(:at as timestamptz) from landing.run_delivery as b"
                    " join landing.delivery as d using (delivery_id) where b.run_id = :r"
                ),
                {"at": at, "r": run_id},
            )
        marts.refresh(self.engine)


def _now_all(engine: Engine) -> tuple[Any, ...]:
    return (
        [
            value
            for code, unit in (("province-core", UNIT), ("province-core", "H14"), ("seed-2022", UNIT))
            for value in _plain(compute(engine, CATALOGUE, CATALOGUE.indicator_sets[code], [unit], NOVEMBER))
        ],
        _plain(compute(engine, CATALOGUE, CATALOGUE.indicator_sets["seed-2022"], [UNIT], HALF)),
        [
            {
                (r.level, r.field_code): dict(r.values)
                for r in rows.build(engine, CATALOGUE, f, UNIT, NOVEMBER).rows
            }
            for f in (II06A, F07A)
        ],
    )


def _then_all(engine: Engine, day: date) -> tuple[Any, ...]:
    with as_of.connect(engine, day, subject_of(CATALOGUE, "H14", NOVEMBER).members) as connection:
        sets = CATALOGUE.indicator_sets
        shown = [
            value
            for code, unit in (("province-core", UNIT), ("province-core", "H14"), ("seed-2022", UNIT))
            for value in _plain(compute_on(connection, CATALOGUE, sets[code], [unit], NOVEMBER))
        ]
        half = _plain(compute_on(connection, CATALOGUE, sets["seed-2022"], [UNIT], HALF))
        forms = []
        for layout in (II06A, F07A):
            made = rows.Builder(connection, CATALOGUE, layout, UNIT, NOVEMBER, None).form()
            forms.append({(r.level, r.field_code): dict(r.values) for r in made.rows})
    return (shown, half, forms)


def _plain(values: list[IndicatorValue]) -> list[dict[str, Any]]:
    return [v.__dict__ for v in values]


def _late(number: int, **changes: Any) -> dict[str, Any]:
    return good("dossier", number, **changes)


OPEN = {"status": "processing", "finished_at": None, "returned_at": None, "has_result": None}


def test_each_day_is_what_was_shown_on_it(warehouse: Engine) -> None:
    for code in (CODE, "sgddt-sotay"):
        source(warehouse, UNIT, code)
    days = Days(warehouse)
    shown: dict[date, Any] = {date(2026, 11, 7): _now_all(warehouse)}

    first = [_late(1), _late(2, **OPEN), _late(3, **OPEN, channel="direct"), _late(4)]
    stated = good("reported_measure", measure_code=REPORTED, ratio=90)
    days.night(
        date(2026, 11, 8),
        date(2026, 11, 8),
        dossier=first,
        procedure=[good("procedure", 12766, procedure_code="1.012766", field_code="A")],
        reported_measure=[stated],
    )
    shown[date(2026, 11, 8)] = shown[date(2026, 11, 9)] = _now_all(warehouse)

    second = [
        _late(1),  # unchanged: its `pulled_at` moves
        _late(2, finished_at="2026-11-09 09:00+07", returned_at="2026-11-09 10:00+07"),
        _late(5, channel="direct", field_code="B", **OPEN),
    ]
    days.night(
        date(2026, 11, 10),
        date(2026, 11, 10),
        dossier=second,
        procedure=[good("procedure", 12766, procedure_code="1.012766", field_code="C")],
        reported_measure=[{**stated, "ratio": 95}],
    )
    shown[date(2026, 11, 10)] = _now_all(warehouse)

    third = [_late(2, finished_at="2026-11-06 08:00+07", returned_at=None, status="finished"), _late(6)]
    days.night(date(2026, 11, 12), date(2026, 11, 12), dossier=third)
    shown[date(2026, 11, 12)] = shown[date(2026, 11, 14)] = _now_all(warehouse)

    # a mended mapping: one dossier goes, one is late, the rest stays as it was
    days.rebuild(
        date(2026, 11, 15), "m2", a=[*first[:2], _late(4, due_at="2026-11-04 17:00+07")], b=second, c=third
    )
    shown[date(2026, 11, 15)] = shown[date(2026, 11, 30)] = _now_all(warehouse)
    assert scalar(warehouse, "select count(*) from core.dossier where known_since < '2026-11-09'") == 1

    assert len({str(s) for s in shown.values()}) == 5  # the days do differ
    for day, expected in shown.items():
        assert _then_all(warehouse, day) == expected, day
    assert _now_all(warehouse) == shown[date(2026, 11, 30)]  # and the asking left nothing behind

    for day in shown:
        for number in ("received", "on-time-share"):
            opened = explain(warehouse, CATALOGUE, number, UNIT, NOVEMBER, known_on=day)
            assert all(t.agrees for t in opened.terms)
            if number == "received":
                assert len(list(opened.records())) == (opened.figure.value or 0)
            assert f"theo dữ liệu đã có đến hết ngày {day:%d/%m/%Y}" in opened.text()
        cell = cells.explain(warehouse, CATALOGUE, II06A, "c3", UNIT, NOVEMBER, known_on=day)
        assert len(list(cell.records())) == (cell.figure.value or 0)
    (mail,) = explain(
        warehouse, CATALOGUE, "staff-official-mail", UNIT, HALF, known_on=date(2026, 11, 9)
    ).records()
    assert mail["value"] == 90


def test_every_statement_reads_the_facts_of_then(warehouse: Engine) -> None:
    named = {f"core.{dataset}" for dataset in DATASETS} | {
        "mart.measure_day",
        "mart.measure_quarter",
        "ops.watermark",
        "core.needs_result",
    }
    folder = Path(indicator_sql.__file__).parent
    statements = {
        p.stem: p.read_text("utf-8") for p in folder.glob("*.sql") if not p.stem.startswith("as_of")
    }
    statements |= {dataset: warehouse_sql(f"mart/{dataset}") for dataset in event_days.MART_DATASETS}
    for name, statement in statements.items():
        words = {word.rstrip(",();\n") for word in as_of.then(statement).replace("(", " ").split()}
        assert not words & named, name
        if name in DATASETS:
            assert f"from pg_temp.{name} as" in as_of.then(statement)
    assert as_of.then(
        "core.source, core.unit_code, core.own_due_at(x), ops.run_delivery, my_core.dossier"
    ) == ("core.source, core.unit_code, core.own_due_at(x), ops.run_delivery, my_core.dossier")
    # every function of the warehouse that reads facts has its own of then
    reading = (
        "select f.oid::regproc::text from (select p.oid, pg_get_functiondef(p.oid) as body from pg_proc as p"
        " where p.pronamespace = 'core'::regnamespace and p.prokind = 'f' offset 0) as f where f.body ~ :facts"
    )
    facts = rf"core\.({'|'.join(DATASETS)}|procedure_on)\M"
    with warehouse.connect() as connection:
        found = connection.scalars(text(reading), {"facts": facts}).all()
    # procedure_names says what procedures are called, for schema report: nothing is counted by it
    assert set(found) - {"core.procedure_names"} == {
        "core.dossiers_of",
        "core.needs_result",
        "core.procedure_on",
    }
    with as_of.connect(warehouse, date(2026, 11, 10), [UNIT]) as connection:
        body = connection.scalar(text("select pg_get_functiondef('pg_temp.dossiers_of'::regproc)"))
    assert "core." not in str(body)


def test_before_beginnings_were_kept_only_what_is_proven_is_answered(warehouse: Engine) -> None:
    source(warehouse, UNIT, CODE)
    migrate.downgrade(warehouse, "0005_revision_chain")
    run_id = new_run(warehouse)
    one = delivery(warehouse, run_id, "dossier", [good("dossier", 1), good("dossier", 2)])
    with warehouse.begin() as connection:  # as the load of that version did
        for row in (1, 2):
            connection.execute(
                text(
                    "insert into core.dossier (unit_code, source_code, dossier_code, procedure_code, intake, channel,"
                    " online_level, status, received_at, row_hash, delivery_id, row_no, pulled_at) values ('SGDDT',"
                    " 'sgddt-motcua', :code, 'p', 'one_stop', 'online', 'full', 'processing', '2026-11-03', 'x', :id,"
                    " 1, now())"
                ),
                {"code": f"d{row}", "id": one if row == 1 else uuid.uuid4()},
            )
        connection.execute(
            text(
                "insert into ops.load_ledger (delivery_id, mapping_version, pulled_at, unit_code, run_id, received,"
                " inserted, updated, unchanged, quarantined, refused, loaded_at)"
                " values (:d, 'm', now(), 'SGDDT', :r, 2, 2, 0, 0, 0, 0, '2026-11-08 12:00+07')"
            ),
            {"d": one, "r": run_id},
        )
    migrate.upgrade(warehouse)
    proven = scalar(warehouse, "select known_since from core.dossier where dossier_code = 'd1'")
    assert proven == datetime(2026, 11, 8, 5, tzinfo=UTC)
    start = scalar(warehouse, "select moment from ops.known_since_start")
    assert scalar(warehouse, "select known_since from core.dossier where dossier_code = 'd2'") == start
    with pytest.raises(ConfigurationError, match=r"SGDDT on 2026-11-10 is not on record"):
        explain(warehouse, CATALOGUE, "received", UNIT, NOVEMBER, known_on=date(2026, 11, 10))
    later = start.date() + timedelta(days=1)
    assert explain(warehouse, CATALOGUE, "received", UNIT, NOVEMBER, known_on=later).terms[0].by_source == {
        CODE: 2
    }
    with as_of.connect(
        warehouse, date(2026, 11, 10), ["SYT"]
    ) as connection:  # another unit's are all on record
        assert connection.scalar(text("select count(*) from core.dossier")) == 1
