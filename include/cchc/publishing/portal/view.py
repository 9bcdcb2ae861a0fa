"""What every page of the portal is made with: the content, where things are, and how numbers are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue, Unit
from cchc.indicators import words
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.numbers import percent, printed
from cchc.publishing.content import Content, shown_units
from cchc.publishing.forms.layouts import Layout
from cchc.publishing.history import Month
from cchc.publishing.notes import Notes
from cchc.publishing.portal.addresses import procedure_page, slug, unit_page
from cchc.publishing.workbooks import folder as workbooks

Audience = Literal["internal", "public"]
GROUPS = words.GROUPS
GROUP_PAGES = {"department": "xep-hang/so-ban-nganh.html", "commune": "xep-hang/xa-phuong.html",
               "district": "xep-hang/cap-huyen.html"}  # fmt: skip
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Download:
    """A file that pages link to."""

    path: str  # from the root of the build
    title: str  # Vietnamese
    size: int  # bytes


@dataclass(frozen=True)
class View:
    """One build of the portal."""

    content: Content
    catalogue: Catalogue
    audience: Audience
    downloads: Mapping[str, Sequence[Download]] = field(default_factory=dict)  # heading → files

    @property
    def day(self) -> date:
        """The reporting day."""
        return self.content.day

    @property
    def is_internal(self) -> bool:
        """Whether the page is for the office, with all numbers."""
        return self.audience == "internal"

    @property
    def place(self) -> str:
        """The province as it stands within a sentence: tỉnh Cao Bằng."""
        name = self.content.province_name
        return name[0].lower() + name[1:]

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The units that have a page, in catalogue order."""
        return shown_units(self.catalogue, self.day)

    @cached_property
    def groups(self) -> dict[str, list[Unit]]:
        """The units with a page by group, in the order of `GROUPS`; only groups that have any."""
        return {
            group: members
            for group in GROUPS
            if (members := [unit for unit in self.units if unit.group == group])
        }

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of the province and of all units, those that are no more too, by code."""
        known = {unit.code: unit.name for unit in sorted(self.catalogue.units, key=lambda u: u.valid_from)}
        return {**known, self.content.province_code: self.content.province_name}

    @cached_property
    def source_names(self) -> dict[str, str]:
        """What a source is called in a note."""
        return {s.code: f"{s.title} ({s.unit_name})" for s in self.content.sources}

    @cached_property
    def source_titles(self) -> dict[str, str]:
        """What a source is called on its unit's page."""
        return {s.code: s.title for s in self.content.sources}

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """The indicators that are shown of every unit, by code."""
        return {i.code: i for i in self.content.history.indicators} if self.content.history else {}

    @property
    def months(self) -> tuple[Month, ...]:
        """The report months of the trend, oldest first."""
        return self.content.history.months if self.content.history else ()

    @property
    def revision(self) -> int | None:
        """The closing whose frozen numbers those of the current month are; None: it is not closed."""
        return self.months[-1].revision if self.months else None

    @cached_property
    def procedure_layout(self) -> Layout | None:
        """The form in whose columns procedures are counted; of it the columns that hold a number of any procedure."""
        forms = next(iter(self.content.forms.values()), ())
        if not forms:
            return None
        layout = forms[0].layout
        rows = self.content.procedure_rows
        columns = tuple(c for c in layout.columns if any(row.values[c.code] is not None for row in rows))
        return layout.model_copy(update={"columns": columns or layout.columns})

    def notes(self, prefix: str, *, is_closed: bool = False) -> Notes:
        """Return the notes of a table, to be filled as it is written; `is_closed`: its numbers are frozen ones."""
        return Notes(prefix, self.source_names, is_closed)

    def value(self, unit: str, indicator: str) -> IndicatorValue:
        """Return a number of the current month."""
        return self.months[-1].values[unit, indicator]

    def page(self, path: str, template: str, title: str, **values: Any) -> tuple[str, bytes]:
        """Return a page and its path from the root of the build; links in templates begin with `root`."""
        root = "../" * path.count("/")
        html = TEMPLATES.get_template(template).render(
            view=self, root=root, path=path, title=title, **HELPERS, **values
        )
        return path, html.encode()


def waiting_workbook(code: str) -> str:
    """Return the path of the workbook of a unit's rows to correct."""
    return f"{workbooks.FOLDER}/can-sua-{slug(code)}.xlsx"


def fraction(value: IndicatorValue) -> str:
    """Return `2.299 / 2.412`, or an empty text where the number is not a share."""
    if value.numerator is None or value.denominator is None:
        return ""
    return f"{printed(value.numerator)} / {printed(value.denominator)}"


def share(value: Decimal | None) -> str:
    """Return a coverage as `95,3%`; where no source is expected a dash."""
    return "–" if value is None else f"{printed(percent(value, Decimal(1)).normalize())}%"


def dated(day: date | None) -> str:
    """Return 14/11/2026."""
    return "–" if day is None else f"{day:%d/%m/%Y}"


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end."""
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."


def kilobytes(size: int) -> str:
    """Return a size as people read it: 12 KB, 1,4 MB."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{printed(Decimal(size) / 1_000_000, 1)} MB"


def number(value: Decimal | None) -> str:
    """Return `1.234,5`; what is not known is a dash."""
    return "–" if value is None else printed(value)


def whole_number(value: int) -> str:
    """Return a count: 1.234."""
    return printed(Decimal(value))


def web(text: str) -> Markup:
    """Return a text as a link where all of it is an address of the web, else as it is, escaped."""
    if re.fullmatch(r"https?://[^\s<>\"']+", text):
        return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(text)
    return escape(text)


def picture(svg: str) -> Markup:
    """Return a drawing of ours as it is: its texts were escaped by the library that drew it."""
    return Markup(svg)  # noqa: S704


HELPERS: dict[str, Any] = {
    "unit_page": unit_page,
    "procedure_page": procedure_page,
    "fraction": fraction,
    "share": share,
    "dated": dated,
    "sentence": sentence,
    "kilobytes": kilobytes,
    "picture": picture,
    "number": number,
    "printed_number": whole_number,
    "slug": slug,
    "words": words,
    "GROUPS": GROUPS,
    "GROUP_PAGES": GROUP_PAGES,
}
TEMPLATES.filters |= {"web": web, "fraction": fraction, "number": number}
