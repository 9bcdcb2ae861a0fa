"""A table or view of a vendor's database, read with SQLAlchemy: never written to, in one snapshot, page by page.

Only the columns that the profile maps (or looks through for secrecy marks), or whose name says that they state
secrecy, are asked for: personal columns stay in the vendor's database. The connection is a URI, ``postgresql://login:password@host:5432/database``,
``mysql://login:password@host:3306/database`` (MariaDB, MySQL) or ``sqlite:///folder/file.db``; other databases where
their driver is installed. Profile options:

==============  ======================================================================================
page_size       rows of a page (1000)
connect         further arguments of the driver, such as ``{sslmode: verify-full}``
==============  ======================================================================================

and per dataset `select`:

==============  ======================================================================================
table           table or view; `schema` where it is not the login's own
key             its unique column, or the list of those that are unique together; pages follow it
window          column (or list: any of them) whose day must lie in the window; none: everything is read
window_type     of columns that are no dates to the database: iso_text (2026-11-14 …), epoch_s or epoch_ms
where           column → parameter of the source whose text it must equal: one unit's rows of many
==============  ======================================================================================

Dates arrive as ``2026-11-14T09:30:00``, with ``+07:00`` (the profile's zone) where the database knows the moment. A
date that no calendar has (``0000-00-00`` of MariaDB, ``infinity`` or ``0044-03-15 BC`` of PostgreSQL) arrives as it
stands there. A row of whose window columns none holds a day up to now (one that is NULL until the first change, one
that a clock in advance wrote) lies in every window: nobody else would see it for years, or ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import BIT
from sqlalchemy.dialects.postgresql import INTERVAL

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Host, Source
from cchc.catalogue.profiles import DatasetMap, Profile
from cchc.errors import ConfigurationError, ContractBroken
from cchc.sources.connector import Connection, RawPage, Window
from cchc.sources.door.allow_list import readable_name
from cchc.sources.door.secrecy import is_mark, names_mark
from cchc.sources.kinds.database import mysql, postgres, texts
from cchc.sources.kinds.database.rows import Rows
from cchc.sources.kinds.database.session import Session
from cchc.sources.texts import label
from cchc.warehouse.datasets import HAPPENED

_ROWS = 1_000
#: what a driver gives of these is not what is there, or another value is the same to the database (1 day, 24 hours)
_INEXACT = (sa.REAL, BIT, sa.Interval, INTERVAL)

Row = Sequence[Any]


class Database:
    """One source's tables or views."""

    absent: Collection[DatasetName] = ()  # a database that answers says what there is

    def __init__(
        self,
        source: Source,
        profile: Profile,
        host: Host,
        connection: Connection,
        datasets: Sequence[DatasetName],
    ) -> None:
        self._source = source
        self._zone = ZoneInfo(profile.zone)
        self._size = int(profile.options.get("page_size", _ROWS))
        self._maps = {name: profile.datasets[name] for name in datasets}
        self._totals: dict[DatasetName, int] = {}
        arguments = profile.options.get("connect") or {}
        self._session = Session(source.code, host, connection, arguments, self._zone)

    def read(self, window: Window) -> Generator[RawPage]:
        """Yield the rows of the window in the order of their key, as one moment saw them."""
        with self._session.opened() as opened:
            for dataset, dataset_map in self._maps.items():
                view = _View(self._source, dataset, dataset_map, opened, self._session, self._zone)
                yield from self._pages(view, opened, window)

    def totals(self) -> Mapping[DatasetName, int]:
        """Return how many rows of the window there are, counted in the same snapshot."""
        return self._totals

    def _pages(self, view: _View, opened: sa.Connection, window: Window) -> Iterator[RawPage]:
        within = view.within(window)
        with self._session.errors(view.name):
            total, keyless, told_apart = opened.execute(view.count(within)).one()
        self._totals[view.dataset] = total
        if keyless:
            text = f"{keyless} of {total} rows have no key ({', '.join(view.keys)}), so they cannot be told apart"
            raise ContractBroken(self._source.code, text, where=view.name)
        if told_apart is not None and told_apart < total:
            view.follow_bytes()
        last: Row | None = None
        read = number = 0
        while read < total:
            number += 1
            where = f"{view.name} page {number}"
            with self._session.errors(where):
                rows = postgres.rows(opened, view.page(within, last, self._size))
            keys = [view.key_of(row) for row in rows]
            if not rows or any(a == b for a, b in zip([last, *keys], keys, strict=False)):
                text = (
                    f"rows share a key: {', '.join(view.keys)} is not unique; name more columns (select.key)"
                )
                raise ContractBroken(self._source.code, text, where=where)
            records = [view.record(row, where) for row in rows]
            if (
                number == 1
            ):  # columns that the profile does not know are named once, and their values never read
                records[0].update(dict.fromkeys(view.unknown))
            places = [f" row {read + n}" for n in range(1, len(rows) + 1)]
            yield RawPage(view.dataset, where, records, places)
            read += len(rows)
            last = keys[-1]


