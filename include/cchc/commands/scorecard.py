"""`cchc scorecard`: how good the data of each unit is, for officers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import click

from cchc import night, output
from cchc.catalogue.models import Catalogue
from cchc.commands.options import DAY, FORMAT, known_unit, say
from cchc.errors import ConfigurationError
from cchc.quality import scorecard as scorecards
from cchc.quality.scorecard.definitions import BANDS

COLUMNS = (
    ("unit_code", "Đơn vị"),
    ("name", "Tên đơn vị"),
    ("dimension", "Mã"),
    ("title", "Mặt chất lượng"),
    ("share", "%"),
    ("band", "Mức"),
    ("change", "So với kỳ trước (điểm %)"),
    ("numerator", "Đạt"),
    ("denominator", "Tổng"),
    ("counted", "Tính theo"),
    ("oldest_nights", "Dòng mở lâu nhất (đêm)"),
)


@click.command()
@DAY
@click.option("--unit", "units", multiple=True, help="Unit code; default every unit.")
@click.option("--again", is_flag=True, help="Count the day anew first; every night does it by itself.")
@click.option("--wide", is_flag=True, help="A line for each unit, with its shares alone.")
@FORMAT
def scorecard(day: date, units: tuple[str, ...], again: bool, wide: bool, form: output.Format) -> None:
    """Print how good the data of units is: a share for each dimension, over the nights up to a reporting day."""
    catalogue = night.catalogue()
    chosen = [known_unit(catalogue, unit) for unit in units] or None
    warehouse = night.ready_warehouse()
    if again:
        scorecards.write(warehouse, catalogue, day)
    cards = scorecards.read(warehouse, day, chosen)
    if not cards:
        raise ConfigurationError(
            f"the night of {day} kept no scorecard of these units; count it with `cchc scorecard --day {day} --again`"
        )
    known = scorecards.definitions()
    title = f"Chất lượng dữ liệu, {cards[0].nights} đêm đến {day:%d/%m/%Y}"
    if wide:
        columns = (*COLUMNS[:2], *((d.code, f"{d.title} (%)") for d in known.dimensions))
        output.write(_wide(cards, catalogue), columns, form, title=title)
    else:
        output.write(_rows(cards, catalogue), COLUMNS, form, title=title)
    for dimension in known.dimensions:
        say(f"{dimension.title}: {dimension.sentence}")


def _rows(cards: Iterable[scorecards.UnitCard], catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for card in cards:
        for mark in card.marks:
            yield {
                "unit_code": card.unit_code,
                "name": catalogue.unit(card.unit_code).name,
                "dimension": mark.dimension.code,
                "title": mark.dimension.title,
                "share": mark.share,
                "band": BANDS[mark.band] if mark.band else None,
                "change": mark.change,
                "numerator": mark.numerator if mark.denominator else None,
                "denominator": mark.denominator or None,
                "counted": mark.dimension.counted,
                "oldest_nights": mark.oldest_nights,
            }


def _wide(cards: Iterable[scorecards.UnitCard], catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for card in cards:
        yield {
            "unit_code": card.unit_code,
            "name": catalogue.unit(card.unit_code).name,
            **{mark.dimension.code: mark.share for mark in card.marks},
        }
