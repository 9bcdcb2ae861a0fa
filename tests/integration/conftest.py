"""A real PostgreSQL for every integration test: one server per session, a fresh database per test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cchc.warehouse import embedded, migrate
from cchc.warehouse.engine import connect, url
from dags.processes import not_waiting_for_the_disk


@pytest.fixture(scope="session")
def postgres() -> Iterator[Engine]:
    """Return an engine on the maintenance database `template_cchc`'s server, migrated once as a template."""
    home = Path(tempfile.mkdtemp(prefix="cchc-pg-"))
    data = home / "postgres"
    dsn = embedded.dsn(data, "template_cchc")
    not_waiting_for_the_disk(dsn)
    template = connect(url(dsn))
    migrate.upgrade(template)
    template.dispose()
    admin = connect(url(embedded.dsn(data, "admin"))).execution_options(isolation_level="AUTOCOMMIT")
    yield admin
    admin.dispose()
    embedded.stop(data)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def warehouse(postgres: Engine) -> Iterator[Engine]:
    """Return an engine on a fresh, migrated, empty warehouse."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with postgres.connect() as admin:
        admin.execute(text(f'create database "{name}" template template_cchc'))
    engine = connect(postgres.url.set(database=name))
    yield engine
    engine.dispose()
    with postgres.connect() as admin:
        admin.execute(text(f'drop database "{name}" with (force)'))
