"""Read a catalogue directory into one checked `Catalogue`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cchc.catalogue.files import by_code, folder, parsed
from cchc.catalogue.models import Catalogue, Host
from cchc.catalogue.no_secrets import secrets_in
from cchc.catalogue.scores import ScoreSet
from cchc.errors import ConfigurationError
from cchc.settings import SHIPPED_CATALOGUE


def _sources(directory: Path) -> dict[str, dict[str, Any]]:
    """Expand `sources.yaml`: groups of sources share `defaults`, each source overrides what differs.

    Raises `ConfigurationError` naming file, group and key of what is no group.
    """
    path = directory / "sources.yaml"
    groups = parsed(path) or []
    if problem := next(_no_groups(groups), None):
        raise ConfigurationError(f"catalogue {directory} is wrong:\n  sources.yaml: {problem}")
    rows: list[dict[str, Any]] = []
    for group in groups:
        defaults = group.get("defaults") or {}
        for entry in group["sources"]:
            merged = {**defaults, **entry}
            merged["params"] = {**(defaults.get("params") or {}), **(entry.get("params") or {})}
            rows.append(merged)
    return by_code(rows, path)


def _no_groups(groups: Any) -> Iterator[str]:
    """Yield what is wrong with the shape of `sources.yaml`."""
    shape = "it is a list of groups: - {defaults: {…}, sources: [{code: …}, …]}"
    if not isinstance(groups, list):
        yield shape
        return
    for number, group in enumerate(groups, 1):
        where = f"group {number}"
        if not isinstance(group, dict):
            yield f"{where}: {shape}"
        elif "code" in group and "sources" not in group:
            yield f"entry {number} ({group['code']}): a source stands in a group, under the key sources: {shape}"
        elif unknown := [str(key) for key in group if key not in ("defaults", "sources")]:
            yield f"{where}: {', '.join(unknown)}: a group has the keys defaults and sources, no other"
        elif not isinstance(group.get("sources"), list) or not all(
            isinstance(entry, dict) for entry in group["sources"]
        ):
            yield f"{where}: sources: a list of sources is needed, each with its code"
        else:
            yield from _no_mappings(group, where)


def _no_mappings(group: dict[str, Any], where: str) -> Iterator[str]:
    parts = [("defaults", group.get("defaults"))]
    parts += [(f"{entry.get('code', '?')}: params", entry.get("params")) for entry in group["sources"]]
    if isinstance(group.get("defaults"), dict):
        parts.append(("defaults: params", group["defaults"].get("params")))
    for name, part in parts:
        if part is not None and not isinstance(part, dict):
            yield f"{where}: {name}: keys and their values are needed"


def _measures(directory: Path) -> dict[str, dict[str, Any]]:
    """Return the shipped measures with the province's own in their place or added."""
    found: dict[str, dict[str, Any]] = {}
    for path in (SHIPPED_CATALOGUE / "measures.yaml", directory / "measures.yaml"):
        if path.exists():
            found |= by_code(parsed(path), path)
    return found


def load(directory: Path) -> Catalogue:
    """Return the catalogue in `directory`.

    `province.yaml`, `units.yaml`, `hosts.yaml` and `sources.yaml` must be there; `profiles/`, `indicators/` and
    `scores/` fall back to the shipped ones, `measures.yaml` adds to it. The shares that a score set is made of are an
    indicator set too. Raises `ConfigurationError` naming file and key, also for a sum that would count the same thing
    twice.
    """
    edges = directory / "unit_edges.yaml"
    data = {
        "province": parsed(directory / "province.yaml"),
        "units": parsed(directory / "units.yaml"),
        "edges": (parsed(edges) or []) if edges.exists() else [],
        "hosts": by_code(parsed(directory / "hosts.yaml"), directory / "hosts.yaml"),
        "profiles": folder(directory, "profiles"),
        "sources": _sources(directory),
        "measures": _measures(directory),
        "indicator_sets": folder(directory, "indicators"),
    }
    if secret := [
        f"  {file}{said}"
        for part, file in (
            ("hosts", "hosts.yaml: "),
            ("profiles", "profiles/: "),
            ("sources", "sources.yaml: "),
        )
        for said in secrets_in(data[part])
    ]:
        raise ConfigurationError(f"catalogue {directory} is wrong:\n" + "\n".join(secret))
    try:
        data["scores"] = {c: ScoreSet.model_validate(row) for c, row in folder(directory, "scores").items()}
        data["indicator_sets"] |= {code: scores.shares() for code, scores in data["scores"].items()}
        found = Catalogue.model_validate(data)
    except ValidationError as error:
        lines = [
            f"  {_place(e['loc'], data)}{e['msg'].removeprefix('Value error, ')}" for e in error.errors()
        ]
        raise ConfigurationError(f"catalogue {directory} is wrong:\n" + "\n".join(lines)) from error
    if twice := list(dict.fromkeys(_counted_twice(found))):
        raise ConfigurationError(f"catalogue {directory} is wrong:\n" + "\n".join(f"  {t}" for t in twice))
    return found


def _counted_twice(catalogue: Catalogue) -> Iterator[str]:
    """Yield every sum that has a measure and what is reported of the same, in any rule version of a score set."""
    for code, indicators in catalogue.indicator_sets.items():
        if code not in catalogue.scores:
            for indicator in indicators.indicators:
                for problem in indicator.counted_twice(catalogue.measures):
                    yield f"indicators/: {code}: {problem}"
    for code, scores in catalogue.scores.items():
        for share in scores.every_share():
            for problem in share.counted_twice(catalogue.measures):
                yield f"scores/: {code}: {problem}"


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
        return {code: Host.model_validate(row) for code, row in by_code(parsed(path), path).items()}
    except ValidationError as error:
        raise ConfigurationError(f"{path} is wrong: {error.errors()[0]['msg']}") from error


def any_without_host(directory: Path) -> bool:
    """Return whether the catalogue in `directory` has a source that is not read from a server."""
    return any(not row.get("host") for row in _sources(directory).values())
