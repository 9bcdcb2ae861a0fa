"""What a report needs of a release and its numbers in the warehouse do not have: points, and the sources that lack.

It is a file of the release itself, sealed with it (`bao-cao/so-lieu.json`), so a report made years later says what was
published, not what a catalogue or a rule of that day would make of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from cchc.indicators.periods import Period
from cchc.publishing.reports.figures import Edition, Figure, Silent

PATH = "bao-cao/so-lieu.json"
_NUMBERS = ("value", "numerator", "denominator", "coverage", "most")


def dump(edition: Edition, sets: Iterable[str]) -> bytes:
    """Return the figures of these sets and the silent sources of an edition, as JSON."""
    wanted = set(sets)
    document = {
        "period": _span(edition.period),
        "silent": None if edition.silent is None else [asdict(source) for source in edition.silent],
        "figures": [_plain(figure) for key, figure in sorted(edition.figures.items()) if key[1] in wanted],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def load(release: Path, period: Period) -> tuple[list[Figure], tuple[Silent, ...] | None]:
    """Return what `dump` was given, from the folder of a release.

    Nothing where the release has no such file, where it is of another period, or where it is not as it was published.
    """
    body = _published(release)
    document: Any = json.loads(body) if body else None
    if document is None or document["period"] != _span(period):
        return [], None
    silent = document["silent"]
    figures = [Figure(**(stated | _decimals(stated))) for stated in document["figures"]]
    return figures, None if silent is None else tuple(Silent(**source) for source in silent)


def _published(release: Path) -> bytes | None:
    manifest = release / "manifest.json"
    if not manifest.is_file():
        return None
    listed: dict[str, Any] = json.loads(manifest.read_bytes())["files"]
    for name in sorted(listed):  # internal/bao-cao/so-lieu.json
        path = release / name
        if (name == PATH or name.endswith(f"/{PATH}")) and path.is_file():
            body = path.read_bytes()
            if hashlib.sha256(body).hexdigest() == listed[name]["sha256"]:
                return body
    return None


def _span(period: Period) -> list[str]:
    return [period.start.isoformat(), period.end.isoformat()]


def _plain(figure: Figure) -> dict[str, Any]:
    stated = asdict(figure)
    return stated | {name: None if stated[name] is None else str(stated[name]) for name in _NUMBERS}


def _decimals(stated: Mapping[str, Any]) -> dict[str, Decimal | None]:
    return {name: None if stated[name] is None else Decimal(stated[name]) for name in _NUMBERS}
