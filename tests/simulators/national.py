"""The dossiers of the national portal: token, `GET /api/hoso` by unit and day of change, pages from 1, errors in 200.

A dossier is found by the day it last changed; asked again later it comes again as it then is.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from simulators import spoil
from simulators.faults import Fault, in_rows
from simulators.model import Dossier, System, identity, person, phone
from simulators.server import Request, Response, answer, same
from simulators.table import Row, Table, Tables, day_of

if TYPE_CHECKING:
    from simulators.province import Province

WORDS = spoil.Words(
    key="MaHoSo",
    received="NgayTiepNhan",
    finished="NgayKetThucXuLy",
    status="TrangThaiHoSo",
    unknown_status="99",
    differing=("MaLinhVuc", "KHAC"),
)
_CHANNELS = {"direct": "1", "online": "2", "post": "3"}
LIFETIME = 3600  # seconds a token says it lasts


class National:
    """The dossiers of every unit that synchronises with the national portal."""

    def __init__(self, province: Province, login: str, password: str) -> None:
        self.login, self.password = login, password
        self._province = province
        self._units = {s.key: s for s in province.systems if s.kind == "national"}
        self._tables = Tables()
        self._tokens: dict[str, dict[str, int]] = {}  # token → how often each source used it
        self._lock = Lock()

    def source_of(self, request: Request) -> str | None:
        unit = self._units.get(request.query.get("maDonVi", ""))
        return unit.source if unit else None

    def page_of(self, request: Request) -> int:
        page = request.query.get("trang", "1")
        return int(page) if page.isdigit() else 1

    def respond(self, request: Request, fault: Fault | None) -> Response:
        if request.path == "/api/token":
            return self._token(request)
        if request.path != "/api/hoso":
            return answer({"status": 0, "errorCode": "404", "message": "Không tìm thấy dịch vụ"}, 404)
        if not self._admitted(request, fault):
            return answer(
                {"status": 0, "errorCode": "101", "message": "Token không hợp lệ hoặc đã hết hạn"}, 401
            )
        if fault is not None and fault.kind == "error_in_200":
            return answer({"status": 0, "errorCode": "106", "message": "Lỗi truy vấn dữ liệu"})
        unit = self._units.get(request.query.get("maDonVi", ""))
        if unit is None:
            return answer({"status": 0, "errorCode": "100", "message": "Mã đơn vị không tồn tại"})
        try:
            return self._list(request, unit, fault)
        except ValueError:
            return answer({"status": 0, "errorCode": "100", "message": "Tham số không hợp lệ"})

    def _token(self, request: Request) -> Response:
        given = (request.form.get("client_id", ""), request.form.get("client_secret", ""))
        if request.method != "POST" or not same(given, (self.login, self.password)):
            return answer(
                {"error": "invalid_client", "error_description": "Client authentication failed"}, 401
            )
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens[token] = {}
        return answer({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME})

    def _admitted(self, request: Request, fault: Fault | None) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        source = self.source_of(request) or ""
        with self._lock:
            uses = self._tokens.get(token)
            if scheme != "Bearer" or uses is None:
                return False
            uses[source] = uses.get(source, 0) + 1
            return fault is None or fault.kind != "expired_token" or uses[source] <= fault.number(0)

    def _list(self, request: Request, unit: System, fault: Fault | None) -> Response:
        since = day_of(request.query.get("tuNgay"), date.min)
        until = day_of(request.query.get("denNgay"), self._province.day)
        page, size = self.page_of(request), min(max(int(request.query.get("soLuong", 200)), 1), 1000)
        today = self._province.seen_from(until)
        changed = in_rows(fault)
        table = self._tables.get((unit, today, changed), lambda: self._make(unit, today, changed))
        numbers = table.select("changed", since, until)
        if fault is not None and fault.kind == "empty":
            numbers = []
        if fault is not None and fault.kind == "repeated_page":
            page = 1
        envelope = spoil.envelope(
            {"status": 1, "message": "OK", "tongSo": len(numbers), "duLieu": None}, fault, "tongSo", "duLieu"
        )
        if envelope["duLieu"] is not None:
            return answer(envelope)
        rows = table.page(numbers[(page - 1) * size : page * size])
        return Response(
            f'{{"status":1,"message":"OK","tongSo":{envelope["tongSo"]},"duLieu":[{rows}]}}'.encode()
        )

    def _make(self, unit: System, today: date, fault: Fault | None) -> Table:
        dossiers = self._province.records(unit, today).dossiers
        rows: list[tuple[int, Row]] = list(enumerate(_row(d, unit, today) for d in dossiers))
        if fault is not None and fault.kind == "bad_rows":
            rows = list(spoil.bad_rows([row for _, row in rows], int(fault.number(14)), WORDS, today))
        return Table(
            spoil.fields([row for _, row in rows], fault, WORDS),
            {"changed": [dossiers[n].changed_on(today).date() for n, _ in rows]},
        )


def _text(moment: datetime | None, today: date) -> str:
    return f"{moment:%d/%m/%Y %H:%M:%S}" if moment is not None and moment.date() <= today else ""


def _row(dossier: Dossier, unit: System, today: date) -> Row:
    """Return the dossier as the national message writes it at the end of a day; every value is a text."""
    number = int(dossier.code[-11:].replace("-", ""))
    finished = _text(dossier.finished, today)
    row: dict[str, Any] = {
        "MaHoSo": dossier.code,
        "MaTTHC": dossier.procedure,
        "TenTTHC": f"Thủ tục {dossier.procedure}",
        "MaLinhVuc": dossier.sector,
        "TenLinhVuc": f"Lĩnh vực {dossier.sector}",
        "KenhThucHien": _CHANNELS[dossier.channel],
        "ChuHoSo": person(number),
        "LoaiDoiTuong": "0",
        "MaDoiTuong": identity(number),
        "Email": f"canary-{number}@example.com",
        "SoDienThoai": phone(number),
        "DiaChi": f"CANARY-{number}-Tổ 1",
        "TrichYeuHoSo": f"{dossier.note} - {person(number)}",
        "NgayNopHoSo": _text(dossier.received, today),
        "NgayTiepNhan": _text(dossier.received, today),
        "NgayHenTra": f"{dossier.due:%d/%m/%Y %H:%M:%S}" if dossier.due else "",
        "NgayKetThucXuLy": finished,
        "NgayTra": _text(dossier.returned, today),
        "TrangThaiHoSo": str(dossier.state_on(today)),
        "HinhThucTra": "1" if dossier.post_out else "0",
        "DonViXuLy": unit.key,
        "NoiNopHoSo": "1" if dossier.channel == "online" else "2",
        "MaKetQua": f"KQ.{dossier.code}" if finished and dossier.electronic_result else "",
        "DuongDanTepTinKetQua": f"https://files.example.com/{dossier.code}.pdf"
        if finished and dossier.electronic_result
        else "",
        "DuocThanhToanTrucTuyen": "1" if dossier.paid_online else "0",
        "DanhSachPhiLePhi": [{"TenPhiLePhi": "Lệ phí", "Gia": str(dossier.fee)}] if dossier.fee else [],
        "TaiLieuNop": [_paper(dossier, number)] if dossier.digitised else [],
        "HoSoCoThanhPhanSoHoa": "1" if dossier.reused else "0",
        "TaiKhoanDuocXacThucVoiVNeID": "1" if dossier.citizen_data else "0",
        "GhiChu": dossier.note,
    }
    return row


def _paper(dossier: Dossier, number: int) -> Row:
    """Return a paper handed in as a file, its name and address as personal as they really are."""
    return {
        "TepDinhKemId": str(number),
        "TenTepDinhKem": f"{person(number)}.pdf",
        "DuongDanTaiTepTin": f"https://files.example.com/{identity(number)}.pdf",
        "DuocSoHoa": "1",
        "DuocLayTuKhoDMQG": "1" if dossier.personal_store else "0",
    }
