"""The national portal's reporting API (`POST /api/v1/reporting/evaluation/…`): Bộ chỉ số 766 by group and month.

Counts are those of the units' own dossier systems up to the day; points follow the portal's formulas. Three units
show what really happens: the first commune's dossiers are synchronised only to four fifths, the second department
has one on-time dossier fewer than its own system says, and the third department's digitisation is not published.
Months in which nobody received a dossier are not published: `data` is null. The groups of metrics state how many units
there are (`pagination`), the others do not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from simulators.faults import Fault
from simulators.model import NOT_ACCEPTED, Dossier, System
from simulators.server import Request, Response, answer
from simulators.table import Row

if TYPE_CHECKING:
    from simulators.province import Province

BASE = "/api/v1/reporting/evaluation/"
PROVINCE = "H14"
TREES = ("dvc-progress-tree", "provide-online-tree", "formality-online-payment-tree")
METRICS = ("transparency", "dossier-digitized", "handling-satisfaction")
PROCEDURES = 125  # announced by the province


@dataclass(frozen=True)
class Counts:
    """What a month of a unit, or of several, is counted as."""

    received: int = 0
    on_time: int = 0
    late: int = 0
    online: int = 0
    with_fee: int = 0
    paid_online: int = 0
    electronic: int = 0
    services: int = 0
    services_used: int = 0
    fee_services: int = 0
    fee_services_paid: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(self.__dict__.values(), other.__dict__.values(), strict=True)))


def share(numerator: int, denominator: int, most: str = "100", full_at: str = "1") -> float | None:
    """Return `most` times the share, as much as there is at most, to two decimals; None without a denominator."""
    if not denominator:
        return None
    found = min(Decimal(most), Decimal(most) * numerator / denominator / Decimal(full_at))
    return float(found.quantize(Decimal("0.01"), ROUND_HALF_UP))


class Portal766:
    """The scores of the province whose department id the source names."""

    def __init__(self, province: Province, login: str, password: str) -> None:
        self.login, self.password = login, password  # of /_control; the portal itself asks for none
        self._province = province
        self._roots = {s.key: s for s in province.systems if s.kind == "portal766"}
        dossiers = [s for s in province.systems if s.kind in ("national", "opencps")]
        self._units = sorted(dossiers, key=lambda s: (s.unit[:1].isdigit(), s.unit))

    def source_of(self, request: Request) -> str | None:
        root = self._roots.get(str(self._asked(request).get("rootDepartmentId")))
        return root.source if root else None

    def page_of(self, request: Request) -> int:
        page = self._asked(request).get("currentPage")
        return page if isinstance(page, int) else 1

    def respond(self, request: Request, fault: Fault | None) -> Response:
        asked = self._asked(request)
        endpoint = request.path.removeprefix(BASE)
        if request.method != "POST" or endpoint not in (*TREES, *METRICS):
            return answer({"code": "NOT_FOUND", "message": "Không tìm thấy"}, 404)
        if fault is not None and fault.kind == "expired_token":
            return answer({"code": "FORBIDDEN", "message": "Từ chối truy cập"}, 403)
        if fault is not None and fault.kind == "error_in_200":
            return answer({"code": "SYSTEM_ERROR", "message": "Lỗi hệ thống", "data": None})
        try:
            month, size = date(asked["year"], asked["month"], 1), int(asked["pageSize"])
        except (KeyError, TypeError, ValueError):
            return answer({"code": "INVALID", "message": "Tham số không hợp lệ", "data": None}, 400)
        page = 1 if fault is not None and fault.kind == "repeated_page" else self.page_of(request)
        data = None if fault is not None and fault.kind == "empty" else self._data(endpoint, month, fault)
        if data is not None:
            members = "children" if endpoint in TREES else "evaluation"
            rows = data[members]
            if endpoint in METRICS:
                more = 3 if fault is not None and fault.kind == "total_mismatch" else 0
                data["pagination"] = {
                    "total": len(rows) + more,
                    "currentPage": page,
                    "pageSize": size,
                    "totalPages": -(-len(rows) // size),
                }
            data[members] = rows[(page - 1) * size : page * size]
            if fault is not None and fault.kind == "wrong_type" and fault.value == "data":
                data[members] = "không phải danh sách"
        return answer({"code": "OK", "data": data, "message": "OK"})

    @staticmethod
    def _asked(request: Request) -> Row:
        try:
            asked = json.loads(request.body or b"{}")
        except ValueError:
            return {}
        return asked if isinstance(asked, dict) else {}

    def _data(self, endpoint: str, month: date, fault: Fault | None) -> Row | None:
        counted = [(unit, self._count(unit, month)) for unit in self._units]
        total = sum((counts for _, counts in counted), Counts())
        if not total.received:
            return None
        write: Callable[[Counts, bool], Row] = (
            _TREE_ROWS[endpoint] if endpoint in TREES else _metrics(endpoint)
        )
        whole = {**_named(0, PROVINCE, self._units, endpoint), **write(total, True)}
        rows = []
        for number, (unit, counts) in enumerate(counted, 1):
            row = {**_named(number, _code(unit), self._units, endpoint), **write(counts, False)}
            if endpoint == "dossier-digitized" and _nth(self._units, "department", 3) == unit:
                row["totalScore"] = row["ratio"] = None
                row["metrics"] = [
                    m | {"numerator": None, "denominator": None, "ratio": None, "score": None}
                    for m in row["metrics"]
                ]
            rows.append(row)
        if fault is not None and fault.kind == "bad_rows":
            twin = rows[0]
            rows.append({**twin, "totalScore": 0, "score": 0})
        names = ("parent", "children") if endpoint in TREES else ("overview", "evaluation")
        return _spoilt({names[0]: whole, names[1]: rows}, names, fault)

    def _count(self, unit: System, month: date) -> Counts:
        today = self._province.day
        dossiers = [
            d
            for d in self._province.records(unit, today).dossiers
            if (d.received.year, d.received.month) == (month.year, month.month)
            and d.state_on(today) != NOT_ACCEPTED
        ]
        if _nth(self._units, "commune", 1) == unit:
            dossiers = [d for n, d in enumerate(dossiers) if n % 5]
        late = [d for d in dossiers if _is_late(d, today)]
        fewer = _nth(self._units, "department", 2) == unit and len(late) < len(dossiers)
        fees = [d for d in dossiers if d.fee]
        return Counts(
            received=len(dossiers),
            on_time=len(dossiers) - len(late) - fewer,
            late=len(late) + fewer,
            online=sum(d.channel == "online" for d in dossiers),
            with_fee=len(fees),
            paid_online=sum(d.paid_online for d in fees),
            electronic=sum(d.electronic_result and _ended(d, today) is not None for d in dossiers),
            services=len({d.procedure for d in dossiers}),
            services_used=len({d.procedure for d in dossiers if d.channel == "online"}),
            fee_services=len({d.procedure for d in fees}),
            fee_services_paid=len({d.procedure for d in fees if d.paid_online}),
        )


def _nth(units: Sequence[System], group: str, number: int) -> System | None:
    of_group = [u for u in units if u.unit[:1].isdigit() == (group == "commune")]
    return of_group[number - 1] if len(of_group) >= number else None


def _ended(dossier: Dossier, today: date) -> datetime | None:
    return dossier.finished if dossier.finished is not None and dossier.finished.date() <= today else None


def _is_late(dossier: Dossier, today: date) -> bool:
    if dossier.due is None:
        return False
    ended = _ended(dossier, today)
    return ended > dossier.due if ended is not None else dossier.due.date() < today


def _code(unit: System) -> str:
    """Return the unit's code on the portal, as the catalogue's units.yaml has it (local)."""
    return f"{PROVINCE}.{unit.unit if unit.unit[:1].isdigit() else unit.office.split('.')[2]}"


def _named(number: int, code: str, units: Sequence[System], endpoint: str) -> Row:
    """Return who a row is about; two groups name only the id, as the portal does."""
    commune = number > 0 and units[number - 1].unit[:1].isdigit()
    row: Row = {
        "departmentId": f"00000000-0000-7000-8000-{number:012d}",
        "departmentName": f"Đơn vị {code}",
        "level": "COMMUNE" if commune else "PROVINCE",
        "scoreDelta": None,
    }
    return row if endpoint in ("transparency", "handling-satisfaction") else row | {"departmentCode": code}


def _progress(c: Counts, whole: bool) -> Row:
    score, most = ("totalScore", "totalMaxScore") if whole else ("score", "maxScore")
    return {
        "totalReceived": c.received,
        "totalOnTime": c.on_time,
        ("totalCompleted" if whole else "totalOverdue"): c.received - c.late if whole else c.late,
        "ratio": share(c.on_time, c.received) or 0,
        score: share(c.on_time, c.received, "20") or 0,
        most: 20,
    }


def _group(parts: Sequence[float | None], most: int) -> Row:
    total = round(sum(part or 0 for part in parts), 2)
    return {"totalScore": total, "totalMaxScore": most, "ratio": round(total / most * 100, 2)}


def _online(c: Counts, whole: bool) -> Row:
    parts = [share(c.services_used, c.services, "4"), share(c.online, c.received, "6", "0.5")]
    if not whole:  # the counts of a unit are not published
        return _group(parts, 12)
    return _group([*parts, 2.0], 12) | {
        "authorityCount": PROCEDURES,
        "partialCount": 60,
        "fullCount": 50,
        "onlineDossierCount": c.services_used,
        "onlineServiceTotal": c.services,
        "channelOnlineSum": c.online,
        "channelTotalSum": c.received,
    }


def _payment(c: Counts, whole: bool) -> Row:
    parts = [
        share(c.paid_online, c.with_fee, "6"),
        share(c.fee_services_paid, c.fee_services, "2", "0.8"),
        share(c.fee_services_paid, c.fee_services, "2", "0.8"),
    ]
    return _group(parts, 10) | {
        "totalDossierOnlinePaymentSuccess": c.paid_online,
        "totalDossierFinancialObligation": c.with_fee,
        "totalDossierOnlineFormalityPaymentSuccess": c.fee_services_paid,
        "totalFeeDossierFormalityDistinct": c.fee_services,
        "totalFeeDossierFormality": c.fee_services_paid,
        "totalFeeFormality": c.fee_services,
    }


_TREE_ROWS: dict[str, Callable[[Counts, bool], Row]] = dict(
    zip(TREES, (_progress, _online, _payment), strict=True)
)


def _metric(code: str, numerator: int | None, denominator: int | None, most: int, full_at: str = "1") -> Row:
    n, d = numerator or 0, denominator or 0
    return {
        "code": code,
        "name": f"Tỷ lệ {code}",
        "numerator": numerator,
        "denominator": denominator,
        "ratio": share(n, d),
        "score": share(n, d, str(most), full_at) if most else None,
        "maxScore": most,
    }


def _metrics(endpoint: str) -> Callable[[Counts, bool], Row]:
    def write(c: Counts, _whole: bool) -> Row:
        metrics, most = {
            "transparency": (_transparency, 18),
            "dossier-digitized": (_digitized, 22),
            "handling-satisfaction": (_satisfaction, 18),
        }[endpoint]
        rows = metrics(c)
        return _group([row["score"] for row in rows], most) | {"metrics": rows}

    return write


def _transparency(c: Counts) -> list[Row]:
    sync = _metric("DOSSIER_SYNC", c.received, c.received, 6) | {
        "dataQualityStatus": "TEMP_NATIONAL_REPORT_DENOMINATOR" if c.received else "NO_NATIONAL_REPORT_DATA",
        "dataQualityMessage": "Mẫu số BCQG/GRIS đang dùng số tạm.",
    }
    return [
        _metric("PUBLISH_ON_TIME", 0, 0, 6),
        _metric("PUBLIC_UPDATE_ON_TIME", 0, 0, 4),
        _metric("PUBLIC_CONTENT_FULL", PROCEDURES - 2, PROCEDURES, 2),
        sync,
    ]


def _digitized(c: Counts) -> list[Row]:
    return [
        _metric("ORIGINAL_RESULT_AVAILABLE", c.electronic, c.received, 6),
        _metric("SO_HOA_GIAY_TO_GIAI_QUYET", c.electronic // 2, c.received, 4),
        _metric("REUSED_DIGITIZED_DATA", c.online // 20, c.received, 2, "0.8"),
        _metric("SYNCED_WITH_DVCQG_PERSONAL_STORAGE", 0, c.received, 4),
        _metric("CITIZEN_DATA_CONNECTED_DOSSIER", c.online, c.received, 2),
        _metric("CITIZEN_DATA_CONNECTED_FORMALITY", c.services_used, c.services, 2),
        _metric("ELECTRONIC_CERTIFIED_COPY", None, None, 2) | {"ratio": 100, "score": 2},
    ]


def _satisfaction(c: Counts) -> list[Row]:
    content = _metric("DOSSIER_RECEIVING_SATISFACTION", c.on_time, c.received, 6, "0.9")
    none = {"ratio": 0, "score": 6}
    return [
        _metric("PETITION_CLASSIFICATION_TTHC", 0, 0, 0) | {"ratio": 0},
        content | {"ratio": content["ratio"] or 0, "score": content["score"] or 0},
        _metric("PETITION_PROCESSING_ON_TIME", 0, 0, 6) | none,
        _metric("PETITION_HANDLING_SATISFACTION", 0, 0, 6) | none,
        _metric("PETITION_CLASSIFICATION_STAFF", 0, 0, 0) | {"ratio": 0},
    ]


def _spoilt(data: Row, names: tuple[str, str], fault: Fault | None) -> Row:
    """Return the answer under missing_field, renamed_field and wrong_type."""
    if fault is None or fault.kind not in ("missing_field", "renamed_field", "wrong_type"):
        return data
    field = fault.value or "totalScore"
    for row in (data[names[0]], *data[names[1]]):
        if field in row:
            value = row.pop(field)
            if fault.kind == "renamed_field":
                row[f"{field}Moi"] = value
            elif fault.kind == "wrong_type":
                row[field] = {"value": value}
    return data
