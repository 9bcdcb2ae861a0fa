"""The reading process: one workbook on a descriptor, within limits of memory and time; cells go out as JSON frames.

It begins without secrets (an empty environment) and can write no file. The protocol, each frame being four bytes of
length and JSON: first ``{"sheets": […]}``, then for each number of a sheet that comes in on a line: ``{"sheet": …}``,
``{"rows": […]}`` as often as needed, ``{"end": true}``. ``{"refused": text}`` ends it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, BinaryIO

from cchc.sources.formats.isolated.refusal import Refusal

if TYPE_CHECKING:
    from cchc.sources.formats.isolated.books import Book

OUT_OF_MEMORY = 77  # the exit code
LONGEST_FRAME = 16 * 1024 * 1024
_PLAIN = frozenset({str, float, int, bool})  # what JSON has too
_PAGE = 500  # rows to a frame
_CELLS = 20_000  # … of a wide sheet, about so many cells


def limit(memory_mb: int, seconds: int) -> None:
    """Bound this process: address space, processor time, and no file of its own."""
    size = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Serve the workbook whose descriptor is the first argument; the others are megabytes and seconds."""
    number, memory_mb, seconds = (int(text) for text in sys.argv[1:4])
    from cchc.sources.formats.isolated.books import opened  # before the limits: compiled modules are kept

    limit(memory_mb, seconds)
    code = 0
    try:
        with os.fdopen(number, "rb") as file:
            _serve(opened(file), sys.stdin.buffer, sys.stdout.buffer)
    except Refusal as refusal:
        _send(sys.stdout.buffer, {"refused": str(refusal)})
    except MemoryError:
        code = OUT_OF_MEMORY
    except BrokenPipeError:  # nobody wants the rest
        code = 1
    os._exit(code)  # at once: nothing is worth tidying


def _serve(book: Book, asked: BinaryIO, out: BinaryIO) -> None:
    _send(out, {"sheets": book.sheets()})
    for line in asked:
        facts, rows, broken = book.sheet(int(line))
        _send(out, {"sheet": facts})
        page: list[list[Any]] = []
        first = number = 0
        for number, cells in enumerate(rows):
            page.append([cell if type(cell) in _PLAIN else _cell(cell) for cell in cells])
            for at in broken.get(number, ()):
                page[-1][at] = {"broken": broken[number][at]}
            if len(page) >= _PAGE or len(page) * len(cells) >= _CELLS:
                _send(out, {"first": first, "rows": page})
                page, first = [], number + 1
        _send(out, {"first": first, "rows": page})
        _send(out, {"end": True})


def _cell(value: Any) -> Any:
    """Return a cell that JSON does not have: a moment in an object."""
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    return str(value)  # a duration


def _send(out: BinaryIO, frame: dict[str, Any]) -> None:
    try:
        body = json.dumps(frame, allow_nan=False).encode()
    except ValueError:
        raise Refusal("it holds a number without end (NaN or infinity)") from None
    if len(body) > LONGEST_FRAME:
        raise Refusal("its rows are longer than is sensible")
    out.write(len(body).to_bytes(4, "big") + body)
    out.flush()
