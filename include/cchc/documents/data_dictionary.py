"""docs/data_dictionary.md: every table, view and column of the migrated warehouse, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, Row

from cchc.documents.markdown import anchor, cell, code, document, table
from cchc.errors import CchcError
from cchc.warehouse.dictionary import Column, Dictionary, dictionary
from cchc.warehouse.sql import query

#: Schemas in the order a reader looks for them; others follow by name.
_ORDER = ("report", "mart", "core", "publish", "quality", "quarantine", "ops", "landing", "stg")
_SHARED = "cot-chung"
_HEADINGS = ("Cột", "Kiểu", "Trống", "Khóa", "Ý nghĩa")


def data_dictionary(engine: Engine) -> str:
    """Return the document; `engine` is on a migrated warehouse.

    Raises `CchcError` naming every column that lacks a description, and every description that has no column.
    """
    known = dictionary()
    with engine.connect() as connection:
        rows = connection.execute(query("dictionary/columns")).all()
    there = [(f"{row.schema_name}.{row.table_name}", row.name) for row in rows]
    if problems := known.problems(there):
        raise CchcError(
            "include/cchc/warehouse/dictionary/*.yaml and the migrated warehouse differ:\n  "
            + "\n  ".join(problems)
        )
    schemas = {name: list(found) for name, found in groupby(rows, lambda row: row.schema_name)}
    names = sorted(schemas, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    return document(
        "Từ điển dữ liệu",
        [
            "Every table, view and column of the warehouse as the migrations make it; the same descriptions stand in"
            " the database as comments (`\\d+ core.dossier` in psql). Source:"
            " `include/cchc/warehouse/dictionary/*.yaml`.",
            "",
            "Thời điểm lưu dạng `timestamptz`, ngày là ngày theo giờ Việt Nam. Ô trống (NULL) nghĩa là không biết hoặc"
            " chưa có, không bao giờ là 0 hay “không”. Cột “Trống” có dấu ✓ là được phép trống (– ở view: như bảng"
            " gốc); PK là khóa chính, → là khóa ngoại.",
            "",
            *(line for name in names for line in _contents(known, name, schemas[name])),
            f"- [Cột dùng chung](#{_SHARED})",
            "",
            *(line for name in names for line in _schema(known, name, schemas[name])),
            *_shared(known),
        ],
    )


def _by_table(
    known: Dictionary, schema: str, rows: Sequence[Row[Any]]
) -> Iterator[tuple[str, list[Row[Any]]]]:
    """Yield the tables in the order of the dictionary: what people look for stands first."""
    tables = {name: list(found) for name, found in groupby(rows, lambda row: row.table_name)}
    for name in known.schemas[schema].tables:
        yield name, tables[name]


def _contents(known: Dictionary, schema: str, rows: Sequence[Row[Any]]) -> Iterator[str]:
    links = ", ".join(f"[{name}](#{schema}.{name})" for name, _ in _by_table(known, schema, rows))
    yield f"- [`{schema}`](#{schema}): {links}"


def _schema(known: Dictionary, name: str, rows: Sequence[Row[Any]]) -> Iterator[str]:
    said = known.schemas[name]
    yield anchor(name)
    yield ""
    yield f"## Schema {name}"
    yield ""
    yield f"{said.vi} *{said.en}*"
    yield ""
    for table_name, columns in _by_table(known, name, rows):
        yield from _table(known, f"{name}.{table_name}", columns)


def _table(known: Dictionary, name: str, rows: Sequence[Row[Any]]) -> Iterator[str]:
    said = known.tables[name]
    yield anchor(name)
    yield ""
    yield f"### {name}{' (view)' if rows[0].is_view else ''}"
    yield ""
    yield f"{said.vi} *{said.en}*"
    yield ""
    yield from table(
        _HEADINGS,
        [
            (
                code(row.name),
                cell(row.type),
                "–" if row.is_view else "" if row.is_required else "✓",
                " ".join(
                    filter(None, ("PK" if row.is_key else "", f"→ {row.refers_to}" if row.refers_to else ""))
                ),
                _meaning(known, name, row.name),
            )
            for row in rows
        ],
    )


def _meaning(known: Dictionary, table_name: str, name: str) -> str:
    found = known.column(table_name, name)
    assert found is not None  # noqa: S101  `problems` found none
    column, stands_in = found
    if stands_in == table_name:
        return _described(column)
    if stands_in:
        return f"như [{stands_in}](#{stands_in})"
    return f"[cột dùng chung](#{_SHARED}-{name})"


def _described(column: Column) -> str:
    values = "; ".join(
        f"{code(value) if value else '(chuỗi rỗng)'} {cell(meaning)}"
        for value, meaning in column.values.items()
    )
    return "<br>".join(filter(None, (cell(column.vi), f"*{cell(column.en)}*", values)))


def _shared(known: Dictionary) -> Iterator[str]:
    yield anchor(_SHARED)
    yield ""
    yield "## Cột dùng chung"
    yield ""
    yield "Những cột có cùng một nghĩa ở mọi bảng trỏ đến đây."
    yield ""
    yield from table(
        ("Cột", "Ý nghĩa"),
        [
            (f"{anchor(f'{_SHARED}-{name}')}{code(name)}", _described(column))
            for name, column in sorted(known.shared.items())
        ],
    )
