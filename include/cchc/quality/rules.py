"""The row rules, each defined once: what the gate checks and what quarantine says about a row.

A rule's predicate is SQL over the staged columns (alias ``s``) and three helper columns of the gate's batch:
``reporting_day``, ``window_to`` and ``twins_differ`` (the record stands in its delivery again with other content).
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field

from cchc.catalogue.base import DATASETS, DatasetName, Model
from cchc.catalogue.models import Profile

_HERE = Path(__file__).parent / "rules"

Severity = Literal["critical", "warning", "info"]


class Rule(Model):
    """One row rule; `critical` and `warning` keep the row out of the numbers, `info` is only counted."""

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]{2,40}$")
    severity: Severity
    predicate: str  # TRUE: the row breaks the rule
    detail: str | None = None  # SQL text put behind the message: which field
    message: str  # Vietnamese, for the officer who corrects the row
    origin: str  # decree, code list or vendor screen the rule comes from


@cache
def rules_of(dataset: DatasetName) -> tuple[Rule, ...]:
    """Return the rules of a dataset in the order they are read."""
    rows = yaml.safe_load((_HERE / f"{dataset}.yaml").read_text(encoding="utf-8"))
    return tuple(Rule.model_validate(row) for row in rows)


@cache
def all_rules() -> dict[str, Rule]:
    """Return every rule by its code; codes are unique over all datasets."""
    found: dict[str, Rule] = {}
    for dataset in DATASETS:
        for rule in rules_of(dataset):
            if rule.code in found:
                raise ValueError(f"rule code {rule.code} stands twice")
            found[rule.code] = rule
    return found


def mapping_version(profile: Profile) -> str:
    """Return the version of everything that turns a landed record into a loaded row: the profile and its rules.

    A delivery is loaded once per version, so a mended mapping or rule makes a replay take effect.
    """
    parts = {
        "profile": profile.model_dump(mode="json"),
        "rules": {d: [r.model_dump() for r in rules_of(d)] for d in sorted(profile.datasets)},
    }
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
