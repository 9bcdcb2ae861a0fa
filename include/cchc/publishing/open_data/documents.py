"""The publications and the points of a release as JSON, nested as people read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from cchc.catalogue.models import Catalogue
from cchc.indicators import words
from cchc.indicators.compute import IndicatorValue
from cchc.publishing import points
from cchc.publishing.content import Content
from cchc.publishing.open_data.tables import plain
from cchc.publishing.points import Points


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _value(value: IndicatorValue) -> dict[str, Any]:
    return {
        "value": plain(value.value),
        "numerator": plain(value.numerator),
        "denominator": plain(value.denominator),
        "printed": value.printed,
        "reason": value.reason,
        "coverage": plain(value.coverage),
        "fresh_to": _iso(value.fresh_to),
        **({"bounds": [plain(end) for end in value.bounds]} if value.bounds else {}),
    }


def data(content: Content, catalogue: Catalogue) -> bytes:
    """Return the release as JSON (UTF-8)."""
    document = {
        "province": {"code": content.province_code, "name": content.province_name},
        "reporting_day": content.day.isoformat(),
        "coverage": {"expected": len(content.sources), "fresh": content.fresh},
        "sources": [
            {
                "code": s.code,
                "title": s.title,
                "unit_code": s.unit_code,
                "unit_name": s.unit_name,
                "is_fresh": s.is_fresh,
                "fresh_to": _iso(s.fresh_to),
                "problem": s.problem,
                "notice": s.notice,
            }
            for s in content.sources
        ],
        "publications": [
            {
                "code": t.code,
                "title": t.title,
                "indicator_set": t.set_code,
                "period": {"label": t.period.label, "from": _iso(t.period.start), "to": _iso(t.period.end)},
                "indicators": [
                    {
                        "code": i.code,
                        "title": i.title,
                        "measured_in": i.unit,
                        "formula": words.formula(catalogue, i),
                        "rounding": words.rounding(i),
                        "basis": i.basis,
                    }
                    for i in t.indicators
                ],
                "units": [
                    {
                        "code": row.unit_code,
                        "name": row.unit_name,
                        "values": {v.indicator_code: _value(v) for v in row.values},
                    }
                    for row in t.rows
                ],
            }
            for t in content.tables
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _stated(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as programs read it: decimals as numbers, days as 2026-11-14."""

    def simple(value: Any) -> Any:
        if isinstance(value, Decimal):
            return plain(value)
        return _iso(value) if isinstance(value, date) else value

    return {key: simple(value) for key, value in row.items()}


_COUNTED = ("numerator", "denominator", "ratio", "score", "reason", "coverage")
_SUMMED = ("score", "max", "reason")  # reason: what is missing in a sum, and what the other parts earn


def points_data(content: Content) -> bytes:
    """Return the points as JSON (UTF-8): index, unit, rule version, group, component."""
    document = {
        "province": {"code": content.province_code, "name": content.province_name},
        "reporting_day": content.day.isoformat(),
        "indexes": [_index(own) for own in content.points],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _index(own: Points) -> dict[str, Any]:
    units: dict[str, dict[str, Any]] = {
        code: {"code": code, "name": name, "versions": {}} for code, name in own.names.items()
    }
    for row in map(_stated, points.rows(own)):
        of_unit = units[row["unit_code"]]["versions"]
        version = of_unit.setdefault(row["version"], {**dict.fromkeys(_SUMMED), "groups": {}})
        if not row["group"]:
            version |= {key: row[key] for key in _SUMMED}
            continue
        group = version["groups"].setdefault(row["group"], {**dict.fromkeys(_SUMMED), "components": {}})
        if row["component"] is None:
            group |= {key: row[key] for key in _SUMMED}
        else:
            group["components"][row["component"]] = {key: row[key] for key in _COUNTED}
    return {
        "code": own.index.code,
        "title": own.index.title,
        "basis": own.index.basis,
        "period": {
            "label": own.period.label,
            "from": _iso(own.period.start),
            "to": _iso(own.period.end),
        },
        "versions": {code: version.title for code, version in own.index.versions.items()},
        "groups": [
            {
                "code": group.code,
                "title": group.title,
                "max": group.max,
                "components": [{"code": c.code, "title": c.title, "max": c.max} for c in group.components],
            }
            for group in own.index.groups
        ],
        "units": list(units.values()),
    }
