"""What the tests of pull, landing and staging share: a run, a landing folder, and what ended up in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.base import DATASETS
from cchc.catalogue.models import Catalogue
from cchc.landing.delivery import Delivery
from cchc.landing.pull import pull
from cchc.sources.connections import from_environment
from cchc.sources.connector import Connection, Window
from cchc.staging.stage import stage
from cchc.warehouse import attempts
from simulators.province import Running

DAY = date(2026, 11, 14)
MONTH = Window(date(2026, 10, 15), DAY)


@dataclass
class Pulling:
    """One run on a warehouse and a landing folder."""

    engine: Engine
    catalogue: Catalogue
    root: Path
    connections: dict[str, Connection]
    run_id: UUID

    def pull(self, source: str, window: Window = MONTH) -> tuple[Delivery, ...]:
        """Pull one source."""
        return pull(
            self.engine,
            self.catalogue,
            source,
            window,
            attempts.begin(self.engine, self.run_id, source),
            self.connections.__getitem__,
            str(self.root),
        )

    def stage(self, delivery: Delivery) -> int:
        """Stage one delivery into this run."""
        source = self.catalogue.sources[delivery.source_code]
        return stage(self.engine, self.run_id, delivery, self.catalogue.profile_of(source))

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query), values).mappings()]

    def staged(self, dataset: str) -> list[dict[str, Any]]:
        """Return the staged rows of a dataset in their order."""
        return self.rows(f"select * from stg.{dataset} order by source_code, delivery_id, row_no")

    def files(self) -> list[Path]:
        """Return every file below the landing folder."""
        return sorted(path for path in self.root.rglob("*") if path.is_file())

    def everything_kept(self) -> str:
        """Return all that landing files, manifest and staging hold, as one text."""
        parts = [pa.input_stream(str(path), compression="zstd").read().decode() for path in self.files()]
        for table in ("landing.delivery", *(f"stg.{name}" for name in DATASETS)):
            parts += [row["kept"] for row in self.rows(f"select t::text as kept from {table} as t")]
        return "\n".join([*parts, *(str(path) for path in self.files())])


def begin(engine: Engine, catalogue: Catalogue, root: Path, connections: dict[str, Connection]) -> Pulling:
    """Open a run and return the helper for it."""
    run_id = uuid4()
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.run (run_id, reporting_day, kind, sources) values (:run_id, :day, 'sync', '{}')"
            ),
            {"run_id": run_id, "day": DAY},
        )
    return Pulling(engine, catalogue, root, connections, run_id)


@contextmanager
def pulling_from(
    province: Running, engine: Engine, catalogue: Catalogue, root: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pulling]:
    """Open a run that pulls from the simulated systems, which behave again afterwards."""
    for name, value in province.environment().items():
        monkeypatch.setenv(name, value)
    connections = {name: from_environment(name) for name in ("motcua", "dvcqg", "truc", "sotay")}
    yield begin(engine, catalogue, root, connections)
    province.behave()
