"""A table as CSV and as Parquet: the same rows, the same bytes every time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from cchc.publishing.open_data.columns import Kind
from cchc.publishing.open_data.tables import DataTable

_TYPES: dict[Kind, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),  # counts are whole far below 2^53; shares have few decimals: every program reads doubles
    "date": pa.date32(),
    "boolean": pa.bool_(),
}


def safe(value: object) -> object:
    """Return a text that no spreadsheet takes for a formula (OWASP ASVS 1.2.10), and other values as CSV has them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\0"):
        return "'" + value
    return value


def text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Return rows as CSV; UTF-8 with its mark, so that Excel shows Vietnamese letters."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([safe(row[name]) for name in columns] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_csv(table: DataTable) -> bytes:
    """Return a table as CSV."""
    return text([column.name for column in table.columns], table.rows)


def as_parquet(table: DataTable) -> bytes:
    """Return a table as Parquet; the columns carry what they mean in both languages."""
    schema = pa.schema(
        [
            pa.field(c.name, _TYPES[c.kind], metadata={"description": c.title, "description_en": c.english})
            for c in table.columns
        ],
        metadata={"title": table.title, "title_en": table.english},
    )
    columns = {c.name: [row[c.name] for row in table.rows] for c in table.columns}
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pydict(columns, schema=schema), out, compression="zstd")
    return out.getvalue()
