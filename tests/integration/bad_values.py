"""Values gone wrong, each with what becomes of its row (docs/bad_inputs.md has the numbers), and who sends them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

from integration.exact_systems import NATIONAL, OPENCPS, REGISTER, SOURCES, Exact, dossier

PERSON = "001085999999"  # a personal number of nobody
INJECTION = "x'); drop table core.dossier;--"
UNREADABLE = "DOSSIER_UNREADABLE"


@dataclass(frozen=True)
class Bad:
    """A row, and what becomes of it: kept out under a rule with these words, or counted with these values."""

    said: dict[str, Any]
    rule: str = ""  # critical or warning; empty: it counts
    words: str = ""
    counts: dict[str, Any] = field(default_factory=dict)
    noticed: str = ""  # an info rule beside
    sources: tuple[str, ...] = SOURCES


NFD, NFC = normalize("NFD", "Đất đai"), normalize("NFC", "Đất đai")
DONE = {"status": "done", "finished": "05/11/2026 09:00:00", "returned": "05/11/2026 10:00:00"}

CASES: dict[str, Bad] = {
    "36 half a letter": Bad(
        {"code": "H14.01-261103-9010\ud800"},
        "DOSSIER_CODE_MALFORMED",
        "ký tự không dùng",
        sources=(OPENCPS, NATIONAL),
    ),
    "37 a NUL": Bad({"code": "H14.01-261103-\0009011"}, counts={"dossier_code": "H14.01-261103-9011"}),
    "39 more than 2^53": Bad(
        {"code": 9_007_199_254_740_993},
        counts={"dossier_code": "9007199254740993"},
        noticed="DOSSIER_CODE_UNUSUAL",
    ),
    "79 received tomorrow": Bad(
        {"received": "15/11/2026 08:00:00", "due": ""}, "DOSSIER_RECEIVED_IN_FUTURE", "sau ngày báo cáo"
    ),
    "79 ended tomorrow": Bad({**DONE, "finished": "15/11/2026 08:00:00"}, "DOSSIER_FINISHED_IN_FUTURE"),
    "80 year 1900": Bad({"received": "03/11/1900 08:00:00"}, "DOSSIER_TOO_OLD", "trước năm 2000"),
    "80 year 1": Bad({"received": "03/11/0001 08:00:00"}, UNREADABLE, "ngày tiếp nhận: năm không hợp lý"),
    "80 Buddhist year": Bad(
        {"received": "03/11/2569 08:00:00"}, UNREADABLE, "ngày tiếp nhận: năm không hợp lý"
    ),
    "80 Buddhist due": Bad({"due": "20/11/2569 17:00:00"}, UNREADABLE, "ngày hẹn trả: năm không hợp lý"),
    "80 epoch of a program": Bad(
        {"received": "01/01/1970 07:00:00"}, "DOSSIER_TOO_OLD", "có thể nhập sai năm"
    ),
    "80 day 0 of a workbook": Bad({"received": "30/12/1899"}, UNREADABLE, "năm không hợp lý"),
    "80 due in another century": Bad(
        {"due": "20/11/2126 17:00:00"}, "DOSSIER_DUE_FAR_OFF", "có thể nhập sai năm"
    ),
    "81 ended before received": Bad(
        {**DONE, "finished": "02/11/2026 09:00:00"},
        "DOSSIER_FINISHED_BEFORE_RECEIVED",
        "trước ngày tiếp nhận",
    ),
    "82 status of another list": Bad(
        {"status": "archived"}, UNREADABLE, "trạng thái: giá trị không có trong danh mục"
    ),
    "83 NFD": Bad({"field": NFD}, counts={"field_code": NFC}),
    "83 eth for Đ": Bad(
        {"code": "HS-Ð-001"}, UNREADABLE, "mã hồ sơ: có chữ hoặc chữ số không phải tiếng Việt"
    ),
    "83 Đ": Bad({"code": "HS-Đ-001"}, counts={"dossier_code": "HS-Đ-001"}, noticed="DOSSIER_CODE_UNUSUAL"),
    "84 invisible characters": Bad(
        {"code": " H14.01\u200b-261103-9001\u00a0\ufeff", "received": "\u00a003/11/2026 09:15:00 "},
        counts={
            "dossier_code": "H14.01-261103-9001",
            "received_at": datetime(2026, 11, 3, 2, 15, tzinfo=UTC),
        },
    ),
    "84 reversed reading": Bad(
        {"code": "H14.01\u202e-261103-9002"}, counts={"dossier_code": "H14.01-261103-9002"}
    ),
    "85 full-width digits": Bad(
        {"procedure": "１.０１２７６６"}, UNREADABLE, "mã thủ tục: có chữ hoặc chữ số không phải"
    ),
    "85 full-width day": Bad(
        {"received": "０３/11/2026 08:00:00"}, UNREADABLE, "ngày tiếp nhận: không đọc được"
    ),
    "86 very long code": Bad({"code": "H14-" + "9" * 300}, UNREADABLE, "mã quá dài"),
    "86 very long text": Bad({"field": "chữ " * 1_000}, UNREADABLE, "lĩnh vực"),
    "87 no key": Bad({"code": ""}, UNREADABLE, "mã hồ sơ: thiếu"),
    "87 null in the key": Bad({"code": None}, UNREADABLE, "mã hồ sơ: thiếu", sources=(OPENCPS, NATIONAL)),
    "87 a key of blanks": Bad({"code": " \u00a0\u200b"}, UNREADABLE, "mã hồ sơ: thiếu"),
    "91 lost zero": Bad({"procedure": "1.00202"}, "DOSSIER_PROCEDURE_CUT", "mất số 0"),
    "91 lost zero, a number": Bad(
        {"procedure": 1.00202}, "DOSSIER_PROCEDURE_CUT", "mất số 0", sources=(OPENCPS, NATIONAL)
    ),
    "93 half an hour to midnight": Bad(
        {"received": "31/10/2026 23:30:00"},
        counts={"received_at": datetime(2026, 10, 31, 16, 30, tzinfo=UTC)},
        noticed="DOSSIER_CODE_OF_A_LATER_DAY",
    ),
    "94 a zone where none is agreed": Bad({"received": "2026-11-03T08:00:00Z"}, UNREADABLE, "ngày tiếp nhận"),
    "95 24:00": Bad(
        {"received": "03/11/2026 24:00:00"}, UNREADABLE, "ngày tiếp nhận: không đọc được ngày giờ"
    ),
    "95 no leap day": Bad({"due": "29/02/2027"}, UNREADABLE, "ngày hẹn trả: không đọc được ngày giờ"),
    "95 leap day": Bad(
        {"received": "29/02/2024 08:00:00"},
        counts={"received_at": datetime(2024, 2, 29, 1, tzinfo=UTC)},
        noticed="DOSSIER_CODE_OF_A_LATER_DAY",
    ),
    "105 a statement": Bad({"field": INJECTION}, counts={"field_code": INJECTION}),
    "105 a statement in the key": Bad(
        {"code": "HS-1';--"}, "DOSSIER_CODE_MALFORMED", "ký tự không dùng trong mã"
    ),
    "108 a personal number in a code": Bad(
        {"code": f"HS {PERSON}"}, UNREADABLE, "mã hồ sơ: có nội dung giống số định danh cá nhân"
    ),
    "108 … in a text": Bad(
        {"field": f"CCCD: {PERSON}"}, UNREADABLE, "lĩnh vực: có nội dung giống số định danh"
    ),
    "111 a Cyrillic letter": Bad(
        {"code": "Н14.01-261103-9003"}, UNREADABLE, "mã hồ sơ: có chữ hoặc chữ số không phải"
    ),
    "111 a small picture": Bad({"code": "H14.01-261103-9004😀"}, "DOSSIER_CODE_MALFORMED"),
    "112 the word null": Bad({"received": "null"}, UNREADABLE, "ngày tiếp nhận: không đọc được"),
    "112 a zero date": Bad({"due": "00/00/0000"}, UNREADABLE, "ngày hẹn trả: không đọc được"),
    "113 year of two digits": Bad(
        {"received": "03/11/26 08:00"}, UNREADABLE, "ngày tiếp nhận: không đọc được"
    ),
    "114 a mask of ours": Bad({"field": "⟦masked:name⟧"}, UNREADABLE, "lĩnh vực: có nội dung giống họ tên"),
    "116 1 for true": Bad(
        {"also": {"online": 1}}, UNREADABLE, "giá trị không có trong danh mục", sources=(OPENCPS,)
    ),
}
#: in titles and symbols, in any case and writing: not one of them comes in
MARKS = (
    "Mật",
    "TỐI MẬT",
    normalize("NFD", "Tuyệt mật"),
    "m ậ t",
    "12/TOIMAT-UBND",
    "Văn bản (tối\u00a0mật) CANARY",
)
GOOD = 50


def document(number: int, **changes: Any) -> dict[str, Any]:
    plain = {"ma_van_ban": f"H14.05,2026/11/03,{number}/SNV-VP", "chieu": "den", "ngay": "03/11/2026"}
    plain |= {"hinh_thuc": "dien_tu", "ky_so": "co", "loai": "Công văn", "noi_gui_nhan": "H14.01"}
    return plain | {"do_mat": "Thường", "trich_yeu": "", "nguoi_ky": "", **changes}


def petition(number: int, **changes: Any) -> dict[str, Any]:
    return {"ma_phan_anh": f"PA-{number}", "loai": "tthc", "ngay_tiep_nhan": "03/11/2026 08:00", **changes}


def _month(month: int, **values: Any) -> list[list[Any]]:
    """Return what a unit reports of a month of 2026: a sheet's rows."""
    days = {1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31}
    return [
        [code, f"01/{month:02d}/2026", f"{days[month]}/{month:02d}/2026", value, "", "", "", ""]
        for code, value in values.items()
    ]


