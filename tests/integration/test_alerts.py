"""Alerts over many nights: told as news once, escalated once, closed once; urgent at once; chats; the attached file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from cchc.alerting import digest, outbox, urgent
from cchc.catalogue.models import Catalogue
from cchc.settings import Smtp
from integration.test_digest import (
    Mailbox,
    body,
    catalogue,
    outbox_rows,
    outcome,
    quarantined,
    run,
)
from simulators.webhook import Webhook

DAY = date(2026, 11, 14)
CANARY = "CANARY-TOKEN-766"
UNITS = ("SGDDT", "SYT", "SNV")


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with Mailbox(tmp_path / "mail") as running:
        yield running


@pytest.fixture
def smtp(mailbox: Mailbox) -> Smtp:
    return Smtp(host="127.0.0.1", port=mailbox.port, sender="cchc@tinh.test")


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as running:
        yield running


def with_contact(known: Catalogue, unit: str, **changes: Any) -> Catalogue:
    """Return the catalogue with a unit changed."""
    units = tuple(u.model_copy(update=changes) if u.code == unit else u for u in known.units)
    return known.model_copy(update={"units": units})


def rows(engine: Engine, table: str = "ops.alert") -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(f"select * from {table} order by 1")).all())


def night(engine: Engine, number: int, failing: tuple[str, ...] = (), **refused: int) -> UUID:
    """Write the outcomes of the night that is `number` nights after the first."""
    run_id = run(engine, day=DAY + timedelta(days=number))
    for unit in UNITS:
        if unit in failing:
            outcome(engine, run_id, unit, "failed", error_class="SourceUnavailable", message="refused")
        else:
            outcome(engine, run_id, unit, refused=refused.get(unit, 0))
    return run_id


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
    again = run(warehouse, day=DAY)
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
    run_id = run(warehouse, day=DAY)
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
    run_id = run(warehouse, day=DAY)
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
    run_id = run(warehouse, day=DAY + timedelta(days=1))
    outcome(warehouse, run_id, "SGDDT")
    digest.compose(warehouse, less, run_id)
    outbox.send(warehouse, smtp)
    assert "syt-sotay (không còn trong danh mục)" in body(mailbox.to("kysu@tinh.test")[-1])


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
