"""Keep `mart.measure_day` in step with core: only the touched days of the touched units are made anew.

The events a record counts in are written once per dataset (`sql/mart/<dataset>.sql`); the marts sum them and
`cchc explain` lists them, so a figure and the records behind it cannot come apart.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection, Engine, TextClause, text

from cchc.catalogue.base import DATASETS, DatasetName
from cchc.warehouse.event_days import HOLD_MARTS, SHARE_MARTS, event_days
from cchc.warehouse.sql import query, source

#: Datasets that marts are made of; reported measures and official scores are read as they stand.
MART_DATASETS: tuple[DatasetName, ...] = tuple(
    d for d in DATASETS if d not in ("reported_measure", "official_score")
)

Progress = Callable[[str, int, int], None]  # unit code, units done, units in all

_TO_DO = text(
    "select unit_code from ops.touched_day union select unit_code from core.dossier where own_due_stale order by 1"
)
_DEFINED = text("select sha256 from mart.definition where dataset = :dataset")
_DEFINE = text(
    "insert into mart.definition (dataset, sha256) values (:dataset, :sha256)"
    " on conflict (dataset) do update set sha256 = excluded.sha256"
)
_ASKED = text("select string_agg(on_time_rule, ' ' order by on_time_rule) from core.asked_rule")
_TAKE = text("delete from ops.touched_day where unit_code = :unit returning dataset, day")
_UNITS_OF = "select unit_code from mart.measure_day where dataset = :dataset union select unit_code from core.{dataset}"
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

    Where a dataset's events are defined anew (an update of the product, another rule asked for), all its days are.
    Two refreshers, a load at the same time, or a kill at any moment leave the marts right or the days marked.
    """
    _follow_definitions(engine)
    with engine.connect() as connection:
        units = connection.scalars(_TO_DO).all()
    days = 0
    for done, unit in enumerate(units, start=1):
        with engine.begin() as connection:
            days += _refresh_unit(connection, unit)
        if progress:
            progress(unit, done, len(units))
    return days


def _refresh_unit(connection: Connection, unit: str) -> int:
    connection.execute(HOLD_MARTS, {"unit": unit})
    connection.execute(query("mart/own_due"), {"unit": unit})
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
    """Return the refresh of a dataset; of dossiers only those with a date on a touched day are read.

    They are chosen first: among so many joins the planner would choose last, of the unit's whole history.
    """
    events = source(f"mart/{dataset}")
    if dataset == "dossier":
        touched = source("mart/dossier_touched")
        chosen = f"d.unit_code = :unit and (d.source_code, d.dossier_code) in (\n{touched}\n)"
        everything = "from core.dossier as d\n"
        if events.count(everything) != 1:
            raise ValueError(f"mart/dossier.sql must read {everything.strip()!r} once")
        events = events.replace(
            everything, f"from (select d.* from core.dossier as d where {chosen} offset 0) as d\n"
        )
    return _over("refresh", events)


def _follow_definitions(engine: Engine) -> None:
    """Mark every day of the datasets whose events are not defined as when their marts were made."""
    for dataset in MART_DATASETS:
        with engine.connect() as connection:
            defined = (
                f"{source(f'mart/{dataset}')} {connection.scalar(_ASKED) if dataset == 'dossier' else ''}"
            )
            sha256 = hashlib.sha256(defined.encode()).hexdigest()
            there = connection.scalar(_DEFINED, {"dataset": dataset})
        if there != sha256:
            _mark(engine, dataset)
            with engine.begin() as connection:
                connection.execute(_DEFINE, {"dataset": dataset, "sha256": sha256})


def rebuild(engine: Engine, progress: Progress | None = None) -> int:
    """Make all marts anew; returns the days refreshed.

    Marks every day that has a count or should have one, then refreshes: readers see the old or the new unit.
    """
    for dataset in MART_DATASETS:
        _mark(engine, dataset)
    return refresh(engine, progress)


def _mark(engine: Engine, dataset: DatasetName) -> None:
    """Mark every day of a dataset, one unit at a time."""
    of = {"dataset": dataset}
    with engine.connect() as connection:
        units = connection.scalars(text(_UNITS_OF.format(dataset=dataset)), of).all()
    for unit in units:
        with engine.begin() as connection:
            connection.execute(SHARE_MARTS, {"unit": unit})
            connection.execute(_mark_all(dataset), {**of, "unit": unit})


def _mark_all(dataset: DatasetName) -> TextClause:
    return text(
        "insert into ops.touched_day (unit_code, day, dataset)"
        " select :unit, day, :dataset from mart.measure_day where unit_code = :unit and dataset = :dataset"
        " union select :unit, day, :dataset"
        f" from core.{dataset} as r, unnest({event_days(dataset, 'r')}) as day"
        " where r.unit_code = :unit and day is not null"
        " on conflict do nothing"
    )
