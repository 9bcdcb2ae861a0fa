"""Keep `mart.measure_day` in step with core: only the touched days of the touched units are made anew.

The events a record counts in are written once per dataset (`sql/mart/<dataset>.sql`); the marts sum them and
`cchc explain` lists them, so a figure and the records behind it cannot come apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection, Engine, TextClause, text

from cchc.catalogue.models import DATASETS, DatasetName
from cchc.warehouse.event_days import HOLD_MARTS, SHARE_MARTS, event_days
from cchc.warehouse.sql import source

#: Datasets that marts are made of; reported measures and official scores are read as they stand.
MART_DATASETS: tuple[DatasetName, ...] = tuple(
    d for d in DATASETS if d not in ("reported_measure", "official_score")
)

Progress = Callable[[str, int, int], None]  # unit code, units done, units in all

_TAKE = text("delete from ops.touched_day where unit_code = :unit returning dataset, day")
_CLEAR = text(
    "delete from mart.measure_day where unit_code = :unit and dataset = :dataset and day = any(:days)"
)


def over_events(name: str, dataset: DatasetName) -> TextClause:
    """Return `sql/mart/<name>.sql` over `record_event`: what a record of `dataset` counts in, and when."""
    return _over(name, source(f"mart/{dataset}"))


def _over(name: str, events: str) -> TextClause:
    return text(f"with record_event as (\n{events}\n)\n{source(f'mart/{name}')}")


def refresh(engine: Engine, progress: Progress | None = None) -> int:
    """Refresh the marts of every touched unit, one transaction each; returns the days refreshed.

    Two refreshers, a load at the same time, or a kill at any moment leave the marts right or the days marked.
    """
    with engine.connect() as connection:
        units = connection.scalars(text("select distinct unit_code from ops.touched_day order by 1")).all()
    days = 0
    for done, unit in enumerate(units, start=1):
        with engine.begin() as connection:
            days += _refresh_unit(connection, unit)
        if progress:
            progress(unit, done, len(units))
    return days


def _refresh_unit(connection: Connection, unit: str) -> int:
    connection.execute(HOLD_MARTS, {"unit": unit})
    touched: dict[DatasetName, list[date]] = defaultdict(list)
    for dataset, day in connection.execute(_TAKE, {"unit": unit}):
        touched[dataset].append(day)
    for dataset in MART_DATASETS:
        if dataset in touched:
            where = {"unit": unit, "dataset": dataset, "days": touched[dataset]}
            connection.execute(_CLEAR, where)
            connection.execute(_refresh_statement(dataset), where)
    return len({day for days in touched.values() for day in days})


def _refresh_statement(dataset: DatasetName) -> TextClause:
    """Return the refresh of a dataset; of dossiers only those with a date on a touched day are read."""
    events = source(f"mart/{dataset}")
    if dataset == "dossier":
        key = "d.unit_code = :unit and (d.source_code, d.dossier_code)"
        events += f"and {key} in (\n{source('mart/dossier_touched')}\n)"
    return _over("refresh", events)


def rebuild(engine: Engine, progress: Progress | None = None) -> int:
    """Make all marts anew, as after a change of an on-time rule; returns the days refreshed.

    Marks every day that has a count or should have one, then refreshes: readers see the old or the new unit.
    """
    with engine.connect() as connection:
        tables = ("mart.measure_day", *(f"core.{dataset}" for dataset in MART_DATASETS))
        every = " union ".join(f"select unit_code from {table}" for table in tables)
        units = connection.scalars(text(every)).all()
    for unit in units:
        with engine.begin() as connection:
            connection.execute(SHARE_MARTS, {"unit": unit})
            for dataset in MART_DATASETS:
                connection.execute(_mark_all(dataset), {"unit": unit, "dataset": dataset})
    return refresh(engine, progress)


def _mark_all(dataset: DatasetName) -> TextClause:
    return text(
        "insert into ops.touched_day (unit_code, day, dataset)"
        " select :unit, day, :dataset from mart.measure_day where unit_code = :unit and dataset = :dataset"
        " union select :unit, day, :dataset"
        f" from core.{dataset} as r, unnest({event_days(dataset, 'r')}) as day"
        " where r.unit_code = :unit and day is not null"
        " on conflict do nothing"
    )
