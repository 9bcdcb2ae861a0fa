"""What a report needs of a release and the warehouse does not have: points, and the sources that lack.

Both stand in the open data that is sealed with the release, so a report made years later says what was published, not
what a catalogue or a rule of that day would make of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from cchc.indicators.periods import Period
from cchc.publishing.reports.figures import WHOLE, Figure, Silent, of_score

_BUILD = "internal/"  # the public's lacks small counts
_SUM = ("score", "reason")
_COUNTED = (*_SUM, "numerator", "denominator", "coverage")
_POINTS, _SOURCES = "points.json", "indicators.json"


def load(release: Path, period: Period) -> tuple[list[Figure], tuple[Silent, ...] | None]:
    """Return the points of a period and the silent sources, from the folder of a release.

    No points where they are of another period; neither where the files are not there or not as they were published.
    """
    points, stated = _published(release, _POINTS), _published(release, _SOURCES)
    figures = [figure for index in (points or {}).get("indexes", ()) for figure in _of_index(index, period)]
    sources = None if stated is None else stated["sources"]
    silent = (
        None if sources is None else tuple(_silent(source) for source in sources if not source["is_fresh"])
    )
    return figures, silent


def _published(release: Path, wanted: str) -> dict[str, Any] | None:
    """Return a document of a release's open data, where it is as it was published."""
    manifest = release / "manifest.json"
    if not manifest.is_file():
        return None
    listed: dict[str, Any] = json.loads(manifest.read_bytes())["files"]
    for name in sorted(listed):  # internal/du-lieu/2026-11-14-0123456789ab/points.json
        path = release / name
        if name.startswith(_BUILD) and name.endswith(f"/{wanted}") and path.is_file():
            body = path.read_bytes()
            if hashlib.sha256(body).hexdigest() == listed[name]["sha256"]:
                found: dict[str, Any] = json.loads(body, parse_float=Decimal, parse_int=Decimal)
                return found
    return None


def _silent(source: Mapping[str, Any]) -> Silent:
    return Silent.of(source["title"], source["unit_name"], source["problem"])


def _of_index(index: Mapping[str, Any], period: Period) -> Iterator[Figure]:
    """Yield the points of an index: components, then their group, and the sum, by unit and rule version."""
    span = index["period"]
    if (span["from"], span["to"]) != (period.start.isoformat(), period.end.isoformat()):
        return
    most = {c["code"]: c["max"] for group in index["groups"] for c in group["components"]}
    for unit in index["units"]:
        for version, whole in unit["versions"].items():
            place = (unit["code"], f"{index['code']}-{version}")
            covered: list[Decimal | None] = []
            for code, group in whole["groups"].items():
                parts = group["components"]
                for name, part in parts.items():
                    yield of_score((*place, name), most[name], **{key: part[key] for key in _COUNTED})
                shares = [part["coverage"] for part in parts.values()]
                yield of_score(
                    (*place, f"group:{code}"), group["max"], coverage=_least(shares), **_summed(group)
                )
                covered += shares
            yield of_score((*place, WHOLE), whole["max"], coverage=_least(covered), **_summed(whole))


def _summed(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {key: stated[key] for key in _SUM}


def _least(shares: Iterable[Decimal | None]) -> Decimal | None:
    return min((share for share in shares if share is not None), default=None)