def _share(month: int, numerator: str, denominator: str, ratio: str) -> list[Any]:
    days = f"01/{month:02d}/2026", f"28/{month:02d}/2026"
    return ["share_staff_official_mail", *days, "", numerator, denominator, ratio, ""]


#: what is reported, and under which rule it is kept out or noticed ("": it counts), with its words
REPORTED: tuple[tuple[str, list[list[Any]], str, str], ...] = (
    ("73 a negative count", _month(1, received_direct="-5"), "REPORTED_NEGATIVE", "số âm"),
    ("74 a part of a dossier", _month(2, received_direct="12,5"), "REPORTED_FRACTION", "số lẻ"),
    ("74 a part of a person", [_share(2, "1,5", "3", "")], "REPORTED_FRACTION", "số lẻ"),
    (
        "75 more done than there was",
        _month(3, finished="9", to_handle="8"),
        "REPORTED_MORE_FINISHED_THAN_TO_HANDLE",
        "9 trên 8",
    ),
    (
        "76 parts that are not the whole",
        _month(4, finished="9", finished_early="0", finished_on_time="4", finished_late="4"),
        "REPORTED_FINISHED_DIFFERS",
        "9 và 8",
    ),
    ("77 the stock before", _month(5, in_process="4"), "", ""),
    ("77 is not the stock after", _month(6, carried_over="3"), "REPORTED_CARRIED_OVER_DIFFERS", "3 và 4"),
    ("78 more than all", [_share(3, "", "", "120")], "REPORTED_RATIO_OVER_100", "lớn hơn 100%"),
    ("78 a part above the whole", [_share(4, "12", "10", "")], "REPORTED_PART_OVER_WHOLE", "lớn hơn mẫu số"),
    (
        "61 two readings of a number",
        _month(7, received_direct="1,234.5"),
        "REPORTED_UNREADABLE",
        "không đọc được số",
    ),
    (
        "an empty cell is no zero",
        _month(8, received_direct=""),
        "REPORTED_NO_VALUE",
        "không có nghĩa là bằng 0",
    ),
)


