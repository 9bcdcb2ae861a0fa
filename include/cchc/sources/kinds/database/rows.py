"""Which rows of a table or view are a source's: those of its unit, and of the days of a window.

A column that is a date to the database is compared as one. Any other is compared as its profile says it is written
(`select.window_type`), and its values are looked at first: days that are written otherwise would be missed, and nobody
would notice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import BIT

from cchc.errors import ConfigurationError
from cchc.sources.connector import Window
from cchc.sources.door.allow_list import readable_name
from cchc.sources.kinds.database import mysql, texts

_SAID = {
    "iso_text": "texts like 2026-11-14 or 2026-11-14T09:30",
    "epoch_s": "seconds since 1970",
    "epoch_ms": "milliseconds since 1970",
}
_ISO = "____-__-__%"
_SIZES = {"epoch_s": (10**8, 10**11 - 1), "epoch_ms": (10**11, 10**14 - 1)}
#: what is dated later than so many days from today was dated by a clock or a hand that erred
_AHEAD = timedelta(2)
_WHOLE = re.compile(r"-?[0-9]{1,19}")  # of 64 bits
_NUMBER = re.compile(r"-?[0-9]{1,19}(\.[0-9]{1,18})?")

Condition = sa.ColumnElement[bool]


class Rows:
    """The conditions on the rows of one table or view; its errors name source, table and column, never a value."""

    def __init__(
        self,
        source: str,
        table: sa.Table,
        types: Mapping[str, sa.types.TypeEngine[Any]],
        dialect: str,
        loose: Collection[str],
        window: Sequence[sa.Column[Any]],
        window_type: str | None,
        zones: tuple[tzinfo, tzinfo | None],
    ) -> None:
        """Remember what the conditions need.

        `loose`: columns to whose collation texts that differ may be the same. `zones`: the profile's, and that in which
        the session tells moments without saying so (MariaDB, MySQL).
        """
        self._source, self._table, self._types = source, table, types
        self._dialect, self._loose = dialect, loose
        self._untyped = dialect == "sqlite"  # it has no types but those of each value
        self._zone, self._told_in = zones
        if window_type not in (None, *_SAID):
            raise ConfigurationError(f"source {source}: window_type is one of {', '.join(_SAID)}")
        self._window = {column: self._form(column, window_type) for column in window}

    def equal(self, column: sa.Column[Any], value: str, parameter: str) -> Condition:
        """Return the condition that a column's text is the value of a parameter of the source."""
        kind = self._types[column.name]
        for kinds, pattern, told, convert in (
            ((sa.Integer, BIT), _WHOLE, "whole numbers", int),
            ((sa.Numeric,), _NUMBER, "numbers", Decimal),
        ):
            if isinstance(kind, kinds):
                if not pattern.fullmatch(value):
                    raise self._wrong(column, f"holds {told}: {parameter} is none (sources.yaml)")
                return column == (value if self._untyped else convert(value))
        text: sa.ColumnElement[Any] = column
        if not isinstance(kind, sa.String) or isinstance(kind, sa.Enum):
            text = sa.cast(column, sa.String)
        if column.name not in self._loose:
            return text == value
        # to a collation snv is SNV; the first of the two finds an index
        exact = texts.as_bytes(self._dialect, text) == texts.bound(self._dialect, value)
        return sa.and_(text == value, exact)

    def check(self, opened: sa.Connection, of_unit: Condition) -> None:
        """Raise `ConfigurationError` where most values of a window column are written in another way than is said."""
        for column, form in self._window.items():
            if form is None:
                continue
            filled = sa.and_(column.is_not(None), column != "" if form == "iso_text" else sa.true())
            wrong = sa.and_(filled, sa.not_(self._is_written(column, form)))
            counts = sa.select(
                sa.func.count(sa.case((filled, 1))), sa.func.count(sa.case((wrong, 1)))
            ).select_from(self._table)
            there, otherwise = opened.execute(counts.where(of_unit)).one()
            if 2 * otherwise > there:
                text = (
                    f"holds no {_SAID[form]} in {otherwise} of {there} rows, so no day can be found by it. Take "
                    "another column or window_type (select), or no window: then everything is read"
                )
                raise self._wrong(column, text)

    def within(self, window: Window) -> Condition:
        """Return the condition that any of the window columns is on a day of the window.

        A row of whose window columns none holds a day up to now (all are empty, say, or of a year to come) is in every
        window: else nobody would see it for years, or ever.
        """
        if not self._window:
            return sa.true()
        after = window.end + timedelta(1)
        days = [sa.and_(c >= self._bound(c, window.start), c < self._bound(c, after)) for c in self._window]
        today = datetime.now(self._zone).date()
        beyond = max(window.end, today) + _AHEAD
        days.append(sa.and_(*(self._holds_no_day(column, beyond) for column in self._window)))
        return sa.or_(*days)

    def _form(self, column: sa.Column[Any], declared: str | None) -> str | None:
        """Return how the days of a window column are written; None for dates."""
        kind = self._types[column.name]
        is_dated = isinstance(kind, (sa.Date, sa.DateTime))
        if is_dated and not self._untyped:
            return None
        if declared is None and not is_dated:
            forms = ", ".join(_SAID)
            raise self._wrong(
                column, f"is no date to the database: say what it holds (select.window_type: {forms})"
            )
        form = declared or "iso_text"
        others: tuple[type, ...] = (sa.Integer, sa.Numeric) if form == "iso_text" else (sa.String,)
        if isinstance(kind, others) and not self._untyped:
            raise self._wrong(column, f"holds no {_SAID[form]} to the database (select.window_type)")
        return form

    def _is_written(self, column: sa.Column[Any], form: str) -> Condition:
        """Return the condition that a value is written in a form; 0 is how numbers say "none"."""
        if form == "iso_text":
            return column.like(_ISO)
        return sa.or_(self._is_of_size(column, form), column == 0)

    def _is_of_size(self, column: sa.Column[Any], form: str) -> Condition:
        first, last = _SIZES[form]
        is_number = sa.func.typeof(column).in_(("integer", "real")) if self._untyped else sa.true()
        return sa.and_(is_number, column.between(first, last))

    def _holds_no_day(self, column: sa.Column[Any], beyond: date) -> Condition:
        """Return the condition that a value is no day before that one."""
        is_day = [column < self._bound(column, beyond)]
        form = self._window[column]
        if form == "iso_text":
            is_day += [column.like(_ISO), column >= mysql.FLOOR.isoformat()]
        elif form is not None:
            is_day.append(self._is_of_size(column, form))
        elif self._dialect in ("mysql", "postgresql"):
            is_day.append(column >= mysql.FLOOR)
        return sa.or_(column.is_(None), sa.not_(sa.and_(*is_day)))

    def _bound(self, column: sa.Column[Any], day: date) -> Any:
        """Return the beginning of a local day as the column's values are compared with it."""
        form, kind = self._window[column], self._types[column.name]
        midnight = datetime.combine(day, time(), self._zone)
        if form == "iso_text":
            return day.isoformat()
        if form is not None:
            return int(midnight.timestamp()) * (1000 if form == "epoch_ms" else 1)
        if not isinstance(kind, sa.DateTime):
            return day
        if not kind.timezone:
            return midnight.replace(tzinfo=None)
        return midnight.astimezone(self._told_in).replace(tzinfo=None) if self._told_in else midnight

    def _wrong(self, column: sa.Column[Any], text: str) -> ConfigurationError:
        return ConfigurationError(
            f"source {self._source}: column {readable_name(column.name)} of {self._table.name} {text}"
        )
