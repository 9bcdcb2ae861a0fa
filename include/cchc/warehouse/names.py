"""What the catalogue calls measures, indicators and the parts of indexes, beside the numbers for schema `report`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from cchc.catalogue.models import Catalogue
from cchc.catalogue.scores import ScoreSet
from cchc.warehouse.sql import query

_POINTS = "điểm"


def sync(connection: Connection, catalogue: Catalogue) -> None:
    """Bring `core.measure` and `core.indicator` to what the catalogue says; what has left it stays."""
    measures = (
        {"measure_code": m.code, "title": m.title, "unit": m.unit, "dataset": m.dataset, "kind": m.kind}
        for m in catalogue.measures.values()
    )
    _put(connection, "measure", measures)
    _put(connection, "indicator", _indicators(catalogue))


def _put(connection: Connection, name: str, rows: Iterable[dict[str, Any]]) -> None:
    said = json.dumps(list(rows), ensure_ascii=False)
    connection.execute(query(f"names/{name}"), {"said": said})


def _indicators(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for chosen in catalogue.indicator_sets.values():
        for position, one in enumerate(chosen.indicators, start=1):
            yield {
                "set_code": chosen.code,
                "indicator_code": one.code,
                "position": position,
                "set_title": chosen.title,
                "title": one.title,
                "unit": one.unit,
                "better": one.better,
                "max_score": None,
                "basis": one.basis,
            }
    for index in catalogue.scores.values():
        yield from _official(index)
        for version, rule in index.versions.items():
            yield from _own(index, f"{index.code}-{version}", f"{index.title} ({rule.title})")


def _official(index: ScoreSet) -> Iterator[dict[str, Any]]:
    """Yield what a portal states of an index: a group under `<group>/`, a component under `<group>/<component>`."""
    parts = [
        part
        for group in index.groups
        for part in (
            (f"{group.code}/", group.title, group.max),
            *((f"{group.code}/{c.code}", c.title, c.max) for c in group.components),
        )
    ]
    for position, (code, title, most) in enumerate(parts, start=1):
        yield _part(index, index.code, index.title, position, code, title, most)


def _own(index: ScoreSet, set_code: str, set_title: str) -> Iterator[dict[str, Any]]:
    """Yield the components that earn points, under the codes their own points are closed with."""
    components = [c for group in index.groups for c in group.components if c.max]
    for position, c in enumerate(components, start=1):
        yield _part(index, set_code, set_title, position, c.code, c.title, c.max)


def _part(
    index: ScoreSet, set_code: str, set_title: str, position: int, code: str, title: str, most: int
) -> dict[str, Any]:
    return {
        "set_code": set_code,
        "indicator_code": code,
        "position": position,
        "set_title": set_title,
        "title": title,
        "unit": _POINTS,
        "better": "higher",
        "max_score": most,
        "basis": index.basis,
    }
