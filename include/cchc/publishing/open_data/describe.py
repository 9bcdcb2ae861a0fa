"""What the open data is: a dictionary, a Frictionless data package, a DCAT-AP catalogue, a text to read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from cchc.catalogue.models import Catalogue
from cchc.publishing.content import Content
from cchc.publishing.open_data.formats import text
from cchc.publishing.open_data.tables import DataTable

Audience = Literal["internal", "public"]
_EU = "http://publications.europa.eu/resource/authority"
_MEDIA = {
    "csv": ("text/csv", "CSV"),
    "parquet": ("application/vnd.apache.parquet", "PARQUET"),
    "json": ("application/json", "JSON"),
}
_SCHEMA = "https://datapackage.org/profiles/1.0/datapackage.json"
TITLE = "Số liệu cải cách hành chính {place}"
_KEYWORDS = ("cải cách hành chính", "thủ tục hành chính", "hồ sơ", "dịch vụ công", "văn bản")
_COLUMNS = ("table", "column", "type", "title", "title_en", "key")


def place(content: Content) -> str:
    """Return the province as it stands within a sentence."""
    return content.province_name[0].lower() + content.province_name[1:]


def dictionary(tables: Iterable[DataTable]) -> bytes:
    """Return every column of every table with its type and what it means, as CSV."""
    rows = (
        {
            "table": table.name,
            "column": column.name,
            "type": column.kind,
            "title": column.title,
            "title_en": column.english,
            "key": column.key,
        }
        for table in tables
        for column in table.columns
    )
    return text(_COLUMNS, rows)


def package(content: Content, catalogue: Catalogue, tables: Iterable[DataTable]) -> bytes:
    """Return the data package (Frictionless Data Package 1, Table Schema) of the CSV files."""
    licence = catalogue.province.portal.licence
    stated = {"title": licence.title, **({"path": licence.url} if licence.url else {"name": "notspecified"})}
    document = {
        "$schema": _SCHEMA,
        "profile": "tabular-data-package",
        "name": f"cchc-{content.province_code.lower()}",
        "title": TITLE.format(place=place(content)),
        "version": content.day.isoformat(),
        "licenses": [stated],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": table.name,
                "title": table.title,
                "description": table.english,
                "path": f"{table.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "header": True},
                "schema": {
                    "fields": [
                        {"name": c.name, "type": c.kind, "title": c.title, "description": c.english}
                        for c in table.columns
                    ],
                    "missingValues": [""],
                },
            }
            for table in tables
        ],
    }
    return _json(document)


def dcat(
    content: Content,
    catalogue: Catalogue,
    audience: Audience,
    tables: Iterable[DataTable],
    files: Mapping[str, bytes],
    base: str,
) -> bytes:
    """Return the catalogue of the edition as JSON-LD (DCAT-AP 3): tables are datasets, files distributions.

    `base`: the address of the edition with a slash at its end, or empty: then addresses are relative to the file.
    """
    portal = catalogue.province.portal
    publisher = {"@type": "foaf:Agent", "foaf:name": _vi(f"Ủy ban nhân dân {place(content)}")}
    licence: dict[str, Any] = {"@type": "dct:LicenseDocument", "dct:title": _vi(portal.licence.title)}
    if portal.licence.url:
        licence["@id"] = portal.licence.url
    title = TITLE.format(place=place(content))
    rights = "PUBLIC" if audience == "public" else "NON_PUBLIC"
    datasets = [
        {
            "@id": f"{base}#{table.name}",
            "@type": "dcat:Dataset",
            "dct:identifier": table.name,
            "dct:title": [_vi(table.title), {"@language": "en", "@value": table.english}],
            "dct:description": [_vi(f"{table.title}; {title}"), {"@language": "en", "@value": table.english}],
            "dct:publisher": publisher,
            "dct:modified": _day(content.day),
            "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/DAILY"},
            "dct:language": {"@id": f"{_EU}/language/VIE"},
            "dct:accessRights": {"@id": f"{_EU}/access-right/{rights}"},
            "dcat:theme": {"@id": f"{_EU}/data-theme/GOVE"},
            "dcat:keyword": [_vi(word) for word in _KEYWORDS],
            "dct:spatial": {"@type": "dct:Location", "locn:geographicName": _vi(content.province_name)},
            **_temporal(table),
            "dcat:distribution": [
                {
                    "@id": f"{base}{name}",
                    "@type": "dcat:Distribution",
                    "dct:title": _vi(f"{table.title} ({_MEDIA[suffix][1]})"),
                    "dcat:accessURL": {"@id": f"{base}{name}"},
                    "dcat:downloadURL": {"@id": f"{base}{name}"},
                    "dcat:mediaType": {
                        "@id": f"https://www.iana.org/assignments/media-types/{_MEDIA[suffix][0]}"
                    },
                    "dct:format": {"@id": f"{_EU}/file-type/{_MEDIA[suffix][1]}"},
                    "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(len(files[name]))},
                    "dct:license": licence,
                    "spdx:checksum": {
                        "@type": "spdx:Checksum",
                        "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                        "spdx:checksumValue": {
                            "@type": "xsd:hexBinary",
                            "@value": hashlib.sha256(files[name]).hexdigest(),
                        },
                    },
                }
                for suffix in _MEDIA
                if (name := f"{table.name}.{suffix}") in files
            ],
        }
        for table in tables
    ]
    document = {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "locn": "http://www.w3.org/ns/locn#",
            "spdx": "http://spdx.org/rdf/terms#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": f"{base}dcat.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _vi(title),
        "dct:description": _vi(f"{title}: chỉ số, điểm bộ chỉ số, hồ sơ theo thủ tục và nguồn số liệu"),
        "dct:publisher": publisher,
        "dct:language": {"@id": f"{_EU}/language/VIE"},
        "dct:license": licence,
        "dct:modified": _day(content.day),
        "dct:spatial": {"@type": "dct:Location", "locn:geographicName": _vi(content.province_name)},
        **({"foaf:homepage": {"@id": portal.address}} if portal.address else {}),
        "dcat:dataset": datasets,
    }
    return _json(document)


def readme(content: Content, catalogue: Catalogue, audience: Audience, tables: Iterable[DataTable]) -> bytes:
    """Return what the files are and how they are read (Vietnamese)."""
    portal = catalogue.province.portal
    listed = "\n".join(f"- `{t.name}.csv`, `{t.name}.parquet`: {t.title}." for t in tables)
    withheld = (
        f"\nSố đếm hồ sơ và phản ánh dưới {portal.smallest}, cùng những số mà từ đó suy ra được, không công bố riêng: ô"
        " trống, cột `reason` nói lý do. Ô trống không phải là 0. Tỷ lệ có mẫu số được công bố thì cho khoảng giá trị"
        " (`lower`, `upper`).\n"
        if audience == "public"
        else "\nBản nội bộ: có số nhỏ của từng đơn vị, không phổ biến ra ngoài cơ quan.\n"
    )
    return f"""# {TITLE.format(place=place(content))}

