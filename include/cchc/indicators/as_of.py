"""The warehouse as it was at the end of a day: what was known then, not what is known now of then.

On the connection that `connect` gives, every statement reads the rows as they were: temporary views of the same names
stand in for the tables, so an indicator is computed by the statements it is always computed by. Rows, deliveries and
nights are as of then; the catalogue, the sources' on-time rules and the calendar of working days are today's. Marts are
made of the asked units only, once per connection.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, event, text

from cchc.catalogue.base import DATASETS, DatasetName
from cchc.errors import ConfigurationError
from cchc.indicators.sql import source
from cchc.warehouse.event_days import MART_DATASETS
from cchc.warehouse.sql import source as events

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_FUNCTIONS = ("core.procedure_on", "core.needs_result", "core.dossiers_of")  # that read facts; callee first
_THEN = re.compile(
    r"\b(?:core\.(?=(?:{facts})\b)|mart\.(?=measure_(?:day|quarter)\b)|ops\.(?=(?:watermark|run|load_ledger)\b))".format(
        facts="|".join((*DATASETS, *(name.partition(".")[2] for name in _FUNCTIONS)))
    )
)
_BY_PROCEDURE: tuple[DatasetName, ...] = (
    "dossier",
    "procedure",
)  # read procedure by procedure, by core's functions
_SET = text("select set_config('cchc.as_of', :moment, true)")
_START = text("select moment from ops.known_since_start")
_DEFINITION = text("select pg_get_functiondef(cast(:name as regproc))")


@contextmanager
def connect(engine: Engine, day: date | None, units: Collection[str]) -> Iterator[Connection]:
    """Give a connection to the warehouse as it was at the end of a day (Asia/Ho_Chi_Minh); None: as it is.

    Of a day only the numbers of `units` can be asked. Raises `ConfigurationError` where it is not on record what was
    known then of one of them.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        if day is not None:
            _turn_back(connection, day, units)
        yield connection


def check_not_to_come(day: date) -> date:
    """Return a day of which it can be asked what was known; raises `ConfigurationError` for one to come."""
    today = datetime.now(_ZONE).date()
    if day > today:
        raise ConfigurationError(f"what will be known on {day} is not known yet: today is {today}")
    return day


def then(statement: str) -> str:
    """Return a statement as it is run on a connection to an earlier day."""
    return _THEN.sub("pg_temp.", statement)


def words(day: date) -> str:
    """Return what is said with a number that was computed so (Vietnamese)."""
    return f"theo dữ liệu đã có đến hết ngày {day:%d/%m/%Y}"


def _turn_back(connection: Connection, day: date, units: Collection[str]) -> None:
    end = datetime.combine(day + timedelta(days=1), time(), _ZONE)
    connection.execute(_SET, {"moment": end.isoformat()})
    for dataset in DATASETS:
        _check_on_record(connection, dataset, day, units)
    for dataset in DATASETS:
        connection.execute(text(source("as_of_before").format(dataset=dataset)))
        key = "unit_code, procedure_code" if dataset in _BY_PROCEDURE else "unit_code"
        connection.execute(text(f"create index on pg_temp.{dataset}_before ({key})"))
        connection.execute(text(f"analyze pg_temp.{dataset}_before"))
        connection.execute(text(source("as_of").format(dataset=dataset)))
    for name in ("watermark", "run", "ledger"):
        connection.execute(text(source(f"as_of_{name}")))
    definitions = [connection.scalar(_DEFINITION, {"name": name}) for name in _FUNCTIONS]
    event.listen(connection, "before_cursor_execute", _read_then, retval=True)
    for definition in definitions:
        connection.exec_driver_sql(str(definition))
    counts = [
        f"(with record_event as (\n{events(f'mart/{dataset}')}\n)\n{source('as_of_counts')})"
        for dataset in MART_DATASETS
    ]
    connection.execute(
        text("create temporary table measure_day on commit drop as\n" + "\nunion all\n".join(counts)),
        {"units": sorted(set(units))},
    )
    connection.execute(text("create index on pg_temp.measure_day (unit_code, measure_code, day)"))
    connection.execute(text("analyze pg_temp.measure_day"))
    connection.execute(text(source("as_of_quarters")))


def _read_then(
    _connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    return then(statement), parameters


def _check_on_record(connection: Connection, dataset: DatasetName, day: date, units: Collection[str]) -> None:
    found = connection.scalars(text(source("as_of_unproven").format(dataset=dataset)))
    unproven = sorted(set(units) & set(found))
    if unproven:
        start = connection.scalar(_START)
        raise ConfigurationError(
            f"what was known of {', '.join(unproven)} on {day} is not on record: since when the warehouse holds each of"
            f" its rows is kept from {start.astimezone(_ZONE):%Y-%m-%d} on; ask for that day or a later one"
        )