class _View:
    """A table or view as the database describes it, and the queries over it."""

    def __init__(
        self,
        source: Source,
        dataset: DatasetName,
        dataset_map: DatasetMap,
        opened: sa.Connection,
        session: Session,
        zone: ZoneInfo,
    ) -> None:
        self.dataset = dataset
        self._source, self._zone, self._opened, self._session = source, zone, opened, session
        chosen = dataset_map.select
        self.name = str(chosen.get("table") or "")
        self.keys = _names(chosen.get("key"))
        if not self.name or not self.keys:
            raise ConfigurationError(f"source {source.code}: {dataset}: select needs table and key")
        # SQLite has no types but those of each value: what it gives is bound again as it is
        untyped = opened.dialect.name == "sqlite"
        self._dialect = opened.dialect.name
        self._told_in = session.zone if self._dialect == "mysql" else None
        self._types = session.described(opened, self.name, chosen.get("schema"))
        columns = [sa.Column(n, None if untyped else t) for n, t in self._types.items()]
        self._table = sa.Table(self.name, sa.MetaData(), *columns, schema=chosen.get("schema"))
        labels = Counter(map(label, self._types))  # of "Ma" and "MA" nobody can say which is meant by ma
        self._by_label = {label(name): name for name in self._types if labels[label(name)] == 1}
        self._wanted = self._columns(dataset_map)
        self._key_columns = [self._column(name) for name in self.keys]
        self._refuse_inexact(untyped)
        self._order: list[sa.ColumnElement[Any]] = list(self._key_columns)
        self._by_bytes: set[int] = set()
        with session.errors(self.name):
            self._loose = texts.loose(opened, self.name, chosen.get("schema"), self._types)
        # SQLite finds an index so, unless it is one of another collation
        self._follow_bytes(sa.types.TypeEngine if untyped else mysql.Listed)
        days = [self._column(name) for name in _names(chosen.get("window"))]
        self._refuse_incomplete(dataset_map, days)
        self._rows = Rows(
            source.code,
            self._table,
            self._types,
            opened.dialect.name,
            self._loose,
            days,
            chosen.get("window_type"),
            (zone, self._told_in),
        )
        self._where = dict(chosen.get("where") or {})
        known = {*self._wanted.values(), *(c.name for c in (*self._key_columns, *days))}
        known |= {self._column(name).name for name in self._where}
        known |= {self._found(p) or p for p in (*dataset_map.personal, *dataset_map.ignored)}
        self.unknown = [name for name in self._types if name not in known]

    def _refuse_inexact(self, untyped: bool) -> None:
        """Raise `ContractBroken` where the values of a key do not find their own row again."""
        for column in self._key_columns:
            if isinstance(self._types[column.name], _INEXACT) and not untyped:
                text = (
                    f"column {readable_name(column.name)} can be no key: values of its type (float, bit, interval) are "
                    "not told exactly; name others (select.key)"
                )
                raise ContractBroken(self._source.code, text, where=self.name)

    def _refuse_incomplete(self, dataset_map: DatasetMap, days: Sequence[sa.Column[Any]]) -> None:
        """Raise `ConfigurationError` where all that happened on a day is vouched for, and other days are asked for.

        What was changed since the window's end would be missing, and taken for gone.
        """
        happened = dataset_map.fields.get(HAPPENED.get(self.dataset, ""))
        day = self._found(happened.path) if happened is not None and happened.path else None
        if dataset_map.complete and days and day not in [column.name for column in days]:
            text = f"source {self._source.code}: {self.dataset}: complete needs the column of the field"
            text += (
                f" {HAPPENED[self.dataset]} in select.window; else what changed since would be taken for gone"
            )
            raise ConfigurationError(text)

    def _columns(self, dataset_map: DatasetMap) -> dict[str, str]:
        """Return path → column of what is read; raises `ContractBroken` naming columns that are not there.

        A column whose name says that it states secrecy goes to the door, whether the profile knows of it or not; not a
        file that the profile leaves out.
        """
        mapped = [field for field in dataset_map.fields.values() if field.path is not None]
        paths = dict.fromkeys(str(field.path) for field in mapped)
        optional = {field.path for field in mapped if field.optional}
        if dataset_map.secrecy is not None:
            level = dataset_map.secrecy.level
            paths |= dict.fromkeys((*dataset_map.secrecy.paths, *([level] if level else [])))
        there = {path: name for path in paths if (name := self._found(path))}
        missing = [path for path in paths if path not in there and path not in optional]
        if missing:
            text = f"column {', '.join(missing)} is not there; there are: {self._named()}"
            raise ContractBroken(self._source.code, text, where=self.name)
        called = {self._found(path): path for path in (*dataset_map.personal, *dataset_map.ignored)}
        marks = [name for name in self._types if is_mark(name) or names_mark(name)]
        marks = [n for n in marks if n not in called or not isinstance(self._types[n], sa.LargeBinary)]
        return there | {called.get(name, name): name for name in marks if name not in there.values()}

    def _found(self, name: str) -> str | None:
        """Return the column of that very name, or else the one that people would take for it."""
        return name if name in self._types else self._by_label.get(label(name))

    def _named(self) -> str:
        return ", ".join(map(readable_name, self._types))

    def _column(self, name: str) -> sa.Column[Any]:
        found = self._found(name)
        if found is None:
            text = f"column {name} is not there; there are: {self._named()}"
            raise ContractBroken(self._source.code, text, where=self.name)
        return self._table.c[found]

    def within(self, window: Window) -> sa.ColumnElement[bool]:
        """Return the condition of the source's unit and the window's days."""
        of_unit: list[sa.ColumnElement[bool]] = [sa.true()]
        for name, parameter in self._where.items():
            value = self._source.params.get(str(parameter))
            if value is None:
                raise ConfigurationError(
                    f"source {self._source.code}: params need {parameter} (sources.yaml)"
                )
            of_unit.append(self._rows.equal(self._column(name), value, str(parameter)))
        with self._session.errors(self.name):
            self._rows.check(self._opened, sa.and_(*of_unit))
        return sa.and_(*of_unit, self._rows.within(window))

    def count(self, within: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
        """Return the query for the number of rows, of those without a key, and of keys as the database compares them.

        The last is None where keys that differ are never the same to the database.
        """
        keyless = sa.or_(*(column.is_(None) for column in self._key_columns))
        is_loose = len(self._by_bytes) < sum(column.name in self._loose for column in self._key_columns)
        told_apart = texts.count_distinct(self._dialect, self._key_columns) if is_loose else sa.null()
        counts = (sa.func.count(), sa.func.count(sa.case((keyless, 1))), told_apart)
        return sa.select(*counts).select_from(self._table).where(within)

    def follow_bytes(self) -> None:
        """Let pages follow the bytes of text keys: a collation takes HS-a for HS-A, and one would hide the other.

        Exact, but no index helps: every page costs a scan.
        """
        self._follow_bytes(sa.types.TypeEngine)

    def _follow_bytes(self, kind: type[sa.types.TypeEngine[Any]]) -> None:
        for number, column in enumerate(self._key_columns):
            if column.name in self._loose and isinstance(self._types[column.name], kind):
                self._order[number] = texts.as_bytes(self._dialect, column)
                self._by_bytes.add(number)

    def page(
        self, within: sa.ColumnElement[bool], last: Row | None, size: int
    ) -> sa.Select[*tuple[Any, ...]]:
        """Return the query for the rows behind the key `last`."""
        # a value is taken as the driver gives it: what a column's type would make of it may fail on a vendor's data
        read: list[sa.ColumnElement[Any]] = [self._table.c[name] for name in self._wanted.values()]
        if self._dialect == "mysql":
            read = list(map(mysql.told_whole, read))
        values = [sa.type_coerce(column, sa.types.NullType()) for column in (*self._key_columns, *read)]
        named = [value.label(f"c{number}") for number, value in enumerate(values)]
        query = sa.select(*named).where(within)
        if last is not None:
            query = query.where(self._behind(last))
        return query.order_by(*self._order).limit(size)

    def _behind(self, last: Row) -> sa.ColumnElement[bool]:
        condition: sa.ColumnElement[bool] = sa.false()
        values = [self._bound(number, value) for number, value in enumerate(last)]
        for column, value in reversed(list(zip(self._order, values, strict=True))):
            condition = sa.or_(column > value, sa.and_(column == value, condition))
        return sa.and_(self._order[0] >= values[0], condition)  # an index on the key is used

    def _bound(self, number: int, value: Any) -> Any:
        if number in self._by_bytes:
            return texts.bound(self._dialect, value)
        kind = self._types[self._key_columns[number].name]
        if (
            self._dialect == "postgresql"
            and isinstance(value, str)
            and isinstance(kind, (sa.Date, sa.DateTime))
        ):
            return sa.cast(sa.literal(value, sa.Text), kind)  # infinity
        return sa.literal(value) if isinstance(value, bool) else value

    def key_of(self, row: Row) -> Row:
        """Return the key of a row of a page."""
        return tuple(row[: len(self.keys)])

    def record(self, row: Row, where: str) -> dict[str, Any]:
        """Return a row as path → value."""
        found = zip(self._wanted, row[len(self.keys) :], strict=True)
        return {path: self._plain(path, value, where) for path, value in found}

    def _plain(self, path: str, value: Any, where: str) -> Any:
        if isinstance(value, datetime):
            if self._told_in and isinstance(kind := self._kind(path), sa.DateTime) and kind.timezone:
                value = value.replace(tzinfo=self._told_in)
            local = _local(value, self._zone) if value.tzinfo else value
            return local.isoformat(timespec="seconds")
        if isinstance(value, (date, time)):
            return value.isoformat()
        if isinstance(value, timedelta):
            return mysql.clock(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            if isinstance(self._kind(path), BIT):
                return int.from_bytes(value)
            raise ContractBroken(self._source.code, f"column {path} holds bytes, no text", where=where)
        if isinstance(value, float) and self._dialect == "mysql" and isinstance(self._kind(path), sa.REAL):
            return mysql.written(value)
        return value

    def _kind(self, path: str) -> Any:
        return self._types[self._wanted[path]]


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:  # 9999-12-31 23:59 in UTC is a day of no calendar here
        return moment


def _names(given: object) -> list[str]:
    return [str(name) for name in given] if isinstance(given, list) else [str(given)] if given else []
