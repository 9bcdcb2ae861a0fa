"""Ways to people: chats and webhooks that fail in every way, quiet hours, the command."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc import settings as environment
from cchc.alerting import digest, outbox, urgent
from cchc.catalogue.models import Catalogue
from cchc.commands.alerts import alerts as command
from cchc.settings import SHIPPED_CATALOGUE, Smtp
from cchc.warehouse import engine as engines
from integration.mailing import Mailbox, bad_night, catalogue, night, outbox_rows, rows
from simulators.webhook import Webhook

DAY = date(2026, 11, 14)

CANARY = "CANARY-TOKEN-766"


# --- quiet hours -----------------------------------------------------------------------------------------------------


def test_quiet_hours_keep_a_message_back(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    local = datetime.now(UTC) + timedelta(hours=7)
    quiet = f"{local - timedelta(hours=2):%H:%M}-{local + timedelta(hours=2):%H:%M}"
    known = catalogue(
        office=[{"name": "A", "email": "a@tinh.test", "quiet_hours": quiet}],
        engineers=[
            {"name": "B", "email": "b@tinh.test", "quiet_hours": quiet, "urgent_in_quiet_hours": True}
        ],
    )
    run_id = night(warehouse, 0, ("SYT",))
    urgent.tell(warehouse, known, run_id, smtp)
    digest.compose(warehouse, known, run_id)
    report = outbox.send(warehouse, smtp)
    assert (report.waiting, report.quiet, report.failed) == (3, 3, ())
    assert ["KHẨN" in m["Subject"] for m in mailbox.to("b@tinh.test")] == [True]
    assert mailbox.to("a@tinh.test") == []
    assert len(mailbox.to("yt@tinh.test")) == 1, "who has no quiet hours is told"
    with warehouse.begin() as connection:
        held = connection.execute(text("select distinct not_before from ops.outbox where not_before > now()"))
        assert timedelta(0) < held.scalar_one() - datetime.now(UTC) <= timedelta(hours=2)
        connection.execute(text("update ops.outbox set not_before = now() where not_before is not null"))
    assert outbox.send(warehouse, smtp).sent == 3


# --- chats -----------------------------------------------------------------------------------------------------------


def chatting(**more: Any) -> Catalogue:
    chat = {"name": "Nhóm vận hành", "channels": ["nhom-van-hanh"], **more}
    return catalogue(engineers=[chat], office=[])


def test_a_chat_gets_the_short_message(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp, webhook: Webhook
) -> None:
    digest.compose(warehouse, chatting(), bad_night(warehouse), portal_url="https://cchc.tinh.test/")
    report = outbox.send(warehouse, smtp, {"NHOM_VAN_HANH": webhook.url()})
    assert (report.sent, report.waiting) == (3, 0)
    [request] = webhook.requests
    assert request.body["title"] == (
        "[CCHC] 14/11/2026: 1 nguồn chưa có số liệu, 2 dòng cần sửa, 2 bản ghi mang dấu mật – 3 đơn vị"
    )
    said = request.body["message"]
    assert said.splitlines() == [
        "2 trên 3 nguồn có số liệu.",
        "• Sổ theo dõi: chưa có số liệu (đêm đầu)",
        "• Đang chờ sửa: 2 dòng (đều mới)",
        "https://cchc.tinh.test/",
    ]
    assert request.key.startswith("digest.2026-11-14.")
    outbox.send(warehouse, smtp, {"NHOM_VAN_HANH": webhook.url()})
    assert len(webhook.requests) == 1


def test_a_chat_that_fails_is_tried_again_under_the_same_key(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp, webhook: Webhook
) -> None:
    digest.compose(warehouse, chatting(), bad_night(warehouse))
    webhook.answer, webhook.keeps_failed = 503, True  # it arrived, and the answer says otherwise
    report = outbox.send(warehouse, smtp, {"NHOM_VAN_HANH": webhook.url()})
    assert (report.sent, report.waiting) == (2, 1), "the mails went out all the same"
    assert "answers 503" in report.failed[0]
    digest.compose(warehouse, chatting(), night(warehouse, 0))
    [row] = [r for r in outbox_rows(warehouse) if r.channel != "mail"]
    assert row.state == "sending", "what may have arrived is neither changed nor withdrawn"
    webhook.answer, webhook.keeps_failed = 404, False
    outbox.send(warehouse, smtp, {"NHOM_VAN_HANH": webhook.url()})
    [row] = [r for r in outbox_rows(warehouse) if r.channel != "mail"]
    assert row.state == "sending", "a later refusal does not unsay it"
    webhook.answer = 200
    assert outbox.send(warehouse, smtp, {"NHOM_VAN_HANH": webhook.url()}).waiting == 0
    assert len(webhook.requests) == 2
    assert len({(r.key, json.dumps(r.body)) for r in webhook.requests}) == 1


@pytest.mark.parametrize("way", ["taken", "refused", "failed", "unreachable", "unknown host", "nonsense"])
def test_the_secret_of_an_address_is_nowhere(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp, webhook: Webhook, way: str, caplog: Any, capfd: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    webhook.answer = {"refused": 404, "failed": 500}.get(way, 200)
    url = {
        "unreachable": f"json://cchc:{CANARY}@127.0.0.1:9/{CANARY}?x={CANARY}",
        "unknown host": f"json://{CANARY}.invalid/{CANARY}",
        "nonsense": f"khong-co://{CANARY}",
    }.get(way, webhook.url(f"{CANARY}?token={CANARY}&+X-Token={CANARY}"))
    digest.compose(warehouse, chatting(), bad_night(warehouse))
    report = outbox.send(warehouse, smtp, {"NHOM_VAN_HANH": url})
    assert report.sent == (3 if way == "taken" else 2)
    assert (webhook.requests != []) == (way == "taken")
    if way != "taken":
        assert "CCHC_NOTIFY_NHOM_VAN_HANH" in "".join(report.failed) + report.note
    out, err = capfd.readouterr()
    written = [*map(repr, rows(warehouse, "ops.outbox")), *map(repr, rows(warehouse)), repr(report)]
    written += [m.as_string() for m in mailbox.messages()] + [caplog.text, out, err]
    assert CANARY.lower() not in "".join(written).lower()


def test_a_redirect_is_not_followed(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp, webhook: Webhook
) -> None:
    digest.compose(warehouse, chatting(), bad_night(warehouse))
    webhook.answer, webhook.location = 302, f"http://127.0.0.1:{webhook.port}/elsewhere"
    report = outbox.send(warehouse, smtp, {"NHOM_VAN_HANH": webhook.url(CANARY)})
    assert "CCHC_NOTIFY_NHOM_VAN_HANH: answers 302" in report.failed[0]
    assert webhook.paths == [f"/{CANARY}"], "the other address got neither the message nor the secret"
    webhook.answer = 200
    assert outbox.send(warehouse, smtp, {"NHOM_VAN_HANH": webhook.url(CANARY)}).waiting == 0


def test_an_answer_that_never_comes(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp, webhook: Webhook
) -> None:
    digest.compose(warehouse, chatting(), bad_night(warehouse))
    webhook.silence = 2.0
    address = {"NHOM_VAN_HANH": webhook.url() + "?rto=0.3"}
    report = outbox.send(warehouse, smtp, address)
    assert (report.sent, report.waiting) == (2, 1)
    assert "no answer in time" in report.failed[0]
    webhook.silence = 0.0
    assert outbox.send(warehouse, smtp, address).waiting == 0
    assert len(webhook.requests) == 2
    assert len({request.key for request in webhook.requests}) == 1, "it had arrived: the same message again"


def test_what_is_refused_again_and_again_is_tried_rarely(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp, webhook: Webhook
) -> None:
    digest.compose(warehouse, chatting(), bad_night(warehouse))
    webhook.answer, webhook.keeps_failed = 500, True  # takes it, and never says so
    address = {"NHOM_VAN_HANH": webhook.url()}
    for _ in range(6):
        outbox.send(warehouse, smtp, address)
    assert len(webhook.requests) == 3
    with warehouse.begin() as connection:
        connection.execute(text("update ops.outbox set claimed_at = claimed_at - interval '6 hours'"))
    webhook.answer = 200
    assert outbox.send(warehouse, smtp, address).waiting == 0
    assert len(webhook.requests) == 4


def test_no_address_says_which_variable_is_missing(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    digest.compose(warehouse, chatting(), bad_night(warehouse))
    report = outbox.send(warehouse, smtp, {})
    assert report.note == "CCHC_NOTIFY_NHOM_VAN_HANH is not set"
    assert (report.sent, report.waiting) == (2, 1)


def test_who_wants_only_what_is_urgent(warehouse: Engine, mailbox: Mailbox, smtp: Smtp) -> None:
    known = catalogue(office=[{"name": "A", "email": "a@tinh.test", "kinds": ["urgent"]}])
    run_id = night(warehouse, 0, ("SYT",))
    urgent.tell(warehouse, known, run_id, smtp)
    digest.compose(warehouse, known, run_id)
    outbox.send(warehouse, smtp)
    assert ["KHẨN" in m["Subject"] for m in mailbox.to("a@tinh.test")] == [True]


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def installation(
    warehouse: Engine, mailbox: Mailbox, webhook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    place = tmp_path / "catalogue"
    place.mkdir()
    for path in SHIPPED_CATALOGUE.iterdir():
        (place / path.name).symlink_to(path)
    (place / "province.yaml").unlink()
    province = yaml.safe_load((SHIPPED_CATALOGUE / "province.yaml").read_text(encoding="utf-8"))
    province["engineers"] = [{"name": "Tổ dữ liệu", "email": "to@tinh.test", "channels": ["to-du-lieu"]}]
    (place / "province.yaml").write_text(yaml.safe_dump(province, allow_unicode=True), encoding="utf-8")
    values = {
        "CCHC_WAREHOUSE_DSN": warehouse.url.render_as_string(hide_password=False),
        "CCHC_HOME": str(tmp_path),
        "CCHC_CATALOGUE": str(place),
        "CCHC_SMTP_HOST": "127.0.0.1",
        "CCHC_SMTP_PORT": str(mailbox.port),
        "CCHC_NOTIFY_TO_DU_LIEU": webhook.url(CANARY),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    environment.settings.cache_clear()
    engines.engine.cache_clear()
    yield
    engines.engine().dispose()
    environment.settings.cache_clear()
    engines.engine.cache_clear()


def test_the_command(installation: None, warehouse: Engine, mailbox: Mailbox, webhook: Webhook) -> None:
    digest.compose(warehouse, catalogue(), bad_night(warehouse))
    shell = CliRunner()

    def rows_of(*words: str) -> list[dict[str, Any]]:
        result = shell.invoke(command, [*words, "--format", "json"])
        assert result.exit_code == 0, result.output
        found: list[dict[str, Any]] = json.loads(result.stdout)
        return found

    assert {row["kind"] for row in rows_of("list")} == {"rows", "source", "secrecy"}
    assert len(rows_of("outbox")) == 4
    assert shell.invoke(command, ["send"]).exit_code == 0
    assert rows_of("outbox") == []
    assert len(rows_of("outbox", "--all")) == 4

    told = rows_of("test", "--to", "Tổ dữ liệu")
    assert [(row["channel"], row["result"]) for row in told] == [("mail", "sent"), ("to-du-lieu", "sent")]
    assert mailbox.to("to@tinh.test")[0]["Subject"].startswith("[CCHC] Thư thử")
    assert len(webhook.requests) == 1
    webhook.answer = 403
    failed = shell.invoke(command, ["test", "--to", "to@tinh.test"])
    assert failed.exit_code == 1
    assert "answers 403" in failed.output
    assert CANARY not in failed.output
    assert shell.invoke(command, ["test", "--to", "khong-co-ai"]).exit_code != 0
