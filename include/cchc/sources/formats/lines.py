"""NDJSON: one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from cchc.sources.formats.separated import BadText
from cchc.sources.formats.strict_json import BadJson, parse

_LONGEST_LINE = 1_000_000


def rows_of_ndjson(file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, object); raises `BadText`."""
    for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE + 1), b""), 1):
        if not line.strip():
            continue
        if len(line) > _LONGEST_LINE:
            raise BadText(f"the line is over {_LONGEST_LINE} bytes", number)
        try:
            row = parse(line)
        except BadJson as bad:
            raise BadText(
                f"the line cannot be read: {bad}{' (cut off)' if bad.cut_short else ''}", number
            ) from None
        if not isinstance(row, dict):
            raise BadText("the line is not a JSON object", number)
        yield number, row
