"""Mistakes of a profile that its records would show one by one: found in the profile itself, before any is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache

from cchc.catalogue.base import DatasetName
from cchc.catalogue.profiles import FieldMap, Profile
from cchc.onboarding.draft import UNDECIDED
from cchc.quality.rules import rules_of

# the gate's own list of a column's values is the only one there is: the predicate of the rule that keeps others out
_LIST = re.compile(r"(?:coalesce\(s\.(\w+), ''\)|s\.(\w+)) not in \(((?:'[^']*'[,\s]*)+)\)")
_ONE = re.compile(r"'([^']*)'")


def mistakes(profile: Profile, dataset: DatasetName) -> Iterator[str]:
    """Yield (Vietnamese) each value that its column does not know, and each form of dates that is none."""
    known = vocabulary(dataset)
    for name, field in profile.datasets[dataset].fields.items():
        values = {v for v in (field.constant, *field.choices.values()) if v is not None and v != UNDECIDED}
        if name in known and (field.type == "choice" or field.constant is not None):
            for value in sorted(values - set(known[name])):
                yield f"{name}: không có giá trị {value}; các giá trị là: {', '.join(known[name])}"
        for form in _no_formats(field):
            yield f"{name}: {form} không phải là dạng ngày giờ (viết như %d/%m/%Y %H:%M:%S)"


@cache
def vocabulary(dataset: DatasetName) -> dict[str, tuple[str, ...]]:
    """Return the values of each column that has a list of them, as the gate's rules have it."""
    found = {}
    for rule in rules_of(dataset):
        listed = _LIST.match(rule.predicate) if rule.severity != "info" else None
        if listed:
            found[listed[1] or listed[2]] = tuple(_ONE.findall(listed[3]))
    return found


def _no_formats(field: FieldMap) -> Iterator[str]:
    if field.type not in ("timestamp", "date"):
        return
    for form in field.formats:
        try:
            datetime.strptime("", form)  # noqa: DTZ007  only whether the form can be read
        except ValueError as error:
            if "does not match format" in str(error) and ("%" in form or form == UNDECIDED):
                continue
            yield form
