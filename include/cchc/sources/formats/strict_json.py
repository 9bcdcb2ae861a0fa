"""JSON read strictly: what other readers forgive (double keys, NaN, endless numbers) would be a wrong number here."""

from __future__ import annotations

import json
from typing import Any, NoReturn

_MOST_DIGITS = 40


class BadJson(ValueError):
    """The text is not JSON that can be trusted; `cut_short` when it merely ends too early."""

    def __init__(self, message: str, *, cut_short: bool = False) -> None:
        self.cut_short = cut_short
        super().__init__(message)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a field stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise BadJson(f"a number has more than {_MOST_DIGITS} digits")
    return int(digits)


def _constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is not a JSON number")


def parse(body: bytes) -> Any:
    """Return the value of a UTF-8 JSON text; fractions stay text, exactly as written. Raises `BadJson`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut = error.end >= len(body) and error.reason == "unexpected end of data"
        raise BadJson("not UTF-8", cut_short=cut) from None
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=str, parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        unended = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        raise BadJson("not JSON", cut_short=unended) from None
    except RecursionError:
        raise BadJson("nested too deeply") from None
