"""`cchc docs`: the documents made of what the product runs on, and whether the committed ones are still those."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine

from cchc import documents
from cchc.errors import CchcError, ConfigurationError
from cchc.warehouse import embedded, migrate
from cchc.warehouse.engine import connect, url

_DOCS = Path(__file__).resolve().parents[3] / "docs"  # of the checkout that this command belongs to
_FOLDER = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=_DOCS,
    help="Where they are; default docs/ of this checkout.",
)


@contextmanager
def _migrated() -> Iterator[Engine]:
    """Yield an engine on a warehouse of this version's schema, on an embedded server that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="cchc-docs-") as home:
        data = Path(home) / "postgres"
        engine = connect(url(embedded.dsn(data, "docs")))
        try:
            migrate.upgrade(engine)
            yield engine
        finally:
            engine.dispose()
            embedded.stop(data)


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise ConfigurationError(f"there is no folder {folder}: name the one of the documents with --folder")
    return folder


@click.group()
def docs() -> None:
    """Make docs/rules.md and docs/data_dictionary.md from the rules and the migrations, or check them."""


@docs.command("write")
@_FOLDER
def docs_write(folder: Path) -> None:
    """Write the documents."""
    _existing(folder)
    with _migrated() as engine:
        changed = documents.write(folder, engine)
    for path in changed:
        click.echo(f"written {path}")
    if not changed:
        click.echo("all documents are as they would be made")


@docs.command("check")
@_FOLDER
def docs_check(folder: Path) -> None:
    """Say which documents are not what would be made now, each with its first differing line; exit code 1."""
    _existing(folder)
    with _migrated() as engine:
        found = documents.differences(folder, engine)
    if found:
        lines = "\n  ".join(difference.sentence() for difference in found)
        raise CchcError(f"documents are out of date; run `make docs`:\n  {lines}")
    click.echo("all documents are as they would be made")
