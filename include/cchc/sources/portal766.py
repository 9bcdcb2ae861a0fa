"""Scores of Bộ chỉ số 766 from the national portal's reporting API: one POST a group, month and page.

Profile options:

===============  ====================================================================================
path             path of the endpoints below the connection's address
page_size        units of a page
first_page       number of the first page
pause_seconds    rest between two requests
months_back      how many months before the window are read again
score            names under which a unit's points stand, the first one that is there counts
max_score        the same for its highest points
groups           group code, its endpoint, and the columns of its components where the answer has no metrics
===============  ====================================================================================

An answer has either `overview` and `evaluation` with metrics, or `parent` and `children` with counts. Each unit
gives a record for the group (`@component` empty) and one for each component. `@department` is the unit's code, found
by its id in an earlier group where the answer names only the id; `@group`, `@from` and `@to` say what was asked.
A unit that publishes no counts has records without them: not known, never 0.
"""

from __future__ import annotations

import time
from calendar import monthrange
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import Field, ValidationError

from cchc.catalogue.base import Code, DatasetName, Model
from cchc.catalogue.models import Profile
from cchc.errors import ConfigurationError, ContractBroken
from cchc.sources.contract import Connection, RawRecord, Window
from cchc.sources.http import Http
from cchc.sources.paging import Record, records_of
from cchc.sources.texts import as_text


class Columns(Model):
    """Which columns of a unit are added to a component's numerator and denominator."""

    numerator: tuple[str, ...] = Field(min_length=1)
    denominator: tuple[str, ...] = Field(min_length=1)


class EndpointOf(Model):
    """Where a group is asked for; without components its answers carry metrics."""

    group: Code
    endpoint: str
    components: dict[str, Columns] = Field(default_factory=dict)

    @property
    def whole(self) -> str:
        """The field of the unit that was asked for."""
        return "parent" if self.components else "overview"

    @property
    def members(self) -> str:
        """The field of the units below it."""
        return "children" if self.components else "evaluation"


class Options(Model):
    """The profile's options, as the module's text describes them."""

    path: str
    page_size: int = Field(ge=1)
    first_page: int = Field(ge=0)
    pause_seconds: float = Field(ge=0)
    months_back: int = Field(ge=0)
    score: tuple[str, ...] = Field(min_length=1)
    max_score: tuple[str, ...] = Field(min_length=1)
    groups: tuple[EndpointOf, ...] = Field(min_length=1)


