"""The two builds of a release: the portal with everything it offers, for the office and for the public."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cchc.catalogue.models import Catalogue
from cchc.publishing.content import Content
from cchc.publishing.portal import site
from cchc.publishing.portal.view import Audience, Download
from cchc.publishing.suppression.public import public
from cchc.publishing.workbooks import folder as workbooks


def files(content: Content, catalogue: Catalogue) -> dict[str, bytes]:
    """Return the files of a release by path."""
    builds: dict[Audience, Content] = {"internal": content, "public": public(content, catalogue)}
    return {
        f"{audience}/{path}": body
        for audience, of_build in builds.items()
        for path, body in _build(of_build, catalogue, audience).items()
    }


def _build(content: Content, catalogue: Catalogue, audience: Audience) -> dict[str, bytes]:
    books = workbooks.files(
        day=content.day,
        groups={unit.code: unit.group for unit in catalogue.units},
        points=content.points,
        forms=(form for forms in content.forms.values() for form in forms),
        statistics=content.documents,
    )
    offered = {"Biểu mẫu và bảng tính": list(_offered(books, content))}
    return {**site.files(content, catalogue, audience, offered), **books}


def _offered(made: Mapping[str, bytes], content: Content) -> Iterable[Download]:
    """Yield the workbooks that the page of downloads lists: the province's; a unit's stand on its own page."""
    names = {f"{workbooks.FOLDER}/van-ban.xlsx": "Thống kê sổ văn bản đến, đi"}
    names |= {f"{workbooks.FOLDER}/{workbooks.index_name(p)}.xlsx": p.index.title for p in content.points}
    for code, forms in content.forms.items():
        for form in forms[:1]:
            names[f"{workbooks.FOLDER}/{code}-{form.unit_code}.xlsx"] = f"{form.layout.number}, {form.unit_name}"
    for path, title in names.items():
        if path in made:
            yield Download(path, title, len(made[path]))
