"""Landing files: gzip NDJSON, the same bytes for the same content, complete or not there.

``<root>/<source>/<dataset>/<from>_<to>/<sha16>.ndjson.gz``. Each line is a landed row, the last line states the counts,
so the checksum covers them too. A file is written under another name and renamed; it is never changed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, BinaryIO, Self, cast
from uuid import UUID, uuid4

import fsspec
from sqlalchemy import Connection

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Source
from cchc.errors import CchcError
from cchc.landing.delivery import Delivery, LandedRow, identity
from cchc.landing.sql import query
from cchc.sources.contract import Window

_CHUNK = 1024 * 1024
_COUNTS = "counts"
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Spool:
    """Rows on their way to landing, in a temporary file, so that memory stays constant. Close it."""

    def __init__(self) -> None:
        self._file = cast(BinaryIO, tempfile.TemporaryFile(prefix="cchc-landing-"))  # noqa: SIM115
        # no file name and no time in the header: the same rows give the same bytes
        self._gzip = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=self._file, mtime=0)
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

    def add(self, page: str, fields: dict[str, str | None]) -> None:
        """Keep one record."""
        self.received += 1
        self._line({"fields": fields, "page": page, "row_no": self.received})

    def refuse(self) -> None:
        """Count a record that may not be kept."""
        self.received += 1
        self.refused += 1

    def end(self) -> tuple[BinaryIO, str, int]:
        """Return the complete packed file at its beginning, the checksum of its content, and its size in bytes."""
        if not self._ended:
            counts = {"received": self.received, "refused": self.refused, "landed": self.landed}
            self._line({_COUNTS: counts})
            self._gzip.close()
            self._ended = True
        size = self._file.seek(0, 2)
        self._file.seek(0)
        return self._file, self._sha.hexdigest(), size

    def close(self) -> None:
        """Throw the temporary file away."""
        self._gzip.close()
        self._file.close()

    def _line(self, row: dict[str, Any]) -> None:
        line = _ENCODER.encode(row).encode("utf-8") + b"\n"
        self._sha.update(line)
        self._gzip.write(line)


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
    path = f"{root.rstrip('/')}/{place}/{sha256[:16]}.ndjson.gz"
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
        delivery_id=identity(source.code, dataset, window.start, window.end, sha256),
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
    """Yield a delivery's rows and verify the file meanwhile.

    Raises `CchcError` naming a file that is missing or damaged. Damage may show only at the end, so use the rows in
    a transaction.
    """
    sha, rows, counts = hashlib.sha256(), 0, None
    try:
        with fsspec.open(delivery.path, "rb") as raw, gzip.GzipFile(fileobj=raw, mode="rb") as lines:
            for line in lines:
                sha.update(line)
                found = json.loads(line)
                if _COUNTS in found:
                    counts = found[_COUNTS]
                    continue
                rows += 1
                yield LandedRow(found["row_no"], found["page"], found["fields"])
    except FileNotFoundError:
        raise _damaged(delivery, "it is missing") from None
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise _damaged(delivery, f"it cannot be read ({type(error).__name__})") from None
    if sha.hexdigest() != delivery.sha256:
        raise _damaged(delivery, "its checksum is another than the manifest's")
    if counts is None or rows != delivery.landed:
        raise _damaged(delivery, f"it holds {rows} rows, the manifest says {delivery.landed}")


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
