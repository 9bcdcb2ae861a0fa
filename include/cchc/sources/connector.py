"""What every connector promises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
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
class RawPage:
    """Records that a source handed over at once; personal fields are still in them: they go to the door and no further.

    `name` is what they are part of (a page, a file, a sheet; a long file comes as several of one name), `rows` the
    place of each within it, where the source has such places.
    """

    dataset: DatasetName
    name: str
    records: Sequence[Mapping[str, Any]] = field(repr=False)
    rows: Sequence[str] = field(default=(), repr=False)

    def place(self, number: int) -> str:
        """Where the record of that number (from 0) stands in the source, as a person would look for it."""
        return f"{self.name}{self.rows[number]}" if self.rows else self.name

    def places(self, numbers: Sequence[int]) -> Sequence[str]:
        """Return what `place` says of each of some records."""
        return [self.place(number) for number in numbers] if self.rows else [self.name] * len(numbers)


@dataclass(frozen=True)
class Connection:
    """Address and credentials of a server or folder."""

    url: str
    login: str = ""
    password: str = field(default="", repr=False)
    client_cert: str = ""  # PEM file with our certificate and its key, for servers that ask for one


#: Connection code → connection; raises `ConfigurationError` naming AIRFLOW_CONN_<CODE> where there is none.
Resolver = Callable[[str], Connection]


class Connector(Protocol):
    """Reads one source. A failure is a `SourceError` that names the place; nothing is swallowed."""

    @property
    def absent(self) -> Collection[DatasetName]:
        """The datasets that the source says nothing about, not even that there are no rows; known after `read`."""
        ...

    def read(self, window: Window) -> Generator[RawPage]:
        """Yield every record of the window, or raise; closing the generator lets go of connections."""
        ...

    def totals(self) -> Mapping[DatasetName, int]:
        """Return how many records the source itself says there are; known only after `read` is exhausted."""
        ...
