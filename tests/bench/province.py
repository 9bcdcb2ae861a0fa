"""A province's warehouse of any size, made inside PostgreSQL from numbers alone: always the same rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from cchc.catalogue import calendar, load
from cchc.catalogue.base import DATASETS
from cchc.catalogue.models import Catalogue
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import dimensions, embedded, marts, migrate, working_days
from cchc.warehouse.datasets import COLUMNS
from cchc.warehouse.engine import connect, url

_HERE = Path(__file__).parent / "sql"
_STEP = 500_000
_MARK = UUID(int=1)

Say = Callable[[str], None]


def catalogue() -> Catalogue:
    """Return the shipped catalogue."""
    return load.load(SHIPPED_CATALOGUE)


def source(name: str, **parts: str) -> str:
    """Return a statement of the benchmarks, its {parts} put in."""
    found = (_HERE / f"{name}.sql").read_text(encoding="utf-8")
    for part, value in {"columns": ", ".join(COLUMNS["dossier"]), **parts}.items():
        found = found.replace("{" + part + "}", value)
    return found


def run(connection: Connection, name: str, parts: Mapping[str, str] | None = None, **values: Any) -> None:
    """Execute every statement of a file, its {parts} put in, with those of the values it asks for."""
    for statement in source(name, **(parts or {})).split(";\n"):
        asked = text(statement)
        wanted = asked.compile().params
        connection.execute(asked, {key: value for key, value in values.items() if key in wanted})


def warehouse(data: Path, size: int, say: Say) -> Engine:
    """Return an engine on the warehouse of `size` dossiers in `data`, made where it is not there yet."""
    engine = connect(url(embedded.dsn(data / "postgres", f"dossiers_{size}")))
    with engine.connect() as connection:
        made = connection.scalar(text("select to_regclass('bench.finished') is not null"))
    if not made:
        _make(engine, size, say)
    else:  # by an earlier version of the product, it may be
        migrate.upgrade(engine)
        dimensions.sync(engine, catalogue())
        marts.refresh(engine)
    return engine


def built_in(engine: Engine) -> float:
    """Return the seconds that making all marts of this warehouse for the first time took."""
    with engine.connect() as connection:
        return float(connection.scalar(text("select seconds from bench.finished")) or 0)


def make_dossiers(engine: Engine, size: int, say: Say) -> None:
    """Write the units, the calendar, the procedures and `size` dossiers, in place of those that are there; no marts."""
    with engine.begin() as connection:
        connection.execute(text("drop schema if exists bench cascade"))
    migrate.upgrade(engine)
    dimensions.sync(engine, catalogue())
    with engine.begin() as connection:
        connection.execute(
            text(
                "truncate core.dossier, core.procedure, mart.measure_day, mart.measure_quarter, ops.touched_day"
            )
        )
        working_days.sync(connection, calendar.load(SHIPPED_CATALOGUE))
        run(connection, "places")
    _fill(engine, size, say)
    vacuum(engine)


def _make(engine: Engine, size: int, say: Say) -> None:
    make_dossiers(engine, size, say)
    with engine.begin() as connection:
        for code, found in catalogue().sources.items():
            for dataset in DATASETS:
                connection.execute(
                    text(
                        "insert into ops.watermark (unit_code, source_code, dataset, complete_to, delivery_id)"
                        " values (:unit, :source, :dataset, '2026-11-14', :delivery) on conflict do nothing"
                    ),
                    {"unit": found.unit, "source": code, "dataset": dataset, "delivery": _MARK},
                )
    say(f"{size:,} dossiers: making the marts")
    started = time.perf_counter()
    marts.rebuild(engine, lambda unit, done, of: say(f"  {done}/{of} {unit}") if done % 10 == 0 else None)
    seconds = time.perf_counter() - started
    say(f"{size:,} dossiers: marts made in {seconds:.0f} s")
    vacuum(engine)
    with engine.begin() as connection:
        run(connection, "keys", size=size)
        connection.execute(
            text("create table bench.finished as select cast(:s as float8) as seconds"), {"s": seconds}
        )


def _fill(engine: Engine, size: int, say: Say) -> None:
    """Write the dossiers; indexes are made afterwards, which is faster and leaves the same indexes."""
    with engine.begin() as connection:
        indexes = connection.scalars(
            text(
                "select pg_get_indexdef(i.indexrelid) from pg_index as i"
                " where i.indrelid = 'core.dossier'::regclass and not i.indisprimary"
            )
        ).all()
        for name in [definition.split()[2 if " UNIQUE " not in definition else 3] for definition in indexes]:
            connection.execute(text(f"drop index core.{name}"))
        connection.execute(text("alter table core.dossier drop constraint dossier_pkey"))
        places = connection.scalar(text("select count(*) from bench.place"))
        for first in range(1, size + 1, _STEP):
            last = min(first + _STEP - 1, size)
            run(connection, "dossiers", first=first, last=last, size=size, places=places)
            say(f"{size:,} dossiers: {last:,} written")
        connection.execute(text("set local maintenance_work_mem = '512MB'"))
        connection.execute(
            text("alter table core.dossier add primary key (unit_code, source_code, dossier_code)")
        )
        for definition in indexes:
            connection.execute(text(definition))
        say(f"{size:,} dossiers: indexed")


def vacuum(engine: Engine, *tables: str) -> None:
    """Vacuum the tables, or all, and write a checkpoint, so that no round pays for the one before it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"vacuum (analyze) {', '.join(tables)}"))
        connection.execute(text("checkpoint"))
