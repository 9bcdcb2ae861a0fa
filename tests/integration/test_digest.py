"""The digest through a real SMTP server: one message per recipient per night, and nothing that must not be in it."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cchc.alerting import digest, outbox, transport
from cchc.alerting.mail import message_id
from cchc.errors import ConfigurationError
from cchc.settings import Smtp
from integration.mailing import Mailbox, bad_night, body, catalogue, outbox_rows, outcome, quarantined
from integration.rows import new_run


def test_each_person_reads_their_part(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    assert digest.compose(warehouse, catalogue(), bad_night(warehouse)) == 4
    assert outbox.send(warehouse, smtp).sent == 4

    [education] = mailbox.to("gd@tinh.test")
    assert education["Subject"] == "[CCHC] 14/11/2026: 2 dòng cần sửa – Sở Giáo dục và Đào tạo"
    place = "sgddt-sotay, tệp so_tiep_nhan.csv, dòng 1"
    assert f"000.01.H14-1 | Ngày trả trước ngày tiếp nhận | {place}" in body(education)
    for kind in ("plain", "html"):
        assert "nếu trước đó đã có dòng đúng thì dòng đó vẫn được tính cho đến khi sửa" in body(
            education, kind
        )
        assert "Nhiều dòng cùng một mã chỉ đếm là một." in body(education, kind)
    assert "Sở Y tế" not in education.as_string() + body(education) + body(education, "html")

    [health] = mailbox.to("yt@tinh.test")
    assert "Không đọc được tệp của đơn vị" in body(health)
    assert "syt-sotay [page 3]: connection refused." in body(health, "html")

    [office] = mailbox.to("vp@tinh.test")
    assert "2 trên 3 nguồn có số liệu" in body(office)
    assert "000.01.H14-1" not in body(office)
    assert "- Sở Y tế: chưa có số liệu từ Sổ theo dõi\n" in body(office)
    assert "- Sở Nội vụ: 2 bản ghi mang dấu mật\n" in body(office)

    [engineer] = mailbox.to("kysu@tinh.test")
    for words in ("000.01.H14-1", "Không đọc được tệp", "2 bản ghi", "chưa có người nhận"):
        assert words in body(engineer), words
    assert "Sở Nội vụ" in body(engineer)


def test_subject_and_headers_travel_as_the_standards_want(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    digest.compose(warehouse, catalogue(), bad_night(warehouse))
    outbox.send(warehouse, smtp)
    [mail] = mailbox.to("yt@tinh.test")
    raw = mail.as_bytes()
    assert raw.isascii(), "headers are encoded, bodies declared"
    assert mail["Subject"] == "[CCHC] 14/11/2026: 1 nguồn chưa có số liệu – Sở Y tế"
    assert mail["Date"].datetime.tzinfo is not None
    assert mail["Message-ID"] == message_id(
        transport.key("yt@tinh.test", "2026-11-14", "digest"), "cchc@tinh.test"
    )
    assert mail["Auto-Submitted"] == "auto-generated"


def test_no_value_of_a_row_is_mailed(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    digest.compose(warehouse, catalogue(), bad_night(warehouse))
    outbox.send(warehouse, smtp)
    assert all("CANARY" not in body(m) + body(m, "html") for m in mailbox.messages())


def test_a_rerun_sends_nothing_again(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    for _ in range(3):  # the same night three times, each with a run of its own
        digest.compose(warehouse, catalogue(), bad_night(warehouse))
        outbox.send(warehouse, smtp)
        outbox.send(warehouse, smtp)
    assert len(mailbox.messages()) == 4
    assert len({m["To"] for m in mailbox.messages()}) == 4


def test_a_rerun_renews_what_was_not_sent_yet(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    digest.compose(warehouse, catalogue(), bad_night(warehouse))
    better = new_run(warehouse)
    outcome(warehouse, better, "SGDDT")
    outcome(warehouse, better, "SYT")
    quarantined(warehouse, better, "SGDDT", ["000.01.H14-2"])
    assert digest.compose(warehouse, catalogue(), better) == 3
    outbox.send(warehouse, smtp)
    assert mailbox.to("yt@tinh.test") == [], "what was true an hour ago and is mended is not told"
    assert "1 dòng cần sửa" in mailbox.to("gd@tinh.test")[0]["Subject"]


def test_a_good_night_tells_nobody(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    outcome(warehouse, run_id, "SGDDT")
    outcome(warehouse, run_id, "SYT", "unchanged")
    assert digest.compose(warehouse, catalogue(), run_id) == 0
    assert outbox_rows(warehouse) == []


def test_several_roles_make_one_message(warehouse: Engine) -> None:
    everyone = {"name": "Chị Hà", "email": "GD@tinh.test"}
    known = catalogue(engineers=[everyone], office=[everyone])
    assert digest.compose(warehouse, known, bad_night(warehouse)) == 2  # and the contact of SYT
    texts = {r.recipient.lower(): r.body_text for r in outbox_rows(warehouse)}
    assert "Sở Y tế" in texts["gd@tinh.test"]


def test_hundreds_of_bad_rows_make_a_short_message(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    outcome(warehouse, run_id, "SGDDT")
    quarantined(warehouse, run_id, "SGDDT", [f"H-{n:04d}" for n in range(1234)])
    digest.compose(warehouse, catalogue(), run_id)
    for row in outbox_rows(warehouse):
        assert "1.234 dòng" in row.body_text + row.subject
        assert row.body_text.count("H-0") in (0, 10)


def test_a_row_with_two_mistakes_is_one_row(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    outcome(warehouse, run_id, "SGDDT")
    quarantined(warehouse, run_id, "SGDDT", ["H-1", "H-2"])
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into quarantine.item (unit_code, source_code, dataset, record_key, rule_code, severity,"
                " message, row_data, delivery_id, row_no, page, mapping_version) select unit_code, source_code,"
                " dataset, record_key, 'due-before-receive', severity, 'Ngày hẹn trả trước ngày tiếp nhận',"
                " row_data, delivery_id, row_no, page, mapping_version from quarantine.item where row_no = 1"
            )
        )
    digest.compose(warehouse, catalogue(), run_id)
    [row] = [r for r in outbox_rows(warehouse) if r.recipient == "gd@tinh.test"]
    assert "2 dòng cần sửa" in row.subject
    assert "H-1 | Ngày hẹn trả trước ngày tiếp nhận; Ngày trả trước ngày tiếp nhận |" in row.body_text


def test_a_unit_is_not_told_of_what_it_cannot_mend(warehouse: Engine) -> None:
    run_id = new_run(warehouse)
    outcome(warehouse, run_id, "SYT", "failed", error_class="Interrupted", message="interrupted")
    digest.compose(warehouse, catalogue(), run_id)
    assert [r.recipient for r in outbox_rows(warehouse)] == ["kysu@tinh.test", "vp@tinh.test"]


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (("SourceRefused", "SourceRefused"), []),
        (("SourceRefused", "SourceUnavailable"), ["gd@tinh.test", "yt@tinh.test"]),
        (("SourceRefused", None), ["gd@tinh.test"]),
        (("ContractBroken", "ContractBroken"), ["gd@tinh.test", "yt@tinh.test"]),
    ],
)
def test_a_system_that_fails_for_all_its_units_is_the_provinces(
    warehouse: Engine, states: tuple[str | None, ...], told: list[str]
) -> None:
    known = catalogue()
    shared = {code: source.model_copy(update={"host": "motcua"}) for code, source in known.sources.items()}
    known = known.model_copy(update={"sources": shared})
    run_id = new_run(warehouse)
    for unit, error in zip(("SGDDT", "SYT"), states, strict=True):
        outcome(warehouse, run_id, unit, "failed" if error else "loaded", error_class=error, message=error)
    digest.compose(warehouse, known, run_id)
    found = outbox_rows(warehouse)
    assert [r.recipient for r in found] == sorted([*told, "kysu@tinh.test", "vp@tinh.test"])
    (engineers,) = (r.body_text for r in found if r.recipient == "kysu@tinh.test")
    assert ("hệ thống dùng chung của nhiều đơn vị" in engineers) == (not told)


def test_text_from_outside_stays_text(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    run_id = new_run(warehouse)
    evil = "<script>alert(1)</script>\r\nBcc: all@tinh.test"
    outcome(warehouse, run_id, "SYT", "failed", error_class="ContractBroken", message=evil)
    quarantined(warehouse, run_id, "SYT", [evil])
    digest.compose(warehouse, catalogue(), run_id)
    outbox.send(warehouse, smtp)
    [mail] = mailbox.to("yt@tinh.test")
    assert "<script>" not in body(mail, "html")
    assert mail["Bcc"] is None


def test_no_host_leaves_the_messages_and_says_so(warehouse: Engine) -> None:
    digest.compose(warehouse, catalogue(), bad_night(warehouse))
    report = outbox.send(warehouse, Smtp())
    assert (report.sent, report.waiting) == (0, 4)
    assert "CCHC_SMTP_HOST" in report.note


def test_a_server_that_is_down_loses_nothing(warehouse: Engine, tmp_path: Path) -> None:
    digest.compose(warehouse, catalogue(), bad_night(warehouse))
    with Mailbox(tmp_path) as stopped:
        smtp = Smtp(host="127.0.0.1", port=stopped.port, sender="cchc@tinh.test")
    report = outbox.send(warehouse, smtp)
    assert (report.sent, report.waiting) == (0, 4)
    assert f"127.0.0.1:{smtp.port}" in report.note
    assert {(r.attempts, r.sent_at) for r in outbox_rows(warehouse)} == {(1, None)}

    with Mailbox(tmp_path, smtp.port):
        assert outbox.send(warehouse, smtp).sent == 4
    assert {r.last_error for r in outbox_rows(warehouse)} == {None}


def test_a_refused_recipient_does_not_keep_back_the_others(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp
) -> None:
    mailbox.refusing.add("gd@tinh.test")
    digest.compose(warehouse, catalogue(), bad_night(warehouse))
    report = outbox.send(warehouse, smtp)
    assert (report.sent, report.waiting) == (3, 1)
    [failed] = report.failed
    assert failed.startswith("gd@tinh.test: ")
    assert "550" in failed
    assert [r.last_error for r in outbox_rows(warehouse) if r.recipient == "gd@tinh.test"] == [
        failed.removeprefix("gd@tinh.test: ")
    ]


def test_two_senders_at_once_send_each_message_once(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    digest.compose(warehouse, catalogue(), bad_night(warehouse))
    threads = [threading.Thread(target=outbox.send, args=(warehouse, smtp)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(m["To"] for m in mailbox.messages()) == sorted(r.recipient for r in outbox_rows(warehouse))


SENDER = """
import sys
from sqlalchemy.engine import make_url
from cchc.alerting import outbox
from cchc.settings import Smtp
from cchc.warehouse.engine import connect
outbox.send(connect(make_url(sys.argv[1])), Smtp(host="127.0.0.1", port=int(sys.argv[2]), sender="cchc@tinh.test"))
"""


@pytest.mark.parametrize("moment", ["before_taking", "after_taking"])
def test_a_sender_killed_in_the_middle(warehouse: Engine, mailbox: Mailbox, smtp: Smtp, moment: str) -> None:
    digest.compose(warehouse, catalogue(), bad_night(warehouse))
    address = warehouse.url.render_as_string(hide_password=False)
    killed = subprocess.Popen([sys.executable, "-c", SENDER, address, str(smtp.port)])
    calls = iter(range(100))

    def kill_at_second() -> None:
        if next(calls) == 1:
            os.kill(killed.pid, signal.SIGKILL)

    setattr(mailbox, moment, kill_at_second)
    assert killed.wait(60) == -signal.SIGKILL
    setattr(mailbox, moment, None)
    outbox.send(warehouse, smtp)
    assert all(r.sent_at for r in outbox_rows(warehouse))
    # the server had taken the second message, the sender could not know: it comes again as the same message
    assert len(mailbox.messages()) == 5
    assert len({m["Message-ID"] for m in mailbox.messages()}) == 4


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return key, certificate


PASSWORD = "mat-khau-cua-cchc"


@pytest.fixture
def secure(tmp_path: Path, authority: tuple[Path, Path]) -> Iterator[Mailbox]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority[1], authority[0])
    with Mailbox(tmp_path / "secure", tls=context, login="cchc", password=PASSWORD) as running:
        yield running


def test_starttls_and_login(
    warehouse: Engine,
    secure: Mailbox,
    authority: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    digest.compose(warehouse, catalogue(), bad_night(warehouse))
    right = Smtp("127.0.0.1", secure.port, "cchc", PASSWORD, "cchc@tinh.test", "starttls")
    untrusted = outbox.send(warehouse, right)
    assert untrusted.sent == 0
    assert "certificate is not trusted" in untrusted.note

    monkeypatch.setenv("SSL_CERT_FILE", str(authority[1]))
    wrong = replace(right, password="khong-phai-mat-khau")
    refused = outbox.send(warehouse, wrong)
    assert refused.sent == 0
    assert "refuses the login" in refused.note
    assert wrong.password not in repr(refused) + repr(outbox_rows(warehouse)) + repr(wrong) + caplog.text
    assert secure.messages() == []

    assert outbox.send(warehouse, right).sent == 4
    assert len(secure.messages()) == 4


def test_a_password_never_travels_unencrypted(warehouse: Engine) -> None:
    with pytest.raises(ConfigurationError, match="CCHC_SMTP_TLS"):
        outbox.send(warehouse, Smtp(host="mail.tinh.test", user="cchc", password="mat-khau"))
