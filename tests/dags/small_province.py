"""A catalogue of a few sources: the shipped one with all others left out."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from dags.processes import ROOT
from simulators.model import System
from simulators.province import systems_of

SHIPPED = ROOT / "include" / "catalogue"


def write(directory: Path, codes: Sequence[str], **province: Any) -> tuple[System, ...]:
    """Write a catalogue with the sources `codes` into `directory` and return the systems behind them.

    `province` replaces settings of province.yaml, such as the failure budget.
    """
    shutil.copytree(SHIPPED, directory, dirs_exist_ok=True)
    groups = yaml.safe_load((SHIPPED / "sources.yaml").read_text(encoding="utf-8"))
    for group in groups:
        group["sources"] = [source for source in group["sources"] if source["code"] in codes]
    kept = [group for group in groups if group["sources"]]
    _write(directory / "sources.yaml", kept)
    found = [source["code"] for group in kept for source in group["sources"]]
    assert sorted(found) == sorted(codes), f"not in the shipped catalogue: {set(codes) - set(found)}"
    settings = yaml.safe_load((SHIPPED / "province.yaml").read_text(encoding="utf-8"))
    _write(directory / "province.yaml", {**settings, **province})
    return tuple(systems_of(directory))


def _write(path: Path, value: Any) -> None:
    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")