def systems() -> Exact:
    found = Exact()
    for source in SOURCES:
        rows = [
            dossier(source, n, **bad.said)
            for n, bad in enumerate((bad for bad in CASES.values() if source in bad.sources), 1)
        ]
        rows += [dossier(source, 500 + n, **DONE) for n in range(GOOD)]
        twin = dossier(source, 901)
        rows += [twin, twin | {"dossierId": 9901}] if source == OPENCPS else [twin, twin]
        other = dossier(source, 902, also={"dossierId": 9902} if source == OPENCPS else {})
        rows += [dossier(source, 902), other | dossier(source, 902, field="GD02", also={"dossierId": 9902})]
        if source == REGISTER:
            rows = [{k: v for k, v in row.items() if k != "dossierId"} for row in rows]
        rows += [dossier(source, 910 + n, note=mark) for n, mark in enumerate(MARKS)]
        found.dossiers[source] = rows
    found.documents = [document(n) for n in range(20)]
    found.documents += [document(100 + n, do_mat=mark) for n, mark in enumerate(MARKS)]
    found.documents += [document(200 + n, trich_yeu=mark) for n, mark in enumerate(MARKS)]
    found.documents += [document(300, ma_van_ban="H14.05,2026/11/03,1/QÐ-SNV", chieu="di")]
    found.petitions = [petition(n) for n in range(20)]
    found.petitions += [petition(100, loai=normalize("NFD", "khác")), petition(101, loai="khen")]
    found.reported = [row for _, rows, _, _ in REPORTED for row in rows]
    found.reported += [_share(n, "5", "5", "") for n in range(5, 13)]
    found.reported += [[f"x_{n}", "01/01/2026", "31/01/2026", "1", "", "", "", ""] for n in range(20)]
    return found
