"""Scores of Bộ chỉ số 766 from the national portal's reporting API: one POST a group, month and page.

Profile options:

===============  ====================================================================================
path             path of the endpoints below the connection's address
page_size        units of a page; more than the province has, so that one page holds them all
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

A list is whole when it has as many units as `pagination.total` states. Where none is stated (`parent` and
`children`), it is whole when it has as many as the groups before state for the same month, else when a page is empty:
that a page is not full proves nothing. Anything else is an error: the portal that answers the same page whatever page
is asked for has not given the other units.
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
from cchc.catalogue.profiles import Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceUnavailable
from cchc.sources.connector import Connection, RawPage, Window
from cchc.sources.door.screen import shown
from cchc.sources.texts import as_text
from cchc.sources.web.paging import Record, records_of, total_of
from cchc.sources.web.session import Http


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

    def read(self, window: Window) -> Generator[RawPage]:
        """Yield every score of the calendar months that the window touches and of those just before it."""
        try:
            for start, end in months(window, self._options.months_back):
                stated: set[int] = set()
                for asked in self._options.groups:
                    yield from self._group(asked, start, end, stated)
        finally:
            self._http.close()

    def totals(self) -> Mapping[DatasetName, int]:
        """Return nothing: the portal's totals are of units, not of records, and are held to page by page."""
        return {}

    def _group(self, asked: EndpointOf, start: date, end: date, stated: set[int]) -> Iterator[RawPage]:
        """Yield a group's month, each unit once, the unit that was asked for first.

        `stated` holds the totals of units that the month's groups before stated; this one's is added.
        Raises `ContractBroken` where the pages do not prove that they are all, `SourceUnavailable` where the list
        moved while it was read.
        """
        reading = Reading(self._source, self._options.page_size, stated)
        number, first = self._options.first_page, None
        while not reading.whole:
            where = f"{asked.endpoint} {start:%Y-%m} page {number}"
            data = self._page(asked, start, number, where)
            if data is None and first is None:
                return
            whole = (data or {}).get(asked.whole)
            if not isinstance(whole, dict):
                raise ContractBroken(self._source, f"field {asked.whole} is no object", where=where)
            self._check_columns(asked, whole, where)
            members = records_of(self._source, where, asked.members, (data or {}).get(asked.members))
            reading.add(members, (data or {}).get("pagination"), where)
            dates = {"@from": start.isoformat(), "@to": end.isoformat()}
            rows = members if whole == first else (whole, *members)
            scores = [record | dates for row in rows for record in self._records_of(asked, row, where)]
            yield RawPage("official_score", where, scores)
            number, first = number + 1, whole

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
            code = shown(as_text(answer.get("code")) or "none", 20)
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


class Reading:
    """How much of one list has come, page by page, and whether that is all of it."""

    def __init__(self, source: str, size: int, stated: set[int]) -> None:
        self.whole = False
        self._source, self._size, self._stated = source, size, stated
        self._total: int | None = None  # units, as the portal states it
        self._received = 0
        self._known: set[str] = set()  # units of the pages before

    def add(self, members: Sequence[Record], pagination: Any, where: str) -> None:
        """Take the next page; raises `ContractBroken` and `SourceUnavailable` as `Portal766` says."""
        if pagination is not None:
            self._hold_to(pagination, where)
        of_page = {_identity(row) for row in members}
        again = of_page & self._known
        if of_page and again == of_page:
            text = "the page repeats units of earlier pages: the portal ignores the page number, other units may lack"
            raise ContractBroken(self._source, text, where=where, action=self._larger())
        if again:
            text = f"{len(again)} units stood on an earlier page: the list moved while it was read"
            raise SourceUnavailable(self._source, text, where=where)
        self._known |= of_page
        self._received += len(members)
        if self._total is not None:
            if self._received > self._total or (not members and self._received < self._total):
                text = f"the portal states a total of {self._total} units and gives {self._received}"
                raise ContractBroken(self._source, text, where=where, action=self._larger())
            self.whole = self._received == self._total
        elif self._stated == {self._received}:
            self.whole = True
        elif len(members) > self._size:
            text = (
                f"the page holds {len(members)} units, {self._size} were asked for: nothing says they are all"
            )
            raise ContractBroken(self._source, text, where=where, action=self._larger())
        else:
            self.whole = not members

    def _hold_to(self, pagination: Any, where: str) -> None:
        stated = pagination.get("total") if isinstance(pagination, dict) else pagination
        total = total_of(self._source, where, "pagination.total", stated)
        if self._total not in (None, total):
            text = f"the total changed from {self._total} to {total} while the list was read"
            raise SourceUnavailable(self._source, text, where=where)
        self._total = total
        self._stated.add(total)

    def _larger(self) -> str:
        return (
            f"Set options.page_size of the profile (now {self._size}) above the number of the province's units, "
            "so that one page holds them all; if that does not help, the portal's API has changed"
        )


def _identity(row: Record) -> str:
    """Return what names a unit in an answer; a row without a name is only itself."""
    return as_text(row.get("departmentId")) or as_text(row.get("departmentCode")) or repr(row)


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
