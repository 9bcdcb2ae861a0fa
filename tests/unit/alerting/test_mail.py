"""A letter as a mail: always the same bytes, so that a copy under the same id is a copy."""

from __future__ import annotations

from datetime import UTC, datetime
from email import charset

from cchc.alerting.mail import written
from cchc.alerting.transport import Letter


def test_the_same_letter_is_the_same_mail_whatever_others_changed_in_the_process() -> None:
    letter = Letter(
        key="a.b",
        recipient="yt@tinh.test",
        subject="[CCHC] Dòng cần sửa – Sở Y tế",
        text="Kính gửi Sở Y tế,\nđã khắc phục.\n",
        html="<p>Kính gửi Sở Y tế</p>",
        created_at=datetime(2026, 11, 15, tzinfo=UTC),
        attachment_name="can-sua.xlsx",
        attachment=b"x",
    )
    before = written(letter, "cchc@tinh.test").as_bytes()
    own = charset.CHARSETS["utf-8"]
    try:
        charset.add_charset("utf-8", charset.QP, charset.QP, "utf-8")  # as Apprise does when it is imported
        assert written(letter, "cchc@tinh.test").as_bytes() == before
    finally:
        charset.add_charset("utf-8", *own)
    assert before.isascii()
