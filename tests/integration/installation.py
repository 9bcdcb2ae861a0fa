"""A whole installation of the product below a temporary folder, on a fresh warehouse and simulated systems."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from sqlalchemy import Engine, text

from cchc import night, settings
from cchc.ops.ledger import RunSummary
from cchc.warehouse import engine as engines
from integration import published
from simulators.province import Running


@contextmanager
def installed(
    monkeypatch: pytest.MonkeyPatch,
    warehouse: Engine,
    home: Path,
    systems: Running,
    catalogue: Path | None = None,
    *,
    pages: bool = False,
) -> Iterator[Path]:
    """Point the product's environment at `home`, the warehouse and the running systems.

    The catalogue is the shipped one where none is given; without `pages` of its units, which cost seconds a release.
    """
    if catalogue is None and not pages:
        catalogue = published.without_units_pages(home.with_name(f"{home.name}-catalogue"))
    for name, value in systems.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CCHC_HOME", str(home))
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", warehouse.url.render_as_string(hide_password=False))
    for name in ("CCHC_LANDING", "CCHC_RELEASES", "CCHC_CATALOGUE"):
        monkeypatch.delenv(name, raising=False)
    if catalogue is not None:
        monkeypatch.setenv("CCHC_CATALOGUE", str(catalogue))
    settings.settings.cache_clear()
    engines.engine.cache_clear()
    try:
        yield home
    finally:
        engines.engine().dispose()
        settings.settings.cache_clear()
        engines.engine.cache_clear()


def loaded(day: date, sources: Sequence[str]) -> RunSummary:
    """Run a night up to the warehouse: nothing is published, nobody is told."""
    run_id = night.open_run(day, "sync", sources)
    for code in sources:
        night.pull_source(run_id, code)
    night.gate(run_id)
    night.load(run_id)
    return night.close_run(run_id)


def everything_in(warehouse: Engine) -> Iterator[tuple[str, str]]:
    """Yield (table, row as text) of every row of every table of the warehouse."""
    with warehouse.connect() as connection:
        tables = connection.execute(
            text(
                "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables "
                "where schemaname not in ('pg_catalog', 'information_schema')"
            )
        ).scalars()
        for table in tables.all():
            # a bytea is shown decoded, or a mail's attachment would hide what it holds
            for row in connection.execute(text(f"select to_jsonb(t)::text from {table} as t")).scalars():
                yield table, row


def everything_below(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield (file, content as text) of every file below a folder, unpacked where it is packed."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        if path.suffix == ".zst":
            data = pa.input_stream(io.BytesIO(data), compression="zstd").read()
        if path.suffix in (".xlsx", ".docx"):
            with zipfile.ZipFile(path) as packed:
                data = b"\n".join(packed.read(name) for name in packed.namelist())
        if path.suffix == ".parquet":
            data = str(parquet.read_table(path).to_pylist()).encode()
        yield path, data.decode("utf-8", errors="replace")


def figures(warehouse: Engine) -> str:
    """Return a hash over every number of the marts."""
    statement = text(
        "select md5(string_agg(concat_ws('|', unit_code, day, measure_code, procedure_code, intake, channel, "
        "online_level, value), ',' order by unit_code, day, measure_code, procedure_code, intake, channel, "
        "online_level)) from mart.measure_day"
    )
    with warehouse.connect() as connection:
        return str(connection.execute(statement).scalar_one())
