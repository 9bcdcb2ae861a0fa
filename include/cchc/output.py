"""Print rows for a person or a program: table, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cchc.errors import ConfigurationError

Format = Literal["table", "json", "csv"]
Row = Mapping[str, Any]


_VIETNAMESE = str.maketrans(",.", ".,")  # 1,234.5 is written 1.234,5


def _plain(value: object) -> object:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(v) for key, v in value.items()}
    return value


def _text(value: object) -> object:
    """Return a value for one field of a CSV file; what has parts is written as JSON."""
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, (list, dict)) else plain


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, (int, Decimal)):
        return (
            f"{value:,f}".translate(_VIETNAMESE)
            if isinstance(value, Decimal)
            else f"{value:,}".replace(",", ".")
        )
    if isinstance(value, (list, tuple)):
        return ", ".join(str(v) for v in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_cell(v)}" for key, v in value.items() if v is not None)
    return str(value)


def safe_for_spreadsheet(value: object) -> object:
    """Return a text that a spreadsheet will not run as a formula (OWASP ASVS 1.2.10)."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\0"):
        return "'" + value
    return value


def _field(value: object) -> object:
    # a number below zero is no formula
    return _text(value) if isinstance(value, (Decimal, int, float)) else safe_for_spreadsheet(_text(value))


def write(rows: Iterable[Row], columns: Sequence[tuple[str, str]], form: Format, *, title: str = "") -> int:
    """Print rows; `columns` are (key, heading). Returns how many rows were printed.

    JSON and CSV carry the keys as they are and are written row by row, so that long lists do not fill memory;
    the table is for people and shows Vietnamese headings.
    """
    if form == "csv":
        return _csv(rows, columns)
    if form == "json":
        return _json(rows, columns)
    table = Table(title=title or None, title_justify="left", header_style="bold", expand=False)
    for _key, heading in columns:
        table.add_column(heading, overflow="fold")
    count = 0
    for row in rows:
        count += 1
        numeric = [
            isinstance(row.get(k), (int, Decimal)) and not isinstance(row.get(k), bool) for k, _ in columns
        ]
        cells = [
            Text(_cell(row.get(key)), justify="right" if right else "left")
            for (key, _), right in zip(columns, numeric, strict=True)
        ]
        table.add_row(*cells)
    console = Console(width=None if sys.stdout.isatty() else 200)
    if count:
        console.print(table)
    else:
        console.print("(không có dòng nào)")
    return count


def _csv(rows: Iterable[Row], columns: Sequence[tuple[str, str]]) -> int:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([key for key, _ in columns])
    count = 0
    for row in rows:
        count += 1
        writer.writerow([_field(row.get(key)) for key, _ in columns])
    return count


def _json(rows: Iterable[Row], columns: Sequence[tuple[str, str]]) -> int:
    count = 0
    sys.stdout.write("[")
    for row in rows:
        sys.stdout.write(",\n " if count else "\n ")
        record = {key: _plain(row.get(key)) for key, _ in columns}
        sys.stdout.write(json.dumps(record, ensure_ascii=False))
        count += 1
    sys.stdout.write("\n]\n" if count else "]\n")
    return count


def save(path: Path, content: bytes) -> None:
    """Write a file that is complete or not there, and name it; raises `ConfigurationError` where it cannot be."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}; see --output") from error
    print(path)  # noqa: T201
