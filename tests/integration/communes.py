"""Six communes, two months of ordinary dossiers; one may show a pattern that integrity questions look for."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from cchc.catalogue import calendar
from cchc.catalogue.models import Catalogue, Unit
from cchc.quality import integrity
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import marts, working_days
from integration import rows
from integration.indicator_facts import source, write

FIRST, LAST = date(2026, 10, 15), date(2026, 11, 14)
COMMUNES = [f"C{i:02}" for i in range(1, 7)]
ODD = "C03"
EMPTIED = "core.dossier, core.change_history, core.reported_measure, mart.measure_day, mart.measure_quarter"
Row = dict[str, Any]


def unit(code: str, group: Any = "commune") -> Unit:
    return Unit(code=code, name=f"Đơn vị {code}", group=group, valid_from=date(2020, 1, 1))


CATALOGUE: Catalogue = rows.catalogue().model_copy(update={"units": tuple(unit(code) for code in COMMUNES)})


def clock(day: date, drawn: random.Random, opens: int = 8, closes: int = 16) -> datetime:
    return datetime.combine(day, datetime.min.time(), calendar.ZONE) + timedelta(
        seconds=drawn.randrange(opens * 3600, closes * 3600)
    )


def workday(day: date) -> date:
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))


def dossiers_of(code: str, drawn: random.Random, count: int = 300) -> list[Row]:
    """Return the dossiers of an ordinary unit: two months, some late, some still open, some asked for papers."""
    made = []
    for n in range(count):
        received = clock(workday(FIRST - timedelta(days=30) + timedelta(days=drawn.randrange(60))), drawn)
        due = datetime.combine(received.date() + timedelta(days=14), datetime.min.time(), calendar.ZONE)
        due += timedelta(hours=17)
        took = drawn.randrange(15, 25) if drawn.random() < 0.04 else drawn.randrange(2, 14)
        finished = clock(workday(received.date() + timedelta(days=took)), drawn)
        asked = clock(workday(received.date() + timedelta(days=drawn.randrange(1, 9))), drawn)
        is_asked = drawn.random() < 0.3 and asked.date() <= LAST
        over = finished.date() <= LAST
        made.append(
            {
                "dossier_code": f"{code}-{n:04}",
                "status": "finished" if over else "processing",
                "received_at": received,
                "due_at": due,
                "finished_at": finished if over else None,
                "supplement_at": asked if is_asked else None,
                "supplement_completed_at": asked + timedelta(days=1) if is_asked else None,
            }
        )
    return made


# --- one pattern each --------------------------------------------------------------------------------------------
def just_before_due(made: list[Row], drawn: random.Random) -> None:
    for row in made[::2]:
        if row["finished_at"]:
            row["finished_at"] = row["due_at"] - timedelta(minutes=drawn.randrange(1, 20))
            if row["finished_at"].date() > LAST:
                row |= {"finished_at": None, "status": "processing"}


def papers_just_before_due(made: list[Row], drawn: random.Random) -> None:
    for row in made:
        late = row["due_at"] - timedelta(hours=drawn.randrange(1, 6))
        if row["supplement_at"] and late.date() <= LAST:
            row |= {"supplement_at": late, "supplement_completed_at": late + timedelta(minutes=5)}


def in_one_second(made: list[Row], _: random.Random) -> None:
    for row in made[::4]:
        if row["finished_at"]:
            row["finished_at"] = row["received_at"] + timedelta(seconds=0.4)


def on_the_last_day(made: list[Row], drawn: random.Random) -> None:
    for row in made[::4]:
        if row["received_at"].date() > FIRST:
            row |= {"finished_at": clock(LAST, drawn), "status": "finished"}


def nothing_open(made: list[Row], drawn: random.Random) -> None:
    made[:] = [row for row in made if row["received_at"].date() <= date(2026, 10, 30)]
    for row in made:
        if row["finished_at"] is None or row["finished_at"] > row["due_at"]:
            row |= {
                "finished_at": row["due_at"] - timedelta(hours=drawn.randrange(30, 60)),
                "status": "finished",
            }


def nothing(_: list[Row], __: random.Random) -> None:
    """An ordinary unit, or one whose pattern is not in its dossiers."""


def province(
    engine: Engine,
    seed: int,
    pattern: Callable[[list[Row], random.Random], None] = nothing,
    *,
    moved: bool = False,
    stated: bool = False,
) -> None:
    """Fill the warehouse with six communes, one of which shows a pattern."""
    drawn = random.Random(seed)
    with engine.begin() as connection:
        working_days.sync(connection, calendar.cached(SHIPPED_CATALOGUE))
    for code in COMMUNES:
        source(engine, code, f"{code}-motcua")
        nights(engine, code, f"{code}-motcua")
        made = dossiers_of(code, drawn)
        if code == ODD:
            pattern(made, drawn)
        write(engine, "dossier", code, f"{code}-motcua", made)
        put_off(engine, code, made, drawn, after_due=moved and code == ODD)
        left = drawn.randrange(20, 60)
        write(engine, "reported_measure", code, f"{code}-sotay", [
            report("in_process", date(2026, 9, 15), date(2026, 10, 14), left),
            report("carried_over", FIRST, LAST, left - 12 if stated and code == ODD else left),
            report("in_process", FIRST, LAST, drawn.randrange(20, 60)),
        ])  # fmt: skip
    marts.refresh(engine)


def nights(engine: Engine, code: str, of: str) -> None:
    """Enter that a source was read every night, from 01:30 to 02:30 of the day after."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "with night as ("
                " insert into ops.run (run_id, reporting_day, kind, started_at, finished_at, state, sources)"
                " select gen_random_uuid(), day::date, 'sync', day + interval '25.5 hours',"
                " day + interval '26.5 hours', 'success', array[:source]"
                " from generate_series(timestamptz '2026-09-01', '2026-11-20', '1 day') as day"
                " where not exists (select from ops.source_outcome where source_code = :source)"
                " returning *)"
                " insert into ops.source_outcome"
                " (run_id, unit_code, source_code, state, stage, started_at, finished_at)"
                " select run_id, :unit, :source, 'loaded', 'load', started_at, finished_at from night"
            ),
            {"unit": code, "source": of},
        )


