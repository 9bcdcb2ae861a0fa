"""Charts as SVG, drawn by Vega-Lite when a release is made: a page has no script for them and asks nobody for anything.

What is not known is a gap, never a zero and never a colour. Series differ by colour (Okabe and Ito, told apart with any
colour vision) and by the shape of their points.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import vl_convert

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_SHAPES = ("circle", "square", "triangle-up", "diamond")
_FONT = "Segoe UI, Noto Sans, Helvetica Neue, Roboto, Arial, sans-serif"
_INK = "#1c2733"
_CONFIG = {
    "font": _FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {"labelFontSize": 12, "labelColor": "#4a5967", "titleColor": "#4a5967", "titleFontWeight": "normal",
             "gridColor": "#e3e8ec", "domainColor": "#b8c1c9", "tickColor": "#b8c1c9"},
    "legend": {"labelFontSize": 12.5, "labelColor": _INK, "orient": "top", "title": None, "symbolSize": 70,
               "labelLimit": 400},
}  # fmt: skip
_VIETNAMESE: dict[str, Any] = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}
_WIDTH = 640


@dataclass(frozen=True)
class Series:
    """One line of a trend; None: not known in that month."""

    title: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True)
class Bar:
    """One bar: a share in percent of what could be had; None: not known, then only its name stands there."""

    title: str
    share: Decimal | None
    label: str  # what is printed beside it


def trend(months: Sequence[str], series: Sequence[Series], unit: str, *, text: str) -> str:
    """Return lines over months as SVG; `text` says what the picture shows. Empty where nothing at all is known."""
    points = [
        {"month": month, "series": one.title, "value": None if value is None else float(value)}
        for one in series
        for month, value in zip(months, one.values, strict=True)
    ]
    if all(point["value"] is None for point in points):
        return ""
    titles = [one.title for one in series]
    scale = {"domain": titles, "range": list(_COLOURS[: len(titles)])}
    shapes = {"domain": titles, "range": list(_SHAPES[: len(titles)])}
    return _svg(
        {
            "width": _WIDTH,
            "height": 200,
            "data": {"values": points},
            "mark": {"type": "line", "point": {"size": 45, "filled": True}, "strokeWidth": 2,
                     "invalid": "break-paths-show-domains"},
            "encoding": {
                "x": {"field": "month", "type": "ordinal", "sort": list(months), "title": None,
                      "axis": {"labelAngle": 0, "labelOverlap": True}},
                "y": {"field": "value", "type": "quantitative", "title": unit, "scale": {"zero": False, "nice": True},
                      "axis": {"tickCount": 5, "format": ",~r", "titleAngle": 0, "titleAlign": "left",
                               "titleAnchor": "end", "titleY": -8, "titleX": -30}},
                "color": {"field": "series", "type": "nominal", "scale": scale},
                "shape": {"field": "series", "type": "nominal", "scale": shapes},
            },
        },
        text,
    )  # fmt: skip


def columns(months: Sequence[str], values: Sequence[Decimal | None], unit: str, *, text: str) -> str:
    """Return a count by month as columns; a month that is not known has none, and a mark on the ground."""
    if all(value is None for value in values):
        return ""
    points = [
        {"month": month, "value": None if value is None else float(value)}
        for month, value in zip(months, values, strict=True)
    ]
    x = {"field": "month", "type": "ordinal", "sort": list(months), "title": None,
         "axis": {"labelAngle": 0, "labelOverlap": True}}  # fmt: skip
    unknown = {"transform": [{"filter": "datum.value === null"}],
               "mark": {"type": "text", "text": "?", "baseline": "bottom", "fontSize": 13, "color": "#4a5967"},
               "encoding": {"x": x, "y": {"datum": 0}}}  # fmt: skip
    return _svg(
        {
            "width": _WIDTH,
            "height": 160,
            "data": {"values": points},
            "layer": [
                {"mark": {"type": "bar", "color": _COLOURS[0], "width": min(48, round(0.7 * _WIDTH / len(months)))},
                 "encoding": {"x": x, "y": {"field": "value", "type": "quantitative", "title": unit,
                              "axis": {"tickCount": 4, "format": ",~r", "titleAngle": 0, "titleAlign": "left",
                                       "titleAnchor": "end", "titleY": -8, "titleX": -30}}}},
                unknown,
            ],
        },
        text,
    )  # fmt: skip


def bars(items: Sequence[Bar], *, text: str) -> str:
    """Return horizontal bars from 0 to 100 % with what is printed beside each; what is not known has no bar."""
    if all(item.share is None for item in items):
        return ""
    values = [
        {"title": item.title, "share": None if item.share is None else float(item.share), "label": item.label,
         "end": 0 if item.share is None else float(item.share)}
        for item in items
    ]  # fmt: skip
    axis = {"labelLimit": 320, "labelFontSize": 13, "labelColor": _INK, "ticks": False, "domain": False}
    y = {"field": "title", "type": "ordinal", "sort": [i.title for i in items], "title": None, "axis": axis}
    return _svg(
        {
            "width": 380,
            "height": {"step": 30},
            "data": {"values": values},
            "layer": [
                {"transform": [{"filter": "datum.share !== null"}],
                 "mark": {"type": "bar", "color": _COLOURS[0], "height": 16},
                 "encoding": {"y": y, "x": {"field": "share", "type": "quantitative", "title": None,
                                            "scale": {"domain": [0, 100]},
                                            "axis": {"labelExpr": "datum.value + '%'", "tickCount": 5}}}},
                {"mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 12.5, "color": _INK},
                 "encoding": {"y": y, "x": {"field": "end", "type": "quantitative"}, "text": {"field": "label"}}},
            ],
        },
        text,
    )  # fmt: skip


def _svg(spec: dict[str, Any], text: str) -> str:
    """Return a picture that fills its frame, with `text` for those who cannot see it."""
    return _drawn(json.dumps({**spec, "config": _CONFIG}, ensure_ascii=False)).replace(
        "<svg", f'<svg role="img" aria-label="{_attribute(text)}"', 1
    )


@lru_cache(maxsize=4096)
def _drawn(spec: str) -> str:
    """Return the drawing; the two builds of a release have most of them in common."""
    svg = vl_convert.vegalite_to_svg(spec, format_locale=_VIETNAMESE)
    svg = re.sub(r'^<svg [^>]*?width="([\d.]+)" height="([\d.]+)" viewBox="([^"]+)"[^>]*>',
                 r'<svg viewBox="\3" style="--w:\1px">', svg)  # fmt: skip
    # one picture with one name: what its parts are called would be read out letter by letter
    return re.sub(r' (?:role|aria-[a-z]+|pointer-events)="[^"]*"', "", svg)


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
