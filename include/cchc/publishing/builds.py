"""The two builds of a release: the portal with everything it offers, for the office and for the public."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from cchc.catalogue.models import Catalogue
from cchc.publishing import content as contents
from cchc.publishing import reports
from cchc.publishing.content import Content
from cchc.publishing.open_data import edition
from cchc.publishing.portal import site
from cchc.publishing.portal.view import Audience, Download
from cchc.publishing.reports import Edition, reading
from cchc.publishing.suppression.public import Public, public, reason
from cchc.publishing.suppression.remembered import Memory
from cchc.publishing.workbooks import folder as workbooks


@dataclass(frozen=True)
class Material:
    """All that a release is made of."""

    content: Content
    before: Edition | None  # the month before, which the report compares with


def gather(connection: Connection, catalogue: Catalogue, day: date) -> Material:
    """Return what the release of `day` is made of, in the snapshot of `connection`; raises as `content.gather` does."""
    found = contents.gather(connection, catalogue, day)
    return Material(found, reading.month_before(connection, catalogue, day))


def for_office(material: Material, catalogue: Catalogue) -> dict[str, bytes]:
    """Return the files of the internal build by path; they depend on nothing that was published before."""
    return _files(material.content, catalogue, "internal", material.before)


def for_public(material: Material, catalogue: Catalogue, said: Memory) -> tuple[dict[str, bytes], Public]:
    """Return the files of the public build by path, and what other releases must know of it.

    `said`: what other releases have said to the public.
    """
    shown = public(material.content, catalogue, said)
    return _files(shown.content, catalogue, "public", material.before), shown


def _files(
    content: Content, catalogue: Catalogue, audience: Audience, before: Edition | None
) -> dict[str, bytes]:
    made = _build(content, catalogue, audience, before)
    return {f"{audience}/{path}": body for path, body in made.items()}


def _build(
    content: Content, catalogue: Catalogue, audience: Audience, before: Edition | None
) -> dict[str, bytes]:
    books = workbooks.files(
        day=content.day,
        groups={unit.code: unit.group for unit in catalogue.units},
        points=content.points,
        forms=(form for forms in content.forms.values() for form in forms),
        statistics=content.documents,
        withheld=reason(catalogue.province.portal.smallest),
    )
    data = edition.files(content, catalogue, audience)
    offered = {
        "Dữ liệu mở": list(_data(data, edition.titles(content, catalogue))),
        "Biểu mẫu và bảng tính": list(_books(books, content)),
    }
    written: Mapping[str, bytes] = {}
    if audience == "internal":  # a draft of the office, with what inspections found
        name = next(iter(data)).split("/")[1]
        written = reports.files(content, catalogue, name, before)
        if reports.PATH in written:
            title = "Báo cáo công tác cải cách hành chính (dự thảo, Word)"
            offered["Báo cáo"] = [Download(reports.PATH, title, len(written[reports.PATH]))]
    return {**site.files(content, catalogue, audience, offered), **data, **books, **written}


def _data(made: Mapping[str, bytes], titles: Mapping[str, str]) -> Iterable[Download]:
    for path, body in made.items():
        yield Download(path, titles[path.rsplit("/", 1)[-1]], len(body))


def _books(made: Mapping[str, bytes], content: Content) -> Iterable[Download]:
    """Yield the workbooks that the page of downloads lists: the province's; a unit's stand on its own page."""
    names = {f"{workbooks.FOLDER}/van-ban.xlsx": "Thống kê sổ văn bản đến, đi"}
    names |= {f"{workbooks.FOLDER}/{workbooks.index_name(p)}.xlsx": p.index.title for p in content.points}
    for code, forms in content.forms.items():
        for form in forms[:1]:
            names[f"{workbooks.FOLDER}/{code}-{form.unit_code}.xlsx"] = (
                f"{form.layout.number}, {form.unit_name}"
            )
    for path, title in names.items():
        if path in made:
            yield Download(path, title, len(made[path]))
