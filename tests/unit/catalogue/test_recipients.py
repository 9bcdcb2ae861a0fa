"""Who is told over which way and when: what a recipient of the catalogue may say, and how quiet hours are read."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from cchc.catalogue.models import Recipient
from cchc.settings import notify_name

HERE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ("22:00-06:30", "2026-11-14 21:59", None),
        ("22:00-06:30", "2026-11-14 22:00", "2026-11-15 06:30"),
        ("22:00-06:30", "2026-11-15 02:10", "2026-11-15 06:30"),
        ("22:00-06:30", "2026-11-15 06:30", None),
        ("12:00-13:30", "2026-11-14 13:00", "2026-11-14 13:30"),
        ("12:00-13:30", "2026-11-14 23:00", None),
        ("22:00-06:30", "2026-12-31 23:00", "2027-01-01 06:30"),
        ("00:00-23:59", "2026-11-14 08:00", "2026-11-14 23:59"),
        (None, "2026-11-14 02:00", None),
    ],
)
def test_quiet_hours(hours: str | None, now: str, until: str | None) -> None:
    person = Recipient(name="A", email="a@tinh.test", quiet_hours=hours)
    ends = person.not_before(datetime.fromisoformat(now).replace(tzinfo=HERE))
    assert ends == (datetime.fromisoformat(until).replace(tzinfo=HERE) if until else None)


def test_a_change_of_the_clocks_does_not_move_the_end() -> None:
    person = Recipient(name="A", email="a@tinh.test", quiet_hours="22:00-06:30")
    ends = person.not_before(datetime(2026, 10, 24, 23, tzinfo=ZoneInfo("Europe/Berlin")))
    assert ends is not None
    assert ends.isoformat() == "2026-10-25T06:30:00+01:00"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": "A"}, "neither an email nor channels"),
        ({"name": "A", "email": "a@b", "kinds": []}, "kinds is empty"),
        ({"name": "A", "email": "a b@c"}, "email"),
        ({"name": "A", "email": "a@b", "quiet_hours": "22-6"}, "quiet_hours"),
        ({"name": "A", "email": "a@b", "quiet_hours": "24:00-06:00"}, "quiet_hours"),
        ({"name": "A", "email": "a@b", "kinds": ["sms"]}, "kinds"),
        ({"name": "A", "channels": ["tgram://token/chat"]}, "channels"),
    ],
)
def test_what_a_recipient_cannot_say(said: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Recipient.model_validate(said)


def test_names() -> None:
    assert Recipient(name="Nhóm", channels=("to-van-hanh",)).key == "Nhóm"
    assert Recipient(name="Nhóm", email="To@Tinh.test").key == "to@tinh.test"
    assert notify_name("to-van-hanh") == "TO_VAN_HANH"
