"""A release made by hand, and its pages as a browser takes them apart."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from cchc.catalogue.load import load
from cchc.catalogue.models import Catalogue
from cchc.indicators import periods
from cchc.indicators.delivered import Coverage
from cchc.publishing.archive import Change, ClosedPeriod, Frozen, Revision
from cchc.publishing.content import Content
from cchc.publishing.forms import layouts
from cchc.publishing.forms.rows import Form
from cchc.publishing.history import History, Month
from cchc.publishing.portal.addresses import slug
from cchc.publishing.portal.view import Audience, Download, View
from cchc.publishing.procedures import Procedure, ProcedureRow
from cchc.settings import SHIPPED_CATALOGUE

DAY = date(2026, 12, 9)
EVIL = "=1+1\"'<script>alert(1)</script>"
COLUMNS = tuple(f"c{n}" for n in range(3, 14))
PERIOD = periods.of_publication("report_month", DAY)


@cache
def catalogue() -> Catalogue:
    """Return the shipped catalogue; its province shows `province-core`."""
    return load(SHIPPED_CATALOGUE)


def form(code: str, unit: str) -> Form:
    """Return a form without rows: pages of procedures read its columns only."""
    layout = layouts.load(SHIPPED_CATALOGUE, code)
    return Form(layout, unit, unit, PERIOD, (), Coverage(Decimal(1), DAY, ()), DAY, (), ())


def row(unit: str, code: str, *values: int | None) -> ProcedureRow:
    """Return a row whose columns hold these numbers, the last of them again and again."""
    padded = [*values, *[values[-1]] * (len(COLUMNS) - len(values))]
    return ProcedureRow(unit, code, None, dict(zip(COLUMNS, padded, strict=True)))


def content(**changed: Any) -> Content:
    """Return a release of two procedures in two units, with nothing closed."""
    indicators = catalogue().indicator_sets["province-core"]
    stated: dict[str, Any] = {
        "province_code": "H14",
        "province_name": "Tỉnh Cao Bằng",
        "day": DAY,
        "sources": (),
        "tables": (),
        "history": History(
            indicators.code, indicators.title, indicators.indicators, ("H14",), (Month(PERIOD, None, {}),)
        ),
        "forms": {code: (form(code, "H14"),) for code in ("ii06a", "07a")},
        "procedure_rows": (row("STP", "1.001", 1200, 34), row("SNV", "1.001", 7), row("SNV", EVIL, 3, None)),
        "procedures": {
            "1.001": Procedure(
                "1.001", "Cấp phiếu lý lịch tư pháp", "TP", "Tư pháp", "full", "10 ngày làm việc"
            ),
            EVIL: Procedure(EVIL, EVIL, None, EVIL, None, None),
        },
    }
    return Content(**{**stated, **changed})


def view(
    audience: Audience = "internal",
    offered: Mapping[str, list[Download]] | None = None,
    **changed: Any,
) -> View:
    """Return a build."""
    return View(content(**changed), catalogue(), audience, offered or {})


def revision(number: int, **changed: Any) -> Revision:
    """Return a closing of 08:05 on 20 November 2026 in Việt Nam."""
    stated: dict[str, Any] = {
        "number": number,
        "reporting_day": DAY,
        "closed_at": datetime(2026, 11, 20, 1, 5, tzinfo=UTC),
        "closed_by": "Nguyễn Văn An",
        "note": None,
        "sources_expected": 20,
        "sources_complete": 18,
        "reopened_at": None,
        "reopened_by": None,
        "reason": None,
        "changes": (),
        "form_changes": 0,
    }
    return Revision(**{**stated, **changed})


def frozen(text: str | None, reason: str | None = None) -> Frozen:
    """Return a number as it was closed."""
    return Frozen(text, reason, None, None)


def closed(**changed: Any) -> ClosedPeriod:
    """Return November 2026, closed, reopened and closed again."""
    values = {
        ("H14", "province-core", "received"): frozen("1.240"),
        ("SNV", "province-core", "received"): frozen("1.234"),
        ("SNV", "province-core", "on-time-share"): frozen(None, "mẫu số bằng 0"),
        ("01273", "province-core", "received"): frozen("6"),
        ("STP", "province-core", "received"): frozen(None, "chưa có dữ liệu hồ sơ từ Một cửa Sở Tư pháp"),
        ("OLD", "gone-set", "gone"): frozen("3"),
        ("SNV", "qd766-written", "PUBLISH_ON_TIME"): frozen("5,25"),
        ("SNV", "qd766-written", "PUBLIC_UPDATE_ON_TIME"): frozen("4"),
        ("SNV", "qd766-written", "on_time"): frozen(None, "chưa có"),
    }
    reopened = {"reopened_at": datetime(2026, 11, 20, 2, 0, tzinfo=UTC), "reopened_by": "Lê Văn Cường"}
    changes = (
        Change("SNV", "province-core", "received", "1.233", "1.234"),
        Change("SNV", "qd766-written", "on_time", "17,5", None),
    )
    stated: dict[str, Any] = {
        "period": periods.parse("2026-11"),
        "revisions": (
            revision(1, changes=changes, form_changes=14),
            revision(0, closed_by="Trần Thị Bình", reason="Sở Y tế gửi bổ sung 12 hồ sơ", **reopened),
        ),
        "values": values,
    }
    return ClosedPeriod(**{**stated, **changed})


@dataclass
class Page(HTMLParser):
    """What a page holds."""

    html: str
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)  # of all tables: the text of their cells
    text: str = ""
    in_cell: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)
        self.text = " ".join(self.text.split())
        self.rows = [[" ".join(cell.split()) for cell in row] for row in self.rows]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = dict(attrs)
        self.tags.append(tag)
        self.ids += [stated["id"] or ""] if "id" in stated else []
        self.links += [stated[name] or "" for name in ("href", "src") if name in stated]
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        self.in_cell = tag in ("td", "th") or self.in_cell

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"
        if self.in_cell:
            self.rows[-1][-1] += data

    def row(self, first: str) -> list[str]:
        """Return the other cells of the row that begins so."""
        return next(cells[1:] for cells in self.rows if cells and cells[0] == first)


def opened(made: Iterable[tuple[str, bytes]]) -> dict[str, Page]:
    """Return pages by path."""
    return {path: Page(html.decode()) for path, html in made}


def dead_links(pages: Mapping[str, Page], elsewhere: Iterable[str]) -> list[str]:
    """Return the links of these pages that lead nowhere: `elsewhere` are targets that other modules make."""
    known = {*elsewhere, "assets/portal.css", "assets/portal.js"}
    known |= {"index.html", "xep-hang/index.html", "don-vi/index.html", "thu-tuc/index.html", "ky/index.html"}
    known |= {"phuong-phap.html", "tai-ve.html"}
    dead = []
    for path, page in pages.items():
        for link in page.links:
            if link.startswith(("data:", "https:")):
                continue
            target, _, anchor = link.partition("#")
            whole = (
                posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(target)))
                if target
                else path
            )
            there = f"{whole}#{anchor}" in known or (whole in known and not anchor)
            if whole in pages:
                there = not anchor or anchor in pages[whole].ids
            if not there:
                dead.append(f"{path}: {link}")
    return dead


def unit_rows(*rows: ProcedureRow) -> set[str]:
    """Return the anchors that pages of units have for rows of procedures."""
    return {f"don-vi/{r.unit_code}.html#tt-{slug(r.procedure_code)}" for r in rows}
