"""The grid and the scorecards as HTML pages that ask nothing of any other address; colours never stand alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cchc.airflow.pages.cells import STATES, Grid, State
from cchc.catalogue.models import Catalogue
from cchc.quality.integrity.words import number
from cchc.quality.scorecard import Mark, UnitCard, definitions
from cchc.quality.scorecard.definitions import BANDS, Band


class Look(NamedTuple):
    """How a state is shown: a sign that needs no colour, its name, and whether a person has to act."""

    sign: str
    name: str
    acts: bool = False


LOOKS: Mapping[State, Look] = {
    "failed": Look("✕", "Lỗi", acts=True),
    "held": Look("G", "Bị giữ, chờ quyết định", acts=True),
    "missing": Look("?", "Chưa chạy", acts=True),
    "pulled": Look("…", "Đã tải, chưa nạp"),
    "loaded": Look("●", "Đã nạp"),
    "unchanged": Look("=", "Không có gì mới"),
    "none": Look("", "Không chờ số liệu"),
}
#: How a band is shown: a sign that needs no colour.
BAND_SIGNS: Mapping[Band, str] = {"good": "●", "fair": "!", "poor": "✕"}
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def grid(shown: Grid, *, worst_first: bool, link: Callable[[UUID | None], str | None], province: str) -> str:
    """Return the page; `link` gives the address of a ledger run's page in Airflow, None where it is not known."""
    return _TEMPLATES.get_template("grid.html.j2").render(
        grid=shown,
        looks=LOOKS,
        names=[f"{day:%d/%m}" for day in shown.days],
        states=[state for state in STATES if state != "none"],
        worst_first=worst_first,
        link=link,
        province=province,
    )


def notice(text: str, home: str) -> str:
    """Return a page that says why there is nothing to see; `home` is the address of the portal's first page."""
    return _TEMPLATES.get_template("notice.html.j2").render(text=text, home=home)


def scorecards(
    cards: Iterable[UnitCard],
    catalogue: Catalogue,
    day: date | None,
    *,
    worst_first: bool,
    documents: bool,
) -> str:
    """Return the page of the cards of a night; `documents`: GX's pages of it are there to be linked."""
    known = definitions()
    names = {unit.code: unit.name for unit in catalogue.units}
    found = list(cards)
    if worst_first:
        found.sort(key=lambda card: [-_count(card, "poor"), -_count(card, "fair")])
    return _TEMPLATES.get_template("scorecards.html.j2").render(
        cards=found,
        names=names,
        day=day,
        known=known,
        bands=BANDS,
        signs=BAND_SIGNS,
        said=_said,
        number=number,
        worst_first=worst_first,
        documents=documents,
        province=catalogue.province.name,
    )


def _count(card: UnitCard, band: Band) -> int:
    return sum(mark.band == band for mark in card.marks)


def _said(mark: Mark) -> str:
    """Return what stands behind a mark (Vietnamese)."""
    if mark.band is None:
        return "không có gì để đánh giá"
    said = f"{number(mark.numerator)} trên {number(mark.denominator)} {mark.dimension.counted}"
    if mark.oldest_nights is not None:
        said += f"; dòng chờ sửa lâu nhất đã {mark.oldest_nights} đêm"
    return said
