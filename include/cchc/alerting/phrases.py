"""Templates of the messages, and what in them is said in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from cchc.alerting import words
from cchc.alerting.alerts import Alert
from cchc.alerting.findings import Findings, source_name, unit_name
from cchc.alerting.waiting import Waiting
from cchc.catalogue.models import Catalogue

_LINES_SHOWN = 10  # units named in a short section
_TABLE_LINES = 30  # of a table; a mail of more is cut off by what shows it


@cache
def templates() -> Environment:
    """Return the templates of the messages; what is given to one of HTML is escaped."""
    environment = Environment(
        loader=PackageLoader("cchc.alerting"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["count"] = words.count
    environment.filters["night"] = words.night
    environment.filters["shown"] = _shown
    environment.filters["rest"] = _rest
    environment.globals["owners"] = words.OWNERS
    environment.globals["not_counted"] = words.NOT_COUNTED
    environment.globals["not_proved"] = words.NOT_PROVED
    environment.globals["removed_means"] = words.REMOVED
    environment.globals["marked_means"] = words.MARKED
    environment.globals["removed_unnamed"] = words.UNNAMED
    environment.globals["if_not_gone"] = words.IF_NOT_GONE
    return environment


def _shown(lines: Sequence[Any]) -> Sequence[Any]:
    """Return the lines of a table that a message has."""
    return lines[:_TABLE_LINES]


def _rest(lines: Sequence[Any]) -> str:
    """Return how many lines more there are, in words, or nothing."""
    more = len(lines) - _TABLE_LINES
    return f"và {words.count(more)} dòng nữa" if more > 0 else ""


def lines(catalogue: Catalogue, of: Sequence[Alert], *, nights: bool = False) -> list[str]:
    """Return alerts in words, a line for each unit, the longest open first."""
    by_unit: dict[str, list[Alert]] = {}
    for alert in sorted(of, key=lambda a: -a.night):
        by_unit.setdefault(alert.thing.unit_code, []).append(alert)
    made = [_line(catalogue, unit, alerts, nights=nights) for unit, alerts in by_unit.items()]
    if len(made) > _LINES_SHOWN:
        return [*made[:_LINES_SHOWN], f"và {words.count(len(made) - _LINES_SHOWN)} đơn vị khác"]
    return made


def _line(catalogue: Catalogue, unit: str, of: list[Alert], *, nights: bool) -> str:
    parts = []
    for kind, name in words.KINDS.items():
        things = [a.thing for a in of if a.thing.kind == kind]
        if not things:
            continue
        lower = name[:1].lower() + name[1:]
        if not unit:
            parts.append(lower)
        elif kind == "rows":
            parts.append(f"{words.count(len(things))} loại lỗi dòng dữ liệu")
        else:
            sources = [
                source_name(catalogue, t.source_code)
                if t.source_code in catalogue.sources
                else f"{t.source_code} (không còn trong danh mục)"
                for t in things
            ]
            parts.append(f"{lower}: {', '.join(sources)}")
    where = unit_name(catalogue, unit) if unit else catalogue.province.name
    since = f" ({words.night(max(a.night for a in of))})" if nights else ""
    return f"{where} – {'; '.join(parts)}{since}"


def page(portal: str, path: str) -> str:
    """Return the address of a page of the portal; empty where the installation has none."""
    return f"{portal.rstrip('/')}/{path}" if portal else ""


@dataclass(frozen=True)
class UnitLine:
    """One unit and how much of it is wrong."""

    unit: str
    sources: str
    rows: int  # in all, also of nights before
    refused: int

    @property
    def text(self) -> str:
        """What is wrong, in words."""
        parts = [
            f"chưa có số liệu từ {self.sources}" if self.sources else "",
            f"{words.count(self.rows)} dòng chờ sửa" if self.rows else "",
            f"{words.count(self.refused)} bản ghi mang dấu mật" if self.refused else "",
        ]
        return "; ".join(part for part in parts if part)


def by_unit(catalogue: Catalogue, found: Findings, waiting: Mapping[str, Waiting]) -> list[UnitLine]:
    """Return the units with something to mend, those without data first, then by rows to correct."""
    open_rows = {code: of_unit.in_all for code, of_unit in waiting.items() if of_unit.in_all}
    lines = []
    for code in sorted({*found.units(), *open_rows}):
        part = found.of_units({code})
        sources = ", ".join(f.source for f in part.failures)
        lines.append(
            UnitLine(unit_name(catalogue, code), sources, open_rows.get(code, 0), part.refused_count)
        )
    return sorted(lines, key=lambda line: (not line.sources, -line.rows))
