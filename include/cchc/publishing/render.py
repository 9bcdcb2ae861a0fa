"""One static page of a release for people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
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
from cchc.publishing.content import Content
from cchc.publishing.notes import Notes
from cchc.publishing.points import Points
from cchc.publishing.tables import Row, Table

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


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
