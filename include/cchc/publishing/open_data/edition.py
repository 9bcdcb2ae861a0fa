"""An edition: the open data of one release, under an address that never changes: it is named by what it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

from cchc.catalogue.models import Catalogue
from cchc.publishing.content import Content
from cchc.publishing.open_data import describe, documents
from cchc.publishing.open_data.describe import Audience
from cchc.publishing.open_data.formats import as_csv, as_parquet
from cchc.publishing.open_data.tables import tables

FOLDER = "du-lieu"


def files(content: Content, catalogue: Catalogue, audience: Audience) -> dict[str, bytes]:
    """Return the open data of a release by path below the build: `du-lieu/<edition>/…`.

    `content` is what the audience may read: for the public what `suppression.public` made of it.
    """
    made = data(content, catalogue)
    edition = edition_of(content.day, made)
    shown = tables(content, catalogue)
    address = catalogue.province.portal.address
    base = f"{address}{FOLDER}/{edition}/" if address else ""
    made["README.md"] = describe.readme(content, catalogue, audience, shown)
    made["dcat.jsonld"] = describe.dcat(content, catalogue, audience, shown, made, base)
    made["SHA256SUMS"] = describe.sums(made)
    return {f"{FOLDER}/{edition}/{name}": body for name, body in made.items()}


def data(content: Content, catalogue: Catalogue) -> dict[str, bytes]:
    """Return the files that make an edition what it is: the tables, the documents and what their columns mean."""
    shown = tables(content, catalogue)
    made = {f"{table.name}.csv": as_csv(table) for table in shown}
    made |= {f"{table.name}.parquet": as_parquet(table) for table in shown}
    made["indicators.json"] = documents.data(content, catalogue)
    if content.points:
        made["points.json"] = documents.points_data(content)
    made["dictionary.csv"] = describe.dictionary(shown)
    made["datapackage.json"] = describe.package(content, catalogue, shown)
    return made


def edition_of(day: date, made: Mapping[str, bytes]) -> str:
    """Return the name of an edition: the reporting day and the first 12 of the hash of its files (`data`)."""
    whole = hashlib.sha256()
    for name, body in sorted(made.items()):
        whole.update(f"{name} {hashlib.sha256(body).hexdigest()}\n".encode())
    return f"{day.isoformat()}-{whole.hexdigest()[:12]}"


#: What files are that are no tables, for people (Vietnamese).
_TITLES = {
    "indicators.json": "Chỉ số của các đơn vị, cho chương trình",
    "points.json": "Điểm bộ chỉ số, cho chương trình",
    "dictionary.csv": "Từ điển dữ liệu: nghĩa của từng cột",
    "datapackage.json": "Mô tả các bảng và cột (Frictionless Data)",
    "dcat.jsonld": "Mô tả bộ dữ liệu (DCAT-AP)",
    "README.md": "Đọc trước khi dùng",
    "SHA256SUMS": "Mã kiểm tra của các tệp",
}


def titles(content: Content, catalogue: Catalogue) -> dict[str, str]:
    """Return what each file of an edition is called on pages (Vietnamese), by its name."""
    named = dict(_TITLES)
    for table in tables(content, catalogue):
        named |= {f"{table.name}.csv": table.title, f"{table.name}.parquet": table.title}
    return named
