"""What every schema, table and column of the warehouse means, in Vietnamese and English: one YAML file a schema.

A column is described where it stands, in the table its own is `like` (same name, same meaning), or in `shared.yaml`.
Migrating writes it all into the database as comments; `docs/data_dictionary.md` is made of it (`cchc.documents`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

from pydantic import Field, TypeAdapter
from sqlalchemy import Connection

from cchc.catalogue.base import Model
from cchc.catalogue.files import parsed
from cchc.warehouse.sql import query

_HERE = Path(__file__).parent
_SHARED = "shared.yaml"

Columns = list[tuple[str, str]]


class Described(Model):
    """One sentence in Vietnamese and one in English; they say what an empty value means where there may be one."""

    vi: str = Field(pattern=r"^\S.*[.…]$")
    en: str = Field(pattern=r"^\S.*\.$")


class Column(Described):
    """A column; `values` are those it may have, with their meaning (Vietnamese)."""

    values: dict[str, str] = Field(default_factory=dict)

    def comment(self) -> str:
        """Return the text of its comment in the database."""
        codes = "; ".join(f"{code or 'chuỗi rỗng'}: {meaning}" for code, meaning in self.values.items())
        return "\n".join(filter(None, (self.vi, self.en, codes)))


class Table(Described):
    """A table or view; a column it does not describe is described in the table it is `like`, or is a shared one."""

    like: str | None = None  # schema.table
    columns: dict[str, Column] = Field(default_factory=dict)


class Schema(Described):
    """A schema and its tables."""

    name: str
    tables: dict[str, Table]


class Dictionary(Model):
    """The whole dictionary."""

    schemas: dict[str, Schema]
    shared: dict[str, Column]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Every table and view by `schema.table`."""
        return {f"{s.name}.{name}": table for s in self.schemas.values() for name, table in s.tables.items()}

    def column(self, table: str, name: str) -> tuple[Column, str] | None:
        """Return a column's description and the table it stands in (empty: it is a shared one), or None."""
        own = self.tables.get(table)
        if own is None:
            return None
        if name in own.columns:
            return own.columns[name], table
        if own.like and (found := self.column(own.like, name)):
            return found
        return (self.shared[name], "") if name in self.shared else None

    def problems(self, there: Columns) -> list[str]:
        """Return what lacks a description of the columns `there`, and what is described and not there."""
        tables = {table for table, _ in there}
        found = {(table, name): self.column(table, name) for table, name in there}
        own = {(table, name) for table, described in self.tables.items() for name in described.columns}
        used = {name for (_, name), column in found.items() if column is not None and not column[1]}
        nameless = sorted(key for key, column in found.items() if column is None and key[0] in self.tables)
        return [
            *(f"table {table} has no description" for table in sorted(tables - set(self.tables))),
            *(f"column {table}.{name} has no description" for table, name in nameless),
            *(f"table {table} is described and not there" for table in sorted(set(self.tables) - tables)),
            *(
                f"column {table}.{name} is described and not there"
                for table, name in sorted(own - set(there))
            ),
            *(
                f"shared column {name} is described and no table uses it"
                for name in sorted(set(self.shared) - used)
            ),
        ]


@cache
def dictionary() -> Dictionary:
    """Return the dictionary this product ships."""
    schemas = [
        Schema.model_validate(parsed(path)) for path in sorted(_HERE.glob("*.yaml")) if path.name != _SHARED
    ]
    shared = TypeAdapter(dict[str, Column]).validate_python(parsed(_HERE / _SHARED))
    return Dictionary(schemas={schema.name: schema for schema in schemas}, shared=shared)


def columns(connection: Connection) -> Columns:
    """Return (schema.table, column) of every table and view of the warehouse; views of a single run are left out."""
    return [
        (f"{row.schema_name}.{row.table_name}", row.name)
        for row in connection.execute(query("dictionary/columns"))
    ]


def comment(connection: Connection) -> int:
    """Write the dictionary into the database as comments and return how many changed.

    What is described and not there (an earlier revision), or belongs to another role, is passed over.
    """
    said = json.dumps(list(_said(dictionary(), columns(connection))), ensure_ascii=False)
    statements = list(connection.scalars(query("dictionary/comments"), {"said": said}))
    if statements:
        # the driver reads % as a placeholder's sign
        connection.exec_driver_sql(";\n".join(statements).replace("%", "%%"))
    return len(statements)


def _said(known: Dictionary, there: Columns) -> Iterator[dict[str, str | None]]:
    for schema in known.schemas.values():
        yield {"schema_name": schema.name, "description": f"{schema.vi}\n{schema.en}"}
        for name, table in schema.tables.items():
            yield {"schema_name": schema.name, "table_name": name, "description": f"{table.vi}\n{table.en}"}
    for full, name in there:
        schema_name, _, table_name = full.partition(".")
        if found := known.column(full, name):
            yield {
                "schema_name": schema_name,
                "table_name": table_name,
                "column_name": name,
                "description": found[0].comment(),
            }
