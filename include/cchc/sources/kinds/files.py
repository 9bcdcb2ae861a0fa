"""Registers that units keep as files: CSV, NDJSON and XLSX in a declared vocabulary, in a folder or object store.

Every register is read whole each night; the window is only recorded. Per dataset the profile's `select` names

========  =======================================================================
files     file name pattern below the source's folder (``so_tiep_nhan_*.csv``)
format    csv, ndjson or xlsx
sheet     the sheet of an xlsx
========  =======================================================================

and the profile option `expected` lists the datasets whose file must be there. Of any other dataset without a file
the source says nothing (`absent`), which is not the same as a register without rows.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import fsspec

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import DatasetMap, Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceUnavailable
from cchc.sources.contract import Connection, RawPage, Window
from cchc.sources.door.screen import HIDDEN, shown
from cchc.sources.formats.headings import Headings, MissingHeading
from cchc.sources.formats.strict_json import BadJson, parse
from cchc.sources.formats.workbook import BadWorkbook, rows_of_sheet

Row = tuple[str, dict[str, Any]]  # its place in the file, and its cells

_ROWS = 1_000  # of a file, to a page
_DELIMITERS = (",", ";", "\t")
_LONGEST_LINE = 1_000_000
_LARGEST_WORKBOOK = 50 * 1024 * 1024


class Files:
    """The registers of one unit, in `folder` below the connection's address."""

    def __init__(
        self,
        source: str,
        profile: Profile,
        connection: Connection,
        folder: str,
        datasets: Sequence[DatasetName],
    ) -> None:
        if ".." in PurePosixPath(folder).parts or folder.startswith("/"):
            raise ConfigurationError(
                f"source {source}: folder {folder!r} leads out of the connection's folder"
            )
        options = {}
        if connection.login and not connection.url.startswith("file:"):
            options = {"key": connection.login, "secret": connection.password}
        try:
            self._fs, base = fsspec.core.url_to_fs(connection.url, **options)
        except (ImportError, ValueError) as error:
            scheme = connection.url.partition(":")[0]
            raise ConfigurationError(
                f"source {source}: folders at {scheme}: need a package that is not installed ({error})"
            ) from None
        self._folder = f"{base.rstrip('/')}/{folder}".rstrip("/")
        self._source = source
        self._maps = {name: profile.datasets[name] for name in datasets}
        self._expected = {str(name) for name in profile.options.get("expected", ())}
        self.absent: set[DatasetName] = set()  # datasets without a file

    def read(self, window: Window) -> Generator[RawPage]:
        """Yield every row of every register, whatever the window."""
        self._fs.invalidate_cache()
        try:
            present = self._fs.isdir(self._folder)
        except OSError as error:
            raise self._unreadable(error, "") from None
        if not present:
            text = "the unit's folder is not there; is the share mounted?"
            raise SourceUnavailable(self._source, text, where=PurePosixPath(self._folder).name)
        for dataset, dataset_map in self._maps.items():
            pattern = str(dataset_map.select["files"])
            paths = sorted(self._fs.glob(f"{self._folder}/{pattern}"))
            if not paths and dataset in self._expected:
                text = "the file is not there; the unit must put it into its folder."
                raise ContractBroken(self._source, text, where=pattern)
            if not paths:
                self.absent.add(dataset)
            for path in paths:
                yield from self._file(dataset, dataset_map, path)

    def totals(self) -> Mapping[DatasetName, int]:
        """Return nothing: a register states no total."""
        return {}

    def _file(self, dataset: DatasetName, dataset_map: DatasetMap, path: str) -> Iterator[RawPage]:
        name = shown(PurePosixPath(path).name)
        if name == HIDDEN:  # a file named after a person: the pattern tells whose registers it is of
            name = f"{dataset_map.select['files']} {HIDDEN}"
        form = dataset_map.select.get("format")
        readers = {"csv": self._csv, "ndjson": self._ndjson, "xlsx": self._xlsx}
        if form not in readers:
            raise ConfigurationError(f"dataset {dataset}: select.format must be one of {', '.join(readers)}")
        try:
            before = self._fs.info(path)["size"]
            page, rows = readers[form](dataset_map, path, name)
            while found := list(islice(rows, _ROWS)):
                yield RawPage(dataset, page, [record for _, record in found], [row for row, _ in found])
            self._fs.invalidate_cache()
            if self._fs.info(path)["size"] != before:
                text = "the file changed while it was read; someone is writing it"
                raise SourceUnavailable(self._source, text, where=name)
        except OSError as error:
            raise self._unreadable(error, name) from None

    def _csv(self, dataset_map: DatasetMap, path: str, name: str) -> tuple[str, Iterator[Row]]:
        return name, self._csv_rows(dataset_map, path, name)

    def _csv_rows(self, dataset_map: DatasetMap, path: str, name: str) -> Iterator[Row]:
        with self._fs.open(path, "rb") as raw:
            lines, number = _lines(raw), 0
            try:
                first = next(lines, "")
                if not first.strip():
                    raise ContractBroken(self._source, "the file is empty: not even its headings", where=name)
                delimiter, headings = _header_of_csv(first, dataset_map)
                reader = csv.reader(_with_first(first, lines), delimiter=delimiter, strict=True)
                next(reader, None)
                number = reader.line_num
                for cells in reader:
                    number = reader.line_num
                    if not any(cell.strip() for cell in cells):
                        continue
                    if len(cells) != headings.width:
                        text = (
                            f"the row has {len(cells)} cells, the heading has {headings.width}: "
                            f"it was cut off, or a text with {delimiter!r} in it stands without quotes"
                        )
                        raise ContractBroken(self._source, text, where=f"{name}:{number}")
                    yield f":{number}", headings.record(cells)
            except MissingHeading as missing:
                raise self._no_heading(missing, name) from None
            except UnicodeDecodeError:
                text = "the file is not UTF-8; save it as CSV UTF-8."
                raise ContractBroken(self._source, text, where=name) from None
            except csv.Error as error:
                if "field limit" in str(error):
                    text = f"a cell is longer than {csv.field_size_limit()} characters"
                else:
                    text = "the quotes of the file do not match, or it was cut off"
                raise ContractBroken(self._source, text, where=f"{name}:{number + 1}") from None

    def _ndjson(self, _map: DatasetMap, path: str, name: str) -> tuple[str, Iterator[Row]]:
        return name, self._ndjson_rows(path, name)

    def _ndjson_rows(self, path: str, name: str) -> Iterator[Row]:
        with self._fs.open(path, "rb") as raw:
            for number, line in enumerate(iter(lambda: raw.readline(_LONGEST_LINE + 1), b""), 1):
                if not line.strip():
                    continue
                where = f"{name}:{number}"
                if len(line) > _LONGEST_LINE:
                    raise ContractBroken(self._source, f"the line is over {_LONGEST_LINE} bytes", where=where)
                try:
                    row = parse(line)
                except BadJson as bad:
                    text = f"the line cannot be read: {bad}" + (" (cut off)" if bad.cut_short else "")
                    raise ContractBroken(self._source, text, where=where) from None
                if not isinstance(row, dict):
                    raise ContractBroken(self._source, "the line is not a JSON object", where=where)
                yield f":{number}", row

    def _xlsx(self, dataset_map: DatasetMap, path: str, name: str) -> tuple[str, Iterator[Row]]:
        sheet = str(dataset_map.select.get("sheet", ""))
        page = f"{name} sheet {sheet}"
        return page, self._xlsx_rows(dataset_map, path, name, sheet, page)

    def _xlsx_rows(
        self, dataset_map: DatasetMap, path: str, name: str, sheet: str, page: str
    ) -> Iterator[Row]:
        if self._fs.info(path)["size"] > _LARGEST_WORKBOOK:
            text = f"the workbook is over {_LARGEST_WORKBOOK // 1024 // 1024} MB"
            raise ContractBroken(self._source, text, where=name)
        try:
            rows = rows_of_sheet(self._fs.cat_file(path), sheet, dataset_map)
            for number, record in rows:
                yield f" row {number}", record
        except BadWorkbook as bad:
            raise ContractBroken(self._source, str(bad), where=name) from None
        except MissingHeading as missing:
            raise self._no_heading(missing, page) from None

    def _no_heading(self, missing: MissingHeading, where: str) -> ContractBroken:
        return ContractBroken(self._source, str(missing), where=where)

    def _unreadable(self, error: OSError, name: str) -> SourceUnavailable:
        text = f"the file or folder cannot be read: {error.strerror or type(error).__name__}"
        return SourceUnavailable(self._source, text, where=name)


def _lines(raw: Any) -> Iterator[str]:
    """Yield the lines of a UTF-8 file (with or without byte order mark), line ends kept."""
    encoding = "utf-8-sig"
    while line := raw.readline(_LONGEST_LINE):
        yield line.decode(encoding)
        encoding = "utf-8"


def _with_first(first: str, lines: Iterable[str]) -> Iterator[str]:
    yield first
    yield from lines


def _header_of_csv(line: str, dataset_map: DatasetMap) -> tuple[str, Headings]:
    """Return the delimiter under which the first line holds the profile's headings, and the headings."""
    best: MissingHeading | None = None
    for delimiter in _DELIMITERS:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
            return delimiter, Headings(cells, dataset_map)
        except MissingHeading as missing:
            if best is None or missing.found > best.found:
                best = missing
    assert best is not None  # noqa: S101  there are delimiters, and each of them failed
    raise best
