"""The grid as one HTML page that asks nothing of any other address; colours never stand alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cchc.airflow.grid.cells import STATES, Grid, State


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
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(grid: Grid, *, worst_first: bool, link: Callable[[UUID | None], str | None], province: str) -> str:
    """Return the page; `link` gives the address of a ledger run's page in Airflow, None where it is not known."""
    return _TEMPLATES.get_template("grid.html.j2").render(
        grid=grid,
        looks=LOOKS,
        names=[f"{day:%d/%m}" for day in grid.days],
        states=[state for state in STATES if state != "none"],
        worst_first=worst_first,
        link=link,
        province=province,
    )