Ngày báo cáo {content.day:%d/%m/%Y}. Mỗi bản số liệu có địa chỉ riêng, không bao giờ thay đổi; số liệu mới là bản mới.

{listed}
- `indicators.json`, `points.json`: các bảng công bố và điểm cho phần mềm đọc.
- `dictionary.csv`, `datapackage.json`: từ điển dữ liệu (Frictionless Table Schema); `dcat.jsonld`: mô tả theo DCAT-AP.
- `SHA256SUMS`: mã kiểm tra, dùng `sha256sum -c SHA256SUMS`.

CSV dùng bảng mã UTF-8, ngăn cách bằng dấu phẩy, số thập phân dùng dấu chấm, ngày dạng 2026-11-14. Chữ bắt đầu bằng dấu
của công thức có dấu `'` ở trước để bảng tính không chạy; bản Parquet giữ nguyên.
{withheld}
Giấy phép: {portal.licence.title}{f" ({portal.licence.url})" if portal.licence.url else ""}.
""".encode()


def sums(files: Mapping[str, bytes]) -> bytes:
    """Return the checksums of files as `sha256sum -c` reads them."""
    return "".join(
        f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(files.items())
    ).encode()


def _temporal(table: DataTable) -> dict[str, Any]:
    """Return from when to when a table's numbers are."""
    spans = [(row["period_from"], row["period_to"]) for row in table.rows if "period_from" in row]
    starts = [first for first, _ in spans if isinstance(first, date)]
    ends = [last for _, last in spans if isinstance(last, date)]
    if not starts or not ends:
        return {}
    return {
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _day(min(starts)),
            "dcat:endDate": _day(max(ends)),
        }
    }


def _vi(words: str) -> dict[str, str]:
    return {"@language": "vi", "@value": words}


def _day(day: date) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": day.isoformat()}


def _json(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
