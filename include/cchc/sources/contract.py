"""What every connector promises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from cchc.catalogue.base import DatasetName


@dataclass(frozen=True)
class Window:
    """The local days to read, both inclusive."""

    start: date
    end: date


@dataclass(frozen=True)
class RawRecord:
    """One record as the source gave it; personal fields are still in it, so it goes through the door and no further.

    `page` is what the source handed over at once (a page, a file, a sheet), `row` the place within it.
    """

    dataset: DatasetName
    page: str
    payload: Mapping[str, Any] = field(repr=False)
    row: str = ""

    @property
    def place(self) -> str:
        """Where the record stands in the source, as a person would look for it."""
        return f"{self.page}{self.row}"


@dataclass(frozen=True)
class Connection:
    """Address and credentials of a server or folder."""

    url: str
    login: str = ""
    password: str = field(default="", repr=False)


#: Connection code → connection; raises `ConfigurationError` naming AIRFLOW_CONN_<CODE> where there is none.
Resolver = Callable[[str], Connection]


class Connector(Protocol):
    """Reads one source. A failure is a `SourceError` that names the place; nothing is swallowed."""

    @property
    def absent(self) -> Collection[DatasetName]:
        """The datasets that the source says nothing about, not even that there are no rows; known after `records`."""
        ...

    def records(self, window: Window) -> Generator[RawRecord]:
        """Yield every record of the window, or raise; closing the generator lets go of connections."""
        ...

    def totals(self) -> Mapping[DatasetName, int]:
        """Return how many records the source itself says there are; known only after `records` is exhausted."""
        ...
