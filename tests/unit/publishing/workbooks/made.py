"""Points, statistics and forms made by hand, whose sums are easily seen, and a workbook as a test reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

import openpyxl

from cchc.catalogue.scores import Component, Group, ScoreSet
from cchc.indicators.delivered import Coverage
from cchc.indicators.periods import Period
from cchc.indicators.scoring.own import OwnPart
from cchc.publishing.forms import layouts
from cchc.publishing.forms.rows import Form, FormRow
from cchc.publishing.points import Points
from cchc.publishing.workbooks.register_statistics import COLUMNS, DocumentStatistics, Kind, Line, share
from cchc.settings import SHIPPED_CATALOGUE

DAY = date(2026, 11, 14)
PERIOD = Period("2026-11", date(2026, 10, 15), DAY, "report")
EVIL = "=HYPERLINK(1)"
NAMES = {"H14": "tỉnh Cao Bằng", "A": "Sở A", "B": EVIL, "C": "Sở C", "D": "Sở D", "@E": "Sở E", "X": "Xã X"}
GROUPS = {code: "commune" if code == "X" else "department" for code in NAMES if code != "H14"} | {
    "H14": "province"
}
#: Unit → points of the components one, two and three under `first`; the ties are of sums that doubles do not add alike.
SCORES: dict[str, tuple[str | None, ...]] = {
    "H14": ("6.1", "2.2", "4.75"),
    "A": ("6.1", "2.2", "1"),
    "B": ("8.3", "0", "1"),
    "C": ("9", "1", "5"),
    "D": ("9", None, "5"),
    "@E": ("0", "0", "0"),
    "X": ("1", "1", "1"),
}


@cache
def index() -> ScoreSet:
    """Return an index of two groups, two rule versions and classes; one component earns nothing."""
    component: dict[str, Any] = {"rules": {"first": {}, "second": {}}}

    def of(code: str, most: int, **more: Any) -> dict[str, Any]:
        return component | {"code": code, "title": f"Chỉ số {code}", "max": most, **more}

    group = {"shape": "metrics", "national_code": "N"}
    return ScoreSet.model_validate(
        {
            "code": "qd766",
            "title": "Bộ chỉ số thử",
            "basis": "Quyết định thử",
            "valid_from": "2022-06-23",
            "versions": {
                "first": {"arithmetic": "exact", "title": "thứ nhất"},
                "second": {"arithmetic": "double", "title": "thứ hai"},
            },
            "bands": {
                "confirmed": False,
                "classes": [{"title": "Tốt", "least": 60}, {"title": "Yếu", "least": 0}],
            },
            "groups": [
                {
                    **group,
                    "code": "g1",
                    "title": "Nhóm một",
                    "max": 15,
                    "components": [of("one", 10), of("info", 0), of("two", 5)],
                },
                {
                    **group,
                    "code": "g2",
                    "title": "Nhóm hai",
                    "max": 5,
                    "components": [of("three", 5, confirmed=False)],
                },
            ],
        }
    )


def _part(unit: str, group: Group, component: Component, score: str | None) -> OwnPart:
    known = score is not None
    return OwnPart(
        unit_code=unit,
        group=group,
        component=component,
        numerator=Decimal(1234) if known else None,
        denominator=Decimal(5678) if known else None,
        ratio=Decimal("21.73") if known else None,
        score=Decimal(score) if score is not None and component.max else None,
        reason=None if known else "chưa có dữ liệu hồ sơ từ =nguồn",
        coverage=Decimal("0.5") if unit == "A" else Decimal(1),
        lacking=(),
    )


def points(scores: Mapping[str, tuple[str | None, ...]] = SCORES) -> Points:
    """Return the points of a province and its units; under the second version nothing is known of component two."""
    parts: dict[str, tuple[OwnPart, ...]] = {}
    own = index()
    for version in own.versions:
        parts[version] = tuple(
            _part(unit, group, component, found[component.code])
            for unit, (one, two, three) in scores.items()
            for found in [
                {"one": one, "info": "0", "two": None if version == "second" else two, "three": three}
            ]
            for group in own.groups
            for component in group.components
        )
    return Points(own, PERIOD, NAMES, parts)


def line(kind: Any, code: str, counts: tuple[int, ...] | None, title: str | None = None) -> Line:
    """Return a line whose incoming, electronic, outgoing and signed documents are given, all else 1; None: unknown."""
    values: dict[str, Decimal | None] = {c.code: None if counts is None else Decimal(1) for c in COLUMNS}
    if counts is not None:
        named = ("documents_in", "documents_in_electronic", "documents_out", "documents_out_signed")
        values |= {name: Decimal(n) for name, n in zip(named, counts, strict=True)}
        for column in COLUMNS:
            if column.share is not None:
                values[column.code] = share(*(values[name] for name in column.share))
    reasons = {c.code: "chưa có dữ liệu văn bản" for c in COLUMNS if values[c.code] is None}
    return Line(kind, code, title or code, values, reasons, Decimal("0.75"))


def _sum(kind: Any, code: str, title: str, counts: tuple[int, ...], units: int) -> Line:
    whole = line(kind, code, counts, title)
    named = ("documents_in", "documents_in_electronic", "documents_out", "documents_out_signed")
    plain = {c.code: Decimal(units) for c in COLUMNS if c.share is None and c.code not in named}
    return Line(kind, code, title, {**whole.values, **plain}, whole.reasons, whole.coverage)


def statistics() -> DocumentStatistics:
    """Return the registers of two departments and two communes, one of which has not delivered."""
    return DocumentStatistics(
        code="H14",
        name="tỉnh Cao Bằng",
        period=PERIOD,
        day=DAY,
        lines=(
            _sum("group", "department", "Sở, ban, ngành", (30, 20, 11, 7), 2),
            line("unit", "A", (10, 5, 4, 3)),
            line("unit", "B", (20, 15, 7, 4), EVIL),
            line("group", "commune", (9, 9, 0, 0), "Xã, phường"),
            line("unit", "X", (9, 9, 0, 0)),
            line("unit", "Y", None),
            _sum("total", "H14", "Cả tỉnh", (39, 29, 11, 7), 3),
        ),
        months=(
            line("month", "2026-10", (30, 20, 4, 3), "Tháng 10/2026"),
            line("month", "2026-11", (9, 9, 7, 4), "Tháng 11/2026"),
        ),
        kinds=(
            Kind("in", "Công văn", 30),
            Kind("in", "-Tờ trình", 6),
            Kind("in", None, 3),
            Kind("out", "Quyết định", 11),
        ),
    )


def form(code: str, rows: int = 20) -> Form:
    """Return a form of some fields."""
    layout = layouts.load(SHIPPED_CATALOGUE, code)
    known = {c.code: None if c.missing else 1234 for c in layout.columns}
    reasons = {c.code: c.missing for c in layout.columns if c.missing}
    fields = tuple(
        FormRow(
            "field", "department", f"F{n}", str(n), EVIL if n == 1 else f"Lĩnh vực số {n}", known, reasons
        )
        for n in range(1, rows + 1)
    )
    return Form(
        layout=layout,
        unit_code="H14",
        unit_name="tỉnh Cao Bằng",
        period=PERIOD,
        rows=(
            FormRow("level", "department", None, "I", "Sở, ban, ngành", known, reasons),
            *fields,
            FormRow("total", "total", None, "", layout.total, known, reasons),
        ),
        coverage=Coverage(Decimal("0.75"), DAY, ()),
        day=DAY,
        absent=(),
        notes=layout.notes,
    )


@cache
def opened(content: bytes, *, values: bool = False) -> Any:
    """Return a workbook with its formulas, or with the values that stand beside them."""
    return openpyxl.load_workbook(BytesIO(content), data_only=values)


def texts(sheet: Any) -> list[list[Any]]:
    """Return the cells of a sheet by row."""
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def row_of(sheet: Any, text: str, column: int = 2) -> Any:
    """Return the cells of the first row that has a text in a column (from 1)."""
    return next(row for row in sheet.iter_rows() if row[column - 1].value == text)
