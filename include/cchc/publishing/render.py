"""The files of a release, as bytes: JSON and CSV for programs, one static page for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cchc.catalogue.models import Catalogue
from cchc.catalogue.scores import ScoreSet
from cchc.indicators import words
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.numbers import percent, printed
from cchc.indicators.periods import Period
from cchc.publishing import points
from cchc.publishing.content import Content, Row, Table
from cchc.publishing.notes import Notes
from cchc.publishing.points import Points

CSV_COLUMNS = (
    "publication",
    "unit_code",
    "unit_name",
    "indicator_code",
    "title",
    "measured_in",
    "period_from",
    "period_to",
    "value",
    "numerator",
    "denominator",
    "printed",
    "reason",
    "coverage",
    "fresh_to",
)
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def files(content: Content, catalogue: Catalogue) -> dict[str, bytes]:
    """Return the content files of a release by name."""
    made = {
        "index.html": page(content, catalogue),
        "indicators.csv": table(content),
        "indicators.json": data(content, catalogue),
    }
    if content.points:
        made |= {"points.csv": points_table(content), "points.json": points_data(content)}
    return made


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _value(value: IndicatorValue) -> dict[str, Any]:
    return {
        "value": _number(value.value),
        "numerator": _number(value.numerator),
        "denominator": _number(value.denominator),
        "printed": value.printed,
        "reason": value.reason,
        "coverage": _number(value.coverage),
        "fresh_to": _iso(value.fresh_to),
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


def _cell(value: object) -> object:
    """Return a text that no spreadsheet takes for a formula (OWASP ASVS 1.2.10)."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\0"):
        return "'" + value
    return value


def table(content: Content) -> bytes:
    """Return every number as a CSV line; UTF-8 with its mark, so that Excel shows Vietnamese letters."""
    return _csv(CSV_COLUMNS, _lines(content))


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _lines(content: Content) -> Iterator[dict[str, object]]:
    for own in content.tables:
        for row in own.rows:
            for indicator, value in zip(own.indicators, row.values, strict=True):
                yield {
                    "publication": own.code,
                    "unit_code": row.unit_code,
                    "unit_name": row.unit_name,
                    "indicator_code": indicator.code,
                    "title": indicator.title,
                    "measured_in": indicator.unit,
                    "period_from": _iso(value.period.start),
                    "period_to": _iso(value.period.end),
                    **_value(value),
                }


def points_table(content: Content) -> bytes:
    """Return the points of every unit as CSV: a line per component, then the sums of the group and of the index."""
    rows = (_stated(row) for own in content.points for row in points.rows(own))
    return _csv(points.COLUMNS, rows)


def _stated(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as programs read it: decimals as numbers, days as 2026-11-14."""

    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return _number(value)
        return _iso(value) if isinstance(value, date) else value

    return {key: plain(value) for key, value in row.items()}


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


def _up_to(row: Row, never: Collection[str]) -> str:
    """Return how far the stalest source of a unit's numbers has delivered; `never`: those that are not whole yet."""
    oldest = min((v.fresh_to for v in row.values if v.fresh_to is not None), default=None)
    if oldest is None:
        return "chưa có"
    if any(code in never for v in row.values for code in v.lacking):
        return "chưa đủ"
    return f"{oldest:%d/%m/%Y}"


def _is_late(row: Row) -> bool:
    return any(v.lacking for v in row.values)


def _fraction(value: IndicatorValue) -> str:
    """Return `2.299 / 2.412`, or an empty text where the number is not a share."""
    if value.numerator is None or value.denominator is None:
        return ""
    return f"{printed(value.numerator)} / {printed(value.denominator)}"


def _share(value: Decimal | None) -> str:
    """Return a coverage as `95,3%`; where no source is expected a dash."""
    return "–" if value is None else f"{printed(percent(value, Decimal(1)).normalize())}%"


def _methods(content: Content, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return each indicator set that is shown, with what its numbers mean."""
    sets: dict[str, Table] = {}
    for own in content.tables:
        sets.setdefault(own.set_code, own)
    return [
        {
            "title": own.set_title,
            "code": own.set_code,
            "indicators": [
                {
                    "title": i.title,
                    "formula": words.formula(catalogue, i),
                    "denominator": words.denominator(catalogue, i),
                    "rounding": words.rounding(i),
                    "basis": i.basis,
                }
                for i in own.indicators
            ],
        }
        for own in sets.values()
    ]


@dataclass(frozen=True)
class Block:
    """The points of the province under one index, as the page shows them."""

    code: str  # of the section on the page
    index: ScoreSet
    period: Period
    lines: tuple[points.Line, ...]
    lacking: int  # sources that have not delivered all of the period


def _block(own: Points) -> Block:
    lines = tuple(points.of_province(own))
    lacking = {code for line in lines for cell in line.cells for code in cell.lacking}
    return Block(f"diem-{own.index.code}", own.index, own.period, lines, len(lacking))


def page(content: Content, catalogue: Catalogue) -> bytes:
    """Return the Vietnamese page: static, without scripts or outside requests."""
    names = {s.code: f"{s.title} ({s.unit_name})" for s in content.sources}
    name = content.province_name
    blocks = [_block(own) for own in content.points]
    html = _TEMPLATES.get_template("page.html.j2").render(
        content=content,
        place=name[0].lower() + name[1:],
        notes={
            code: Notes(code, names) for code in [t.code for t in content.tables] + [b.code for b in blocks]
        },
        blocks=blocks,
        methods=_methods(content, catalogue),
        rules={catalogue.profiles[s.profile].on_time_rule for s in catalogue.sources.values()},
        rule_words=words.ON_TIME_RULES,
        up_to=partial(_up_to, never={s.code for s in content.sources if s.fresh_to is None}),
        is_late=_is_late,
        fraction=_fraction,
        share=_share,
    )
    return html.encode()
