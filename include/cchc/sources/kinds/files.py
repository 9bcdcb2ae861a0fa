"""Registers that units keep as files: CSV, NDJSON and workbooks, in a folder, on an SFTP server or in an object store.

Every file is read whole each night; the window is only recorded. A dataset's `select` in the profile names the files
and says how they are laid out (`cchc.sources.formats.layout`), the profile option `expected` lists the datasets whose
file must be there. Of any other dataset without a file the source says nothing (`absent`), which is not the same as a
register without rows.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, BinaryIO, NamedTuple

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Host
from cchc.catalogue.profiles import DatasetMap, Profile
from cchc.errors import ContractBroken
from cchc.sources.connector import Connection, RawPage, Window
from cchc.sources.door.screen import HIDDEN, shown
from cchc.sources.formats import names
from cchc.sources.formats.isolation import BadWorkbook
from cchc.sources.formats.layout import Select, select
from cchc.sources.formats.lines import rows_of_ndjson
from cchc.sources.formats.separated import BadText, rows_of_csv
from cchc.sources.formats.stamps import refuse_name
from cchc.sources.formats.tables.headings import MissingHeading
from cchc.sources.formats.workbook import rows_of_workbook
from cchc.sources.kinds.stores.store import Store, TooLarge

_ROWS = 1_000  # of a file, to a page
_LARGEST_WORKBOOK = 50 * 1024 * 1024
_TOLD = 5  # names in an error


class _Row(NamedTuple):
    part: str  # the sheet, of a workbook
    place: str
    record: dict[str, Any]


class Files:
    """The registers of one unit, in `folder` below the connection's address."""

    def __init__(
        self,
        source: str,
        profile: Profile,
        host: Host,
        connection: Connection,
        folder: str,
        datasets: Sequence[DatasetName],
        named: str = "",
    ) -> None:
        self._source = source
        self._named = named  # the unit, as its files have it
        self._maps = {name: profile.datasets[name] for name in datasets}
        self._selects = {name: select(profile.code, name, found.select) for name, found in self._maps.items()}
        self._expected = {str(name) for name in profile.options.get("expected", ())}
        # also what other sources read from the same folder and workbooks
        self._all = [select(profile.code, name, found.select) for name, found in profile.datasets.items()]
        self._notes: dict[str, str] = {}  # wait for a record that carries them, as fields nobody knows
        self.absent: set[DatasetName] = set()  # datasets without a file
        self._store = Store(source, host, connection, folder)

    def read(self, window: Window) -> Generator[RawPage]:
        """Yield every row of every register, whatever the window."""
        store = self._store.open()
        try:
            store.check()
            unread = self._unread(store)
            self._notes = names.notes("tệp không đọc", unread)
            for dataset, chosen in self._selects.items():
                paths = store.find(chosen.files)
                if not paths and dataset in self._expected:
                    other = f" (there is {', '.join(map(shown, unread[:_TOLD]))})" if unread else ""
                    text = f"the file is not there{other}; the unit must put it into its folder."
                    raise ContractBroken(self._source, text, where=chosen.files)
                if not paths:
                    self.absent.add(dataset)
                self._refuse_copy(paths)
                for path in paths:
                    yield from self._file(store, dataset, path)
        finally:
            store.close()

    def totals(self) -> Mapping[DatasetName, int]:
        """Return nothing: a register states no total."""
        return {}

    def _unread(self, store: Store) -> list[str]:
        """Return the names of files in the folder that look like registers and are of no dataset of the profile."""
        return [
            name
            for name in sorted(store.names())
            if name.lower().endswith(names.REGISTERS)
            and not any(names.matches(name, chosen.files.rpartition("/")[2]) for chosen in self._all)
        ]

    def _refuse_copy(self, paths: Sequence[str]) -> None:
        if pair := names.copy_among(map(names.last, paths)):
            copy, original = map(shown, pair)
            text = f"it looks like a copy of {original}: which of the two counts? The other must go."
            raise ContractBroken(self._source, text, where=copy)

    def _file(self, store: Store, dataset: DatasetName, path: str) -> Iterator[RawPage]:
        chosen = self._selects[dataset]
        name = shown(names.last(path))
        if name == HIDDEN:  # a file named after a person: the pattern tells whose registers it is of
            name = f"{chosen.files} {HIDDEN}"
        part = ""
        try:
            refuse_name(names.last(path))
            most = {"most": _LARGEST_WORKBOOK} if chosen.is_workbook else {}
            with store.opened(path, name, **most) as file:
                rows = self._rows(file, path, chosen, self._maps[dataset])
                for part, of_part in groupby(rows, key=lambda row: row.part):
                    page = f"{name} sheet {shown(part)}" if part else name
                    while found := list(islice(of_part, _ROWS)):
                        records = [row.record for row in found]
                        records[0] |= self._notes
                        self._notes = {}
                        yield RawPage(dataset, page, records, [row.place for row in found])
        except BadText as bad:
            raise ContractBroken(
                self._source, str(bad), where=f"{name}:{bad.line}" if bad.line else name
            ) from None
        except (BadWorkbook, MissingHeading, TooLarge) as bad:
            sheet = next(iter(getattr(bad, "__notes__", ())), "")
            where = f"{name} sheet {shown(sheet)}" if sheet else name
            raise ContractBroken(self._source, str(bad), where=where) from None

    def _rows(self, file: BinaryIO, path: str, chosen: Select, dataset_map: DatasetMap) -> Iterator[_Row]:
        name = names.last(path)
        if chosen.is_workbook:
            others = [s.sheet or s.sheets or "*" for s in self._all if names.matches(name, s.files)]
            rows = rows_of_workbook(file, name, chosen, dataset_map, self._named, others)
            yield from (_Row(*row) for row in rows)
        elif chosen.format == "csv":
            yield from (_Row("", f":{line}", record) for line, record in rows_of_csv(file, dataset_map))
        else:
            yield from (_Row("", f":{line}", record) for line, record in rows_of_ndjson(file))
