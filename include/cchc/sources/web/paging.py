"""Reading a list page by page, and proving at the end that it was read whole and once."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field

from cchc.catalogue.base import Model
from cchc.errors import ContractBroken, SourceError, SourceUnavailable
from cchc.sources.door.columns import Records
from cchc.sources.texts import as_text
from cchc.sources.web.json_path import JsonPath
from cchc.sources.web.session import NoContent, NotThere

log = logging.getLogger(__name__)

Record = dict[str, Any]

# possessive: what a server makes up costs no more time than its length
_PARAMETER = r"""\s*+;\s*+([^\s=;,"]++)(?:\s*+=\s*+(?:"([^"]*+)"|([^\s;,"]*+)))?+"""
_PARAMETERS = re.compile(_PARAMETER)
_LINK = re.compile(rf"\s*+<([^<>]*+)>((?:{_PARAMETER})*+)\s*+(?:,|$)")
# the order in which its fields stand is not of a record
_IN_ORDER = json.JSONEncoder(sort_keys=True, check_circular=False)
_WHOLE = re.compile(r"(\d+)(?:\.0+)?", re.ASCII)
_MOST_RECORDS = 100_000_000  # what is longer is no count, and may be a number of a person: not repeated
_NO_COUNT = "; is it capped, or the count of one page?"


class ByOffset(Model):
    """`{start}` and `{end}` (exclusive) number the rows from 0."""

    type: Literal["offset"]


class ByNumber(Model):
    """`{page}` numbers the pages."""

    type: Literal["page"]
    first: int = Field(default=1, ge=0)


class ByCursor(Model):
    """`{cursor}` is what the page before said at `next`; null or an empty text there is the end."""

    type: Literal["cursor"]
    next: JsonPath = Field(min_length=1)
    next_left_out: bool = False  # the last page does not name the field at all


class ByLink(Model):
    """The page before names the address of the next: at `next`, or in its `Link` header where that is not given."""

    type: Literal["link"]
    next: JsonPath | None = None
    next_left_out: bool = False


class Whole(Model):
    """One answer holds the whole list."""

    type: Literal["none"] = "none"


Paging = Annotated[ByOffset | ByNumber | ByCursor | ByLink | Whole, Field(discriminator="type")]


@dataclass(frozen=True)
class Page:
    """One page as the source gave it: its number from 1, its records, the total it states (None: it states none).

    `more` is whether the source says that further pages follow; None where it does not say. `names` tells the records
    apart, one for each; none where there is nothing to tell them from.
    """

    number: int
    records: Sequence[Record]
    total: int | None
    more: bool | None = None
    names: Sequence[str] = ()


def records_of(source: str, where: str, field: str, value: Any) -> Sequence[Record]:
    """Return the list of records in an answer's field; raises `ContractBroken` for any other type."""
    if isinstance(value, Records):
        return value
    if not isinstance(value, list):
        found = "missing" if value is None else f"of type {_kind(value)}"
        raise ContractBroken(source, f"field {field} is {found}, a list is expected", where=where)
    for number, record in enumerate(value, 1):
        if not isinstance(record, dict):
            text = f"record {number} in field {field} is of type {_kind(record)}, an object is expected"
            raise ContractBroken(source, text, where=where)
    return value


def total_of(source: str, where: str, field: str, value: Any) -> int:
    """Return the total an answer states, a whole number (40, 40.0) or its text; raises `ContractBroken` otherwise."""
    if isinstance(value, str) and (digits := _WHOLE.fullmatch(value.strip())):
        value = int(digits[1].lstrip("0")[:12] or 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _MOST_RECORDS:
        found = "missing" if value is None else f"of type {_kind(value)}, negative or out of all proportion"
        raise ContractBroken(
            source, f"field {field} is {found}, a number of records is expected", where=where
        )
    return value


def next_of(source: str, where: str, field: str, value: Any) -> str | None:
    """Return the cursor or link of the next page, None where there is none; raises `ContractBroken` for no text."""
    if isinstance(value, dict | list | Records | bool):
        text = f"field {field} is of type {_kind(value)}, a text or number is expected"
        raise ContractBroken(source, text, where=where)
    return as_text(value) or None


def next_link(source: str, where: str, header: str) -> str | None:
    """Return the address of relation `next` in a `Link` header (RFC 8288), None where it has none.

    Raises `ContractBroken` for a header that is written in another way: it may have one.
    """
    place = 0
    while place < len(header.rstrip()):
        link = _LINK.match(header, place)
        if link is None:
            text = 'the header Link cannot be read, <address>; rel="next" is expected'
            raise ContractBroken(source, text, where=where)
        named = ((p[1].lower(), p[2] or p[3] or "") for p in _PARAMETERS.finditer(link[2]))
        # quotes of the other kind are part of a word to RFC 8288; a server that writes them means quotes
        if any(name == "rel" and "next" in said.lower().strip("'").split() for name, said in named):
            return link[1]
        place = link.end()
    return None


def names_of(records: Sequence[Record], _where: str = "") -> list[str]:
    """Return what stands for the whole content of each record, short as it may be kept for each of a long list."""
    return [f"={hash(_IN_ORDER.encode(record))}" for record in records]


def pages(
    source: str,
    size: int | None,
    fetch: Callable[[int, str], Page],
    place: str = "page",
    numbered: bool = True,
    names: Callable[[Sequence[Record], str], list[str]] | None = None,
) -> Iterator[Page]:
    """Yield the pages 1, 2 … that `fetch` returns, until they prove that they are all.

    `size` is how many records were asked for, `numbered` whether pages are asked for by their number or offset, and
    `names` what tells records apart (default: their content).
    A short page proves nothing: the end is where the source says that nothing follows, else where the stated total is
    reached, else an empty page. A total that a full page reaches may be capped, or count that page alone, so one more
    page is asked for; where that is empty or there is none, it is the end, whatever it states of a total. So it is
    where that is the page before once more, by number and behind page 2: some servers give the last page for every one
    that is not there. Page 1 once more is none: the server may not see which page it is asked for.
    A record of an earlier page that comes again may mean that the list moved, and that another one went over to a page
    that was read. It does not where pages by cursor or link begin with the end of the page before, and where the list
    has a copy of a record without an identity, which a total counts: then the list reads the same a second time.
    Raises `ContractBroken` where a page repeats an earlier one or is too long, where the pages do not add up to the
    total, and where none is stated and a short page by number is followed by more (a server that gives fewer than it is
    asked for skips the rest), and `SourceUnavailable` where the list moves meanwhile: read again.
    """
    seen = _Seen(source, names or names_of)
    copies = names is None  # the list may hold; of what has an identity there is one
    total: int | None = None
    before: Page | None = None
    received = number = longest = 0
    short = False
    while True:
        number += 1
        where = f"{place} {number}"
        page = _next(fetch, number, where, total, numbered and total == received)
        if numbered and number > 2 and total == received and _is_same(page, before):
            break
        before = page
        received += len(page.records)
        if names is not None or number > 1 or page.more is not False:
            page = seen.named(page, where)
        count = received if numbered else received - seen.again
        if number > 1 and total != page.total:
            raise _changed(source, total, page, received if numbered else 0, where)
        if seen.again and not (copies and page.total is not None) and (numbered or not seen.overlap):
            raise seen.moved()
        if short and page.total is None and page.records:
            raise ContractBroken(
                source,
                f"page {number - 1} was not full and more follow, so records may have been skipped",
                where=where,
                action=f"Set page_size (now {size}) to what the system gives at once: so far {longest} at most",
            )
        total = page.total
        if size is not None and len(page.records) > size:
            text = f"the page holds {len(page.records)} records, more than were asked for (page_size {size})"
            raise ContractBroken(source, text, where=where)
        full = bool(page.records) and len(page.records) >= (longest or size or 0)
        last = _is_last(page, count, full)
        whole = total == count or (copies and total == received)
        if total is not None and (count > total or (last and not whole)):
            if seen.first_again:
                raise seen.moved()
            text = f"the source states a total of {total} records, but its pages hold {received}"
            text += "; does it give fewer at once than page_size asks for?" if received < total else _NO_COUNT
            raise ContractBroken(source, text, where=where)
        longest = max(longest, len(page.records))
        short = numbered and len(page.records) < (size or 0)
        yield page
        if last:
            break
    if seen.first_again:
        seen.read_again(fetch, place)


class _Seen:
    """The pages of one way through a list: which records came again, and whether the list stood still meanwhile."""

    def __init__(self, source: str, names: Callable[[Sequence[Record], str], list[str]]) -> None:
        self.again = 0  # records that an earlier page gave
        self.first_again = ""  # the first page with one
        self.overlap = True  # each page begins with those, which are the end of the page before
        self._source, self._names = source, names
        self._seen: set[str] = set()
        self._pages: list[int] = []
        self._last: list[str] = []

    def named(self, page: Page, where: str) -> Page:
        """Return the next page with its names; raises `ContractBroken` for one that repeats an earlier page."""
        names = self._names(page.records, where)
        print_ = hash(tuple(names))
        if names and print_ in self._pages:
            raise ContractBroken(self._source, "the page repeats an earlier page", where=where)
        if not self._seen.isdisjoint(names):
            again = sum(name in self._seen for name in names)
            self.again += again
            self.first_again = self.first_again or where
            self.overlap = self.overlap and names[:again] == self._last[-again:]
        self._pages.append(print_)
        self._seen.update(names)
        self._last = names
        return replace(page, names=names)

    def read_again(self, fetch: Callable[[int, str], Page], place: str) -> None:
        """Raise `SourceUnavailable` where the pages are not what they were."""
        for number, print_ in enumerate(self._pages, 1):
            where = f"{place} {number}"
            records = _next(fetch, number, where, None, reached=True).records
            if hash(tuple(self._names(records, where))) != print_:
                raise self.moved()
        text = "%s [%s]: %d records of earlier pages came again, here first; the list reads the same a second time, so "
        text += "they are copies, or its pages overlap"
        log.warning(text, self._source, self.first_again, self.again)

    def moved(self) -> SourceUnavailable:
        """Return the error for a list that moved while it was read."""
        text = "a record of an earlier page came again: the list moved while it was read"
        return SourceUnavailable(self._source, text, where=self.first_again)


def _next(
    fetch: Callable[[int, str], Page], number: int, where: str, total: int | None, reached: bool
) -> Page:
    """Return the next page.

    An empty one need not state the `total` of the pages before again, nor the same where that is `reached`, unless it
    is more; and then it need not be there (HTTP 404), nor have anything in it (HTTP 204).
    """
    try:
        page = fetch(number, where)
    except (NotThere, NoContent):
        if not reached:
            raise
        return Page(number, [], total, False)
    if total is not None and not page.records and (page.total is None or (reached and not page.more)):
        return replace(page, total=max(total, page.total or 0))
    return page


def _is_same(page: Page, before: Page | None) -> bool:
    """Return whether the page is the one before once more, and says of nothing that follows."""
    return (
        before is not None and not page.more and page.total == before.total and page.records == before.records
    )


def _is_last(page: Page, received: int, full: bool) -> bool:
    if page.more is not None:
        return not page.more
    if page.total is not None and received >= page.total:
        return not full
    return not page.records


def _changed(source: str, total: int | None, page: Page, received: int, where: str) -> SourceError:
    """Return the error for another total than before; fewer than the pages hold so far was never one of the list."""
    text = f"the total changed from {total} to {page.total} while the list was read"
    if page.total is not None and page.records and received > page.total:
        text += f", whose pages hold {received} so far{_NO_COUNT}"
        return ContractBroken(source, text, where=where)
    return SourceUnavailable(source, text, where=where)


def _kind(value: object) -> str:
    names = {dict: "object", list: "list", Records: "list", str: "text", bool: "true/false", int: "number"}
    return names.get(type(value), type(value).__name__)
