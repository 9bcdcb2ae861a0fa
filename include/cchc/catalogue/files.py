"""Read the YAML files of a catalogue directory, the shipped ones where a province has none of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from cchc.errors import ConfigurationError
from cchc.settings import SHIPPED_CATALOGUE

# libyaml's loader where it is there: eight times as fast, and every task of a night reads the catalogue
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _parse(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  the safe one


def parsed(path: Path) -> Any:
    """Return what a file says; raises `ConfigurationError` where it is missing or no YAML."""
    try:
        return _parse(path)
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is missing: a catalogue directory needs it") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not readable YAML: {error}") from error


M = TypeVar("M", bound=BaseModel)


def read(directory: Path, name: str, what: str, model: type[M]) -> tuple[M, Path]:
    """Return one file of the province's catalogue, or the shipped one where it has none, and where it was read.

    `what` it is, for people: `form ii06a`. Raises `ConfigurationError` naming the file and every place in it that is
    wrong.
    """
    path = directory / name
    if not path.exists():
        path = SHIPPED_CATALOGUE / name
    try:
        return model.model_validate(_parse(path)), path
    except (FileNotFoundError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{what}: {path} cannot be read: {error}") from error
    except ValidationError as error:
        lines = [
            f"  {''.join(f'{part}: ' for part in e['loc'])}{e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        ]
        raise ConfigurationError(f"{what}: {path} is wrong:\n" + "\n".join(lines)) from error


def by_code(rows: list[dict[str, Any]] | None, path: Path) -> dict[str, dict[str, Any]]:
    """Return entries by their code; raises `ConfigurationError` for one without, or twice."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows or []:
        code = row.get("code") if isinstance(row, dict) else None
        if code is None:
            raise ConfigurationError(f"{path}: an entry has no code: {row!r}")
        if code in found:
            raise ConfigurationError(f"{path}: code {code} stands twice")
        found[code] = row
    return found


def folder(directory: Path, name: str) -> dict[str, dict[str, Any]]:
    """Return the entries of the province's own folder, or of the shipped one where it has none, by code."""
    there = directory / name
    if not there.is_dir():
        there = SHIPPED_CATALOGUE / name
    rows = [parsed(path) for path in sorted(there.glob("*.yaml"))]
    return by_code(rows, there)
