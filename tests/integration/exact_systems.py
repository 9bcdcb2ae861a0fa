"""Three systems of three kinds that give exactly the rows a test wants: one-stop software, national portal, registers.

A dossier is written down once, in words of its own (`FIELDS`); each system says it in its vocabulary. A row's place in
the list is its number from 1, also when nothing of its code can be read.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulators.registers import HEADINGS, workbook
from unit.sources.tiny_server import Request, answering, reply

OPENCPS, NATIONAL, REGISTER = "skhcn-motcua", "sxd-dvcqg", "snv-sotay"
SOURCES = (OPENCPS, NATIONAL, REGISTER)

#: what a dossier says, and how each kind of system calls it
FIELDS: dict[str, tuple[str, str, str]] = {
    "code": ("dossierNo", "MaHoSo", "ma_ho_so"),
    "procedure": ("serviceCode", "MaTTHC", "ma_tthc"),
    "field": ("domainCode", "MaLinhVuc", "ma_linh_vuc"),
    "status": ("dossierStatus", "TrangThaiHoSo", "trang_thai"),
    "received": ("receiveDate", "NgayTiepNhan", "ngay_tiep_nhan"),
    "due": ("dueDate", "NgayHenTra", "ngay_hen_tra"),
    "finished": ("releaseDate", "NgayKetThucXuLy", "ngay_hoan_thanh"),
    "returned": ("finishDate", "NgayTra", "ngay_tra"),
    "note": ("dossierNote", "GhiChu", "ghi_chu"),
}
STATES: dict[str, tuple[str, str, str]] = {
    "open": ("processing", "4", "4"),
    "done": ("done", "10", "10"),
    "registered": ("new", "1", "1"),
}
_REST: tuple[dict[str, Any], ...] = (
    {"online": True, "serviceLevel": 4, "extendDate": "", "viaPostal": 1, "fromViaPostal": 0},
    {"KenhThucHien": "2"},
    {"kenh": "1", "muc_do": "4", "nhan_bcci": "không", "tra_bcci": "không", "co_ket_qua": "không"}
    | {"ho_ten": "", "so_dien_thoai": "", "dia_chi": ""},
)


def dossier(source: str, number: int, **said: Any) -> dict[str, Any]:
    """Return a good open dossier as a system gives it, with changes; `also` holds fields in the system's own words."""
    at = SOURCES.index(source)
    plain: dict[str, Any] = {
        "code": f"000.00.{at + 1:02d}.H14-261103-{number:04d}",
        "procedure": "1.012766",
        "field": "GD01",
        "status": "open",
        "received": f"03/11/2026 08:{number % 60:02d}:00",  # a row without a readable code is known by the rest
        "due": "20/11/2026 17:00:00",
        "finished": "",
        "returned": "",
        "note": "",
    }
    also = said.pop("also", {})
    words = plain | said
    if isinstance(words["status"], str):
        words["status"] = STATES.get(words["status"], (words["status"],) * 3)[at]
    row = {FIELDS[name][at]: value for name, value in words.items()}
    if at == 0:
        row["dossierId"] = number
    return row | _REST[at] | also


@dataclass
class Exact:
    """The rows of each source; registers beside the dossiers' are a file name and its content."""

    dossiers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    documents: list[dict[str, Any]] = field(default_factory=list)
    petitions: list[dict[str, Any]] = field(default_factory=list)
    reported: list[list[Any]] = field(default_factory=list)
    unknown_unit: bool = False  # the national portal knows no such unit


@dataclass(frozen=True)
class Speaking:
    """The systems while they answer."""

    variables: dict[str, str]

    def environment(self) -> dict[str, str]:
        """Return the variables that lead to them."""
        return self.variables


@contextmanager
def speaking(systems: Exact, folder: Path) -> Iterator[Speaking]:
    """Let the systems answer."""
    _write(systems, folder / "snv")

    def answer(request: Request) -> bytes:
        return reply(json.dumps(_said(request)).encode())  # escaped: half a letter can be said

    def _said(request: Request) -> dict[str, Any]:
        if request.path == "/api/token":
            return {"access_token": "t"}
        if request.path == "/api/hoso" and systems.unknown_unit:
            return {"status": 0, "errorCode": "100", "message": "Mã đơn vị không tồn tại"}
        if request.path == "/api/hoso":
            rows = systems.dossiers.get(NATIONAL, [])
            page, size = int(request.query["trang"]), int(request.query["soLuong"])
            return {"status": 1, "tongSo": len(rows), "duLieu": rows[(page - 1) * size : page * size]}
        if "fromReleaseDate" in request.query:
            return {"total": 0}
        rows = systems.dossiers.get(OPENCPS, [])
        start, end = int(request.query["start"]), int(request.query["end"])
        return {"total": len(rows), "data": rows[start:end]}

    with answering(answer) as site:
        address = site.url.replace("//", "//me:secret@")
        yield Speaking(
            {
                "AIRFLOW_CONN_MOTCUA": address,
                "AIRFLOW_CONN_DVCQG": address,
                "AIRFLOW_CONN_SOTAY": f"file://{folder}",
            }
        )


def _write(systems: Exact, folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, heading, rows in (
        ("so_tiep_nhan_2026-11.csv", "ma_ho_so", systems.dossiers.get(REGISTER, [])),
        ("so_phan_anh_2026-11.csv", "ma_phan_anh", systems.petitions),
    ):
        (folder / name).write_text(_csv(rows, HEADINGS[heading].split()), encoding="utf-8", newline="")
    lines = "".join(json.dumps(row) + "\n" for row in systems.documents)
    (folder / "so_van_ban_2026-11.ndjson").write_text(lines, encoding="utf-8")
    listed = ["Mã TTHC", "Lĩnh vực", "Mức độ", "Thời hạn", "Đơn vị thời hạn", "Hiệu lực từ", "Hiệu lực đến"]
    reviewed = ["Mã TTHC", "Ngày rà soát", "Đề xuất cắt giảm"]
    (folder / "thu_tuc.xlsx").write_bytes(workbook({"Thủ tục": [listed], "Rà soát": [reviewed]}))
    heads = ["Chỉ tiêu", "Từ ngày", "Đến ngày", "Giá trị", "Tử số", "Mẫu số", "Tỷ lệ", "Căn cứ"]
    (folder / "chi_tieu_bao_cao.xlsx").write_bytes(workbook({"Chỉ tiêu": [heads, *systems.reported]}))
    for path in folder.iterdir():  # as if they had lain there: nobody is writing them
        os.utime(path, (1_700_000_000, 1_700_000_000))


def _csv(rows: Sequence[Mapping[str, Any]], headings: Sequence[str]) -> str:
    text = io.StringIO()
    names = list(dict.fromkeys([*headings, *(name for row in rows for name in row)]))
    writer = csv.DictWriter(text, fieldnames=names, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
