"""`cchc doctor --deadline`: a night that did not run is noticed, whatever is dead, and told once a morning."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc import cli
from cchc import settings as environment
from cchc.catalogue.load import cached
from cchc.ops import deadline
from cchc.settings import SHIPPED_CATALOGUE, Settings, Smtp
from integration.mailing import body, catalogue
from simulators.mail import Sink
from simulators.webhook import Webhook

SIX = time(6)
DAY = date(2026, 11, 14)
MORNING = datetime(2026, 11, 15, 6, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
CANARY = "CANARY-SECRET"
KNOWN = catalogue(
    engineers=[
        {"name": "Kỹ sư", "email": "kysu@tinh.test", "channels": ["truc"], "quiet_hours": "00:00-23:59"}
    ]
)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Sink]:
    with Sink(tmp_path / "mail") as running:
        yield running


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as running:
        yield running


@pytest.fixture
def settings(warehouse: Engine, tmp_path: Path, mailbox: Sink, webhook: Webhook) -> Settings:
    return Settings(
        home=tmp_path / "home",
        warehouse_dsn=warehouse.url.render_as_string(hide_password=False),
        catalogue=SHIPPED_CATALOGUE,
        landing=str(tmp_path / "landing"),
        releases=tmp_path / "releases",
        smtp=Smtp(host="127.0.0.1", port=mailbox.port, sender="cchc@tinh.test"),
        notify={"TRUC": webhook.url(CANARY)},
    )


def ran(
    engine: Engine, state: str, day: date = DAY, kind: str = "sync", sources: Iterable[str] = KNOWN.sources
) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.run (run_id, reporting_day, kind, sources, state) values (:id, :day, :kind, :sources,"
                " :s)"
            ),
            {"id": uuid4(), "day": day, "kind": kind, "s": state, "sources": list(sources)},
        )


def levels(settings: Settings, now: datetime = MORNING) -> list[str]:
    return [f.level for f in deadline.check(settings, KNOWN, SIX, now)]


@pytest.mark.parametrize("state", ["success", "over_budget"])
def test_a_night_that_was_done(warehouse: Engine, settings: Settings, mailbox: Sink, state: str) -> None:
    ran(warehouse, "failed")
    ran(warehouse, state)
    ran(warehouse, "running")  # somebody repeats it
    assert levels(settings) == ["ok"]
    assert mailbox.messages() == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (None, "no night was started"),
        ("running", "still running since"),
        ("failed", "broke off"),
    ],
)
def test_a_night_that_was_not_done(
    warehouse: Engine, settings: Settings, mailbox: Sink, webhook: Webhook, state: str | None, words: str
) -> None:
    ran(warehouse, "success", DAY - timedelta(days=1))
    ran(warehouse, "success", kind="replay")
    if state:
        ran(warehouse, state)
    found = deadline.check(settings, KNOWN, SIX, MORNING)
    assert [f.level for f in found] == ["fail", "ok", "ok"]
    assert words in found[0].message
    [mail] = mailbox.messages()
    assert mail["Subject"] == "[CCHC] KHẨN: đợt đồng bộ đêm chưa xong – 14/11/2026"
    assert mail["To"] == "kysu@tinh.test"
    assert (
        "đến 06:00 chưa có kết quả đồng bộ của ngày báo cáo 14/11/2026" in webhook.requests[0].body["message"]
    )


def test_a_source_read_by_hand_is_no_night(
    warehouse: Engine, settings: Settings, mailbox: Sink, webhook: Webhook
) -> None:
    ran(warehouse, "success", sources=["syt-sotay"])
    found = deadline.check(settings, KNOWN, SIX, MORNING)
    assert "only 1/3 of the expected sources were read" in found[0].message
    assert "mới đồng bộ 1/3 nguồn" in webhook.requests[0].body["message"]
    ran(warehouse, "running")
    assert "still running" in deadline.check(settings, KNOWN, SIX, MORNING)[0].message
    ran(warehouse, "success", sources=["sgddt-sotay", "snv-sotay"])
    assert levels(settings) == ["ok"], "read in two parts is read"


def test_before_the_deadline_the_night_before_counts(warehouse: Engine, settings: Settings) -> None:
    ran(warehouse, "success", DAY - timedelta(days=1))
    assert levels(settings, MORNING.replace(hour=5)) == ["ok"]
    assert levels(settings)[0] == "fail"


def test_told_once_a_morning_each_channel_for_itself(
    settings: Settings, mailbox: Sink, webhook: Webhook
) -> None:
    webhook.answer = 503
    assert levels(settings) == ["fail", "ok", "fail"]
    webhook.answer = 200
    for _ in range(3):
        assert levels(settings, MORNING + timedelta(hours=1))[0] == "fail", "it is still not done"
    assert (len(mailbox.messages()), len(webhook.requests)) == (1, 1)
    kept = (settings.home / "deadline.json").read_text(encoding="utf-8")
    assert "tinh.test" not in kept
    levels(settings, MORNING + timedelta(days=1))
    assert (len(mailbox.messages()), len(webhook.requests)) == (2, 2)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"day": "2026-11-14", "told": [1]}'])
def test_a_spoilt_memory_keeps_nobody_from_being_told(
    settings: Settings, mailbox: Sink, content: str
) -> None:
    settings.home.mkdir()
    (settings.home / "deadline.json").write_text(content, encoding="utf-8")
    assert levels(settings) == ["fail", "ok", "ok"]
    assert json.loads((settings.home / "deadline.json").read_text(encoding="utf-8"))["day"] == "2026-11-14"


def test_a_home_that_cannot_be_written(settings: Settings, mailbox: Sink, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert levels(replace(settings, home=tmp_path / "file")) == ["fail", "ok", "ok"]
    assert len(mailbox.messages()) == 1


def test_a_warehouse_that_cannot_be_reached(settings: Settings, mailbox: Sink) -> None:
    dead = replace(settings, warehouse_dsn=f"postgresql://cchc:{CANARY}@127.0.0.1:9/cchc")
    found = deadline.check(dead, KNOWN, SIX, MORNING)
    assert "the warehouse cannot be used" in found[0].message
    assert CANARY not in repr(found) + mailbox.messages()[0].as_string()
    assert "không kết nối được kho dữ liệu" in body(mailbox.messages()[0])


def test_a_warehouse_that_hangs(settings: Settings, mailbox: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hanging = replace(settings, warehouse_dsn=f"postgresql://cchc@127.0.0.1:{port}/cchc")
        found = deadline.check(hanging, KNOWN, SIX, MORNING)
    assert "gave no answer" in found[0].message
    assert len(mailbox.messages()) == 1


def test_no_warehouse_at_all(settings: Settings, mailbox: Sink) -> None:
    assert levels(replace(settings, warehouse_dsn=None)) == ["fail", "ok", "ok"]


def test_nobody_can_be_told(settings: Settings) -> None:
    mute = replace(settings, smtp=Smtp(), notify={})
    found = deadline.check(mute, KNOWN, SIX, MORNING)
    assert [f.level for f in found] == ["fail", "fail", "fail"]
    assert "CCHC_SMTP_HOST is not set" in found[1].message
    assert "CCHC_NOTIFY_TRUC is not set" in found[2].message


def test_the_command(
    settings: Settings, warehouse: Engine, mailbox: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_HOME", str(settings.home))
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", str(settings.warehouse_dsn))
    monkeypatch.setenv("CCHC_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("CCHC_SMTP_PORT", str(mailbox.port))
    environment.settings.cache_clear()
    shell = CliRunner()
    try:
        missed = shell.invoke(cli.app, ["doctor", "--deadline", "00:00", "--format", "json"])
        assert missed.exit_code == 1
        assert json.loads(missed.stdout)[0]["check"] == "night"
        assert len(mailbox.messages()) == 1
        yesterday = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date() - timedelta(days=1)
        ran(warehouse, "success", yesterday, sources=cached(SHIPPED_CATALOGUE).sources)
        assert shell.invoke(cli.app, ["doctor", "--deadline", "00:00"]).exit_code == 0
        assert shell.invoke(cli.app, ["doctor", "--deadline", "six"]).exit_code == 2
    finally:
        environment.settings.cache_clear()
