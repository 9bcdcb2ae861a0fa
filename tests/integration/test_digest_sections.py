"""What a digest carries: attached file, other rooms, what wants a look, held deliveries, long tables."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.message import EmailMessage
from io import BytesIO
from typing import Any
from uuid import UUID

import openpyxl
from sqlalchemy import Engine, text

from cchc.alerting import attachment, digest, outbox, urgent
from cchc.alerting.digest import Extras
from cchc.alerting.subjects import Questions
from cchc.settings import Smtp
from integration.mailing import (
    Mailbox,
    bad_night,
    body,
    catalogue,
    night,
    outbox_rows,
    outcome,
    quarantined,
    rows,
)
from integration.rows import new_run

DAY = date(2026, 11, 14)


# --- the attached file ---------------------------------------------------------------------------------------------


def file_of(mail: Any) -> Any:
    [attached] = mail.iter_attachments()
    assert attached.get_filename() == "can-sua-2026-11-14.xlsx"
    return openpyxl.load_workbook(BytesIO(attached.get_content()))


def test_the_file_has_the_own_rows_as_a_table(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    run_id = night(warehouse, 0)
    evil = ["=1+1", "+84", "-5", "@x", "H\x07-1", "12345"]
    quarantined(warehouse, run_id, "SGDDT", evil)
    quarantined(warehouse, run_id, "SYT", ["OTHER-1"])
    digest.compose(warehouse, catalogue(), run_id)
    outbox.send(warehouse, smtp)
    assert {row.attachment for row in outbox_rows(warehouse)} == {None}, "what was sent keeps no file"
    book = file_of(mailbox.to("gd@tinh.test")[0])
    sheet = book["Cần sửa"]
    assert [c.value for c in sheet[1]] == [
        *("Đơn vị", "Nguồn", "Dữ liệu", "Bản ghi", "Lý do", "Ai sửa", "Vị trí", "Quy tắc"),
        *("Thấy lần đầu", "Số đêm"),
    ]
    records = [row[3] for row in sheet.iter_rows(min_row=2)]
    assert sorted(cell.value for cell in records) == sorted([*evil[:4], "H -1", "12345"])
    assert {cell.data_type for cell in records} == {"s"}, "no text is a formula or a number"
    assert all(cell.quotePrefix for cell in records if cell.value[0] in "=+-@")
    for row in sheet.iter_rows(min_row=2):
        assert isinstance(row[8].value, datetime)
        assert row[9].value == 1
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:J7")
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    assert "OTHER-1" not in str([[c.value for c in row] for row in sheet.iter_rows()])
    assert "Tệp liệt kê đủ 6 lỗi." in [row[0].value for row in book["Ghi chú"].iter_rows()]
    assert not list(mailbox.to("vp@tinh.test")[0].iter_attachments()), "the office corrects no rows"


def test_the_file_says_where_it_ends(warehouse: Engine) -> None:
    run_id = night(warehouse, 0)
    quarantined(warehouse, run_id, "SGDDT", [f"H-{n}" for n in range(12)])
    with warehouse.connect() as connection:
        load = attachment.read(connection, catalogue(), {"SGDDT"}, most=5)
    assert (len(load.rows), load.in_all, load.is_cut) == (5, 12, True)
    notes = openpyxl.load_workbook(BytesIO(attachment.workbook(load, DAY)))["Ghi chú"]
    assert any("Tệp liệt kê 5 lỗi đầu trong 12 lỗi" in str(row[0].value) for row in notes.iter_rows())


def test_the_sections_of_other_rooms(warehouse: Engine) -> None:
    extras = Extras(Questions(new=2, open=5), {"SGDDT": "Điểm chất lượng số liệu: 97,5/100."})
    digest.compose(warehouse, catalogue(), bad_night(warehouse), extras, "https://cchc.tinh.test/")
    texts = {row.recipient: row.body_text for row in outbox_rows(warehouse)}
    assert "Điểm chất lượng số liệu: 97,5/100." in texts["gd@tinh.test"]
    assert "97,5" not in texts["yt@tinh.test"]
    for reader in ("vp@tinh.test", "kysu@tinh.test"):
        assert "Số liệu có 2 câu hỏi mới cần trả lời (5 câu đang mở)." in texts[reader]
    assert "câu hỏi" not in texts["gd@tinh.test"]
    assert all("Xem số liệu đã công bố: https://cchc.tinh.test/" in t for t in texts.values())


def test_a_unit_reads_what_lowers_its_marks_without_its_doing(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    outcome(warehouse, run_id, "SYT", "failed", error_class="Interrupted", message="interrupted")
    outcome(warehouse, run_id, "SGDDT", "failed", error_class="SourceUnavailable", message="no answer")
    for unit in ("SGDDT", "SYT"):
        quarantined(warehouse, run_id, unit, [f"{unit}-1"])
    extras = Extras(None, {"SGDDT": "Kịp thời: 0%", "SYT": "Kịp thời: 0%"})
    digest.compose(warehouse, catalogue(), run_id, extras)
    texts = {row.recipient: row.body_text for row in outbox_rows(warehouse)}
    assert re.search(r"Kịp thời: 0%\nChưa lấy được dữ liệu từ .+ là lỗi ngoài đơn vị", texts["yt@tinh.test"])
    assert "lỗi ngoài đơn vị" not in texts["gd@tinh.test"]


# --- what blocks no number -----------------------------------------------------------------------------------------


def counted(engine: Engine, run_id: UUID, unit: str, rule: str, broken: int, severity: str = "info") -> None:
    with engine.begin() as connection:
        connection.execute(
            text("insert into ops.rule_count values (:r, :u, :s, 'dossier', :rule, :severity, :n)"),
            {
                "r": run_id,
                "u": unit,
                "s": f"{unit.lower()}-sotay",
                "rule": rule,
                "severity": severity,
                "n": broken,
            },
        )


REVIEW = "CẦN XEM LẠI (KHÔNG CHẶN SỐ LIỆU)"


def test_what_blocks_nothing_goes_along_and_never_escalates(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    told = []
    for number in range(17):
        run_id = night(warehouse, number)
        counted(warehouse, run_id, "SGDDT", "DOSSIER_CODE_UNUSUAL", 1200 - number)
        counted(warehouse, run_id, "SYT", "DOSSIER_CODE_FOREIGN", 3, "warning")  # told as rows to correct
        before = len(mailbox.messages())
        digest.compose(warehouse, catalogue(), run_id)
        outbox.send(warehouse, smtp)
        told += [(m["To"], number + 1) for m in mailbox.messages()[before:]]
    assert told == [("gd@tinh.test", 1), ("gd@tinh.test", 8), ("gd@tinh.test", 15)], "once in seven nights"
    assert rows(warehouse) == [], "nothing that could escalate"
    mail = mailbox.to("gd@tinh.test")[1]
    assert mail["Subject"] == "[CCHC] 21/11/2026: có điểm cần xem lại"
    [line] = [line for line in body(mail).splitlines() if "1.19" in line]
    # of the nights 15/11 to 21/11 the first had most
    assert line.endswith(": 1.199 bản ghi, sgddt-sotay, gần nhất 21/11/2026")
    assert REVIEW in body(mail)
    assert "1.199" in body(mail, "html")


def test_a_register_that_has_lost_records_is_told_the_same_morning(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    told = []
    for number in range(6):
        run_id = night(warehouse, number)
        counted(warehouse, run_id, "SGDDT", "DOSSIER_CODE_UNUSUAL", 12)
        if number in (2, 3):
            counted(warehouse, run_id, "SGDDT", "DELIVERY_RECORDS_MISSING", 1, "warning")
        before = len(mailbox.messages())
        digest.compose(warehouse, catalogue(), run_id)
        outbox.send(warehouse, smtp)
        told += [(m["To"], number) for m in mailbox.messages()[before:]]
    assert told == [("gd@tinh.test", 0), ("gd@tinh.test", 2)]
    assert "Có bản ghi đã có không còn ở nguồn" in body(mailbox.to("gd@tinh.test")[-1])


def test_who_can_mend_it_is_told(warehouse: Engine) -> None:
    run_id = night(warehouse, 0)
    for unit in ("SGDDT", "SYT"):
        counted(warehouse, run_id, unit, "DELIVERY_UNKNOWN_FIELDS", 1)  # engineers
        counted(warehouse, run_id, unit, "DELIVERY_HAS_SECRETS", 1, "warning")  # told as refused records
        counted(warehouse, run_id, unit, "RULE_THAT_IS_GONE", 5)
    counted(warehouse, run_id, "SYT", "DELIVERY_STALE", 1, "warning")
    digest.compose(warehouse, catalogue(), run_id)
    said = {row.recipient: row for row in outbox_rows(warehouse)}
    assert set(said) == {"kysu@tinh.test", "yt@tinh.test"}
    own = [line for line in said["kysu@tinh.test"].body_text.splitlines() if "gần nhất" in line]
    both = "sgddt-sotay, syt-sotay, gần nhất 14/11/2026"  # one line a rule, over all sources
    unknown = "Nguồn có trường chưa khai báo trong hồ sơ kết nối; giá trị không được lấy về"
    assert own == [f"- RULE_THAT_IS_GONE: 10 bản ghi, {both}", f"- {unknown}: {both}"]
    [stale] = [line for line in said["yt@tinh.test"].body_text.splitlines() if "gần nhất" in line]
    assert stale.endswith(": syt-sotay, gần nhất 14/11/2026")


# --- rows that wait ------------------------------------------------------------------------------------------------


def test_a_night_that_reads_few_rows_does_not_look_like_mending(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    def change(statement: str) -> None:
        with warehouse.begin() as connection:
            connection.execute(text(statement))

    first = night(warehouse, 0)
    quarantined(warehouse, first, "SGDDT", [f"H-{number}" for number in range(20)])
    quarantined(warehouse, first, "SYT", [f"H-{number}" for number in range(6)])
    change("update quarantine.item set state = 'corrected', closed_at = now() where record_key = 'H-0'")
    change("update ops.run set finished_at = clock_timestamp()")
    told = [_of_office(warehouse, mailbox, smtp, first)]
    waived = "state = 'waived', closed_by = 'A', closed_reason = 'b', closed_at = clock_timestamp()"
    change(f"update quarantine.item set {waived} where record_key = 'H-1' and unit_code = 'SYT'")  # by day
    second = night(warehouse, 1)
    quarantined(warehouse, second, "SGDDT", ["H-19", "H-20", "H-21", "H-22"])
    told.append(_of_office(warehouse, mailbox, smtp, second))
    assert [(str(mail["Subject"]).partition(": ")[2], _waiting(mail)) for mail in told] == [
        ("24 dòng cần sửa – 2 đơn vị", "Đang chờ sửa: 24 dòng (đều mới)."),
        (
            "4 dòng cần sửa (cả các đêm trước: 26) – Sở Giáo dục và Đào tạo",
            "Đang chờ sửa: 26 dòng (thêm 3, bớt 1 so với đêm trước).",
        ),
    ]
    assert "- Sở Giáo dục và Đào tạo: 22 dòng chờ sửa\n- Sở Y tế: 4 dòng chờ sửa\n" in body(told[1])
    assert "Đang chờ sửa: 26 dòng" in body(told[1], "html")
    assert _waiting(mailbox.to("gd@tinh.test")[-1]) == "", "of the province, and for it"


def _of_office(engine: Engine, mailbox: Mailbox, smtp: Smtp, run_id: UUID) -> EmailMessage:
    digest.compose(engine, catalogue(), run_id)
    outbox.send(engine, smtp)
    return mailbox.to("vp@tinh.test")[-1]


def _waiting(mail: EmailMessage) -> str:
    return next((line for line in body(mail).splitlines() if line.startswith("Đang chờ sửa")), "")


# --- a night that was cut off --------------------------------------------------------------------------------------


def test_what_a_cut_off_night_found_is_told_by_the_next(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    cut_off = night(warehouse, 0, SGDDT=5)
    quarantined(warehouse, cut_off, "SYT", ["H-1", "H-2"])
    again = night(warehouse, 0, SGDDT=1)  # reads the newest days only
    quarantined(warehouse, again, "SYT", ["H-3"])
    for _ in range(2):  # composing again says the same
        urgent.put(warehouse, catalogue(), again, troubles={}, publish_tried=False)
        digest.compose(warehouse, catalogue(), again)
    outbox.send(warehouse, smtp)
    assert "(sgddt-sotay): 5 bản ghi" in body(mailbox.to("gd@tinh.test")[-1])
    [told] = mailbox.to("yt@tinh.test")
    assert "3 dòng cần sửa" in str(told["Subject"])
    assert "3 dòng hồ sơ" in body(told)
    assert any("5 bản ghi mang dấu mật" in body(m) for m in mailbox.to("vp@tinh.test"))

    following = night(warehouse, 1, SGDDT=1)
    quarantined(warehouse, following, "SYT", ["H-3"])
    digest.compose(warehouse, catalogue(), following)
    assert not [r for r in outbox_rows(warehouse) if r.run_id == following and "5 bản ghi" in r.body_text]


# --- a delivery that waits for a person ----------------------------------------------------------------------------


def test_engineers_read_how_to_decide_about_a_held_delivery(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    why = "Quá nhiều dòng không hợp lệ: 150 trên 150 dòng, mức cho phép 20%; nhiều nhất: Ngày trả sai (149)"
    message = f"syt-sotay: [dossier] {why}"
    outcome(warehouse, run_id, "SYT", "held", error_class="DeliveryHeld", message=message)
    quarantined(warehouse, run_id, "SYT", [])
    with warehouse.begin() as connection:
        held = connection.execute(
            text("update landing.delivery set state = 'held', reason = 'x' returning delivery_id")
        ).scalar_one()
    digest.compose(warehouse, catalogue(), run_id)
    said = {row.recipient: row for row in outbox_rows(warehouse)}
    assert (
        f"cchc delivery show {held}; quyết định bằng cchc delivery approve"
        in said["kysu@tinh.test"].body_text
    )
    assert f"cchc delivery show {held}" in said["kysu@tinh.test"].body_html
    unit = said["yt@tinh.test"]
    assert "cchc delivery" not in unit.body_text + unit.body_html
    assert f"Lý do: hồ sơ – {why}\n" in unit.body_text
    assert f"Lý do: hồ sơ – {why}" in unit.body_html
    assert "[tạm giữ]" in unit.body_text


# --- long and empty ------------------------------------------------------------------------------------------------


def test_a_long_table_says_how_much_more_there_is(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    for number in range(1234):
        outcome(warehouse, run_id, f"U{number:04d}", "failed", error_class="SourceUnavailable", refused=1)
    digest.compose(warehouse, catalogue(), run_id)
    for row in outbox_rows(warehouse):
        assert "và 1.204 dòng nữa" in row.body_text
        assert "và 1.204 dòng nữa" in row.body_html
        assert len(row.body_html) < 60_000, "a mail that is shown whole"


def test_no_address_of_the_page_no_link(warehouse: Engine) -> None:
    digest.compose(warehouse, catalogue(), bad_night(warehouse), portal_url="")
    for row in outbox_rows(warehouse):
        assert "Xem số liệu" not in row.body_text + row.body_html
        assert "href" not in row.body_html