class Portal766:
    """The scores of a province and its units; `root` is the province's departmentId on the portal."""

    absent: Collection[DatasetName] = ()  # a server that answers says what there is

    def __init__(self, source: str, profile: Profile, http: Http, connection: Connection, root: str) -> None:
        try:
            self._options = Options.model_validate(profile.options)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ConfigurationError(f"profile {profile.code}: options.{place}: {first['msg']}") from None
        self._source = source
        self._http = http
        self._url = connection.url + self._options.path
        self._root = root
        self._codes: dict[str, Any] = {}  # departmentId → departmentCode, from the answers that name both
        self._asked = False

    def records(self, window: Window) -> Generator[RawRecord]:
        """Yield every score of the calendar months that the window touches and of those just before it."""
        try:
            for start, end in months(window, self._options.months_back):
                for asked in self._options.groups:
                    yield from self._group(asked, start, end)
        finally:
            self._http.close()

    def totals(self) -> Mapping[DatasetName, int]:
        """Return nothing: the portal states no total."""
        return {}

    def _group(self, asked: EndpointOf, start: date, end: date) -> Iterator[RawRecord]:
        """Yield a group's month, each unit once; the list ends with a page that is not full or has nothing new."""
        seen: list[Record] = []
        number = self._options.first_page
        while True:
            where = f"{asked.endpoint} {start:%Y-%m} page {number}"
            data = self._page(asked, start, number, where)
            if data is None:
                return
            whole = data.get(asked.whole)
            if not isinstance(whole, dict):
                raise ContractBroken(self._source, f"field {asked.whole} is no object", where=where)
            self._check_columns(asked, whole, where)
            members = records_of(self._source, where, asked.members, data.get(asked.members))
            fresh = [row for row in (whole, *members) if row not in seen]
            for row in fresh:
                for record in self._records_of(asked, row, where):
                    dated = {**record, "@from": start.isoformat(), "@to": end.isoformat()}
                    yield RawRecord("official_score", where, dated)
            if not fresh or len(members) != self._options.page_size:
                return
            seen += fresh
            number += 1

    def _page(self, asked: EndpointOf, start: date, number: int, where: str) -> Record | None:
        """Return the data of an answer; None where the portal has published nothing for the month."""
        if self._asked:
            time.sleep(self._options.pause_seconds)
        self._asked = True
        body = {
            "timeType": "month",
            "year": start.year,
            "month": start.month,
            "rootDepartmentId": self._root,
            "currentPage": number,
            "pageSize": self._options.page_size,
        }
        answer = self._http.json("POST", self._url + asked.endpoint, where=where, json=body)
        if answer.get("code") != "OK":  # its message may quote anything and is not repeated
            code = (as_text(answer.get("code")) or "none")[:20]
            raise ContractBroken(self._source, f"the portal answers with code {code}, not OK", where=where)
        data = answer.get("data")
        if data is not None and not isinstance(data, dict):
            raise ContractBroken(self._source, "field data is no object", where=where)
        return data

    def _check_columns(self, asked: EndpointOf, whole: Record, where: str) -> None:
        """Raise `ContractBroken` for a renamed column: the unit that was asked for always publishes its counts."""
        columns = [c for both in asked.components.values() for c in both.numerator + both.denominator]
        lacking = [column for column in columns if column not in whole]
        for names in (self._options.score, self._options.max_score):
            if not any(name in whole for name in names):
                lacking.append(" or ".join(names))
        if lacking:
            text = f"field {lacking[0]} is missing in {asked.whole}; was it renamed?"
            raise ContractBroken(self._source, text, where=where)

    def _records_of(self, asked: EndpointOf, row: Record, where: str) -> Iterator[Record]:
        own = {"@department": self._code(row), "@group": asked.group}
        total: Record = {**own, "@component": "", "ratio": row.get("ratio")}
        for field, names in (("score", self._options.score), ("maxScore", self._options.max_score)):
            stated = [name for name in names if name in row]
            if stated:
                total[field] = row[stated[0]]
        yield total
        for code, columns in asked.components.items():
            numerator, denominator = added(row, columns.numerator), added(row, columns.denominator)
            counts = {"numerator": numerator, "denominator": denominator}
            yield {
                **own,
                "@component": code,
                **counts,
                "score": None,
                "maxScore": None,
            }  # only the group has points
        if not asked.components:
            for metric in records_of(self._source, where, "metrics", row.get("metrics")):
                yield {**metric, **own, "@component": metric.get("code")}

    def _code(self, row: Record) -> Any:
        found, known = row.get("departmentCode"), as_text(row.get("departmentId")) or ""
        if found is not None:
            self._codes[known] = found
        return found if found is not None else self._codes.get(known)


def months(window: Window, back: int) -> Iterator[tuple[date, date]]:
    """Yield first and last day of each calendar month of the window and of `back` months before it."""
    first = window.start.year * 12 + window.start.month - 1 - back
    last = window.end.year * 12 + window.end.month - 1
    for number in range(first, last + 1):
        year, month = number // 12, number % 12 + 1
        yield date(year, month, 1), date(year, month, monthrange(year, month)[1])


def added(row: Mapping[str, Any], columns: Sequence[str]) -> str | None:
    """Return the sum of columns; None where one is not given; what is no number stays text for staging to name."""
    texts = [as_text(row.get(column)) for column in columns]
    given = [text for text in texts if text]
    if len(given) < len(texts):
        return None
    if len(given) == 1:
        return given[0]
    try:
        return f"{sum(map(Decimal, given), Decimal(0)):f}"
    except InvalidOperation:
        return " + ".join(given)
