"""Keep `mart.measure_day` in step with core: only what was touched is made anew, by unit, day and procedure.

`mart.measure_quarter` follows it in the same transaction: the days of stocks, added up by quarter.

The events a record counts in are written once per dataset (`sql/mart/<dataset>.sql`); the marts sum them and
`cchc explain` lists them, so a figure and the records behind it cannot come apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, text

from cchc.catalogue.base import DatasetName
from cchc.errors import ReconciliationError
from cchc.warehouse.event_days import HOLD_MARTS, MART_DATASETS
from cchc.warehouse.sql import query, source

Progress = Callable[[str, int, int], None]  # unit code, units done, units in all

# Of these the records that count on a touched day are looked up by their dates (`sql/mart/<dataset>_touched.sql`):
# they grow with the years, the others stay as many as there are procedures or petitions.
_LOOKED_UP = {"dossier": "source_code, dossier_code", "document": "source_code, direction, document_code"}

_TO_DO = text(
    "select unit_code from ops.touched_day union select unit_code from ops.stale_mart"
    " union select unit_code from core.dossier where own_due_stale order by 1"
)
_DEFINED = text("select sha256 from mart.definition where dataset = :dataset")
_DEFINE = text(
    "insert into mart.definition (dataset, sha256) values (:dataset, :sha256)"
    " on conflict (dataset) do update set sha256 = excluded.sha256"
)
_ASKED = text("select string_agg(on_time_rule, ' ' order by on_time_rule) from core.asked_rule")
_TAKE_STALE = text("delete from ops.stale_mart where unit_code = :unit returning dataset")
_TOUCHED = text("select dataset, count(*) from ops.touched_day where unit_code = :unit group by dataset")
_FORGET_TOUCHED = text("delete from ops.touched_day where unit_code = :unit")
_CLEAR = text("delete from mart.measure_day where unit_code = :unit and dataset = :dataset")
_CLEAR_QUARTERS = text("delete from mart.measure_quarter where unit_code = :unit and dataset = :dataset")
_REMOVE_EVENED_OUT = text("delete from mart.measure_quarter where unit_code = :unit and value = 0")
_STALE = (
    "insert into ops.stale_mart (unit_code, dataset)"
    " select unit_code, :dataset from mart.measure_day where dataset = :dataset"
    " union select unit_code, :dataset from core.{dataset}"
    " on conflict do nothing"
)


def over_events(name: str, dataset: DatasetName) -> TextClause:
    """Return `sql/mart/<name>.sql` over `record_event`: what a record of `dataset` counts in, and when."""
    return _over(name, source(f"mart/{dataset}"))


def _over(name: str, events: str) -> TextClause:
    return text(f"with record_event as (\n{events}\n)\n{source(f'mart/{name}')}")


def refresh(engine: Engine, progress: Progress | None = None) -> int:
    """Refresh the marts of every touched unit, one transaction each; returns how many counts changed.

    Where a dataset's events are defined anew (an update of the product, another rule asked for), all of it is.
    Two refreshers, a load at the same time, or a kill at any moment leave the marts right or the marks in place.
    """
    _follow_definitions(engine)
    with engine.begin() as connection:
        # the night filled it just now: without its size the planner would read a unit's whole history instead
        connection.execute(text("analyze ops.touched_day"))
        units = behind(connection)
    written = 0
    for done, unit in enumerate(units, start=1):
        with engine.begin() as connection:
            written += _refresh_unit(connection, unit)
        if progress:
            progress(unit, done, len(units))
    return written


def _refresh_unit(connection: Connection, unit: str) -> int:
    connection.execute(HOLD_MARTS, {"unit": unit})
    connection.execute(query("mart/own_due"), {"unit": unit})
    # what is taken here is counted below, by statements that see whatever was committed before they begin
    stale = set(connection.scalars(_TAKE_STALE, {"unit": unit}))
    touched = {dataset for dataset, _ in connection.execute(_TOUCHED, {"unit": unit})}
    written = 0
    for dataset in MART_DATASETS:
        of = {"unit": unit, "dataset": dataset}
        if dataset in stale:
            connection.execute(_CLEAR, of)
            written += _rows(connection, over_events("make", dataset), of)
            connection.execute(_CLEAR_QUARTERS, of)
            connection.execute(query("mart/make_quarters"), of)
        elif dataset in touched:
            connection.execute(_recount_statement(dataset), of)
            connection.execute(query("mart/touched_counts"), of)
            connection.execute(text("analyze recount, touched_count"))
            connection.execute(query("mart/move_quarters"), {"dataset": dataset})
            connection.execute(_REMOVE_EVENED_OUT, of)
            written += _rows(connection, query("mart/remove_uncounted"), {})
            written += _rows(connection, query("mart/put_recount"), {"dataset": dataset})
            connection.execute(text("drop table recount, touched_count"))
    # no load of the unit can mark anything while its marts are held
    connection.execute(_FORGET_TOUCHED, {"unit": unit})
    return written


def _rows(connection: Connection, statement: TextClause, values: dict[str, Any]) -> int:
    return connection.execute(statement, values).rowcount


def _recount_statement(dataset: DatasetName) -> TextClause:
    """Return the recount of a dataset; of those that grow only the records with a date on a touched day are read.

    They are chosen first: among so many joins the planner would choose last, of the unit's whole history.
    """
    events = source(f"mart/{dataset}")
    if dataset in _LOOKED_UP:
        key = ", ".join(f"d.{column}" for column in _LOOKED_UP[dataset].split(", "))
        chosen = f"d.unit_code = :unit and ({key}) in (\n{source(f'mart/{dataset}_touched')}\n)"
        everything = f"from core.{dataset} as d\n"
        if events.count(everything) != 1:
            raise ValueError(f"mart/{dataset}.sql must read {everything.strip()!r} once")
        events = events.replace(
            everything, f"from (select d.* from core.{dataset} as d where {chosen} offset 0) as d\n"
        )
    return text(f"create temporary table recount on commit drop as\n{_over('recount', events)}")


def _follow_definitions(engine: Engine) -> None:
    """Ask for all marts of the datasets whose events are not defined as when they were made."""
    for dataset in MART_DATASETS:
        with engine.begin() as connection:
            defined = (
                f"{source(f'mart/{dataset}')} {connection.scalar(_ASKED) if dataset == 'dossier' else ''}"
            )
            sha256 = hashlib.sha256(defined.encode()).hexdigest()
            if connection.scalar(_DEFINED, {"dataset": dataset}) != sha256:
                _make_anew(connection, dataset)
                connection.execute(_DEFINE, {"dataset": dataset, "sha256": sha256})


def behind(connection: Connection) -> list[str]:
    """Return the units of which more is loaded than their marts count: until the next refresh, or in one under way."""
    return list(connection.scalars(_TO_DO))


def check_in_step(connection: Connection, units: Collection[str]) -> None:
    """Raise `ReconciliationError` where the marts of any of these units do not count all that is loaded."""
    if late := sorted(set(behind(connection)) & set(units)):
        raise ReconciliationError(
            f"of {', '.join(late[:5])}{' and others' if len(late) > 5 else ''} more is loaded than the numbers"
            " count: a night under way counts it at its end;"
            " where none runs, `cchc sync` does"
        )


def rebuild(engine: Engine, progress: Progress | None = None) -> int:
    """Make all marts anew; returns how many counts changed. Readers see the old or the new unit."""
    with engine.begin() as connection:
        for dataset in MART_DATASETS:
            _make_anew(connection, dataset)
    return refresh(engine, progress)


def _make_anew(connection: Connection, dataset: DatasetName) -> None:
    connection.execute(text(_STALE.format(dataset=dataset)), {"dataset": dataset})
