"""The portal: a static site in Vietnamese, for the office with all numbers and for the public, from one code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cchc.catalogue.models import Catalogue
from cchc.publishing.content import Content
from cchc.publishing.portal import (
    downloads,
    methods,
    overview,
    periods,
    procedures,
    publications,
    ranking,
    units,
)
from cchc.publishing.portal.view import Audience, Download, View, waiting_workbook
from cchc.publishing.workbooks import corrections

_ASSETS = Path(__file__).parent / "assets"


def files(
    content: Content,
    catalogue: Catalogue,
    audience: Audience,
    offered: Mapping[str, Sequence[Download]],
) -> dict[str, bytes]:
    """Return every page of a build and what pages need, by path.

    `content` is that of the build: small numbers are withheld in it before it comes here where the build is public.
    `offered`: the files that can be downloaded, by heading.
    """
    view = View(content, catalogue, audience, offered)
    assets = {f"assets/{path.name}": path.read_bytes() for path in sorted(_ASSETS.iterdir())}
    return {**dict(_pages(view)), **dict(_workbooks(view)), **assets}


def _pages(view: View) -> Iterator[tuple[str, bytes]]:
    yield overview.page(view)
    yield from ranking.pages(view)
    yield from units.pages(view)
    yield from publications.pages(view)
    yield from procedures.pages(view)
    yield from periods.pages(view)
    yield methods.page(view)
    yield downloads.page(view)


def _workbooks(view: View) -> Iterator[tuple[str, bytes]]:
    """Yield the rows to correct of each unit that has any: for insiders."""
    if view.is_internal:
        for code, own in view.content.waiting.items():
            yield waiting_workbook(code), corrections.render(own.load, view.day, corrections.NOT_COUNTED)
