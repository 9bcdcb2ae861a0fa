"""Read a catalogue directory into one checked `Catalogue`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from cchc.catalogue.models import Catalogue, Host
from cchc.errors import ConfigurationError
from cchc.settings import SHIPPED_CATALOGUE

# libyaml's loader where it is there: eight times as fast, and every task of a night reads the catalogue
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _parse(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  the safe one


def _yaml(path: Path) -> Any:
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


def _by_code(rows: list[dict[str, Any]] | None, path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows or []:
        code = row.get("code") if isinstance(row, dict) else None
        if code is None:
            raise ConfigurationError(f"{path}: an entry has no code: {row!r}")
        if code in found:
            raise ConfigurationError(f"{path}: code {code} stands twice")
        found[code] = row
    return found


def _folder(directory: Path, name: str) -> dict[str, dict[str, Any]]:
    """Read the province's own folder, or the shipped one where the province has none of its own."""
    folder = directory / name
    if not folder.is_dir():
        folder = SHIPPED_CATALOGUE / name
    rows = [_yaml(path) for path in sorted(folder.glob("*.yaml"))]
    return _by_code(rows, folder)


def _sources(directory: Path) -> dict[str, dict[str, Any]]:
    """Expand `sources.yaml`: groups of sources share `defaults`, each source overrides what differs."""
    path = directory / "sources.yaml"
    rows: list[dict[str, Any]] = []
    for group in _yaml(path) or []:
        defaults = group.get("defaults", {})
        for entry in group.get("sources", []):
            merged = {**defaults, **entry}
            merged["params"] = {**defaults.get("params", {}), **entry.get("params", {})}
            rows.append(merged)
    return _by_code(rows, path)


def load(directory: Path) -> Catalogue:
    """Return the catalogue in `directory`.

    `province.yaml`, `units.yaml`, `hosts.yaml` and `sources.yaml` must be there; `profiles/`, `indicators/`
    and `measures.yaml` fall back to the shipped ones. Raises `ConfigurationError` naming file and key.
    """
    measures = directory / "measures.yaml"
    if not measures.exists():
        measures = SHIPPED_CATALOGUE / "measures.yaml"
    edges = directory / "unit_edges.yaml"
    data = {
        "province": _yaml(directory / "province.yaml"),
        "units": _yaml(directory / "units.yaml"),
        "edges": (_yaml(edges) or []) if edges.exists() else [],
        "hosts": _by_code(_yaml(directory / "hosts.yaml"), directory / "hosts.yaml"),
        "profiles": _folder(directory, "profiles"),
        "sources": _sources(directory),
        "measures": _by_code(_yaml(measures), measures),
        "indicator_sets": _folder(directory, "indicators"),
    }
    try:
        return Catalogue.model_validate(data)
    except ValidationError as error:
        lines = [
            f"  {_place(e['loc'], data)}{e['msg'].removeprefix('Value error, ')}" for e in error.errors()
        ]
        raise ConfigurationError(f"catalogue {directory} is wrong:\n" + "\n".join(lines)) from error


def _place(location: tuple[int | str, ...], data: dict[str, Any]) -> str:
    """Return file, entry and key of a mistake, as a person finds them: `units.yaml: entry 12 (SNV): valid_from: `."""
    if not location:  # between files; the message names them
        return ""
    part, *rest = location
    file = {"indicator_sets": "indicators/", "edges": "unit_edges.yaml", "profiles": "profiles/"}.get(
        str(part), f"{part}.yaml"
    )
    if rest and isinstance(rest[0], int):
        row = data[str(part)][rest[0]] if isinstance(data[str(part)], list) else {}
        code = row.get("code", "?") if isinstance(row, dict) else "?"
        rest[0] = f"entry {rest[0] + 1} ({code})"
    return "".join(f"{part}: " for part in (file, *rest))


@cache
def cached(directory: Path) -> Catalogue:
    """Return the catalogue, read once per process."""
    return load(directory)


def hosts(directory: Path) -> dict[str, Host]:
    """Return only the servers of the catalogue in `directory`: a scheduler asks often and needs no more."""
    path = directory / "hosts.yaml"
    try:
        return {code: Host.model_validate(row) for code, row in _by_code(_yaml(path), path).items()}
    except ValidationError as error:
        raise ConfigurationError(f"{path} is wrong: {error.errors()[0]['msg']}") from error


def any_without_host(directory: Path) -> bool:
    """Return whether the catalogue in `directory` has a source that is not read from a server."""
    return any(not row.get("host") for row in _sources(directory).values())
