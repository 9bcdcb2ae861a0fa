"""Read docker-compose.yml as docker compose does, as far as a check without Docker needs it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from dags.processes import ROOT

FILE = ROOT / "docker-compose.yml"
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Z0-9_]+)(?:(?P<how>:[?-])(?P<text>[^}]*))?\})")


def raw() -> dict[str, Any]:
    """Return the file before interpolation, anchors and merges resolved."""
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def variables() -> dict[str, str]:
    """Return each variable of the file and what happens without it: `?` stops, `-text` is a default, `` is empty."""
    found: dict[str, str] = {}
    for match in _VARIABLE.finditer(FILE.read_text(encoding="utf-8")):
        if match["name"]:
            found[match["name"]] = {":?": "?", ":-": "-" + (match["text"] or ""), None: ""}[match["how"]]
    return found


def interpolated(value: Any, values: Mapping[str, str]) -> Any:
    """Return a part of the file with its variables filled in; raises `KeyError` for one that must be set."""
    if isinstance(value, dict):
        return {key: interpolated(part, values) for key, part in value.items()}
    if isinstance(value, list):
        return [interpolated(part, values) for part in value]
    return _VARIABLE.sub(lambda match: _fill(match, values), value) if isinstance(value, str) else value


def _fill(match: re.Match[str], values: Mapping[str, str]) -> str:
    if match["dollar"]:
        return "$"
    if given := values.get(match["name"]):
        return given
    if match["how"] == ":-":
        return match["text"]
    raise KeyError(match["name"])