def report(code: str, first: date, last: date, value: int) -> Row:
    return {"measure_code": code, "period_from": first, "period_to": last, "value": value}


def put_off(engine: Engine, code: str, made: list[Row], drawn: random.Random, *, after_due: bool) -> None:
    """Put due days off as loads do: the old row into history, the new day into core. Ordinary units do so before."""
    for row in made:
        if row["supplement_at"] or drawn.random() > (0.15 if after_due else 0.04):
            continue
        night_after = row["due_at"] + timedelta(hours=9)  # 02:00 of the next day, when nights are read
        seen = night_after if after_due else night_after - timedelta(days=drawn.randrange(1, 8))
        move(engine, code, row["dossier_code"], row["due_at"] + timedelta(days=7), seen)


def move(engine: Engine, code: str, dossier: str, due: datetime, seen: datetime) -> None:
    which = {"unit": code, "dossier": dossier, "due": due, "seen": seen}
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into core.change_history"
                " (unit_code, dataset, record_key, change, old_row, delivery_id, changed_at)"
                " select d.unit_code, 'dossier', d.dossier_code, 'update', to_jsonb(d), gen_random_uuid(), :seen"
                " from core.dossier as d where d.unit_code = :unit and d.dossier_code = :dossier"
            ),
            which,
        )
        connection.execute(
            text("update core.dossier set due_at = :due where unit_code = :unit and dossier_code = :dossier"),
            which,
        )


def asked(engine: Engine, day: date = LAST, catalogue: Catalogue = CATALOGUE) -> list[tuple[str, str]]:
    return [(q.unit_code, q.test_code) for q in integrity.ask(engine, catalogue, day)]


PATTERNS: dict[str, dict[str, Any]] = {
    "finished_just_before_due": {"pattern": just_before_due},
    "supplement_just_before_due": {"pattern": papers_just_before_due},
    "due_date_moved": {"moved": True},
    "received_and_finished_same_second": {"pattern": in_one_second},
    "closed_on_last_day": {"pattern": on_the_last_day},
    "all_on_time_nothing_open": {"pattern": nothing_open},
    "stock_not_carried_over": {"stated": True},
}
