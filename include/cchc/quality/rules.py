"""The rules of the gate, each defined once: what it checks and what people are told about it.

A rule's predicate is SQL. Over rows it speaks of the staged columns (alias ``s``) and three helper columns of the
gate's batch: ``reporting_day``, ``window_to`` and ``twins_differ`` (the record stands in its delivery again with other
content), and of what stands beside the row (``sql/gate/beside``). Over whole deliveries (``delivery``) it speaks of the
columns of ``stg.delivery``.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from cchc.catalogue.base import DATASETS, DatasetName, Model
from cchc.catalogue.files import parsed
from cchc.catalogue.profiles import Profile

_HERE = Path(__file__).parent / "rules"

Severity = Literal["critical", "warning", "info"]
KEEP_OUT: tuple[Severity, ...] = ("critical", "warning")  # a row that breaks such a rule waits in quarantine
Owner = Literal["unit", "engineer", "office"]
Scope = DatasetName | Literal["delivery"]

SCOPES: tuple[Scope, ...] = (*DATASETS, "delivery")


class Rule(Model):
    """One rule.

    Of a row, `critical` and `warning` keep it out of the numbers; of a delivery, `critical` holds it until a person
    decides. `info` (and `warning` of a delivery) is only told.
    """

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]{2,40}$")
    severity: Severity
    predicate: str  # TRUE: the row breaks the rule
    detail: str | None = None  # SQL text put behind the message: which field
    message: str  # Vietnamese, for the officer who corrects the row
    origin: str  # decree, code list or vendor screen the rule comes from
    owner: Owner = "unit"  # who can mend what breaks it


@cache
def rules_of(scope: Scope) -> tuple[Rule, ...]:
    """Return the rules over the rows of a dataset, or over whole deliveries, in the order they are read."""
    rows = parsed(_HERE / f"{scope}.yaml")
    return tuple(Rule.model_validate(row) for row in rows)


@cache
def all_rules() -> dict[str, Rule]:
    """Return every rule by its code; codes are unique over all scopes."""
    found: dict[str, Rule] = {}
    for scope in SCOPES:
        for rule in rules_of(scope):
            if rule.code in found:
                raise ValueError(f"rule code {rule.code} stands twice")
            found[rule.code] = rule
    return found


def mapping_version(profile: Profile) -> str:
    """Return the version of everything that turns a landed record into a loaded row: the profile and its row rules.

    A delivery is loaded once per version, so a mended mapping or rule makes a replay take effect.
    """
    parts = {
        "profile": profile.model_dump(mode="json"),
        "rules": {
            d: [r.model_dump(exclude={"owner"}) for r in rules_of(d)] for d in sorted(profile.datasets)
        },
    }
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
