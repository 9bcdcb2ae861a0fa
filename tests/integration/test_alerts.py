"""Alerts over many nights: told as news once, escalated once, closed once; urgent at once; chats; the attached file."""

from __future__ import annotations

import threading
import time
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from cchc.alerting import digest, outbox, urgent
from cchc.alerting.digest import Extras
from cchc.catalogue.models import Catalogue
from cchc.settings import Smtp
from integration.mailing import Mailbox, body, catalogue, night, outbox_rows, outcome, quarantined, rows
from integration.rows import new_run

DAY = date(2026, 11, 14)
CANARY = "CANARY-TOKEN-766"


def with_contact(known: Catalogue, unit: str, **changes: Any) -> Catalogue:
    """Return the catalogue with a unit changed."""
    units = tuple(u.model_copy(update=changes) if u.code == unit else u for u in known.units)
    return known.model_copy(update={"units": units})


def test_thirty_nights_are_not_thirty_news(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    known = catalogue()
    told: dict[str, list[int]] = {"yt@tinh.test": [], "vp@tinh.test": [], "kysu@tinh.test": []}
    for number in range(33):
        before = len(mailbox.messages())
        digest.compose(warehouse, known, night(warehouse, number, ("SYT",) if number < 30 else ()))
        outbox.send(warehouse, smtp)
        for mail in mailbox.messages()[before:]:
            told[mail["To"]].append(number + 1)
    # the first night, seven nights after the last word, and the night it was mended; the province also when overdue
    assert told["yt@tinh.test"] == [1, 8, 15, 22, 29, 31]
    assert told["vp@tinh.test"] == told["kysu@tinh.test"] == [1, 3, 10, 17, 24, 31]

    texts = [body(mail) for mail in mailbox.to("yt@tinh.test")]
    assert ", đêm đầu" in texts[0]
    assert ", đêm thứ 8" in texts[1]
    assert (
        "ĐÃ KHẮC PHỤC HOẶC KHÔNG CÒN PHẢI XỬ LÝ\n- Sở Y tế – nguồn chưa có số liệu: Sổ theo dõi\n"
        in texts[-1]
    )
    assert mailbox.to("yt@tinh.test")[-1]["Subject"] == "[CCHC] 14/12/2026: đã khắc phục"
    [overdue] = [body(m) for m in mailbox.to("vp@tinh.test") if "QUÁ HẠN" in body(m)]
    assert "- Sở Y tế – nguồn chưa có số liệu: Sổ theo dõi (đêm thứ 3)" in overdue
    [alert] = rows(warehouse)
    assert (alert.since, alert.closed_day) == (DAY, DAY + timedelta(days=30))
    assert (alert.times_told, alert.escalated_day) == (9, DAY + timedelta(days=2))


def test_what_comes_back_is_news_again(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    for number, failing in enumerate((("SYT",), (), ("SYT",))):
        digest.compose(warehouse, catalogue(), night(warehouse, number, failing))
        outbox.send(warehouse, smtp)
    assert len(mailbox.to("yt@tinh.test")) == 3
    assert [alert.since for alert in rows(warehouse)] == [DAY, DAY + timedelta(days=2)]


def test_a_rerun_corrects_what_the_night_said(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    digest.compose(warehouse, catalogue(), night(warehouse, 0, ("SYT",)))
    digest.compose(warehouse, catalogue(), night(warehouse, 0))
    assert outbox_rows(warehouse) == [], "nobody was told, so nobody is told that it is mended"
    digest.compose(warehouse, catalogue(), night(warehouse, 0, ("SYT",)))
    outbox.send(warehouse, smtp)
    [alert] = rows(warehouse)
    assert (alert.since, alert.closed_day, alert.times_told) == (DAY, None, 1)


def test_a_source_that_fails_mends_nothing(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    first = night(warehouse, 0)
    quarantined(warehouse, first, "SGDDT", ["H-1"])
    digest.compose(warehouse, catalogue(), first)
    outbox.send(warehouse, smtp)
    digest.compose(warehouse, catalogue(), night(warehouse, 1, ("SGDDT",)))
    outbox.send(warehouse, smtp)
    assert {(a.kind, a.closed_day) for a in rows(warehouse)} == {("rows", None), ("source", None)}
    with warehouse.begin() as connection:
        connection.execute(text("update quarantine.item set state = 'corrected'"))
    digest.compose(warehouse, catalogue(), night(warehouse, 2))
    outbox.send(warehouse, smtp)
    mended = body(mailbox.to("gd@tinh.test")[-1])
    assert "Sở Giáo dục và Đào tạo – nguồn chưa có số liệu: Sổ theo dõi; 1 loại lỗi dòng dữ liệu" in mended
    assert all(a.closed_day == DAY + timedelta(days=2) for a in rows(warehouse))


def test_a_new_row_under_an_old_rule_is_news(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    for number, records in enumerate((["H-1"], ["H-1"], ["H-1", "H-2"])):
        run_id = night(warehouse, number)
        quarantined(warehouse, run_id, "SGDDT", records)
        digest.compose(warehouse, catalogue(), run_id)
        outbox.send(warehouse, smtp)
    subjects = [m["Subject"] for m in mailbox.to("gd@tinh.test")]
    assert subjects == [
        "[CCHC] 14/11/2026: 1 dòng cần sửa – Sở Giáo dục và Đào tạo",
        "[CCHC] 16/11/2026: 2 dòng cần sửa – Sở Giáo dục và Đào tạo",
    ]


def test_the_parent_unit_is_told_once_of_what_stays_open(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    known = with_contact(catalogue(), "SYT", parent="SGDDT")
    for number in range(6):
        digest.compose(warehouse, known, night(warehouse, number, ("SYT",)))
        outbox.send(warehouse, smtp)
    [mail] = mailbox.to("gd@tinh.test")
    assert mail["Subject"] == "[CCHC] 16/11/2026: có việc quá hạn"
    assert "- Sở Y tế – nguồn chưa có số liệu: Sổ theo dõi (đêm thứ 3)" in body(mail)


def test_a_source_read_once_more_hides_nothing_of_its_night(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    digest.compose(warehouse, catalogue(), night(warehouse, 0, ("SYT",)))
    first = night(warehouse, 0, ("SYT",))
    digest.compose(warehouse, catalogue(), first)
    again = new_run(warehouse, day=DAY)
    outcome(warehouse, again, "SGDDT")
    quarantined(warehouse, again, "SGDDT", ["H-1"])
    urgent.tell(warehouse, catalogue(failure_budget=0.4), again, smtp)  # 1 of 3 may fail
    digest.compose(warehouse, catalogue(), again)
    outbox.send(warehouse, smtp)
    assert mailbox.to("yt@tinh.test") != [], "what another source said stays"
    [office] = mailbox.to("vp@tinh.test")
    assert office["Subject"] == "[CCHC] 14/11/2026: 1 nguồn chưa có số liệu, 1 dòng cần sửa – 2 đơn vị"
    assert "2 trên 3 nguồn có số liệu." in body(office)


def test_one_source_read_by_hand_is_not_the_province(warehouse: Engine, smtp: Smtp) -> None:
    run_id = new_run(warehouse, day=DAY)
    outcome(warehouse, run_id, "SYT", "failed", error_class="SourceUnavailable", message="refused")
    assert urgent.tell(warehouse, catalogue(failure_budget=0.4), run_id, smtp) == 0
    assert urgent.tell(warehouse, catalogue(), run_id, smtp) == 2, "no source may fail here"


def test_what_a_rerun_finds_after_the_message_went_is_told_the_next_night(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    for number, failing in ((0, ("SYT",)), (0, ("SYT", "SGDDT")), (1, ("SYT", "SGDDT"))):
        digest.compose(warehouse, catalogue(), night(warehouse, number, failing))
        outbox.send(warehouse, smtp)
    assert [m["Subject"] for m in mailbox.to("vp@tinh.test")] == [
        "[CCHC] 14/11/2026: 1 nguồn chưa có số liệu – Sở Y tế",
        "[CCHC] 15/11/2026: 2 nguồn chưa có số liệu – 2 đơn vị",
    ]
    assert len(mailbox.to("yt@tinh.test")) == 1
    assert len(mailbox.to("gd@tinh.test")) == 1


def test_a_dead_mail_server_piles_up_no_messages(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    for number in range(4):
        digest.compose(warehouse, catalogue(), night(warehouse, number, ("SYT",) if number < 3 else ()))
        outbox.send(warehouse, Smtp())
    outbox.send(warehouse, smtp)
    texts = [body(mail) for mail in mailbox.to("yt@tinh.test")]
    assert ["ĐÃ KHẮC PHỤC" in one for one in texts] == [False, True], "what waits is closed too"


def test_only_who_was_told_is_told_that_it_is_mended(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    run_id = new_run(warehouse, day=DAY)
    outcome(warehouse, run_id, "SYT", "failed", error_class="Interrupted", message="interrupted")
    digest.compose(warehouse, catalogue(), run_id)
    outbox.send(warehouse, smtp)
    digest.compose(warehouse, catalogue(), night(warehouse, 1))
    outbox.send(warehouse, smtp)
    assert mailbox.to("yt@tinh.test") == [], "the fault was ours, and the unit never heard of it"
    assert "ĐÃ KHẮC PHỤC" in body(mailbox.to("kysu@tinh.test")[-1])


def test_a_source_that_left_the_catalogue_is_closed(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    digest.compose(warehouse, catalogue(), night(warehouse, 0, ("SYT",)))
    outbox.send(warehouse, smtp)
    less = catalogue()
    less = less.model_copy(update={"sources": {c: s for c, s in less.sources.items() if c != "syt-sotay"}})
    run_id = new_run(warehouse, day=DAY + timedelta(days=1))
    outcome(warehouse, run_id, "SGDDT")
    digest.compose(warehouse, less, run_id)
    outbox.send(warehouse, smtp)
    assert "syt-sotay (không còn trong danh mục)" in body(mailbox.to("kysu@tinh.test")[-1])


# --- why it is wrong --------------------------------------------------------------------------------------------------


def fails(engine: Engine, number: int, error: str, said: str, held_by: tuple[str, ...] = ()) -> UUID:
    """Write a night in which the register of SYT fails, or is held by rules."""
    run_id = new_run(engine, day=DAY + timedelta(days=number))
    outcome(engine, run_id, "SYT", "held" if held_by else "failed", error_class=error, message=said)
    if held_by:
        read(engine, run_id, "SYT", DAY, DAY)
        with engine.begin() as connection:
            connection.execute(
                text(
                    "update landing.delivery set state = 'held', held_by = :by, reason = 'x' where delivery_id ="
                    " (select delivery_id from landing.run_delivery where run_id = :r)"
                ),
                {"by": list(held_by), "r": run_id},
            )
    return run_id


def test_another_cause_is_news(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    empty = "syt-sotay [so.csv]: the file is empty: not even its headings"
    headings = "syt-sotay [so.csv]: heading Mã hồ sơ is missing"
    jump = "syt-sotay: [dossier] Số bản ghi tăng đột ngột: {} bản ghi"
    nights = (
        ("ContractBroken", empty, ()),
        ("ContractBroken", empty, ()),
        ("ContractBroken", headings, ()),
        ("DeliveryHeld", jump.format(900), ("DELIVERY_JUMP",)),
        ("DeliveryHeld", jump.format(901), ("DELIVERY_JUMP",)),  # another number is the same cause
        ("DeliveryHeld", "syt-sotay: [dossier] Đúng nội dung này đã bị từ chối", ("DELIVERY_REJECTED",)),
        ("SourceUnavailable", "syt-sotay [so.csv]: the file cannot be read", ()),
    )
    told = []
    for number, (error, said, held_by) in enumerate(nights):
        before = len(mailbox.to("yt@tinh.test"))
        digest.compose(warehouse, catalogue(), fails(warehouse, number, error, said, held_by))
        outbox.send(warehouse, smtp)
        told += [number] * (len(mailbox.to("yt@tinh.test")) - before)
    assert told == [0, 2, 3, 5, 6]
    texts = [body(mail) for mail in mailbox.to("yt@tinh.test")]
    assert "Cần làm: Kiểm tra tệp so.csv: thiếu thì đặt vào thư mục" in texts[0]
    assert "Lý do: tệp trống, không có cả dòng tiêu đề\n" in texts[0]
    assert "Lý do: dòng tiêu đề thiếu cột: Mã hồ sơ\n" in texts[1]
    assert "the file is" not in texts[0]
    assert empty in body(mailbox.to("kysu@tinh.test")[0]), "engineers read the error itself too"
    [alert] = rows(warehouse)
    assert (alert.since, alert.changed_day) == (DAY, DAY + timedelta(days=6))


# --- marked records ---------------------------------------------------------------------------------------------------


def read(engine: Engine, run_id: UUID, unit: str, start: date, end: date, refused: int = 0) -> None:
    """Write what a run read of a source: one delivery of these days."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "with d as (insert into landing.delivery (delivery_id, unit_code, source_code, dataset, window_from,"
                " window_to, path, sha256, bytes, received, refused, landed, profile_code, pulled_at) values"
                " (gen_random_uuid(), :u, :s, 'document', :start, :end, 'x', 'x', 1, 9 + :n, :n, 9, 'p', now())"
                " returning delivery_id) insert into landing.run_delivery select :r, delivery_id from d"
            ),
            {"u": unit, "s": f"{unit.lower()}-sotay", "start": start, "end": end, "n": refused, "r": run_id},
        )


def is_read(engine: Engine, number: int, days: tuple[int, int], refused: int = 0, kind: str = "sync") -> UUID:
    """Write a night that reads SYT from and to these days before or after the first night."""
    run_id = new_run(engine, day=DAY + timedelta(days=number))
    outcome(engine, run_id, "SYT", refused=refused)
    start, end = (DAY + timedelta(days=days_after) for days_after in days)
    read(engine, run_id, "SYT", start, end, refused)
    with engine.begin() as connection:
        connection.execute(text("update ops.run set kind = :k where run_id = :r"), {"k": kind, "r": run_id})
    return run_id


def kind_of_source(engine: Engine, kind: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("insert into core.source values ('syt-sotay', 'SYT', 'p', :kind, 'Sổ', 'date', true)"),
            {"kind": kind},
        )


def test_marked_records_are_mended_only_where_they_were_read_again(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    kind_of_source(warehouse, "edxml")

    def night_reads(
        number: int, days: tuple[int, int], refused: int = 0, kind: str = "sync"
    ) -> tuple[int, int]:
        """Return how many messages the night made urgent, and how many went to the unit."""
        run_id = is_read(warehouse, number, days, refused, kind)
        before = len(mailbox.to("yt@tinh.test"))
        urgents = urgent.tell(warehouse, catalogue(), run_id, smtp)
        digest.compose(warehouse, catalogue(), run_id)
        outbox.send(warehouse, smtp)
        return urgents, len(mailbox.to("yt@tinh.test")) - before

    assert night_reads(0, (-30, 0), refused=1) == (2, 1)
    for number in range(1, 20):  # only the newest days are read: neither news, nor a reminder, nor mended
        assert night_reads(number, (number - 3, number)) == (0, 0)
    [alert] = rows(warehouse)
    assert (alert.closed_day, alert.escalated_day) == (None, DAY + timedelta(days=2))
    assert [m for m in mailbox.messages() if "ĐÃ KHẮC PHỤC" in body(m)] == []
    assert len(mailbox.to("vp@tinh.test")) == 3, "urgent, the digest, the escalation"

    assert night_reads(20, (17, 20), refused=1) == (2, 1), (
        "another record, and news however long the first one is known"
    )
    assert night_reads(21, (18, 21), refused=1) == (0, 0), "the same one, read again by the overlap"
    night_reads(22, (-30, 22), kind="replay")
    assert rows(warehouse)[0].closed_day is None, "a replay reads nothing"
    night_reads(23, (-30, 20))
    assert rows(warehouse)[0].closed_day is None, "what was refused on the days to the 21st was not read"
    assert night_reads(24, (-30, 24)) == (0, 1)
    assert rows(warehouse)[0].closed_day == DAY + timedelta(days=24)
    assert "- Sở Y tế – bản ghi mang dấu mật: Sổ theo dõi\n" in body(mailbox.to("yt@tinh.test")[-1])


def test_a_register_is_read_whole_whatever_its_window(warehouse: Engine) -> None:
    kind_of_source(warehouse, "files")
    digest.compose(warehouse, catalogue(), is_read(warehouse, 0, (-30, 0), refused=1))
    failed = is_read(warehouse, 1, (-2, 1))
    with warehouse.begin() as connection:
        connection.execute(
            text("update ops.source_outcome set state = 'failed' where run_id = :r"), {"r": failed}
        )
    digest.compose(warehouse, catalogue(), failed)
    assert {(a.kind, a.closed_day) for a in rows(warehouse)} == {("secrecy", None), ("source", None)}
    digest.compose(warehouse, catalogue(), is_read(warehouse, 2, (-1, 2)))
    assert {a.closed_day for a in rows(warehouse)} == {DAY + timedelta(days=2)}


# --- at the same time -------------------------------------------------------------------------------------------------


class Slow(dict[str, str]):
    """Scorecards that take their time, so that another night sends while this one still composes."""

    def items(self) -> Any:
        time.sleep(0.02)
        return super().items()


def test_two_nights_of_one_day_at_once_wait_for_each_other(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    known = catalogue(office=[{"name": f"N{n}", "email": f"n{n}@tinh.test"} for n in range(6)])
    troubles: list[BaseException] = []

    def one(run_id: UUID) -> None:
        try:
            for _ in range(2):
                urgent.put(warehouse, known, run_id, troubles={}, publish_tried=True)
                digest.compose(warehouse, known, run_id, Extras(scorecards=Slow()))
                outbox.send(warehouse, smtp)
        except BaseException as error:
            troubles.append(error)

    for number in range(2):
        failing = ("SYT",) if number else ("SYT", "SGDDT")
        threads = [threading.Thread(target=one, args=(night(warehouse, number, failing),)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert troubles == []
    assert {row.state for row in outbox_rows(warehouse)} == {"sent"}
    ids = [mail["Message-ID"] for mail in mailbox.messages()]
    assert sorted(ids) == sorted(set(ids)), "no message twice"


# --- at once ---------------------------------------------------------------------------------------------------------


def urgent_kinds(mailbox: Mailbox, to: str) -> list[str]:
    return [m["Subject"] for m in mailbox.to(to)]


def test_urgent_things_are_told_at_once_and_once_a_night(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    run_id = night(warehouse, 0, ("SYT", "SGDDT"), SNV=2)
    for _ in range(2):  # after every step of the night, and again in a rerun
        troubles = {"dossier": "không kiểm tra được RULE"}
        urgent.tell(warehouse, catalogue(), run_id, smtp, troubles=troubles, publish_tried=True)
    office = urgent_kinds(mailbox, "vp@tinh.test")
    assert office == [
        "[CCHC] KHẨN: Quá nhiều nguồn không có số liệu – 14/11/2026",
        "[CCHC] KHẨN: Bản ghi mang dấu mật – 14/11/2026",
        "[CCHC] KHẨN: Chưa công bố được số liệu – 14/11/2026",
    ]
    engineers = urgent_kinds(mailbox, "kysu@tinh.test")
    assert set(engineers) - set(office) == {"[CCHC] KHẨN: Kết quả kiểm tra không đáng tin – 14/11/2026"}
    assert "2 trên 3 nguồn không có số liệu; mức cho phép là 0 nguồn." in body(mailbox.to("vp@tinh.test")[0])
    assert mailbox.to("yt@tinh.test") == []


def test_a_good_night_has_nothing_urgent(warehouse: Engine, smtp: Smtp) -> None:
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into publish.release (release_id, reporting_day, content_sha256, path, sources_expected,"
                " sources_fresh) values ('r', :d, 'x', 'x', 3, 3)"
            ),
            {"d": DAY},
        )
    assert urgent.tell(warehouse, catalogue(), night(warehouse, 0), smtp, publish_tried=True) == 0


def test_the_same_marked_record_is_urgent_once(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    for number in range(3):  # the overlap reads a record again in the nights that follow
        run_id = night(warehouse, number, SNV=1)
        urgent.tell(warehouse, catalogue(), run_id, smtp)
        digest.compose(warehouse, catalogue(), run_id)
        outbox.send(warehouse, smtp)
    assert [s for s in urgent_kinds(mailbox, "vp@tinh.test") if "KHẨN" in s] == [
        "[CCHC] KHẨN: Bản ghi mang dấu mật – 14/11/2026"
    ]


def test_what_does_not_happen_again_is_closed(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    for number, failing in enumerate((("SYT",), ())):
        run_id = night(warehouse, number, failing)
        urgent.tell(warehouse, catalogue(), run_id, smtp)
        digest.compose(warehouse, catalogue(), run_id)
        outbox.send(warehouse, smtp)
    last = body(mailbox.to("vp@tinh.test")[-1])
    assert "- tỉnh Cao Bằng – quá nhiều nguồn không có số liệu\n" in last
