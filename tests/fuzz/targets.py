"""Every target by its name: a plain function, so that a crash of yesterday is a test of today (test_fuzz.py)."""

from __future__ import annotations

from collections.abc import Callable

from fuzz.in_files import register_csv, register_ndjson, sheet, workbook
from fuzz.in_values import door, mapping, readers, texts
from fuzz.over_the_wire import connections, edxml, http, json_pages, links, paging, strict_json
from fuzz.promises import BrokenPromise

#: every target by its name, which is also the folder of its corpus
TARGETS: dict[str, Callable[[bytes], None]] = {
    "strict_json": strict_json,
    "json_pages": json_pages,
    "edxml": edxml,
    "register_csv": register_csv,
    "register_ndjson": register_ndjson,
    "sheet": sheet,
    "door": door,
    "texts": texts,
    "readers": readers,
    "mapping": mapping,
    "connections": connections,
    "paging": paging,
    "http": http,
    "links": links,
    "workbook": workbook,
}


def planted(data: bytes) -> None:
    """Find a flaw behind four nested comparisons: nobody hits it by chance, only by following coverage."""
    if data[:1] == b"m" and data[1:2] == b"a" and data[2:3] == b"t":  # noqa: SIM102  a branch each
        if data[3:4] == b"!":
            raise BrokenPromise("planted")
