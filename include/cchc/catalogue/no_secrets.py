"""The catalogue is kept, mailed and compared as plain text: what looks like a secret in it is refused unread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_KEY = re.compile(
    r"(^|[_-])(password|passwd|pwd|mat[_-]?khau|secret|api[_-]?key|access[_-]?key|private[_-]?key|token|bearer"
    r"|authorization|credentials?)$"
)
_HARMLESS = re.compile(
    r"[^{}]{0,20}(\{[^{}]*\}[^{}]{0,3})+"  # made of placeholders that the connection fills: `Bearer {token}`
    r"|[a-z_]{1,40}(\.[a-z_]{1,40})*",  # the name of a field that will hold one: `data.access_token`
    re.IGNORECASE,
)
_LOGIN = re.compile(r"://[^/@\s]*:[^/@\s]+@")


def secrets_in(value: Any, place: str = "", key: str = "") -> Iterator[str]:
    """Yield a message for everything below `place` that looks like a secret; values are not repeated."""
    if isinstance(value, dict):
        for name, inner in value.items():
            named = isinstance(inner, dict) and place == ""  # entries are told by their code, which is no key
            yield from secrets_in(inner, f"{place}{name}: ", "" if named else str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from secrets_in(inner, place, key)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and _is_one(key, str(value)):
        yield (
            f"{place}a secret must not stand in the catalogue: keep it in the connection of the host "
            "(an Airflow connection, or AIRFLOW_CONN_<NAME> in the environment)"
        )


def _is_one(key: str, value: str) -> bool:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
    if _LOGIN.search(value):
        return True
    if not value or not _KEY.search(words):
        return False
    field_name = words.endswith("token") and _HARMLESS.fullmatch(value)
    return not field_name and not ("{" in value and _HARMLESS.fullmatch(value))
