"""Landing files: blocks of columns, the same bytes for the same content, complete or not there.

``<root>/<source>/<dataset>/<from>_<to>/<sha16>.columns.zst``. Each line of the unpacked file is JSON: a block of rows,
by column, and last the counts, so that the checksum covers them too (ADR 20). A file is written under another name and
renamed; it is never changed. Files of before (`.ndjson.gz`, a row a line) are still read.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, BinaryIO, Self, cast
from uuid import UUID, uuid4

import fsspec
import orjson
import pyarrow as pa
from sqlalchemy import Connection

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Source
from cchc.errors import CchcError
from cchc.landing.delivery import Block, Delivery, LandedRow, identity
from cchc.landing.sql import query
from cchc.sources.connector import Window
from cchc.sources.door.columns import ABSENT, Absent

_CHUNK = 1024 * 1024
_COUNTS = "counts"
_ROWS_OF_A_BLOCK = 1_000
_ROW_FILE = ".ndjson.gz"
_TEXTS = frozenset({str, type(None), Absent})


class Spool:
    """Rows on their way to landing, in a temporary file, so that memory stays constant. Close it."""

    def __init__(self) -> None:
        self._file = cast(BinaryIO, tempfile.TemporaryFile(prefix="cchc-landing-"))  # noqa: SIM115
        # a handle of its own, which is closed with the stream
        handle = os.fdopen(os.dup(self._file.fileno()), "wb")
        self._packed = pa.CompressedOutputStream(pa.PythonFile(handle, "w"), "zstd")
        self._sha = hashlib.sha256()
        self._ended = False
        self.received = 0
        self.refused = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def landed(self) -> int:
        """How many rows were kept."""
        return self.received - self.refused

    def take(
        self,
        records: int,
        numbers: Sequence[int],
        pages: Sequence[str],
        columns: Mapping[str, Sequence[str | Absent | None]],
    ) -> None:
        """Keep those of so many records whose `numbers` (from 0) are given, by column; the others were refused."""
        first = self.received + 1
        self.received += records
        self.refused += records - len(numbers)
        if not numbers:
            return
        row: dict[str, Any] = {"row_no": [first + number for number in numbers], "columns": columns}
        row["page"] = pages[0] if pages.count(pages[0]) == len(pages) else pages
        absent = {path: _absent(column) for path, column in columns.items() if ABSENT in column}
        if absent:
            row["absent"] = absent
            row["columns"] = {
                path: [None if text is ABSENT else text for text in column] if path in absent else column
                for path, column in columns.items()
            }
        self._line(row)

    def end(self) -> tuple[BinaryIO, str, int]:
        """Return the complete packed file at its beginning, the checksum of its content, and its size in bytes."""
        if not self._ended:
            counts = {"received": self.received, "refused": self.refused, "landed": self.landed}
            self._line({_COUNTS: counts})
            self._packed.close()
            self._ended = True
        size = self._file.seek(0, 2)
        self._file.seek(0)
        return self._file, self._sha.hexdigest(), size

    def close(self) -> None:
        """Throw the temporary file away."""
        self._packed.close()
        self._file.close()

    def _line(self, row: dict[str, Any]) -> None:
        line = orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
        self._sha.update(line)
        self._packed.write(line)


def _absent(column: Sequence[str | Absent | None]) -> list[int]:
    return [at for at, text in enumerate(column) if text is ABSENT]


def store(
    root: str,
    spool: Spool,
    *,
    source: Source,
    dataset: DatasetName,
    window: Window,
    pulled_at: datetime,
    source_total: int | None = None,
    unknown_fields: tuple[str, ...] = (),
) -> Delivery:
    """Write the spooled rows into landing and return the delivery; what is there already is left as it is."""
    packed, sha256, size = spool.end()
    place = f"{source.code}/{dataset}/{window.start}_{window.end}"
    path = f"{root.rstrip('/')}/{place}/{sha256[:16]}.columns.zst"
    try:
        fs, final = fsspec.core.url_to_fs(path)
        if not _is_there(fs, final, packed, size):
            fs.makedirs(final.rpartition("/")[0], exist_ok=True)
            part = f"{final}.{uuid4().hex}.part"
            with fs.open(part, "wb") as target:
                while chunk := packed.read(_CHUNK):
                    target.write(chunk)
            fs.mv(part, final)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CchcError(f"landing file {path} cannot be written: {reason}; see CCHC_LANDING") from error
    return Delivery(
        delivery_id=identity(source.unit, source.code, dataset, window.start, window.end, sha256),
        unit_code=source.unit,
        source_code=source.code,
        dataset=dataset,
        window_from=window.start,
        window_to=window.end,
        path=path,
        sha256=sha256,
        bytes=size,
        received=spool.received,
        refused=spool.refused,
        landed=spool.landed,
        source_total=source_total,
        unknown_fields=unknown_fields,
        profile_code=source.profile,
        pulled_at=pulled_at,
    )


def _is_there(fs: Any, final: str, packed: BinaryIO, size: int) -> bool:
    """Whether the file lies in landing undamaged; `packed` is at its beginning afterwards."""
    if not fs.exists(final) or fs.info(final)["size"] != size:
        return False
    with fs.open(final, "rb") as stored:
        while chunk := packed.read(_CHUNK):
            if stored.read(len(chunk)) != chunk:
                packed.seek(0)
                return False
    packed.seek(0)
    return True


def read(delivery: Delivery) -> Iterator[LandedRow]:
    """Yield a delivery's rows; otherwise as `read_blocks`."""
    for block in read_blocks(delivery):
        yield from block.rows()


