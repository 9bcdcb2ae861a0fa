"""Registers that a unit keeps as files: CSV of direct intake, NDJSON of documents, workbooks of procedures and figures.

so_tiep_nhan_<period>.csv   so_van_ban_<period>.ndjson   thu_tuc.xlsx   chi_tieu_bao_cao.xlsx   so_phan_anh_<period>.csv
so_kiem_tra.xlsx (of the unit that follows inspections up; see `simulators.inspections`)

The unit of 2022 keeps its registers in the old way: without the columns that came later, and none of petitions.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from simulators import inspections, spoil
from simulators.faults import Fault
from simulators.model import Document, Dossier, Petition, Records, System, person, phone
from simulators.seed2022 import UNIT

DOSSIER = spoil.Words(
    key="ma_ho_so",
    received="ngay_tiep_nhan",
    finished="ngay_hoan_thanh",
    status="trang_thai",
    unknown_status="99",
    differing=("ma_linh_vuc", "KHAC"),
    moment="%d/%m/%Y %H:%M",
)
DOCUMENT = spoil.Words(
    key="ma_van_ban",
    received="ngay",
    finished="",
    status="hinh_thuc",
    unknown_status="fax",
    differing=("loai", "Khác"),
    moment="%d/%m/%Y",
)
PETITION = spoil.Words(
    key="ma_phan_anh",
    received="ngay_tiep_nhan",
    finished="ngay_tra_loi",
    status="loai",
    unknown_status="khen",
    differing=("han_tra_loi", "31/12/2026 17:00"),
    moment="%d/%m/%Y %H:%M",
)
HEADINGS = {
    DOSSIER.key: "ma_ho_so ma_tthc ma_linh_vuc kenh muc_do trang_thai ngay_tiep_nhan ngay_hen_tra ngay_hoan_thanh "
    "ngay_tra nhan_bcci tra_bcci co_ket_qua ho_ten so_dien_thoai dia_chi ghi_chu",
    PETITION.key: "ma_phan_anh loai ngay_tiep_nhan han_tra_loi ngay_tra_loi khong_hai_long phan_anh_lai "
    "ho_ten so_dien_thoai noi_dung",
}
_CHANNELS = {"direct": "1", "online": "2", "post": "3"}
_LEVELS = {"full": "toàn trình", "partial": "một phần"}
_FORMS = {"electronic": "dien_tu", "paper": "giay", "parallel": "song_song"}
_YES = {True: "co", False: "khong", None: ""}


def write(folder: Path, system: System, records: Records, today: date, fault: Fault | None = None) -> None:
    """Write a unit's registers as they stand at the end of `today` into `folder`, in place of what was there."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, content in _files(system, records, today, fault):
        if fault is not None and fault.kind == "html_200":
            content = spoil.LOGIN_PAGE.encode()
        if fault is not None and fault.kind == "cut_body":
            content = content[: len(content) // 2 - 7]
        (fresh / name).write_bytes(content)
    shutil.rmtree(folder, ignore_errors=True)
    if fault is not None and fault.kind == "refuse":
        shutil.rmtree(fresh)
    else:
        fresh.rename(folder)


def _files(system: System, records: Records, today: date, fault: Fault | None) -> Iterator[tuple[str, bytes]]:
    if fault is not None and fault.kind == "empty":
        records = Records()
    if system.holds == "inspections":
        yield "so_kiem_tra.xlsx", workbook({"Kết luận": inspections.rows(records.inspections)})
        return
    in_the_old_way = system.unit == UNIT
    seen = {
        "so_tiep_nhan": [
            (d.received, _dossier(d, today) | ({} if in_the_old_way else _followed(d, today)))
            for d in records.dossiers
            if d.received.date() <= today
        ],
        "so_van_ban": [
            (d.registered, _document(d) | ({} if in_the_old_way else _handled(d, today)))
            for d in records.documents
            if d.registered.date() <= today
        ],
        "so_phan_anh": [
            (p.received, _petition(p, today)) for p in records.petitions if p.received.date() <= today
        ],
    }
    registers = [("so_tiep_nhan", _csv, DOSSIER), ("so_van_ban", _ndjson, DOCUMENT)]
    if not in_the_old_way:
        registers.append(("so_phan_anh", _csv, PETITION))
    for register, written, words in registers:
        by_period: dict[str, list[spoil.Row]] = {f"{today:%Y-%m}": []}
        for moment, row in seen[register]:
            by_period.setdefault(
                f"{moment:%Y}" if moment.year < today.year else f"{moment:%Y-%m}", []
            ).append(row)
        for period, rows in sorted(by_period.items()):
            yield _named(register, period, written(_spoiled(rows, fault, words, today), words))
    procedures = _procedures(records)
    if not in_the_old_way:
        later = _later_columns(records)
        procedures = [[*row, *more] for row, more in zip(procedures, later, strict=True)]
    yield "thu_tuc.xlsx", workbook({"Thủ tục": procedures, "Rà soát": _reviews(records)})
    yield "chi_tieu_bao_cao.xlsx", workbook({"Chỉ tiêu": _reported(records)})


def _named(register: str, period: str, content: bytes) -> tuple[str, bytes]:
    return f"{register}_{period}.{'ndjson' if register == 'so_van_ban' else 'csv'}", content


def _spoiled(
    rows: Sequence[spoil.Row], fault: Fault | None, words: spoil.Words, today: date
) -> list[spoil.Row]:
    if fault is not None and fault.kind == "bad_rows":
        return [row for _, row in spoil.bad_rows(rows, int(fault.number(14)), words, today)]
    return spoil.fields(rows, fault, words)


def _moment(moment: datetime | None, today: date) -> str:
    return f"{moment:%d/%m/%Y %H:%M}" if moment is not None and moment.date() <= today else ""


def _dossier(dossier: Dossier, today: date) -> spoil.Row:
    number = int(dossier.code[-11:].replace("-", ""))
    finished = _moment(dossier.finished, today)
    return {
        "ma_ho_so": dossier.code,
        "ma_tthc": dossier.procedure,
        "ma_linh_vuc": dossier.sector,
        "kenh": _CHANNELS[dossier.channel],
        "muc_do": _LEVELS.get(dossier.level, dossier.level),
        "trang_thai": str(dossier.state_on(today)),
        "ngay_tiep_nhan": _moment(dossier.received, today),
        "ngay_hen_tra": f"{dossier.due:%d/%m/%Y %H:%M}" if dossier.due else "",
        "ngay_hoan_thanh": finished,
        "ngay_tra": _moment(dossier.returned, today),
        "nhan_bcci": _YES[dossier.post_in],
        "tra_bcci": _YES[dossier.post_out],
        "co_ket_qua": _YES[bool(finished and dossier.returned)],
        "ho_ten": person(number),
        "so_dien_thoai": phone(number),
        "dia_chi": f"CANARY-{number}-Tổ 1, phường Thục Phán",
        "ghi_chu": f"{dossier.note} {person(number)}",
    }


def _followed(dossier: Dossier, today: date) -> spoil.Row:
    finished = dossier.finished is not None and dossier.finished.date() <= today
    return {
        "ngay_xin_loi": _moment(dossier.apology, today),
        "thanh_toan_truc_tuyen": _YES[dossier.paid_online],
        "nghia_vu_tai_chinh": _YES[dossier.fee > 0],
        "ket_qua_dien_tu": _YES[finished and dossier.electronic_result],
        "so_hoa_thanh_phan": _YES[dossier.digitised],
        "su_dung_lai": _YES[dossier.reused],
        "kho_ca_nhan": _YES[dossier.personal_store],
        "du_lieu_dan_cu": _YES[dossier.citizen_data],
        "khong_hai_long": _YES[dossier.dissatisfied],
    }


def _handled(document: Document, today: date) -> spoil.Row:
    done = document.done if document.done is not None and document.done <= today else None
    return {"han_xu_ly": _day(document.due), "ngay_xu_ly_xong": _day(done)}


def _petition(petition: Petition, today: date) -> spoil.Row:
    answered = _moment(petition.answered, today)
    return {
        "ma_phan_anh": petition.code,
        "loai": petition.kind,
        "ngay_tiep_nhan": _moment(petition.received, today),
        "han_tra_loi": f"{petition.due:%d/%m/%Y %H:%M}",
        "ngay_tra_loi": answered,
        "khong_hai_long": _YES[petition.disliked if answered else None],
        "phan_anh_lai": _YES[petition.again if answered else None],
        "ho_ten": person(petition.number),
        "so_dien_thoai": phone(petition.number),
        "noi_dung": f"Phản ánh của {person(petition.number)}",
    }


def _document(document: Document) -> spoil.Row:
    return {
        "ma_van_ban": document.code,
        "chieu": "den" if document.direction == "in" else "di",
        "ngay": f"{document.registered:%d/%m/%Y}",
        "hinh_thuc": _FORMS[document.form],
        "ky_so": _YES[document.signed],
        "loai": document.kind,
        "noi_gui_nhan": document.counterpart,
        "do_mat": document.secret or ("Thường" if document.number % 5 == 0 else ""),
        "trich_yeu": f"{document.subject} - {person(document.number)}",
        "nguoi_ky": person(document.number),
    }


def _csv(rows: Sequence[spoil.Row], words: spoil.Words) -> bytes:
    text = io.StringIO()
    names = list(rows[0]) if rows else HEADINGS[words.key].split()
    writer = csv.DictWriter(text, fieldnames=names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _ndjson(rows: Sequence[spoil.Row], words: spoil.Words) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


# --- workbooks: days as text, as officers type them ---------------------------------------------------------
def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _procedures(records: Records) -> list[list[Any]]:
    return [
        [
            *("Mã TTHC", "Tên TTHC", "Lĩnh vực", "Tên lĩnh vực", "Mức độ", "Thời hạn", "Đơn vị thời hạn"),
            *("Hiệu lực từ", "Hiệu lực đến"),
        ],
        *(
            [
                p.code,
                p.title,
                p.sector,
                p.field_title,
                _LEVELS.get(p.level, p.level),
                p.term,
                p.term_unit,
                _day(p.valid_from),
                _day(p.valid_to),
            ]
            for p in records.procedures
        ),
    ]


def _later_columns(records: Records) -> list[list[Any]]:
    return [
        [
            *(
                "Giờ chốt tiếp nhận",
                "Có kết quả",
                "Có phí",
                "Đối tượng cá nhân",
                "Ngày công bố",
                "Hạn công bố",
            ),
            *("Ngày công khai", "Hạn công khai", "Công khai đủ"),
        ],
        *(
            [
                p.cutoff,
                _YES[p.needs_result],
                _YES[p.has_fee],
                _YES[p.for_citizens],
                _day(p.announced),
                _day(p.announce_due),
                _day(p.published),
                _day(p.publish_due),
                _YES[p.content_full],
            ]
            for p in records.procedures
        ),
    ]


def _reviews(records: Records) -> list[list[Any]]:
    return [
        ["Mã TTHC", "Ngày rà soát", "Đề xuất cắt giảm"],
        *([r.procedure, _day(r.reviewed), "có" if r.shorter_term else "không"] for r in records.reviews),
    ]


def _reported(records: Records) -> list[list[Any]]:
    return [
        ["Chỉ tiêu", "Từ ngày", "Đến ngày", "Giá trị", "Tử số", "Mẫu số", "Tỷ lệ", "Căn cứ"],
        *(
            [r.measure, _day(r.start), _day(r.end), r.value, r.numerator, r.denominator, r.ratio, r.evidence]
            for r in records.reported
        ),
    ]


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """Return a workbook of these sheets."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        workbook.set_properties(
            {"created": datetime(2022, 1, 1, tzinfo=UTC)}
        )  # the same rows, the same bytes
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return content.getvalue()
