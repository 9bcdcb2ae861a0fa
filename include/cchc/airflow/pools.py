"""One pool per vendor's server, so that a night never opens more connections to it than its owner allows.

A task that names a pool which does not exist is never started and nothing says why; so the pools are written
before Airflow starts:

    python -m cchc.airflow.pools > pools.json && airflow pools import pools.json
"""

from __future__ import annotations

import json
import sys
from typing import NamedTuple

from cchc.catalogue.load import any_without_host, hosts
from cchc.settings import settings


class Lane(NamedTuple):
    """The sources that share a server: its code, its pool and how many of them may be read at once."""

    host: str | None  # None: sources that are not read from a server
    name: str
    pool: str
    slots: int
    seconds: float  # the longest one source's pull may take


FILES = Lane(host=None, name="files", pool="cchc_files", slots=4, seconds=600)


def lanes() -> list[Lane]:
    """Return a lane for every host of the catalogue, and one for sources without a host where there are any."""
    catalogue = settings().catalogue
    served = [
        Lane(h.code, h.code.replace(".", "_"), f"cchc_{h.code}", h.slots, h.total_seconds)
        for h in hosts(catalogue).values()
    ]
    return [*served, FILES] if any_without_host(catalogue) else served


def pools() -> dict[str, dict[str, object]]:
    """Return the pools in the shape `airflow pools import` reads."""
    return {
        lane.pool: {
            "slots": lane.slots,
            "description": f"cchc: sources read at once from {lane.name}",
            "include_deferred": False,
        }
        for lane in lanes()
    }


if __name__ == "__main__":
    json.dump(pools(), sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
