"""Requests as a profile writes them: texts with placeholders, `{from:%d/%m/%Y}`, `{groupId}`, `{page}`.

A moment needs its format: strftime's, or `s` or `ms` for seconds or milliseconds since 1970. A text that is one
placeholder alone keeps the type of a number, which a JSON body may need; what has no value (the cursor of the first
page) is left out together with its parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

_PLACE = re.compile(r"\{(\w+)(?::([^{}]*))?\}")

#: What a placeholder may stand for.
Value = str | int | datetime | None


def placeholders(template: Any) -> Iterator[tuple[str, str]]:
    """Yield (name, format) of every placeholder in a template."""
    if isinstance(template, Mapping):
        for value in template.values():
            yield from placeholders(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from placeholders(value)
    elif isinstance(template, str):
        for found in _PLACE.finditer(template):
            yield found[1], found[2] or ""


def fill(template: Any, values: Mapping[str, Value]) -> Any:
    """Return the template with its placeholders filled in; raises `KeyError` for one without a name in `values`."""
    if isinstance(template, Mapping):
        kept = {name: part for name, part in template.items() if not _is_without_value(part, values)}
        return {name: fill(part, values) for name, part in kept.items()}
    if isinstance(template, list | tuple):
        return [fill(part, values) for part in template]
    if not isinstance(template, str):
        return template
    alone = _PLACE.fullmatch(template)
    if alone:
        return _written(values[alone[1]], alone[2] or "")
    return _PLACE.sub(lambda found: str(_written(values[found[1]], found[2] or "")), template)


def _is_without_value(template: Any, values: Mapping[str, Value]) -> bool:
    return isinstance(template, str) and any(values[name] is None for name, _ in placeholders(template))


def _written(value: Value, how: str) -> str | int | None:
    if not isinstance(value, datetime):
        return value
    if how in ("s", "ms"):
        return int(value.timestamp() * (1_000 if how == "ms" else 1))
    return value.strftime(how)