def read_blocks(delivery: Delivery) -> Iterator[Block]:
    """Yield a delivery's rows by column, and verify the file meanwhile.

    Raises `CchcError` naming a file that is missing or damaged. Damage may show only at the end, so use the rows in
    a transaction.
    """
    sha, rows, counts = hashlib.sha256(), 0, None
    by_row = delivery.path.endswith(_ROW_FILE)
    waiting: list[LandedRow] = []
    try:
        with fsspec.open(delivery.path, "rb") as raw, _unpacked(raw, by_row) as lines:
            for line in lines:
                sha.update(line)
                found = orjson.loads(line)
                if _COUNTS in found:
                    counts = found[_COUNTS]
                elif by_row:
                    waiting.append(LandedRow(found["row_no"], found["page"], found["fields"]))
                    if len(waiting) < _ROWS_OF_A_BLOCK:
                        continue
                    rows += len(waiting)
                    yield _sound(Block.of(waiting))
                    waiting = []
                else:
                    block = _block(found)
                    rows += len(block.row_no)
                    yield block
            if waiting:
                rows += len(waiting)
                yield _sound(Block.of(waiting))
    except FileNotFoundError:
        raise _damaged(delivery, "it is missing") from None
    except (
        OSError,
        EOFError,
        zlib.error,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
    ) as error:
        raise _damaged(delivery, f"it cannot be read ({type(error).__name__})") from None
    if sha.hexdigest() != delivery.sha256:
        raise _damaged(delivery, "its checksum is another than the manifest's")
    if counts is None or rows != delivery.landed:
        raise _damaged(delivery, f"it holds {rows} rows, the manifest says {delivery.landed}")


def _unpacked(raw: Any, by_row: bool) -> BinaryIO:
    if by_row:
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw, mode="rb"))
    return cast(
        BinaryIO, io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd"), _CHUNK)
    )


def _block(found: Mapping[str, Any]) -> Block:
    numbers, page, columns = found["row_no"], found["page"], found["columns"]
    for path, places in found.get("absent", {}).items():
        for at in places:
            columns[path][at] = ABSENT
    return _sound(Block(numbers, [page] * len(numbers) if isinstance(page, str) else page, columns))


def _sound(block: Block) -> Block:
    """Return a block; raises `ValueError` unless all its columns are as long as it and of nothing but texts."""
    size = len(block.row_no)
    if not set(map(type, block.row_no)) <= {int} or not set(map(type, block.page)) <= {str}:
        raise ValueError
    if size and not 0 < min(block.row_no) <= max(block.row_no) < 2**63:
        raise ValueError
    for column in (block.page, *block.columns.values()):
        if not isinstance(column, list) or len(column) != size or not set(map(type, column)) <= _TEXTS:
            raise ValueError
    return block


def _damaged(delivery: Delivery, what: str) -> CchcError:
    return CchcError(
        f"landing file {delivery.path} is damaged: {what}. "
        f"Bring it back from a backup, or pull {delivery.source_code} again."
    )


def record(connection: Connection, run_id: UUID, delivery: Delivery) -> None:
    """Write the manifest entry and that this run brought it.

    A delivery that comes again keeps its row: one that was loaded stays loaded, one that was held is judged anew.
    """
    values = delivery.__dict__ | {"run_id": run_id, "unknown_fields": list(delivery.unknown_fields)}
    connection.execute(query("record_delivery"), values)
    connection.execute(query("record_run_delivery"), values)
