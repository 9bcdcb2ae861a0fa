"""The downloads: every file of the build with what it is for, how to open and cite it, what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from cchc.publishing.portal.view import Download, View

#: What a file is for, by its name, then by how its name ends (Vietnamese).
_BY_NAME = {
    "SHA256SUMS": "kiểm tra tệp tải về có nguyên vẹn không",
    "manifest.json": "danh sách mọi tệp của bản công bố, kèm mã kiểm tra",
}
_BY_SUFFIX = {
    ".csv": "mở bằng Excel, LibreOffice hoặc phần mềm thống kê",
    ".parquet": "cho phần mềm phân tích: Python, R, DuckDB, Power BI",
    ".json": "cho phần mềm đọc",
    ".jsonld": "mô tả bộ dữ liệu cho các cổng dữ liệu mở (DCAT-AP)",
    ".ttl": "mô tả bộ dữ liệu cho các cổng dữ liệu mở (DCAT-AP)",
    ".rdf": "mô tả bộ dữ liệu cho các cổng dữ liệu mở (DCAT-AP)",
    ".xlsx": "mở, in bằng Excel hoặc LibreOffice",
    ".docx": "mở, sửa bằng Word hoặc LibreOffice",
    ".pdf": "đọc, in",
    ".md": "đọc bằng trình soạn thảo văn bản",
    ".txt": "đọc bằng trình soạn thảo văn bản",
    ".zip": "tệp nén, giải nén rồi dùng",
}
_DATA = "du-lieu"  # the folder of editions


@dataclass(frozen=True)
class Offered:
    """A file as the page offers it."""

    file: Download
    name: str
    purpose: str
    kind: str  # CSV


def page(view: View) -> tuple[str, bytes]:
    """Return the page of downloads."""
    headings = {
        heading: [_offered(file) for file in files] for heading, files in view.downloads.items() if files
    }
    files = [one for offered in headings.values() for one in offered]
    return view.page(
        "tai-ve.html",
        "downloads.html.j2",
        "Tải dữ liệu",
        headings=headings,
        editions=sorted(
            {one.file.path.split("/")[1] for one in files if one.file.path.startswith(f"{_DATA}/")}
        ),
        sums=next((one for one in files if one.name == "SHA256SUMS"), None),
        kinds={one.kind for one in files},
        licence=view.catalogue.province.portal.licence,
        address=view.catalogue.province.portal.address,
    )


def _offered(file: Download) -> Offered:
    path = PurePosixPath(file.path)
    kind = path.suffix.removeprefix(".").upper() if path.name not in _BY_NAME else "TXT"
    purpose = _BY_NAME.get(path.name) or _BY_SUFFIX.get(path.suffix.lower(), "")
    return Offered(file, path.name, purpose, kind)
